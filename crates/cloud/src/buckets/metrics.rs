//! GetMetricData of the four metrics, each in the Region where S3 publishes it: the pending ones in dr, the
//! failures in home (S3 User Guide, Replication metrics). Without all three dimensions there are no points,
//! and no error.

use super::Buckets;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, StatusCode,
};
use aws_smithy_types::DateTime;
use domain::fault::{Fault, FaultKind};
use domain::id::{AssetId, Region};
use domain::policy::Bucket;
use domain::seen::{Metrics, Read, ReplicationRule, Series};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// At most in one call (API reference, GetMetricData).
const QUERIES: usize = 500;

/// Name and statistic, the only one that each has, and how long back at which grain.
const IN_DR: [&str; 3] =
    ["ReplicationLatency", "BytesPendingReplication", "OperationsPendingReplication"];
const IN_HOME: [&str; 1] = ["OperationsFailedReplication"];

/// What one call asks for.
#[derive(Clone, Copy)]
struct Span {
    back: SignedDuration,
    period: i32,
    stat: &'static str,
}

/// Minutes, of an hour: a peak between two looks must not hide in a longer period.
const HOUR: Span = Span { back: SignedDuration::from_hours(1), period: 60, stat: "Maximum" };
const DAY: Span = Span { back: SignedDuration::from_hours(24), period: 3600, stat: "Sum" };

type Ruled<'a> = (&'a Bucket, &'a ReplicationRule);

impl Buckets<'_> {
    pub(super) async fn metrics(&self, ruled: &[Ruled<'_>]) -> BTreeMap<AssetId, Metrics> {
        let (home, dr) = (self.session.home(), self.session.dr());
        let pending = self.read(&self.dr, dr, ruled, &IN_DR, HOUR).await;
        let failed = self.read(&self.home, home, ruled, &IN_HOME, DAY).await;
        let series = |all: &Read<BTreeMap<String, Series>>, n, name| {
            all.read(|all| all.get(&id(n, name)).cloned().unwrap_or_default())
        };
        let of = |(n, (bucket, _)): (usize, &Ruled<'_>)| {
            let [latency, bytes, waiting] = IN_DR.map(|name| series(&pending, n, name));
            let [failed] = IN_HOME.map(|name| series(&failed, n, name));
            (bucket.id.clone(), Metrics { latency, bytes, pending: waiting, failed })
        };
        ruled.iter().enumerate().map(of).collect()
    }

    async fn read(
        &self,
        client: &aws_sdk_cloudwatch::Client,
        region: &Region,
        ruled: &[Ruled<'_>],
        names: &[&str],
        span: Span,
    ) -> Read<BTreeMap<String, Series>> {
        let queries = ruled
            .iter()
            .enumerate()
            .flat_map(|(n, ruled)| names.iter().map(move |name| query(n, ruled, name, span)));
        let queries: Vec<MetricDataQuery> = queries.collect();
        let mut all = BTreeMap::new();
        for chunk in queries.chunks(QUERIES) {
            if let Err(fault) = self.pages(client, region, chunk, span, &mut all).await {
                return Read::Unknown(fault);
            }
        }
        Read::Known(all)
    }

    /// A series may come in pieces, on several pages.
    async fn pages(
        &self,
        client: &aws_sdk_cloudwatch::Client,
        region: &Region,
        queries: &[MetricDataQuery],
        span: Span,
        all: &mut BTreeMap<String, Series>,
    ) -> Result<(), Fault> {
        let now = self.session.now;
        let mut token = None;
        loop {
            let call = client
                .get_metric_data()
                .set_metric_data_queries(Some(queries.to_vec()))
                .start_time(DateTime::from_secs((now - span.back).as_second()))
                .end_time(DateTime::from_secs(now.as_second()))
                .set_next_token(token)
                .send();
            let op = "cloudwatch:GetMetricData";
            let answer = self.session.call(op, region, Box::pin(call)).await?;
            for result in answer.metric_data_results() {
                unless_refused(op, region, result)?;
                let series = all.entry(result.id().unwrap_or_default().to_owned()).or_default();
                series.extend(points(result));
            }
            token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            if token.is_none() {
                return Ok(());
            }
        }
    }
}

fn query(n: usize, (bucket, rule): &Ruled<'_>, name: &str, span: Span) -> MetricDataQuery {
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let metric = Metric::builder()
        .namespace("AWS/S3")
        .metric_name(name)
        .dimensions(dimension("SourceBucket", bucket.id.as_str()))
        .dimensions(dimension("DestinationBucket", &bucket.dr_bucket))
        .dimensions(dimension("RuleId", &rule.id))
        .build();
    let stat = MetricStat::builder().metric(metric).period(span.period).stat(span.stat).build();
    MetricDataQuery::builder().id(id(n, name)).metric_stat(stat).build()
}

/// A query's id: a small letter first.
fn id(n: usize, name: &str) -> String {
    format!("m{n}_{name}")
}

fn unless_refused(op: &str, region: &Region, result: &MetricDataResult) -> Result<(), Fault> {
    let kind = match result.status_code() {
        Some(StatusCode::Forbidden) => FaultKind::Denied,
        Some(StatusCode::InternalError) => FaultKind::Busy,
        _ => return Ok(()),
    };
    let word = result.status_code().map_or("", StatusCode::as_str);
    let detail = format!("{word}: {}", result.id().unwrap_or_default());
    Err(Fault { op: op.to_owned(), region: region.clone(), kind, detail })
}

fn points(result: &MetricDataResult) -> Series {
    let times = result.timestamps().iter();
    let pairs = times.zip(result.values());
    let at = |at: &DateTime| jiff::Timestamp::from_second(at.secs()).ok();
    pairs.filter_map(|(time, value)| Some((at(time)?, *value))).collect()
}
