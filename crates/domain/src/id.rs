//! Names of things, each its own type so that they cannot be mixed up.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An AWS Region name, such as `us-east-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Region(String);

/// The policy's id of an asset: its DBInstanceIdentifier or DBClusterIdentifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetId(String);

/// A recovery point's name in its Region, such as `rds:kaigo-subsys-prod-2025-01-14-18-05`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PointName(String);

/// The two families of database that RDS takes points of. Their names live apart: an instance and a
/// cluster may be called the same, and so may their points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A DB instance.
    Instance,
    /// A DB cluster: Aurora, or Multi-AZ with readable standbys.
    Cluster,
}

/// A manual point: a name can be given again to another one, a minute of creation cannot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManualPoint {
    /// DBSnapshotIdentifier.
    pub name: PointName,
    /// The minute of its creation; absent when it died before RDS showed one.
    pub created: Option<Timestamp>,
}

/// How a minute is written in the journal's keys.
const MINUTE: &str = "%Y%m%dT%H%MZ";

/// A minute as part of a key.
pub fn minute_word(moment: Timestamp) -> String {
    moment.strftime(MINUTE).to_string()
}

impl ManualPoint {
    /// The point of this name, created in this minute.
    pub fn new(name: PointName, created: Option<Timestamp>) -> Self {
        Self { name, created: created.map(minute) }
    }

    /// Reads `name@20250114T1900Z`, or `name@-`.
    pub fn parse(word: &str) -> Option<Self> {
        let (name, at) = word.rsplit_once('@')?;
        let read = |at| DateTime::strptime(MINUTE, at).ok()?.to_zoned(TimeZone::UTC).ok();
        let created = match at {
            "-" => None,
            at => Some(read(at)?.timestamp()),
        };
        Some(Self { name: PointName::new(name), created })
    }
}

fn minute(moment: Timestamp) -> Timestamp {
    let seconds = moment.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(moment)
}

impl fmt::Display for ManualPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.created.map_or("-".to_owned(), minute_word);
        write!(f, "{}@{at}", self.name)
    }
}

impl Region {
    /// Takes the name as it is.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AssetId {
    /// Takes the id as it is.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PointName {
    /// Takes the name as it is.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in a snapshot's ARN, of either family.
    pub fn of_arn(arn: &str) -> Option<Self> {
        arn.split_once("snapshot:").map(|(_, name)| Self::new(name))
    }

    /// The name without the prefix that RDS gives automated points (`rds:`).
    pub fn bare(&self) -> &str {
        self.0.strip_prefix("rds:").unwrap_or(&self.0)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
