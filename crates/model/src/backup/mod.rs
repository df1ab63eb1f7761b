//! AWS Backup: vaults, plans that take a point a day and copy it, points that somebody takes by hand, copies
//! that somebody asks for. What there is at a moment follows from these and from the nights that were
//! scripted, so nothing has to be stepped through.

mod asked;
mod events;
mod night;
mod operations;
mod queue;

use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;
use domain::policy::{Asset, Backed, Policy, Protected, Resource};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

pub use asked::PointCopyRequest;
use night::{Scene, Sight};
pub use operations::{BackupPage, JobQuery, PointQuery};

/// AWS Backup's side of the account.
#[derive(Clone, Debug, Default)]
pub struct Backups {
    /// The vaults by Region and name: the key of each.
    pub vaults: BTreeMap<(Region, String), String>,
    /// The locks of those that are locked: from when on for ever, if so.
    pub locks: BTreeMap<(Region, String), Option<Timestamp>>,
    /// What AWS Backup is let to protect, by Region and type.
    pub opt_in: BTreeMap<Region, BTreeMap<String, bool>>,
    /// The plans, one for each resource.
    pub plans: Vec<Plan>,
    /// Copies that were asked for.
    pub requests: Vec<Request>,
    /// With which words they fail from now on.
    pub copies_fail: Option<&'static str>,
    /// Until when its events were raised.
    pub(crate) told: Option<Timestamp>,
}

/// A copy that was asked for by StartCopyJob.
#[derive(Clone, Debug)]
pub struct Request {
    /// IdempotencyToken.
    pub token: String,
    /// RecoveryPointArn.
    pub point: String,
    /// When that was created.
    pub of: Timestamp,
    /// Its ResourceArn.
    pub resource: String,
    /// DestinationBackupVaultArn.
    pub into: String,
    /// IamRoleArn.
    pub role: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// The words that it fails with.
    pub fails: Option<&'static str>,
}

/// What a plan does with one resource.
#[derive(Clone, Debug)]
pub struct Plan {
    /// ResourceArn.
    pub resource: String,
    /// Where the points are.
    pub vault: (Region, String),
    /// Where their copies are.
    pub dr_vault: (Region, String),
    /// The zone of its schedule.
    pub zone: TimeZone,
    /// When its jobs are made.
    pub at: Time,
    /// The first day that it ran.
    pub from: Date,
    /// How long a job takes, once it has begun.
    pub takes: SignedDuration,
    /// How long a copy takes.
    pub copies: SignedDuration,
    /// The nights that are not like the others.
    pub nights: BTreeMap<Date, Night>,
    /// When somebody takes a point by hand.
    pub by_hand: Vec<Timestamp>,
    /// From when to when the role may not use the resource's key.
    pub denials: Vec<(Timestamp, Option<Timestamp>)>,
}

