//! From what was seen to what is found. Nothing here remembers: the same sight gives the same
//! findings.

mod backup;
mod bucket;
mod database;
mod fate;
mod host;
mod keys;
mod news;
mod restore;
mod system;
mod tagged;
mod vaults;
mod verdicts;

use crate::duty::{self, Cause, Duty, DutyState, Evidence, Tried, What};
use crate::episode::{EpisodeKey, Subject};
use crate::finding::{Finding, Found, Rpo};
use crate::id::AssetId;
use crate::policy::{Asset, Policy};
use crate::seen::{AssetSeen, Seen};
use jiff::Timestamp;
use std::collections::BTreeSet;

pub use bucket::{health, of_buckets};
pub use fate::Fate;

/// What a round found.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Every duty that has begun and is not too old.
    pub duties: Vec<Duty>,
    /// Everything worth telling, good news included.
    pub findings: Vec<Finding>,
    /// After a sweep: whose points of which place are not all gone that may go.
    pub unfinished: BTreeSet<(AssetId, String)>,
}

/// Judges everything in view.
pub fn judge(policy: &Policy, seen: &Seen, tried: &[Tried], now: Timestamp) -> Judgement {
    let mut judgement = Judgement::default();
    for (asset, view) in views(policy, seen) {
        let evidence = Evidence { policy, asset, seen: view, tried, journal: &seen.journal, now };
        let duties = duty::duties(evidence);
        // What was not read is neither there nor missing.
        let read = view.copies.known().is_some();
        let newest = duty::newest_copy(view);
        let rpo = read.then_some(Rpo { newest, objective: asset.rpo });
        judgement.findings.extend(broken(&duties, rpo, now));
        judgement.findings.extend(database::of_asset(
            policy,
            asset,
            view,
            seen.setup.as_ref(),
            now,
        ));
        judgement.duties.extend(duties);
    }
    for (id, view) in &seen.backed {
        let Some(asset) = policy.asset(id) else { continue };
        let (duties, findings) = backup::of_asset(policy, asset, view, seen, tried, now);
        judgement.duties.extend(duties);
        judgement.findings.extend(findings);
    }
    judgement.findings.extend(vaults::of_vaults(policy, seen, now));
    judgement.findings.extend(verdicts::of_verdicts(policy, seen, now));
    let of_hosts = host::duties(policy, seen, now);
    judgement.findings.extend(broken(&of_hosts, None, now));
    judgement.duties.extend(of_hosts);
    judgement.findings.extend(host::of_hosts(policy, seen, now));
    judgement.findings.extend(tagged::of_tags(policy, seen, now));
    judgement.findings.extend(restore::of_system(policy, seen, now));
    judgement.findings.extend(system::of_system(policy, seen, now));
    judgement.findings.extend(news::good(policy, seen, &judgement.duties, now));
    judgement
}

fn views<'s>(
    policy: &'s Policy,
    seen: &'s Seen,
) -> impl Iterator<Item = (&'s Asset, &'s AssetSeen)> {
    seen.assets.iter().filter_map(|(id, view)| Some((policy.asset(id)?, view)))
}

/// Broken duties. A day without a point has no copy either: that is told once, as not taken, and
/// not while the point may still come.
fn broken(duties: &[Duty], rpo: Option<Rpo>, now: Timestamp) -> Vec<Finding> {
    let untaken: BTreeSet<&Subject> = duties
        .iter()
        .filter(|duty| duty.what == What::Taken)
        .filter(|duty| matches!(duty.state, DutyState::Broken(_) | DutyState::Pending))
        .map(|duty| &duty.subject)
        .collect();
    let told =
        duties.iter().filter(|duty| duty.what == What::Taken || !untaken.contains(&duty.subject));
    told.filter_map(|duty| match &duty.state {
        DutyState::Broken(cause) => Some(broken_duty(duty, cause.clone(), rpo, now)),
        _ => None,
    })
    .collect()
}

fn broken_duty(duty: &Duty, cause: Cause, rpo: Option<Rpo>, now: Timestamp) -> Finding {
    let due = duty.due;
    let found = match duty.what {
        What::Taken => Found::NotTaken { due, cause },
        What::Landed => Found::NotLanded { due, cause },
    };
    let mut finding = found_of(Some(&duty.asset), duty.subject.clone(), found, due.min(now));
    finding.rpo = rpo;
    finding
}

fn found_of(asset: Option<&AssetId>, subject: Subject, what: Found, since: Timestamp) -> Finding {
    let key = EpisodeKey { asset: asset.cloned(), kind: what.kind(), subject };
    Finding { key, severity: what.severity(), what, since, rpo: None }
}
