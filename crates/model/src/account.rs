//! The account: what exists, and what time does to it.

use crate::backup::Backups;
use crate::replication::Pair;
use crate::script::{ApiError, Line, Scripted};
use crate::storage::Object;
use crate::topics::Mail;
use domain::id::{Family, Region};
use domain::seen::{Database, Group, GroupKind, Point, State};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything in the account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Virtual time; only [`Account::advance`] moves it.
    pub now: Timestamp,
    /// Account id.
    pub id: String,
    /// DB instances and DB clusters.
    pub databases: BTreeMap<Place, Db>,
    /// Their snapshots.
    pub snapshots: BTreeMap<Place, Snapshot>,
    /// Groups that somebody made, by Region.
    pub groups: BTreeSet<(Region, Group)>,
    /// Replicated automated backups, by where they are and the resource id of their instance.
    pub replicated: BTreeMap<(Region, String), Replicated>,
    /// Tags of resources, by Region and ARN.
    pub tags: BTreeMap<(Region, String), BTreeMap<String, String>>,
    /// AWS Backup.
    pub backups: Backups,
    /// KMS keys by ARN: their KeyState.
    pub keys: BTreeMap<String, String>,
    /// Those of them that AWS manages.
    pub managed_keys: BTreeSet<String>,
    /// Secrets by Region and name: their text.
    pub secrets: BTreeMap<(Region, String), String>,
    /// S3 objects by bucket and key; a bucket exists when it is in `buckets`.
    pub objects: BTreeMap<(String, String), Object>,
    /// S3 buckets.
    pub buckets: BTreeSet<String>,
    /// Those of them that are replicated, by the name of the one in home.
    pub pairs: BTreeMap<String, Pair>,
    /// ClientRequestTokens of S3 batch jobs.
    pub jobs: BTreeSet<String>,
    /// What was published, per topic ARN; a topic exists when it is here.
    pub outbox: BTreeMap<String, Vec<Mail>>,
    /// RDS may give fewer records a page than it is asked for.
    pub most_a_page: usize,
    /// Subscriptions of a topic, by its ARN: confirmed, and waiting for it; else one is confirmed.
    pub listeners: BTreeMap<String, (u64, u64)>,
    /// Manual snapshots allowed per Region, of instances and of clusters each.
    pub manual_quota: usize,
    /// Cross-Region copies of instances' snapshots allowed in progress per destination Region.
    pub in_flight_limit: usize,
    /// The same for clusters.
    pub cluster_in_flight_limit: usize,
    /// How copies behave from now on.
    pub copy_plan: CopyPlan,
    /// Events raised and not yet fetched, in order.
    pub events: Vec<Value>,
    /// Every call, in order.
    pub calls: Vec<Call>,
    pub(crate) script: Vec<Line>,
    pub(crate) serial: u64,
}

/// Where a database or a snapshot is: an instance and a cluster may have the same name.
pub type Place = (Region, Family, String);

/// How long copies take.
#[derive(Clone, Copy, Debug)]
pub struct CopyPlan {
    /// In `pending`.
    pub waits: SignedDuration,
    /// In `copying`.
    pub copies: SignedDuration,
}

/// A DB instance or DB cluster, and how RDS backs it up.
#[derive(Clone, Debug)]
pub struct Db {
    /// What DescribeDBInstances or DescribeDBClusters shows.
    pub shown: Database,
    /// AllocatedStorage.
    pub size_gib: i32,
    /// Its tags, which RDS puts on its points.
    pub tags: BTreeMap<String, String>,
    /// RDS skips the automated backups of these UTC dates.
    pub skips: BTreeSet<jiff::civil::Date>,
    /// How long taking a point lasts.
    pub takes: SignedDuration,
}

/// Automated backups that RDS replicates to another Region.
#[derive(Clone, Copy, Debug, Default)]
pub struct Replicated {
    /// How far they are behind.
    pub lag: SignedDuration,
    /// Since when nothing arrives any more.
    pub stopped: Option<Timestamp>,
}

