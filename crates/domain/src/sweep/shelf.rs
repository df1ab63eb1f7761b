//! The rules: what holds a point. One that nothing holds may go.

use super::Lot;
use super::orphan::{Orphan, Why};
use crate::day;
use crate::decide::source_of;
use crate::id::PointName;
use crate::policy::{FLOOR, Keep, Orphans, Rule};
use crate::seen::{Key, KeyState, Point, Read, State};
use crate::step::Delete;
use crate::tags;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::collections::{BTreeMap, BTreeSet};

/// Why a point stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// Its day is not over: that of its tag, or a later one of the policy.
    Until(Date),
    /// The last one of its day, ISO week or month.
    Last(Period),
    /// One of the newest, of which there must be so many.
    Floor,
    /// Young enough to be copied again if it went.
    CatchUp,
    /// A copy under way is made from it, or builds upon it.
    Needed,
    /// No newer copy stands in dr.
    NoNewer,
    /// Its state, by AWS's word.
    State(String),
    /// When its data is from, or how long it is to stay, cannot be read.
    Unclear,
    /// The key of dr, without which no newer copy is of use, is in trouble or was not seen.
    Key,
}

/// A period of which one point stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// A day of the policy's zone.
    Day,
    /// An ISO week.
    Week,
    /// A month.
    Month,
}

/// The points of one database in one Region, and what decides about them.
#[derive(Clone, Copy)]
pub(super) struct Shelf<'a> {
    pub(super) today: Date,
    pub(super) zone: &'a TimeZone,
    pub(super) catch_up: i32,
    pub(super) keep: Keep,
    pub(super) orphans: Orphans,
    /// The key of dr, as far as it was looked at.
    pub(super) key: Option<&'a Read<Key>>,
    /// The database's copies that stand in dr, checked.
    pub(super) landed: &'a [&'a Point],
    /// All copies under way in dr.
    pub(super) running: &'a [&'a Point],
}

/// So many may go at once, however few points there are.
const HARMLESS: usize = 3;

/// Nobody looks after the key of an asset that has left the policy.
const WORKS: Read<Key> = Read::Known(Key { state: KeyState::Enabled, by_aws: false });

