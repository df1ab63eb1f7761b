//! Objects that S3 gave up replicating: what a notification says of one, and how the journal keeps them.
//!
//! S3 does not try again, and a failed object leaves the pending metrics: but for the notification nobody
//! would ever know its name (S3 User Guide, Replication metrics).

mod reason;

use crate::day;
use crate::id::{AssetId, minute_word};
use crate::names;
use crate::seen::Arrival;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use reason::{Fix, Reason};

/// An object that S3 gave up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failure {
    /// Its key.
    pub key: String,
    /// Its version.
    pub version: Option<String>,
    /// What was to be replicated: `OBJECT_PUT` ..
    pub operation: String,
    /// When it failed.
    pub at: Timestamp,
}

/// What S3 says of an object, or of one version of it (HeadObject).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It is there.
    There {
        /// LastModified.
        at: Timestamp,
        /// ReplicationStatus; nothing where no rule takes it.
        status: Option<Arrival>,
    },
    /// It is not.
    Gone,
    /// It is a delete marker, of which S3 shows no status.
    Marker,
}

/// A delete marker that S3 gave up is told for so long.
const MARKERS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Failures of one bucket for one reason that came together, by their place in the journal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Batch {
    /// `20250114T1900Z-DstKmsKeyNotFound-2-0123456789abcdef`.
    pub name: String,
    /// When the oldest of them failed, to the minute.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// How many.
    pub objects: usize,
    /// Whether all of them were seen to have arrived, or to be gone.
    pub repaired: bool,
}

/// Sorts failures by why: a batch each.
pub fn batches(failures: &[(Reason, Failure)]) -> Vec<(Batch, Vec<Failure>)> {
    let mut by_reason: BTreeMap<&Reason, Vec<Failure>> = BTreeMap::new();
    for (reason, failure) in failures {
        by_reason.entry(reason).or_default().push(failure.clone());
    }
    let batch = |(reason, mut all): (&Reason, Vec<Failure>)| {
        all.sort();
        // A notification comes at least once.
        all.dedup();
        let at = all.iter().map(|failure| failure.at).min()?;
        let texts: Vec<String> =
            all.iter().map(|one| format!("{one:?}")).chain([reason.word().to_owned()]).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (minute, objects) = (minute_word(at), all.len());
        let name = format!("{minute}-{}-{objects}-{}", reason.word(), names::token(&texts));
        let (reason, repaired) = (reason.clone(), false);
        Some((Batch { name, at, reason, objects, repaired }, all))
    };
    by_reason.into_iter().filter_map(batch).collect()
}

/// Whose turn it is to be asked for: one batch a look, so that a storm of failures costs no more calls than a
/// few.
pub fn turn(batches: &[Batch], now: Timestamp) -> Option<&Batch> {
    let open: Vec<&Batch> = batches.iter().filter(|batch| !batch.repaired).collect();
    let tick = day::tick(now).as_second() / day::TICK.as_secs();
    let turn = usize::try_from(tick).ok()?.checked_rem(open.len())?;
    open.get(turn).copied()
}

/// Where the journal keeps the failures of a bucket.
pub fn shelf(bucket: &AssetId) -> String {
    format!("failures/{bucket}/")
}

/// Reads the journal's keys below [`shelf`]; what a later version wrote is skipped. Oldest first.
pub fn read<'k>(bucket: &AssetId, keys: impl IntoIterator<Item = &'k str>) -> Vec<Batch> {
    let shelf = shelf(bucket);
    let mut batches: BTreeMap<String, Batch> = BTreeMap::new();
    for key in keys {
        let Some((name, file)) = key.strip_prefix(&shelf).and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let Some(batch) = Batch::parse(name) else { continue };
        let batch = batches.entry(name.to_owned()).or_insert(batch);
        batch.repaired |= file == "repaired.json";
    }
    batches.into_values().collect()
}

/// Reads the objects of a batch back.
pub fn objects(body: &[u8]) -> Option<Vec<Failure>> {
    let mut body: serde_json::Value = serde_json::from_slice(body).ok()?;
    serde_json::from_value(body.get_mut("objects")?.take()).ok()
}

impl Failure {
    /// Whether nothing of it is missing in dr any more, by what S3 says of its own version.
    pub fn is_settled(&self, own: Stand, now: Timestamp) -> bool {
        match own {
            Stand::There { status, .. } => status == Some(Arrival::Arrived),
            Stand::Gone => true,
            Stand::Marker => now.duration_since(self.at) > MARKERS,
        }
    }

    /// Whether a newer version of its key has arrived: somebody has written it again, and the one that was
    /// given up keeps its FAILED for ever.
    pub fn is_overtaken(&self, current: Stand) -> bool {
        match current {
            Stand::There { at, status } => at > self.at && status == Some(Arrival::Arrived),
            Stand::Gone | Stand::Marker => false,
        }
    }
}

impl Batch {
    fn parse(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('-').collect();
        let [minute, reason, objects, _] = parts.as_slice() else { return None };
        let at = DateTime::strptime("%Y%m%dT%H%MZ", minute).ok()?.to_zoned(TimeZone::UTC).ok()?;
        let (name, at, objects) = (name.to_owned(), at.timestamp(), objects.parse().ok()?);
        Some(Self { name, at, reason: Reason::new(reason), objects, repaired: false })
    }
}
