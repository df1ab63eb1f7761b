//! What a PostgreSQL host owes of each day: a full backup that stands in its bucket. The agent says what it made; that it
//! stands there, home has seen itself.

use super::{Cause, Duty, DutyState, Met, What};
use crate::day;
use crate::episode::Subject;
use crate::host::pulse::Pulse;
use crate::host::run::{How, Job};
use crate::id::PointName;
use crate::journal::Journal;
use crate::policy::{Host, Policy};
use crate::seen::HostSeen;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// Everything that the duties of one host are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Hosted<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The host.
    pub host: &'a Host,
    /// What was seen of it.
    pub seen: &'a HostSeen,
    /// What was recorded before.
    pub journal: &'a Journal,
    /// The time.
    pub now: Timestamp,
}

/// Why a day's full backup does not stand in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostCause {
    /// The agent has said nothing since before the deadline; the last time it did.
    Silent(Option<Timestamp>),
    /// None was made. How the last try ended, where one was made.
    NotMade(Option<How>),
    /// The agent has made this one, and its manifest is not in the bucket.
    NotInBucket(String),
}

impl Hosted<'_> {
    /// The duties of yesterday and today, as far as they have begun since the host was seen for the first time.
    pub fn duties(self) -> Vec<Duty> {
        let Self { policy, host, journal, now, .. } = self;
        let since = journal.since(&host.id).unwrap_or(now);
        let today = day::of(now, &policy.zone);
        let days = [today.saturating_sub(1.day()), today].into_iter();
        let begun = days.filter(|day| (since..=now).contains(&self.slot(*day)));
        begun.map(|day| self.of_day(day)).collect()
    }

    fn of_day(self, day: Date) -> Duty {
        let Self { policy, host, .. } = self;
        let due = host.due(day, &policy.zone);
        let state = self.state(day, due);
        let (asset, subject) = (host.id.clone(), Subject::Day(day));
        Duty { asset, subject, what: What::Landed, due, state }
    }

    fn state(self, day: Date, due: Timestamp) -> DutyState {
        let (Some(pulse), Some(stored)) = (self.seen.pulse.known(), self.seen.stored.known())
        else {
            return DutyState::Unknown;
        };
        let [from, until] = [self.slot(day), self.slot(day.saturating_add(1.day()))];
        let made = pulse.as_ref().and_then(|pulse| pulse.full_within(from, until));
        let cause = match made {
            Some(set) if stored.contains_key(&set.label) => {
                return DutyState::Met(Met {
                    name: PointName::new(&set.label),
                    source: Pulse::manifest(&self.host.id, &set.label),
                    created: set.start,
                    stored: None,
                    size_gib: None,
                    recovered: false,
                });
            }
            Some(set) => HostCause::NotInBucket(set.label.clone()),
            // What the agent tells no more, it told while it stood.
            None if self.journal.landed(&self.host.id, &Subject::Day(day)) => {
                return DutyState::Recorded;
            }
            None => self.why_not_made(pulse.as_ref(), from, due),
        };
        match self.now < due {
            true => DutyState::Pending,
            false => DutyState::Broken(Cause::Host(cause)),
        }
    }

    fn why_not_made(self, pulse: Option<&Pulse>, from: Timestamp, due: Timestamp) -> HostCause {
        let heard = self.seen.heard;
        let Some(pulse) = pulse.filter(|_| heard >= Some(due)) else {
            return HostCause::Silent(heard);
        };
        let tries = pulse.runs.iter().filter(|past| past.run.job == Job::Full);
        let tries = tries.filter(|past| past.run.started >= from);
        let last = tries.max_by_key(|past| past.run.started).and_then(|past| past.end.as_ref());
        HostCause::NotMade(last.map(|end| end.how.clone()))
    }

    fn slot(self, day: Date) -> Timestamp {
        day::instant(day, self.host.full.at, &self.policy.zone)
    }
}
