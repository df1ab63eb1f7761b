//! `make invoke EVENT=events/..`: one event to the function it reaches, without Docker.

use std::path::Path;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [file] = files.as_slice() else {
        eprintln!("usage: make invoke EVENT=events/rds-0091-automated-created.json");
        return ExitCode::from(2);
    };
    match local::invoke::event(Path::new(file)).await {
        Ok(outcome) => {
            println!("{outcome:#}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{file}: {problem}");
            ExitCode::FAILURE
        }
    }
}
