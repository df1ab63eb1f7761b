//! Lambda: the replication that alone would keep every promise, only later.

use replication::handler::handle;
use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::entry::run("replication", handle)
}
