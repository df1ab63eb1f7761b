//! Lambda: an RDS event says where to look, and the round looks there.

use react::handler::handle;
use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::entry::run("react", handle)
}
