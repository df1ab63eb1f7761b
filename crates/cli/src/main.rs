//! `sonae-policy`: reads a policy as the functions will.

use clap::{Parser, Subcommand};
use cli::reading;
use std::path::PathBuf;
use std::process::ExitCode;

/// Reads a policy as the functions will, before they do.
#[derive(Parser)]
#[command(name = "sonae-policy", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says what the policy means, or every problem it has. Exits 0 when it can be deployed, 1 when
    /// it has problems, 2 when it cannot be read.
    Check {
        /// The policy file; without it `SONAE_POLICY`, else `policy/policy.toml`.
        file: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let Command::Check { file } = Args::parse().command;
    let file = file.unwrap_or_else(|| {
        std::env::var_os("SONAE_POLICY").map_or_else(|| "policy/policy.toml".into(), PathBuf::from)
    });
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("cannot read `{}`: {error}; give the policy file's path", file.display());
            return ExitCode::from(2);
        }
    };
    match domain::policy::parse(&text) {
        Ok(policy) => {
            print!("{}", reading::aloud(&policy));
            ExitCode::SUCCESS
        }
        Err(bad) => {
            eprintln!("{}: {bad}", file.display());
            ExitCode::FAILURE
        }
    }
}
