//! What a restore in dr would lack: groups, the way back to any second, the keys of older points.

use crate::episode::{EpisodeKey, Kind, Subject};
use crate::finding::Found;
use crate::policy::Asset;
use crate::seen::{AssetSeen, Lock, Read};
use jiff::{SignedDuration, Timestamp};

pub(super) fn of_asset(asset: &Asset, seen: &AssetSeen, now: Timestamp) -> Vec<(Subject, Found)> {
    let missing = seen.groups.iter().filter(|(_, there)| there.known() == Some(&false));
    let missing = missing.map(|(group, _)| {
        (Subject::item(&group.to_string()), Found::GroupMissing { group: group.clone() })
    });
    let locked = seen.locks.iter().filter_map(locked);
    missing.chain(behind(asset, seen, now)).chain(locked).collect()
}

/// RDS stops replicating by itself when a key or a right is lost, and goes on calling the replication
/// what it was: what it can be restored to is the proof (RDS User Guide, Troubleshooting stopped
/// cross-Region automated backups).
fn behind(asset: &Asset, seen: &AssetSeen, now: Timestamp) -> Option<(Subject, Found)> {
    let within = asset.dr_pitr?;
    let latest = *seen.pitr.as_ref()?.known()?;
    let found = Found::PitrBehind { latest, within };
    (!reaches(latest, within, now)).then_some((Subject::Standing, found))
}

fn reaches(latest: Option<Timestamp>, within: SignedDuration, now: Timestamp) -> bool {
    latest.is_some_and(|latest| now.duration_since(latest) <= within)
}

fn locked(lock: &Lock) -> Option<(Subject, Found)> {
    let Lock { region, key, points, state } = lock;
    let state = state.known()?.trouble()?;
    let found = Found::PointsLocked {
        region: region.clone(),
        key: key.clone(),
        state: state.to_owned(),
        points: *points,
    };
    Some((Subject::key_in(key, state), found))
}

/// Whether it was seen that nothing of it is lacking any more.
pub(super) fn is_whole(key: &EpisodeKey, view: &AssetSeen) -> bool {
    match key.kind {
        Kind::GroupMissing => {
            let mut there = view.groups.iter().filter(|(_, there)| there.known() == Some(&true));
            there.any(|(group, _)| Subject::item(&group.to_string()) == key.subject)
        }
        Kind::PitrBehind => view.pitr.as_ref().is_some_and(|pitr| pitr.known().is_some()),
        Kind::PointsLocked => lock(key, view).and_then(trouble) == Some(None),
        _ => false,
    }
}

/// Whether nothing needs it any more: another group, no replication asked for, no point under the key,
/// or the key gone from one trouble into another, which is told by itself.
pub(super) fn is_over(key: &EpisodeKey, asset: &Asset, view: &AssetSeen) -> bool {
    let Some(Some(database)) = view.database.known() else { return false };
    match key.kind {
        Kind::GroupMissing => {
            !asset.groups(database).any(|group| Subject::item(&group.to_string()) == key.subject)
        }
        Kind::PitrBehind => asset.dr_pitr.is_none(),
        Kind::PointsLocked => match lock(key, view) {
            None => view.points.known().is_some() && view.copies.known().is_some(),
            Some(lock) => trouble(lock).is_some_and(|now| now.is_some()),
        },
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
pub(super) fn faults(view: &AssetSeen) -> impl Iterator<Item = &crate::fault::Fault> {
    let groups = view.groups.values().filter_map(Read::fault);
    let keys = view.locks.iter().filter_map(|lock| lock.state.fault());
    groups.chain(view.pitr.as_ref().and_then(Read::fault)).chain(keys)
}
