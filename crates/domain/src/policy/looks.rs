//! When everything is looked at, and when the day is reported.

use super::{MORNING, Policy};
use crate::day;
use jiff::Timestamp;
use jiff::civil::Date;

impl Policy {
    /// Whether a check at this tick looks at the fleet: every tick from the first point's time to
    /// the last deadline (a tick more, so that the deadline itself is judged), hourly otherwise.
    /// The owner's account is not to be throttled by its own watchman.
    pub fn looks_at(&self, tick: Timestamp) -> bool {
        let local = tick.to_zoned(self.zone.clone());
        let first = self.assets.iter().map(|asset| asset.at).min();
        let last = self.assets.iter().map(|asset| asset.landed_by).max();
        let night = first.zip(last).is_some_and(|(first, last)| {
            let until = last.saturating_add(day::TICK);
            (first..=until).contains(&local.time())
        });
        // What a host may lose is counted in minutes.
        night || local.minute() == 0 || !self.hosts.is_empty()
    }

    /// When a day is reported, and who listens to the topics is asked: at 08:00, when someone is there
    /// to mend it.
    pub fn morning(&self, day: Date) -> Timestamp {
        day::instant(day, MORNING, &self.zone)
    }

    /// The tick before this one at which the fleet was looked at.
    pub fn previous_look(&self, tick: Timestamp) -> Timestamp {
        let ticks = (1..=4).map(|n| tick - day::TICK * n);
        let earlier: Vec<Timestamp> = ticks.collect();
        let looked = earlier.iter().find(|earlier| self.looks_at(**earlier));
        looked.copied().unwrap_or(tick - day::TICK * 4)
    }
}
