//! From the reads of AWS Backup to what is seen of each asset. A vault is read once, however many assets
//! it holds, and folded while paging: what is of no asset, or too old, costs no memory.

use super::{BackedSeen, CopyJob, Job, Read, RecoveryPoint, Vault};
use crate::id::{AssetId, Region};
use crate::policy::{Asset, Backed, Policy};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Things of a listing, by asset.
pub type ByAsset<T> = BTreeMap<AssetId, Vec<T>>;

/// A vault's name and Region.
pub type Place = (Region, String);

/// The reads of AWS Backup of one round; nothing where the policy has no asset there.
#[derive(Debug)]
pub struct OfVaults {
    /// The vaults.
    pub vaults: BTreeMap<Place, Read<Option<Vault>>>,
    /// Their points.
    pub points: BTreeMap<Place, Read<ByAsset<RecoveryPoint>>>,
    /// Backup jobs into home's vaults, by the vault.
    pub jobs: BTreeMap<String, Read<ByAsset<Job>>>,
    /// Copy jobs from home.
    pub copy_jobs: Read<ByAsset<CopyJob>>,
}

/// Folds a listing of things with a resource and a time.
#[derive(Debug)]
pub struct Sort<'a, T> {
    policy: &'a Policy,
    now: Timestamp,
    sorted: ByAsset<T>,
}

impl<'a, T> Sort<'a, T> {
    /// Starts with nothing.
    pub fn new(policy: &'a Policy, now: Timestamp) -> Self {
        Self { policy, now, sorted: BTreeMap::new() }
    }

    /// What was kept.
    pub fn sorted(self) -> ByAsset<T> {
        self.sorted
    }
}

impl<T: Clone> Sort<'_, T> {
    /// Keeps a thing of our assets that is young enough to matter.
    pub fn take(&mut self, resource: &str, created: Timestamp, thing: &T) {
        for asset in self.policy.backed_as(resource) {
            if created >= self.policy.horizon(asset, self.now) {
                self.sorted.entry(asset.id.clone()).or_default().push(thing.clone());
            }
        }
    }
}

impl Sort<'_, RecoveryPoint> {
    /// Keeps a point that is young enough, and each asset's newest good one: the RPO needs it.
    pub fn point(&mut self, point: &RecoveryPoint) {
        self.take(&point.resource, point.created, point);
        for asset in self.policy.backed_as(&point.resource) {
            let horizon = self.policy.horizon(asset, self.now);
            if point.created >= horizon || !point.is_good() {
                continue;
            }
            let kept = self.sorted.entry(asset.id.clone()).or_default();
            match kept.iter_mut().find(|one| one.created < horizon) {
                Some(old) if old.created < point.created => *old = point.clone(),
                Some(_) => {}
                None => kept.push(point.clone()),
            }
        }
    }
}

impl OfVaults {
    /// Where there is no asset of AWS Backup in view.
    pub fn nothing() -> Self {
        Self {
            vaults: BTreeMap::new(),
            points: BTreeMap::new(),
            jobs: BTreeMap::new(),
            copy_jobs: Read::Known(BTreeMap::new()),
        }
    }

    /// Sorts the reads by asset: one that failed is unknown for each asset that it is about.
    pub fn sort(&self, policy: &Policy, assets: &[&Asset]) -> BTreeMap<AssetId, BackedSeen> {
        let of = |asset: &&Asset| Some((asset.id.clone(), self.of(policy, asset)?));
        assets.iter().filter_map(of).collect()
    }

    fn of(&self, policy: &Policy, asset: &Asset) -> Option<BackedSeen> {
        let Backed { vault, dr_vault, .. } = asset.backed()?;
        let [home, dr] =
            [(policy.home.clone(), vault.clone()), (policy.dr.clone(), dr_vault.clone())];
        Some(BackedSeen {
            vault: self.vaults.get(&home)?.clone(),
            dr_vault: self.vaults.get(&dr)?.clone(),
            points: of_asset(self.points.get(&home)?, asset),
            copies: of_asset(self.points.get(&dr)?, asset),
            jobs: of_asset(self.jobs.get(vault)?, asset),
            copy_jobs: of_asset(&self.copy_jobs, asset),
        })
    }
}

fn of_asset<T: Clone>(read: &Read<ByAsset<T>>, asset: &Asset) -> Read<Vec<T>> {
    read.read(|all| all.get(&asset.id).cloned().unwrap_or_default())
}

impl Policy {
    /// The assets that AWS Backup's `ResourceArn` is.
    pub fn backed_as(&self, resource: &str) -> impl Iterator<Item = &Asset> {
        let is = move |asset: &&Asset| asset.backed().is_some_and(|of| of.resource.is(resource));
        self.assets.iter().filter(is)
    }

    /// The first asset whose points or copies are in a vault of one of these names.
    pub fn kept_in(&self, region: &Region, names: &[String]) -> Option<&Asset> {
        self.assets.iter().find(|asset| {
            let vault = asset.backed().and_then(|of| match region {
                region if *region == self.home => Some(&of.vault),
                region if *region == self.dr => Some(&of.dr_vault),
                _ => None,
            });
            vault.is_some_and(|vault| names.contains(vault))
        })
    }

    /// The vaults of all assets, home's and dr's.
    pub fn vaults(&self) -> BTreeSet<Place> {
        self.vaults_of(self.assets.iter())
    }

    /// The vaults of some assets, home's and dr's.
    pub fn vaults_of<'a>(&self, assets: impl Iterator<Item = &'a Asset>) -> BTreeSet<Place> {
        let backed = assets.filter_map(Asset::backed);
        let both = |of: &Backed| {
            [(self.home.clone(), of.vault.clone()), (self.dr.clone(), of.dr_vault.clone())]
        };
        backed.flat_map(both).collect()
    }

    /// Nothing of AWS Backup from before this moment is of use, but for the newest point.
    pub fn backup_horizon(&self, now: Timestamp) -> Timestamp {
        let backed = self.assets.iter().filter(|asset| asset.backed().is_some());
        backed.map(|asset| self.horizon(asset, now)).min().unwrap_or(now)
    }
}
