//! From the reads of a round to what is seen of each asset.

use super::{AssetSeen, Instance, KeyState, Point, Read, Seen, State};
use crate::id::AssetId;
use crate::journal::Journal;
use crate::policy::{Asset, Policy};
use crate::tags;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Folds a Region's points into what the policy's assets need, while paging, so that a fleet with
/// tens of thousands of old points costs no memory.
#[derive(Debug)]
pub struct Fold<'a> {
    policy: &'a Policy,
    now: Timestamp,
    kept: BTreeMap<AssetId, Vec<Point>>,
}

impl<'a> Fold<'a> {
    /// Starts with nothing.
    pub fn new(policy: &'a Policy, now: Timestamp) -> Self {
        Self { policy, now, kept: BTreeMap::new() }
    }

    /// Keeps a point of one of our assets if it is young enough to matter, and each asset's newest.
    pub fn take(&mut self, point: Point) {
        let Some(asset) = self.policy.asset_of_instance(&point.instance) else { return };
        if self.is_of_another_region(&point) {
            return;
        }
        let horizon = self.policy.horizon(asset, self.now);
        let kept = self.kept.entry(asset.id.clone()).or_default();
        if point.created.is_some_and(|created| created < horizon) {
            keep_newest(kept, point, horizon);
        } else {
            kept.push(point);
        }
    }

    /// A database of another Region may have the same name, and its copies the same tags.
    fn is_of_another_region(&self, point: &Point) -> bool {
        let sources = || point.source.iter().chain(point.tags.get(tags::SOURCE_ARN));
        let ours = |arn: &String| arn.split(':').nth(3) == Some(self.policy.home.as_str());
        sources().next().is_some() && !sources().any(ours)
    }

    /// What was kept, by asset.
    pub fn kept(self) -> BTreeMap<AssetId, Vec<Point>> {
        self.kept
    }
}

/// Of the old points only the newest that is of use stays: the RPO needs it. Of copies that is one
/// that is kept, under whatever key, so that a stranger's newer snapshot cannot hide it.
fn keep_newest(kept: &mut Vec<Point>, point: Point, horizon: Timestamp) {
    let copied = point.source.is_some();
    if point.state != State::Available || copied && !point.tags.contains_key(tags::KEEP_UNTIL) {
        return;
    }
    let old = kept.iter().position(|rival| {
        rival.source.is_some() == copied && rival.created.is_some_and(|created| created < horizon)
    });
    match old.and_then(|at| kept.get_mut(at)) {
        Some(rival) if rival.created < point.created => *rival = point,
        Some(_) => {}
        None => kept.push(point),
    }
}

/// The reads of one round, before they are sorted by asset.
#[derive(Debug)]
pub struct Reads {
    /// Instances of home; for one asset, that one or none.
    pub instances: Read<Vec<Instance>>,
    /// Points of home, folded.
    pub points: Read<BTreeMap<AssetId, Vec<Point>>>,
    /// Points of dr, folded.
    pub copies: Read<BTreeMap<AssetId, Vec<Point>>>,
    /// dr keys by ARN.
    pub keys: BTreeMap<String, Read<KeyState>>,
    /// The journal.
    pub journal: Read<Journal>,
}

impl Reads {
    /// Sorts the reads by asset: a read that failed is unknown for each of them.
    pub fn sort(mut self, assets: &[&Asset]) -> Seen {
        let views = assets.iter().map(|asset| (asset.id.clone(), self.of(asset)));
        let assets = views.collect();
        Seen { assets, journal: self.journal, setup: None, heartbeat: None, lost: None }
    }

    fn of(&mut self, asset: &Asset) -> AssetSeen {
        let id = asset.id.as_str();
        let points = moved(&mut self.points, &asset.id);
        AssetSeen {
            renamed_to: self.renamed(id, &points),
            instance: self.instances.read(|all| all.iter().find(|one| one.id == id).cloned()),
            points,
            copies: moved(&mut self.copies, &asset.id),
            dr_key: self
                .keys
                .get(&asset.dr_key)
                .cloned()
                .unwrap_or_else(|| Read::Known(KeyState::Unusable("Missing".to_owned()))),
            held: BTreeSet::new(),
        }
    }

    /// The name under which another instance carries the DbiResourceId of this one's points.
    fn renamed(&self, id: &str, points: &Read<Vec<Point>>) -> Option<String> {
        let named = |point: &&Point| !point.resource_id.is_empty();
        let newest = points.known()?.iter().filter(named).max_by_key(|point| point.created)?;
        let same = |one: &&Instance| one.resource_id == newest.resource_id && one.id != id;
        self.instances.known()?.iter().find(same).map(|one| one.id.clone())
    }
}

/// An asset's points, no longer among the others: a fleet's are too many to have them twice.
fn moved(points: &mut Read<BTreeMap<AssetId, Vec<Point>>>, id: &AssetId) -> Read<Vec<Point>> {
    match points {
        Read::Known(all) => Read::Known(all.remove(id).unwrap_or_default()),
        Read::Unknown(fault) => Read::Unknown(fault.clone()),
    }
}
