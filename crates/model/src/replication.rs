//! Pairs of buckets that S3 replicates: rules, objects on their way, failures and how S3 tells of them, and
//! the metrics, each in its Region and under its three dimensions only (S3 User Guide, Replication metrics).

use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;
use domain::policy::{Bucket, Policy};
use domain::seen::{Arrival, Replication, ReplicationRule, Series};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Metrics begin so long after a rule does.
const UNTIL_METRICS: SignedDuration = SignedDuration::from_mins(15);

/// A bucket in home, and where it is replicated to.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Its Region.
    pub region: Region,
    /// The Region of the other one.
    pub dr: Region,
    /// The other one, which may have been deleted.
    pub dr_bucket: String,
    /// Whether it was.
    pub dr_gone: bool,
    /// Its rules.
    pub setup: Replication,
    /// Since when they hold.
    pub since: Timestamp,
    /// Whether it puts objects under KMS keys.
    pub kms: bool,
    /// Whether it has an Object Lock.
    pub locked: bool,
    /// Whether S3 notifies of failures.
    pub notifies: bool,
    /// How long an object takes from now on.
    pub takes: SignedDuration,
    /// Why objects fail from now on.
    pub fails: Option<String>,
    /// What was written.
    pub sent: Vec<Sent>,
}

/// An object on its way.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its key.
    pub key: String,
    /// Its version.
    pub version: String,
    /// When it was written, or sent again.
    pub at: Timestamp,
    /// How many bytes.
    pub size: usize,
    /// When it arrives or is given up.
    pub ends: Timestamp,
    /// Why it is given up.
    pub reason: Option<String>,
    told: bool,
}

/// Which metric of which rule.
#[derive(Clone, Debug)]
pub struct MetricQuery {
    /// Its name.
    pub name: String,
    /// SourceBucket.
    pub source: String,
    /// DestinationBucket.
    pub destination: String,
    /// RuleId.
    pub rule: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub to: Timestamp,
    /// In seconds.
    pub period: i64,
}

impl Account {
    /// A pair as the policy wants it, with a rule that is a day old.
    pub fn pair(&mut self, policy: &Policy, bucket: &Bucket) -> &mut Pair {
        let rule = ReplicationRule {
            id: bucket.rule.clone().unwrap_or_else(|| "sonae".to_owned()),
            enabled: true,
            prefix: bucket.prefix.clone(),
            by_tags: false,
            destination: bucket.dr_arn(),
            time_control: true,
            metrics: true,
            kms: true,
        };
        self.buckets.insert(bucket.id.to_string());
        self.buckets.insert(bucket.dr_bucket.clone());
        let pair = Pair {
            region: policy.home.clone(),
            dr: policy.dr.clone(),
            dr_bucket: bucket.dr_bucket.clone(),
            dr_gone: false,
            setup: Replication::Rules(vec![rule]),
            since: self.now - SignedDuration::from_hours(24),
            kms: true,
            locked: false,
            notifies: true,
            takes: SignedDuration::from_secs(40),
            fails: None,
            sent: Vec::new(),
        };
        self.pairs.entry(bucket.id.to_string()).or_insert(pair)
    }

    /// Puts an object on its way, where a rule takes it.
    pub(crate) fn send(&mut self, bucket: &str, key: &str, size: usize) {
        self.serial += 1;
        let (now, version) = (self.now, format!("v{:06}", self.serial));
        let Some(pair) = self.pairs.get_mut(bucket) else { return };
        let taken = match &pair.setup {
            Replication::Rules(rules) => rules
                .iter()
                .any(|rule| rule.enabled && !rule.by_tags && key.starts_with(&rule.prefix)),
            Replication::NoBucket | Replication::NoRules => false,
        };
        if taken {
            let (ends, reason) = (now + pair.takes, pair.fails.clone());
            let key = key.to_owned();
            pair.sent.push(Sent { key, version, at: now, size, ends, reason, told: false });
        }
    }

