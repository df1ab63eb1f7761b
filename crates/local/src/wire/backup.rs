//! AWS Backup over restJson1: DescribeBackupVault, ListRecoveryPointsByBackupVault, ListBackupJobs,
//! ListCopyJobs, StartCopyJob, DescribeRegionSettings. Times go out as seconds since 1970, and come in as text.

use super::{Call, not_modelled};
use domain::seen::Vault;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Response};
use jiff::Timestamp;
use model::{Account, ApiError, BackupPage, JobQuery, PointCopyRequest, PointQuery};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Reply = Result<Response<Vec<u8>>, ApiError>;
type Asked = BTreeMap<String, String>;

const JSON: &str = "application/json";
const ERROR: HeaderName = HeaderName::from_static("x-amzn-errortype");

pub(super) fn answer(account: &mut Account, call: &Call<'_>) -> Reply {
    let path = percent_decode_str(call.request.uri().path()).decode_utf8_lossy().into_owned();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (call.request.method(), parts.as_slice()) {
        (&Method::GET, ["backup-vaults", name]) => vault(account, call, name),
        (&Method::GET, ["backup-vaults", name, "recovery-points"]) => points(account, call, name),
        (&Method::GET, ["account-settings"]) => settings(account, call),
        (&Method::GET, ["backup-jobs"]) => backup_jobs(account, call),
        (&Method::GET, ["copy-jobs"]) => copy_jobs(account, call),
        (&Method::PUT, ["copy-jobs"]) => start_copy_job(account, call),
        (method, _) => Err(not_modelled(&format!("{method} {path}"))),
    }
}

pub(super) fn refusal(error: &ApiError, call: &Call<'_>) -> Response<Vec<u8>> {
    let body = json!({"Code": error.code, "Message": error.message});
    let mut reply = call.reply(error.status, JSON, body.to_string().into_bytes());
    if let Ok(code) = HeaderValue::try_from(&error.code) {
        reply.headers_mut().insert(ERROR, code);
    }
    reply
}

fn vault(account: &mut Account, call: &Call<'_>, name: &str) -> Reply {
    asked(call, &[])?;
    let Vault { arn, key, lock } = account.describe_backup_vault(&call.region, name)?;
    let mut shown = json!({
        "BackupVaultName": name, "BackupVaultArn": arn, "EncryptionKeyArn": key,
        "Locked": lock.is_some(),
    });
    if let Some(date) = lock.flatten() {
        shown["LockDate"] = epoch(date);
    }
    Ok(call.reply(200, JSON, shown.to_string().into_bytes()))
}

fn settings(account: &mut Account, call: &Call<'_>) -> Reply {
    let types = account.describe_region_settings(&call.region)?;
    let shown = json!({"ResourceTypeOptInPreference": types});
    Ok(call.reply(200, JSON, shown.to_string().into_bytes()))
}

fn points(account: &mut Account, call: &Call<'_>, name: &str) -> Reply {
    let asked = asked(call, &["createdAfter", "resourceArn", "maxResults", "nextToken"])?;
    let query = PointQuery {
        vault: name.to_owned(),
        resource: asked.get("resourceArn").cloned(),
        after: after(&asked)?,
        token: asked.get("nextToken").cloned(),
        max: max(&asked),
    };
    let page = account.list_recovery_points(&call.region, &query)?;
    Ok(paged(call, "RecoveryPoints", page, |point| {
        vec![
            ("RecoveryPointArn", json!(point.arn)),
            ("BackupVaultName", json!(name)),
            ("ResourceArn", json!(point.resource)),
            ("CreationDate", epoch(point.created)),
            ("CompletionDate", point.done.map_or(Value::Null, epoch)),
            ("Status", json!(point.state)),
            ("EncryptionKeyArn", json!(point.key)),
            ("IsEncrypted", json!(point.key.is_some())),
            ("CreatedBy", created_by(point.planned)),
        ]
    }))
}

