//! What to do about each point in a vault of AWS Backup. Its plans copy their own; one that somebody took
//! by hand is copied by nobody else.

use super::too_early;
use crate::id::PointName;
use crate::policy::{Asset, Backed, Policy};
use crate::seen::{BackedSeen, CopyJob, Read, RecoveryPoint, Stand};
use crate::step::{Action, PointCopy, Rest, Step};
use crate::tags::StartedBy;
use jiff::Timestamp;

/// A step for every point of the asset in home's vault.
pub fn of_vault(
    policy: &Policy,
    asset: &Asset,
    seen: &BackedSeen,
    by: StartedBy,
    now: Timestamp,
) -> Vec<(PointName, Step)> {
    let Some(backed) = asset.backed() else { return Vec::new() };
    let case = Case { policy, asset, backed, seen, by, now };
    let points = seen.points.known().into_iter().flatten();
    let step = |point| case.about(point).map_or_else(Step::Rest, Step::Do);
    points.map(|point| (PointName::new(&point.arn), step(point))).collect()
}

#[derive(Clone, Copy)]
struct Case<'a> {
    policy: &'a Policy,
    asset: &'a Asset,
    backed: &'a Backed,
    seen: &'a BackedSeen,
    by: StartedBy,
    now: Timestamp,
}

impl Case<'_> {
    fn about(self, point: &RecoveryPoint) -> Result<Action, Rest> {
        let Self { policy, asset, backed, seen, by, now } = self;
        if point.planned {
            return Err(Rest::Planned);
        }
        let role = backed.role.as_ref().ok_or(Rest::NotSelected)?;
        if let Some(rest) = too_early(policy, asset, point.created, now) {
            return Err(rest);
        }
        self.sound(point)?;
        self.uncopied(point)?;
        let vault = known(&seen.dr_vault)?.as_ref().and_then(|vault| vault.arn.clone());
        let into = vault.ok_or_else(|| Rest::NotReady(format!("no {}", backed.dr_vault)))?;
        Ok(Action::CopyPoint(PointCopy {
            asset: asset.id.clone(),
            point: point.arn.clone(),
            created: point.created,
            from: backed.vault.clone(),
            into,
            role: role.clone(),
            by,
        }))
    }

    fn sound(self, point: &RecoveryPoint) -> Result<(), Rest> {
        known(&self.seen.jobs)?;
        match point.state.as_str() {
            _ if point.may_come() => Err(Rest::NotReady(point.state.clone())),
            _ if self.seen.is_by_hand(point) != Some(true) => Err(Rest::NotOurs),
            _ if point.is_continuous() => Err(Rest::NotOurs),
            _ if self.seen.is_flawed(point) == Some(true) => Err(Rest::PointFailed),
            _ if point.is_good() => Ok(()),
            _ => Err(Rest::PointFailed),
        }
    }

    /// A job of it in any state, or a copy, ends it: asked for a second time with the same token, AWS Backup
    /// says yes and does nothing (API reference, StartCopyJob, IdempotencyToken).
    fn uncopied(self, point: &RecoveryPoint) -> Result<(), Rest> {
        let Self { policy, backed, seen, .. } = self;
        let (copies, jobs) = (known(&seen.copies)?, known(&seen.copy_jobs)?);
        if let Some(copy) = copies.iter().find(|copy| seen.is_copy_of(copy, point)) {
            let name = PointName::new(&copy.arn);
            return Err(match () {
                () if copy.is_good() => Rest::Landed(name),
                () if copy.may_come() => Rest::Underway(name),
                () => Rest::AttemptsSpent,
            });
        }
        let into = |job: &&CopyJob| job.is_into(&policy.dr, &backed.dr_vault);
        let its = |job: &&CopyJob| match &job.source {
            Some(source) => *source == point.arn,
            // A job that does not say yet what it copies may be this point's.
            None => job.stand() == Stand::Alive,
        };
        match jobs.iter().filter(into).find(its) {
            None => Ok(()),
            Some(job) if job.stand() == Stand::Bad => Err(Rest::AttemptsSpent),
            Some(job) => Err(Rest::Underway(PointName::new(&job.id))),
        }
    }
}

fn known<T>(read: &Read<T>) -> Result<&T, Rest> {
    match read {
        Read::Known(value) => Ok(value),
        Read::Unknown(fault) => Err(Rest::Unsure(fault.clone())),
    }
}
