//! A point or a copy, as RDS shows it.

use crate::id::{Family, PointName};
use crate::tags;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A DB snapshot or DB cluster snapshot in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Of an instance or of a cluster.
    pub family: Family,
    /// DBSnapshotIdentifier or DBClusterSnapshotIdentifier.
    pub name: PointName,
    /// Its ARN.
    pub arn: String,
    /// Identifier of the database it was taken from (a copy keeps it).
    pub database: String,
    /// DbiResourceId or DbClusterResourceId.
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
    /// AllocatedStorage in GiB; absent for Aurora, whose storage has no fixed size.
    pub size_gib: Option<i32>,
    /// Whether it is encrypted, where RDS shows it.
    pub encrypted: Option<bool>,
    /// KmsKeyId (an ARN) when encrypted.
    pub key: Option<String>,
    /// SourceDBSnapshotIdentifier or SourceDBClusterSnapshotArn: the ARN this one was copied from.
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
    /// Whether RDS says that it is not encrypted.
    pub fn is_plain(&self) -> bool {
        self.encrypted == Some(false)
    }

    /// When a point's data is from: OriginalSnapshotCreateTime, which clusters lack, else
    /// SnapshotCreateTime; that one is the time of copying on a copy, which has to carry our own tag
    /// instead.
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
