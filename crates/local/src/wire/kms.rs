//! KMS over awsJson1_1: DescribeKey.

use super::Call;
use http::Response;
use model::{Account, ApiError};
use serde::{Deserialize, Serialize};

pub(super) const JSON: &str = "application/x-amz-json-1.1";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeKey {
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Described<'a> {
    key_metadata: KeyMetadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyMetadata<'a> {
    #[serde(rename = "AWSAccountId")]
    account: &'a str,
    arn: &'a str,
    key_id: &'a str,
    key_state: &'a str,
    key_manager: &'a str,
    enabled: bool,
}

/// How AWS's JSON and CBOR word a refusal.
#[derive(Serialize)]
pub(super) struct Refused<'a> {
    #[serde(rename = "__type")]
    code: &'a str,
    message: &'a str,
}

pub(super) fn answer(
    account: &mut Account,
    call: &Call<'_>,
) -> Result<Response<Vec<u8>>, ApiError> {
    match call.header("x-amz-target") {
        Some("TrentService.DescribeKey") => describe_key(account, call),
        other => Err(ApiError::new(
            400,
            "UnknownOperationException",
            format!("Could not find operation `{}`.", other.unwrap_or_default()),
        )),
    }
}

fn describe_key(account: &mut Account, call: &Call<'_>) -> Result<Response<Vec<u8>>, ApiError> {
    let input: DescribeKey = serde_json::from_slice(call.request.body())
        .map_err(|error| ApiError::new(400, "SerializationException", error.to_string()))?;
    let arn = input.key_id;
    let (state, by_aws) = account.describe_key(&call.region, &arn)?;
    let key_metadata = KeyMetadata {
        account: &account.id,
        arn: &arn,
        key_id: arn.rsplit('/').next().unwrap_or_default(),
        key_state: &state,
        key_manager: if by_aws { "AWS" } else { "CUSTOMER" },
        enabled: state == "Enabled",
    };
    Ok(call.reply(200, JSON, json(&Described { key_metadata })))
}

pub(super) fn refusal(error: &ApiError, call: &Call<'_>) -> Response<Vec<u8>> {
    call.reply(error.status, JSON, json(&Refused::of(error)))
}

impl<'a> Refused<'a> {
    pub(super) fn of(error: &'a ApiError) -> Self {
        Self { code: &error.code, message: &error.message }
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("a reply of plain structs serializes")
}