/// How a night differs from a quiet one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Night {
    /// No job is made.
    NeverStarted,
    /// The job ends in this state, with this message.
    Job(&'static str, &'static str),
    /// The job ends COMPLETED, with a message of this category, and leaves a point.
    Issues(&'static str),
    /// The job takes so long.
    Slow(SignedDuration),
    /// The copy job ends in this state, with this message.
    Copy(&'static str, &'static str),
    /// The copy job does not begin.
    CopyStuck,
    /// No copy job is made.
    NotCopied,
    /// The copy is under this key.
    OtherKey(&'static str),
    /// Somebody deletes the copy at this time.
    CopyDeleted(Timestamp),
}

impl Account {
    /// Has an asset of AWS Backup protected as the policy expects it, since a day before now.
    pub fn protect(&mut self, policy: &Policy, asset: &Asset) {
        let Some(backed) = asset.backed() else { return };
        let Policy { home, dr, .. } = policy;
        self.make_vaults(policy, backed);
        let resource = match &backed.resource {
            Resource::Arn(arn) => arn.clone(),
            Resource::FileSystem(id) => {
                format!("arn:aws:elasticfilesystem:{home}:{}:file-system/{id}", self.id)
            }
            // What carries it is put there one by one, by `tag`.
            Resource::Tagged(..) => return,
        };
        let vault = (home.clone(), backed.vault.clone());
        let dr_vault = (dr.clone(), backed.dr_vault.clone());
        let from = domain::day::of(self.now, &policy.zone).yesterday();
        self.backups.plans.push(Plan {
            resource,
            vault,
            dr_vault,
            zone: policy.zone.clone(),
            at: asset.at,
            from: from.unwrap_or(Date::MIN),
            takes: SignedDuration::from_mins(40),
            copies: SignedDuration::from_mins(50),
            nights: BTreeMap::new(),
            by_hand: Vec::new(),
            denials: Vec::new(),
        });
    }

    fn make_vaults(&mut self, policy: &Policy, backed: &Backed) {
        let Policy { home, dr, .. } = policy;
        for (region, name) in [(home, &backed.vault), (dr, &backed.dr_vault)] {
            let key = format!("arn:aws:kms:{region}:{}:key/{name}-0000-4000-8000-vault", self.id);
            self.backups.vaults.insert((region.clone(), name.clone()), key);
            let types = self.backups.opt_in.entry(region.clone()).or_default();
            types.extend(["DynamoDB", "EBS", "EFS", "S3"].map(|name| (name.to_owned(), true)));
        }
        self.backups.told = Some(self.now);
    }

    /// Gives a resource in home the tag that an asset of the policy stands for; the plan takes it from
    /// now on.
    pub fn tag(&mut self, policy: &Policy, asset: &Asset, arn: &str) {
        let Some(Resource::Tagged(key, value)) = asset.backed().map(|of| &of.resource) else {
            return;
        };
        let place = (policy.home.clone(), arn.to_owned());
        self.tags.entry(place).or_default().insert(key.clone(), value.clone());
        let mut one = asset.clone();
        if let Protected::Backup(backed) = &mut one.what {
            backed.resource = Resource::Arn(arn.to_owned());
        }
        self.protect(policy, &one);
    }

    /// Takes all tags of a resource away, and so from the plan.
    pub fn untag(&mut self, policy: &Policy, arn: &str) {
        self.tags.remove(&(policy.home.clone(), arn.to_owned()));
        self.backups.plans.retain(|plan| plan.resource != arn);
    }

    /// GetResources of the Resource Groups Tagging API: the ARNs of a page, and the next one's token.
    ///
    /// # Errors
    /// What the script refuses.
    pub fn get_resources(
        &mut self,
        region: &Region,
        [key, value]: [&str; 2],
        token: &str,
        max: usize,
    ) -> Result<(Vec<String>, String), ApiError> {
        self.enter("tag:GetResources", region, key)?;
        let has = |tags: &BTreeMap<String, String>| tags.get(key).is_some_and(|of| of == value);
        let here = self.tags.iter().filter(|((of, _), tags)| of == region && has(tags));
        let all: Vec<String> = here.map(|((_, arn), _)| arn.clone()).collect();
        let (from, max) = (token.parse().unwrap_or(0), max.min(self.most_a_page).max(1));
        let next = if all.len() > from + max { (from + max).to_string() } else { String::new() };
        Ok((all.into_iter().skip(from).take(max).collect(), next))
    }

    /// Takes a point of the resource whose ARN ends so, by hand and now.
    pub fn take_by_hand(&mut self, resource: &str) {
        let now = self.now;
        self.plan_of(resource, |plan| plan.by_hand.push(now));
    }

    /// Takes the role's right to the resource's key away, from now on.
    pub fn deny_key(&mut self, resource: &str) {
        let now = self.now;
        self.plan_of(resource, |plan| plan.denials.push((now, None)));
    }

    /// Gives it back.
    pub fn allow_key(&mut self, resource: &str) {
        let now = self.now;
        self.plan_of(resource, |plan| {
            plan.denials.iter_mut().for_each(|(_, until)| *until = until.or(Some(now)));
        });
    }

    /// Scripts a night of the resource whose ARN ends so.
    pub fn script_night(&mut self, resource: &str, day: Date, night: Night) {
        self.plan_of(resource, |plan| _ = plan.nights.insert(day, night));
    }

    fn plan_of(&mut self, resource: &str, change: impl FnOnce(&mut Plan)) {
        let mut plans = self.backups.plans.iter_mut();
        change(plans.find(|plan| plan.resource.ends_with(resource)).expect("a protected resource"));
    }

    /// What a plan's resource is like at this moment.
    fn scene(&self, number: usize) -> Scene<'_> {
        let plan = &self.backups.plans[number];
        let keys = [&plan.vault, &plan.dr_vault].map(|place| self.backups.vaults.get(place));
        let requests = &self.backups.requests;
        Scene { plan, number, account: &self.id, keys, requests, now: self.now }
    }
}

impl Plan {
    /// Whether the key was out of reach while a job ran.
    fn is_denied(&self, begins: Option<Timestamp>, ends: Option<Timestamp>) -> bool {
        let (Some(begins), Some(ends)) = (begins, ends) else { return false };
        let over = |(from, until): &(Timestamp, Option<Timestamp>)| {
            *from < ends && until.is_none_or(|until| until > begins)
        };
        self.denials.iter().any(over)
    }
}
