//! What AWS says now. Every read is a value or a [`Read::Unknown`] with its reason, never zero.

use crate::decide;
use crate::fault::Fault;
use crate::id::{AssetId, PointName, Region};
use crate::journal::Journal;
use crate::policy::{Asset, Policy};
use crate::record::Heartbeat;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

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
    /// PreferredBackupWindow, `hh:mm-hh:mm` in UTC.
    pub window: String,
    /// BackupRetentionPeriod in days; 0 = automated backups off.
    pub retention_days: i32,
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
    /// When its data is from: OriginalSnapshotCreateTime, else SnapshotCreateTime. Absent while
    /// it is being created.
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
}

/// Folds a Region's points into what the policy's assets need, while paging, so that a fleet with
/// tens of thousands of old points costs no memory.
#[derive(Debug)]
pub struct Fold<'a> {
    policy: &'a Policy,
    now: Timestamp,
    kept: BTreeMap<AssetId, Vec<Point>>,
}

impl<'a> Fold<'a> {
    /// Starts with nothing.
    pub fn new(policy: &'a Policy, now: Timestamp) -> Self {
        Self { policy, now, kept: BTreeMap::new() }
    }

    /// Keeps a point of one of our assets if it is young enough to matter, and each asset's newest.
    pub fn take(&mut self, point: Point) {
        let Some(asset) = self.policy.asset_of_instance(&point.instance) else { return };
        let horizon = self.policy.horizon(asset, self.now);
        let kept = self.kept.entry(asset.id.clone()).or_default();
        if point.created.is_some_and(|created| created < horizon) {
            keep_newest(asset, kept, point, horizon);
        } else {
            kept.push(point);
        }
    }

    /// What was kept, by asset.
    pub fn kept(self) -> BTreeMap<AssetId, Vec<Point>> {
        self.kept
    }
}

/// Of the old points only the newest that is of use stays: the RPO needs it. Of copies that is one
/// which landed, so that a stranger's newer snapshot cannot hide it.
fn keep_newest(asset: &Asset, kept: &mut Vec<Point>, point: Point, horizon: Timestamp) {
    let copied = point.source.is_some();
    if point.state != State::Available || copied && !decide::landed(asset, &point) {
        return;
    }
    let old = kept.iter().position(|rival| {
        rival.source.is_some() == copied && rival.created.is_some_and(|created| created < horizon)
    });
    match old.and_then(|at| kept.get_mut(at)) {
        Some(rival) if rival.created < point.created => *rival = point,
        Some(_) => {}
        None => kept.push(point),
    }
}

/// The reads of one round, before they are sorted by asset.
#[derive(Debug)]
pub struct Reads {
    /// Instances of home; for one asset, that one or none.
    pub instances: Read<Vec<Instance>>,
    /// Points of home, folded.
    pub points: Read<BTreeMap<AssetId, Vec<Point>>>,
    /// Points of dr, folded.
    pub copies: Read<BTreeMap<AssetId, Vec<Point>>>,
    /// dr keys by ARN.
    pub keys: BTreeMap<String, Read<KeyState>>,
    /// The journal.
    pub journal: Read<Journal>,
}

impl Reads {
    /// Sorts the reads by asset: a read that failed is unknown for each of them.
    pub fn sort(self, assets: &[&Asset]) -> Seen {
        let views = assets.iter().map(|asset| (asset.id.clone(), self.of(asset)));
        Seen {
            assets: views.collect(),
            journal: self.journal.clone(),
            setup: None,
            heartbeat: None,
            lost: None,
        }
    }

    fn of(&self, asset: &Asset) -> AssetSeen {
        let id = asset.id.as_str();
        let of_asset = |points: &BTreeMap<AssetId, Vec<Point>>| {
            points.get(&asset.id).cloned().unwrap_or_default()
        };
        let points = self.points.read(of_asset);
        AssetSeen {
            renamed_to: self.renamed(id, &points),
            instance: self.instances.read(|all| all.iter().find(|one| one.id == id).cloned()),
            points,
            copies: self.copies.read(of_asset),
            dr_key: self
                .keys
                .get(&asset.dr_key)
                .cloned()
                .unwrap_or_else(|| Read::Known(KeyState::Unusable("Missing".to_owned()))),
            held: BTreeSet::new(),
        }
    }

    /// The name under which another instance carries the DbiResourceId of this one's points.
    fn renamed(&self, id: &str, points: &Read<Vec<Point>>) -> Option<String> {
        let newest = points.known()?.iter().max_by_key(|point| point.created)?;
        let same = |one: &&Instance| one.resource_id == newest.resource_id && one.id != id;
        self.instances.known()?.iter().find(same).map(|one| one.id.clone())
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
