//! What AWS Backup owes, and whether its vaults are there.

use super::{broken, found_of};
use crate::duty::{Duty, Tried, Vaulted};
use crate::episode::Subject;
use crate::fault::Fault;
use crate::finding::{Finding, Found, Rpo};
use crate::policy::{Asset, Policy};
use crate::seen::{BackedSeen, Place, Read, Seen, Vault};
use jiff::Timestamp;
use std::collections::BTreeSet;

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

/// The vaults that are not there: one finding each, however many assets it is for.
pub(super) fn missing(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let all = vaults(policy, seen);
    let gone = all.filter(|(_, read)| matches!(read, Read::Known(None))).map(|(place, _)| place);
    let gone: BTreeSet<Place> = gone.collect();
    let found = gone.into_iter().map(|place| {
        let subject = subject_of(&place);
        let (region, vault) = place;
        found_of(None, subject, Found::VaultMissing { region, vault }, now)
    });
    found.collect()
}

/// Whether the vault of this subject was seen to be there.
pub(super) fn is_there(policy: &Policy, seen: &Seen, subject: &Subject) -> bool {
    let mut named = vaults(policy, seen).filter(|(place, _)| subject_of(place) == *subject);
    named.any(|(_, read)| matches!(read, Read::Known(Some(_))))
}

/// Whether the policy still names it.
pub(super) fn is_named(policy: &Policy, subject: &Subject) -> bool {
    policy.vaults().iter().any(|place| subject_of(place) == *subject)
}

fn vaults<'s>(
    policy: &'s Policy,
    seen: &'s Seen,
) -> impl Iterator<Item = (Place, &'s Read<Option<Vault>>)> {
    let views = seen.backed.iter().filter_map(|(id, view)| Some((policy.asset(id)?, view)));
    views.flat_map(|(asset, view)| {
        let of = asset.backed().map(|of| {
            let home = (policy.home.clone(), of.vault.clone());
            let dr = (policy.dr.clone(), of.dr_vault.clone());
            [(home, &view.vault), (dr, &view.dr_vault)]
        });
        of.into_iter().flatten()
    })
}

fn subject_of((region, vault): &Place) -> Subject {
    Subject::item(&format!("{region}.{vault}"))
}

impl BackedSeen {
    /// The reads of this asset that failed.
    pub fn faults(&self) -> Vec<&Fault> {
        let Self { vault, dr_vault, points, copies, jobs, copy_jobs } = self;
        let vaults = [vault.fault(), dr_vault.fault(), points.fault(), copies.fault()];
        vaults.into_iter().chain([jobs.fault(), copy_jobs.fault()]).flatten().collect()
    }
}
