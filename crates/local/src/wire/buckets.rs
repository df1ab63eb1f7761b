//! What S3 says of replication over REST-XML: a bucket's rules, encryption and lock, HEAD of an object, and
//! S3 Control's CreateJob, which signs as S3.

use super::s3::http_date;
use super::{Call, not_modelled, xml};
use domain::seen::{Arrival, ReplicationRule};
use http::Response;
use http::header::{HeaderValue, LAST_MODIFIED};
use model::{Account, ApiError};
use serde::{Deserialize, Serialize};

type Reply = Result<Response<Vec<u8>>, ApiError>;

/// Where S3 Control's jobs are.
pub(super) const JOBS: &str = "/v20180820/jobs";

/// `?replication`, `?encryption`, `?object-lock` of a bucket.
pub(super) fn setting(account: &mut Account, call: &Call<'_>, bucket: &str, what: &str) -> Reply {
    let body = match what {
        "replication" => {
            let rules = account.get_bucket_replication(&call.region, bucket)?;
            let rule = rules.iter().map(Rule::of).collect();
            let role = format!("arn:aws:iam::{}:role/replication", account.id);
            xml("ReplicationConfiguration", &ReplicationConfiguration { role, rule })
        }
        "encryption" => {
            let kms = account.get_bucket_encryption(&call.region, bucket)?;
            let sse = Sse { sse_algorithm: if kms { "aws:kms" } else { "AES256" } };
            let rule = SseRule { apply_server_side_encryption_by_default: sse };
            xml("ServerSideEncryptionConfiguration", &SseConfiguration { rule })
        }
        "object-lock" => {
            account.get_object_lock(&call.region, bucket)?;
            xml("ObjectLockConfiguration", &Lock { object_lock_enabled: "Enabled" })
        }
        other => return Err(not_modelled(other)),
    };
    Ok(call.reply(200, "application/xml", body))
}

/// HEAD: no body, whatever it comes to.
pub(super) fn head(
    account: &mut Account,
    call: &Call<'_>,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Reply {
    let (modified, status) = match account.head_object(&call.region, bucket, key, version) {
        Ok(found) => found,
        Err(error) if error.is_silence() => return Err(error),
        Err(error) => return Ok(call.reply(error.status, "application/xml", Vec::new())),
    };
    let mut reply = call.reply(200, "application/octet-stream", Vec::new());
    reply.headers_mut().insert(LAST_MODIFIED, http_date(modified));
    if let Some(status) = status {
        let word = match status {
            Arrival::Arrived => "COMPLETED",
            Arrival::Pending => "PENDING",
            Arrival::Failed => "FAILED",
        };
        reply.headers_mut().insert("x-amz-replication-status", HeaderValue::from_static(word));
    }
    Ok(reply)
}

/// CreateJob.
pub(super) fn create_job(account: &mut Account, call: &Call<'_>) -> Reply {
    let text = String::from_utf8_lossy(call.request.body()).into_owned();
    let asked: CreateJobRequest = quick_xml::de::from_str(&text)
        .map_err(|error| ApiError::new(400, "MalformedXML", error.to_string()))?;
    let arn = asked.manifest_generator.generator.source_bucket;
    let bucket = arn.rsplit(':').next().unwrap_or_default();
    let job_id = account.create_job(&call.region, bucket, &asked.client_request_token)?;
    Ok(call.reply(200, "application/xml", xml("CreateJobResult", &CreateJobResult { job_id })))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateJobRequest {
    client_request_token: String,
    manifest_generator: ManifestGenerator,
}

#[derive(Deserialize)]
struct ManifestGenerator {
    #[serde(rename = "S3JobManifestGenerator")]
    generator: Generator,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Generator {
    source_bucket: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateJobResult {
    job_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReplicationConfiguration {
    role: String,
    rule: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    #[serde(rename = "ID")]
    id: String,
    status: &'static str,
    priority: u8,
    filter: Filter,
    source_selection_criteria: Criteria,
    delete_marker_replication: Status,
    destination: Destination,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<Tag>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: &'static str,
    value: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Criteria {
    sse_kms_encrypted_objects: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    bucket: String,
    replication_time: Timed,
    metrics: Timed,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Timed {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Minutes>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Minutes {
    minutes: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SseConfiguration {
    rule: SseRule,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SseRule {
    apply_server_side_encryption_by_default: Sse,
}

#[derive(Serialize)]
struct Sse {
    #[serde(rename = "SSEAlgorithm")]
    sse_algorithm: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Lock {
    object_lock_enabled: &'static str,
}

impl Rule {
    fn of(rule: &ReplicationRule) -> Self {
        let word = |on: bool| if on { "Enabled" } else { "Disabled" };
        let tag = rule.by_tags.then_some(Tag { key: "replicate", value: "yes" });
        let prefix = (!rule.by_tags).then(|| rule.prefix.clone());
        Self {
            id: rule.id.clone(),
            status: word(rule.enabled),
            priority: 1,
            filter: Filter { prefix, tag },
            source_selection_criteria: Criteria {
                sse_kms_encrypted_objects: Status { status: word(rule.kms) },
            },
            delete_marker_replication: Status { status: word(!rule.by_tags) },
            destination: Destination {
                bucket: rule.destination.clone(),
                replication_time: Timed {
                    status: word(rule.time_control),
                    time: Some(Minutes { minutes: 15 }),
                },
                metrics: Timed { status: word(rule.metrics), time: None },
            },
        }
    }
}
