//! Segments of write-ahead log, and whether any is missing.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A position in the write-ahead log, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lsn(pub u64);

/// A segment's place: 24 hexadecimal digits in its file name, the timeline and the place in the log (PostgreSQL manual,
/// "WAL Internals").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Segment {
    /// Which branch of history.
    pub timeline: u32,
    log: u32,
    place: u32,
}

/// What the bucket holds from a segment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Everything before this position can be replayed.
    pub until: Lsn,
    /// The segment that is not there although a later one is.
    pub gap: Option<Segment>,
}

impl Lsn {
    /// Reads `16/B374D848`.
    pub fn parse(text: &str) -> Option<Self> {
        let (high, low) = text.split_once('/')?;
        let (high, low) = (u64::from_str_radix(high, 16).ok()?, u64::from_str_radix(low, 16).ok()?);
        (high <= u64::from(u32::MAX) && low <= u64::from(u32::MAX))
            .then_some(Self(high << 32 | low))
    }
}

impl Segment {
    /// Reads the first 24 letters of a file's name; `.backup` and `.history` files are no segments.
    pub fn parse(name: &str) -> Option<Self> {
        let (digits, rest) = name.split_at_checked(24)?;
        let other = rest.starts_with('.') && (rest.ends_with("backup") || rest.contains("partial"));
        if other || !digits.chars().all(|c| c.is_ascii_digit() || ('A'..='F').contains(&c)) {
            return None;
        }
        let part = |from: usize| u32::from_str_radix(digits.get(from..from + 8)?, 16).ok();
        Some(Self { timeline: part(0)?, log: part(8)?, place: part(16)? })
    }

    /// Its number in the log, where segments have this many bytes.
    fn number(self, bytes: u64) -> u64 {
        u64::from(self.log) * per_log(bytes) + u64::from(self.place)
    }

    fn at(timeline: u32, number: u64, bytes: u64) -> Self {
        let (log, place) = (number / per_log(bytes), number % per_log(bytes));
        let part = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self { timeline, log: part(log), place: part(place) }
    }

    /// Whether this one is at or after another one's place, whatever the timelines.
    pub fn is_from(self, first: Self) -> bool {
        (self.log, self.place) >= (first.log, first.place)
    }
}

/// What is held from a backup's first segment on, without a gap. A timeline begins at a place of the one before, so places
/// are what counts.
pub fn held(segments: &BTreeSet<Segment>, first: Segment, bytes: u64) -> Held {
    let numbers: BTreeSet<u64> = segments
        .iter()
        .map(|segment| segment.number(bytes))
        .filter(|n| *n >= first.number(bytes))
        .collect();
    let mut next = first.number(bytes);
    while numbers.contains(&next) {
        next += 1;
    }
    let beyond = numbers.range(next..).next().is_some();
    let timeline = segments.iter().map(|segment| segment.timeline).max().unwrap_or(first.timeline);
    let gap = beyond.then(|| Segment::at(timeline, next, bytes));
    Held { until: Lsn(next * bytes), gap }
}

fn per_log(bytes: u64) -> u64 {
    (1 << 32) / bytes.max(1)
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}{:08X}{:08X}", self.timeline, self.log, self.place)
    }
}

impl From<Segment> for String {
    fn from(segment: Segment) -> Self {
        segment.to_string()
    }
}

impl TryFrom<String> for Segment {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::parse(&name).ok_or_else(|| format!("`{name}` is no name of a segment"))
    }
}
