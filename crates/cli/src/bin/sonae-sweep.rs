//! `sonae-sweep --plan`: what the next sweep would delete.

use clap::Parser;
use cli::{ending, sweeping};
use std::process::ExitCode;

fn main() -> ExitCode {
    ending::end(sweeping::Args::parse().answer())
}
