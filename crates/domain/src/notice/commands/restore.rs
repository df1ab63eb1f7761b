//! What has to be made in dr before a restore there.

use crate::notice::Scene;
use crate::seen::{Group, GroupKind};

/// Makes a group in dr, and lists what to put into it: nothing copies one to another Region.
pub(in crate::notice) fn make_group(scene: &Scene<'_>, group: &Group) -> [String; 2] {
    let (home, dr, name) = (&scene.policy.home, &scene.policy.dr, &group.name);
    match group.kind {
        GroupKind::ClusterParameters => parameters(scene, "cluster-", name),
        GroupKind::Parameters => parameters(scene, "", name),
        GroupKind::Options => [
            format!(
                "aws rds create-option-group --region {dr} \\\n  --option-group-name {name} \\\n  \
                 --engine-name <ENGINE> --major-engine-version <VERSION> \\\n  \
                 --option-group-description 'for restores'"
            ),
            format!(
                "aws rds describe-option-groups --region {home} \\\n  --option-group-name {name}"
            ),
        ],
        GroupKind::Subnets => [
            format!(
                "aws rds create-db-subnet-group --region {dr} \\\n  \
                 --db-subnet-group-name {name} \\\n  \
                 --db-subnet-group-description 'for restores' \\\n  \
                 --subnet-ids <SUBNET-1> <SUBNET-2>"
            ),
            format!(
                "aws ec2 describe-subnets --region {dr} --output table --query \\\n  \
                 'Subnets[].[SubnetId,VpcId,AvailabilityZone,CidrBlock]'"
            ),
        ],
    }
}

/// A parameter group of an instance, or of a cluster.
fn parameters(scene: &Scene<'_>, of: &str, name: &str) -> [String; 2] {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    [
        format!(
            "aws rds create-db-{of}parameter-group --region {dr} \\\n  \
             --db-{of}parameter-group-name {name} \\\n  \
             --db-parameter-group-family <FAMILY> --description 'for restores'"
        ),
        format!(
            "aws rds describe-db-{of}parameters --region {home} --source user \\\n  \
             --db-{of}parameter-group-name {name}"
        ),
    ]
}

/// Shows dr's replicated automated backups.
pub(in crate::notice) fn see_pitr(scene: &Scene<'_>) -> String {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    format!(
        "aws rds describe-db-instance-automated-backups --region {dr} \\\n  \
         --query \"DBInstanceAutomatedBackups[?DBInstanceIdentifier=='{who}'].[Status,RestoreWindow]\""
    )
}

/// Starts to replicate automated backups to dr, where it is asked for.
pub(in crate::notice) fn start_pitr(scene: &Scene<'_>) -> String {
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    let key = scene.asset().map_or("<KEY>", |asset| asset.dr_key.as_str());
    let account = key.split(':').nth(4).unwrap_or("<ACCOUNT>");
    format!(
        "aws rds start-db-instance-automated-backups-replication --region {dr} \\\n  \
         --source-db-instance-arn arn:aws:rds:{home}:{account}:db:{who} \\\n  \
         --kms-key-id {key} \\\n  --backup-retention-period 7"
    )
}
