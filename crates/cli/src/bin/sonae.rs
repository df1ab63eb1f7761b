//! `sonae report`: today's report by hand.

use clap::Parser;
use cli::{ending, reporting};
use std::process::ExitCode;

fn main() -> ExitCode {
    ending::end(reporting::Args::parse().answer())
}
