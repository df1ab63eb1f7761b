//! AWS Backup: vaults, their points, and the jobs of home. Only asked for where assets of it are looked at,
//! and each vault once, however many assets it holds.

use super::points::timestamp;
use super::{Page, all_pages, read};
use crate::session::Session;
use aws_sdk_backup::types::{BackupJob, CopyJob as SdkCopyJob, RecoveryPointByBackupVault};
use aws_smithy_types::DateTime;
use domain::fault::{Fault, FaultKind};
use domain::id::Region;
use domain::policy::Asset;
use domain::seen::{
    ByAsset, CopyJob, Job, OfVaults, OptIn, Place, Read, RecoveryPoint, Sort, Vault,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// AWS Backup gives up to 1,000 records a page.
const PAGE: i32 = 1000;

impl Session<'_> {
    /// What AWS Backup has of these assets: their vaults, whole.
    pub(super) async fn vaults(&self, assets: &[&Asset]) -> OfVaults {
        let places = self.policy().vaults_of(assets.iter().copied());
        if places.is_empty() {
            return OfVaults::nothing();
        }
        let (home, dr): (Vec<Place>, Vec<Place>) =
            places.into_iter().partition(|(region, _)| region == self.home());
        let (of_home, of_dr, jobs, copy_jobs) = tokio::join!(
            self.contents(&home, Some(self.policy().backup_horizon(self.now))),
            // Whole, since the newest copy may be older than what is judged.
            self.contents(&dr, None),
            self.jobs(&home),
            self.copy_jobs(),
        );
        let (mut vaults, mut points) = of_home;
        vaults.extend(of_dr.0);
        points.extend(of_dr.1);
        OfVaults { vaults, points, jobs, copy_jobs }
    }

    /// What AWS Backup is let to protect in both Regions, where the policy has assets of it.
    pub(super) async fn opt_in(&self, whole: bool) -> BTreeMap<Region, Read<OptIn>> {
        if !whole || self.policy().vaults().is_empty() {
            return BTreeMap::new();
        }
        let regions = [self.home().clone(), self.dr().clone()];
        let (home, dr) =
            tokio::join!(Box::pin(self.settings(self.home())), Box::pin(self.settings(self.dr())),);
        regions.into_iter().zip([home, dr]).collect()
    }

    async fn settings(&self, region: &Region) -> Read<OptIn> {
        let call = self.backup_of(region).describe_region_settings().send();
        match self.call("backup:DescribeRegionSettings", region, call).await {
            Ok(answer) => {
                let types = answer.resource_type_opt_in_preference().into_iter().flatten();
                Read::Known(types.map(|(name, on)| (name.clone(), *on)).collect())
            }
            Err(fault) => Read::Unknown(fault),
        }
    }

    /// What is in dr's vaults, for who looks at dr alone.
    pub(super) async fn dr_vaults(&self) -> BTreeMap<Place, Read<ByAsset<RecoveryPoint>>> {
        let mut all = BTreeMap::new();
        for place in self.policy().vaults() {
            if place.0 == *self.dr() {
                let listed = Box::pin(self.recovery_points(&place, None)).await;
                all.insert(place, listed);
            }
        }
        all
    }

    async fn contents(
        &self,
        places: &[Place],
        after: Option<Timestamp>,
    ) -> (BTreeMap<Place, Read<Option<Vault>>>, BTreeMap<Place, Read<ByAsset<RecoveryPoint>>>) {
        let (mut vaults, mut points) = (BTreeMap::new(), BTreeMap::new());
        for place in places {
            let (vault, of) = tokio::join!(
                Box::pin(self.vault(place)),
                Box::pin(self.recovery_points(place, after)),
            );
            vaults.insert(place.clone(), vault);
            points.insert(place.clone(), of);
        }
        (vaults, points)
    }

    async fn vault(&self, (region, name): &Place) -> Read<Option<Vault>> {
        let call = self.backup_of(region).describe_backup_vault().backup_vault_name(name).send();
        match self.call("backup:DescribeBackupVault", region, call).await {
            Ok(answer) => {
                let key = answer.encryption_key_arn().map(str::to_owned);
                let arn = answer.backup_vault_arn().map(str::to_owned);
                let locked = answer.locked().unwrap_or_default();
                let lock = locked.then(|| answer.lock_date().and_then(timestamp));
                Read::Known(Some(Vault { arn, key, lock }))
            }
            Err(fault) if fault.kind == FaultKind::Missing => Read::Known(None),
            Err(fault) => Read::Unknown(fault),
        }
    }

    /// A vault that is not there holds none, which is told of the vault.
    async fn recovery_points(
        &self,
        (region, name): &Place,
        after: Option<Timestamp>,
    ) -> Read<ByAsset<RecoveryPoint>> {
        let mut sort = Sort::new(self.policy(), self.now);
        let fetch = async |marker| self.page_of_points(region, name, after, marker).await;
        let outcome = all_pages(fetch, |point| sort.point(&point)).await;
        match read(outcome, sort.sorted()) {
            Read::Unknown(fault) if fault.kind == FaultKind::Missing => {
                Read::Known(BTreeMap::new())
            }
            read => read,
        }
    }

    async fn page_of_points(
        &self,
        region: &Region,
        name: &str,
        after: Option<Timestamp>,
        marker: Option<String>,
    ) -> Result<Page<RecoveryPoint>, Fault> {
        let call = self
            .backup_of(region)
            .list_recovery_points_by_backup_vault()
            .backup_vault_name(name)
            .set_by_created_after(after.map(instant))
            .set_next_token(marker)
            .max_results(PAGE)
            .send();
        let answer =
            self.call("backup:ListRecoveryPointsByBackupVault", region, Box::pin(call)).await?;
        let points = answer.recovery_points().iter().filter_map(recovery_point).collect();
        Ok((points, answer.next_token().map(str::to_owned)))
    }

    async fn jobs(&self, vaults: &[Place]) -> BTreeMap<String, Read<ByAsset<Job>>> {
        let mut all = BTreeMap::new();
        for (_, vault) in vaults {
            let mut sort = Sort::new(self.policy(), self.now);
            let fetch = async |marker| self.page_of_jobs(vault, marker).await;
            let take = |job: Job| sort.take(&job.resource, job.created, &job);
            let outcome = Box::pin(all_pages(fetch, take)).await;
            all.insert(vault.clone(), read(outcome, sort.sorted()));
        }
        all
    }

    async fn page_of_jobs(&self, vault: &str, marker: Option<String>) -> Result<Page<Job>, Fault> {
        let after = self.policy().backup_horizon(self.now);
        let call = self
            .backup_of(self.home())
            .list_backup_jobs()
            .by_backup_vault_name(vault)
            .by_created_after(instant(after))
            .set_next_token(marker)
            .max_results(PAGE)
            .send();
        let answer = self.call("backup:ListBackupJobs", self.home(), Box::pin(call)).await?;
        let jobs = answer.backup_jobs().iter().filter_map(job).collect();
        Ok((jobs, answer.next_token().map(str::to_owned)))
    }

    /// A copy job is in the Region of its source.
    async fn copy_jobs(&self) -> Read<ByAsset<CopyJob>> {
        let mut sort = Sort::new(self.policy(), self.now);
        let fetch = async |marker| self.page_of_copy_jobs(marker).await;
        let take = |job: CopyJob| sort.take(&job.resource, job.created, &job);
        let outcome = Box::pin(all_pages(fetch, take)).await;
        read(outcome, sort.sorted())
    }

    async fn page_of_copy_jobs(&self, marker: Option<String>) -> Result<Page<CopyJob>, Fault> {
        let after = self.policy().backup_horizon(self.now);
        let call = self
            .backup_of(self.home())
            .list_copy_jobs()
            .by_created_after(instant(after))
            .set_next_token(marker)
            .max_results(PAGE)
            .send();
        let answer = self.call("backup:ListCopyJobs", self.home(), Box::pin(call)).await?;
        let jobs = answer.copy_jobs().iter().filter_map(copy_job).collect();
        Ok((jobs, answer.next_token().map(str::to_owned)))
    }

    fn backup_of(&self, region: &Region) -> &aws_sdk_backup::Client {
        match region == self.home() {
            true => &self.aws.home.backup,
            false => &self.aws.dr.backup,
        }
    }
}

