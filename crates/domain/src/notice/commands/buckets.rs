//! Commands of S3 and its Batch Operations.

use crate::notice::Scene;
use crate::policy::Bucket;
use crate::step::Job;
use jiff::SignedDuration;

/// Shows what a bucket is set up to replicate.
pub(in crate::notice) fn see_rules(scene: &Scene<'_>, bucket: &Bucket) -> String {
    let (home, id) = (&scene.policy.home, &bucket.id);
    format!("aws s3api get-bucket-replication --region {home} \\\n  --bucket {id}")
}

/// Lists what the journal has of a bucket's failures: keys of objects are in there, and in no mail.
pub(in crate::notice) fn see_failures(scene: &Scene<'_>, bucket: &Bucket) -> String {
    let (dr, id) = (&scene.policy.dr, &bucket.id);
    format!("aws s3 ls --region {dr} --recursive \\\n  s3://<JOURNAL>/failures/{id}/")
}

/// Starts a job of S3 Batch Replication over what did not arrive: `FAILED`, or `NONE`, which is what is older
/// than the rule.
pub(in crate::notice) fn replicate_again(
    scene: &Scene<'_>,
    bucket: &Bucket,
    status: &str,
) -> String {
    let home = &scene.policy.home;
    let role = bucket.repair_role.as_deref().unwrap_or("<REPAIR-ROLE-ARN>");
    let account = role.split(':').nth(4).unwrap_or("<ACCOUNT>");
    let (operation, manifest) = (Job::OPERATION, Job::manifest(&bucket.arn(), status));
    format!(
        "aws s3control create-job --region {home} --account-id {account} \\\n  \
         --operation '{operation}' \\\n  --manifest-generator \\\n  '{manifest}' \\\n  \
         --report '{{\"Enabled\":false}}' --priority 1 --no-confirmation-required \\\n  \
         --role-arn {role}"
    )
}

/// Shows the latency around now, in dr.
pub(in crate::notice) fn see_latency(scene: &Scene<'_>, bucket: &Bucket) -> String {
    let Bucket { id, dr_bucket, rule, .. } = bucket;
    let rule = rule.as_deref().unwrap_or("<RULE>");
    format!(
        "aws cloudwatch get-metric-statistics --region {} --namespace AWS/S3 \\\n  \
         --metric-name ReplicationLatency --statistics Maximum --period 300 \\\n  \
         --dimensions Name=SourceBucket,Value={id} \\\n  \
         Name=DestinationBucket,Value={dr_bucket} Name=RuleId,Value={rule} \\\n  \
         --start-time {} --end-time {}",
        scene.policy.dr,
        scene.now - SignedDuration::from_hours(3),
        scene.now + SignedDuration::from_hours(3),
    )
}
