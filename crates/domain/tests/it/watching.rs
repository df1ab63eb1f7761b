//! What the watcher in dr finds, by table, and what it never does.

use crate::fixture::{POINT, at, copy, policy};
use crate::notices::fault;
use crate::vault_night;
use domain::episode::{EpisodeKey, Kind, Subject};
use domain::fault::FaultKind;
use domain::finding::Found;
use domain::id::AssetId;
use domain::journal::WATCH;
use domain::judge::{Fate, Judgement};
use domain::policy::{Policy, TakenBy};
use domain::record::Heartbeat;
use domain::seen::{InDr, Point, Read, RecoveryPoint, Seen, State};
use domain::tags;
use domain::watch::{self, SILENCE};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// 07:37 JST on 2025-01-15.
const NOW: &str = "2025-01-14T22:37:00Z";

fn seen(policy: &Policy, last: Option<&str>, copies: Read<Vec<Point>>) -> Seen {
    of(policy, last, copies.map(InDr::Points))
}

fn of(policy: &Policy, last: Option<&str>, copies: Read<InDr>) -> Seen {
    let heartbeat = last.map(|last| Heartbeat { at: at(last), policy: policy.hash.clone() });
    let first = policy.assets.first().expect("one at least");
    let copies = Some([(first.id.clone(), copies)].into());
    Seen { heartbeat: Some(Read::Known(heartbeat)), copies, ..Seen::nothing() }
}

