//! What a round on the model does: the same calls, settled the same way, as on AWS.

use super::{Sim, fault};
use crate::account::Account;
use crate::backup::PointCopyRequest;
use crate::rds::{CopyRequest, SnapshotQuery, Words};
use domain::fault::{Fault, FaultKind};
use domain::id::{Family, PointName};
use domain::seen::Point;
use domain::step::{Copy, Delete, Outcome, PointCopy, Take};

impl Sim {
    pub(super) fn copy(&self, account: &mut Account, copy: &Copy) -> Outcome {
        let dr = &self.policy.dr;
        let request = CopyRequest {
            source: copy.source.clone(),
            target: copy.target.to_string(),
            key: copy.key.clone(),
            tags: copy.tags.clone(),
        };
        match account.copy_snapshot(dr, copy.family, request) {
            Ok(_) => Outcome::Done,
            Err(error) => {
                let fault = fault(error, Words::of(copy.family).copy, dr);
                settled(account, fault, copy.family, &copy.target, |found| copy.is(found))
            }
        }
    }

    pub(super) fn copy_point(&self, account: &mut Account, copy: &PointCopy) -> Outcome {
        let home = &self.policy.home;
        let asked = PointCopyRequest {
            point: copy.point.clone(),
            from: copy.from.clone(),
            into: copy.into.clone(),
            role: copy.role.clone(),
            token: copy.token(),
        };
        match account.start_copy_job(home, asked) {
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::refused(fault(error, "backup:StartCopyJob", home)),
        }
    }

    /// No call of AWS's, but the script may refuse it like one.
    pub(super) fn ping(&self, account: &mut Account) -> Outcome {
        let home = &self.policy.home;
        match account.enter("watchdog", home, "") {
            Ok(()) => {
                self.pings.borrow_mut().push(account.now);
                Outcome::Done
            }
            Err(error) => Outcome::refused(fault(error, "watchdog", home)),
        }
    }

    pub(super) fn take(&self, account: &mut Account, take: &Take) -> Outcome {
        let home = &self.policy.home;
        let name = take.name.as_str();
        let (family, tags) = (take.family, take.tags.clone());
        match account.create_snapshot(home, family, &take.database, name, tags) {
            Ok(_) => Outcome::Done,
            Err(error) => {
                let fault = fault(error, Words::of(family).create, home);
                settled(account, fault, family, &take.name, |found| take.is(found))
            }
        }
    }

    pub(super) fn delete(&self, account: &mut Account, delete: &Delete) -> Outcome {
        let Delete { region, family, name, .. } = delete;
        let words = Words::of(*family);
        let query = SnapshotQuery { name: Some(name.to_string()), ..SnapshotQuery::default() };
        let refused = |error, op| match fault(error, op, region) {
            fault if fault.kind == FaultKind::Missing => Outcome::Already,
            fault => Outcome::refused(fault),
        };
        match account.describe_snapshots(region, *family, &query) {
            Ok(page) => match page.items.first() {
                Some(found) if delete.is(found) => {}
                Some(_) => return Outcome::Deferred(delete.changed()),
                None => return Outcome::Already,
            },
            Err(error) => return refused(error, words.describe),
        }
        match account.delete_snapshot(region, *family, name.as_str()) {
            Ok(_) => Outcome::Done,
            Err(error) => refused(error, words.delete),
        }
    }
}

/// What a refusal comes to, once it is known what holds the name or what is full.
fn settled(
    account: &mut Account,
    refusal: Fault,
    family: Family,
    name: &PointName,
    is_ours: impl Fn(&Point) -> bool,
) -> Outcome {
    let region = refusal.region.clone();
    match refusal.kind {
        FaultKind::Exists => {
            let query = SnapshotQuery { name: Some(name.to_string()), ..SnapshotQuery::default() };
            match account.describe_snapshots(&region, family, &query) {
                Ok(page) if page.items.iter().any(is_ours) => Outcome::Already,
                Ok(page) if page.items.is_empty() => Outcome::Deferred(refusal),
                Ok(_) => Outcome::refused(refusal),
                Err(error) => match fault(error, Words::of(family).describe, &region) {
                    unread if unread.kind == FaultKind::Missing => Outcome::Deferred(refusal),
                    unread => Outcome::Deferred(unread),
                },
            }
        }
        FaultKind::InFlightFull => {
            let quotas = account.describe_account_attributes(&region).into_iter().flatten();
            let full =
                quotas.into_iter().any(|quota| quota.family == family && quota.used >= quota.max);
            let kind = if full { FaultKind::PointsFull } else { FaultKind::InFlightFull };
            Outcome::refused(Fault { kind, ..refusal })
        }
        _ => Outcome::refused(refusal),
    }
}
