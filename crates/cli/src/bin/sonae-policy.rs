//! `sonae-policy`: reads a policy as the functions will.

use clap::Parser;
use cli::command::Args;
use std::process::ExitCode;

fn main() -> ExitCode {
    match Args::parse().answer() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err((code, problem)) => {
            eprintln!("{problem}");
            ExitCode::from(code)
        }
    }
}
