//! What AWS Backup owes of an asset, day by day. Sonae starts nothing here: it looks whether AWS
//! Backup's plan did what it was to do.
//!
//! A point counts in the policy's own vault only: EFS's automatic backups lie in another
//! (`aws/efs/automatic-backup-vault`) and are copied nowhere.

use super::copied::Copied;
use super::{Cause, Duty, DutyState, Ended, Met, Tried, VaultCause, What};
use crate::day;
use crate::episode::{Kind, Subject};
use crate::id::PointName;
use crate::journal::Journal;
use crate::policy::{Asset, Backed, Policy};
use crate::seen::{BackedSeen, Job, Read, RecoveryPoint, Stand};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Everything that the duties of one asset of AWS Backup are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Vaulted<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The asset.
    pub asset: &'a Asset,
    /// Where AWS Backup puts its points.
    pub backed: &'a Backed,
    /// What was seen of it.
    pub seen: &'a BackedSeen,
    /// What this round tried.
    pub tried: &'a [Tried],
    /// What was recorded before.
    pub journal: &'a Read<Journal>,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Vaulted<'a> {
    /// All duties that have begun and are not too old to judge, oldest first.
    pub fn duties(self) -> Vec<Duty> {
        let Self { policy, asset, now, .. } = self;
        let judged = policy.days(asset, now);
        let told = self.journal.known().map(|journal| journal.open_days(&asset.id));
        let told: BTreeSet<(Date, Kind)> = told.unwrap_or_default();
        let first = policy.first_seen(asset, now);
        let older = |day: &Date| *day >= first && !judged.contains(day);
        let older: BTreeSet<Date> = told.iter().map(|(day, _)| *day).filter(older).collect();
        let still = |duty: &Duty| duty.day().is_some_and(|day| told.contains(&(day, duty.kind())));
        let mut duties: Vec<Duty> =
            older.into_iter().flat_map(|day| self.of_day(day)).filter(still).collect();
        let begun = |day: &Date| now >= day::instant(*day, asset.at, &policy.zone);
        for day in judged.into_iter().filter(begun) {
            duties.extend(self.of_day(day));
            duties.extend(self.by_hand(day));
        }
        duties
    }

    /// What is owed of a day's points that no plan made, beside one that a plan made: each by itself. Without
    /// one they serve the day, and are told as that.
    fn by_hand(self, day: Date) -> Vec<Duty> {
        let sound = self.sound(day).unwrap_or_default();
        if self.backed.role.is_none() || !sound.iter().any(|point| point.planned) {
            return Vec::new();
        }
        let by_hand = |point: &RecoveryPoint| self.seen.is_by_hand(point) == Some(true);
        let owed = sound.into_iter().filter(|point| by_hand(point) && !point.is_continuous());
        owed.map(|point| self.of_point(day, point)).collect()
    }

    fn of_point(self, day: Date, point: &RecoveryPoint) -> Duty {
        let allowed = self.asset.manual_within;
        let due = point.done.unwrap_or(point.created) + allowed;
        let copied = Copied { of: self, day, alone: Some(point), due, allowed };
        Duty {
            asset: self.asset.id.clone(),
            subject: Subject::Manual(point.manual()),
            what: What::Landed,
            due,
            state: copied.state(),
        }
    }

    fn of_day(self, day: Date) -> [Duty; 2] {
        let [taken_by, landed_by] = self.policy.deadlines(self.asset, day);
        let duty = |what, due, state| Duty {
            asset: self.asset.id.clone(),
            subject: Subject::Day(day),
            what,
            due,
            state,
        };
        let allowed = landed_by.duration_since(taken_by);
        let copied = Copied { of: self, day, alone: None, due: landed_by, allowed };
        [
            duty(What::Taken, taken_by, self.taken(day, taken_by)),
            duty(What::Landed, landed_by, copied.state()),
        ]
    }

    fn taken(self, day: Date, due: Timestamp) -> DutyState {
        if let Some(point) = self.sound(day).into_iter().flatten().next() {
            return DutyState::Met(met(point, None));
        }
        if self.was_taken(day) {
            return DutyState::Recorded;
        }
        let read = self.seen.points.known().zip(self.seen.jobs.known());
        let Some((points, jobs)) = read else { return DutyState::Unknown };
        let points: Vec<_> = points.iter().filter(|point| self.is_of(day, point.created)).collect();
        let jobs: Vec<_> = jobs.iter().filter(|job| self.is_of(day, job.created)).collect();
        self.untaken(day, due, &points, &jobs)
    }

    fn untaken(
        self,
        day: Date,
        due: Timestamp,
        points: &[&RecoveryPoint],
        jobs: &[&Job],
    ) -> DutyState {
        let alive = jobs.iter().find(|job| job.stand() == Stand::Alive);
        let coming = alive.is_some() || points.iter().any(|point| point.may_come());
        let bad = jobs.iter().filter(|job| job.stand() == Stand::Bad).max_by_key(|job| job.created);
        if let Some(bad) = bad.filter(|_| !coming) {
            return broken(VaultCause::JobEnded(Ended::of_job(bad)));
        }
        let started_by = day::instant(day, self.backed.started_by, &self.policy.zone);
        if jobs.is_empty() && points.is_empty() && self.now >= started_by.min(due) {
            return broken(VaultCause::NotStarted);
        }
        if self.now < due || coming && self.is_first_seen_after(due) {
            return DutyState::Pending;
        }
        let state = |point: &&RecoveryPoint| point.state.clone();
        broken(match alive {
            Some(job) => VaultCause::Running { id: job.id.clone(), state: job.state.clone() },
            None => VaultCause::PointLost { state: points.first().map(state) },
        })
    }

    /// The good points of a day in home's vault, of jobs without issues, if both could be read; the
    /// newest first.
    pub(super) fn sound(self, day: Date) -> Option<Vec<&'a RecoveryPoint>> {
        self.seen.jobs.known()?;
        let flawed = |point: &RecoveryPoint| self.seen.is_flawed(point) != Some(false);
        let of_day = self.seen.points.known()?.iter();
        let of_day = of_day.filter(|point| self.is_of(day, point.created));
        let mut sound: Vec<_> = of_day.filter(|point| point.is_good() && !flawed(point)).collect();
        sound.sort_by_key(|point| std::cmp::Reverse(point.created));
        Some(sound)
    }

    pub(super) fn is_of(self, day: Date, moment: Timestamp) -> bool {
        day::of(moment, &self.policy.zone) == day
    }

    /// Whether a day's point was seen by an earlier round.
    pub(super) fn was_taken(self, day: Date) -> bool {
        self.journal.known().is_some_and(|journal| journal.taken(&self.asset.id, day))
    }

    /// Whether Sonae had not yet seen the asset at a moment.
    pub(super) fn is_first_seen_after(self, moment: Timestamp) -> bool {
        let since = self.journal.known().map(|journal| journal.since(&self.asset.id));
        since.is_some_and(|since| since.is_none_or(|since| since > moment))
    }
}

pub(super) fn broken(cause: VaultCause) -> DutyState {
    DutyState::Broken(Cause::Backup(cause))
}

/// What is met by a point, or by a copy whose copying began at a time.
pub(super) fn met(point: &RecoveryPoint, stored: Option<Timestamp>) -> Met {
    Met {
        name: PointName::new(&point.arn),
        source: point.resource.clone(),
        created: point.created,
        stored,
        size_gib: None,
        recovered: false,
    }
}
