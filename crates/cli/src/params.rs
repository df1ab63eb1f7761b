//! The stacks' parameters, from the policy: typed once, never twice.

use domain::policy::{Asset, Bucket, Language, Policy};
use serde_json::Value;
use std::collections::BTreeSet;

/// Outputs of the dr stack that are parameters of the home stack, name for name.
const FROM_DR: [&str; 4] = ["DrTopicArn", "DrTopicKeyArn", "JournalBucketName", "JournalKeyArn"];

/// SAM skips a bare `Name=`, and the stack would keep what it was given before.
const NONE: &str = "\"\"";

/// Parameter overrides of the dr stack, one `Name=value` each.
pub fn dr(policy: &Policy) -> Vec<String> {
    vec![
        format!("HomeRegion={}", policy.home),
        format!("TimeZone={}", policy.zone_name),
        language(policy),
        email(policy),
        urgent(policy),
    ]
}

/// Parameter overrides of the home stack, with what the dr stack put out
/// (`aws cloudformation describe-stacks`, or `sam list stack-outputs --output json`).
///
/// # Errors
/// Every output that the home stack needs and the dr stack does not have.
pub fn home(policy: &Policy, dr_stack: &str) -> Result<Vec<String>, String> {
    let described: Value = serde_json::from_str(dr_stack)
        .map_err(|error| format!("the dr stack's description is not JSON: {error}"))?;
    let databases = policy.assets.iter().filter(|asset| asset.family().is_some());
    let backed = policy.assets.iter().filter_map(Asset::backed);
    let mut parameters = vec![
        format!("DrRegion={}", policy.dr),
        format!("TimeZone={}", policy.zone_name),
        language(policy),
        email(policy),
        urgent(policy),
        format!("DrKeyArns={}", once_each(databases.map(|asset| &asset.dr_key))),
        format!("HomeKeyArns={}", once_each(policy.assets.iter().flat_map(|a| &a.home_key))),
        format!("BackupRoleArns={}", once_each(backed.flat_map(|of| &of.role))),
        format!("BucketArns={}", bucket_arns(policy)),
        format!("RepairRoleArns={}", once_each(policy.buckets.iter().flat_map(|b| &b.repair_role))),
        format!("HostBucketArns={}", once_each(host_buckets(policy).iter())),
    ];
    let mut missing = Vec::new();
    for name in FROM_DR {
        match output(&described, name) {
            Some(value) => parameters.push(format!("{name}={value}")),
            None => missing.push(name),
        }
    }
    match missing.as_slice() {
        [] => Ok(parameters),
        missing => Err(format!(
            "the dr stack has no output {}; deploy template-dr.yaml of this version first",
            missing.join(", ")
        )),
    }
}

/// The template subscribes one address; a person subscribes the others to the topic.
pub fn unsubscribed(policy: &Policy) -> &[String] {
    policy.notify.email.get(1..).unwrap_or_default()
}

fn bucket_arns(policy: &Policy) -> String {
    let arns: Vec<String> = policy.buckets.iter().map(Bucket::arn).collect();
    if arns.is_empty() { NONE.to_owned() } else { arns.join(",") }
}

fn host_buckets(policy: &Policy) -> Vec<String> {
    policy.hosts.iter().map(|host| format!("arn:aws:s3:::{}", host.bucket)).collect()
}

fn once_each<'k>(keys: impl Iterator<Item = &'k String>) -> String {
    let keys: BTreeSet<&str> = keys.map(String::as_str).collect();
    match keys.is_empty() {
        true => NONE.to_owned(),
        false => keys.into_iter().collect::<Vec<_>>().join(","),
    }
}

fn language(policy: &Policy) -> String {
    let word = match policy.language {
        Language::Ja => "ja",
        Language::En => "en",
    };
    format!("Language={word}")
}

fn email(policy: &Policy) -> String {
    let first = policy.notify.email.first().map_or("", String::as_str);
    format!("NotifyEmail={first}")
}

fn urgent(policy: &Policy) -> String {
    format!("UrgentEmail={}", policy.notify.urgent.as_deref().unwrap_or(NONE))
}

fn output<'v>(described: &'v Value, name: &str) -> Option<&'v str> {
    let outputs = described.pointer("/Stacks/0/Outputs").unwrap_or(described).as_array()?;
    let named = |output: &&Value| output.get("OutputKey").and_then(Value::as_str) == Some(name);
    outputs.iter().find(named)?.get("OutputValue")?.as_str()
}
