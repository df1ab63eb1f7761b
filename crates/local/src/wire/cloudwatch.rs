//! CloudWatch over Smithy's RPC v2 CBOR, which the Rust SDK speaks: GetMetricData.

use super::kms::Refused;
use super::{Call, not_modelled};
use ciborium::tag::Required;
use http::Response;
use jiff::Timestamp;
use model::{Account, ApiError, MetricQuery};
use serde::{Deserialize, Serialize};

const CBOR: &str = "application/cbor";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetMetricData {
    metric_data_queries: Vec<Query>,
    start_time: f64,
    end_time: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: String,
    metric_stat: Stat,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stat {
    metric: Metric,
    period: i64,
    stat: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    namespace: String,
    metric_name: String,
    dimensions: Vec<Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Got {
    metric_data_results: Vec<MetricDataResult>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDataResult {
    id: String,
    label: String,
    timestamps: Vec<Required<f64, 1>>,
    values: Vec<f64>,
    status_code: &'static str,
}

pub(super) fn answer(
    account: &mut Account,
    call: &Call<'_>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let path = call.request.uri().path();
    if !path.ends_with("/operation/GetMetricData") {
        return Err(not_modelled(path));
    }
    let asked: GetMetricData = ciborium::from_reader(call.request.body().as_slice())
        .map_err(|error| ApiError::new(400, "SerializationException", error.to_string()))?;
    let span = [asked.start_time, asked.end_time].map(moment);
    let queries: Vec<MetricQuery> =
        asked.metric_data_queries.iter().map(|query| query_of(query, span)).collect();
    let all = account.get_metric_data(&call.region, &queries)?;
    let results = asked.metric_data_queries.into_iter().zip(all).map(|(query, mut series)| {
        // The newest first, unless asked otherwise (API reference, GetMetricData, ScanBy).
        series.reverse();
        MetricDataResult {
            id: query.id,
            label: query.metric_stat.metric.metric_name,
            timestamps: series.iter().map(|(at, _)| Required(at.as_second() as f64)).collect(),
            values: series.iter().map(|(_, value)| *value).collect(),
            status_code: "Complete",
        }
    });
    Ok(reply(call, 200, &Got { metric_data_results: results.collect() }))
}

pub(super) fn refusal(error: &ApiError, call: &Call<'_>) -> Response<Vec<u8>> {
    reply(call, error.status, &Refused::of(error))
}

fn reply(call: &Call<'_>, status: u16, body: &impl Serialize) -> Response<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(body, &mut bytes).expect("a reply of plain structs serializes");
    let mut reply = call.reply(status, CBOR, bytes);
    let protocol = http::HeaderValue::from_static("rpc-v2-cbor");
    reply.headers_mut().insert("smithy-protocol", protocol);
    reply
}

/// Another namespace or statistic has no points, as on AWS.
fn query_of(query: &Query, [from, to]: [Timestamp; 2]) -> MetricQuery {
    let Stat { metric, period, stat } = &query.metric_stat;
    let of = |name: &str| {
        let found = metric.dimensions.iter().find(|dimension| dimension.name == name);
        found.map(|dimension| dimension.value.clone()).unwrap_or_default()
    };
    let right = match metric.metric_name.as_str() {
        "OperationsFailedReplication" => "Sum",
        _ => "Maximum",
    };
    let known = metric.namespace == "AWS/S3" && stat == right;
    MetricQuery {
        name: if known { metric.metric_name.clone() } else { String::new() },
        source: of("SourceBucket"),
        destination: of("DestinationBucket"),
        rule: of("RuleId"),
        from,
        to,
        period: *period,
    }
}

fn moment(seconds: f64) -> Timestamp {
    Timestamp::from_second(seconds as i64).unwrap_or_default()
}
