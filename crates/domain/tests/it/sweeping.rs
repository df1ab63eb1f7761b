//! What a sweep lets go, rule by rule.

use crate::fixture::{KEY, key};
use crate::nights::{
    check, check_kept, check_kept_in, days_gone, keep, night, nights, now, stock, tag,
};
use domain::id::PointName;
use domain::seen::{KeyState, Point, Read, State};
use domain::sweep::{Kept, MOST_A_RUN, Period, Why, plan};
use domain::tags;
use jiff::ToSpan;
use jiff::civil::{Date, date};

#[test]
fn days_keep_what_is_young_enough() {
    check(&keep("{ days = 30 }"), nights(30), &[]);
    check(&keep("{ days = 30 }"), nights(31), &["2025-05-02"]);
    check(&keep("{ days = 30 }"), nights(33), &["2025-04-30", "2025-05-01", "2025-05-02"]);
    let until = Kept::Until(date(2025, 6, 2));
    check_kept(&keep("{ days = 30 }"), nights(31), date(2025, 5, 3), &until);
}

/// A policy that became shorter does not take back what is written on the copy; one that became
/// longer holds it.
#[test]
fn the_tag_is_a_lower_bound() {
    let mut copies = nights(12);
    tag(&mut copies[10], tags::KEEP_UNTIL, "2025-06-02");
    check(&keep("{ days = 10 }"), copies.clone(), &["2025-05-21"]);
    check_kept(&keep("{ days = 10 }"), copies, date(2025, 5, 22), &Kept::Until(date(2025, 6, 2)));
    check(&keep("{ days = 60 }"), nights(40), &[]);
}

/// A week from Monday to Sunday, a month by its last night.
#[test]
fn periods_keep_the_last_of_each() {
    let policy = keep("{ daily = 7, weekly = 3, monthly = 3, floor = 1 }");
    let plan = plan(&policy, &stock(nights(100)), now());
    let stays = |day: Date| !days_gone(&plan).contains(&day.to_string());
    let kept: Vec<String> = (0..100)
        .map(|back| date(2025, 6, 1).saturating_sub(back.days()))
        .filter(|day| stays(*day))
        .map(|day| day.strftime("%m-%d %a").to_string())
        .collect();
    let expected = [
        "06-01 Sun",
        "05-31 Sat",
        "05-30 Fri",
        "05-29 Thu",
        "05-28 Wed",
        "05-27 Tue",
        "05-26 Mon",
        "05-25 Sun",
        "05-18 Sun",
        "04-30 Wed",
    ];
    assert_eq!(kept, expected);
}

/// "The last seven days" are days that have a point: a month without backups makes nothing go.
#[test]
fn a_gap_in_the_backups_makes_nothing_older_go() {
    let policy = keep("{ daily = 7, floor = 1 }");
    let old: Vec<Point> = nights(60).split_off(40);
    check(&policy, old.clone(), &days(&old[7..]));
    let one: Vec<Point> = nights(1).into_iter().chain(old).collect();
    check(&policy, one.clone(), &days(&one[7..]));
}

fn days(copies: &[Point]) -> Vec<&'static str> {
    let day = |copy: &Point| -> &'static str {
        let day = domain::day::of(copy.created.expect("a time"), &keep("{ days = 30 }").zone);
        day.to_string().leak()
    };
    copies.iter().rev().map(day).collect()
}

/// A release point does not take the place of its day's, nor the other way round.
#[test]
fn manual_points_are_counted_apart() {
    let policy = keep("{ daily = 7, floor = 1 }");
    let manual = |day: i32| {
        let mut point = night(date(2025, 4, 1).saturating_sub(day.days()));
        let source = format!("arn:aws:rds:us-east-1:123456789012:snapshot:before-{day}");
        point.name = PointName::new(format!("before-{day}-m-dr"));
        tag(&mut point, tags::KIND, "manual");
        tag(&mut point, tags::SOURCE_ARN, &source);
        Point { source: Some(source), ..point }
    };
    let copies = nights(7).into_iter().chain((0..9).map(manual)).collect();
    check(&policy, copies, &["2025-03-24", "2025-03-25"]);
}

#[test]
fn the_floor_holds_however_old() {
    let old: Vec<Point> = nights(104).split_off(100);
    check(&keep("{ days = 3, floor = 3 }"), old.clone(), &["2025-02-18"]);
    check(&keep("{ days = 3, floor = 4 }"), old.clone(), &[]);
    check_kept(&keep("{ days = 3, floor = 4 }"), old, date(2025, 2, 18), &Kept::Floor);
}

