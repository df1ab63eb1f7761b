//! Commands of AWS Backup.

use crate::id::Region;
use crate::notice::Scene;
use crate::policy::{Backed, Resource};

/// Shows what AWS Backup says of a job.
pub(in crate::notice) fn see_backup_job(scene: &Scene<'_>, id: &str) -> String {
    let home = &scene.policy.home;
    format!("aws backup describe-backup-job --region {home} \\\n  --backup-job-id {id}")
}

/// The same of a copy job, which is in home.
pub(in crate::notice) fn see_copy_job(scene: &Scene<'_>, id: &str) -> String {
    let home = &scene.policy.home;
    format!("aws backup describe-copy-job --region {home} \\\n  --copy-job-id {id}")
}

/// Takes a point by hand, into the vault that counts.
pub(in crate::notice) fn start_backup(scene: &Scene<'_>, backed: &Backed) -> String {
    let home = &scene.policy.home;
    let (vault, arn, role) = (&backed.vault, arn(scene, &backed.resource), role(backed));
    format!(
        "aws backup start-backup-job --region {home} --backup-vault-name {vault} \\\n  \
         --resource-arn {arn} \\\n  --iam-role-arn {role}"
    )
}

/// Copies a point by hand.
pub(in crate::notice) fn copy_backup(scene: &Scene<'_>, backed: &Backed) -> String {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    let (Backed { vault, dr_vault, .. }, role) = (backed, role(backed));
    format!(
        "aws backup start-copy-job --region {home} --source-backup-vault-name {vault} \\\n  \
         --recovery-point-arn <POINT-ARN> --iam-role-arn {role} \\\n  \
         --destination-backup-vault-arn \\\n  \
         arn:aws:backup:{dr}:<ACCOUNT>:backup-vault:{dr_vault}"
    )
}

/// Lists a vault's points.
pub(in crate::notice) fn see_points(region: &Region, vault: &str) -> String {
    format!(
        "aws backup list-recovery-points-by-backup-vault --region {region} \\\n  \
         --backup-vault-name {vault}"
    )
}

/// Lists the plans, the last run of each among it.
pub(in crate::notice) fn list_plans(scene: &Scene<'_>) -> String {
    format!("aws backup list-backup-plans --region {}", scene.policy.home)
}

/// Shows which types of resource AWS Backup is let to protect in home.
pub(in crate::notice) fn see_settings(scene: &Scene<'_>) -> String {
    see_settings_of(&scene.policy.home)
}

/// The same of a Region.
pub(in crate::notice) fn see_settings_of(region: &Region) -> String {
    format!("aws backup describe-region-settings --region {region}")
}

/// Lets AWS Backup protect a type; as JSON, since some names have a blank.
pub(in crate::notice) fn opt_in(region: &Region, type_name: &str) -> String {
    format!(
        "aws backup update-region-settings --region {region} \\\n  \
         --resource-type-opt-in-preference '{{\"{type_name}\":true}}'"
    )
}

/// Lists what carries a tag, `key=value`.
pub(in crate::notice) fn see_tagged(scene: &Scene<'_>, tag: &str) -> String {
    let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
    format!(
        "aws resourcegroupstaggingapi get-resources --region {} \\\n  \
         --tag-filters \"Key={key},Values={value}\" --query 'ResourceTagMappingList[].ResourceARN'",
        scene.policy.home
    )
}

/// Takes a vault's lock off.
pub(in crate::notice) fn unlock_vault(region: &Region, vault: &str) -> String {
    format!(
        "aws backup delete-backup-vault-lock-configuration --region {region} \\\n  \
         --backup-vault-name {vault}"
    )
}

fn role(backed: &Backed) -> &str {
    backed.role.as_deref().unwrap_or("<ROLE-ARN>")
}

fn arn(scene: &Scene<'_>, resource: &Resource) -> String {
    let home = &scene.policy.home;
    match resource {
        Resource::FileSystem(id) => {
            format!("arn:aws:elasticfilesystem:{home}:<ACCOUNT>:file-system/{id}")
        }
        Resource::Arn(arn) => arn.clone(),
        Resource::Tagged(..) => "<ARN>".to_owned(),
    }
}
