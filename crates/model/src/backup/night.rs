//! What one plan has made by a moment: a job, its point, the copy job, the copy.

use super::{Night, Plan};
use domain::seen::{CopyJob, Job, RecoveryPoint};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A job is CREATED for so long, and then begins.
const QUEUED: SignedDuration = SignedDuration::from_mins(12);

/// Points and copies are kept so long.
const KEPT: i64 = 30;

/// What there is of one night.
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

impl Plan {
    /// All nights until a moment of which something is kept. `number` is the plan's own, for its names;
    /// `keys` are those of its two vaults, where these are there.
    pub(super) fn sights(
        &self,
        number: usize,
        account: &str,
        keys: [Option<&String>; 2],
        now: Timestamp,
    ) -> Vec<Sight> {
        let today = domain::day::of(now, &self.zone);
        let days = (0..=KEPT).rev().map(|n| today.saturating_sub(n.days()));
        let days = days.filter(|day| *day >= self.from);
        days.map(|day| One { plan: self, number, account, keys, day, now }.sight()).collect()
    }
}

/// One night.
struct One<'a> {
    plan: &'a Plan,
    number: usize,
    account: &'a str,
    keys: [Option<&'a String>; 2],
    day: Date,
    now: Timestamp,
}

impl One<'_> {
    fn sight(&self) -> Sight {
        let Self { plan, now, .. } = self;
        let created = domain::day::instant(self.day, plan.at, &plan.zone);
        let night = plan.nights.get(&self.day);
        if created > *now || night == Some(&Night::NeverStarted) {
            return Sight::default();
        }
        let takes = if let Some(Night::Slow(takes)) = night { *takes } else { plan.takes };
        let done = created + QUEUED + takes;
        let mut sight = Sight { job: Some(self.job(created, done, night)), ..Sight::default() };
        if matches!(night, Some(Night::Job(..))) || *now < created + QUEUED {
            return sight;
        }
        let [key, dr_key] = self.keys;
        let state = if *now < done { "CREATING" } else { "COMPLETED" };
        sight.point = key.map(|key| self.point("p", state, created, done, key.clone()));
        if *now < done || night == Some(&Night::NotCopied) {
            return sight;
        }
        let landed = done + QUEUED + plan.copies;
        sight.copy_job = Some(self.copy_job(done, landed, night));
        let failed = matches!(night, Some(Night::Copy(..) | Night::CopyStuck));
        let deleted = matches!(night, Some(Night::CopyDeleted(at)) if at <= now);
        if *now >= landed && !failed && !deleted {
            let other = if let Some(Night::OtherKey(key)) = night { Some(*key) } else { None };
            sight.copy = dr_key.map(|key| {
                let key = other.map_or_else(|| key.clone(), str::to_owned);
                self.point("c", "COMPLETED", created, landed, key)
            });
        }
        sight
    }

    fn job(&self, created: Timestamp, done: Timestamp, night: Option<&Night>) -> Job {
        let ended = match night {
            Some(Night::Job(state, message)) => (*state, None, Some(*message)),
            Some(Night::Issues(category)) => {
                ("COMPLETED", Some(*category), Some("some were left out"))
            }
            _ => ("COMPLETED", Some("SUCCESS"), None),
        };
        let (state, category, message) = match self.now {
            now if now >= done => ended,
            now if now < created + QUEUED => ("CREATED", None, None),
            _ => ("RUNNING", None, None),
        };
        let point = (state == "COMPLETED").then(|| self.arn("p"));
        Job {
            id: self.id("b"),
            resource: self.plan.resource.clone(),
            created,
            state: state.to_owned(),
            category: category.map(str::to_owned),
            message: message.map(str::to_owned),
            point,
        }
    }

    fn copy_job(&self, created: Timestamp, landed: Timestamp, night: Option<&Night>) -> CopyJob {
        let (region, vault) = &self.plan.dr_vault;
        let ended = match night {
            Some(Night::Copy(state, message)) => (*state, Some(*message)),
            _ => ("COMPLETED", None),
        };
        let (state, message) = match self.now {
            now if night == Some(&Night::CopyStuck) || now < created + QUEUED => ("CREATED", None),
            now if now < landed => ("RUNNING", None),
            _ => ended,
        };
        CopyJob {
            id: self.id("d"),
            resource: self.plan.resource.clone(),
            created,
            state: state.to_owned(),
            message: message.map(str::to_owned),
            source: Some(self.arn("p")),
            vault: format!("arn:aws:backup:{region}:{}:backup-vault:{vault}", self.account),
            copy: (state == "COMPLETED").then(|| self.arn("c")),
        }
    }

    /// A copy keeps the time of its source.
    fn point(
        &self,
        letter: &str,
        state: &str,
        created: Timestamp,
        done: Timestamp,
        key: String,
    ) -> RecoveryPoint {
        RecoveryPoint {
            arn: self.arn(letter),
            resource: self.plan.resource.clone(),
            created,
            done: Some(done).filter(|done| self.now >= *done),
            state: state.to_owned(),
            key: Some(key),
        }
    }

    fn arn(&self, letter: &str) -> String {
        let (region, _) = match letter {
            "c" => &self.plan.dr_vault,
            _ => &self.plan.vault,
        };
        format!("arn:aws:backup:{region}:{}:recovery-point:{}", self.account, self.id(letter))
    }

    fn id(&self, letter: &str) -> String {
        format!("{letter}0000000-0000-4000-{:04}-{:>012}", self.number, self.day.strftime("%Y%m%d"))
    }
}
