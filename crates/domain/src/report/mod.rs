//! The page of a day: what was taken, what landed, what a restore would give back, what is wrong.
//!
//! It is made once a morning by the round that looks at everything, from what that round saw and from
//! the report before it, which carries the last thirty days. Its three shapes are the mail ([`text`]),
//! the page ([`page`]) and the record (`Serialize`; its JSON Schema is docs/report.schema.json).

mod buckets;
mod chart;
mod compose;
mod month;
mod page;
mod preflight;
mod readiness;
mod rows;
mod text;
mod trend;
mod words;

use crate::day;
use crate::episode::{EpisodeKey, Kind, NoticeKey, Subject, Word};
use crate::finding::Severity;
use crate::id::{AssetId, PointName, Region};
use crate::journal::{Episode, Journal};
use crate::policy::Policy;
use crate::seen::Read;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use buckets::BucketRow;
pub use compose::compose;
pub use month::{Month, Over};
pub use page::page;
pub use preflight::{Item, Preflight, Ready};
pub use text::{mail, text};
pub use trend::{DAYS, Line, Trend};

/// The page of a day.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Of its JSON form: 1.
    pub schema: u8,
    /// The protected system.
    pub system: String,
    /// The day, of the policy's zone.
    pub day: Date,
    /// When it was made.
    pub at: Timestamp,
    /// The policy's zone.
    pub zone: String,
    /// The home Region.
    pub home: Region,
    /// The dr Region.
    pub dr: Region,
    /// SHA-256 of the policy's text.
    pub policy: String,
    /// Counts up by one a report, from 1; nothing where the one before it could not be read.
    pub number: Option<u32>,
    /// The day of the report before it.
    pub before: Option<Date>,
    /// The worst of it.
    pub severity: Severity,
    /// What could not be read for it.
    pub unread: Vec<String>,
    /// What is wrong, the worst first.
    pub problems: Vec<Problem>,
    /// The duties of the newest day that has begun, and manual points; the worst first.
    pub duties: Vec<Row>,
    /// How the buckets stand; the worst first.
    pub buckets: Vec<BucketRow>,
    /// Whether what a restore in dr needs was seen to be there; the worst first.
    pub preflight: Vec<Preflight>,
    /// What was owed, and what was proved.
    pub proven: Proven,
    /// The last thirty days.
    pub month: Month,
    /// Databases that nobody protects.
    pub unprotected: Option<Vec<Stranger>>,
    /// Quotas of manual points.
    pub quotas: Vec<QuotaLine>,
    /// Points of ours without an asset.
    pub orphans: Vec<Orphan>,
    /// Who listens.
    pub topics: Vec<Listeners>,
    /// Day by day.
    pub trend: Trend,
    /// Where the journal is.
    pub journal: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// The kind of finding, which is also its runbook's name.
    pub kind: String,
    /// Whose; nothing where it concerns the whole system.
    pub asset: Option<AssetId>,
    /// Of which day, point, key ..
    pub subject: String,
    /// One line, in the policy's language.
    pub headline: String,
    /// What to do first.
    pub fix: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// How one asset's point of a day, or a manual point, stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Whose.
    pub asset: AssetId,
    /// The day or the manual point.
    pub subject: String,
    /// When its data is from.
    pub taken: Option<Timestamp>,
    /// When its copy was first seen to stand in dr.
    pub landed: Option<Timestamp>,
    /// By when it must.
    pub due: Option<Timestamp>,
    /// The copy.
    pub copy: Option<PointName>,
    /// How long the copying took, as far as it was seen.
    pub minutes: Option<i64>,
    /// AllocatedStorage.
    pub allocated_gib: Option<i32>,
    /// How old the newest data in dr is; nothing where none ever landed, or dr could not be read.
    pub age_minutes: Option<i64>,
    /// How old it may be.
    pub objective_minutes: i64,
    /// What follows.
    pub verdict: Verdict,
    /// How the trend remembers it, whatever the newest copy's age is by now.
    #[serde(skip)]
    pub(super) letter: char,
}

/// How a duty stands in the report; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Missed.
    Broken,
    /// Nothing that can be restored ever landed.
    Never,
    /// It landed, or is not due, but the newest data in dr is older than the objective.
    TooOld,
    /// It could not be looked at.
    Unread,
    /// It landed after its time.
    Late,
    /// Not there, and not yet due.
    NotDue,
    /// It landed.
    Held,
    /// Nothing is owed yet.
    NotOwed,
}

