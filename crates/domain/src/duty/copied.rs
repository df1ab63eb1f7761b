//! Whether AWS Backup's copy of a day's point stands in the dr vault: read there, under the vault's own
//! key. A job's word is not enough.

use super::vaulted::{Vaulted, broken, met};
use super::{DutyState, Ended, Tried, VaultCause};
use crate::episode::Subject;
use crate::fault::Fault;
use crate::seen::{CopyJob, RecoveryPoint, Stand};
use crate::step::Outcome;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// A copy job waits in CREATED while AWS Backup tries again, at most two hours.
const MOST_IN_CREATED: SignedDuration = SignedDuration::from_hours(2);

/// A promise to land.
#[derive(Clone, Copy)]
pub(super) struct Copied<'a> {
    pub(super) of: Vaulted<'a>,
    pub(super) day: Date,
    /// The one point that it is about, where it is not about the day.
    pub(super) alone: Option<&'a RecoveryPoint>,
    pub(super) due: Timestamp,
    /// How long the policy lets a copy take.
    pub(super) allowed: SignedDuration,
}

impl<'a> Copied<'a> {
    pub(super) fn state(self) -> DutyState {
        let Vaulted { seen, .. } = self.of;
        let in_dr = seen.copies.known().zip(seen.dr_vault.known());
        let Some((copies, vault)) = in_dr else { return DutyState::Unknown };
        let points = match self.alone {
            Some(point) => vec![point],
            None => match self.of.sound(self.day) {
                Some(points) => points,
                None => return DutyState::Unknown,
            },
        };
        let key = vault.as_ref().and_then(|vault| vault.key.as_ref());
        let ours: Vec<_> = copies.iter().filter(|copy| self.serves(copy, &points)).collect();
        let fits =
            |copy: &&&RecoveryPoint| copy.is_good() && key.is_some() && copy.key.as_ref() == key;
        if let Some(copy) = ours.iter().find(fits) {
            return DutyState::Met(met(copy, self.begun(copy)));
        }
        let jobs = seen.copy_jobs.known();
        match (points.is_empty(), jobs) {
            (true, _) => self.without_point(),
            // Without the jobs a copy might not be known as one.
            (false, None) => DutyState::Unknown,
            (false, Some(jobs)) => self.unlanded(&points, &ours, jobs),
        }
    }

    /// Of a point that was taken and is gone from home, the day must do.
    fn serves(self, copy: &RecoveryPoint, points: &[&RecoveryPoint]) -> bool {
        let gone = points.is_empty() && self.of.was_taken(self.day);
        points.iter().any(|point| self.of.seen.is_copy_of(copy, point))
            || gone && self.of.is_of(self.day, copy.created)
    }

    fn begun(self, copy: &RecoveryPoint) -> Option<Timestamp> {
        let mut jobs = self.of.seen.copy_jobs.known().into_iter().flatten();
        jobs.find(|job| job.copy.as_ref() == Some(&copy.arn)).map(|job| job.created)
    }

    /// That it has no point is told by itself, unless it had one.
    fn without_point(self) -> DutyState {
        let Vaulted { asset, journal, now, .. } = self.of;
        let landed =
            |id| journal.known().is_some_and(|all| all.landed(id, &Subject::Day(self.day)));
        match self.of.was_taken(self.day) {
            true if landed(&asset.id) => DutyState::Recorded,
            true => broken(VaultCause::PointGone),
            false if now < self.due => DutyState::Pending,
            false => broken(VaultCause::NoPoint),
        }
    }

    fn unlanded(
        self,
        points: &[&RecoveryPoint],
        ours: &[&RecoveryPoint],
        jobs: &[CopyJob],
    ) -> DutyState {
        let jobs: Vec<_> = jobs.iter().filter(|job| self.is_ours(job, points)).collect();
        let moving = |job: &&&CopyJob| job.stand() == Stand::Alive && !self.is_stuck(job);
        let moving = jobs.iter().find(moving);
        let stuck = jobs.iter().find(|job| self.is_stuck(job));
        let bad = jobs.iter().filter(|job| job.stand() == Stand::Bad).max_by_key(|job| job.created);
        if moving.is_none()
            && let Some(stuck) = stuck
        {
            return broken(VaultCause::CopyStuck { id: stuck.id.clone(), since: stuck.created });
        }
        if moving.is_none()
            && let Some(bad) = bad
        {
            return broken(VaultCause::CopyEnded(Ended::of_copy_job(bad)));
        }
        if let Some(fault) = self.refused(points).filter(|_| jobs.is_empty()) {
            return broken(VaultCause::CopyRefused(fault.clone()));
        }
        let first_sight = moving.is_some() && self.of.is_first_seen_after(self.due);
        if self.of.now < self.deadline(points) || first_sight {
            return DutyState::Pending;
        }
        broken(match moving {
            Some(job) => VaultCause::Copying { id: job.id.clone(), state: job.state.clone() },
            None => why(ours, &jobs),
        })
    }

    /// Why this round could not start a copy of one of these points, for good.
    fn refused(self, points: &[&RecoveryPoint]) -> Option<&'a Fault> {
        let of = |tried: &&Tried| {
            tried.asset == self.of.asset.id
                && points.iter().any(|point| point.arn == tried.point.as_str())
        };
        self.of.tried.iter().filter(of).find_map(|tried| match &tried.outcome {
            Outcome::Failed(fault) => Some(fault),
            _ => None,
        })
    }

    /// A job into the dr vault, of one of these points; one that names none yet is of its day.
    fn is_ours(self, job: &CopyJob, points: &[&RecoveryPoint]) -> bool {
        let Vaulted { policy, backed, .. } = self.of;
        job.is_into(&policy.dr, &backed.dr_vault)
            && match &job.source {
                Some(source) => points.iter().any(|point| point.arn == *source),
                None => self.of.is_of(self.day, job.created),
            }
    }

    fn is_stuck(self, job: &CopyJob) -> bool {
        job.state == "CREATED" && self.of.now.duration_since(job.created) > MOST_IN_CREATED
    }

    /// A copy of a point that was taken late, which was told, has the time that the policy gives any.
    fn deadline(self, points: &[&RecoveryPoint]) -> Timestamp {
        let done = points.iter().filter_map(|point| point.done).min();
        let late = done.filter(|done| *done >= self.due - self.allowed);
        late.map_or(self.due, |done| self.due.max(done + self.allowed))
    }
}

/// Why no copy is met, where none is moving.
fn why(ours: &[&RecoveryPoint], jobs: &[&CopyJob]) -> VaultCause {
    if let Some(copy) = ours.iter().find(|copy| copy.is_good()) {
        return VaultCause::OtherKey { copy: copy.arn.clone(), key: copy.key.clone() };
    }
    let done = jobs.iter().any(|job| job.stand() == Stand::Done);
    let state = ours.first().map(|copy| copy.state.clone());
    match done || state.is_some() {
        true => VaultCause::CopyLost { state },
        false => VaultCause::CopyNotStarted,
    }
}
