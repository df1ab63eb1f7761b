//! The jobs of one resource in their order. AWS Backup runs one backup or copy job of a resource at a time;
//! the others wait (AWS Backup Developer Guide, Quotas), and a plan's job whose hour is over is EXPIRED.

use super::{Night, Plan, Request};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeSet;

/// A job is CREATED for so long at least, and then begins.
const QUEUED: SignedDuration = SignedDuration::from_mins(12);

/// A plan's job must begin within it.
const START_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// The plan's point of a day.
    Night(Date),
    /// A point that somebody takes, by its number.
    ByHand(usize),
    /// The plan's copy of that day's.
    PlanCopy(Date),
    /// A copy that somebody asked for, by its number.
    Asked(usize),
}

/// One job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) work: Work,
    pub(super) created: Timestamp,
    /// When it begins, if it does.
    pub(super) begins: Option<Timestamp>,
    /// When it ends, if it does.
    pub(super) ends: Option<Timestamp>,
}

impl Plan {
    /// All jobs that are made until a moment, of so many nights back, in order.
    pub(super) fn slots(&self, requests: &[Request], until: Timestamp, nights: i64) -> Vec<Slot> {
        let mut waiting: BTreeSet<(Timestamp, Work)> = self.nights_until(until, nights).collect();
        let by_hand = self.by_hand.iter().enumerate().map(|(n, at)| (*at, Work::ByHand(n)));
        let asked = requests.iter().enumerate().filter(|(_, one)| one.resource == self.resource);
        waiting.extend(by_hand.chain(asked.map(|(n, one)| (one.created, Work::Asked(n)))));
        let (mut slots, mut busy) = (Vec::new(), Timestamp::MIN);
        while let Some((created, work)) = waiting.pop_first() {
            if created > until {
                break;
            }
            let slot = self.slot(work, created, busy);
            if let (Work::Night(day), Some(ends)) = (work, slot.ends.filter(|_| self.copies(work)))
            {
                waiting.insert((ends, Work::PlanCopy(day)));
            }
            busy = slot.begins.and(slot.ends).unwrap_or(busy).max(busy);
            slots.push(slot);
        }
        slots
    }

    fn nights_until(
        &self,
        until: Timestamp,
        nights: i64,
    ) -> impl Iterator<Item = (Timestamp, Work)> {
        let today = domain::day::of(until, &self.zone);
        let days = (0..=nights).map(move |n| today.saturating_sub(n.days()));
        days.filter(|day| *day >= self.from && self.night(*day) != Some(&Night::NeverStarted))
            .map(|day| (domain::day::instant(day, self.at, &self.zone), Work::Night(day)))
    }

    fn slot(&self, work: Work, created: Timestamp, busy: Timestamp) -> Slot {
        let begins = (created + QUEUED).max(busy);
        let (begins, ends) = match work {
            Work::Night(_) if begins > created + START_WINDOW => {
                (None, Some(created + START_WINDOW))
            }
            Work::Night(day) => match self.night(day) {
                Some(Night::Slow(takes)) => (Some(begins), Some(begins + *takes)),
                _ => (Some(begins), Some(begins + self.takes)),
            },
            Work::ByHand(_) => (Some(begins), Some(begins + self.takes)),
            Work::PlanCopy(day) if self.night(day) == Some(&Night::CopyStuck) => (None, None),
            Work::PlanCopy(_) | Work::Asked(_) => (Some(begins), Some(begins + self.copies)),
        };
        Slot { work, created, begins, ends }
    }

    /// Whether the plan copies what comes of it.
    fn copies(&self, work: Work) -> bool {
        let Work::Night(day) = work else { return false };
        !matches!(self.night(day), Some(Night::Job(..) | Night::NotCopied))
    }

    pub(super) fn night(&self, day: Date) -> Option<&Night> {
        self.nights.get(&day)
    }
}
