//! What AWS says now. Every read is a value or a [`Read::Unknown`] with its reason, never zero.

mod bucket;
mod copies;
mod daily;
mod database;
mod group;
mod host;
mod lock;
mod point;
mod reads;
mod tally;
mod topic;
mod vault;
mod vaults;
mod wants;

use crate::fault::Fault;
use crate::health::Health;
use crate::id::{AssetId, Family, PointName, Region};
use crate::journal::Journal;
use crate::policy::{Policy, Tagged};
use crate::record::Heartbeat;
use crate::step::Copy;
use crate::sweep::Stock;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub use bucket::{
    Arrival, BucketSeen, Canary, FRESH, Metrics, Probe, Replication, ReplicationRule, Series,
};
pub use copies::{InDr, Listings};
pub use daily::Daily;
pub use database::{Database, Key, KeyState, Quota};
pub use group::{Group, GroupKind};
pub use host::{HostSeen, SILENCE};
pub use lock::Lock;
pub use point::{Point, State};
pub use reads::{Fold, Folded, OfFamily, Reads, strays};
pub use tally::Tally;
pub use topic::Topic;
pub use vault::{BackedSeen, CopyJob, Job, OptIn, RecoveryPoint, Stand, Vault};
pub use vaults::{ByAsset, OfVaults, Place, Sort};
pub use wants::Wants;

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
    /// The policy's databases in scope; empty when a named point is not ours.
    pub assets: BTreeMap<AssetId, AssetSeen>,
    /// The policy's assets of AWS Backup, where everything is looked at.
    pub backed: BTreeMap<AssetId, BackedSeen>,
    /// What AWS Backup is let to protect in each Region, by type, where that was asked for.
    pub opt_in: BTreeMap<Region, Read<OptIn>>,
    /// What carries the tags that the policy names resources by, where that was asked for.
    pub tagged: Tagged,
    /// The policy that was looked with, where it was grown by these.
    pub grown: Option<Policy>,
    /// The buckets, where `replication` looks at them.
    pub buckets: Option<BTreeMap<AssetId, BucketSeen>>,
    /// What `replication` last wrote of each bucket, where everything is looked at.
    pub verdicts: BTreeMap<AssetId, Read<Option<Health>>>,
    /// The PostgreSQL hosts, where they are looked at.
    pub hosts: BTreeMap<AssetId, HostSeen>,
    /// What was recorded and said before.
    pub journal: Read<Journal>,
    /// Quotas of manual points in both Regions, where they were asked for.
    pub quotas: Vec<Read<Quota>>,
    /// What is looked at once a day, where this round reports it.
    pub daily: Option<Daily>,
    /// How this function is set up, where that is known.
    pub setup: Option<Setup>,
    /// What there is to sweep, where a sweep asked for it.
    pub stock: Option<Stock>,
    /// Home's last sign of life, where the watcher asked for it.
    pub heartbeat: Option<Read<Option<Heartbeat>>>,
    /// What dr has of each asset, where the watcher asked for it: only while home is silent.
    pub copies: Option<BTreeMap<AssetId, Read<InDr>>>,
    /// The point that the round was asked to look at, where it is there.
    pub named: Option<Point>,
    /// Why it could not be described.
    pub lost: Option<Fault>,
    /// The reads that were asked for, such as `us-west-2.kms:DescribeKey`.
    pub asked: BTreeSet<String>,
}

/// How a function is set up, as far as its findings go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// ARNs of the KMS keys that its role is given.
    pub granted: BTreeSet<String>,
    /// Whether the alarm on the check's silence may send.
    pub armed: bool,
    /// Name of the journal's bucket.
    pub journal: String,
}

/// One asset in both Regions.
#[derive(Clone, Debug)]
pub struct AssetSeen {
    /// The database; `None` when home answers that it does not exist.
    pub database: Read<Option<Database>>,
    /// The name under which another database carries this one's resource id, if one was seen.
    pub renamed_to: Option<String>,
    /// Its points in home, newest state, unordered.
    pub points: Read<Vec<Point>>,
    /// Its points in dr (copies, and anything a person put there), unordered.
    pub copies: Read<Vec<Point>>,
    /// The key that the database is under, if it is under one.
    pub home_key: Option<Read<Key>>,
    /// The dr key that its copies must be under.
    pub dr_key: Read<Key>,
    /// Whether dr has the groups that a restore there needs, where they were asked for.
    pub groups: BTreeMap<Group, Read<bool>>,
    /// Until when dr's replicated automated backups reach, where the policy expects them and they were
    /// asked for; nothing where there are none.
    pub pitr: Option<Read<Option<Timestamp>>>,
    /// Other keys than the two above that points of ours are under, where they were asked for.
    pub locks: Vec<Lock>,
    /// All there is in dr, of whatever age; nothing where dr could not be read.
    pub in_dr: Tally,
    /// Copy names that something else turned out to hold.
    pub held: BTreeSet<PointName>,
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

impl Seen {
    /// A round that looked at nothing of ours.
    pub fn nothing() -> Self {
        let journal = Read::Known(Journal::default());
        Self {
            assets: BTreeMap::new(),
            backed: BTreeMap::new(),
            opt_in: BTreeMap::new(),
            tagged: Tagged::new(),
            grown: None,
            buckets: None,
            verdicts: BTreeMap::new(),
            hosts: BTreeMap::new(),
            journal,
            quotas: Vec::new(),
            daily: None,
            setup: None,
            stock: None,
            heartbeat: None,
            copies: None,
            named: None,
            lost: None,
            asked: BTreeSet::new(),
        }
    }

    /// Whether an asset was looked at.
    pub fn has(&self, asset: &AssetId) -> bool {
        let hosted = self.hosts.contains_key(asset);
        self.assets.contains_key(asset) || self.backed.contains_key(asset) || hosted
    }

    /// The topics that could be asked who listens.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.daily.iter().flat_map(|daily| &daily.topics).filter_map(Read::known)
    }

    /// Whether an event's round may start this copy: of the point that the event names, or of any
    /// once the named one is gone. A copy that has landed frees a place, but not for the next one of
    /// its own database: who waits is known to a look at everything only.
    pub fn asks_for(&self, copy: &Copy) -> bool {
        match &self.named {
            Some(named) => named.source.is_none() && named.name == copy.point,
            None => true,
        }
    }
}

/// What a round looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One named point of a Region: described by name first, then its whole asset.
    Point(Region, Family, PointName),
    /// One asset.
    Asset(AssetId),
    /// Every asset of the policy, and once a day what its report needs.
    Fleet,
    /// The same with what the report needs, whether or not it is due: what a person asks for.
    Day,
    /// All points that carry our tags: what sweep looks at.
    Stock,
    /// Home's sign of life, and while it is missing, the copies: what the watcher in dr looks at.
    Watch,
    /// One PostgreSQL host, of which its agent has told.
    Host(AssetId),
    /// Every bucket: what `replication` looks at.
    Buckets,
    /// One bucket, of which S3 has notified.
    Bucket(AssetId),
}
