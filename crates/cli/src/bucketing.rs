//! What an owner adds to buckets of their own: rules, notifications and lifecycles are each written whole, so
//! Sonae never writes one over what is there.

use domain::policy::{Bucket, Policy};
use serde_json::{Value, json};

/// What to add to each bucket of the policy, as `aws s3api put-bucket-..` takes it.
pub fn page(policy: &Policy) -> String {
    if policy.buckets.is_empty() {
        return "the policy has no bucket\n".to_owned();
    }
    policy.buckets.iter().map(|bucket| of_bucket(policy, bucket)).collect::<Vec<_>>().join("\n")
}

fn of_bucket(policy: &Policy, bucket: &Bucket) -> String {
    let Bucket { id, dr_bucket, .. } = bucket;
    let Policy { home, dr, .. } = policy;
    let parts = [
        ("Rules, of put-bucket-replication (both buckets versioned)", rule(bucket)),
        ("QueueConfigurations, of put-bucket-notification-configuration", notification()),
        ("Rules, of put-bucket-lifecycle-configuration (on both buckets)", lifecycle()),
    ];
    let parts = parts.map(|(name, value)| format!("add to {name}:\n{value:#}\n"));
    format!(
        "{id} ({home}) -> {dr_bucket} ({dr})\nread what is there first, and put it back with this added: each call replaces all of it\n\n{}",
        parts.join("\n")
    )
}

fn rule(bucket: &Bucket) -> Value {
    json!({
        "ID": bucket.rule.as_deref().unwrap_or("sonae"),
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": bucket.prefix},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {
            "Bucket": bucket.dr_arn(),
            "EncryptionConfiguration": {"ReplicaKmsKeyID": "<ARN of the dr bucket's key>"},
            "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
            "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
        },
    })
}

fn notification() -> Value {
    json!({
        "Id": "sonae",
        "QueueArn": "<output FailuresQueueArn of the home stack>",
        "Events": ["s3:Replication:*"],
    })
}

fn lifecycle() -> Value {
    json!({
        "ID": "sonae-old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    })
}
