//! The preflight of a disaster: each thing that a restore needs, and each way in which it can lack.

use crate::fixture::{KEY, asset, at, copy, database, key, point, policy, seen};
use domain::fault::{Fault, FaultKind};
use domain::id::Region;
use domain::journal::Journal;
use domain::judge::judge;
use domain::policy::Policy;
use domain::report::{Item, Ready, Report, compose, page, text};
use domain::seen::{AssetSeen, Database, Group, GroupKind, KeyState, Lock, Point, Read, Seen};
use insta::assert_snapshot;
use jiff::SignedDuration;

fn unknown<T>() -> Read<T> {
    Read::Unknown(Fault {
        op: "kms:DescribeKey".to_owned(),
        region: Region::new("us-west-2"),
        kind: FaultKind::Denied,
        detail: "AccessDenied".to_owned(),
    })
}

fn report(policy: &Policy, view: AssetSeen) -> Report {
    let seen = Seen {
        assets: [(asset(policy).id.clone(), view)].into(),
        journal: Read::Known(Journal::default()),
        ..Seen::nothing()
    };
    let now = at("2025-01-14T23:00:00Z");
    let judgement = judge(policy, &seen, &[], now);
    compose(policy, &seen, &judgement.duties, &judgement.findings, now)
}

/// A night that is whole, with one thing changed: how one item stands, all others being well.
#[track_caller]
fn check(item: Item, change: impl Fn(&mut AssetSeen), expected: Ready) {
    let mut policy = policy("en");
    policy.assets[0].dr_pitr = Some(SignedDuration::from_hours(1));
    let mut view = seen(vec![point()], vec![copy()]);
    view.pitr = Some(Read::Known(Some(at("2025-01-14T22:55:00Z"))));
    view.groups = [(Group::new(GroupKind::Subnets, "own"), Read::Known(true))].into();
    view.locks = vec![lock(Read::Known(key(KeyState::Enabled)))];
    change(&mut view);
    let report = report(&policy, view);
    assert_eq!(report.preflight.len(), 1);
    assert_eq!(report.preflight[0].items[&item], expected, "{:?}", report.preflight);
    let others = report.preflight[0].items.iter().filter(|(other, _)| **other != item);
    assert!(others.clone().all(|(_, ready)| *ready == Ready::Ready), "{:?}", report.preflight);
}

fn lock(state: Read<domain::seen::Key>) -> Lock {
    let key = KEY.replace("5555", "9999");
    Lock { region: Region::new("us-west-2"), key, points: 3, state }
}

fn off() -> Read<domain::seen::Key> {
    Read::Known(key(KeyState::Unusable("Disabled".to_owned())))
}

fn with(change: impl Fn(&mut Database)) -> impl Fn(&mut AssetSeen) {
    move |view| {
        let mut database = database();
        change(&mut database);
        view.database = Read::Known(Some(database));
    }
}

#[test]
fn each_item_stands_as_it_was_seen() {
    use Ready::{Failing, NotNeeded, Unread};
    check(Item::DrKey, |_| {}, Ready::Ready);
    check(Item::DrKey, |view| view.dr_key = off(), Failing);
    check(Item::DrKey, |view| view.dr_key = unknown(), Unread);
    let under_another = || Point { key: Some(KEY.replace("5555", "0000")), ..copy() };
    check(Item::Copy, |view| view.copies = Read::Known(vec![under_another()]), Failing);
    let old = || Point { created: Some(at("2025-01-13T22:00:00Z")), ..copy() };
    check(Item::Copy, |view| view.copies = Read::Known(vec![old()]), Failing);
    check(Item::HomeKey, |view| view.home_key = Some(off()), Failing);
    check(Item::HomeKey, |view| view.home_key = Some(unknown()), Unread);
    check(Item::OlderKeys, |view| view.locks = vec![lock(off())], Failing);
    check(Item::OlderKeys, |view| view.locks = vec![lock(unknown())], Unread);
    check(Item::OlderKeys, |view| view.locks.clear(), NotNeeded);
    let group = || Group::new(GroupKind::Options, "another");
    check(Item::Groups, |view| _ = view.groups.insert(group(), Read::Known(false)), Failing);
    check(Item::Groups, |view| _ = view.groups.insert(group(), unknown()), Unread);
    check(Item::Groups, |view| view.groups.clear(), NotNeeded);
    check(Item::Pitr, |view| view.pitr = Some(Read::Known(None)), Failing);
    let late = || Some(Read::Known(Some(at("2025-01-14T21:59:59Z"))));
    check(Item::Pitr, |view| view.pitr = late(), Failing);
    check(Item::Pitr, |view| view.pitr = Some(unknown()), Unread);
    check(Item::Backups, with(|database| database.retention_days = Some(0)), Failing);
    check(Item::Window, with(|database| database.window = Some("04:00-04:30".into())), Failing);
    check(Item::Window, with(|database| database.window = None), NotNeeded);
}

/// On the day of its installation nothing has landed, and nothing is owed.
#[test]
fn before_the_first_deadline_no_copy_is_asked_for() {
    let mut policy = policy("en");
    policy.assets[0].since = jiff::civil::date(2025, 1, 16);
    let report = report(&policy, seen(vec![], vec![]));
    assert_eq!(report.preflight[0].items[&Item::Copy], Ready::NotNeeded);
}

/// A database that is gone is told as such; whether its restore would work cannot be seen from it.
#[test]
fn a_database_that_is_gone_leaves_open_what_it_needs() {
    let view = AssetSeen {
        database: Read::Known(None),
        home_key: None,
        ..seen(vec![point()], vec![copy()])
    };
    let items = &report(&policy("en"), view).preflight[0].items;
    for item in [Item::HomeKey, Item::Groups, Item::Backups, Item::Window] {
        assert_eq!(items[&item], Ready::Unread, "{item:?}");
    }
    assert_eq!(items[&Item::Copy], Ready::Ready);
}

/// What a person reads of a page, a line for each text on it.
pub(crate) fn readable(page: &str) -> String {
    let body = page.split("<body>").nth(1).expect("a body");
    let texts =
        body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim());
    let shown: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    shown.join("\n").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Both shapes, of a morning on which a key is off and a group is missing.
#[test]
fn the_report_of_an_unready_morning() {
    for language in ["ja", "en"] {
        let policy = policy(language);
        let mut view = seen(vec![point()], vec![copy()]);
        view.groups = [(Group::new(GroupKind::Parameters, "kaigo"), Read::Known(false))].into();
        view.locks = vec![lock(off())];
        let report = report(&policy, view);
        assert_snapshot!(format!("unready_mail_{language}"), text(&policy, &report));
        assert_snapshot!(format!("unready_page_{language}"), readable(&page(&policy, &report)));
    }
}
