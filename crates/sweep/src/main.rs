//! Lambda: the only function that deletes, and the only role that may.

use std::process::ExitCode;
use sweep::handler::handle;

fn main() -> ExitCode {
    cloud::entry::run("sweep", handle)
}
