//! Days, times and ticks of a policy.
//!
//! A day is a day of the policy's zone: 03:00 JST of day D is 18:00 UTC of D-1. Ages and days come
//! only from API times, never from names.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The check's rhythm.
pub const TICK: SignedDuration = SignedDuration::from_mins(15);

/// The day that a moment belongs to.
pub fn of(moment: Timestamp, zone: &TimeZone) -> Date {
    moment.to_zoned(zone.clone()).date()
}

/// The moment of a day's local time. A local time that a DST jump skips becomes the moment just
/// after the jump, one that happens twice its first: the scheduler runs it once, too.
pub fn instant(day: Date, time: Time, zone: &TimeZone) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(day.to_datetime(time));
    ambiguous.compatible().unwrap_or(Timestamp::MAX)
}

/// The tick that a moment belongs to.
pub fn tick(moment: Timestamp) -> Timestamp {
    let seconds = moment.as_second();
    let floor = seconds - seconds.rem_euclid(TICK.as_secs());
    Timestamp::from_second(floor).unwrap_or(moment)
}

/// Whether a UTC window `hh:mm-hh:mm` of RDS, which may wrap midnight, holds a moment and lies on
/// the moment's day: RDS takes the point anywhere in its window, and that must not be another day's.
/// A window that cannot be read holds nothing.
pub fn window_holds(window: &str, moment: Timestamp, zone: &TimeZone) -> bool {
    let bounds = window.split_once('-').and_then(|(from, to)| Some((clock(from)?, clock(to)?)));
    let Some((from, to)) = bounds else { return false };
    let today = of(moment, &TimeZone::UTC);
    let start = |day| instant(day, from, &TimeZone::UTC);
    let starts = [start(today), start(today.yesterday().unwrap_or(today))];
    let Some(start) = starts.into_iter().find(|start| *start <= moment) else { return false };
    let minutes = (minute_of(to) - minute_of(from)).rem_euclid(24 * 60);
    let last = start + SignedDuration::from_mins(minutes - 1);
    moment <= last && of(start, zone) == of(moment, zone) && of(last, zone) == of(moment, zone)
}

fn minute_of(time: Time) -> i64 {
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

/// Reads `hh:mm`.
pub fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").expect("bundled")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// Story 30: 03:00 JST is the previous UTC day.
    #[test]
    fn three_in_tokyo_is_eighteen_the_day_before_in_utc() {
        let day = jiff::civil::date(2025, 1, 15);
        let three = instant(day, Time::constant(3, 0, 0, 0), &tokyo());
        assert_eq!(three, at("2025-01-14T18:00:00Z"));
        assert_eq!(of(three, &tokyo()), day);
        assert_eq!(of(at("2025-01-14T14:59:59Z"), &tokyo()), jiff::civil::date(2025, 1, 14));
    }

    #[test]
    fn a_skipped_local_time_is_the_moment_after_the_jump() {
        let zone = TimeZone::get("America/New_York").expect("bundled");
        let jump = instant(jiff::civil::date(2025, 3, 9), Time::constant(2, 30, 0, 0), &zone);
        assert_eq!(jump, at("2025-03-09T07:30:00Z"));
    }

    #[test]
    fn windows_may_wrap_midnight() {
        let six = at("2025-01-14T18:00:00Z");
        let holds = |window, moment| window_holds(window, moment, &tokyo());
        assert!(holds("18:00-18:30", six));
        assert!(!holds("18:30-19:00", six));
        assert!(!holds("17:30-18:00", six));
        assert!(holds("23:45-00:15", at("2025-01-14T00:00:00Z")));
        assert!(!holds("23:45-00:15", at("2025-01-14T00:15:00Z")));
        assert!(!holds("whenever", six));
    }

    /// 15:00 UTC is midnight in Tokyo: a point taken at 14:55 is yesterday's.
    #[test]
    fn a_window_across_the_policys_midnight_is_no_place_for_a_day() {
        let five_past = at("2025-01-14T15:05:00Z");
        assert!(!window_holds("14:50-15:20", five_past, &tokyo()));
        assert!(window_holds("15:00-15:30", five_past, &tokyo()));
        let ten_to = at("2025-01-14T14:50:00Z");
        assert!(!window_holds("14:45-15:15", ten_to, &tokyo()));
        assert!(window_holds("14:30-15:00", ten_to, &tokyo()));
    }

    #[test]
    fn ticks_are_quarters_of_an_hour() {
        assert_eq!(tick(at("2025-01-14T18:14:59Z")), at("2025-01-14T18:00:00Z"));
        assert_eq!(tick(at("2025-01-14T18:15:00Z")), at("2025-01-14T18:15:00Z"));
    }
}
