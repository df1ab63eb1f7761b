//! How a tool that asks AWS ends: a page and a code, or what is wrong.

use std::process::ExitCode;

/// Waits for the answer, prints it, and ends with its code.
pub fn end(answer: impl Future<Output = Result<(String, u8), (u8, String)>>) -> ExitCode {
    let answered = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(answer),
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
