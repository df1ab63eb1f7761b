//! What may be done about a point, and how it went.

use crate::fault::{Fault, FaultKind};
use crate::id::{AssetId, Family, PointName, Region};
use crate::names;
use crate::policy::{Bucket, PingUrl};
use crate::record::Record;
use crate::seen::{Point, State};
use crate::tags::{self, StartedBy};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What `decide` says about one point: act, or a reason not to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Do this now.
    Do(Action),
    /// Nothing to do now, because of this.
    Rest(Rest),
}

/// Everything that Sonae ever does to the outside, telling aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// CreateDBSnapshot or CreateDBClusterSnapshot in home.
    Take(Take),
    /// CopyDBSnapshot or CopyDBClusterSnapshot, called in dr.
    Copy(Copy),
    /// StartCopyJob in home, of a point that no plan of AWS Backup copies.
    CopyPoint(PointCopy),
    /// DeleteDBSnapshot or DeleteDBClusterSnapshot; only sweep's round decides on it.
    Delete(Delete),
    /// Write one object of the journal.
    Record(Record),
    /// PutObject of a bucket's canary, in home.
    Canary(Bucket),
    /// CreateJob of S3 Batch Operations, in home: replicate again what failed.
    Repair(Job),
    /// Tell the watchdog outside that a look was whole; only the check's round decides on it.
    Ping(PingUrl),
}

/// A point to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// Of which asset.
    pub asset: AssetId,
    /// Of an instance or of a cluster.
    pub family: Family,
    /// Its identifier.
    pub database: String,
    /// Its name.
    pub name: PointName,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A copy to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Of which asset.
    pub asset: AssetId,
    /// Of an instance or of a cluster.
    pub family: Family,
    /// The point in home.
    pub point: PointName,
    /// Its ARN.
    pub source: String,
    /// When its data is from.
    pub created: Timestamp,
    /// By when it must stand; of one asset's copies the most urgent goes first.
    pub due: Timestamp,
    /// 1, 2 or 3.
    pub attempt: u8,
    /// The copy's name in dr.
    pub target: PointName,
    /// The key in dr; none for the point of a cluster that is not encrypted, since RDS refuses one
    /// there (API reference, CopyDBClusterSnapshot, KmsKeyId).
    pub key: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A copy of a point in AWS Backup's vault to start. How long it is kept is the point's own lifecycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointCopy {
    /// Of which asset.
    pub asset: AssetId,
    /// RecoveryPointArn, whatever its shape.
    pub point: String,
    /// When its data is from.
    pub created: Timestamp,
    /// SourceBackupVaultName, in home.
    pub from: String,
    /// DestinationBackupVaultArn, in dr.
    pub into: String,
    /// The role that AWS Backup copies with.
    pub role: String,
    /// Who asked for it.
    pub by: StartedBy,
}

/// A job of S3 Batch Replication to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Of which bucket.
    pub bucket: Bucket,
    /// The role that it works under.
    pub role: String,
    /// ClientRequestToken: AWS starts one job for one token.
    pub token: String,
}

/// A point or copy to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// Of which asset.
    pub asset: AssetId,
    /// Of an instance or of a cluster.
    pub family: Family,
    /// Where.
    pub region: Region,
    /// Its name.
    pub name: PointName,
    /// Its ARN.
    pub arn: String,
    /// When its data is from.
    pub created: Timestamp,
    /// When it was made.
    pub stored: Option<Timestamp>,
    /// Its tags of ours.
    pub tags: BTreeMap<String, String>,
}

/// Why nothing is done about a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Its copy stands in dr, checked.
    Landed(PointName),
    /// Its copy is on the way.
    Underway(PointName),
    /// The point itself is not available yet; the next check looks again.
    NotReady(String),
    /// The point failed.
    PointFailed,
    /// Older than the asset's `since`.
    BeforeSince,
    /// Older than `catch_up`.
    TooOld,
    /// A manual point that the policy does not select.
    NotSelected,
    /// A copy itself, an AWS Backup point, or a kind we do not handle.
    NotOurs,
    /// A plan of AWS Backup made it, and copies it.
    Planned,
    /// All attempts' names are used up; told, and a person's deletion frees them.
    AttemptsSpent,
    /// dr could not be read, so nothing is started blindly.
    Unsure(Fault),
    /// The database cannot be snapshotted now.
    DatabaseNotReady(String),
}

