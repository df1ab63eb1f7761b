//! Runs: a record before each and one after it, so that one that was killed is known by what it lacks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// A full backup.
    Full,
    /// What has changed since the full backup.
    Differential,
    /// A dump of each database, and of the roles.
    Logical,
    /// The repository read back in full.
    Verify,
    /// What is past its keeping, taken away.
    Expire,
    /// A restore.
    Restore,
}

/// One run, as written before it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Version of this record.
    pub schema: u8,
    /// What it does.
    pub job: Job,
    /// When it began; with the job its name.
    pub started: Timestamp,
}

/// How a run ended, as written after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// How.
    #[serde(flatten)]
    pub how: How,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum How {
    /// It did what it was for.
    Succeeded {
        /// What came of it, in words.
        detail: String,
    },
    /// It did not.
    Failed {
        /// Why, and what to do next.
        why: String,
    },
    /// It left no end: it was killed, or its host was.
    Killed,
}

/// A run and its end, if it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The run.
    pub run: Run,
    /// Its end.
    pub end: Option<End>,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Full, Self::Differential, Self::Logical, Self::Verify, Self::Expire, Self::Restore];

    /// The word in records, events and commands.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Differential => "differential",
            Self::Logical => "logical",
            Self::Verify => "verify",
            Self::Expire => "expire",
            Self::Restore => "restore",
        }
    }

    /// What people call it in Japanese.
    pub fn in_japanese(self) -> &'static str {
        match self {
            Self::Full => "フルバックアップ",
            Self::Differential => "差分バックアップ",
            Self::Logical => "論理バックアップ",
            Self::Verify => "リポジトリの検証",
            Self::Expire => "期限切れの削除",
            Self::Restore => "リストア",
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Run {
    /// One that begins now.
    pub fn new(job: Job, started: Timestamp) -> Self {
        Self { schema: 1, job, started }
    }

    /// Its name: sorted by name is sorted by time.
    pub fn id(&self) -> String {
        format!("{}-{}", self.started.strftime("%Y%m%dT%H%M%S%3fZ"), self.job)
    }
}

impl How {
    /// Whether it did what it was for.
    pub fn succeeded(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }

    /// The word in events and keys.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Killed => "killed",
        }
    }
}

impl Past {
    /// Whether it did what it was for.
    pub fn succeeded(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.how.succeeded())
    }
}
