//! Which days the watcher judges, and whose copies of them are missing.
//!
//! A day whose deadline came before home's last sign of life was judged by home. Only the point of
//! the day is judged: of a manual one only home knows.

use super::holding::{Holdings, gives_back};
use crate::day;
use crate::policy::{Asset, Policy};
use crate::seen::{InDr, Read, Seen};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The policy's assets, each with what was read of it in dr.
pub(super) fn views<'a>(
    policy: &'a Policy,
    seen: &'a Seen,
) -> impl Iterator<Item = (&'a Asset, &'a Read<InDr>)> {
    let copies = seen.copies.iter();
    copies.flat_map(|all| policy.assets.iter().filter_map(|one| Some((one, all.get(&one.id)?))))
}

/// The days of which a copy is overdue, each with the deadline that was missed first, and what dr has
/// of the assets that lack theirs. A notice is sent once for a day, so those whose deadline is still
/// to come are among them.
pub(super) fn missing(
    policy: &Policy,
    seen: &Seen,
    last: Option<Timestamp>,
    now: Timestamp,
) -> Vec<(Date, Timestamp, Holdings)> {
    let days: BTreeSet<Date> =
        policy.assets.iter().flat_map(|asset| policy.days(asset, now)).collect();
    let of = |day: Date| {
        let owing = Owing { policy, seen, day, last, now };
        let overdue = owing.lacking().filter(|(_, read, _)| read.known().is_some());
        let due = overdue.map(|(.., due)| due).filter(|due| *due <= now).min()?;
        Some((day, due, owing.holdings()))
    };
    days.into_iter().filter_map(of).collect()
}

/// Whether every copy of a day that is still judged stands, for certain.
pub(super) fn is_whole(
    policy: &Policy,
    seen: &Seen,
    day: Date,
    last: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let owing = Owing { policy, seen, day, last, now };
    owing.assets().next().is_some() && owing.holdings().is_empty()
}

/// The assets that owe a copy of a day, and whose home has not judged it.
#[derive(Clone, Copy)]
struct Owing<'a> {
    policy: &'a Policy,
    seen: &'a Seen,
    day: Date,
    last: Option<Timestamp>,
    now: Timestamp,
}

impl<'a> Owing<'a> {
    /// Each with what was read of it, and its deadline. With no sign of life ever, only today counts:
    /// since when home is silent is not known.
    fn assets(self) -> impl Iterator<Item = (&'a Asset, &'a Read<InDr>, Timestamp)> {
        let Self { policy, seen, day, last, now } = self;
        let today = day::of(now, &policy.zone) == day;
        let with_due = views(policy, seen).map(move |(asset, read)| {
            let [_, due] = policy.deadlines(asset, day);
            (asset, read, due)
        });
        with_due.filter(move |(asset, _, due)| {
            policy.days(asset, now).contains(&day) && last.map_or(today, |last| *due > last)
        })
    }

    /// Those of which no copy of the day is seen, or nothing could be read.
    fn lacking(self) -> impl Iterator<Item = (&'a Asset, &'a Read<InDr>, Timestamp)> {
        self.assets().filter(move |(asset, read, _)| {
            let held = read.known();
            !held.is_some_and(|held| gives_back(self.policy, asset, held, self.day))
        })
    }

    fn holdings(self) -> Holdings {
        let ahead = |due: Timestamp| Some(due).filter(|due| *due > self.now);
        Holdings::of(self.lacking().map(|(asset, read, due)| (asset, read, ahead(due))))
    }
}
