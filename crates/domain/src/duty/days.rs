//! Which days are judged: those that are copied, and older ones of which something may still come.

use super::{Duty, Evidence, What};
use crate::day;
use crate::decide::landed;
use crate::episode::Kind;
use crate::seen::Point;
use crate::tags;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

impl Evidence<'_> {
    pub(super) fn of_days(self) -> Vec<Duty> {
        let Self { policy, asset, now, .. } = self;
        let begun = |day: &Date| now >= day::instant(*day, asset.at, &policy.zone);
        let judged = policy.days(asset, now);
        let mut duties = self.of_older_days(&judged);
        duties.extend(judged.into_iter().filter(begun).flat_map(|day| self.of_day(day)));
        duties
    }

    /// What was told broken may become whole all the same, and a copy that was begun late has its
    /// time, as long as anything of them can be seen.
    fn of_older_days(self, judged: &[Date]) -> Vec<Duty> {
        let Self { policy, asset, now, .. } = self;
        let told: BTreeSet<(Date, Kind)> = self.told();
        let late = self.begun_late(judged);
        let first = policy.first_seen(asset, now);
        let days = told.iter().map(|(day, _)| *day).chain(late.iter().copied());
        let older: BTreeSet<Date> =
            days.filter(|day| *day >= first && !judged.contains(day)).collect();
        let wanted = |duty: &Duty| {
            let Some(day) = duty.day() else { return false };
            told.contains(&(day, duty.kind())) || duty.what == What::Landed && late.contains(&day)
        };
        older.into_iter().flat_map(|day| self.of_day(day)).filter(wanted).collect()
    }

    /// What was told of the asset's days and is not whole yet.
    pub(super) fn told(self) -> BTreeSet<(Date, Kind)> {
        let journal = self.journal.known();
        journal.map(|journal| journal.open_days(&self.asset.id)).unwrap_or_default()
    }

    /// The days of which a copy was begun on a judged day, and none stands.
    fn begun_late(self, judged: &[Date]) -> BTreeSet<Date> {
        let day_of = |moment: Timestamp| day::of(moment, &self.policy.zone);
        let copies = self.seen.copies.known().map(Vec::as_slice).unwrap_or_default();
        let ours = copies.iter().filter(|copy| copy.tags.contains_key(tags::KEEP_UNTIL));
        let (standing, open): (Vec<&Point>, Vec<&Point>) =
            ours.partition(|copy| landed(self.asset, copy));
        let of = |copy: &&Point| copy.created.map(day_of);
        let standing: BTreeSet<Date> = standing.iter().filter_map(of).collect();
        let begun = |copy: &&Point| copy.stored.is_some_and(|at| judged.contains(&day_of(at)));
        let late = open.into_iter().filter(begun).filter_map(|copy| of(&copy));
        late.filter(|day| !standing.contains(day)).collect()
    }
}