fn missing(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Date> {
    let found = watch::judge(policy, seen, now).findings.into_iter();
    let missing = found.filter(|finding| matches!(finding.what, Found::CopiesMissing { .. }));
    missing.map(|finding| finding.key.subject.day().expect("a day")).collect()
}

/// Silent since three: what stands is a copy, changed so.
#[track_caller]
fn check(change: impl Fn(&mut Point), stands: bool) {
    let policy = policy("en");
    let mut copy = copy();
    change(&mut copy);
    let seen = seen(&policy, Some("2025-01-14T18:00:00Z"), Read::Known(vec![copy]));
    let expected = if stands { vec![] } else { vec![date(2025, 1, 15)] };
    assert_eq!(missing(&policy, &seen, at(NOW)), expected);
}

#[test]
fn a_copy_of_the_day_gives_its_data_back() {
    let untagged = |copy: &mut Point| copy.tags.clear();
    let elsewhere = |copy: &mut Point| copy.key = Some("another".to_owned());
    check(|_| {}, true);
    check(elsewhere, true);
    check(untagged, true);
    check(|copy| copy.source = None, false);
    check(|copy| copy.state = State::Copying, false);
    check(|copy| copy.state = State::Other("pondering".to_owned()), false);
    check(|copy| copy.created = Some(at("2025-01-13T18:05:00Z")), false);
    check(|copy| copy.created = None, false);
    let manual = |copy: &mut Point| {
        copy.source = copy.source.as_ref().map(|arn| arn.replace(":rds:", ":"));
    };
    check(|copy| (manual(copy), untagged(copy)).1, false);
    let of_kind = |copy: &mut Point| {
        manual(copy);
        copy.tags.insert(tags::KIND.to_owned(), "manual".to_owned());
    };
    check(of_kind, false);
    // RDS shows source and state first, a tag says the source from the start.
    let arn = copy().source.expect("a copy");
    check(
        |copy| {
            copy.source = None;
            copy.tags.insert(tags::SOURCE_ARN.to_owned(), arn.clone());
        },
        true,
    );
}

/// Where Sonae takes the points, an automated one is nobody's, and Sonae's own is known by its name.
#[test]
fn a_copy_of_a_point_that_sonae_took_needs_no_tag() {
    let mut policy = policy("en");
    policy.assets[0].take = TakenBy::Sonae;
    for (point, stands) in [("kaigo-subsys-prod-sonae-2025-01-15", true), (POINT, false)] {
        let source = Some(format!("arn:aws:rds:us-east-1:123456789012:snapshot:{point}"));
        let copy = Point { source, tags: [].into(), ..copy() };
        let seen = seen(&policy, Some("2025-01-14T18:00:00Z"), Read::Known(vec![copy]));
        assert_eq!(missing(&policy, &seen, at(NOW)).is_empty(), stands, "{point}");
    }
}

/// What AWS Backup has copied, by its deadline of 10:00: silent since three.
#[test]
fn a_good_copy_in_the_vault_gives_its_data_back() {
    let policy = vault_night::policy("en");
    let check = |points: Vec<RecoveryPoint>, now: &str, expected: &[Date]| {
        let points = Read::Known(InDr::Vault(points));
        let seen = of(&policy, Some("2025-01-14T18:00:00Z"), points);
        assert_eq!(missing(&policy, &seen, at(now)), expected, "{now}");
    };
    let (ten, before) = ("2025-01-15T01:00:00Z", "2025-01-15T00:59:00Z");
    let fifteenth = [date(2025, 1, 15)];
    check(vec![], before, &[]);
    check(vec![], ten, &fifteenth);
    for good in ["COMPLETED", "AVAILABLE"] {
        check(vec![vault_night::copy(good)], ten, &[]);
    }
    for bad in ["CREATING", "PARTIAL", "DELETING", "EXPIRED", "STOPPED", "NOVEL"] {
        check(vec![vault_night::copy(bad)], ten, &fifteenth);
    }
    let created = at("2025-01-13T19:00:00Z");
    check(vec![RecoveryPoint { created, ..vault_night::copy("COMPLETED") }], ten, &fifteenth);
}

/// Which days are judged, nothing standing, by home's last sign of life and the time.
#[test]
fn days_after_homes_last_word_are_judged() {
    let policy = policy("en");
    let check = |last, now: &str, expected: &[Date]| {
        let seen = seen(&policy, last, Read::Known(Vec::new()));
        assert_eq!(missing(&policy, &seen, at(now)), expected, "{last:?} {now}");
    };
    let [fourteenth, fifteenth] = [date(2025, 1, 14), date(2025, 1, 15)];
    let three = Some("2025-01-14T18:00:00Z");
    check(three, "2025-01-14T22:29:59Z", &[]);
    check(three, "2025-01-14T22:30:00Z", &[fifteenth]);
    check(three, "2025-01-15T14:59:00Z", &[fifteenth]);
    check(three, "2025-01-15T22:29:00Z", &[fifteenth]);
    // Home was there at the deadline, or after it.
    check(Some("2025-01-14T22:30:00Z"), "2025-01-15T01:00:00Z", &[]);
    check(Some("2025-01-14T22:29:59Z"), "2025-01-15T01:00:00Z", &[fifteenth]);
    // A watcher that begins late in a long silence, as far back as days are copied.
    check(Some("2025-01-13T18:00:00Z"), NOW, &[fourteenth, fifteenth]);
    let back = [date(2025, 1, 13), fourteenth, fifteenth];
    check(Some("2025-01-01T18:00:00Z"), NOW, &back);
    check(None, NOW, &[fifteenth]);
}

/// What could not be read is told as that.
#[test]
fn an_unread_dr_is_unknown() {
    let policy = policy("en");
    let denied = fault("rds:DescribeDBSnapshots", FaultKind::Denied, "AccessDenied: no");
    let seen = seen(&policy, Some("2025-01-14T18:00:00Z"), Read::Unknown(denied));
    let kinds: Vec<Kind> =
        watch::judge(&policy, &seen, at(NOW)).findings.iter().map(|f| f.key.kind).collect();
    assert_eq!(kinds, [Kind::HomeSilent, Kind::Unreadable]);
}

fn fate(policy: &Policy, seen: &Seen, kind: Kind, subject: Subject) -> Fate {
    let key = EpisodeKey { asset: Some(AssetId::new(WATCH)), kind, subject };
    watch::judge(policy, seen, at(NOW)).fate(policy, seen, true, &key, at(NOW))
}

#[test]
fn a_day_ends_by_its_copies_or_by_homes_return() {
    let policy = policy("en");
    let of = |last, copies, day| {
        let seen = seen(&policy, last, copies);
        fate(&policy, &seen, Kind::CopiesMissing, Subject::Day(day))
    };
    let (three, just_now) = (Some("2025-01-14T18:00:00Z"), Some("2025-01-14T22:30:00Z"));
    let (today, before) = (date(2025, 1, 15), date(2025, 1, 8));
    let stands = || Read::Known(vec![copy()]);
    let unread = || Read::Unknown(fault("rds:DescribeDBSnapshots", FaultKind::Late, "no answer"));
    assert_eq!(of(three, stands(), today), Fate::Whole);
    assert_eq!(of(three, Read::Known(vec![]), today), Fate::Open);
    assert_eq!(of(three, unread(), today), Fate::Open);
    assert_eq!(of(three, stands(), before), Fate::Open, "not looked at any more");
    assert_eq!(of(just_now, Read::Known(vec![]), today), Fate::Returned);
    let home = Seen { heartbeat: None, ..Seen::nothing() };
    let of_home = fate(&policy, &home, Kind::CopiesMissing, Subject::Day(today));
    assert_eq!(of_home, Fate::Open, "home leaves the watcher's episodes alone");
}

fn any_copy() -> impl Strategy<Value = Point> {
    let states = prop::sample::select(vec![
        State::Available,
        State::Copying,
        State::Failed,
        State::Other("pondering".to_owned()),
    ]);
    let hours = prop::option::of(0i64..24 * 40);
    (states, hours, any::<[bool; 2]>()).prop_map(|(state, hours, [sourced, tagged])| {
        let created = hours.map(|hours| at(NOW) - SignedDuration::from_hours(hours));
        let mut copy = Point { state, created, ..copy() };
        copy.source = copy.source.filter(|_| sourced);
        if !tagged {
            copy.tags.clear();
        }
        copy
    })
}

proptest! {
    /// Whatever dr holds, or cannot say: while home speaks it is home's to tell.
    #[test]
    fn with_a_fresh_heartbeat_nothing_is_found(
        copies in prop::collection::vec(any_copy(), 0..6), unread in any::<bool>(),
        age in 0i64..=3600, at_minute in 0i64..60 * 24 * 3,
    ) {
        let policy = policy("en");
        let now = at(NOW) + SignedDuration::from_mins(at_minute);
        let last = (now - SignedDuration::from_secs(age)).to_string();
        let late = fault("rds:DescribeDBSnapshots", FaultKind::Late, "no answer");
        let read = if unread { Read::Unknown(late) } else { Read::Known(copies) };
        let seen = seen(&policy, Some(&last), read);
        let Judgement { findings, .. } = watch::judge(&policy, &seen, now);
        prop_assert!(findings.is_empty(), "{findings:?}");
        let heartbeat = seen.heartbeat.expect("it was read");
        prop_assert!(!watch::is_silent(&heartbeat, now));
        prop_assert!(watch::is_silent(&heartbeat, now + SILENCE + SignedDuration::from_secs(1)));
    }
}