impl<'a> Shelf<'a> {
    /// Of an asset that has left the policy: only its copies' own day and the floor are left.
    pub(super) fn of_retired(
        today: Date,
        zone: &'a TimeZone,
        landed: &'a [&'a Point],
        running: &'a [&'a Point],
    ) -> Self {
        let keep = Keep { rule: Rule::Days(0), floor: FLOOR };
        let (catch_up, orphans, key) = (0, Orphans::Delete, Some(&WORKS));
        Self { today, zone, catch_up, keep, orphans, key, landed, running }
    }

    /// Sorts the points into what stays and what may go.
    pub(super) fn sort(&self, points: &[&'a Point], lot: &mut Lot) {
        let held = self.held(points);
        let (mut going, mut whole) = (0, 0);
        for point in points {
            let available = usize::from(point.state == State::Available);
            whole += available;
            match self.fate(point, &held) {
                Ok(created) => {
                    going += available;
                    lot.gone.push(Delete::of(point, &lot.asset, &lot.region, created));
                }
                Err(kept) => lot.kept.push((point.name.clone(), kept)),
            }
        }
        // Of what can be restored from: failed copies and another database's are no comfort.
        lot.is_much |= going > HARMLESS && going * 4 > whole;
    }

    /// Failed copies, once they are no attempt at anything any more.
    pub(super) fn failed(&self, copies: &[&Point]) -> Vec<Orphan> {
        let old = |copy: &Point| copy.created.is_some_and(|created| !self.is_copied(created));
        let failed = copies.iter().filter(|copy| copy.state == State::Failed && old(copy));
        failed.map(|copy| Orphan::new(copy, Why::Failed)).collect()
    }

    /// When its data is from, if nothing holds it.
    fn fate(&self, point: &Point, held: &BTreeMap<&PointName, Kept>) -> Result<Timestamp, Kept> {
        let failed = point.state == State::Failed && self.orphans == Orphans::Delete;
        if point.state != State::Available && !failed {
            return Err(Kept::State(point.state.word().to_owned()));
        }
        let created = point.created.ok_or(Kept::Unclear)?;
        let until = self.until(point, created)?;
        if self.is_copied(created) {
            return Err(Kept::CatchUp);
        }
        if !failed && self.today < until {
            return Err(Kept::Until(until));
        }
        if let Some(kept) = held.get(&point.name) {
            return Err(kept.clone());
        }
        if !self.has_newer(created) {
            return Err(Kept::NoNewer);
        }
        match self.key.and_then(Read::known) {
            Some(key) if key.trouble().is_none() => Ok(created),
            _ => Err(Kept::Key),
        }
    }

    /// Deleted, it would be copied or taken again.
    fn is_copied(&self, created: Timestamp) -> bool {
        day::of(created, self.zone) >= self.today.saturating_sub(self.catch_up.days())
    }

    fn has_newer(&self, created: Timestamp) -> bool {
        self.landed.iter().any(|copy| copy.created > Some(created))
    }

    /// The first day on which its age does not hold it. A policy that became shorter does not take
    /// back what was written on the point.
    fn until(&self, point: &Point, created: Timestamp) -> Result<Date, Kept> {
        let days = match self.keep.rule {
            Rule::Days(days) => days,
            Rule::Periods(_) => 0,
        };
        let by_policy = day::of(created, self.zone).saturating_add(days.days());
        match point.tags.get(tags::KEEP_UNTIL).map(|tag| tag.parse::<Date>()) {
            Some(Ok(tagged)) => Ok(by_policy.max(tagged)),
            Some(Err(_)) => Err(Kept::Unclear),
            // A point of home that an earlier version took.
            None if point.source.is_none() => Ok(by_policy),
            None => Err(Kept::Unclear),
        }
    }

    /// What is held whatever its age: by the floor, as the last of a period, by a copy under way.
    /// Of what stands checked, and of all that is available: a change of `dr_key` must not make every
    /// older copy worthless.
    fn held(&self, points: &[&'a Point]) -> BTreeMap<&'a PointName, Kept> {
        let available = |point: &&Point| point.state == State::Available && point.created.is_some();
        let whole: Vec<&Point> = points.iter().copied().filter(available).collect();
        let landed: BTreeSet<&PointName> = self.landed.iter().map(|copy| &copy.name).collect();
        let checked = whole.iter().copied().filter(|point| landed.contains(&point.name)).collect();
        let mut held = BTreeMap::new();
        for points in [checked, whole] {
            self.choose(points, &mut held);
        }
        let of_running = points.iter().filter(|point| is_source(point, self.running));
        let bases = self.running.iter().filter_map(|copy| base_of(copy, points));
        held.extend(of_running.copied().chain(bases).map(|point| (&point.name, Kept::Needed)));
        held
    }

    fn choose(&self, mut points: Vec<&'a Point>, held: &mut BTreeMap<&'a PointName, Kept>) {
        points.sort_by(|a, b| (b.created, &b.name).cmp(&(a.created, &a.name)));
        if let Rule::Periods(counts) = self.keep.rule {
            let counts = [
                (Period::Day, counts.daily),
                (Period::Week, counts.weekly),
                (Period::Month, counts.monthly),
            ];
            for (period, most) in counts.into_iter().rev() {
                let last = self.last_of_each(&points, period, usize::from(most));
                held.extend(last.into_iter().map(|point| (&point.name, Kept::Last(period))));
            }
        }
        let floor = points.iter().take(usize::from(self.keep.floor));
        held.extend(floor.map(|point| (&point.name, Kept::Floor)));
    }

    /// The last point of each of the newest periods; points of a day and manual ones apart, so that
    /// a release does not take the night's place.
    fn last_of_each(&self, newest: &[&'a Point], period: Period, most: usize) -> Vec<&'a Point> {
        let mut begun: BTreeMap<Option<&String>, BTreeSet<Date>> = BTreeMap::new();
        let mut last = Vec::new();
        for point in newest {
            let Some(created) = point.created else { continue };
            let begun = begun.entry(point.tags.get(tags::KIND)).or_default();
            let first_day = period.first_day(day::of(created, self.zone));
            if begun.len() < most && begun.insert(first_day) {
                last.push(*point);
            }
        }
        last
    }
}

impl Period {
    /// The first day of the period that a day is in.
    fn first_day(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since_monday = day.weekday().to_monday_zero_offset();
                day.saturating_sub(i32::from(since_monday).days())
            }
            Self::Month => day.first_of_month(),
        }
    }
}

/// What a copy under way may build upon: "the most recent snapshot copy" of the database (RDS User
/// Guide, Copying a DB snapshot), which is the newest that was there when it began.
fn base_of<'p>(running: &Point, points: &[&'p Point]) -> Option<&'p Point> {
    let before = |point: &&&Point| match (point.stored, running.stored) {
        (Some(point), Some(began)) => point <= began,
        _ => true,
    };
    let copies = points.iter().filter(|point| source_of(point).is_some());
    let whole = copies.filter(|point| point.state == State::Available);
    let same = whole.filter(|point| point.database == running.database);
    same.filter(before).max_by_key(|point| point.stored).copied()
}

/// Whether a copy under way is made from this point.
fn is_source(point: &Point, running: &[&Point]) -> bool {
    running.iter().any(|copy| source_of(copy) == Some(&point.arn))
}
