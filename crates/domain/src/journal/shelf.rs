//! Which part of the journal is listed by whom.

use crate::day;
use crate::failure;
use crate::id::{AssetId, minute_word};
use crate::policy::{Asset, Policy};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A part of the journal's keys to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// All keys start with this.
    pub prefix: String,
    /// Only keys after this one.
    pub after: Option<String>,
}

/// What a round lists: for one asset a constant number of shelves, however many assets there are;
/// for the fleet, the judged days and all episodes.
pub fn shelves(policy: &Policy, asset: Option<&Asset>, now: Timestamp) -> Vec<Shelf> {
    let shelf = |prefix: String, after: Option<String>| Shelf { prefix, after };
    let oldest = |asset: &Asset| day::of(now, &policy.zone).saturating_sub(asset.catch_up.days());
    match asset {
        None => {
            let of_hosts = policy
                .hosts
                .first()
                .map(|_| day::of(now, &policy.zone).saturating_sub(OWED.days()));
            let first = policy.assets.iter().map(oldest).chain(of_hosts).min();
            let first = first.unwrap_or(Date::MIN);
            let after = Some(format!("duties/{first}"));
            vec![shelf("duties/".to_owned(), after), episode_shelf()]
        }
        Some(asset) => {
            let days = policy.days(asset, now).into_iter();
            let of_day = |day| [format!("duties/{day}/{}/", asset.id), format!("duties/{day}/-/")];
            let all = days.flat_map(of_day).chain([format!("episodes/{}/", asset.id)]);
            all.map(|prefix| shelf(prefix, None)).collect()
        }
    }
}

/// For so many days back a host's duties are judged.
const OWED: i32 = 1;

/// What a round over one PostgreSQL host lists.
pub fn host_shelves(policy: &Policy, host: &AssetId, now: Timestamp) -> Vec<Shelf> {
    let today = day::of(now, &policy.zone);
    let days = (0..=OWED).map(|back| today.saturating_sub(back.days()));
    let of_days = days.map(|day| format!("duties/{day}/{host}/"));
    let all = of_days.chain([format!("episodes/{host}/")]);
    all.map(|prefix| Shelf { prefix, after: None }).collect()
}

/// Where the verdicts on a bucket are.
pub fn verdicts(bucket: &AssetId) -> String {
    format!("buckets/{bucket}/")
}

/// Those of the last hours, of which the newest is read.
pub fn verdict_shelf(bucket: &AssetId, now: Timestamp) -> Shelf {
    let (prefix, from) = (verdicts(bucket), now - SignedDuration::from_hours(30));
    let after = Some(format!("{prefix}{}", minute_word(from)));
    Shelf { prefix, after }
}

/// Where a bucket's failures are.
pub fn failure_shelf(bucket: &AssetId) -> Shelf {
    Shelf { prefix: failure::shelf(bucket), after: None }
}

/// What a look at one bucket lists.
pub fn bucket_shelf(bucket: &AssetId) -> Shelf {
    Shelf { prefix: format!("episodes/{bucket}/"), after: None }
}

/// Where the watcher in dr keeps its episodes; it may write nowhere else.
pub const WATCH: &str = "watch";

/// Where the reports of the last days are, of which the newest earlier one is read.
pub fn report_shelf(policy: &Policy, now: Timestamp) -> Shelf {
    let first = day::of(now, &policy.zone).saturating_sub(REMEMBERED.days());
    Shelf { prefix: "reports/".to_owned(), after: Some(format!("reports/{first}")) }
}

/// How many days back a report is looked for, to go on from.
const REMEMBERED: i32 = 30;

/// What a sweep lists.
pub fn episode_shelf() -> Shelf {
    Shelf { prefix: "episodes/".to_owned(), after: None }
}

/// What the watcher lists.
pub fn watch_shelf() -> Shelf {
    Shelf { prefix: format!("episodes/{WATCH}/"), after: None }
}
