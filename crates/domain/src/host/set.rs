//! Backup sets: what the engine says it keeps.

use super::wal::Segment;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One backup that can be restored, with those it stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// The engine's name of it, such as `20261124-020003F`.
    pub label: String,
    /// What it holds.
    pub kind: SetKind,
    /// When it began, by the server's clock.
    pub start: Timestamp,
    /// When it ended: the first moment that can be restored from it.
    pub stop: Timestamp,
    /// The first segment it needs.
    pub wal_start: Segment,
    /// The last segment it needs to be consistent.
    pub wal_stop: Segment,
    /// Labels of those it stands on.
    pub needs: Vec<String>,
    /// Whether PostgreSQL's page checksums failed while it was read.
    pub bad_pages: bool,
    /// Bytes of the database.
    pub bytes: u64,
    /// Bytes it takes in the repository, those it stands on included.
    pub stored: u64,
}

/// What a set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetKind {
    /// Everything.
    Full,
    /// What has changed since its full one.
    Differential,
    /// What has changed since the one before.
    Incremental,
}

/// A logical dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dump {
    /// Its name, such as `20261122T190000Z`.
    pub name: String,
    /// When it began: the moment that it holds.
    pub start: Timestamp,
}

impl Set {
    /// Whether this one or one that it stands on is the set of that label.
    pub fn stands_on(&self, label: &str) -> bool {
        self.label == label || self.needs.iter().any(|needed| needed == label)
    }
}

/// The newest set that has no bad page, by its end.
pub fn newest(sets: &[Set]) -> Option<&Set> {
    sets.iter().filter(|set| !set.bad_pages).max_by_key(|set| set.stop)
}
