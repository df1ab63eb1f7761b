//! Standing conditions: of an asset, of the setup, of the reads themselves.

use super::fate::newest;
use super::{found_of, views};
use crate::day;
use crate::decide::kind_of;
use crate::episode::Subject;
use crate::fault::Fault;
use crate::finding::{Finding, Found};
use crate::id::{AssetId, PointName};
use crate::journal::Journal;
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{AssetSeen, Instance, KeyState, Point, Seen, State};
use crate::tags;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Standing conditions of one asset.
pub(super) fn of_asset(
    policy: &Policy,
    asset: &Asset,
    seen: &AssetSeen,
    now: Timestamp,
) -> Vec<Finding> {
    let mut found = Vec::new();
    match seen.instance.known() {
        None => {}
        Some(None) => {
            found.push(Found::InstanceMissing { renamed_to: seen.renamed_to.clone() });
        }
        Some(Some(instance)) => {
            found.extend(of_instance(policy, asset, instance, now));
            found.extend(replaced(asset, instance, seen));
        }
    }
    let standing = found.into_iter().map(|found| (Subject::Standing, found));
    let all = standing.chain(dr_key(asset, seen)).chain(strange_states(asset, seen));
    all.map(|(subject, found)| found_of(Some(&asset.id), subject, found, now)).collect()
}

fn of_instance(policy: &Policy, asset: &Asset, instance: &Instance, now: Timestamp) -> Vec<Found> {
    let mut found = Vec::new();
    if instance.status.starts_with("inaccessible-encryption-credentials") {
        found.push(Found::KeyInaccessible { status: instance.status.clone() });
    }
    if asset.take == TakenBy::Sonae {
        return found;
    }
    let expected = day::instant(day::of(now, &policy.zone), asset.at, &policy.zone);
    match (instance.retention_days, &instance.window) {
        (Some(0), _) => found.push(Found::BackupsOff),
        (_, Some(window)) if !day::window_holds(window, expected, &policy.zone) => {
            found.push(Found::WindowElsewhere { window: window.clone(), expected });
        }
        _ => {}
    }
    found
}

fn dr_key(asset: &Asset, seen: &AssetSeen) -> Option<(Subject, Found)> {
    let Some(KeyState::Unusable(state)) = seen.dr_key.known() else { return None };
    let (key, state) = (asset.dr_key.clone(), state.clone());
    Some((Subject::key(&key), Found::DrKeyUnusable { key, state }))
}

/// A name can be given to another database; its DbiResourceId cannot.
fn replaced(asset: &Asset, instance: &Instance, seen: &AssetSeen) -> Option<Found> {
    let newest = newest(asset, seen)?;
    let differs = !newest.resource_id.is_empty()
        && !instance.resource_id.is_empty()
        && newest.resource_id != instance.resource_id;
    differs.then(|| Found::InstanceReplaced {
        now: instance.resource_id.clone(),
        before: newest.resource_id.clone(),
    })
}

/// Points and copies of ours in a state that this version does not know.
fn strange_states(asset: &Asset, seen: &AssetSeen) -> Vec<(Subject, Found)> {
    let points = seen.points.known().into_iter().flatten();
    let points = points.filter(|point| kind_of(asset, point).is_some());
    let copies = seen.copies.known().into_iter().flatten();
    let copies = copies.filter(|copy| copy.tags.contains_key(tags::ASSET));
    points.chain(copies).filter_map(strange).collect()
}

fn strange(point: &Point) -> Option<(Subject, Found)> {
    let State::Other(state) = &point.state else { return None };
    let (point, state) = (point.name.clone(), state.clone());
    let subject = Subject::Point(PointName::new(point.bare()));
    Some((subject, Found::UnknownState { point, state }))
}

/// What concerns the whole system.
pub(super) fn of_system(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let all = setup(policy, seen, now).into_iter().chain(unreadable(seen, now));
    all.chain(journal_down(seen, now)).collect()
}

/// A role that lacks a key refuses every copy under it, and an alarm that may not send is none.
fn setup(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let Some(setup) = &seen.setup else { return Vec::new() };
    let lacking = |asset: &Asset| {
        let keys = asset.keys().filter(|key| !setup.granted.contains(*key)).cloned().collect();
        Some(keys).filter(|keys: &Vec<String>| !keys.is_empty())
    };
    let mut findings: Vec<Finding> = views(policy, seen)
        .filter_map(|(asset, _)| {
            let found = Found::NotGranted { keys: lacking(asset)? };
            Some(found_of(Some(&asset.id), Subject::Standing, found, now))
        })
        .collect();
    let oldest = seen.journal.known().and_then(Journal::oldest);
    let a_day = SignedDuration::from_hours(24);
    if !setup.armed && oldest.is_some_and(|oldest| now.duration_since(oldest) >= a_day) {
        findings.push(found_of(None, Subject::Standing, Found::Unarmed, now));
    }
    findings
}

/// Failed reads, one finding per call and Region, naming every asset that cannot be judged for it.
fn unreadable(seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let mut reads: BTreeMap<String, (Fault, BTreeSet<AssetId>)> = BTreeMap::new();
    for (id, view) in &seen.assets {
        for fault in view.faults() {
            let read = format!("{}.{}", fault.region, fault.op);
            let (_, assets) = reads.entry(read).or_insert_with(|| (fault.clone(), BTreeSet::new()));
            assets.insert(id.clone());
        }
    }
    let found = reads.into_iter().map(|(read, (fault, assets))| {
        let assets = assets.into_iter().collect();
        found_of(None, Subject::Read(read), Found::Unreadable { fault, assets }, now)
    });
    found.collect()
}

fn journal_down(seen: &Seen, now: Timestamp) -> Option<Finding> {
    let fault = seen.journal.fault()?.clone();
    Some(found_of(None, Subject::Standing, Found::JournalDown { fault }, now))
}

impl AssetSeen {
    /// The reads of this asset that failed.
    pub fn faults(&self) -> Vec<&Fault> {
        let Self { instance, points, copies, dr_key, .. } = self;
        let faults = [instance.fault(), points.fault(), copies.fault(), dr_key.fault()];
        faults.into_iter().flatten().collect()
    }
}
