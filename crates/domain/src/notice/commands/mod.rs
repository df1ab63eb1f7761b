//! The AWS CLI's commands in notices: the same in every language, pasted as they are.

mod backup;
mod buckets;
mod hosts;
mod restore;

use super::Scene;
use crate::id::{Family, PointName, Region};
use crate::names;
use crate::seen::Topic;
use jiff::{SignedDuration, Timestamp};

pub(super) use backup::{
    copy_backup, list_plans, opt_in, see_backup_job, see_copy_job, see_points, see_settings,
    see_settings_of, see_tagged, start_backup, unlock_vault,
};
pub(super) use buckets::{replicate_again, see_failures, see_latency, see_rules};
pub(super) use hosts::{
    restart_mirror, restore_host, run_again, see_agent, see_host, see_mirror, see_timer,
};
pub(super) use restore::{make_group, see_pitr, start_pitr};

/// Takes a point that is copied and counted for today.
pub(super) fn take(scene: &Scene<'_>) -> String {
    let (who, home) = (scene.who(), &scene.policy.home);
    let words = Words::of(scene.family());
    let stamp = scene.now.strftime("%Y%m%d%H%M");
    let name = match format!("{who}-manual-{stamp}") {
        long if long.len() > words.longest => format!("manual-{stamp}"),
        name => name,
    };
    format!(
        "aws rds create-db-{} --region {home} \\\n  \
         {} {who} \\\n  {} {name} \\\n  \
         --tags Key=sonae:kind,Value=daily Key=sonae:asset,Value={who}",
        words.snapshot, words.database_id, words.snapshot_id,
    )
}

/// Deletes points or copies.
pub(super) fn delete(scene: &Scene<'_>, region: &Region, names: &[PointName]) -> String {
    let words = Words::of(scene.family());
    let command = |name: &PointName| {
        format!(
            "aws rds delete-db-{} --region {region} \\\n  {} {name}",
            words.snapshot, words.snapshot_id
        )
    };
    names.iter().map(command).collect::<Vec<_>>().join("\n")
}

/// Turns automated backups on.
pub(super) fn backups_on(scene: &Scene<'_>) -> String {
    modify(scene, "--backup-retention-period 7")
}

/// Moves the backup window to where the policy expects it.
pub(super) fn move_window(scene: &Scene<'_>, expected: Timestamp) -> String {
    let end = expected + SignedDuration::from_mins(30);
    let (from, to) = (expected.strftime("%H:%M"), end.strftime("%H:%M"));
    modify(scene, &format!("--preferred-backup-window {from}-{to}"))
}

fn modify(scene: &Scene<'_>, change: &str) -> String {
    let (who, home) = (scene.who(), &scene.policy.home);
    let words = Words::of(scene.family());
    format!(
        "aws rds modify-db-{} --region {home} \\\n  {} {who} \\\n  {change} --apply-immediately",
        words.database, words.database_id
    )
}

/// Starts the database.
pub(super) fn start(scene: &Scene<'_>) -> String {
    let (who, home) = (scene.who(), &scene.policy.home);
    let words = Words::of(scene.family());
    format!("aws rds start-db-{} --region {home} \\\n  {} {who}", words.database, words.database_id)
}

/// Says again how long a copy is to be kept.
pub(super) fn keep_until(scene: &Scene<'_>) -> String {
    let dr = &scene.policy.dr;
    format!(
        "aws rds add-tags-to-resource --region {dr} --resource-name <ARN> \\\n  \
         --tags Key=sonae:keep-until,Value=<YYYY-MM-DD>"
    )
}

/// Subscribes an address to a topic.
pub(super) fn subscribe(topic: &Topic) -> String {
    let Topic { arn, region, .. } = topic;
    format!(
        "aws sns subscribe --region {region} --protocol email \\\n  \
         --topic-arn {arn} \\\n  --notification-endpoint <ADDRESS>"
    )
}

/// Enables a key.
pub(super) fn enable_key(region: &Region, key: &str) -> String {
    format!("aws kms enable-key --region {region} --key-id \\\n  {key}")
}

/// Takes back a key's deletion.
pub(super) fn cancel_deletion(region: &Region, key: &str) -> String {
    format!("aws kms cancel-key-deletion --region {region} --key-id \\\n  {key}")
}

/// Says yes to a stopped deletion. Sweep may take minutes, and the CLI must not ask twice.
pub(super) fn approve(scene: &Scene<'_>, number: &str) -> String {
    let home = &scene.policy.home;
    format!(
        "name=$(aws cloudformation describe-stacks --region {home} --stack-name sonae \\\n  \
         --query \"Stacks[0].Outputs[?OutputKey=='SweepFunction'].OutputValue\" --output text)\n\
         aws lambda invoke --region {home} --function-name \"$name\" --cli-read-timeout 0 \\\n  \
         --cli-binary-format raw-in-base64-out --payload '{{\"approve\":\"{number}\"}}' /dev/stdout"
    )
}

/// How the CLI names things of a family.
struct Words {
    database: &'static str,
    database_id: &'static str,
    snapshot: &'static str,
    snapshot_id: &'static str,
    longest: usize,
}

impl Words {
    fn of(family: Family) -> Self {
        match family {
            Family::Instance => Self {
                database: "instance",
                database_id: "--db-instance-identifier",
                snapshot: "snapshot",
                snapshot_id: "--db-snapshot-identifier",
                longest: names::longest(family),
            },
            Family::Cluster => Self {
                database: "cluster",
                database_id: "--db-cluster-identifier",
                snapshot: "cluster-snapshot",
                snapshot_id: "--db-cluster-snapshot-identifier",
                longest: names::longest(family),
            },
        }
    }
}
