//! AWS Backup: vaults, and plans that take a point a day and copy it. What there is at a moment follows
//! from the plans and the nights that were scripted, so nothing has to be stepped through.

mod night;
mod operations;

use crate::account::Account;
use domain::id::Region;
use domain::policy::{Asset, Policy, Resource};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use night::Sight;
pub use operations::{BackupPage, JobQuery, PointQuery};

/// AWS Backup's side of the account.
#[derive(Clone, Debug, Default)]
pub struct Backups {
    /// The vaults by Region and name: the key of each.
    pub vaults: BTreeMap<(Region, String), String>,
    /// The plans, one for each resource.
    pub plans: Vec<Plan>,
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
        let resource = match &backed.resource {
            Resource::Arn(arn) => arn.clone(),
            Resource::FileSystem(id) => {
                format!("arn:aws:elasticfilesystem:{home}:{}:file-system/{id}", self.id)
            }
        };
        let vault = (home.clone(), backed.vault.clone());
        let dr_vault = (dr.clone(), backed.dr_vault.clone());
        for (region, name) in [&vault, &dr_vault] {
            let key = format!("arn:aws:kms:{region}:{}:key/{name}-0000-4000-8000-vault", self.id);
            self.backups.vaults.insert((region.clone(), name.clone()), key);
        }
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
        });
    }

    /// Scripts a night of the resource whose ARN ends so.
    pub fn script_night(&mut self, resource: &str, day: Date, night: Night) {
        let mut plans = self.backups.plans.iter_mut();
        if let Some(plan) = plans.find(|plan| plan.resource.ends_with(resource)) {
            plan.nights.insert(day, night);
        }
    }
}
