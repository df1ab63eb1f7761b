//! The last thirty days against the thresholds of the policy.

use super::{Proven, Report, Row, Trend, Verdict};
use crate::id::AssetId;
use crate::policy::Policy;
use jiff::civil::Date;
use serde::Serialize;

/// Fewer in a hundred than these and the month is critical (seed 002).
const LEAST_PER_CENT: u64 = 99;

/// More in a hundred of the budget than these is worth a warning (seed 002).
const MOST_PER_CENT: i64 = 80;

/// The last thirty days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Month {
    /// Days of assets that were owed and are known.
    pub owed: u64,
    /// Of them, those that landed in time.
    pub held: u64,
    /// Those that landed late.
    pub late: u64,
    /// Those that did not.
    pub missed: u64,
    /// The longest copying.
    pub longest: Option<Longest>,
    /// How long one may take, in minutes.
    pub longest_allowed_minutes: i64,
    /// AllocatedStorage of all copies that are kept: RDS does not say what they really take.
    pub allocated_gib: i64,
    /// How many copies those are.
    pub copies: u64,
    /// How much they may come to.
    pub budget_gib: Option<i64>,
    /// What is over its threshold.
    pub over: Vec<Over>,
}

/// The longest copying of the month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Longest {
    /// Whose.
    pub asset: AssetId,
    /// Of which day.
    pub day: Date,
    /// How long.
    pub minutes: u32,
}

/// A threshold that is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// Fewer than 99 in a hundred landed in time.
    Success,
    /// A copy took longer than it may.
    Duration,
    /// More than four fifths of the budget are used.
    Storage,
}

impl Over {
    /// The fixed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Duration => "duration",
            Self::Storage => "storage",
        }
    }
}

impl Month {
    /// Counts the trend; `kept` is how many copies there are and how large they are allocated.
    pub(super) fn of(trend: &Trend, kept: (u64, i64), policy: &Policy) -> Self {
        let budget = &policy.budget;
        let mut month = Self {
            longest_allowed_minutes: budget.longest.as_mins(),
            copies: kept.0,
            allocated_gib: kept.1,
            budget_gib: budget.storage_gib,
            ..Self::default()
        };
        for id in trend.assets.keys() {
            // AWS Backup's copies stand in its own queue, up to hours; `landed_by` judges them.
            let ours = policy.asset(id).is_none_or(|asset| asset.backed().is_none());
            for (day, point) in trend.of(id) {
                month.count(point.held);
                month.measure(id, day, point.took.filter(|_| ours));
            }
        }
        month.over = month.passed();
        month
    }

    fn count(&mut self, held: char) {
        match held {
            'h' => self.held += 1,
            'l' => self.late += 1,
            'm' => self.missed += 1,
            _ => return,
        }
        self.owed += 1;
    }

    fn measure(&mut self, id: &AssetId, day: Date, took: Option<u32>) {
        let longest = self.longest.as_ref().map_or(0, |longest| longest.minutes);
        if let Some(minutes) = took.filter(|took| *took > longest) {
            self.longest = Some(Longest { asset: id.clone(), day, minutes });
        }
    }

    fn passed(&self) -> Vec<Over> {
        let success = self.held * 100 < self.owed * LEAST_PER_CENT;
        let longest = self.longest.as_ref().map_or(0, |longest| i64::from(longest.minutes));
        let duration = longest > self.longest_allowed_minutes;
        let used = self.allocated_gib.saturating_mul(100);
        let storage =
            self.budget_gib.is_some_and(|budget| used > budget.saturating_mul(MOST_PER_CENT));
        let all = [(success, Over::Success), (duration, Over::Duration), (storage, Over::Storage)];
        all.into_iter().filter(|(passed, _)| *passed).map(|(_, over)| over).collect()
    }

    /// Tenths of a per cent that landed in time, rounded down: 99.9 never looks like 100.
    pub fn success_per_mille(&self) -> Option<u64> {
        (self.owed > 0).then(|| self.held * 1000 / self.owed)
    }
}

impl Proven {
    /// Counts the rows of a day.
    pub(super) fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        rows.fold(Self::default(), |mut proven, row| {
            if row.verdict != Verdict::NotOwed {
                proven.expected += 1;
                proven.home += usize::from(row.taken.is_some());
                proven.dr += usize::from(row.landed.is_some() || row.copy.is_some());
            }
            proven
        })
    }
}

impl Report {
    /// Whether everything owed was proved.
    pub fn is_complete(&self) -> bool {
        self.proven.home == self.proven.expected && self.proven.dr == self.proven.expected
    }
}
