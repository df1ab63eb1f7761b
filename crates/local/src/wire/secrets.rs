//! Secrets Manager over awsJson1_1: GetSecretValue.

use super::Call;
use super::kms::JSON;
use http::Response;
use model::{Account, ApiError};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetSecretValue {
    secret_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Got {
    name: String,
    secret_string: String,
}

pub(super) fn answer(
    account: &mut Account,
    call: &Call<'_>,
) -> Result<Response<Vec<u8>>, ApiError> {
    match call.header("x-amz-target") {
        Some("secretsmanager.GetSecretValue") => get_secret_value(account, call),
        other => Err(ApiError::new(
            400,
            "UnknownOperationException",
            format!("Could not find operation `{}`.", other.unwrap_or_default()),
        )),
    }
}

fn get_secret_value(account: &mut Account, call: &Call<'_>) -> Result<Response<Vec<u8>>, ApiError> {
    let input: GetSecretValue = serde_json::from_slice(call.request.body())
        .map_err(|error| ApiError::new(400, "SerializationException", error.to_string()))?;
    let secret_string = account.get_secret_value(&call.region, &input.secret_id)?;
    let got = Got { name: input.secret_id, secret_string };
    let body = serde_json::to_vec(&got).expect("a reply of plain structs serializes");
    Ok(call.reply(200, JSON, body))
}
