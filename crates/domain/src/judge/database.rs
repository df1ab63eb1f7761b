//! Standing conditions of a database, beside its keys.

use super::fate::newest;
use super::{found_of, keys, restore};
use crate::day;
use crate::decide::kind_of;
use crate::episode::Subject;
use crate::finding::{Finding, Found};
use crate::id::{Family, PointName};
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{AssetSeen, Database, Point, Setup, State};
use crate::tags;
use jiff::Timestamp;

/// Standing conditions of one asset; `setup` is that of the function that looks.
pub(super) fn of_asset(
    policy: &Policy,
    asset: &Asset,
    seen: &AssetSeen,
    setup: Option<&Setup>,
    now: Timestamp,
) -> Vec<Finding> {
    let mut found = Vec::new();
    match seen.database.known() {
        None => {}
        Some(None) => found.push(Found::AssetMissing { renamed_to: seen.renamed_to.clone() }),
        Some(Some(database)) => {
            found.extend(of_database(policy, asset, database, now));
            found.extend(of_cluster(database, seen));
            found.extend(replaced(asset, database, seen));
        }
    }
    let standing = found.into_iter().map(|found| (subject_of(&found), found));
    let all = standing.chain(keys::of_asset(asset, seen, setup));
    let all = all.chain(restore::behind(asset, seen, now)).chain(strange_states(asset, seen));
    all.map(|(subject, found)| found_of(Some(&asset.id), subject, found, now)).collect()
}

/// What may become another trouble of its kind is told by its name.
fn subject_of(found: &Found) -> Subject {
    match found {
        Found::KeyInaccessible { status } => Subject::item(status),
        _ => Subject::Standing,
    }
}

fn of_database(policy: &Policy, asset: &Asset, database: &Database, now: Timestamp) -> Vec<Found> {
    let mut found = Vec::new();
    if database.is_cut_off() {
        found.push(Found::KeyInaccessible { status: database.status.clone() });
    }
    if asset.take == TakenBy::Sonae {
        return found;
    }
    let expected = day::instant(day::of(now, &policy.zone), asset.at, &policy.zone);
    match (database.retention_days, &database.window) {
        (Some(0), _) => found.push(Found::BackupsOff),
        (_, Some(window)) if !day::window_holds(window, expected, &policy.zone) => {
            found.push(Found::WindowElsewhere { window: window.clone(), expected });
        }
        _ => {}
    }
    found
}

/// What is not encrypted, and what may keep a cluster from being copied at all.
fn of_cluster(database: &Database, seen: &AssetSeen) -> Vec<Found> {
    let mut found = Vec::new();
    if database.family == Family::Cluster && database.encrypted == Some(false) {
        found.push(Found::Unencrypted);
    }
    let none_landed = seen.copies.known().is_some() && database.copies_in(seen).next().is_none();
    if database.is_multi_az_cluster() && none_landed {
        found.push(Found::Uncopyable { engine: database.engine.clone() });
    }
    found
}

/// A name can be given to another database; its resource id cannot.
fn replaced(asset: &Asset, database: &Database, seen: &AssetSeen) -> Option<Found> {
    let newest = newest(asset, seen)?;
    let differs = !newest.resource_id.is_empty()
        && !database.resource_id.is_empty()
        && newest.resource_id != database.resource_id;
    differs.then(|| Found::AssetReplaced {
        now: database.resource_id.clone(),
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
