//! How long copies, and the points that Sonae takes itself, are kept.

use toml::{Table, Value};

/// `keep` of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Which are kept for their age.
    pub rule: Rule,
    /// How many landed copies are never deleted, however old; at least 1.
    pub floor: u8,
}

/// Which points are kept for their age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// All of the last so many days.
    Days(i32),
    /// The last point of each of the newest so many days, ISO weeks and months that have one. A gap
    /// in the backups so makes nothing older go.
    Periods(Periods),
}

/// How many of each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// Days of the policy's zone.
    pub daily: u16,
    /// ISO weeks.
    pub weekly: u16,
    /// Months.
    pub monthly: u16,
}

/// What is done with points that carry our tags and that no asset needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orphans {
    /// They are told and left alone.
    Report,
    /// Those past their day are deleted, but never the newest of a database.
    Delete,
}

/// What `floor` is when left out, and for an asset that has left the policy.
pub const FLOOR: u8 = 3;

impl Keep {
    /// So many days a point stays for certain; written on it as `sonae:keep-until`.
    pub fn days(&self) -> i32 {
        match self.rule {
            Rule::Days(days) => days,
            Rule::Periods(periods) => i32::from(periods.daily),
        }
    }

    /// Reads `{ days = 30, floor = 3 }` or `{ daily = 7, weekly = 5, monthly = 12, floor = 3 }`.
    pub(super) fn parse(value: &Value) -> Option<Self> {
        let table = value.as_table()?;
        let known = ["days", "daily", "weekly", "monthly", "floor"];
        let floor = number(table, "floor", i64::from(FLOOR)).filter(|n| (1..=100).contains(n))?;
        let rule = if table.contains_key("days") { days(table) } else { periods(table) };
        let all_known = table.keys().all(|key| known.contains(&key.as_str()));
        Some(Self { rule: rule.filter(|_| all_known)?, floor: u8::try_from(floor).ok()? })
    }
}

fn days(table: &Table) -> Option<Rule> {
    let alone = !["daily", "weekly", "monthly"].iter().any(|key| table.contains_key(*key));
    let days = number(table, "days", 0).filter(|n| alone && (1..=3650).contains(n))?;
    Some(Rule::Days(i32::try_from(days).ok()?))
}

fn periods(table: &Table) -> Option<Rule> {
    let upto = |key, least: i64, most: i64| {
        let n = number(table, key, 0).filter(|n| (least..=most).contains(n))?;
        u16::try_from(n).ok()
    };
    let (daily, weekly) = (upto("daily", 1, 366)?, upto("weekly", 0, 520)?);
    Some(Rule::Periods(Periods { daily, weekly, monthly: upto("monthly", 0, 120)? }))
}

fn number(table: &Table, key: &str, default: i64) -> Option<i64> {
    table.get(key).map_or(Some(default), Value::as_integer)
}
