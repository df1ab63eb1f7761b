//! What is due: the newest slot of each job that no run has met yet. A host that slept through one takes it up as soon as
//! it wakes; of several that were missed, one run meets all.

use super::run::{How, Job, Past};
use crate::day;
use crate::policy::Host;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// After a failure the next try waits so long, and twice as long after each further one, to an hour at most: often enough
/// to be done by the morning, seldom enough not to bury the reason.
const RETRY: SignedDuration = SignedDuration::from_mins(10);
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// A run that began later than this from now was written under a clock that was wrong.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A job that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub job: Job,
    /// Since when.
    pub slot: Timestamp,
}

/// The job to run now, if there is one; the backups first, a full one before all.
pub fn due(host: &Host, zone: &TimeZone, past: &[Past], now: Timestamp) -> Option<Due> {
    let jobs = [Job::Full, Job::Differential, Job::Logical, Job::Verify];
    let open = jobs.map(|job| Due { job, slot: slot(host, zone, job, now) });
    open.into_iter().find(|due| is_open(*due, past, now))
}

/// A slot is not late before this: the timer, a first try that failed, the next one.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// A run without an end that began longer ago than this does not go on any more.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(12);

/// A job that should have been done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// Which.
    pub job: Job,
    /// Since when.
    pub slot: Timestamp,
    /// How the last try since then ended; absent where none was made.
    pub last: Option<How>,
}

/// The jobs whose last slot is an hour ago and not met, and an expiry that failed: that has no slot of its own.
pub fn late(host: &Host, zone: &TimeZone, past: &[Past], now: Timestamp) -> Vec<Late> {
    let jobs = [Job::Full, Job::Differential, Job::Logical, Job::Verify];
    let due = jobs.map(|job| Due { job, slot: slot(host, zone, job, now - GRACE) });
    let of_slots = due.into_iter().filter_map(|due| {
        let tries: Vec<&Past> = past.iter().filter(|past| serves(due, past, now)).collect();
        let goes_on =
            |past: &&Past| past.end.is_none() && now.duration_since(past.run.started) < LONGEST_RUN;
        let met = tries.iter().any(|past| past.succeeded() || goes_on(past));
        let Due { job, slot } = due;
        let own = tries.iter().filter(|past| past.run.job == job);
        let last = own.filter_map(|past| past.end.as_ref()).max_by_key(|end| end.at);
        (!met).then(|| Late { job, slot, last: last.map(|end| end.how.clone()) })
    });
    let expiries = past.iter().filter(|past| past.run.job == Job::Expire);
    let expiry = expiries.max_by_key(|past| past.run.started).and_then(|past| {
        let how = past.end.as_ref()?.how.clone();
        let slot = past.run.started;
        (!how.succeeded()).then_some(Late { job: Job::Expire, slot, last: Some(how) })
    });
    of_slots.chain(expiry).collect()
}

/// When a job was to be run last.
pub fn slot(host: &Host, zone: &TimeZone, job: Job, now: Timestamp) -> Timestamp {
    let today = day::of(now, zone);
    // A week and a day hold a slot of every job, and one more day those that a DST jump moves.
    let days = (-1..=8).map(|back: i32| today.saturating_sub(back.days()));
    let slots = days.flat_map(|day| slots_of(host, zone, job, day));
    slots.filter(|slot| *slot <= now).max().unwrap_or(Timestamp::MIN)
}

fn slots_of(host: &Host, zone: &TimeZone, job: Job, day: Date) -> Vec<Timestamp> {
    let full = host.full.at;
    match job {
        Job::Full => vec![day::instant(day, full, zone)],
        Job::Verify => vec![day::instant(day, host.verify, zone)],
        Job::Logical if day.weekday() == host.logical.on => {
            vec![day::instant(day, host.logical.at, zone)]
        }
        Job::Differential => {
            let hours = (1..24 / host.differential.hours).map(|n| n * host.differential.hours);
            hours.map(|hours| day::instant(day, full.wrapping_add(hours.hours()), zone)).collect()
        }
        Job::Logical | Job::Expire | Job::Restore => Vec::new(),
    }
}

fn is_open(due: Due, past: &[Past], now: Timestamp) -> bool {
    let tries: Vec<&Past> = past.iter().filter(|past| serves(due, past, now)).collect();
    if tries.iter().any(|past| past.succeeded() || past.end.is_none()) {
        return false;
    }
    let failed = tries.iter().filter(|past| past.run.job == due.job).count();
    let last = tries.iter().filter_map(|past| past.end.as_ref()).map(|end| end.at).max();
    last.is_none_or(|last| now >= last + wait(failed) || last > now + SKEW)
}

/// Whether a run was made for a slot; a full backup is more than a differential one.
fn serves(due: Due, past: &Past, now: Timestamp) -> bool {
    let covers =
        past.run.job == due.job || past.run.job == Job::Full && due.job == Job::Differential;
    covers && past.run.started >= due.slot && past.run.started <= now + SKEW
}

fn wait(failed: usize) -> SignedDuration {
    let doubled = u32::try_from(failed.saturating_sub(1)).unwrap_or(u32::MAX).min(8);
    (RETRY * (1 << doubled)).min(LONGEST)
}
