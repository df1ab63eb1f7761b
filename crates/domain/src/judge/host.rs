//! What is told of PostgreSQL hosts: that one is silent is found here, never by itself.

use super::{Fate, found_of};
use crate::duty::{Duty, Hosted};
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::finding::{Finding, Found};
use crate::host::pulse::Pulse;
use crate::host::run::Job;
use crate::host::schedule::{self, Late};
use crate::journal::Journal;
use crate::policy::{Host, Policy};
use crate::seen::{HostSeen, Read, SILENCE, Seen};
use jiff::Timestamp;

/// The duties of all hosts in view.
pub(super) fn duties(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Duty> {
    let Read::Known(journal) = &seen.journal else { return Vec::new() };
    let of = |(host, seen)| Hosted { policy, host, seen, journal, now }.duties();
    views(policy, seen).flat_map(of).collect()
}

/// What is found of them beside their duties.
pub(super) fn of_hosts(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let journal = seen.journal.known();
    let of = |(host, view)| of_host(policy, host, view, journal, now);
    views(policy, seen).flat_map(of).collect()
}

fn views<'s>(policy: &'s Policy, seen: &'s Seen) -> impl Iterator<Item = (&'s Host, &'s HostSeen)> {
    seen.hosts.iter().filter_map(|(id, view)| Some((policy.host(id)?, view)))
}

fn of_host(
    policy: &Policy,
    host: &Host,
    view: &HostSeen,
    journal: Option<&Journal>,
    now: Timestamp,
) -> Vec<Finding> {
    let found = |subject, what, since| found_of(Some(&host.id), subject, what, since);
    let since = journal.and_then(|journal| journal.since(&host.id));
    let Some(pulse) = view.live(now) else {
        let silent = silent(view, since, now);
        let silent = silent.map(|last| (Found::HostSilent { last }, last.or(since)));
        let said =
            |(what, from): (_, Option<_>)| found(Subject::Standing, what, from.unwrap_or(now));
        return silent.map(said).into_iter().collect();
    };
    let behind = behind(host, view, pulse, now);
    let differs = (pulse.policy != policy.hash)
        .then(|| Found::HostPolicy { host: pulse.policy.clone(), ours: policy.hash.clone() });
    let standing = behind.into_iter().chain(differs);
    // A full backup is owed by a deadline of its own; what was due before the host was watched was nobody's.
    let late = schedule::late(host, &policy.zone, &pulse.runs, now).into_iter();
    let watched = |late: &Late| since.is_some_and(|since| late.slot >= since);
    let owed = late.filter(|late| late.job != Job::Full && watched(late));
    let owed = owed.map(|Late { job, slot, last }| {
        found(Subject::item(job.word()), Found::HostLate { job, last }, slot)
    });
    standing.map(|what| found(Subject::Standing, what, now)).chain(owed).collect()
}

/// When the agent last spoke, where it should have since.
fn silent(view: &HostSeen, since: Option<Timestamp>, now: Timestamp) -> Option<Option<Timestamp>> {
    view.pulse.known()?;
    let last = view.heard;
    // Of a host that was looked at for the first time within the hour, silence is no news.
    let from = last.or(since)?;
    (now.duration_since(from) > SILENCE).then_some(last)
}

/// That the bucket is behind: by the agent's measure, or, whatever that says, by the age of the newest segment that home saw
/// there. A log with a hole is of no use after it, however young its end is.
fn behind(host: &Host, view: &HostSeen, pulse: &Pulse, now: Timestamp) -> Option<Found> {
    let age = view.log.known().copied().flatten().map(|log| now.duration_since(log));
    let aged = age.map(|age| (age - host.archive_timeout()).as_secs());
    let seconds = pulse.worst_seconds.max(aged).filter(|seconds| *seconds > host.rpo.as_secs());
    let (gap, trouble) = (pulse.gap, pulse.trouble.clone());
    let is = seconds.is_some() || gap.is_some();
    is.then(|| Found::HostBehind { seconds: seconds.unwrap_or_default(), gap, trouble })
}

/// What became of a host's trouble, now that it is not found.
pub(super) fn fate(
    policy: &Policy,
    seen: &Seen,
    scheduled: bool,
    key: &EpisodeKey,
    now: Timestamp,
) -> Fate {
    let Some(id) = &key.asset else { return Fate::Open };
    if policy.host(id).is_none() {
        return if scheduled { Fate::Past } else { Fate::Open };
    }
    let Some(view) = seen.hosts.get(id) else { return Fate::Open };
    let whole = match key.kind {
        Kind::HostBehind => view.live(now).is_some() && view.log.known().is_some(),
        _ => view.live(now).is_some(),
    };
    if whole { Fate::Whole } else { Fate::Open }
}
