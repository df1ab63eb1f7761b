//! What stands in dr, by asset: all that there is to ask while home is silent.

use super::{Folded, Point, Read};
use crate::id::{AssetId, Family};
use crate::policy::Policy;
use std::collections::BTreeMap;

/// Sorts dr's points by asset: a listing that failed is unknown for each asset of its family, and an
/// asset that it does not have has none.
pub fn in_dr(
    policy: &Policy,
    mut instances: Read<Folded>,
    mut clusters: Read<Folded>,
) -> BTreeMap<AssetId, Read<Vec<Point>>> {
    let mut of = |family: Family, id: &AssetId| {
        let listed = match family {
            Family::Instance => &mut instances,
            Family::Cluster => &mut clusters,
        };
        match listed {
            Read::Known(all) => Read::Known(all.points.remove(id).unwrap_or_default()),
            Read::Unknown(fault) => Read::Unknown(fault.clone()),
        }
    };
    let databases = policy.assets.iter().filter_map(|asset| Some((asset, asset.family()?)));
    databases.map(|(asset, family)| (asset.id.clone(), of(family, &asset.id))).collect()
}
