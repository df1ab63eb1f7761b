//! The account: what exists, and what time does to it.

use crate::script::{ApiError, Line, Scripted};
use crate::storage::Object;
use crate::topics::Mail;
use domain::id::Region;
use domain::policy::Policy;
use domain::seen::{Instance, Point, State};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything in the account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Virtual time; only [`Account::advance`] moves it.
    pub now: Timestamp,
    /// Account id.
    pub id: String,
    /// DB instances by Region and identifier.
    pub instances: BTreeMap<(Region, String), Db>,
    /// DB snapshots by Region and identifier.
    pub snapshots: BTreeMap<(Region, String), Snapshot>,
    /// KMS keys by ARN: their KeyState.
    pub keys: BTreeMap<String, String>,
    /// S3 objects by bucket and key; a bucket exists when it is in `buckets`.
    pub objects: BTreeMap<(String, String), Object>,
    /// S3 buckets.
    pub buckets: BTreeSet<String>,
    /// What was published, per topic ARN; a topic exists when it is here.
    pub outbox: BTreeMap<String, Vec<Mail>>,
    /// Manual snapshots allowed per Region.
    pub manual_quota: usize,
    /// Cross-Region copies allowed in progress per destination Region.
    pub in_flight_limit: usize,
    /// How copies behave from now on.
    pub copy_plan: CopyPlan,
    /// Events raised and not yet fetched, in order.
    pub events: Vec<Value>,
    /// Every call, in order.
    pub calls: Vec<Call>,
    pub(crate) script: Vec<Line>,
    pub(crate) serial: u64,
}

/// How long copies take.
#[derive(Clone, Copy, Debug)]
pub struct CopyPlan {
    /// In `pending`.
    pub waits: SignedDuration,
    /// In `copying`.
    pub copies: SignedDuration,
}

/// A DB instance, and how RDS backs it up.
#[derive(Clone, Debug)]
pub struct Db {
    /// What DescribeDBInstances shows.
    pub instance: Instance,
    /// AllocatedStorage.
    pub size_gib: i32,
    /// The home key, when encrypted.
    pub key: Option<String>,
    /// Its tags, which RDS puts on its points.
    pub tags: BTreeMap<String, String>,
    /// RDS skips the automated backups of these UTC dates.
    pub skips: BTreeSet<jiff::civil::Date>,
    /// How long taking a point lasts.
    pub takes: SignedDuration,
}

