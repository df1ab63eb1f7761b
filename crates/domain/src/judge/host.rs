//! What is told of PostgreSQL hosts: that one is silent is found here, never by itself.

use super::{Fate, found_of};
use crate::duty::{Duty, Hosted};
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::finding::{Finding, Found};
use crate::host::schedule;
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
        return silent(view, since, now)
            .map(|last| {
                let from = last.or(since).unwrap_or(now);
                found(Subject::Standing, Found::HostSilent { last }, from)
            })
            .into_iter()
            .collect();
    };
    let mut all = Vec::new();
    if let Some(seconds) = behind(host, view, now) {
        let (gap, trouble) = (pulse.gap, pulse.trouble.clone());
        all.push(found(Subject::Standing, Found::HostBehind { seconds, gap, trouble }, now));
    } else if let Some(gap) = pulse.gap {
        let what = Found::HostBehind { seconds: 0, gap: Some(gap), trouble: pulse.trouble.clone() };
        all.push(found(Subject::Standing, what, now));
    }
    if pulse.policy != policy.hash {
        let (host, ours) = (pulse.policy.clone(), policy.hash.clone());
        all.push(found(Subject::Standing, Found::HostPolicy { host, ours }, now));
    }
    // A full backup is owed by a deadline of its own; what was due before the host was watched was nobody's.
    let late = schedule::late(host, &policy.zone, &pulse.runs, now);
    let owed = late.into_iter().filter(|late| late.job != crate::host::run::Job::Full);
    let owed = owed.filter(|late| since.is_some_and(|since| late.slot >= since));
    all.extend(owed.map(|late| {
        let (job, last) = (late.job, late.last);
        found(Subject::item(job.word()), Found::HostLate { job, last }, late.slot)
    }));
    all
}

/// When the agent last spoke, where it should have since.
fn silent(view: &HostSeen, since: Option<Timestamp>, now: Timestamp) -> Option<Option<Timestamp>> {
    let last = view.pulse.known()?.as_ref().map(|pulse| pulse.at);
    // Of a host that was looked at for the first time within the hour, silence is no news.
    let from = last.or(since)?;
    (now.duration_since(from) > SILENCE).then_some(last)
}

/// How far the bucket is behind in seconds, where that is more than may be lost: by the agent's measure, or, whatever that
/// says, by the age of the newest segment that home saw there.
fn behind(host: &Host, view: &HostSeen, now: Timestamp) -> Option<i64> {
    let measured = view.live(now)?.worst_seconds;
    let age = view.log.known().copied().flatten().map(|log| now.duration_since(log));
    let aged = age.map(|age| (age - host.archive_timeout()).as_secs());
    measured.max(aged).filter(|seconds| *seconds > host.rpo.as_secs())
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
