//! AWS Backup: the same reads, folded the same way, as on AWS.

use super::{Sim, fault};
use crate::account::Account;
use crate::backup::{BackupPage, JobQuery, PointQuery};
use crate::script::ApiError;
use domain::fault::FaultKind;
use domain::id::Region;
use domain::policy::{Asset, Tagged};
use domain::seen::{
    ByAsset, CopyJob, Job, OfVaults, OptIn, Place, Read, RecoveryPoint, Sort, Vault,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl Sim {
    pub(super) fn vaults(&self, account: &mut Account, assets: &[&Asset]) -> OfVaults {
        let places = self.policy.vaults_of(assets.iter().copied());
        if places.is_empty() {
            return OfVaults::nothing();
        }
        let home = &self.policy.home;
        let mut of = OfVaults { copy_jobs: self.copy_jobs(account), ..OfVaults::nothing() };
        for place in places {
            let after = (place.0 == *home).then(|| self.policy.backup_horizon(account.now));
            of.vaults.insert(place.clone(), vault(account, &place));
            of.points.insert(place.clone(), self.recovery_points(account, &place, after));
            if place.0 == *home {
                of.jobs.insert(place.1.clone(), self.jobs(account, &place));
            }
        }
        of
    }

    pub(super) fn tagged(&self, account: &mut Account) -> Tagged {
        let home = &self.policy.home;
        let mut of = |(asset, tag): (&Asset, [&str; 2])| {
            let (mut arns, mut token) = (Vec::new(), String::new());
            loop {
                match account.get_resources(home, tag, &token, 100) {
                    Err(error) => {
                        let fault = fault(error, "tag:GetResources", home);
                        return (asset.id.clone(), Read::Unknown(fault));
                    }
                    Ok((page, next)) => {
                        arns.extend(page);
                        token = next;
                    }
                }
                if token.is_empty() {
                    return (asset.id.clone(), Read::Known(arns));
                }
            }
        };
        self.policy.by_tag().map(&mut of).collect()
    }

    pub(super) fn opt_in(
        &self,
        account: &mut Account,
        whole: bool,
    ) -> BTreeMap<Region, Read<OptIn>> {
        if !whole || self.policy.vaults().is_empty() {
            return BTreeMap::new();
        }
        let mut of = |region: &Region| match account.describe_region_settings(region) {
            Ok(types) => (region.clone(), Read::Known(types)),
            Err(error) => {
                let fault = fault(error, "backup:DescribeRegionSettings", region);
                (region.clone(), Read::Unknown(fault))
            }
        };
        [&self.policy.home, &self.policy.dr].map(&mut of).into()
    }

    pub(super) fn dr_vaults(
        &self,
        account: &mut Account,
    ) -> BTreeMap<Place, Read<ByAsset<RecoveryPoint>>> {
        let mut all = BTreeMap::new();
        for place in self.policy.vaults() {
            if place.0 == self.policy.dr {
                let listed = self.recovery_points(account, &place, None);
                all.insert(place, listed);
            }
        }
        all
    }

    fn recovery_points(
        &self,
        account: &mut Account,
        (region, name): &Place,
        after: Option<Timestamp>,
    ) -> Read<ByAsset<RecoveryPoint>> {
        let mut sort = Sort::new(&self.policy, account.now);
        let pages = all_pages(|token| {
            let vault = name.clone();
            let query = PointQuery { vault, after, token, ..PointQuery::default() };
            account.list_recovery_points(region, &query)
        });
        match pages {
            Ok(points) => points.iter().for_each(|point| sort.point(point)),
            Err(error) => match fault(error, "backup:ListRecoveryPointsByBackupVault", region) {
                fault if fault.kind == FaultKind::Missing => {}
                fault => return Read::Unknown(fault),
            },
        }
        Read::Known(sort.sorted())
    }

    fn jobs(&self, account: &mut Account, (region, name): &Place) -> Read<ByAsset<Job>> {
        let mut sort = Sort::new(&self.policy, account.now);
        let after = Some(self.policy.backup_horizon(account.now));
        let pages = all_pages(|token| {
            let query = JobQuery { vault: Some(name.clone()), after, token, ..JobQuery::default() };
            account.list_backup_jobs(region, &query)
        });
        match pages {
            Ok(jobs) => jobs.iter().for_each(|job| sort.take(&job.resource, job.created, job)),
            Err(error) => return Read::Unknown(fault(error, "backup:ListBackupJobs", region)),
        }
        Read::Known(sort.sorted())
    }

    fn copy_jobs(&self, account: &mut Account) -> Read<ByAsset<CopyJob>> {
        let home = &self.policy.home;
        let mut sort = Sort::new(&self.policy, account.now);
        let after = Some(self.policy.backup_horizon(account.now));
        let pages = all_pages(|token| {
            account.list_copy_jobs(home, &JobQuery { after, token, ..JobQuery::default() })
        });
        match pages {
            Ok(jobs) => jobs.iter().for_each(|job| sort.take(&job.resource, job.created, job)),
            Err(error) => return Read::Unknown(fault(error, "backup:ListCopyJobs", home)),
        }
        Read::Known(sort.sorted())
    }
}

fn vault(account: &mut Account, (region, name): &Place) -> Read<Option<Vault>> {
    match account.describe_backup_vault(region, name) {
        Ok(vault) => Read::Known(Some(vault)),
        Err(error) => match fault(error, "backup:DescribeBackupVault", region) {
            fault if fault.kind == FaultKind::Missing => Read::Known(None),
            fault => Read::Unknown(fault),
        },
    }
}

fn all_pages<T>(
    mut fetch: impl FnMut(Option<String>) -> Result<BackupPage<T>, ApiError>,
) -> Result<Vec<T>, ApiError> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let page = fetch(token)?;
        all.extend(page.items);
        token = page.next;
        if token.is_none() {
            return Ok(all);
        }
    }
}
