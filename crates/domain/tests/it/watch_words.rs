//! What the watcher in dr says, in both languages.

use crate::fixture::{at, policy};
use crate::notices::{book, fault, finding, key, written};
use domain::episode::Word;
use domain::fault::FaultKind;
use domain::finding::Found;
use domain::id::{AssetId, PointName};
use domain::notice;
use domain::watch::{Holding, Holdings, Newest};
use insta::assert_snapshot;
use jiff::SignedDuration;

/// Of twelve assets: nothing, of unknown age, too old, young enough, and some to count.
fn holdings() -> Holdings {
    let name = |n: usize| Newest { name: PointName::new(format!("kaigo-{n}-dr")), created: None };
    let of = |n: usize, created: &str| Newest { created: Some(at(created)), ..name(n) };
    let newest = [
        None,
        Some(name(1)),
        Some(of(2, "2025-01-11T18:05:00Z")),
        Some(of(3, "2025-01-14T18:05:00Z")),
    ];
    let rest = (4..12).map(|n| Some(of(n, "2025-01-14T18:05:00Z")));
    let known = newest.into_iter().chain(rest).enumerate().map(|(n, newest)| Holding {
        asset: AssetId::new(format!("kaigo-{n}")),
        newest,
        objective: SignedDuration::from_hours(24),
        due: (n == 3).then(|| at("2025-01-15T00:00:00Z")),
    });
    Holdings { known: known.collect(), ..unread() }
}

fn one_holding() -> Holdings {
    let known = holdings().known.into_iter().skip(2).take(1).collect();
    Holdings { known, unread: Vec::new() }
}

fn unread() -> Holdings {
    let denied = fault("rds:DescribeDBSnapshots", FaultKind::Denied, "AccessDenied: no");
    let unread = ["kaigo-a", "kaigo-b"].map(|id| (AssetId::new(id), denied.clone()));
    Holdings { known: Vec::new(), unread: unread.into() }
}

fn all() -> Vec<Found> {
    let due = at("2025-01-14T22:30:00Z");
    vec![
        Found::HomeSilent { last: Some(at("2025-01-14T21:15:00Z")), holdings: holdings() },
        Found::HomeSilent { last: None, holdings: unread() },
        Found::CopiesMissing { last: Some(at("2025-01-14T18:00:00Z")), due, holdings: holdings() },
        Found::CopiesMissing { last: None, due, holdings: one_holding() },
        Found::PolicyDiffers {
            home: "0123456789abcdef".repeat(4),
            dr: "fedcba9876543210".repeat(4),
        },
    ]
}

fn said(language: &str) -> String {
    let policy = policy(language);
    let mut notices = written(&policy, all());
    let missing = finding(Found::CopiesMissing {
        last: None,
        due: at("2025-01-14T22:30:00Z"),
        holdings: one_holding(),
    });
    let now = at("2025-01-15T01:00:00Z");
    notices.push(notice::returned(&policy, key(&missing, Word::Repaired), now));
    assert!(notices.iter().all(|notice| !notice.subject.contains('…')), "subjects are whole");
    book(&notices)
}

#[test]
fn in_japanese() {
    assert_snapshot!("watch_ja", said("ja"));
}

#[test]
fn in_english() {
    assert_snapshot!("watch_en", said("en"));
}
