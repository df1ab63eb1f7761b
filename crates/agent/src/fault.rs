//! Why a command did not do what it was asked, and its exit code.

use thiserror::Error;

/// Why a command did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// It was done, and did not succeed; it was recorded and told.
    #[error("{0}")]
    Failed(String),
    /// Policy, environment or arguments cannot be worked with; nothing was done.
    #[error("{0}")]
    Setup(String),
    /// Another run holds the lock; nothing was done.
    #[error("{0}")]
    Held(String),
    /// It was done, and found something that a person must mend.
    #[error("{0}")]
    Found(String),
}

impl Fault {
    /// 1 failed, 2 setup, 3 held by another run, 4 something to mend.
    pub fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Setup(_) => 2,
            Self::Held(_) => 3,
            Self::Found(_) => 4,
        }
    }

    /// The same, said of a file.
    pub fn file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Failed(format!("{what} `{}`: {error}", path.display()))
    }
}
