//! What is decided about one point in every state it can be seen in.

use crate::fixture::{COPY, KEY, asset, at, copy, point, policy, seen};
use domain::decide::decide;
use domain::fault::{Fault, FaultKind};
use domain::id::{PointName, Region};
use domain::policy::Manual;
use domain::seen::{AssetSeen, Fold, Point, Read, State};
use domain::step::{Action, Rest, Step};
use domain::tags::{self, StartedBy};

const NOON: &str = "2025-01-15T03:00:00Z";

fn step(seen: &AssetSeen, now: &str) -> Step {
    let policy = policy("en");
    let steps = decide(&policy, asset(&policy), seen, StartedBy::Check, at(now));
    assert_eq!(steps.len(), 1, "one point, one step");
    steps.into_iter().next().expect("one").1
}

/// `Ok(target)` for a copy, else why not.
fn decided(points: Point, copies: Vec<Point>, now: &str) -> Result<String, Rest> {
    match step(&seen(vec![points], copies), now) {
        Step::Do(Action::Copy(copy)) => Ok(copy.target.to_string()),
        Step::Do(other) => panic!("{other:?}"),
        Step::Rest(rest) => Err(rest),
    }
}

#[track_caller]
fn check(change: impl Fn(&mut Point), copies: Vec<Point>, expected: Result<&str, Rest>) {
    let mut point = point();
    change(&mut point);
    assert_eq!(decided(point, copies, NOON), expected.map(str::to_owned));
}

fn copy_in(state: State, name: &str) -> Point {
    Point { state, name: PointName::new(name), ..copy() }
}

#[test]
fn an_available_point_without_a_copy_is_copied() {
    check(|_| {}, vec![], Ok(COPY));
}

#[test]
fn a_standing_or_moving_copy_is_left_alone() {
    let name = || PointName::new(COPY);
    check(|_| {}, vec![copy()], Err(Rest::Landed(name())));
    let odd = State::Other("odd".to_owned());
    for state in [State::Creating, State::Pending, State::Copying, odd] {
        check(|_| {}, vec![copy_in(state, COPY)], Err(Rest::Underway(name())));
    }
}

#[test]
fn a_dead_copy_keeps_its_name_and_the_next_attempt_takes_another() {
    let second = format!("{COPY}-2");
    for state in [State::Failed, State::Deleting] {
        check(|_| {}, vec![copy_in(state, COPY)], Ok(&second));
    }
    let third = format!("{COPY}-3");
    let two = vec![copy_in(State::Failed, COPY), copy_in(State::Failed, &second)];
    check(|_| {}, two.clone(), Ok(&third));
    let three = [two, vec![copy_in(State::Failed, &third)]].concat();
    check(|_| {}, three, Err(Rest::AttemptsSpent));
}

/// Available is not landed: the key and the day to keep it until must be right, too.
#[test]
fn a_flawed_copy_is_no_copy() {
    let second = format!("{COPY}-2");
    let wrong_key = Point { key: Some("arn:aws:kms:us-west-2:1:key/x".to_owned()), ..copy() };
    check(|_| {}, vec![wrong_key], Ok(&second));
    let plain = Point { key: None, ..copy() };
    check(|_| {}, vec![plain], Ok(&second));
    let mut untagged = copy();
    untagged.tags.remove(tags::KEEP_UNTIL);
    check(|_| {}, vec![untagged], Ok(&second));
}

#[test]
fn a_copy_of_another_point_does_not_count() {
    let other = Point { source: Some("arn:other".to_owned()), name: PointName::new("x"), ..copy() };
    check(|_| {}, vec![other], Ok(COPY));
}

#[test]
fn a_point_that_is_not_ready_waits() {
    check(|p| p.state = State::Creating, vec![], Err(Rest::NotReady("creating".to_owned())));
    check(|p| p.created = None, vec![], Err(Rest::NotReady("available".to_owned())));
    check(|p| p.state = State::Failed, vec![], Err(Rest::PointFailed));
}

#[test]
fn old_points_are_left_alone() {
    check(|p| p.created = Some(at("2025-01-09T14:59:59Z")), vec![], Err(Rest::BeforeSince));
    check(|p| p.created = Some(at("2025-01-12T14:59:59Z")), vec![], Err(Rest::TooOld));
    check(|p| p.created = Some(at("2025-01-12T15:00:00Z")), vec![], Ok(COPY));
}

#[test]
fn only_our_points_are_copied() {
    check(|p| p.name = PointName::new("awsbackup:job-1"), vec![], Err(Rest::NotOurs));
    check(|p| p.source = Some("arn".to_owned()), vec![], Err(Rest::NotOurs));
    check(|p| p.kind = "manual".to_owned(), vec![], Err(Rest::NotSelected));
    check(|p| p.kind = "shared".to_owned(), vec![], Err(Rest::NotOurs));
    let tagged = |p: &mut Point| {
        p.kind = "manual".to_owned();
        p.name = PointName::new("before-release");
        p.tags.insert("Purpose".to_owned(), "PreRelease".to_owned());
    };
    check(tagged, vec![], Ok("before-release-m-dr"));
}