/// How an action went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted. Requested is not landed.
    Done,
    /// It was there already, from the same source and alive.
    Already,
    /// Not tried, or refused for now; a later round tries again.
    Deferred(Fault),
    /// Refused.
    Failed(Fault),
}

impl Take {
    /// Whether a point found under the name is this very one, alive: taken by a round beside this
    /// one, or by a call whose answer was lost.
    pub fn is(&self, found: &Point) -> bool {
        let alive = found.state == State::Available || found.state.may_come();
        alive && found.source.is_none() && found.database == self.database
    }
}

impl Copy {
    /// Whether a point found under the target's name is this very copy, alive: then asking for it
    /// again is done already. Anything else there is a stranger or a dead attempt.
    pub fn is(&self, found: &Point) -> bool {
        let alive = found.state.may_come() || found.state == State::Available;
        let source = found.source.as_ref().or_else(|| found.tags.get(tags::SOURCE_ARN));
        let later = found.stored.is_none_or(|copied| copied >= self.created);
        alive && later && source == Some(&self.source)
    }
}

impl PointCopy {
    /// IdempotencyToken: two rounds that ask for the same copy get one job.
    pub fn token(&self) -> String {
        names::token(&[&self.point, &self.into])
    }
}

impl Job {
    /// What it does.
    pub const OPERATION: &str = r#"{"S3ReplicateObject":{}}"#;

    /// The account of its role, which is the bucket's.
    pub fn account(&self) -> &str {
        self.role.split(':').nth(4).unwrap_or_default()
    }

    /// What it does that to: the objects of a bucket whose replication has this status.
    pub fn manifest(bucket: &str, status: &str) -> String {
        format!(
            r#"{{"S3JobManifestGenerator":{{"SourceBucket":"{bucket}","EnableManifestOutput":false,"#
        ) + &format!(
            r#""Filter":{{"EligibleForReplication":true,"ObjectReplicationStatuses":["{status}"]}}}}}}"#
        )
    }
}

impl Delete {
    /// Of a point that the plan lets go.
    pub fn of(point: &Point, asset: &AssetId, region: &Region, created: Timestamp) -> Self {
        Self {
            asset: asset.clone(),
            family: point.family,
            region: region.clone(),
            name: point.name.clone(),
            arn: point.arn.clone(),
            created,
            stored: point.stored,
            tags: tags::only_ours(point),
        }
    }

    /// Whether a point found under the name is still the very one that was planned for: a name can be
    /// given again, and a person may have told it to stay.
    pub fn is(&self, found: &Point) -> bool {
        let still = matches!(found.state, State::Available | State::Failed);
        let same = found.arn == self.arn && found.stored == self.stored;
        still && same && found.created == Some(self.created) && tags::only_ours(found) == self.tags
    }

    /// Why it is left alone when it is not: the next sweep plans with what is there then.
    pub fn changed(&self) -> Fault {
        let op = match self.family {
            Family::Instance => "rds:DeleteDBSnapshot",
            Family::Cluster => "rds:DeleteDBClusterSnapshot",
        };
        let detail = format!("not called: `{}` has changed since it was planned for", self.name);
        let (op, region) = (op.to_owned(), self.region.clone());
        Fault { op, region, kind: FaultKind::Busy, detail }
    }
}

impl Outcome {
    /// A refusal: for now, or until something changes.
    pub fn refused(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::InFlightFull | FaultKind::Busy | FaultKind::Throttled | FaultKind::Late => {
                Self::Deferred(fault)
            }
            _ => Self::Failed(fault),
        }
    }

    /// Whether something else holds the name, for certain.
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Failed(fault) if fault.kind == FaultKind::Exists)
    }

    /// What went wrong, if anything.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Done | Self::Already => None,
            Self::Deferred(fault) | Self::Failed(fault) => Some(fault),
        }
    }
}
