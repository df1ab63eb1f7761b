//! Tags that Sonae writes: where a copy came from and how long it must stay. AWS itself is the
//! memory; nothing here is ever decided from the journal.

use crate::day;
use crate::policy::{Asset, Policy};
use crate::seen::Point;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;

/// The copied point's ARN.
pub const SOURCE_ARN: &str = "sonae:source-arn";
/// The policy's `system`: two systems may share an account.
pub const SYSTEM: &str = "sonae:system";
/// The asset's id.
pub const ASSET: &str = "sonae:asset";
/// When the data is from.
pub const CREATED: &str = "sonae:created";
/// The day before which the copy or point must not be deleted.
pub const KEEP_UNTIL: &str = "sonae:keep-until";
/// `daily` or `manual`.
pub const KIND: &str = "sonae:kind";
/// Who started the copy: `event` or `check`.
pub const STARTED_BY: &str = "sonae:started-by";

/// AWS allows 50 tags on a resource (RDS User Guide, Tagging Amazon RDS resources).
const MOST: usize = 50;

/// Which duty a point serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The point of a day.
    Daily,
    /// A manual point, such as one taken before a release.
    Manual,
}

/// Who looked when the copy was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartedBy {
    /// A round that an event asked for.
    Event,
    /// The periodic check: the event was late or lost.
    Check,
}

impl Kind {
    /// The tag's value.
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Manual => "manual",
        }
    }
}

impl StartedBy {
    /// The tag's value.
    pub fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Check => "check",
        }
    }
}

/// The tags of a copy: ours, then as many of the point's own as fit. Keys that AWS reserves
/// (`aws:`, `rds:`) are left out: with them AWS refuses the copy.
pub fn of_copy(
    policy: &Policy,
    asset: &Asset,
    point: &Point,
    kind: Kind,
    created: Timestamp,
    by: StartedBy,
) -> BTreeMap<String, String> {
    let mut tags = ours(policy, asset, kind, day::of(created, &policy.zone));
    tags.extend([
        (SOURCE_ARN.to_owned(), point.arn.clone()),
        (CREATED.to_owned(), created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        (STARTED_BY.to_owned(), by.word().to_owned()),
    ]);
    let own = point.tags.iter().filter(|(key, _)| !reserved(key));
    let own: Vec<_> = own.take(MOST.saturating_sub(tags.len())).collect();
    tags.extend(own.into_iter().map(|(key, value)| (key.clone(), value.clone())));
    tags
}

/// The tags of a point that Sonae takes itself on a day.
pub fn of_taken(policy: &Policy, asset: &Asset, day: Date) -> BTreeMap<String, String> {
    ours(policy, asset, Kind::Daily, day)
}

/// The tags of a point that Sonae wrote.
pub fn only_ours(point: &Point) -> BTreeMap<String, String> {
    let ours = point.tags.iter().filter(|(key, _)| key.starts_with("sonae:"));
    ours.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn ours(policy: &Policy, asset: &Asset, kind: Kind, day: Date) -> BTreeMap<String, String> {
    let until = day.saturating_add(asset.keep.days().days());
    BTreeMap::from([
        (SYSTEM.to_owned(), policy.system.clone()),
        (ASSET.to_owned(), asset.id.to_string()),
        (KEEP_UNTIL.to_owned(), until.to_string()),
        (KIND.to_owned(), kind.word().to_owned()),
    ])
}

fn reserved(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["aws:", "rds:", "sonae:"].iter().any(|prefix| key.starts_with(prefix))
}