/// Within `catch_up` a deleted copy would be copied again.
#[test]
fn what_would_be_copied_again_stays() {
    let policy = keep("{ daily = 15, floor = 1 }\ncatch_up = \"14 days\"");
    let mut copies = nights(16);
    copies.iter_mut().for_each(|copy| tag(copy, tags::KEEP_UNTIL, "2025-05-01"));
    check_kept(&policy, copies.clone(), date(2025, 5, 18), &Kept::CatchUp);
    check(&policy, copies, &["2025-05-17"]);
}

/// Nothing of an asset goes before a newer copy has landed: available is not enough.
#[test]
fn nothing_goes_without_a_newer_landed_copy() {
    let policy = keep("{ days = 3, floor = 1 }");
    let mut copies = nights(12);
    copies.iter_mut().take(8).for_each(|copy| copy.key = Some(KEY.replace("1111", "9999")));
    check(&policy, copies.clone(), &["2025-05-21", "2025-05-22", "2025-05-23"]);
    copies.iter_mut().for_each(|copy| copy.key = Some(KEY.replace("1111", "9999")));
    check(&policy, copies.clone(), &[]);
    check_kept(&policy, copies, date(2025, 5, 21), &Kept::NoNewer);
}

/// A change of `dr_key` makes no older copy worthless: they serve their periods and the floor.
#[test]
fn copies_under_a_former_key_keep_their_places() {
    let policy = keep("{ daily = 7, monthly = 3, floor = 3 }");
    let mut copies = nights(100);
    copies.iter_mut().skip(1).for_each(|copy| copy.key = Some(KEY.replace("1111", "9999")));
    check_kept(&policy, copies.clone(), date(2025, 4, 30), &Kept::Last(Period::Month));
    check_kept(&policy, copies, date(2025, 5, 30), &Kept::CatchUp);
}

#[test]
fn story_16_what_a_running_copy_needs_stays() {
    let policy = keep("{ days = 3, floor = 1 }");
    let began = |day: Date| Point {
        state: State::Copying,
        stored: Some(night(day).stored.expect("a time") + 1.minute()),
        created: None,
        ..night(date(2025, 6, 1))
    };
    // It began when that of the 20th was the newest, and hangs since.
    let mut copies = nights(14);
    copies[0] = began(date(2025, 5, 20));
    check_kept(&policy, copies, date(2025, 5, 20), &Kept::Needed);
}

/// While the dr key is in trouble, an older copy may be the one that can be restored.
#[test]
fn a_dr_key_in_trouble_holds_everything() {
    let policy = keep("{ days = 3, floor = 1 }");
    let mut stock = stock(nights(12));
    for state in ["PendingDeletion", "Disabled", "Missing"] {
        let state = KeyState::Unusable(state.to_owned());
        stock.keys.insert(KEY.to_owned(), Read::Known(key(state)));
        check_kept_in(&policy, &stock, date(2025, 5, 21), &Kept::Key);
    }
    stock.keys.clear();
    check_kept_in(&policy, &stock, date(2025, 5, 21), &Kept::Key);
}

/// What a person made, with our tags or without, is not in any plan.
#[test]
fn story_14_only_what_sonae_made_goes() {
    let policy = keep("{ days = 3, floor = 1 }");
    let changed = |change: &dyn Fn(&mut Point)| {
        let mut copies = nights(12);
        change(&mut copies[11]);
        copies
    };
    let left = ["2025-05-22", "2025-05-23", "2025-05-24", "2025-05-25"];
    let all: Vec<&str> = ["2025-05-21"].into_iter().chain(left).collect();
    check(&policy, changed(&|_| ()), &all);
    check(&policy, changed(&|copy| copy.tags.clear()), &left);
    for lost in [tags::ASSET, tags::KEEP_UNTIL, tags::SOURCE_ARN, tags::KIND] {
        check(&policy, changed(&|copy| _ = copy.tags.remove(lost)), &left);
    }
    let another =
        |key: &'static str, value: &'static str| changed(&move |copy| tag(copy, key, value));
    check(&policy, another(tags::ASSET, "another"), &left);
    check(&policy, another(tags::SYSTEM, "another"), &left);
    check(&policy, another(tags::KEEP_UNTIL, "soon"), &left);
    check(&policy, another(tags::SOURCE_ARN, "arn:aws:rds:us-east-1:1:snapshot:x"), &left);
    let elsewhere = |copy: &mut Point| {
        let source = copy.source.clone().expect("a copy").replace("us-east-1", "ap-northeast-1");
        tag(copy, tags::SOURCE_ARN, &source);
        copy.source = Some(source);
    };
    check(&policy, changed(&elsewhere), &left);
    check(&policy, changed(&|copy| copy.name = PointName::new("by-hand-dr")), &left);
    check(&policy, changed(&|copy| copy.kind = "awsbackup".to_owned()), &left);
    check(&policy, changed(&|copy| copy.database = "another".to_owned()), &left);
    check(&policy, changed(&|copy| copy.created = None), &left);
    for state in ["creating", "pending", "copying", "deleting", "failed", "incompatible-restore"] {
        check(&policy, changed(&|copy| copy.state = State::parse(state)), &left);
    }
}