/// What was owed, and what was proved by looking in both Regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// Assets that owe the day.
    pub expected: usize,
    /// Of them, those whose point was seen in home.
    pub home: usize,
    /// Of them, those whose copy was seen in dr.
    pub dr: usize,
}

/// A database that no asset names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stranger {
    /// `rds-instance` or `rds-cluster`, as the policy writes it.
    pub kind: &'static str,
    /// Its identifier.
    pub id: String,
    /// Its engine.
    pub engine: String,
}

/// How much of a quota is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaLine {
    /// Where.
    pub region: Region,
    /// AccountQuotaName.
    pub name: &'static str,
    /// How many there are.
    pub used: i64,
    /// How many there may be.
    pub max: i64,
    /// Whether little is left.
    pub short: bool,
}

/// Points of ours whose asset is in no policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Orphan {
    /// The asset that their tag names.
    pub asset: String,
    /// How many.
    pub points: u32,
    /// Their AllocatedStorage.
    pub allocated_gib: i64,
    /// When the oldest's data is from.
    pub oldest: Option<Timestamp>,
    /// USD a month, at most.
    pub usd_at_most: i64,
}

/// Who listens to a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listeners {
    /// Where it is.
    pub region: Region,
    /// Confirmed subscriptions.
    pub confirmed: u64,
    /// How many there were in the report before, where that is known.
    #[serde(default)]
    pub before: Option<u64>,
}

/// As much of an earlier report as the next one goes on from.
#[derive(Clone, Debug, Deserialize)]
pub struct Past {
    /// Its day.
    pub day: Date,
    /// Its number.
    pub number: u32,
    /// Who listened.
    #[serde(default)]
    pub topics: Vec<Listeners>,
    /// Its month.
    #[serde(default)]
    pub month: PastMonth,
    /// Day by day.
    #[serde(default)]
    pub trend: Trend,
}

/// As much of its month.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PastMonth {
    /// What was over its threshold.
    #[serde(default)]
    pub over: Vec<String>,
}

impl Past {
    /// Reads a report's JSON; what a later version added is skipped.
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

/// Where a day's report lies in the journal, without its ending.
pub fn path(day: Date) -> String {
    format!("reports/{day}")
}

/// The newest report before a day, among the journal's keys.
pub fn newest_before<'k>(keys: impl IntoIterator<Item = &'k str>, day: Date) -> Option<String> {
    let of = |key: &str| -> Option<Date> {
        key.strip_prefix("reports/")?.strip_suffix(".json")?.parse().ok()
    };
    let earlier = keys.into_iter().filter_map(|key| Some((of(key).filter(|d| *d < day)?, key)));
    earlier.max().map(|(_, key)| key.to_owned())
}

/// What sending a day's report is known by.
pub fn key(day: Date) -> NoticeKey {
    let episode = EpisodeKey { asset: None, kind: Kind::Report, subject: Subject::Day(day) };
    NoticeKey { episode, n: 1, word: Word::Said }
}

/// Whether the report of today is to be made: from 08:00 on, until it was said. With the journal
/// unreadable nothing knows that, so it is made at 08:00 only.
pub fn is_due(policy: &Policy, journal: &Read<Journal>, now: Timestamp) -> bool {
    let today = day::of(now, &policy.zone);
    let morning = policy.morning(today);
    let said = |journal: &Journal| {
        journal
            .open(&key(today).episode)
            .is_some_and(|(_, episode): (u32, &Episode)| episode.said())
    };
    match journal {
        Read::Known(journal) => now >= morning && !said(journal),
        Read::Unknown(_) => day::tick(now) == day::tick(morning),
    }
}

impl Report {
    /// Its rows in trouble.
    pub fn troubled(&self) -> impl Iterator<Item = &Row> {
        self.duties.iter().filter(|row| row.verdict.severity() > Severity::Info)
    }

    /// A topic that has fewer listeners than a day before.
    pub fn shrunk(&self) -> Option<&Listeners> {
        self.topics.iter().find(|topic| topic.before.is_some_and(|before| before > topic.confirmed))
    }
}

impl Verdict {
    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::Broken | Self::Never | Self::TooOld => Severity::Critical,
            Self::Unread => Severity::Warning,
            Self::Late | Self::NotDue | Self::Held | Self::NotOwed => Severity::Info,
        }
    }
}