    /// What S3 puts into the queue up to now: at least once, one message an object.
    pub fn notifications(&mut self) -> Vec<Value> {
        let now = self.now;
        let mut all = Vec::new();
        for (bucket, pair) in &mut self.pairs {
            let rule = match &pair.setup {
                Replication::Rules(rules) => rules.first().map(|rule| rule.id.clone()),
                _ => None,
            };
            let dr = format!("arn:aws:s3:::{}", pair.dr_bucket);
            for sent in pair.sent.iter_mut().filter(|sent| sent.ends <= now && !sent.told) {
                sent.told = true;
                if let (Some(reason), true) = (&sent.reason, pair.notifies) {
                    let rule = rule.clone().unwrap_or_default();
                    all.push(notification(bucket, &pair.region, sent, reason, &rule, &dr));
                }
            }
        }
        all
    }

    /// GetBucketReplication.
    ///
    /// # Errors
    /// NoSuchBucket, ReplicationConfigurationNotFoundError.
    pub fn get_bucket_replication(
        &mut self,
        region: &Region,
        bucket: &str,
    ) -> Result<Vec<ReplicationRule>, ApiError> {
        self.enter("s3:GetReplicationConfiguration", region, bucket)?;
        match self.pairs.get(bucket).map(|pair| &pair.setup) {
            Some(Replication::Rules(rules)) => Ok(rules.clone()),
            Some(Replication::NoRules) => Err(ApiError::new(
                404,
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
            )),
            Some(Replication::NoBucket) | None => Err(no_bucket()),
        }
    }

    /// GetBucketEncryption: whether objects are under a KMS key by default.
    ///
    /// # Errors
    /// NoSuchBucket.
    pub fn get_bucket_encryption(
        &mut self,
        region: &Region,
        bucket: &str,
    ) -> Result<bool, ApiError> {
        self.enter("s3:GetEncryptionConfiguration", region, bucket)?;
        self.pairs.get(bucket).map(|pair| pair.kms).ok_or_else(no_bucket)
    }

    /// GetObjectLockConfiguration.
    ///
    /// # Errors
    /// NoSuchBucket; ObjectLockConfigurationNotFoundError where there is no lock.
    pub fn get_object_lock(&mut self, region: &Region, bucket: &str) -> Result<(), ApiError> {
        self.enter("s3:GetBucketObjectLockConfiguration", region, bucket)?;
        match self.pairs.get(bucket).map(|pair| pair.locked) {
            Some(true) => Ok(()),
            Some(false) => Err(ApiError::new(
                404,
                "ObjectLockConfigurationNotFoundError",
                "Object Lock configuration does not exist for this bucket",
            )),
            None => Err(no_bucket()),
        }
    }

