//! What the owner wants: which assets, by when, kept how long, told to whom.
//!
//! The parser, `sonae-policy check` and the docs are one truth: [`parse`] reports every problem at
//! once, each with its path, the value found, the allowed form and an example.

mod backed;
mod backup;
mod bucket;
mod form;
mod grown;
mod host;
mod keep;
mod kind;
mod looks;
mod parse;
mod reader;
mod sections;
mod watchdog;

use crate::day;
use crate::id::{AssetId, Family, PointName, Region};
use crate::seen::{Database, Group, GroupKind};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeMap;

pub use backed::{Backed, LockMode, Protected, Resource};
pub use bucket::{Bucket, Repair};
pub use grown::Tagged;
pub use host::{Chat, Daily, Every, Host, Weekly};
pub use keep::{FLOOR, Keep, Orphans, Periods, Rule};
pub use parse::parse;
pub use reader::{BadPolicy, Problem};
pub use watchdog::PingUrl;

/// How many days longer than `catch_up` the end of a broken day is watched for.
const AFTERMATH: i32 = 5;

/// When the day is reported and who listens is looked at; an hour at which every look is of everything.
const MORNING: Time = Time::constant(8, 0, 0, 0);

/// A whole policy, checked.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Name of the protected system, first word of every subject.
    pub system: String,
    /// Region of the originals.
    pub home: Region,
    /// Region of the copies and of the journal.
    pub dr: Region,
    /// The zone in which days and times of the policy are meant.
    pub zone: TimeZone,
    /// Its IANA name.
    pub zone_name: String,
    /// Language of notices.
    pub language: Language,
    /// Who is told, and how much.
    pub notify: Notify,
    /// What is done with points that no asset needs.
    pub orphans: Orphans,
    /// Which databases that no asset names are reported.
    pub discover: Discover,
    /// What the report holds the month against.
    pub budget: Budget,
    /// What the check pings after a whole look that left nothing undone.
    pub watchdog: Option<PingUrl>,
    /// What has a point a day; ids unique, among all kinds.
    pub assets: Vec<Asset>,
    /// What S3 replicates all the time.
    pub buckets: Vec<Bucket>,
    /// What `sonae-agent` backs up; one of the three is never empty.
    pub hosts: Vec<Host>,
    /// Those that stood for whatever carries a tag, once that was asked for ([`Policy::grown`]).
    pub rules: Vec<Asset>,
    /// Where each asset stands in `assets`: a fleet's points are sorted by it, page after page.
    index: BTreeMap<AssetId, usize>,
    /// SHA-256 of the text, to tell whether two sides run the same policy.
    pub hash: String,
}

/// Language of everything a person reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// `[notify]`.
#[derive(Clone, Debug)]
pub struct Notify {
    /// How good news is told.
    pub tell_success: TellSuccess,
    /// On which days the report is sent; it is written every day.
    pub report: Reporting,
    /// Addresses of which the template subscribes the first.
    pub email: Vec<String>,
    /// An address that hears of what is critical, and of nothing else.
    pub urgent: Option<String>,
}

/// On which days the report is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporting {
    /// Every day, so that its absence is noticed.
    Daily,
    /// Where something is wrong.
    Problems,
}

/// `[discover]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discover {
    /// Only databases with this tag are reported, else all.
    pub tag: Option<(String, String)>,
    /// Identifiers that are not; a `*` at the end stands for anything.
    pub ignore: Vec<String>,
}

/// `[budget]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many GiB of copies there may be, by allocated size.
    pub storage_gib: Option<i64>,
    /// How long a copy may take.
    pub longest: SignedDuration,
}

/// How good news is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TellSuccess {
    /// One notice when everything of a night has landed.
    Night,
    /// One notice per landed point of a day.
    Each,
    /// None.
    Never,
}

/// `[[asset]]`, with `[defaults]` or `[backup]` applied. Of one that AWS Backup protects, `take`, `manual`,
/// `manual_within`, `keep` and what follows it say nothing: AWS Backup's plan and vaults do.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Who protects what.
    pub what: Protected,
    /// DBInstanceIdentifier, DBClusterIdentifier, FileSystemId, or a name of the owner's.
    pub id: AssetId,
    /// Who takes the daily point.
    pub take: TakenBy,
    /// Which manual points are copied too.
    pub manual: Manual,
    /// When the daily point is taken, policy time.
    pub at: Time,
    /// By when it must be available.
    pub taken_by: Time,
    /// By when its copy must stand in dr.
    pub landed_by: Time,
    /// How long after a manual point's creation its copy may take; RDS keeps no time of becoming
    /// available.
    pub manual_within: SignedDuration,
    /// Nothing of an earlier day is ever copied.
    pub since: Date,
    /// How many days back a missed point is still copied.
    pub catch_up: i32,
    /// How old the newest landed data may be.
    pub rpo: SignedDuration,
    /// How long copies are kept.
    pub keep: Keep,
    /// ARN of the KMS key, in dr, that copies must be under; empty where that is a vault's.
    pub dr_key: String,
    /// ARN of the customer managed KMS key, in home, that the database is under, if it has one.
    pub home_key: Option<String>,
    /// The DB subnet group that a restore in dr is put into, where it is not named as home's is.
    pub dr_subnet_group: Option<String>,
    /// How far back dr's replicated automated backups may end, where they are expected.
    pub dr_pitr: Option<SignedDuration>,
}

/// Who takes the daily point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBy {
    /// RDS, in its own backup window.
    Window,
    /// Sonae, at the policy's time.
    Sonae,
}

