//! What may go. Age alone deletes nothing: where backups have stopped, the last ones stay.

use super::set::{Dump, Set, SetKind, newest};
use super::target::continuous_from;
use crate::policy::Host;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Without a good backup this young nothing goes: backups have stopped, or the clock is wrong.
const FRESH: SignedDuration = SignedDuration::from_hours(48);

/// What goes, and what of the log stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expiry {
    /// Labels of sets that go, newest first: those that stand on others come before them.
    pub sets: Vec<String>,
    /// Names of dumps that go.
    pub dumps: Vec<String>,
    /// For how many of the newest sets the whole log is kept; older ones keep what they need to be consistent.
    pub continuous: usize,
    /// Why nothing goes, where that is so.
    pub held: Option<Hold>,
}

/// Why nothing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// There is no good backup at all.
    Nothing,
    /// The newest good one ended then, more than two days ago.
    Stale(Timestamp),
    /// The newest one ended after now.
    Ahead(Timestamp),
}

/// Plans an expiry.
pub fn expiry(host: &Host, sets: &[Set], dumps: &[Dump], now: Timestamp) -> Expiry {
    if let Some(held) = hold(sets, now) {
        return Expiry {
            sets: Vec::new(),
            dumps: Vec::new(),
            continuous: sets.len(),
            held: Some(held),
        };
    }
    let stay = staying(host, sets, now);
    let mut going: Vec<&Set> =
        sets.iter().filter(|set| !stay.contains(set.label.as_str())).collect();
    going.sort_by_key(|set| Reverse(set.stop));
    let going: Vec<String> = going.into_iter().map(|set| set.label.clone()).collect();
    let left: Vec<Set> = sets.iter().filter(|set| !going.contains(&set.label)).cloned().collect();
    let from = continuous_from(&left, host.wal_keep, now).map(|set| set.stop);
    let continuous = left.iter().filter(|set| Some(set.stop) >= from).count().max(1);
    Expiry { sets: going, dumps: old_dumps(host, dumps, now), continuous, held: None }
}

fn hold(sets: &[Set], now: Timestamp) -> Option<Hold> {
    let Some(newest) = newest(sets).map(|set| set.stop) else { return Some(Hold::Nothing) };
    if newest > now + SignedDuration::from_mins(5) {
        return Some(Hold::Ahead(newest));
    }
    (now.duration_since(newest) > FRESH).then_some(Hold::Stale(newest))
}

fn staying<'s>(host: &Host, sets: &'s [Set], now: Timestamp) -> BTreeSet<&'s str> {
    let keep = |set: &Set| match set.kind {
        SetKind::Full => host.full.keep,
        SetKind::Differential | SetKind::Incremental => host.differential.keep,
    };
    let young = |set: &&Set| now.duration_since(set.stop) < keep(set);
    let mut fulls: Vec<&Set> =
        sets.iter().filter(|set| set.kind == SetKind::Full && !set.bad_pages).collect();
    fulls.sort_by_key(|set| Reverse(set.stop));
    let floor = fulls.into_iter().take(host.floor);
    // A moment at the edge of the kept log is reached from the set before that edge.
    let base = continuous_from(sets, host.wal_keep, now);
    let wanted: Vec<&Set> =
        sets.iter().filter(young).chain(floor).chain(newest(sets)).chain(base).collect();
    let needed = wanted.iter().flat_map(|set| set.needs.iter().map(String::as_str));
    wanted.iter().map(|set| set.label.as_str()).chain(needed).collect()
}

fn old_dumps(host: &Host, dumps: &[Dump], now: Timestamp) -> Vec<String> {
    let mut dumps: Vec<&Dump> = dumps.iter().collect();
    dumps.sort_by_key(|dump| Reverse(dump.start));
    let past_floor = dumps.into_iter().skip(host.floor);
    let old = past_floor.filter(|dump| now.duration_since(dump.start) >= host.logical.keep);
    old.map(|dump| dump.name.clone()).collect()
}