    /// HeadObject of the newest version, or of one: its LastModified and ReplicationStatus.
    ///
    /// # Errors
    /// 404, of which HEAD has no body.
    pub fn head_object(
        &mut self,
        region: &Region,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<(Timestamp, Option<Arrival>), ApiError> {
        self.enter("s3:GetObject", region, &format!("{bucket}/{key}"))?;
        let now = self.now;
        let sent = self.pairs.get(bucket).into_iter().flat_map(|pair| pair.sent.iter().rev());
        let mut sent = sent.filter(|sent| sent.key == key);
        if let Some(sent) = sent.find(|sent| version.is_none_or(|id| id == sent.version)) {
            return Ok((sent.at, Some(sent.status(now))));
        }
        let object = self.objects.get(&(bucket.to_owned(), key.to_owned()));
        let object = object.filter(|_| version.is_none());
        let missing = || ApiError::new(404, "NotFound", "Not Found");
        object.map(|object| (object.modified, None)).ok_or_else(missing)
    }

    /// CreateJob of S3 Batch Replication over what failed; the same token again starts nothing.
    ///
    /// # Errors
    /// What is scripted.
    pub fn create_job(
        &mut self,
        region: &Region,
        bucket: &str,
        token: &str,
    ) -> Result<String, ApiError> {
        self.enter("s3:CreateJob", region, bucket)?;
        let (now, id) = (self.now, format!("00000000-0000-4000-b000-{:012}", self.jobs.len() + 1));
        if !self.jobs.insert(token.to_owned()) {
            return Ok(id);
        }
        if let Some(pair) = self.pairs.get_mut(bucket) {
            let (takes, fails) = (pair.takes, pair.fails.clone());
            for sent in pair.sent.iter_mut().filter(|sent| sent.status(now) == Arrival::Failed) {
                (sent.at, sent.ends) = (now, now + takes);
                (sent.reason, sent.told) = (fails.clone(), false);
            }
        }
        Ok(id)
    }

    /// GetMetricData: one call, a series per query. What has no points has none, without an error.
    ///
    /// # Errors
    /// What is scripted.
    pub fn get_metric_data(
        &mut self,
        region: &Region,
        queries: &[MetricQuery],
    ) -> Result<Vec<Series>, ApiError> {
        self.enter("cloudwatch:GetMetricData", region, &format!("{}", queries.len()))?;
        Ok(queries.iter().map(|query| self.series(region, query)).collect())
    }

    fn series(&self, region: &Region, query: &MetricQuery) -> Series {
        let Some(pair) = self.pairs.get(&query.source) else { return Series::new() };
        let Replication::Rules(rules) = &pair.setup else { return Series::new() };
        let measured =
            rules.iter().any(|rule| rule.id == query.rule && rule.metrics && rule.enabled);
        let of_failures = query.name == "OperationsFailedReplication";
        let place = if of_failures { &pair.region } else { &pair.dr };
        if !measured || place != region || query.destination != pair.dr_bucket {
            return Series::new();
        }
        let step = SignedDuration::from_secs(query.period);
        let start = query.from.as_second() - query.from.as_second().rem_euclid(query.period);
        let first = Timestamp::from_second(start).expect("a time of today");
        let times = (0i32..).map(|n| first + step * n);
        let times = times.take_while(|at| *at < query.to && *at < self.now);
        let times = times.filter(|at| *at + step > pair.since + UNTIL_METRICS);
        times.filter_map(|at| Some((at, pair.value(&query.name, at, at + step)?))).collect()
    }
}

impl Pair {
    /// The pending ones are published whatever happens, but for a bucket in dr that is gone; failures only
    /// while something is replicated.
    fn value(&self, name: &str, from: Timestamp, to: Timestamp) -> Option<f64> {
        let ended: Vec<&Sent> =
            self.sent.iter().filter(|sent| (from..to).contains(&sent.ends)).collect();
        if name == "OperationsFailedReplication" {
            let failed = ended.iter().filter(|sent| sent.reason.is_some()).count();
            return (!ended.is_empty()).then_some(failed as f64);
        }
        if self.dr_gone {
            return None;
        }
        let waiting: Vec<&Sent> =
            self.sent.iter().filter(|sent| sent.at < to && sent.ends >= from).collect();
        let age = |sent: &&Sent| sent.ends.min(to).duration_since(sent.at).as_secs();
        Some(match name {
            "ReplicationLatency" => waiting.iter().map(age).max().unwrap_or(0) as f64,
            "BytesPendingReplication" => waiting.iter().map(|sent| sent.size).sum::<usize>() as f64,
            "OperationsPendingReplication" => waiting.len() as f64,
            _ => return None,
        })
    }
}

impl Sent {
    /// ReplicationStatus.
    pub fn status(&self, now: Timestamp) -> Arrival {
        match &self.reason {
            _ if self.ends > now => Arrival::Pending,
            Some(_) => Arrival::Failed,
            None => Arrival::Arrived,
        }
    }
}

/// S3 User Guide, Receiving replication failure events: no `s3:` before the name, the key as forms write it.
fn notification(
    bucket: &str,
    region: &Region,
    sent: &Sent,
    reason: &str,
    rule: &str,
    dr: &str,
) -> Value {
    let key: String = sent.key.replace('%', "%25").replace('+', "%2B").replace(' ', "+");
    json!({"Records": [{
        "eventVersion": "2.2", "eventSource": "aws:s3", "awsRegion": region,
        "eventTime": sent.ends.to_string(), "eventName": "Replication:OperationFailedReplication",
        "userIdentity": {"principalId": "s3.amazonaws.com"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "sonae",
            "bucket": {"name": bucket, "arn": format!("arn:aws:s3:::{bucket}")},
            "object": {"key": key, "size": sent.size, "versionId": sent.version, "sequencer": "0066"},
        },
        "replicationEventData": {
            "replicationRuleId": rule, "destinationBucket": dr, "s3Operation": "OBJECT_PUT",
            "requestTime": sent.at.to_string(), "failureReason": reason,
        },
    }]})
}

fn no_bucket() -> ApiError {
    ApiError::new(404, "NoSuchBucket", "The specified bucket does not exist")
}
