//! What a sweep finds: deletions that were stopped, or refused, and assets that have left the policy.

use super::orphan::{Orphan, Why};
use super::{Lot, Plan, Stock};
use crate::duty::Tried;
use crate::episode::{EpisodeKey, Subject};
use crate::fault::Fault;
use crate::finding::{Finding, Found};
use crate::id::{AssetId, PointName, Region};
use crate::judge::Judgement;
use crate::seen::Read;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Judges what became of a plan.
pub fn judge(plan: &Plan, tried: &[Tried], now: Timestamp) -> Judgement {
    let stopped = plan.lots.iter().filter_map(|lot| stopped(lot, now));
    let findings = stopped.chain(undeletable(plan, tried, now)).chain(orphaned(plan, now));
    Judgement { findings: findings.collect(), ..Judgement::default() }
}

/// Whether an episode of sweep that was not found is over: everything that could show it was read.
pub fn is_over(stock: &Stock) -> bool {
    let all = [&stock.home, &stock.dr].map(|region| [&region.instances, &region.clusters]);
    all.as_flattened().iter().all(|read| matches!(read, Read::Known(_)))
}

fn stopped(lot: &Lot, now: Timestamp) -> Option<Finding> {
    let number = lot.stopped.clone()?;
    let what = Found::SweepStopped {
        region: lot.region.clone(),
        number,
        gone: lot.gone.iter().map(|delete| (delete.name.clone(), delete.created)).collect(),
        all: lot.gone.len() + lot.kept.len(),
    };
    Some(found(Some(&lot.asset), Subject::item(lot.region.as_str()), what, now))
}

/// Refused deletions, one finding per asset and Region.
fn undeletable(plan: &Plan, tried: &[Tried], now: Timestamp) -> Vec<Finding> {
    let mut lots: BTreeMap<(&AssetId, &Region), (&Fault, Vec<PointName>)> = BTreeMap::new();
    let deletions = plan.deletions();
    for (delete, tried) in deletions.iter().zip(tried) {
        let Some(fault) = tried.outcome.fault() else { continue };
        let lot = lots.entry((&delete.asset, &delete.region)).or_insert((fault, Vec::new()));
        lot.1.push(delete.name.clone());
    }
    let of_lot = |((asset, region), (fault, points)): ((&AssetId, &Region), (&Fault, _))| {
        let what = Found::Undeletable { fault: fault.clone(), points };
        found(Some(asset), Subject::item(region.as_str()), what, now)
    };
    lots.into_iter().map(of_lot).collect()
}

/// Assets that have left the policy and still have points, one finding each.
fn orphaned(plan: &Plan, now: Timestamp) -> Vec<Finding> {
    let mut assets: BTreeMap<&str, Vec<&Orphan>> = BTreeMap::new();
    for orphan in plan.orphans.iter().filter(|orphan| orphan.why == Why::NotInPolicy) {
        assets.entry(&orphan.asset).or_default().push(orphan);
    }
    let of_asset = |(asset, orphans): (&str, Vec<&Orphan>)| {
        let what = Found::Orphaned {
            asset: asset.to_owned(),
            points: orphans.len(),
            oldest: orphans.iter().filter_map(|orphan| orphan.created).min(),
            gib: orphans.iter().filter_map(|orphan| orphan.size_gib).map(i64::from).sum(),
        };
        found(None, Subject::item(asset), what, now)
    };
    assets.into_iter().map(of_asset).collect()
}

fn found(asset: Option<&AssetId>, subject: Subject, what: Found, since: Timestamp) -> Finding {
    let key = EpisodeKey { asset: asset.cloned(), kind: what.kind(), subject };
    Finding { key, severity: what.severity(), what, since, rpo: None }
}
