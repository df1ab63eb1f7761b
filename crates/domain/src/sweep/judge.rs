//! What a sweep finds: deletions that were stopped, or refused, and assets that have left the policy.

use super::orphan::{Orphan, Why};
use super::{Kept, Lot, Plan, Stock, plural};
use crate::duty::Tried;
use crate::episode::{EpisodeKey, Subject};
use crate::fault::{Fault, FaultKind};
use crate::finding::{Finding, Found};
use crate::id::{AssetId, Family, PointName};
use crate::judge::{Fate, Judgement};
use crate::step::Delete;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Judges what became of a plan.
pub fn judge(plan: &Plan, tried: &[Tried], now: Timestamp) -> Judgement {
    let stopped = plan.lots.iter().filter_map(|lot| stopped(lot, now));
    let findings = stopped.chain(undeletable(plan, tried, now)).chain(orphaned(plan, now));
    let done: BTreeSet<&PointName> = tried
        .iter()
        .filter(|tried| tried.outcome.fault().is_none())
        .map(|tried| &tried.point)
        .collect();
    let unfinished = plan.lots.iter().filter(|lot| is_unfinished(lot, &done));
    Judgement {
        findings: findings.collect(),
        unfinished: unfinished.map(|lot| (lot.asset.clone(), lot.place())).collect(),
        ..Judgement::default()
    }
}

/// Something may go and is still there, or would but for a key.
fn is_unfinished(lot: &Lot, done: &BTreeSet<&PointName>) -> bool {
    lot.gone.iter().any(|delete| !done.contains(&delete.name))
        || lot.kept.iter().any(|(_, why)| *why == Kept::Key)
}

/// What became of an episode of sweep that was not found: whole once everything was seen, and nothing
/// that it is about is left undone.
pub fn fate(judgement: &Judgement, stock: &Stock, key: &EpisodeKey) -> Fate {
    let all = [&stock.home, &stock.dr].map(|region| [&region.instances, &region.clusters]);
    let listed = all.as_flattened().iter().all(|read| read.known().is_some());
    let keys = stock.keys.values().all(|read| read.known().is_some());
    let unfinished = judgement.unfinished.iter().any(|(asset, place)| {
        key.asset.as_ref() == Some(asset) && key.subject == Subject::item(place)
    });
    match key.kind.is_of_sweep() && listed && keys && !unfinished {
        true => Fate::Whole,
        false => Fate::Open,
    }
}

fn stopped(lot: &Lot, now: Timestamp) -> Option<Finding> {
    let number = lot.stopped.clone()?;
    let what = Found::SweepStopped {
        region: lot.region.clone(),
        number,
        gone: lot.gone.iter().map(|delete| (delete.name.clone(), delete.created)).collect(),
        all: lot.all(),
    };
    Some(found(Some(&lot.asset), Subject::item(&lot.place()), what, now))
}

/// Refused deletions, one finding per lot. What there was no time for is no refusal.
fn undeletable(plan: &Plan, tried: &[Tried], now: Timestamp) -> Vec<Finding> {
    let refused = |delete: &Delete| {
        let tried =
            tried.iter().find(|tried| tried.point == delete.name && tried.asset == delete.asset);
        let fault = tried?.outcome.fault().filter(|fault| fault.kind != FaultKind::Late)?;
        (fault.region == delete.region).then_some((fault, delete.name.clone()))
    };
    let of_lot = |lot: &Lot| {
        let refused: Vec<(&Fault, PointName)> = lot.gone.iter().filter_map(refused).collect();
        // What lasts is worth more words than what may pass.
        let fault =
            refused.iter().map(|(fault, _)| *fault).min_by_key(|fault| fault.kind.passes())?;
        let (fault, points) =
            (fault.clone(), refused.iter().map(|(_, name)| name.clone()).collect());
        let what = Found::Undeletable { fault, points };
        Some(found(Some(&lot.asset), Subject::item(&lot.place()), what, now))
    };
    plan.lots.iter().filter_map(of_lot).collect()
}

/// Assets that have left the policy and still have points, one finding each.
fn orphaned(plan: &Plan, now: Timestamp) -> Vec<Finding> {
    let mut assets: BTreeMap<(&str, Family), Vec<&Orphan>> = BTreeMap::new();
    for orphan in plan.orphans.iter().filter(|orphan| orphan.why == Why::NotInPolicy) {
        assets.entry((&orphan.asset, orphan.family)).or_default().push(orphan);
    }
    let of_asset = |((asset, family), orphans): ((&str, Family), Vec<&Orphan>)| {
        let what = Found::Orphaned {
            asset: asset.to_owned(),
            family,
            points: orphans.len(),
            oldest: orphans.iter().filter_map(|orphan| orphan.created).min(),
            gib: orphans.iter().filter_map(|orphan| orphan.size_gib).map(i64::from).sum(),
        };
        found(None, Subject::item(&format!("{asset}.{}", plural(family))), what, now)
    };
    assets.into_iter().map(of_asset).collect()
}

fn found(asset: Option<&AssetId>, subject: Subject, what: Found, since: Timestamp) -> Finding {
    let key = EpisodeKey { asset: asset.cloned(), kind: what.kind(), subject };
    Finding { key, severity: what.severity(), what, since, rpo: None }
}
