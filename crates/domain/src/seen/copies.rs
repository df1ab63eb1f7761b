//! What stands in dr, by asset: all that there is to ask while home is silent.

use super::{ByAsset, Folded, Place, Point, Read, RecoveryPoint};
use crate::id::{AssetId, Family};
use crate::policy::{Asset, Backed, Policy, Protected, Resource};
use std::collections::BTreeMap;

/// What dr has of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InDr {
    /// Snapshots of a database.
    Points(Vec<Point>),
    /// Recovery points in AWS Backup's vault.
    Vault(Vec<RecoveryPoint>),
}

/// The listings of dr, each whole.
#[derive(Debug)]
pub struct Listings {
    /// Of instances' points.
    pub instances: Read<Folded>,
    /// Of clusters' points.
    pub clusters: Read<Folded>,
    /// Of each of dr's vaults.
    pub vaults: BTreeMap<Place, Read<ByAsset<RecoveryPoint>>>,
}

impl Listings {
    /// Sorts them by asset: a listing that failed is unknown for each asset that it is about, and an
    /// asset that it does not have has none.
    pub fn sort(mut self, policy: &Policy) -> BTreeMap<AssetId, Read<InDr>> {
        let all = policy.assets.iter();
        let of = |asset: &Asset| Some((asset.id.clone(), self.of(policy, asset)?));
        all.filter_map(of).collect()
    }

    fn of(&mut self, policy: &Policy, asset: &Asset) -> Option<Read<InDr>> {
        match &asset.what {
            Protected::Rds(Family::Instance) => Some(points(&mut self.instances, &asset.id)),
            Protected::Rds(Family::Cluster) => Some(points(&mut self.clusters, &asset.id)),
            // What carries a tag is known in home only.
            Protected::Backup(Backed { resource: Resource::Tagged(..), .. }) => None,
            Protected::Backup(Backed { dr_vault, .. }) => {
                let listed = self.vaults.get(&(policy.dr.clone(), dr_vault.clone()))?;
                let of = |all: &ByAsset<_>| all.get(&asset.id).cloned().unwrap_or_default();
                Some(listed.read(of).map(InDr::Vault))
            }
        }
    }
}

fn points(listed: &mut Read<Folded>, id: &AssetId) -> Read<InDr> {
    match listed {
        Read::Known(all) => Read::Known(InDr::Points(all.points.remove(id).unwrap_or_default())),
        Read::Unknown(fault) => Read::Unknown(fault.clone()),
    }
}
