//! What a database is, and what its points depend on: keys, quotas.

use super::{AssetSeen, Group, Point};
use crate::duty;
use crate::id::{Family, Region};
use std::collections::BTreeMap;

/// A DB instance or DB cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Which of the two.
    pub family: Family,
    /// DBInstanceIdentifier or DBClusterIdentifier.
    pub id: String,
    /// DbiResourceId or DbClusterResourceId: stays when it is renamed, differs when it was recreated.
    pub resource_id: String,
    /// Engine, such as `postgres` or `aurora-postgresql`.
    pub engine: String,
    /// DBInstanceStatus or the cluster's Status.
    pub status: String,
    /// PreferredBackupWindow, `hh:mm-hh:mm` in UTC, where RDS shows one.
    pub window: Option<String>,
    /// BackupRetentionPeriod in days, where RDS shows it; 0 = automated backups off.
    pub retention_days: Option<i32>,
    /// StorageEncrypted, where RDS shows it.
    pub encrypted: Option<bool>,
    /// KmsKeyId (an ARN) when encrypted.
    pub key: Option<String>,
    /// DBClusterIdentifier of an instance that is a member of a cluster: it has no points of its own.
    pub member_of: Option<String>,
    /// The groups that it runs with.
    pub groups: Vec<Group>,
    /// TagList.
    pub tags: BTreeMap<String, String>,
}

/// A KMS key, by DescribeKey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// KeyState.
    pub state: KeyState,
    /// Whether AWS manages it (KeyManager), as it does `aws/rds`.
    pub by_aws: bool,
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

/// How much of a quota of RDS is used, by DescribeAccountAttributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Whose manual points it counts.
    pub family: Family,
    /// Where.
    pub region: Region,
    /// How many there are.
    pub used: i64,
    /// How many there may be.
    pub max: i64,
}

impl Database {
    /// Whether it is a Multi-AZ DB cluster, with two readable standbys: those have the engines of
    /// instances (RDS User Guide, Multi-AZ DB cluster deployments).
    pub fn is_multi_az_cluster(&self) -> bool {
        let engines = ["mysql", "postgres"];
        self.family == Family::Cluster && engines.contains(&self.engine.as_str())
    }

    /// Whether its status says that RDS cannot use its key.
    pub fn is_cut_off(&self) -> bool {
        self.status.starts_with("inaccessible-encryption-credentials")
    }

    /// The whole copies of this very database, not of one that had its name before.
    pub fn copies_in<'v>(&self, view: &'v AssetSeen) -> impl Iterator<Item = &'v Point> {
        let id = self.resource_id.clone();
        duty::whole_copies(view)
            .filter(move |copy| copy.resource_id == id || copy.resource_id.is_empty())
    }
}

impl Key {
    /// A key that KMS does not find.
    pub fn missing() -> Self {
        Self { state: KeyState::Unusable("Missing".to_owned()), by_aws: false }
    }

    /// Why it cannot be used, by KMS's word.
    pub fn trouble(&self) -> Option<&str> {
        match &self.state {
            KeyState::Enabled => None,
            KeyState::Unusable(state) => Some(state),
        }
    }
}

impl Quota {
    /// AccountQuotaName of a family's manual points (API reference, AccountQuota).
    pub fn name(family: Family) -> &'static str {
        match family {
            Family::Instance => "ManualSnapshots",
            Family::Cluster => "ManualClusterSnapshots",
        }
    }

    /// Whether at least four fifths of it are used.
    pub fn is_short(&self) -> bool {
        self.used.saturating_mul(5) >= self.max.saturating_mul(4)
    }

    /// Whether so much is free again that a copy more or less will not make it short at once.
    pub fn is_ample(&self) -> bool {
        self.used.saturating_mul(10) < self.max.saturating_mul(7)
    }
}
