//! What does not change from run to run: versions, sizes, the machine. `tools/bench_facts.py`
//! writes it, since half of it is Python's to say.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Everything it wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Facts {
    /// The day of the run.
    pub(super) date: String,
    /// What it ran on and with, by name.
    pub(super) machine: Vec<(String, String)>,
    /// By function.
    pub(super) zips: BTreeMap<String, Zips>,
    /// Which zips of Rust these are.
    pub(super) zips_from: String,
}

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zips {
    pub(super) rust: u64,
    /// With boto3, as who pins it ships it.
    pub(super) python: u64,
    /// On the boto3 that Lambda's runtime has.
    pub(super) python_alone: u64,
}

impl Facts {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
        let read = text.and_then(|text| serde_json::from_str(&text).map_err(|e| e.to_string()));
        read.map_err(|error| format!("`{}`: {error}", path.display()))
    }
}
