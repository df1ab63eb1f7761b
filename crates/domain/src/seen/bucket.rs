//! What S3 and CloudWatch say of a bucket that is replicated, and what the journal has of its failures.

use super::Read;
use crate::failure::{Batch, Reason};
use crate::policy::Bucket;
use jiff::{SignedDuration, Timestamp};

/// Points of a metric, in whatever order.
pub type Series = Vec<(Timestamp, f64)>;

/// A batch by its name, and whether all of it has arrived or is gone.
pub type Probe = (String, Read<bool>);

/// One bucket, looked at by `replication`.
#[derive(Clone, Debug)]
pub struct BucketSeen {
    /// What it is set up to replicate.
    pub setup: Read<Replication>,
    /// Whether its objects are under a KMS key by default, where that was asked for.
    pub kms: Option<Read<bool>>,
    /// What is measured of the rule that replicates it; nothing where there is no such rule.
    pub metrics: Option<Metrics>,
    /// What became of the canary, where the policy wants one.
    pub canary: Option<Read<Canary>>,
    /// The failures that the journal has.
    pub failures: Read<Vec<Batch>>,
    /// What became of the objects of one of them.
    pub probed: Option<Probe>,
}

/// GetBucketReplication's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replication {
    /// There is no such bucket.
    NoBucket,
    /// It replicates nothing.
    NoRules,
    /// Its rules.
    Rules(Vec<ReplicationRule>),
}

/// A rule of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationRule {
    /// ID, the metrics' dimension RuleId.
    pub id: String,
    /// Status.
    pub enabled: bool,
    /// Which keys it covers; empty is all.
    pub prefix: String,
    /// Whether it covers only what carries tags.
    pub by_tags: bool,
    /// The ARN of the bucket that it replicates to.
    pub destination: String,
    /// Whether Replication Time Control is on.
    pub time_control: bool,
    /// Whether it is measured.
    pub metrics: bool,
    /// Whether objects under a KMS key are replicated, too.
    pub kms: bool,
}

/// The four metrics of a rule.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// ReplicationLatency, seconds, of the last hour; of dr.
    pub latency: Read<Series>,
    /// BytesPendingReplication, of dr.
    pub bytes: Read<Series>,
    /// OperationsPendingReplication, of dr.
    pub pending: Read<Series>,
    /// OperationsFailedReplication, of the last day; of home.
    pub failed: Read<Series>,
}

/// The canary as it stands in home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canary {
    /// The bucket has an Object Lock, so none is written: nobody could remove it.
    Locked,
    /// None was written yet.
    None,
    /// The newest one.
    Written {
        /// LastModified.
        at: Timestamp,
        /// ReplicationStatus; nothing where no rule takes it.
        status: Option<Arrival>,
    },
}

/// ReplicationStatus of an object of home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// COMPLETED.
    Arrived,
    /// PENDING.
    Pending,
    /// FAILED; S3 does not try again.
    Failed,
}

impl Arrival {
    /// S3's word. The API model names COMPLETE, the service sends COMPLETED; REPLICA is of an object that
    /// came from elsewhere, and goes no further.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "COMPLETED" | "COMPLETE" => Some(Self::Arrived),
            "PENDING" => Some(Self::Pending),
            "FAILED" => Some(Self::Failed),
            _ => None,
        }
    }
}

impl ReplicationRule {
    /// Whether it covers a prefix.
    pub fn covers(&self, prefix: &str) -> bool {
        !self.by_tags && prefix.starts_with(&self.prefix)
    }
}

impl Replication {
    /// The rule that replicates a bucket as the policy says, or the one that comes nearest to it: the
    /// metrics are of one rule.
    pub fn rule_for(&self, bucket: &Bucket) -> Option<&ReplicationRule> {
        let Self::Rules(rules) = self else { return None };
        let named = |rule: &&ReplicationRule| bucket.rule.as_ref().is_none_or(|id| *id == rule.id);
        rules.iter().filter(named).max_by_key(|rule| {
            let there = rule.destination == bucket.dr_arn();
            (there, rule.enabled, rule.covers(&bucket.prefix), rule.kms, rule.metrics)
        })
    }
}

impl BucketSeen {
    /// The batches that are not whole yet, oldest first.
    pub fn open(&self) -> impl Iterator<Item = &Batch> {
        self.failures.known().into_iter().flatten().filter(|batch| !batch.repaired)
    }

    /// The reasons of these, each once.
    pub fn reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.open().map(|batch| batch.reason.clone()).collect();
        reasons.sort();
        reasons.dedup();
        reasons
    }
}

impl Metrics {
    /// How far dr was behind at most in the last half hour, which is two looks, in seconds; nothing where there
    /// is no point of it: S3 publishes one a minute even when nothing is written (S3 User Guide,
    /// Replication metrics).
    pub fn latency(&self, now: Timestamp) -> Option<f64> {
        newest_of(self.latency.known()?, now)
    }

    /// How many operations wait, likewise.
    pub fn pending(&self, now: Timestamp) -> Option<f64> {
        newest_of(self.pending.known()?, now)
    }

    /// How many bytes wait, likewise.
    pub fn bytes(&self, now: Timestamp) -> Option<f64> {
        newest_of(self.bytes.known()?, now)
    }

    /// How many operations failed in the last day; none where nothing was written.
    pub fn failed(&self) -> f64 {
        self.failed.known().into_iter().flatten().map(|(_, count)| count).sum()
    }
}

/// How young a point must be to say anything of now.
pub const FRESH: SignedDuration = SignedDuration::from_mins(30);

fn newest_of(series: &Series, now: Timestamp) -> Option<f64> {
    let fresh = series.iter().filter(|(at, _)| now.duration_since(*at) <= FRESH);
    fresh.map(|(_, value)| *value).reduce(f64::max)
}
