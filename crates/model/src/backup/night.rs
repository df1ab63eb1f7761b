//! What has come of the jobs of one resource by a moment: jobs, points, copy jobs, copies.

use super::queue::{Slot, Work};
use super::{Night, Plan, Request};
use domain::seen::{CopyJob, Job, RecoveryPoint};
use jiff::Timestamp;

/// Points and copies are kept for so many nights.
const KEPT: i64 = 30;

/// AWS's words for a job that waited too long.
const EXPIRED: &str =
    "\"Backup job failed because there was a running job for the same resource.\"";

/// What there is of one job.
#[derive(Clone, Debug, Default)]
pub(super) struct Sight {
    /// The backup job.
    pub job: Option<Job>,
    /// Its point, in home's vault.
    pub point: Option<RecoveryPoint>,
    /// The copy job.
    pub copy_job: Option<CopyJob>,
    /// The copy, in the dr vault.
    pub copy: Option<RecoveryPoint>,
}

/// A plan's resource in an account at a moment.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) plan: &'a Plan,
    /// The plan's own number, for its names.
    pub(super) number: usize,
    pub(super) account: &'a str,
    /// The keys of its two vaults, where these are there.
    pub(super) keys: [Option<&'a String>; 2],
    pub(super) requests: &'a [Request],
    pub(super) now: Timestamp,
}

