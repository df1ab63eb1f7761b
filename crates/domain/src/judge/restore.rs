//! What a restore in dr would lack: groups, the way back to any second, the keys of older points. A group
//! and a key are told once, however many assets need them.

use super::{found_of, views};
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::fault::Fault;
use crate::finding::{Finding, Found};
use crate::id::{AssetId, Region};
use crate::policy::{Asset, Policy};
use crate::seen::{AssetSeen, Group, Lock, Read, Seen};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// RDS stops replicating by itself when a key or a right is lost, and goes on calling the replication
/// what it was: what it can be restored to is the proof (RDS User Guide, Troubleshooting stopped
/// cross-Region automated backups).
pub(super) fn behind(asset: &Asset, seen: &AssetSeen, now: Timestamp) -> Option<(Subject, Found)> {
    let within = asset.dr_pitr?;
    let latest = *seen.pitr.as_ref()?.known()?;
    let found = Found::PitrBehind { latest, within };
    (!reaches(latest, within, now)).then_some((Subject::Standing, found))
}

fn reaches(latest: Option<Timestamp>, within: SignedDuration, now: Timestamp) -> bool {
    latest.is_some_and(|latest| now.duration_since(latest) <= within)
}

/// What is under one key.
struct Locked<'v> {
    region: &'v Region,
    points: Vec<(AssetId, u32)>,
}

/// Groups that dr lacks, and keys that only older points are under and that cannot be used.
pub(super) fn of_system(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let mut groups: BTreeMap<&Group, Vec<AssetId>> = BTreeMap::new();
    let mut locked: BTreeMap<(&str, &str), Locked<'_>> = BTreeMap::new();
    for (asset, view) in views(policy, seen) {
        for (group, _) in view.groups.iter().filter(|(_, there)| there.known() == Some(&false)) {
            groups.entry(group).or_default().push(asset.id.clone());
        }
        for (lock, state) in view.locks.iter().filter_map(|lock| Some((lock, trouble(lock)??))) {
            let none = || Locked { region: &lock.region, points: Vec::new() };
            let of_key = locked.entry((&lock.key, state)).or_insert_with(none);
            of_key.points.push((asset.id.clone(), lock.points));
        }
    }
    let missing = groups.into_iter().map(|(group, assets)| {
        let found = Found::GroupMissing { group: group.clone(), assets };
        found_of(None, Subject::item(&group.to_string()), found, now)
    });
    let locked = locked.into_iter().map(|((key, state), Locked { region, points })| {
        let subject = Subject::key_in(key, state);
        let (region, key, state) = (region.clone(), key.to_owned(), state.to_owned());
        found_of(None, subject, Found::PointsLocked { region, key, state, points }, now)
    });
    missing.chain(locked).collect()
}

/// Whether it was seen that it is there, or works, again.
pub(super) fn is_whole(key: &EpisodeKey, seen: &Seen) -> bool {
    let mut views = seen.assets.values();
    views.any(|view| match key.kind {
        Kind::GroupMissing => view.groups.iter().any(|(group, there)| {
            there.known() == Some(&true) && Subject::item(&group.to_string()) == key.subject
        }),
        Kind::PointsLocked => lock(key, view).and_then(trouble) == Some(None),
        _ => false,
    })
}

/// Whether nothing needs it any more: no database runs with the group, no point is under the key, or the
/// key went from one trouble into another, which is told by itself.
pub(super) fn is_over(key: &EpisodeKey, policy: &Policy, seen: &Seen) -> bool {
    let mut all = views(policy, seen);
    match key.kind {
        Kind::GroupMissing => all.all(|(asset, view)| match &view.database {
            Read::Known(Some(database)) => !asset
                .groups(database)
                .any(|group| Subject::item(&group.to_string()) == key.subject),
            Read::Known(None) => true,
            Read::Unknown(_) => false,
        }),
        Kind::PointsLocked => all.all(|(_, view)| match lock(key, view) {
            None => view.points.known().is_some() && view.copies.known().is_some(),
            Some(lock) => trouble(lock).is_some_and(|now| now.is_some()),
        }),
        _ => false,
    }
}

fn lock<'v>(key: &EpisodeKey, view: &'v AssetSeen) -> Option<&'v Lock> {
    view.locks.iter().find(|lock| key.subject.is_key(&lock.key))
}

/// Its trouble, where it could be looked at.
fn trouble(lock: &Lock) -> Option<Option<&str>> {
    lock.state.known().map(|key| key.trouble())
}

/// The reads of it that failed.
pub(super) fn faults(view: &AssetSeen) -> impl Iterator<Item = &Fault> {
    let groups = view.groups.values().filter_map(Read::fault);
    let keys = view.locks.iter().filter_map(|lock| lock.state.fault());
    groups.chain(view.pitr.as_ref().and_then(Read::fault)).chain(keys)
}
