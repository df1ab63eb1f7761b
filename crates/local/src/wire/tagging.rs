//! The Resource Groups Tagging API over awsJson1.1: GetResources by one tag.

use super::{Call, not_modelled};
use http::Response;
use model::{Account, ApiError};
use serde_json::{Value, json};

const JSON: &str = "application/x-amz-json-1.1";

pub(super) fn answer(
    account: &mut Account,
    call: &Call<'_>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let target = call.header("x-amz-target").unwrap_or_default();
    let ("ResourceGroupsTaggingAPI_20170126.GetResources", Ok(asked)) =
        (target, serde_json::from_slice::<Value>(call.request.body()))
    else {
        return Err(not_modelled(target));
    };
    let filters = asked["TagFilters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let [filter] = filters else { return Err(not_modelled("more than one tag filter")) };
    let tag = [&filter["Key"], &filter["Values"][0]].map(|text| text.as_str().unwrap_or_default());
    let token = asked["PaginationToken"].as_str().unwrap_or_default();
    let max = asked["ResourcesPerPage"].as_u64().unwrap_or(50) as usize;
    let (arns, next) = account.get_resources(&call.region, tag, token, max)?;
    let list: Vec<Value> = arns.iter().map(|arn| json!({"ResourceARN": arn})).collect();
    let reply = json!({"ResourceTagMappingList": list, "PaginationToken": next});
    Ok(call.reply(200, JSON, reply.to_string().into_bytes()))
}