impl Scene<'_> {
    pub(super) fn sights(self) -> Vec<Sight> {
        let slots = self.plan.slots(self.requests, self.now, KEPT);
        slots.into_iter().map(|slot| self.sight(slot)).collect()
    }

    fn sight(self, slot: Slot) -> Sight {
        let began = slot.begins.is_some_and(|at| at <= self.now);
        let key = self.keys[0];
        match slot.work {
            Work::Night(_) | Work::ByHand(_) => {
                let job = self.job(slot);
                let point = began && !matches!(self.night(slot), Some(Night::Job(..)));
                let point = key.filter(|_| point).map(|key| self.point(slot, key.clone()));
                Sight { job: Some(job), point, ..Sight::default() }
            }
            Work::PlanCopy(_) | Work::Asked(_) => {
                let copy = self.copy(slot);
                Sight { copy_job: Some(self.copy_job(slot)), copy, ..Sight::default() }
            }
        }
    }

    fn night(&self, slot: Slot) -> Option<&Night> {
        match slot.work {
            Work::Night(day) | Work::PlanCopy(day) => self.plan.night(day),
            Work::ByHand(_) | Work::Asked(_) => None,
        }
    }

    /// The state of a job at this moment, if it ends so.
    pub(super) fn state(&self, slot: Slot, ended: &'static str) -> &'static str {
        match (slot.begins, slot.ends) {
            (_, Some(ends)) if self.now >= ends => ended,
            (Some(begins), _) if self.now >= begins => "RUNNING",
            _ => "CREATED",
        }
    }

    /// How a backup job ends: its state, category and message.
    pub(super) fn ending(
        &self,
        slot: Slot,
    ) -> (&'static str, Option<&'static str>, Option<&'static str>) {
        match self.night(slot) {
            _ if slot.begins.is_none() => ("EXPIRED", None, Some(EXPIRED)),
            Some(Night::Job(state, message)) => (*state, None, Some(*message)),
            Some(Night::Issues(category)) => {
                ("COMPLETED", Some(*category), Some("some were left out"))
            }
            // "The job is successful but objects are not backed up" (Developer Guide, Encryption).
            _ if self.plan.is_denied(slot.begins, slot.ends) => {
                ("COMPLETED", Some("AccessDenied"), Some("Access denied to the KMS key"))
            }
            _ => ("COMPLETED", Some("SUCCESS"), None),
        }
    }

    pub(super) fn copy_ending(&self, slot: Slot) -> (&'static str, Option<&'static str>) {
        match (self.night(slot), slot.work) {
            (Some(Night::Copy(state, message)), _) => (*state, Some(*message)),
            (_, Work::Asked(n)) => {
                let fails = self.requests.get(n).and_then(|request| request.fails);
                fails.map_or(("COMPLETED", None), |message| ("FAILED", Some(message)))
            }
            _ => ("COMPLETED", None),
        }
    }

    fn job(self, slot: Slot) -> Job {
        let ending = self.ending(slot);
        let state = self.state(slot, ending.0);
        let ended = slot.ends.is_some_and(|ends| self.now >= ends);
        let (_, category, message) = if ended { ending } else { ("", None, None) };
        Job {
            id: self.id("b", slot.work),
            resource: self.plan.resource.clone(),
            created: slot.created,
            state: state.to_owned(),
            category: category.map(str::to_owned),
            message: message.map(str::to_owned),
            point: (state == "COMPLETED").then(|| self.arn("p", slot.work)),
            planned: matches!(slot.work, Work::Night(_)),
        }
    }

    fn copy_job(self, slot: Slot) -> CopyJob {
        let (region, vault) = &self.plan.dr_vault;
        let ending = self.copy_ending(slot);
        let state = self.state(slot, ending.0);
        CopyJob {
            id: self.id("d", slot.work),
            resource: self.plan.resource.clone(),
            created: slot.created,
            state: state.to_owned(),
            message: ending.1.filter(|_| state == ending.0).map(str::to_owned),
            source: Some(self.source(slot.work)),
            vault: match slot.work {
                Work::Asked(n) => self.requests[n].into.clone(),
                _ => format!("arn:aws:backup:{region}:{}:backup-vault:{vault}", self.account),
            },
            copy: (state == "COMPLETED").then(|| self.arn("c", slot.work)),
        }
    }

    /// The ARN of what a copy job copies.
    pub(super) fn source(&self, work: Work) -> String {
        match work {
            Work::Asked(n) => self.requests[n].point.clone(),
            other => self.arn("p", other),
        }
    }

    fn point(self, slot: Slot, key: String) -> RecoveryPoint {
        let done = slot.ends.filter(|ends| self.now >= *ends);
        RecoveryPoint {
            arn: self.arn("p", slot.work),
            resource: self.plan.resource.clone(),
            created: slot.created,
            done,
            state: if done.is_some() { "COMPLETED" } else { "CREATING" }.to_owned(),
            key: Some(key),
            planned: matches!(slot.work, Work::Night(_)),
        }
    }

    /// A copy keeps the time of its source.
    fn copy(self, slot: Slot) -> Option<RecoveryPoint> {
        let landed = slot.ends.filter(|ends| self.now >= *ends)?;
        let deleted = |at: &Timestamp| *at <= self.now;
        let (created, key) = match (self.night(slot), slot.work) {
            (Some(Night::CopyDeleted(at)), _) if deleted(at) => return None,
            (night, Work::PlanCopy(day)) => {
                let other = if let Some(Night::OtherKey(key)) = night { Some(*key) } else { None };
                let created = domain::day::instant(day, self.plan.at, &self.plan.zone);
                (created, other.map(str::to_owned))
            }
            (_, Work::Asked(n)) => (self.requests[n].of, None),
            _ => return None,
        };
        let key = key.or_else(|| self.keys[1].cloned()).filter(|_| self.keys[1].is_some())?;
        (self.copy_ending(slot).0 == "COMPLETED").then(|| RecoveryPoint {
            arn: self.arn("c", slot.work),
            resource: self.plan.resource.clone(),
            created,
            done: Some(landed),
            state: "COMPLETED".to_owned(),
            key: Some(key),
            planned: matches!(slot.work, Work::PlanCopy(_)),
        })
    }

    /// In the shape of the resource's type.
    pub(super) fn arn(&self, letter: &str, work: Work) -> String {
        let (region, _) = match letter {
            "c" => &self.plan.dr_vault,
            _ => &self.plan.vault,
        };
        let (id, account) = (self.id(letter, work), self.account);
        match self.plan.resource.split(':').nth(2) {
            Some("rds") => format!("arn:aws:rds:{region}:{account}:snapshot:awsbackup:job-{id}"),
            Some("ec2") => format!("arn:aws:ec2:{region}::snapshot/snap-{id}"),
            _ => format!("arn:aws:backup:{region}:{account}:recovery-point:{id}"),
        }
    }

    pub(super) fn id(&self, letter: &str, work: Work) -> String {
        let end = match work {
            Work::Night(day) | Work::PlanCopy(day) => {
                format!("{:0>12}", day.strftime("%Y%m%d").to_string())
            }
            Work::ByHand(n) => format!("9{n:011}"),
            Work::Asked(n) => format!("8{n:011}"),
        };
        format!("{letter}0000000-0000-4000-{:04}-{end}", self.number)
    }
}
