//! What a sweep tells, and its plan as a page, in both languages.

use crate::fixture::{KEY, at, key, policy};
use crate::nights::{night, nights, now, policy_of, stock, tag};
use crate::notices::{book, fault, names, written};
use domain::fault::FaultKind;
use domain::finding::Found;
use domain::id::{Family, PointName, Region};
use domain::notice;
use domain::policy::{Language, Orphans, Policy};
use domain::seen::{KeyState, Point, Read, State};
use domain::sweep::{Stock, plan};
use domain::tags;
use insta::assert_snapshot;
use jiff::civil::date;

fn told() -> Vec<Found> {
    let gone = |count: i32| {
        let copies = nights(count).into_iter().rev();
        copies.map(|copy| (copy.name, copy.created.expect("a time"))).collect()
    };
    let denied = "AccessDenied: no identity-based policy allows the action";
    let (region, number) = (Region::new("us-west-2"), "0123456789ab".to_owned());
    vec![
        Found::SweepStopped {
            region: region.clone(),
            number: number.clone(),
            gone: gone(4),
            all: 12,
        },
        Found::SweepStopped { region, number, gone: gone(40), all: 100 },
        Found::Undeletable {
            fault: fault("rds:DeleteDBSnapshot", FaultKind::Denied, denied),
            points: names(&["", "-2"]),
        },
        Found::Orphaned {
            asset: "kaigo-subsys-old".to_owned(),
            family: Family::Instance,
            points: 31,
            oldest: Some(at("2025-01-01T18:05:00Z")),
            gib: 3100,
        },
        Found::Orphaned {
            asset: "kaigo-aurora-old".to_owned(),
            family: Family::Cluster,
            points: 2,
            oldest: None,
            gib: 0,
        },
    ]
}

#[test]
fn what_a_sweep_tells() {
    assert_snapshot!("sweep_ja", book(&written(&policy("ja"), told())));
    assert_snapshot!("sweep_en", book(&written(&policy("en"), told())));
}

/// Of an asset that has left the policy, and where orphans are deleted.
#[test]
fn what_a_sweep_tells_of_a_retired_asset() {
    for (language, word) in [(Language::Ja, "ja"), (Language::En, "en")] {
        let mut policy = policy(word);
        policy.orphans = Orphans::Delete;
        policy.language = language;
        let told: Vec<Found> = told().into_iter().skip(3).take(1).collect();
        assert_snapshot!(format!("retired_{word}"), book(&written(&policy, told)));
    }
}

fn in_language(keep: &str, root: &str, language: Language) -> Policy {
    let mut policy = policy_of(keep, root);
    policy.language = language;
    policy
}

/// A bit of everything.
fn busy() -> Stock {
    let mut copies = nights(14);
    for (back, copy) in copies.iter_mut().enumerate() {
        match back {
            0 => copy.state = State::Copying,
            13 => copy.state = State::Failed,
            12 => tag(copy, tags::ASSET, "kaigo-subsys-old"),
            11 => copy.name = PointName::new("kaigo-by-hand"),
            10 => copy.created = None,
            _ => {}
        }
    }
    let release = "arn:aws:rds:us-east-1:123456789012:snapshot:before-release";
    let mut manual = Point {
        name: PointName::new("before-release-m-dr"),
        source: Some(release.to_owned()),
        ..night(date(2025, 5, 3))
    };
    tag(&mut manual, tags::SOURCE_ARN, release);
    tag(&mut manual, tags::KIND, "manual");
    copies.push(manual);
    stock(copies)
}

#[test]
fn a_plan_as_a_page() {
    for (language, word) in [(Language::Ja, "ja"), (Language::En, "en")] {
        let page = |keep: &str, root: &str, stock: &Stock| {
            let policy = in_language(keep, root, language);
            notice::plan(&policy, &plan(&policy, stock, now()), now())
        };
        let orphans = "[sweep]\norphans = \"delete\"";
        let mut stopped = stock(nights(20));
        let mut held = stock(nights(9));
        held.keys.insert(KEY.to_owned(), Read::Known(key(KeyState::Unusable("Disabled".into()))));
        let pages = [
            page("{ days = 7, floor = 1 }", "", &busy()),
            page("{ daily = 5, weekly = 2, floor = 2 }", orphans, &busy()),
            page("{ days = 10 }", "", &stopped),
            page("{ days = 7 }", "", &held),
            page("{ days = 10 }", "", &stock(Vec::new())),
            {
                let late = fault("rds:DescribeDBClusterSnapshots", FaultKind::Late, "no answer");
                stopped.dr.clusters = Read::Unknown(late);
                page("{ days = 30 }", "", &stopped)
            },
        ];
        assert_snapshot!(format!("plan_{word}"), pages.join(&format!("{}\n", "=".repeat(72))));
    }
}
