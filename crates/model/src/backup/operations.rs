//! The operations of AWS Backup that look.

use super::Sight;
use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;
use domain::seen::{CopyJob, Job, OptIn, RecoveryPoint, Vault};
use jiff::Timestamp;

/// A page of a listing.
#[derive(Clone, Debug)]
pub struct BackupPage<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// NextToken.
    pub next: Option<String>,
}

/// What ListRecoveryPointsByBackupVault is asked for.
#[derive(Clone, Debug, Default)]
pub struct PointQuery {
    /// BackupVaultName.
    pub vault: String,
    /// ByResourceArn.
    pub resource: Option<String>,
    /// ByCreatedAfter.
    pub after: Option<Timestamp>,
    /// NextToken.
    pub token: Option<String>,
    /// MaxResults.
    pub max: Option<usize>,
}

/// What ListBackupJobs and ListCopyJobs are asked for.
#[derive(Clone, Debug, Default)]
pub struct JobQuery {
    /// ByBackupVaultName, of backup jobs.
    pub vault: Option<String>,
    /// ByCreatedAfter.
    pub after: Option<Timestamp>,
    /// NextToken.
    pub token: Option<String>,
    /// MaxResults.
    pub max: Option<usize>,
}

impl Account {
    /// DescribeBackupVault.
    ///
    /// # Errors
    /// ResourceNotFoundException.
    pub fn describe_backup_vault(
        &mut self,
        region: &Region,
        name: &str,
    ) -> Result<Vault, ApiError> {
        self.enter("backup:DescribeBackupVault", region, name)?;
        let key = Some(self.vault(region, name)?);
        let arn = Some(format!("arn:aws:backup:{region}:{}:backup-vault:{name}", self.id));
        let lock = self.backups.locks.get(&(region.clone(), name.to_owned())).copied();
        Ok(Vault { arn, key, lock })
    }

    /// DescribeRegionSettings: ResourceTypeOptInPreference.
    ///
    /// # Errors
    /// What the script refuses.
    pub fn describe_region_settings(&mut self, region: &Region) -> Result<OptIn, ApiError> {
        self.enter("backup:DescribeRegionSettings", region, "")?;
        Ok(self.backups.opt_in.get(region).cloned().unwrap_or_default())
    }

    /// ListRecoveryPointsByBackupVault.
    ///
    /// # Errors
    /// ResourceNotFoundException; a token that is not one.
    pub fn list_recovery_points(
        &mut self,
        region: &Region,
        query: &PointQuery,
    ) -> Result<BackupPage<RecoveryPoint>, ApiError> {
        self.enter("backup:ListRecoveryPointsByBackupVault", region, &query.vault)?;
        self.vault(region, &query.vault)?;
        let place = (region.clone(), query.vault.clone());
        let plans = self.backups.plans.iter().enumerate();
        let points = plans.flat_map(|(number, plan)| {
            let nights = self.nights(number);
            let here = [plan.vault == place, plan.dr_vault == place];
            nights.into_iter().flat_map(move |night| {
                let point = night.point.filter(|_| here[0]);
                point.into_iter().chain(night.copy.filter(|_| here[1]))
            })
        });
        let wanted = |point: &RecoveryPoint| {
            query.after.is_none_or(|after| point.created > after)
                && query.resource.as_ref().is_none_or(|resource| *resource == point.resource)
        };
        let points = points.filter(wanted).collect();
        self.page(points, query.token.as_deref(), query.max)
    }

    /// ListBackupJobs.
    ///
    /// # Errors
    /// A token that is not one.
    pub fn list_backup_jobs(
        &mut self,
        region: &Region,
        query: &JobQuery,
    ) -> Result<BackupPage<Job>, ApiError> {
        let vault = query.vault.clone().unwrap_or_default();
        self.enter("backup:ListBackupJobs", region, &vault)?;
        let plans = self.backups.plans.iter().enumerate();
        let here = plans.filter(|(_, plan)| {
            plan.vault.0 == *region && query.vault.as_ref().is_none_or(|name| *name == plan.vault.1)
        });
        let jobs = here.flat_map(|(number, _)| self.nights(number)).filter_map(|night| night.job);
        let jobs = jobs.filter(|job| query.after.is_none_or(|after| job.created > after)).collect();
        self.page(jobs, query.token.as_deref(), query.max)
    }

    /// ListCopyJobs; they are in the Region of their source.
    ///
    /// # Errors
    /// A token that is not one.
    pub fn list_copy_jobs(
        &mut self,
        region: &Region,
        query: &JobQuery,
    ) -> Result<BackupPage<CopyJob>, ApiError> {
        self.enter("backup:ListCopyJobs", region, "")?;
        let plans = self.backups.plans.iter().enumerate();
        let here = plans.filter(|(_, plan)| plan.vault.0 == *region);
        let jobs = here.flat_map(|(number, _)| self.nights(number));
        let jobs = jobs.filter_map(|night| night.copy_job);
        let jobs = jobs.filter(|job| query.after.is_none_or(|after| job.created > after)).collect();
        self.page(jobs, query.token.as_deref(), query.max)
    }

    fn nights(&self, number: usize) -> Vec<Sight> {
        self.scene(number).sights()
    }

    pub(super) fn vault(&self, region: &Region, name: &str) -> Result<String, ApiError> {
        let key = self.backups.vaults.get(&(region.clone(), name.to_owned()));
        let missing = || {
            let message = format!("Backup vault {name} does not exist");
            ApiError::new(400, "ResourceNotFoundException", message)
        };
        key.cloned().ok_or_else(missing)
    }

    /// The model's token is where the page begins.
    fn page<T>(
        &self,
        all: Vec<T>,
        token: Option<&str>,
        max: Option<usize>,
    ) -> Result<BackupPage<T>, ApiError> {
        let unlike =
            |_| ApiError::new(400, "InvalidParameterValueException", "Invalid pagination token.");
        let from = token.map_or(Ok(0), str::parse::<usize>).map_err(unlike)?;
        let max = max.unwrap_or(1000).min(self.most_a_page).max(1);
        let next = (all.len() > from + max).then(|| (from + max).to_string());
        Ok(BackupPage { items: all.into_iter().skip(from).take(max).collect(), next })
    }
}
