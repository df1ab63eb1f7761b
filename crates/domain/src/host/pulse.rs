//! What the agent last said of itself: overwritten in the journal every few minutes, so that its silence is seen.
//!
//! It says what was made and when. Whether that stands in the bucket, home sees for itself.

use super::run::{Job, Past};
use super::set::{Set, SetKind};
use super::wal::Segment;
use crate::id::AssetId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Of sets that are older than this nothing is owed any more.
const RECENT: SignedDuration = SignedDuration::from_hours(72);

/// A host's sign of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// Version of this record.
    pub schema: u8,
    /// Whose.
    pub host: AssetId,
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the policy that the agent works by.
    pub policy: String,
    /// The sets of the last days, by the engine's word.
    pub sets: Vec<Set>,
    /// The newest segment in the bucket, by its key.
    pub log: Option<String>,
    /// Everything committed before this stands in the bucket.
    pub safe: Option<Timestamp>,
    /// What would have been lost in the worst moment of the last quarter of an hour, in seconds.
    pub worst_seconds: Option<i64>,
    /// The segment that lacks in the bucket though later ones are there.
    pub gap: Option<Segment>,
    /// What stands in the agent's way, in its words.
    pub trouble: Option<String>,
    /// The newest run of each job, and the newest that succeeded.
    pub runs: Vec<Past>,
}

impl Pulse {
    /// Where the journal keeps it.
    pub fn path(host: &AssetId) -> String {
        format!("pulse/{host}.json")
    }

    /// Reads one; `None` when it is none.
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Where the bucket keeps what says that a set is whole.
    pub fn manifest(host: &AssetId, label: &str) -> String {
        format!("{host}/backup/{host}/{label}/backup.manifest")
    }

    /// The newest full set that began within a span, if there is one without bad pages.
    pub fn full_within(&self, from: Timestamp, until: Timestamp) -> Option<&Set> {
        let within = |set: &&Set| from <= set.start && set.start < until;
        let full = self.sets.iter().filter(|set| set.kind == SetKind::Full && !set.bad_pages);
        full.filter(within).max_by_key(|set| set.start)
    }

    /// The full sets whose manifests are looked for.
    pub fn full(&self) -> impl Iterator<Item = &Set> {
        self.sets.iter().filter(|set| set.kind == SetKind::Full)
    }
}

/// The sets that a pulse tells of.
pub fn recent(sets: Vec<Set>, now: Timestamp) -> Vec<Set> {
    sets.into_iter().filter(|set| now.duration_since(set.stop) < RECENT).collect()
}

/// The runs that a pulse tells of: of each job the newest one, and the newest that succeeded.
pub fn last_of_each(past: &[Past]) -> Vec<Past> {
    let of = |job| past.iter().filter(move |past: &&Past| past.run.job == job);
    let newest = |job| of(job).max_by_key(|past| past.run.started);
    let best = |job| of(job).filter(|past| past.succeeded()).max_by_key(|past| past.run.started);
    let both = |job| best(job).into_iter().chain(newest(job).filter(|past| !past.succeeded()));
    Job::ALL.into_iter().flat_map(both).cloned().collect()
}
