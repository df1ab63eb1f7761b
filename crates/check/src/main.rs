//! Lambda: the check that alone would keep every promise, only later.

use check::handler::handle;
use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::entry::run("check", handle)
}
