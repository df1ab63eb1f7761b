//! `sonae report`: today's report by hand.

use clap::Parser;
use cli::reporting::Args;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    let answered = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(args.answer()),
        Err(error) => Err((2, error.to_string())),
    };
    match answered {
        Ok((page, code)) => {
            print!("{page}");
            ExitCode::from(code)
        }
        Err((code, problem)) => {
            eprintln!("{problem}");
            ExitCode::from(code)
        }
    }
}