/// What has no ARN, resource or time can prove nothing.
fn recovery_point(point: &RecoveryPointByBackupVault) -> Option<RecoveryPoint> {
    Some(RecoveryPoint {
        arn: point.recovery_point_arn()?.to_owned(),
        resource: point.resource_arn()?.to_owned(),
        created: timestamp(point.creation_date()?)?,
        done: point.completion_date().and_then(timestamp),
        state: point.status()?.as_str().to_owned(),
        key: point.encryption_key_arn().map(str::to_owned),
        planned: point.created_by().is_some_and(|by| by.backup_plan_id().is_some()),
    })
}

fn job(job: &BackupJob) -> Option<Job> {
    Some(Job {
        id: job.backup_job_id()?.to_owned(),
        resource: job.resource_arn()?.to_owned(),
        created: timestamp(job.creation_date()?)?,
        state: job.state()?.as_str().to_owned(),
        category: job.message_category().map(str::to_owned),
        message: job.status_message().map(str::to_owned),
        point: job.recovery_point_arn().map(str::to_owned),
        planned: job.created_by().is_some_and(|by| by.backup_plan_id().is_some()),
    })
}

fn copy_job(job: &SdkCopyJob) -> Option<CopyJob> {
    Some(CopyJob {
        id: job.copy_job_id()?.to_owned(),
        resource: job.resource_arn()?.to_owned(),
        created: timestamp(job.creation_date()?)?,
        state: job.state()?.as_str().to_owned(),
        message: job.status_message().map(str::to_owned),
        source: job.source_recovery_point_arn().map(str::to_owned),
        vault: job.destination_backup_vault_arn()?.to_owned(),
        copy: job.destination_recovery_point_arn().map(str::to_owned),
    })
}

fn instant(moment: Timestamp) -> DateTime {
    DateTime::from_secs(moment.as_second())
}
