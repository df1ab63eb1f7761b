//! S3's notifications of replication, as SQS brings them. They do not reach EventBridge (S3 User Guide,
//! Using EventBridge).

use super::BadEvent;
use crate::failure::{Failure, Reason};
use crate::id::AssetId;
use crate::policy::Policy;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::collections::BTreeSet;

/// What one message says of our buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notified {
    /// The buckets to look at.
    pub buckets: BTreeSet<AssetId>,
    /// Objects of theirs that S3 gave up, and why.
    pub failures: Vec<(AssetId, Reason, Failure)>,
}

/// Reads the body of one message. The test event, which S3 sends when a notification is set up, says nothing.
///
/// # Errors
/// A body of another form, with everything that is wrong with it.
pub fn notified(policy: &Policy, body: &str) -> Result<Notified, BadEvent> {
    let mut notified = Notified::default();
    let body: Value = serde_json::from_str(body)
        .map_err(|error| BadEvent(vec![format!("the message is not JSON: {error}")]))?;
    if body.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(notified);
    }
    let Some(records) = body.get("Records").and_then(Value::as_array) else {
        let allowed = "`Records` is missing, it must be the list of a notification of S3's";
        return Err(BadEvent(vec![allowed.to_owned()]));
    };
    let mut problems = Vec::new();
    for (n, record) in records.iter().enumerate() {
        let Some(word) = record["eventName"].as_str().map(|name| name.trim_start_matches("s3:"))
        else {
            problems.push(format!("`Records[{n}].eventName` is missing, it must be text"));
            continue;
        };
        let Some(word) = word.strip_prefix("Replication:") else { continue };
        note(policy, &mut notified, word, record, n, &mut problems);
    }
    if problems.is_empty() { Ok(notified) } else { Err(BadEvent(problems)) }
}

fn note(
    policy: &Policy,
    notified: &mut Notified,
    word: &str,
    record: &Value,
    n: usize,
    problems: &mut Vec<String>,
) {
    let mut text = |path: [&str; 3]| {
        let found = path.iter().filter(|part| !part.is_empty()).fold(record, |at, part| &at[*part]);
        let found = found.as_str().filter(|text| !text.is_empty());
        if found.is_none() {
            let path: Vec<&str> = path.into_iter().filter(|part| !part.is_empty()).collect();
            problems.push(format!("`Records[{n}].{}` is missing or empty", path.join(".")));
        }
        found
    };
    let Some(bucket) = text(["s3", "bucket", "name"]) else { return };
    let Some(bucket) = policy.bucket(&AssetId::new(bucket)) else { return };
    notified.buckets.insert(bucket.id.clone());
    if word != "OperationFailedReplication" {
        return;
    }
    let (key, at) = (text(["s3", "object", "key"]), text(["eventTime", "", ""]));
    let (Some(key), Some(at)) = (key, at) else { return };
    let Ok(at) = at.parse() else {
        problems.push(format!("`Records[{n}].eventTime` is `{at}`, it must be a time"));
        return;
    };
    let event = &record["replicationEventData"];
    let word = |name: &str| event[name].as_str().unwrap_or_default();
    let version = record.pointer("/s3/object/versionId").and_then(Value::as_str);
    let version = version.filter(|id| !id.is_empty());
    let failure = Failure {
        key: decoded(key),
        version: version.map(str::to_owned),
        operation: word("s3Operation").to_owned(),
        at,
    };
    let reason = Reason::new(word("failureReason"));
    notified.failures.push((bucket.id.clone(), reason, failure));
}

/// Keys come as HTML forms write them: `+` for a blank, the rest by percent signs (S3 User Guide,
/// Event message structure).
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}