/// A database that was made anew under the name does not age out the copies of the one before.
#[test]
fn a_replaced_database_keeps_its_own_floor() {
    let policy = keep("{ days = 3, floor = 3 }");
    let mut copies = nights(20);
    copies.iter_mut().skip(10).for_each(|copy| copy.resource_id = "db-before".to_owned());
    check_kept(&policy, copies.clone(), date(2025, 5, 20), &Kept::Floor);
    let plan = plan(&policy, &stock(copies), now());
    let former = plan.orphans.iter().filter(|orphan| orphan.why == Why::Replaced);
    assert_eq!(former.count(), 10, "a person decides how long it is worth its places");
}

/// More than three, and more than a quarter: a person is asked.
#[test]
fn too_much_at_once_is_stopped() {
    let policy = keep("{ days = 7, floor = 1 }");
    for (count, stopped) in [(10, false), (11, true)] {
        let plan = plan(&policy, &stock(nights(count)), now());
        assert_eq!(plan.lots[0].stopped.is_some(), stopped, "{count}");
        assert_eq!(plan.deletions().is_empty(), stopped, "{count}");
    }
    let policy = keep("{ days = 15, floor = 1 }");
    for (count, stopped) in [(20, false), (21, true)] {
        let plan = plan(&policy, &stock(nights(count)), now());
        assert_eq!(plan.lots[0].stopped.is_some(), stopped, "{count}");
    }
}

/// A run has its end: the oldest go first, and the next run goes on.
#[test]
fn a_run_deletes_so_many_at_most() {
    let policy = keep("{ days = 7, floor = 1 }");
    let plan = plan(&policy, &stock(nights(1100)), now());
    let number = plan.lots[0].stopped.clone().expect("stopped");
    let plan = plan.approved(Some(&number)).expect("its number");
    let going = plan.deletions();
    assert_eq!(going.len(), MOST_A_RUN);
    assert_eq!(going[0].name, night(date(2022, 5, 29)).name);
    assert!(going.is_sorted_by_key(|delete| delete.created));
}

#[test]
fn a_yes_is_good_for_one_plan_only() {
    let policy = keep("{ days = 7, floor = 1 }");
    let planned = |count| plan(&policy, &stock(nights(count)), now());
    let number = planned(20).lots[0].stopped.clone().expect("stopped");
    let approved = planned(20).approved(Some(&number)).expect("its number");
    assert_eq!(approved.deletions().len(), 13);
    let other = planned(21).approved(Some(&number)).expect_err("another plan");
    assert!(other.to_string().contains(&format!("`approve` is `{number}`")), "{other}");
    assert!(planned(20).approved(None).expect("nothing asked").deletions().is_empty());
}

/// Points that Sonae takes itself pile up in home as copies do in dr.
#[test]
fn points_that_sonae_took_go_as_their_copies_do() {
    let policy = keep("{ days = 10, floor = 3 }");
    let taken = |day: Date| {
        let name = format!("kaigo-subsys-prod-sonae-{day}");
        Point {
            arn: format!("arn:aws:rds:us-east-1:123456789012:snapshot:{name}"),
            name: PointName::new(name),
            source: None,
            tags: [
                (tags::ASSET.to_owned(), "kaigo-subsys-prod".to_owned()),
                (tags::KIND.to_owned(), "daily".to_owned()),
            ]
            .into(),
            ..night(day)
        }
    };
    let points: Vec<Point> =
        (0..12).map(|back| taken(date(2025, 6, 1).saturating_sub(back.days()))).collect();
    let with = |copies: Vec<Point>, points: &[Point]| {
        let mut stock = stock(copies);
        stock.home.instances = Read::Known(points.to_vec());
        days_gone(&plan(&policy, &stock, now()))
    };
    assert_eq!(with(nights(3), &points), ["2025-05-21", "2025-05-22"]);
    assert!(with(Vec::new(), &points).is_empty(), "nothing has landed");
    // The source of a copy under way.
    let mut hanging = nights(4);
    let source = points[11].arn.clone();
    hanging[3] = Point { state: State::Pending, source: Some(source), ..night(date(2025, 5, 21)) };
    assert_eq!(with(hanging, &points), ["2025-05-22"]);
    let mut by_hand = points.clone();
    by_hand[11].name = PointName::new("taken-by-hand");
    assert_eq!(with(nights(3), &by_hand), ["2025-05-22"]);
}