#[test]
fn nothing_is_started_blindly() {
    let fault = Fault {
        op: "rds:DescribeDBSnapshots".to_owned(),
        region: Region::new("us-west-2"),
        kind: FaultKind::Denied,
        detail: String::new(),
    };
    let blind = AssetSeen { copies: Read::Unknown(fault.clone()), ..seen(vec![point()], vec![]) };
    assert_eq!(step(&blind, NOON), Step::Rest(Rest::Unsure(fault)));
}

/// Tags that AWS reserves make it refuse a copy; ours say where it came from and how long it stays.
#[test]
fn story_12_a_copy_carries_its_origin_and_no_reserved_tag() {
    let mut tagged = point();
    let own =
        [("aws:cloudformation:stack", "x"), ("rds:y", "z"), ("team", "kaigo"), ("Sonae:a", "b")];
    tagged.tags.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let Step::Do(Action::Copy(copy)) = step(&seen(vec![tagged], vec![]), NOON) else {
        panic!("a copy")
    };
    let tags: Vec<String> = copy.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        tags,
        [
            "sonae:asset=kaigo-subsys-prod",
            "sonae:created=2025-01-14T18:05:00Z",
            "sonae:keep-until=2025-02-14",
            "sonae:kind=daily",
            &format!("sonae:source-arn={}", point().arn),
            "sonae:started-by=check",
            "sonae:system=kaigo-subsys-prod",
            "team=kaigo",
        ]
    );
    assert_eq!(copy.key.as_deref(), Some(KEY));
}

#[test]
fn at_most_fifty_tags_fit() {
    let mut tagged = point();
    tagged.tags = (0..60).map(|n| (format!("k{n:02}"), String::new())).collect();
    let Step::Do(Action::Copy(copy)) = step(&seen(vec![tagged], vec![]), NOON) else {
        panic!("a copy")
    };
    assert_eq!(copy.tags.len(), 50);
    assert!(copy.tags.contains_key(tags::KEEP_UNTIL));
}

#[test]
fn manual_points_follow_the_policy() {
    let mut policy = policy("en");
    let mut plain = point();
    plain.kind = "manual".to_owned();
    for (manual, copied) in [(Manual::All, true), (Manual::Tagged, false), (Manual::Never, false)] {
        policy.assets[0].manual = manual;
        let view = seen(vec![plain.clone()], vec![]);
        let steps = decide(&policy, &policy.assets[0], &view, StartedBy::Event, at(NOON));
        assert_eq!(matches!(steps[0].1, Step::Do(_)), copied, "{manual:?}");
    }
}

/// A fleet's old points must cost no memory, but the newest tells the RPO.
#[test]
fn the_fold_keeps_the_young_and_the_newest_of_the_old() {
    let policy = policy("en");
    let mut fold = Fold::new(&policy, at(NOON));
    let aged = |days: i64| Point {
        created: Some(at(NOON) - jiff::SignedDuration::from_hours(24 * days)),
        name: PointName::new(format!("p{days}")),
        ..point()
    };
    [12, 1, 30, 9, 2, 11].into_iter().for_each(|days| fold.take(aged(days)));
    fold.take(Point { database: "kaigo-subsys-prod-restored".to_owned(), ..point() });
    let kept = fold.folded().points;
    let names: Vec<&str> =
        kept[&policy.assets[0].id].iter().map(|point| point.name.as_str()).collect();
    assert_eq!(names, ["p9", "p1", "p2"]);
    assert_eq!(kept.len(), 1, "another instance with our name as its prefix is not ours");
}

/// After a long outage a stranger's newer copy must not hide the newest one of ours, under whatever
/// key: that is what a restore would give back.
#[test]
fn the_fold_keeps_the_newest_old_copy_that_is_kept() {
    let policy = policy("en");
    let mut fold = Fold::new(&policy, at(NOON));
    let aged = |days: i64, key: &str| Point {
        created: Some(at(NOON) - jiff::SignedDuration::from_hours(24 * days)),
        name: PointName::new(format!("c{days}")),
        key: Some(key.to_owned()),
        ..copy()
    };
    let mut stranger = aged(10, "arn:another");
    stranger.tags.clear();
    let former = aged(11, "arn:former");
    [aged(12, KEY), stranger, former].into_iter().for_each(|c| fold.take(c));
    let kept = fold.folded().points;
    let names: Vec<&str> =
        kept[&policy.assets[0].id].iter().map(|point| point.name.as_str()).collect();
    assert_eq!(names, ["c11"]);
}
