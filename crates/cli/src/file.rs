//! The files that the tools are given.

use domain::policy::{Policy, parse};
use std::path::{Path, PathBuf};

/// Reads a policy; without a file the one that `SONAE_POLICY` names, else `policy/policy.toml`.
pub(crate) fn policy(file: Option<PathBuf>) -> Result<Policy, (u8, String)> {
    let file = file.unwrap_or_else(|| {
        std::env::var_os("SONAE_POLICY").map_or_else(|| "policy/policy.toml".into(), PathBuf::from)
    });
    parse(&read(&file)?).map_err(|bad| (1, format!("{}: {bad}", file.display())))
}

pub(crate) fn read(file: &Path) -> Result<String, (u8, String)> {
    std::fs::read_to_string(file).map_err(|error| {
        (2, format!("cannot read `{}`: {error}; give the file's path", file.display()))
    })
}
