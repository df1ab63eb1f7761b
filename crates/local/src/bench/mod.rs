//! `make bench`: what the functions cost, side by side with Python twins that make the same calls.
//!
//! Both languages run as processes behind the same Runtime API shim and meet the same account, so
//! what differs is theirs. Nothing here fails by timing; it fails when the calls differ.

mod cold;
mod facts;
mod figures;
mod fleet;
mod goals;
mod process;
mod report;
mod scene;
mod theatre;

use facts::Facts;
use scene::Scene;
use std::path::{Path, PathBuf};
use theatre::Theatre;

/// Where everything of the last run lies; the functions' logs too.
const OUT: &str = "target/bench";
/// What is written.
const PAGE: &str = "docs/benchmarks.md";

/// What to measure with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the release binaries.
    pub functions: PathBuf,
    /// The Python that has boto3 and AWS's Runtime Interface Client.
    pub python: PathBuf,
    /// Versions and sizes, as `tools/bench_facts.py` found them.
    pub facts: PathBuf,
    /// How many processes of each function and language.
    pub runs: usize,
}

/// Measures everything, prints it and writes it to `docs/benchmarks.md`.
///
/// # Errors
/// What could not be run, or whose calls differ, in words.
pub async fn run(options: &Options) -> Result<(), String> {
    let facts = Facts::read(&options.facts)?;
    let out = Path::new(OUT);
    std::fs::create_dir_all(out).map_err(|error| format!("cannot make `{OUT}`: {error}"))?;
    let theatre = Theatre::open(options, out).await?;
    let mut small = Scene::of(cold::ASSETS, out)?;
    fleet::first_look(&theatre, &mut small).await?;
    let functions = cold::measure(&theatre, &small, options.runs).await?;
    let fleets = fleet::measure(&theatre, out).await?;
    let text = report::markdown(&facts, options.runs, &functions, &fleets);
    println!("{text}");
    report::write(Path::new(PAGE), &text)
}