fn backup_jobs(account: &mut Account, call: &Call<'_>) -> Reply {
    let asked = asked(call, &["createdAfter", "backupVaultName", "maxResults", "nextToken"])?;
    let page = account.list_backup_jobs(&call.region, &jobs(&asked)?)?;
    Ok(paged(call, "BackupJobs", page, |job| {
        vec![
            ("BackupJobId", json!(job.id)),
            ("ResourceArn", json!(job.resource)),
            ("CreationDate", epoch(job.created)),
            ("State", json!(job.state)),
            ("MessageCategory", json!(job.category)),
            ("StatusMessage", json!(job.message)),
            ("RecoveryPointArn", json!(job.point)),
            ("CreatedBy", created_by(job.planned)),
        ]
    }))
}

fn copy_jobs(account: &mut Account, call: &Call<'_>) -> Reply {
    let asked = asked(call, &["createdAfter", "maxResults", "nextToken"])?;
    let page = account.list_copy_jobs(&call.region, &jobs(&asked)?)?;
    Ok(paged(call, "CopyJobs", page, |job| {
        vec![
            ("CopyJobId", json!(job.id)),
            ("ResourceArn", json!(job.resource)),
            ("CreationDate", epoch(job.created)),
            ("State", json!(job.state)),
            ("StatusMessage", json!(job.message)),
            ("SourceRecoveryPointArn", json!(job.source)),
            ("DestinationBackupVaultArn", json!(job.vault)),
            ("DestinationRecoveryPointArn", json!(job.copy)),
        ]
    }))
}

fn start_copy_job(account: &mut Account, call: &Call<'_>) -> Reply {
    let body: Value =
        serde_json::from_slice(call.request.body()).map_err(|_| not_modelled("StartCopyJob"))?;
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    let asked = PointCopyRequest {
        point: text("RecoveryPointArn"),
        from: text("SourceBackupVaultName"),
        into: text("DestinationBackupVaultArn"),
        role: text("IamRoleArn"),
        token: text("IdempotencyToken"),
    };
    if body.get("Lifecycle").is_some() {
        return Err(not_modelled("Lifecycle"));
    }
    let id = account.start_copy_job(&call.region, asked)?;
    let started = json!({
        "CopyJobId": id, "CreationDate": epoch(account.now), "IsParent": false,
    });
    Ok(call.reply(200, JSON, started.to_string().into_bytes()))
}

fn jobs(asked: &Asked) -> Result<JobQuery, ApiError> {
    Ok(JobQuery {
        vault: asked.get("backupVaultName").cloned(),
        after: after(asked)?,
        token: asked.get("nextToken").cloned(),
        max: max(asked),
    })
}

/// A plan's name, where a plan made it.
fn created_by(planned: bool) -> Value {
    if planned { json!({"BackupPlanId": "plan"}) } else { Value::Null }
}

/// What is not there is left out.
fn paged<T>(
    call: &Call<'_>,
    list: &str,
    page: BackupPage<T>,
    shown: impl Fn(&T) -> Vec<(&'static str, Value)>,
) -> Response<Vec<u8>> {
    let one = |thing: &T| -> Value {
        let fields = shown(thing).into_iter().filter(|(_, value)| !value.is_null());
        fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
    };
    let mut body = Map::new();
    body.insert(list.to_owned(), page.items.iter().map(one).collect());
    if let Some(next) = page.next {
        body.insert("NextToken".to_owned(), next.into());
    }
    call.reply(200, JSON, Value::from(body).to_string().into_bytes())
}

fn asked(call: &Call<'_>, known: &[&str]) -> Result<Asked, ApiError> {
    let query = call.request.uri().query().unwrap_or_default();
    let asked: Asked = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    match asked.keys().find(|name| !known.contains(&name.as_str())) {
        Some(strange) => Err(not_modelled(strange)),
        None => Ok(asked),
    }
}

fn after(asked: &Asked) -> Result<Option<Timestamp>, ApiError> {
    let parse = |text: &String| text.parse().map_err(|_| not_modelled("createdAfter"));
    asked.get("createdAfter").map(parse).transpose()
}

fn max(asked: &Asked) -> Option<usize> {
    asked.get("maxResults")?.parse().ok()
}

fn epoch(moment: Timestamp) -> Value {
    json!(moment.as_second())
}
