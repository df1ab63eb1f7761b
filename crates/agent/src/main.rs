//! `sonae-agent`.

use agent::args::Args;
use clap::Parser;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let json = args.json();
    let said = args.answer().await;
    match (json, said.code()) {
        (true, _) => print!("{}", said.json()),
        (false, 0) => print!("{}", said.text()),
        (false, _) => eprint!("{}", said.text()),
    }
    ExitCode::from(said.code())
}
