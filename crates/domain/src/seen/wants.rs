//! What a look asks for once it knows the databases and their points. Of one asset that is the key of
//! its database; what only a restore or a person needs is asked for where everything is looked at.

use super::{AssetSeen, GroupKind, Lock, OfFamily, Point, Read, State, Tally};
use crate::decide::kind_of;
use crate::id::{Family, Region};
use crate::policy::Asset;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked for in the second half of a look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// ARNs of keys in home.
    pub home_keys: BTreeSet<String>,
    /// ARNs of keys in dr beside the policy's.
    pub dr_keys: BTreeSet<String>,
    /// Kinds of groups in dr.
    pub groups: BTreeSet<GroupKind>,
    /// Whether dr's replicated automated backups are.
    pub pitr: bool,
}

impl Wants {
    /// What a look at these assets wants; `whole` is one at everything.
    pub fn of(assets: &[&Asset], [instances, clusters]: [&OfFamily; 2], whole: bool) -> Self {
        let keys = instances.keys().chain(clusters.keys()).cloned();
        let mut wants = Self { home_keys: keys.collect(), ..Self::default() };
        for asset in assets.iter().filter(|_| whole) {
            match asset.family() {
                Some(Family::Instance) => wants.add(asset, instances),
                Some(Family::Cluster) => wants.add(asset, clusters),
                None => {}
            }
        }
        wants
    }

    fn add(&mut self, asset: &Asset, family: &OfFamily) {
        self.pitr |= asset.dr_pitr.is_some();
        if let Some(database) = family.database(asset) {
            self.groups.extend(asset.groups(database).map(|group| group.kind));
        }
        let points = family.points.known().and_then(|all| all.points.get(&asset.id));
        self.home_keys.extend(keys_of(asset, points.map_or(&[], Vec::as_slice)).into_keys());
        let in_dr = family.copies.known().and_then(|all| all.tallies.get(&asset.id));
        let keys = in_dr.into_iter().flat_map(|tally| tally.keys.keys());
        self.dr_keys.extend(keys.filter(|key| **key != asset.dr_key).cloned());
    }
}

/// The keys that points are under, beside the one of the database in home and the policy's in dr.
pub(super) fn locks(
    asset: &Asset,
    [home, dr]: [&Region; 2],
    view: &AssetSeen,
    key: impl Fn(&str) -> Option<Read<super::Key>>,
) -> Vec<Lock> {
    let database = view.database.known().and_then(Option::as_ref);
    let own = database.and_then(|database| database.key.as_ref());
    let points = view.points.known().map_or(&[][..], Vec::as_slice);
    let in_home = keys_of(asset, points).into_iter().filter(|(key, _)| Some(key) != own);
    let Tally { keys, .. } = &view.in_dr;
    let in_dr = keys.iter().filter(|(key, _)| **key != asset.dr_key);
    let in_home = in_home.map(|(key, points)| (home, key, points));
    let all = in_home.chain(in_dr.map(|(key, points)| (dr, key.clone(), *points)));
    let lock = |(region, arn, points): (&Region, String, u32)| {
        let state = key(&arn)?;
        Some(Lock { region: region.clone(), key: arn, points, state })
    };
    all.filter_map(lock).collect()
}

/// The keys of home's points that are ours.
fn keys_of(asset: &Asset, points: &[Point]) -> BTreeMap<String, u32> {
    let ours = |point: &&Point| point.state == State::Available && kind_of(asset, point).is_some();
    let mut keys = BTreeMap::new();
    for key in points.iter().filter(ours).filter_map(|point| point.key.as_ref()) {
        *keys.entry(key.clone()).or_default() += 1;
    }
    keys
}
