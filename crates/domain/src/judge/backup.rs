//! What AWS Backup owes of an asset.

use super::broken;
use crate::duty::{Duty, Tried, Vaulted};
use crate::fault::Fault;
use crate::finding::{Finding, Rpo};
use crate::policy::{Asset, Policy};
use crate::seen::{BackedSeen, Seen};
use jiff::Timestamp;

/// The duties of an asset of AWS Backup, and what is told of them.
pub(super) fn of_asset(
    policy: &Policy,
    asset: &Asset,
    view: &BackedSeen,
    seen: &Seen,
    tried: &[Tried],
    now: Timestamp,
) -> (Vec<Duty>, Vec<Finding>) {
    let Some(backed) = asset.backed() else { return (Vec::new(), Vec::new()) };
    let journal = &seen.journal;
    let duties = Vaulted { policy, asset, backed, seen: view, tried, journal, now }.duties();
    // What was not read is neither there nor missing.
    let read = view.copies.known().is_some();
    let rpo = read.then(|| Rpo { newest: view.newest_copy(), objective: asset.rpo });
    let findings = broken(&duties, rpo, now);
    (duties, findings)
}

impl BackedSeen {
    /// The reads of this asset that failed.
    pub fn faults(&self) -> Vec<&Fault> {
        let Self { vault, dr_vault, points, copies, jobs, copy_jobs } = self;
        let vaults = [vault.fault(), dr_vault.fault(), points.fault(), copies.fault()];
        vaults.into_iter().chain([jobs.fault(), copy_jobs.fault()]).flatten().collect()
    }
}
