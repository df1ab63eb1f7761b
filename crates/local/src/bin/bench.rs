//! `make bench`: the function binaries side by side with their Python twins, on the embedded cloud.

use local::bench::{Options, run};
use std::path::PathBuf;
use std::process::ExitCode;

/// So many processes of each function and language, unless `BENCH_RUNS` says otherwise.
const RUNS: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result<(), String> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [functions, python, facts] = files.as_slice() else {
        return Err("usage: bench <folder of the functions> <python> <facts.json>".to_owned());
    };
    let (functions, python, facts) = (functions.clone(), python.clone(), facts.clone());
    run(&Options { functions, python, facts, runs: runs()? }).await
}

fn runs() -> Result<usize, String> {
    match std::env::var("BENCH_RUNS") {
        Err(_) => Ok(RUNS),
        Ok(text) => {
            text.parse().ok().filter(|runs| *runs > 0).ok_or_else(|| {
                format!("`BENCH_RUNS` is `{text}`; it must be a number, such as `3`")
            })
        }
    }
}