/// Which manual points are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manual {
    /// Those tagged `Purpose=PreRelease` or `sonae:copy=yes`.
    Tagged,
    /// All of them.
    All,
    /// None.
    Never,
}

impl Discover {
    /// Whether a database that no asset names is to be reported.
    pub fn wants(&self, id: &str, tags: &BTreeMap<String, String>) -> bool {
        let is = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => id.starts_with(start),
            None => id == pattern,
        };
        let tagged = self.tag.as_ref().is_none_or(|(key, value)| tags.get(key) == Some(value));
        tagged && !self.ignore.iter().any(is)
    }
}

impl Asset {
    /// Which family of RDS it is of, if it is a database of RDS's.
    pub fn family(&self) -> Option<Family> {
        match self.what {
            Protected::Rds(family) => Some(family),
            Protected::Backup(_) => None,
        }
    }

    /// Where AWS Backup puts its points, if AWS Backup protects it.
    pub fn backed(&self) -> Option<&Backed> {
        match &self.what {
            Protected::Rds(_) => None,
            Protected::Backup(backed) => Some(backed),
        }
    }

    /// AWS Backup's name for its type, where AWS Backup protects it and that can be told.
    pub fn opt_in_type(&self) -> Option<&'static str> {
        self.backed()?.resource.opt_in_type()
    }

    /// The policy's word for its kind.
    pub fn kind(&self) -> &'static str {
        match &self.what {
            Protected::Rds(Family::Instance) => "rds-instance",
            Protected::Rds(Family::Cluster) => "rds-cluster",
            Protected::Backup(backed) => backed.resource.kind(),
        }
    }

    /// The keys that a function's role must be given to copy this asset.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.home_key.iter().chain(Some(&self.dr_key).filter(|key| !key.is_empty()))
    }

    /// The groups that a restore of this database in dr needs: the likes of those that somebody made in
    /// home.
    pub fn groups(&self, database: &Database) -> impl Iterator<Item = Group> {
        let subnets = self.dr_subnet_group.as_ref();
        let renamed = move |group: &&Group| subnets.is_some() && group.kind == GroupKind::Subnets;
        let own = database.groups.iter().filter(|group| group.is_own());
        let kept = own.filter(move |group| !renamed(group)).cloned();
        kept.chain(subnets.map(|name| Group::new(GroupKind::Subnets, name)))
    }
}

impl Policy {
    /// The asset with this id.
    pub fn asset(&self, id: &AssetId) -> Option<&Asset> {
        self.index.get(id).and_then(|at| self.assets.get(*at))
    }

    /// The asset whose identifier this is, exactly: `x` never matches `x-restored`, and an instance
    /// never a cluster of its name.
    pub fn asset_of(&self, family: Family, id: &str) -> Option<&Asset> {
        self.asset(&AssetId::new(id)).filter(|asset| asset.family() == Some(family))
    }

    /// The families of which there is an asset.
    pub fn has(&self, family: Family) -> bool {
        self.assets.iter().any(|asset| asset.family() == Some(family))
    }

    /// The asset that a point's name most likely belongs to, when the point itself is gone: only a
    /// hint where to look, so the longest id that the name starts with will do.
    pub fn asset_named_like(&self, family: Family, name: &PointName) -> Option<&Asset> {
        let like = |asset: &&Asset| {
            let rest = name.bare().strip_prefix(asset.id.as_str());
            asset.family() == Some(family) && rest.is_some_and(|rest| rest.starts_with('-'))
        };
        self.assets.iter().filter(like).max_by_key(|asset| asset.id.as_str().len())
    }

    /// The databases of home that no asset names and that the policy wants to hear of. The members of a
    /// cluster have no points of their own.
    pub fn strangers(&self, databases: &BTreeMap<String, Database>) -> Vec<Database> {
        let is_strange = |database: &&Database| {
            self.asset_of(database.family, &database.id).is_none()
                && database.member_of.is_none()
                && self.discover.wants(&database.id, &database.tags)
        };
        databases.values().filter(is_strange).cloned().collect()
    }

    /// Points from before this moment are not looked at.
    pub fn horizon(&self, asset: &Asset, now: Timestamp) -> Timestamp {
        day::instant(self.first_seen(asset, now), Time::midnight(), &self.zone)
    }

    /// The oldest day of which everything is looked at: a copy may come to its end long after its
    /// day stopped being copied.
    pub fn first_seen(&self, asset: &Asset, now: Timestamp) -> Date {
        day::of(now, &self.zone).saturating_sub((asset.catch_up + AFTERMATH).days())
    }

    /// The days on which this asset's duties are judged, oldest first: today back to `catch_up`
    /// days, never before `since`.
    pub fn days(&self, asset: &Asset, now: Timestamp) -> Vec<Date> {
        let today = day::of(now, &self.zone);
        let back = (0..=asset.catch_up).rev();
        back.map(|n| today.saturating_sub(n.days())).filter(|day| *day >= asset.since).collect()
    }

    /// By when the point of a day must be taken, and by when its copy must have landed. A DST jump puts
    /// two times of a night on one moment; each keeps a tick of its own.
    pub fn deadlines(&self, asset: &Asset, day: Date) -> [Timestamp; 2] {
        let due = |time| day::instant(day, time, &self.zone);
        let taken_by = due(asset.taken_by).max(due(asset.at) + day::TICK);
        [taken_by, due(asset.landed_by).max(taken_by + day::TICK)]
    }
}
