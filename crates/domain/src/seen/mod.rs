//! What AWS says now. Every read is a value or a [`Read::Unknown`] with its reason, never zero.

mod reads;

use crate::fault::Fault;
use crate::id::{AssetId, PointName, Region};
use crate::journal::Journal;
use crate::record::Heartbeat;
use crate::tags;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub use reads::{Fold, Reads};

/// The outcome of one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read<T> {
    /// What was read.
    Known(T),
    /// It could not be read.
    Unknown(Fault),
}

/// Everything one round looks at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The policy's assets in scope; empty when a named point is not ours.
    pub assets: BTreeMap<AssetId, AssetSeen>,
    /// What was recorded and said before.
    pub journal: Read<Journal>,
    /// How this function is set up, where that is known.
    pub setup: Option<Setup>,
    /// Home's last sign of life, where the watcher asked for it.
    pub heartbeat: Option<Read<Option<Heartbeat>>>,
    /// Why the point that the round was asked to look at could not be described.
    pub lost: Option<Fault>,
}

/// How a function is set up, as far as its findings go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// ARNs of the KMS keys that its role is given.
    pub granted: BTreeSet<String>,
    /// Whether the alarm on the check's silence may send.
    pub armed: bool,
}

/// One asset in both Regions.
#[derive(Clone, Debug)]
pub struct AssetSeen {
    /// The instance; `None` when home answers that it does not exist.
    pub instance: Read<Option<Instance>>,
    /// The instance that carries this asset's DbiResourceId under another name, if one was seen.
    pub renamed_to: Option<String>,
    /// Its points in home, newest state, unordered.
    pub points: Read<Vec<Point>>,
    /// Its points in dr (copies, and anything a person put there), unordered.
    pub copies: Read<Vec<Point>>,
    /// The dr key that its copies must be under.
    pub dr_key: Read<KeyState>,
    /// Copy names that something else turned out to hold.
    pub held: BTreeSet<PointName>,
}

/// A DB instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// DBInstanceIdentifier.
    pub id: String,
    /// DbiResourceId: stays when the instance is renamed, differs when it was recreated.
    pub resource_id: String,
    /// DBInstanceStatus.
    pub status: String,
    /// PreferredBackupWindow, `hh:mm-hh:mm` in UTC, where RDS shows one.
    pub window: Option<String>,
    /// BackupRetentionPeriod in days, where RDS shows it; 0 = automated backups off.
    pub retention_days: Option<i32>,
}

/// A DB snapshot in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// DBSnapshotIdentifier.
    pub name: PointName,
    /// DBSnapshotArn.
    pub arn: String,
    /// DBInstanceIdentifier of the instance it was taken from (a copy keeps it).
    pub instance: String,
    /// DbiResourceId.
    pub resource_id: String,
    /// SnapshotType: `automated`, `manual`, `awsbackup`, ..
    pub kind: String,
    /// Its state.
    pub state: State,
    /// When its data is from, as [`Point::data_from`] reads it. Absent while it is being created.
    pub created: Option<Timestamp>,
    /// SnapshotCreateTime: for a copy, the time of copying.
    pub stored: Option<Timestamp>,
    /// PercentProgress.
    pub percent: i32,
    /// AllocatedStorage in GiB.
    pub size_gib: i32,
    /// KmsKeyId (an ARN) when encrypted.
    pub key: Option<String>,
    /// SourceDBSnapshotIdentifier: the ARN this one was copied from.
    pub source: Option<String>,
    /// TagList.
    pub tags: BTreeMap<String, String>,
}

/// DBSnapshot.Status. AWS publishes no closed list, so anything else is kept by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Being taken.
    Creating,
    /// Waits for its turn; legal for hours.
    Pending,
    /// Being copied.
    Copying,
    /// Usable.
    Available,
    /// Dead; keeps its name until deleted.
    Failed,
    /// Going away; keeps its name until gone.
    Deleting,
    /// A word that this version does not know; a finding.
    Other(String),
}

/// DescribeKey's KeyState of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Usable as far as KMS says.
    Enabled,
    /// Any other state, `Missing` included, by KMS's word.
    Unusable(String),
}

impl KeyState {
    /// Reads KMS's word. A key that is `Updating` works as before (KMS Developer Guide, Key states).
    pub fn parse(word: &str) -> Self {
        match word {
            "Enabled" | "Updating" => Self::Enabled,
            other => Self::Unusable(other.to_owned()),
        }
    }
}

impl<T> Read<T> {
    /// The value, if it could be read.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Goes on with the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Self::Known(value) => Read::Known(f(value)),
            Self::Unknown(fault) => Read::Unknown(fault),
        }
    }

    /// Reads something out of the value.
    pub fn read<U>(&self, f: impl FnOnce(&T) -> U) -> Read<U> {
        match self {
            Self::Known(value) => Read::Known(f(value)),
            Self::Unknown(fault) => Read::Unknown(fault.clone()),
        }
    }

    /// The reason, if it could not.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(fault) => Some(fault),
        }
    }
}

impl State {
    /// Reads AWS's word.
    pub fn parse(word: &str) -> Self {
        match word {
            "creating" => Self::Creating,
            "pending" => Self::Pending,
            "copying" => Self::Copying,
            "available" => Self::Available,
            "failed" => Self::Failed,
            "deleting" => Self::Deleting,
            other => Self::Other(other.to_owned()),
        }
    }

    /// AWS's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Creating => "creating",
            Self::Pending => "pending",
            Self::Copying => "copying",
            Self::Available => "available",
            Self::Failed => "failed",
            Self::Deleting => "deleting",
            Self::Other(word) => word,
        }
    }

    /// On its way, with nothing to do but look again.
    pub fn underway(&self) -> bool {
        matches!(self, Self::Creating | Self::Pending | Self::Copying)
    }

    /// May still become usable: on its way, or in a state whose word this version does not know.
    /// Another full copy beside it would cost hours and money for a word that AWS added.
    pub fn may_come(&self) -> bool {
        self.underway() || matches!(self, Self::Other(_))
    }
}

impl Point {
    /// When a point's data is from: OriginalSnapshotCreateTime, else SnapshotCreateTime; that one
    /// is the time of copying on a copy, which has to carry our own tag instead.
    pub fn data_from(
        original: Option<Timestamp>,
        stored: Option<Timestamp>,
        copied: bool,
        tags: &BTreeMap<String, String>,
    ) -> Option<Timestamp> {
        let tagged = || tags.get(tags::CREATED).and_then(|time| time.parse().ok());
        let copied = copied || tags.contains_key(tags::SOURCE_ARN);
        original.or_else(|| if copied { tagged() } else { stored })
    }
}

impl Seen {
    /// A round that looked at nothing of ours.
    pub fn nothing() -> Self {
        let journal = Read::Known(Journal::default());
        Self { assets: BTreeMap::new(), journal, setup: None, heartbeat: None, lost: None }
    }
}

/// What a round looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One named point of a Region: described by name first, then its whole asset.
    Point(Region, PointName),
    /// One asset.
    Asset(AssetId),
    /// Every asset of the policy.
    Fleet,
    /// Home's sign of life: what the watcher in dr looks at.
    Watch,
}
