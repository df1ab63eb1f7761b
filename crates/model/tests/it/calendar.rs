//! Days, zones and clocks: other zones than Tokyo, DST, two points on a day, late starts.

use crate::night::{Drive, KEY, at, home, policy_with, sim_of};
use domain::id::Family;
use domain::policy::{Policy, parse};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use model::campaign::{Fate, Script, play};
use model::{Account, Sim};

fn policy_in(zone: &str, at: &str, since: &str) -> Policy {
    let text = format!(
        "version = 1\nsystem = \"s\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\nzone = \"{zone}\"\n\
         language = \"en\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [defaults]\nsince = {since}\ndr_key = \"{KEY}\"\nat = \"{at}\"\n\
         [[asset]]\nkind = \"rds-instance\"\nid = \"db\"\ntake = \"scheduled\"\n"
    );
    parse(&text).expect("a good policy")
}

/// The subjects of some nights in a zone, with and without events.
fn nights(zone: &str, time: &str, from: Timestamp, days: i64, lost: bool) -> Vec<String> {
    let since = domain::day::of(from, &jiff::tz::TimeZone::get(zone).expect("bundled"));
    let since = since.tomorrow().expect("a next day").to_string();
    let fates = if lost { vec![Fate::Lost; 1000] } else { Vec::new() };
    let script = Script { fates, ..Script::default() };
    let sim =
        play(&policy_in(zone, time, &since), from, SignedDuration::from_hours(24 * days), &script);
    sim.subjects()
}

/// Sonae takes the points itself here, so the night follows the zone's clock, jumps included.
#[track_caller]
fn check(zone: &str, time: &str, from: &str, first: Date) {
    let days = (0..4).map(|n| first.saturating_add(n.days()));
    let expected: Vec<String> =
        days.map(|day| format!("[OK] s: night of {day} complete")).collect();
    for lost in [false, true] {
        assert_eq!(nights(zone, time, at(from), 4, lost), expected, "{zone} {time}, lost: {lost}");
    }
}

#[test]
fn nights_across_a_jump_forward_are_whole() {
    check("America/New_York", "02:30", "2025-03-07T20:00:00Z", date(2025, 3, 8));
    check("America/New_York", "00:00", "2025-03-07T20:00:00Z", date(2025, 3, 8));
    check("Europe/London", "01:30", "2025-03-28T20:00:00Z", date(2025, 3, 29));
}

#[test]
fn nights_across_a_jump_back_are_whole() {
    check("America/New_York", "01:30", "2025-10-31T20:00:00Z", date(2025, 11, 1));
    check("Pacific/Auckland", "02:30", "2025-04-04T02:00:00Z", date(2025, 4, 5));
}

#[test]
fn nights_at_utc_and_far_east_of_it_are_whole() {
    check("UTC", "03:00", "2025-01-14T20:00:00Z", date(2025, 1, 15));
    check("Pacific/Kiritimati", "03:00", "2025-01-14T04:00:00Z", date(2025, 1, 15));
}

/// RDS takes a second automated point on a day, as after turning backups off and on.
#[test]
fn a_second_point_of_a_day_is_copied_and_told_no_second_time() {
    let sim = sim_of(policy_with(""));
    sim.check_until("2025-01-14T19:00:00Z");
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.window = Some("20:00-20:30".to_owned());
    }
    sim.check_until("2025-01-14T21:30:00Z");
    assert_eq!(sim.copies().len(), 2);
    let complete = sim.subjects().iter().filter(|told| told.contains("complete")).count();
    assert_eq!(complete, 1, "{:?}", sim.subjects());
}

/// Stopped at three, started at six: the point is taken then, and the night is mended.
#[test]
fn a_scheduled_point_is_taken_late_rather_than_never() {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    let status = |sim: &Sim, status: &str| {
        for db in sim.account.borrow_mut().databases.values_mut() {
            db.shown.status = status.to_owned();
            db.shown.retention_days = Some(0);
        }
    };
    status(&sim, "stopped");
    sim.check_until("2025-01-14T21:00:00Z");
    status(&sim, "available");
    sim.check_until("2025-01-14T22:30:00Z");
    let subjects = sim.subjects();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(subjects[0].contains("no recovery point"), "{subjects:?}");
    assert!(subjects[1].starts_with("[REPAIRED]"), "{subjects:?}");
    assert!(subjects[2].contains("complete"), "{subjects:?}");
}

/// Before `since` nothing is owed, so nothing is told.
#[test]
fn before_since_it_is_quiet() {
    let policy = policy_with("since = 2025-01-17");
    let sim = Sim::new(Account::of(&policy, at("2025-01-14T17:50:00Z")), policy);
    sim.check_until("2025-01-16T17:00:00Z");
    assert!(sim.subjects().is_empty() && sim.copies().is_empty(), "{:?}", sim.subjects());
    sim.check_until("2025-01-16T19:00:00Z");
    assert_eq!(sim.subjects(), ["[OK] kaigo-subsys-prod: night of 2025-01-17 complete"]);
}

/// The journal is lost in the middle of a broken day: told again once, never in silence, and no
/// copy is missed or doubled.
#[test]
fn a_lost_journal_costs_one_repeat_and_no_copy() {
    let sim = sim_of(policy_with(""));
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", 3, model::Scripted::CopyDies);
    sim.check_until("2025-01-14T20:00:00Z");
    sim.account.borrow_mut().objects.clear();
    sim.check_until("2025-01-14T21:00:00Z");
    let broken = sim.subjects().iter().filter(|told| told.contains("no copy of")).count();
    assert_eq!((broken, sim.copies().len()), (2, 3));
}

/// An instance deleted on purpose, and still in the policy: said at once, and each day it is owed.
#[test]
fn a_deleted_instance_is_said_at_once() {
    let sim = sim_of(policy_with(""));
    sim.check_until("2025-01-14T19:00:00Z");
    sim.account.borrow_mut().databases.remove(&(
        home(),
        Family::Instance,
        "kaigo-subsys-prod".to_owned(),
    ));
    sim.check_until("2025-01-14T19:45:00Z");
    let subjects = sim.subjects();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects[1].contains("does not exist"), "{subjects:?}");
}

/// A jump that puts `at` and `taken_by` on one moment leaves the point a tick to be there.
#[test]
fn a_deadline_inside_the_jump_is_no_false_alarm() {
    let text = format!(
        "version = 1\nsystem = \"s\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"America/New_York\"\nlanguage = \"en\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [defaults]\nsince = 2025-03-09\ndr_key = \"{KEY}\"\nat = \"02:00\"\ntaken_by = \"03:00\"\n\
         landed_by = \"03:45\"\n\
         [[asset]]\nkind = \"rds-instance\"\nid = \"db\"\ntake = \"scheduled\"\n"
    );
    let policy = parse(&text).expect("good");
    let sim = Sim::new(Account::of(&policy, at("2025-03-09T05:00:00Z")), policy);
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.retention_days = Some(0);
    }
    sim.check_until("2025-03-09T12:00:00Z");
    assert_eq!(sim.subjects(), ["[OK] s: night of 2025-03-09 complete"]);
}

/// RDS would take tonight's point before midnight some nights, and after it on others.
#[test]
fn a_window_across_midnight_is_told_before_it_does_harm() {
    let sim = sim_of(policy_with("at = \"00:05\""));
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.window = Some("14:50-15:20".to_owned());
    }
    sim.check();
    let told = "[WARNING] kaigo-subsys-prod: backup window of kaigo-subsys-prod is elsewhere";
    assert_eq!(sim.subjects(), [told]);
}
