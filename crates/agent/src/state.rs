//! The agent's own directory: what must outlive a crash is written aside, flushed, and put in place by name.

use crate::fault::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The agent's own directory.
#[derive(Clone, Debug)]
pub struct State(PathBuf);

impl State {
    /// Opens it, and makes what lacks.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(path: PathBuf) -> Result<Self, Fault> {
        for part in ["runs", "outbox", "gone", "spool", "log", "lock"] {
            let part = path.join(part);
            fs::create_dir_all(&part).map_err(|error| {
                Fault::Setup(format!(
                    "`SONAE_STATE` is `{}`, where nothing can be made: {error}; it must be a directory of the user that \
                     PostgreSQL runs as",
                    path.display()
                ))
            })?;
        }
        Ok(Self(path))
    }

    /// A path below it.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.join(path)
    }

    /// The names in one of its directories, in order.
    pub fn names(&self, part: &str) -> Vec<String> {
        let entries = fs::read_dir(self.at(part)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| !name.ends_with(".tmp")).collect();
        names.sort();
        names
    }
}

/// Writes a file so that after a crash there is the old one or the new one, whole.
///
/// # Errors
/// The disk does not take it.
pub fn write(path: &Path, value: &impl Serialize) -> Result<(), Fault> {
    let text = serde_json::to_vec(value).map_err(|error| Fault::Failed(error.to_string()))?;
    write_bytes(path, &text)
}

/// The same, of bytes.
///
/// # Errors
/// The disk does not take it.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let fault = |error| Fault::file("cannot write", path, &error);
    let aside = path.with_extension("tmp");
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fault)?;
    }
    let mut file = File::create(&aside).map_err(fault)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fault)?;
    fs::rename(&aside, path).map_err(fault)?;
    let parent = path.parent().unwrap_or(path);
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(fault)
}

/// Reads one; absent is `None`, and so is what was written by another version.
///
/// # Errors
/// It is there and cannot be read.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Fault> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::file("cannot read", path, &error)),
    }
}