/// A snapshot and its future.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What DescribeDBSnapshots or DescribeDBClusterSnapshots shows.
    pub point: Point,
    /// When a pending copy starts copying.
    pub starts: Option<Timestamp>,
    /// When it is done.
    pub ends: Timestamp,
    /// Whether it ends `failed`.
    pub dies: bool,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The IAM action.
    pub op: String,
    /// Where.
    pub region: Region,
    /// Of what.
    pub resource: String,
}

impl Account {
    /// An empty account.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            id: "123456789012".to_owned(),
            databases: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            groups: BTreeSet::new(),
            replicated: BTreeMap::new(),
            tags: BTreeMap::new(),
            backups: Backups::default(),
            keys: BTreeMap::new(),
            managed_keys: BTreeSet::new(),
            secrets: BTreeMap::new(),
            objects: BTreeMap::new(),
            buckets: BTreeSet::new(),
            pairs: BTreeMap::new(),
            jobs: BTreeSet::new(),
            outbox: BTreeMap::new(),
            most_a_page: 100,
            listeners: BTreeMap::new(),
            manual_quota: 100,
            in_flight_limit: 20,
            cluster_in_flight_limit: 5,
            copy_plan: CopyPlan {
                waits: SignedDuration::from_mins(1),
                copies: SignedDuration::from_mins(13),
            },
            events: Vec::new(),
            calls: Vec::new(),
            script: Vec::new(),
            serial: 0,
        }
    }

    /// Adds an instance with a daily window, as RDS would show it, encrypted with `aws/rds`.
    pub fn add_instance(&mut self, region: &Region, id: &str, window: &str) -> &mut Db {
        self.add(region, Family::Instance, id, window, "postgres")
    }

    /// Adds an Aurora cluster, likewise.
    pub fn add_cluster(&mut self, region: &Region, id: &str, window: &str) -> &mut Db {
        self.add(region, Family::Cluster, id, window, "aurora-postgresql")
    }

    fn add(
        &mut self,
        region: &Region,
        family: Family,
        id: &str,
        window: &str,
        engine: &str,
    ) -> &mut Db {
        let number = self.databases.len() + 1;
        let (resource, parameters) = match family {
            Family::Instance => (format!("db-{number:026}"), GroupKind::Parameters),
            Family::Cluster => (format!("cluster-{number:026}"), GroupKind::ClusterParameters),
        };
        let parameters = Group::new(parameters, format!("default.{engine}16"));
        let subnets = Group::new(GroupKind::Subnets, "default");
        let options = Group::new(GroupKind::Options, format!("default:{engine}-16"));
        let options = Some(options).filter(|_| family == Family::Instance);
        let shown = Database {
            family,
            id: id.to_owned(),
            resource_id: resource,
            engine: engine.to_owned(),
            status: "available".to_owned(),
            window: Some(window.to_owned()),
            retention_days: Some(7),
            encrypted: Some(true),
            key: Some(self.aws_key(region)),
            member_of: None,
            groups: [parameters, subnets].into_iter().chain(options).collect(),
            tags: BTreeMap::new(),
        };
        let (tags, skips, takes) = (BTreeMap::new(), BTreeSet::new(), SignedDuration::from_mins(6));
        let db = Db { shown, size_gib: 100, tags, skips, takes };
        self.databases.entry((region.clone(), family, id.to_owned())).or_insert(db)
    }

    /// Gives a database a group of its own, instead of the one of that kind that it had.
    pub fn give_group(&mut self, id: &str, group: &Group) {
        for db in self.databases.values_mut().filter(|db| db.shown.id == id) {
            db.shown.groups.retain(|had| had.kind != group.kind);
            db.shown.groups.push(group.clone());
        }
    }

    /// The key `aws/rds` of a Region.
    pub fn aws_key(&mut self, region: &Region) -> String {
        let key =
            format!("arn:aws:kms:{region}:{}:key/aws00rds-0000-4000-8000-000000000000", self.id);
        self.keys.entry(key.clone()).or_insert_with(|| "Enabled".to_owned());
        self.managed_keys.insert(key.clone());
        key
    }

    /// Scripts the next `times` calls of an operation whose resource contains `resource`.
    pub fn script(
        &mut self,
        op: &str,
        region: Option<&Region>,
        resource: &str,
        times: u32,
        fault: Scripted,
    ) {
        let (op, resource, region) = (op.to_owned(), resource.to_owned(), region.cloned());
        self.script.push(Line { op, region, resource, times, fault });
    }

    /// Takes back everything scripted for an operation.
    pub fn unscript(&mut self, op: &str) {
        self.script.retain(|line| line.op != op);
    }

    /// Takes back everything scripted.
    pub fn unscript_all(&mut self) {
        self.script.clear();
    }

    /// Notes a call, and refuses it where the script says so.
    pub(crate) fn enter(
        &mut self,
        op: &str,
        region: &Region,
        resource: &str,
    ) -> Result<(), ApiError> {
        let fault = self.scripted(op, region, resource, |fault| *fault != Scripted::CopyDies);
        let (op, resource) = (op.to_owned(), resource.to_owned());
        self.calls.push(Call { op, region: region.clone(), resource });
        match fault {
            Some(Scripted::Refuse(error)) => Err(error),
            Some(Scripted::Silence) => Err(ApiError::new(0, "silence", "no answer")),
            Some(Scripted::CopyDies) | None => Ok(()),
        }
    }

    /// Whether what an accepted call has begun is to die.
    pub(crate) fn dies(&mut self, op: &str, region: &Region, resource: &str) -> bool {
        self.scripted(op, region, resource, |fault| *fault == Scripted::CopyDies).is_some()
    }

    fn scripted(
        &mut self,
        op: &str,
        region: &Region,
        resource: &str,
        wanted: fn(&Scripted) -> bool,
    ) -> Option<Scripted> {
        let matches = |line: &&mut Line| {
            line.times > 0
                && line.op == op
                && line.region.as_ref().is_none_or(|wanted| wanted == region)
                && resource.contains(&line.resource)
                && wanted(&line.fault)
        };
        let line = self.script.iter_mut().find(matches)?;
        line.times -= 1;
        Some(line.fault.clone())
    }

    /// The ARN of the topic `sonae`.
    pub fn topic(&self, region: &Region) -> String {
        format!("arn:aws:sns:{region}:{}:sonae", self.id)
    }

    pub(crate) fn new_point(
        &self,
        region: &Region,
        name: &str,
        kind: &str,
        db: &Db,
        tags: BTreeMap<String, String>,
    ) -> Point {
        Point {
            family: db.shown.family,
            name: domain::id::PointName::new(name),
            arn: self.snapshot_arn(region, db.shown.family, name),
            database: db.shown.id.clone(),
            resource_id: db.shown.resource_id.clone(),
            kind: kind.to_owned(),
            state: State::Creating,
            created: Some(self.now),
            stored: Some(self.now),
            percent: 0,
            size_gib: (!db.shown.engine.starts_with("aurora")).then_some(db.size_gib),
            encrypted: db.shown.encrypted,
            key: db.shown.key.clone(),
            source: None,
            tags,
        }
    }

    pub(crate) fn insert(&mut self, region: &Region, snapshot: Snapshot) {
        let (family, name) = (snapshot.point.family, snapshot.point.name.to_string());
        self.snapshots.insert((region.clone(), family, name), snapshot);
    }

    /// The ARN of a snapshot in this account.
    pub fn snapshot_arn(&self, region: &Region, family: Family, name: &str) -> String {
        let kind = match family {
            Family::Instance => "snapshot",
            Family::Cluster => "cluster-snapshot",
        };
        format!("arn:aws:rds:{region}:{}:{kind}:{name}", self.id)
    }
}
