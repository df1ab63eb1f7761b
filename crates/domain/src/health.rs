//! How the replication of a bucket stands. Nothing measured is never healthy, and a failed object is not
//! pending any more, so latency alone never says so either.

use crate::failure::Reason;
use crate::fault::Fault;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What came of a look at one bucket, as the journal and the report keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// When it was looked at.
    pub at: Timestamp,
    /// What follows.
    pub verdict: Verdict,
    /// The rule that replicates it.
    pub rule: Option<String>,
    /// How far dr was behind at most in the last half hour, in seconds.
    pub latency_seconds: Option<i64>,
    /// How far it may be.
    pub objective_seconds: i64,
    /// How many operations wait.
    pub pending: Option<i64>,
    /// How many bytes wait.
    pub pending_bytes: Option<i64>,
    /// How many objects S3 gave up, as far as they were named, and that were not seen to arrive since.
    pub failed: usize,
    /// How many more failures of the last day only the metric knows.
    pub unnamed: i64,
    /// How the canary stands, where there is one.
    pub canary: Option<String>,
}

/// How a bucket stands, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// What is written arrives in time.
    Healthy,
    /// Looked at for less than half an hour, and nothing measured yet.
    Young,
    /// It arrives, later than it may.
    Slow,
    /// It cannot be told.
    Unknown,
    /// Objects were given up.
    Failing,
    /// The bucket does not replicate what it should.
    NotConfigured,
}

/// What is missing in a bucket's setup.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// There is no such bucket.
    NoBucket,
    /// It has no rule.
    NoRules,
    /// It has no rule of that ID.
    NoSuchRule(String),
    /// The rule replicates to another bucket: its ARN.
    Elsewhere(String),
    /// The rule is off.
    Disabled,
    /// The rule covers less than the prefix: what it covers.
    Narrow(String),
    /// The rule covers only objects with tags.
    ByTags,
    /// The rule passes over objects under KMS keys, and the bucket's are.
    NoKms,
    /// The rule is not measured.
    NoMetrics,
    /// Replication Time Control is off: nothing promises any time.
    NoTimeControl,
}

/// Why it cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// A read failed.
    Unread(Fault),
    /// CloudWatch has no point that is young enough.
    NoData,
}

/// What of a bucket is not as it should be; what notices are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What its setup lacks.
    pub gaps: Vec<Gap>,
    /// For which reasons objects were given up: how many, and since when.
    pub failing: Vec<(Reason, usize, Timestamp)>,
    /// How far dr is behind, in seconds, where that is too far.
    pub slow: Option<i64>,
    /// Why more cannot be told.
    pub silent: Option<Silence>,
}

impl Gap {
    /// The word in the journal's keys.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoBucket => "no-bucket",
            Self::NoRules => "no-rules",
            Self::NoSuchRule(_) => "no-such-rule",
            Self::Elsewhere(_) => "elsewhere",
            Self::Disabled => "disabled",
            Self::Narrow(_) => "narrow",
            Self::ByTags => "by-tags",
            Self::NoKms => "no-kms",
            Self::NoMetrics => "no-metrics",
            Self::NoTimeControl => "no-time-control",
        }
    }

    /// Whether it is more than a promise that is missing.
    pub fn matters(&self) -> bool {
        !matches!(self, Self::NoTimeControl)
    }

    /// Whether objects stay behind for it.
    pub fn loses(&self) -> bool {
        !matches!(self, Self::NoMetrics | Self::NoTimeControl)
    }
}

impl Verdict {
    /// The fixed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Young => "young",
            Self::Slow => "slow",
            Self::Unknown => "unknown",
            Self::Failing => "failing",
            Self::NotConfigured => "not-configured",
        }
    }
}

impl Health {
    /// Reads the object of the journal.
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}