/// A DB snapshot and its future.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What DescribeDBSnapshots shows.
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
            instances: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            keys: BTreeMap::new(),
            objects: BTreeMap::new(),
            buckets: BTreeSet::new(),
            outbox: BTreeMap::new(),
            manual_quota: 100,
            in_flight_limit: 20,
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

    /// Adds an instance with a daily window, as RDS would show it, encrypted under a home key.
    pub fn add_instance(&mut self, region: &Region, id: &str, window: &str) -> &mut Db {
        let number = self.instances.len() + 1;
        let key = format!(
            "arn:aws:kms:{region}:{}:key/{:08}-home-4000-8000-000000000000",
            self.id, number
        );
        self.keys.insert(key.clone(), "Enabled".to_owned());
        let db = Db {
            instance: Instance {
                id: id.to_owned(),
                resource_id: format!("db-{number:026}"),
                status: "available".to_owned(),
                window: Some(window.to_owned()),
                retention_days: Some(7),
            },
            size_gib: 100,
            key: Some(key),
            tags: BTreeMap::new(),
            skips: BTreeSet::new(),
            takes: SignedDuration::from_mins(6),
        };
        self.instances.entry((region.clone(), id.to_owned())).or_insert(db)
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

    /// Notes a call, and finds what is scripted for it.
    pub(crate) fn enter(
        &mut self,
        op: &str,
        region: &Region,
        resource: &str,
    ) -> Result<Option<Scripted>, ApiError> {
        let (op, resource) = (op.to_owned(), resource.to_owned());
        let matches = |line: &&mut Line| {
            line.times > 0
                && line.op == op
                && line.region.as_ref().is_none_or(|wanted| wanted == region)
                && resource.contains(&line.resource)
        };
        let line = self.script.iter_mut().find(matches);
        let fault = line.map(|line| {
            line.times -= 1;
            line.fault.clone()
        });
        self.calls.push(Call { op, region: region.clone(), resource });
        match fault {
            Some(Scripted::Refuse(error)) => Err(error),
            Some(Scripted::Silence) => Err(ApiError::new(0, "silence", "no answer")),
            other => Ok(other),
        }
    }

    /// An account as a policy expects it: its instances with their windows, the dr keys, a journal
    /// bucket named `journal` and a topic named `sonae` in both Regions.
    pub fn of(policy: &Policy, now: Timestamp) -> Self {
        let mut account = Self::new(now);
        for asset in &policy.assets {
            let day = domain::day::of(now, &policy.zone);
            let at = domain::day::instant(day, asset.at, &policy.zone);
            let (from, to) = (at.strftime("%H:%M"), at + SignedDuration::from_mins(30));
            let window = format!("{from}-{}", to.strftime("%H:%M"));
            account.add_instance(&policy.home, asset.id.as_str(), &window);
            account.keys.insert(asset.dr_key.clone(), "Enabled".to_owned());
        }
        account.buckets.insert("journal".to_owned());
        for region in [&policy.home, &policy.dr] {
            account.outbox.insert(account.topic(region), Vec::new());
        }
        account
    }

    /// The ARN of the topic `sonae`.
    pub fn topic(&self, region: &Region) -> String {
        format!("arn:aws:sns:{region}:{}:sonae", self.id)
    }

    /// Moves time on: RDS takes its daily points, points become ready, copies move.
    pub fn advance(&mut self, to: Timestamp) {
        while self.step(to) {}
    }

    /// Moves time on to the next change, or to `to` when nothing changes before; tells which.
    pub fn step(&mut self, to: Timestamp) -> bool {
        let Some((at, change)) = self.next_change(to) else {
            self.now = self.now.max(to);
            return false;
        };
        self.now = at;
        match change {
            Change::Backup(key) => self.take_automated(&key, at),
            Change::Snapshot(key) => self.move_on(&key, at),
        }
        true
    }

    fn next_change(&self, to: Timestamp) -> Option<(Timestamp, Change)> {
        let backups = self.instances.iter().filter_map(|(key, db)| {
            Some((self.next_backup(key, db)?, Change::Backup(key.clone())))
        });
        let moves = self.snapshots.iter().filter_map(|(key, snapshot)| {
            Some((snapshot.next_move()?, Change::Snapshot(key.clone())))
        });
        let next = backups.chain(moves).min_by_key(|(at, _)| *at)?;
        (next.0 <= to).then_some(next)
    }

    /// RDS starts somewhere inside its window; here five minutes in. Only `available` instances
    /// with a retention are backed up.
    fn next_backup(&self, (region, _): &(Region, String), db: &Db) -> Option<Timestamp> {
        let Instance { id, window, retention_days, status, .. } = &db.instance;
        let start = domain::day::clock(window.as_deref()?.split('-').next()?)?;
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let days = [0, 1].map(|n| today.saturating_add(n.days()));
        let taken = |at: &Timestamp| {
            let name = automated_name(id, *at);
            db.skips.contains(&at.to_zoned(jiff::tz::TimeZone::UTC).date())
                || self.snapshots.contains_key(&(region.clone(), name))
        };
        let starts = days.map(|day| domain::day::instant(day, start, &jiff::tz::TimeZone::UTC));
        let starts = starts.map(|start| start + SignedDuration::from_mins(5));
        let mut open = starts.into_iter().filter(|at| *at >= self.now && !taken(at));
        (*retention_days > Some(0) && status == "available").then(|| open.next())?
    }

    fn take_automated(&mut self, key: &(Region, String), at: Timestamp) {
        let Some(db) = self.instances.get(key).cloned() else { return };
        let name = automated_name(&db.instance.id, at);
        let point = self.new_point(&key.0, &name, "automated", &db, db.tags.clone());
        self.insert(&key.0, Snapshot { point, starts: None, ends: at + db.takes, dies: false });
    }

    fn move_on(&mut self, key: &(Region, String), at: Timestamp) {
        let Some(snapshot) = self.snapshots.get_mut(key) else { return };
        if snapshot.point.state == State::Pending && at < snapshot.ends {
            snapshot.point.state = State::Copying;
            snapshot.starts = None;
            let point = snapshot.point.clone();
            return self.raise_copy(&key.0, &point, "RDS-EVENT-0059");
        }
        let copied = snapshot.point.source.is_some();
        snapshot.point.state = if snapshot.dies { State::Failed } else { State::Available };
        snapshot.point.percent = if snapshot.dies { 40 } else { 100 };
        let point = snapshot.point.clone();
        match (snapshot.dies, copied, point.kind.as_str()) {
            (true, ..) => {}
            (_, true, _) => self.raise_copy(&key.0, &point, "RDS-EVENT-0060"),
            (_, _, "automated") => self.raise_created(&key.0, &point, "RDS-EVENT-0091"),
            _ => self.raise_created(&key.0, &point, "RDS-EVENT-0042"),
        }
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
            name: domain::id::PointName::new(name),
            arn: self.snapshot_arn(region, name),
            instance: db.instance.id.clone(),
            resource_id: db.instance.resource_id.clone(),
            kind: kind.to_owned(),
            state: State::Creating,
            created: Some(self.now),
            stored: Some(self.now),
            percent: 0,
            size_gib: db.size_gib,
            key: db.key.clone(),
            source: None,
            tags,
        }
    }

    pub(crate) fn insert(&mut self, region: &Region, snapshot: Snapshot) {
        self.snapshots.insert((region.clone(), snapshot.point.name.to_string()), snapshot);
    }

    /// The ARN of a snapshot in this account.
    pub fn snapshot_arn(&self, region: &Region, name: &str) -> String {
        format!("arn:aws:rds:{region}:{}:snapshot:{name}", self.id)
    }
}

enum Change {
    Backup((Region, String)),
    Snapshot((Region, String)),
}

impl Snapshot {
    fn next_move(&self) -> Option<Timestamp> {
        if !self.point.state.underway() {
            return None;
        }
        Some(self.starts.unwrap_or(self.ends))
    }
}

/// The name carries the UTC minute of the actual start.
fn automated_name(instance: &str, at: Timestamp) -> String {
    format!("rds:{instance}-{}", at.strftime("%Y-%m-%d-%H-%M"))
}
