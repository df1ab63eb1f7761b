//! Lambda: SNS messages to a chat's incoming webhook.

use std::process::ExitCode;

fn main() -> ExitCode {
    cloud::entry::start("chat", chat::serve::serve())
}
