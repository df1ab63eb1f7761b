//! What goes, and what can be restored.

use crate::host_schedule::{at, host};
use domain::host::retention::{Hold, expiry};
use domain::host::set::{Dump, Set, SetKind};
use domain::host::target::{Target, Unreachable, choose, moment};
use domain::host::wal::Segment;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const NOW: &str = "2026-11-24T03:00:00Z";

fn set(hours_ago: i64, of: Option<&Set>) -> Set {
    let stop = at(NOW) - SignedDuration::from_hours(hours_ago);
    let word = stop.strftime("%Y%m%d-%H%M%S").to_string();
    let segment = Segment::parse("000000010000000000000001").expect("a segment");
    Set {
        label: of.map_or(format!("{word}F"), |full| format!("{}_{word}D", full.label)),
        kind: if of.is_some() { SetKind::Differential } else { SetKind::Full },
        start: stop - SignedDuration::from_mins(1),
        stop,
        wal_start: segment,
        wal_stop: segment,
        needs: of.iter().map(|full| full.label.clone()).collect(),
        bad_pages: false,
        bytes: 1,
        stored: 1,
    }
}

/// A full backup a day and three differential ones, for so many days.
fn days(days: i64) -> Vec<Set> {
    let day = |n: i64| {
        let full = set(n * 24 + 23, None);
        let diffs = [17, 11, 5].map(|hours| set(n * 24 + hours, Some(&full)));
        [full].into_iter().chain(diffs)
    };
    let mut sets: Vec<Set> = (0..days).flat_map(day).collect();
    sets.sort_by_key(|set| set.stop);
    sets
}

#[test]
fn full_ones_stay_thirty_days_and_differential_ones_seven() {
    let sets = days(40);
    let gone = expiry(&host(""), &sets, &[], at(NOW)).sets;
    let left: Vec<&Set> = sets.iter().filter(|set| !gone.contains(&set.label)).collect();
    let count = |kind| left.iter().filter(|set| set.kind == kind).count();
    assert_eq!((count(SetKind::Full), count(SetKind::Differential)), (30, 21));
}

/// Three days back from now, at the edge, a moment is reached from the set before that edge.
#[test]
fn the_log_is_kept_for_the_sets_that_reach_its_edge() {
    let sets = days(10);
    let plan = expiry(&host(""), &sets, &[], at(NOW));
    let oldest = &sets[sets.len() - plan.continuous];
    assert!(at(NOW).duration_since(oldest.stop) >= SignedDuration::from_hours(72));
    let next = &sets[sets.len() - plan.continuous + 1];
    assert!(at(NOW).duration_since(next.stop) < SignedDuration::from_hours(72));
}

/// Seed error 14: where backups have stopped, age deletes nothing; nor does a clock that is wrong.
#[test]
fn where_backups_have_stopped_nothing_goes() {
    let sets = days(40);
    let later = at(NOW) + SignedDuration::from_hours(24 * 60);
    let plan = expiry(&host(""), &sets, &[], later);
    assert!(plan.sets.is_empty() && matches!(plan.held, Some(Hold::Stale(_))));
    let earlier = at(NOW) - SignedDuration::from_hours(24);
    assert!(matches!(expiry(&host(""), &sets, &[], earlier).held, Some(Hold::Ahead(_))));
    assert_eq!(expiry(&host(""), &[], &[], at(NOW)).held, Some(Hold::Nothing));
}

#[test]
fn dumps_go_after_ninety_days_but_for_the_newest_three() {
    let dump = |weeks: i64| Dump {
        name: format!("{weeks}"),
        start: at(NOW) - SignedDuration::from_hours(weeks * 7 * 24),
    };
    let dumps: Vec<Dump> = (0..20).map(dump).collect();
    let gone = expiry(&host(""), &days(3), &dumps, at(NOW)).dumps;
    assert_eq!(gone, (13..20).map(|weeks| weeks.to_string()).collect::<Vec<_>>());
    let old: Vec<Dump> = (30..33).map(dump).collect();
    assert!(expiry(&host(""), &days(3), &old, at(NOW)).dumps.is_empty());
}

/// Seed error 34: a moment is reached from a backup that ended before it, never from a later one.
#[test]
fn a_moment_is_reached_from_the_set_that_ended_before_it() {
    let sets = days(10);
    let asked = at("2026-11-24T00:00:00Z");
    let chosen = choose(&sets, &Target::Moment(asked), &host(""), at(NOW)).expect("a set");
    assert!(chosen.stop <= asked);
    assert!(sets.iter().all(|set| set.stop > asked || set.stop <= chosen.stop));
}

#[test]
fn what_cannot_be_reached_is_said_with_what_can_be() {
    let (sets, host) = (days(10), host(""));
    let ask = |asked: &str| {
        choose(&sets, &Target::Moment(at(asked)), &host, at(NOW)).map(|set| set.label.clone())
    };
    assert!(matches!(ask("2026-11-01T00:00:00Z"), Err(Unreachable::TooEarly { .. })));
    assert!(matches!(ask("2026-11-24T03:00:01Z"), Err(Unreachable::TooLate { .. })));
    let thinned = ask("2026-11-17T00:00:00Z").expect_err("the log there is gone");
    assert!(thinned.to_string().contains("--set"), "{thinned}");
    let unknown = choose(&sets, &Target::Set("x".to_owned()), &host, at(NOW));
    assert!(matches!(unknown, Err(Unreachable::Unknown { .. })));
    assert_eq!(choose(&[], &Target::Latest, &host, at(NOW)), Err(Unreachable::Nothing));
}

/// Seed error 38: a time without a zone is meant in the policy's.
#[test]
fn a_time_without_a_zone_is_meant_in_the_policys() {
    let zone = TimeZone::get("Asia/Tokyo").expect("bundled");
    for text in ["2025-07-04 12:00:00", "2025-07-04T12:00:00+09:00", "2025-07-04T03:00:00Z"] {
        assert_eq!(moment(text, &zone), Ok(at("2025-07-04T03:00:00Z")), "{text}");
    }
    assert!(moment("noon", &zone).is_err());
}

proptest! {
    /// Whatever there is and whenever it is: what is left can be restored, and the newest good one is left.
    #[test]
    fn nothing_that_is_needed_goes(ages in prop::collection::vec((0i64..2000, any::<bool>(), any::<bool>()), 1..40), ahead in -100i64..3000) {
        let mut sets: Vec<Set> = Vec::new();
        for (age, full, bad) in ages {
            let base = sets.iter().find(|set| set.kind == SetKind::Full).cloned();
            let mut one = set(age, if full { None } else { base.as_ref() });
            one.bad_pages = bad;
            sets.push(one);
        }
        let now: Timestamp = at(NOW) + SignedDuration::from_hours(ahead);
        let plan = expiry(&host(""), &sets, &[], now);
        let left: Vec<&Set> = sets.iter().filter(|set| !plan.sets.contains(&set.label)).collect();
        for set in &left {
            prop_assert!(set.needs.iter().all(|needed| !plan.sets.contains(needed)));
        }
        if let Some(newest) = domain::host::set::newest(&sets) {
            prop_assert!(!plan.sets.contains(&newest.label));
        }
        let again = expiry(&host(""), &left.into_iter().cloned().collect::<Vec<_>>(), &[], now);
        prop_assert!(again.sets.is_empty(), "a plan leaves nothing for the next");
    }
}
