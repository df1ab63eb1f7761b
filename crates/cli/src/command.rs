//! What `sonae-policy` is asked, and what it answers.

use crate::file::{policy, read};
use crate::{bucketing, params, reading, restoring};
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Reads a policy as the functions will, before they do. Exits 0 when all is well, 1 when the policy
/// has problems, 2 when something cannot be read.
#[derive(Parser)]
#[command(name = "sonae-policy", version)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says what the policy means, or every problem it has.
    Check {
        /// The policy file; without it `SONAE_POLICY`, else `policy/policy.toml`.
        file: Option<PathBuf>,
    },
    /// Prints what to do when home is lost, step by step, with the policy's names filled in.
    Restore {
        /// The policy file; without it `SONAE_POLICY`, else `policy/policy.toml`.
        file: Option<PathBuf>,
    },
    /// Prints what to add to buckets of your own: rule, notification, lifecycle. Sonae writes none of them.
    Buckets {
        /// The policy file; without it `SONAE_POLICY`, else `policy/policy.toml`.
        file: Option<PathBuf>,
    },
    /// Prints a stack's parameters for `sam deploy --parameter-overrides`.
    Params {
        /// Which stack.
        stack: Stack,
        /// For `home`: what `aws cloudformation describe-stacks` or `sam list stack-outputs --output
        /// json` says of the dr stack.
        #[arg(long, required_if_eq("stack", "home"))]
        dr_stack: Option<PathBuf>,
        /// The policy file; without it `SONAE_POLICY`, else `policy/policy.toml`.
        #[arg(long)]
        file: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Stack {
    Dr,
    Home,
}

impl Args {
    /// What to print.
    ///
    /// # Errors
    /// The exit code, and what is wrong in words.
    pub fn answer(self) -> Result<String, (u8, String)> {
        run(self.command)
    }
}

fn run(command: Command) -> Result<String, (u8, String)> {
    match command {
        Command::Check { file } => Ok(reading::aloud(&policy(file)?)),
        Command::Restore { file } => Ok(restoring::page(&policy(file)?)),
        Command::Buckets { file } => Ok(bucketing::page(&policy(file)?)),
        Command::Params { stack, dr_stack, file } => {
            let policy = policy(file)?;
            for address in params::unsubscribed(&policy) {
                eprintln!(
                    "note: the template subscribes one address; subscribe `{address}` by hand"
                );
            }
            let parameters = match (stack, dr_stack) {
                (Stack::Dr, _) => params::dr(&policy),
                (Stack::Home, Some(described)) => {
                    params::home(&policy, &read(&described)?).map_err(|problem| (1, problem))?
                }
                (Stack::Home, None) => return Err((2, "give --dr-stack FILE".to_owned())),
            };
            Ok(parameters.join(" ") + "\n")
        }
    }
}
