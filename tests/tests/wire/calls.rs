//! What goes over the wire, and how often.

use crate::stage::{COPY, KEY, POINT, Stage, at, played, point_ready};
use domain::id::{Family, PointName};
use domain::seen::{Point, Scope, State};
use domain::step::Outcome;
use domain::tags;
use domain::tags::StartedBy;
use model::Snapshot;

#[tokio::test]
async fn an_event_starts_a_copy_with_origin_key_and_keep_until() {
    let stage = Stage::new().await;
    stage.until("2025-11-05T18:11:02Z");
    let round = played(stage.react(&point_ready()).await);
    assert_eq!(round.tried[0].outcome, Outcome::Done);
    let copies = stage.copies();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].name, PointName::new(COPY));
    assert_eq!(copies[0].key.as_deref(), Some(KEY));
    let source = format!("arn:aws:rds:us-east-1:123456789012:snapshot:{POINT}");
    assert_eq!(copies[0].source.as_ref(), Some(&source));
    assert_eq!(copies[0].tags[tags::SOURCE_ARN], source);
    assert_eq!(copies[0].tags[tags::KEEP_UNTIL], "2025-12-06");
}

/// Story 3: five environments get the same event at once.
#[tokio::test]
async fn five_deliveries_at_once_make_one_copy() {
    let stage = Stage::new().await;
    stage.until("2025-11-05T18:11:02Z");
    let event = point_ready();
    let one = || stage.react(&event);
    let all = tokio::join!(one(), one(), one(), one(), one());
    for done in [all.0, all.1, all.2, all.3, all.4] {
        played(done);
    }
    assert_eq!(stage.copies().len(), 1);
}

#[tokio::test]
async fn a_night_over_the_wire_is_told_once() {
    let stage = Stage::new().await;
    stage.check_until("2025-11-05T23:00:00Z").await;
    assert_eq!(
        stage.subjects(),
        [
            "[正常] kaigo-subsys-prod: 2025-11-06 の夜間バックアップ完了",
            "[正常] kaigo-subsys-prod: 日次報告 2025-11-06：1 件中 1 件到着、すべて正常 (第 1 号)",
        ]
    );
    let attributes = &stage.mails("us-east-1")[0].attributes;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        *attributes,
        [pair("asset", "-"), pair("kind", "night-complete"), pair("severity", "info")]
    );
}

/// How many HTTP calls one event costs with so many assets in the policy.
async fn calls_of_an_event(assets: usize) -> u32 {
    let stage = Stage::of(assets).await;
    stage.check_until("2025-11-05T18:00:00Z").await;
    stage.until("2025-11-05T18:11:02Z");
    let before = stage.cloud.calls();
    played(stage.react(&point_ready()).await);
    stage.cloud.calls() - before
}

#[tokio::test]
async fn an_event_costs_the_same_with_one_asset_and_with_a_thousand() {
    // The named point, the instance, points of home and dr, a key of each, three listings of the
    // journal (one more per judged day), the copy, and two facts.
    assert_eq!(calls_of_an_event(1).await, 12);
    assert_eq!(calls_of_an_event(1000).await, 12);
}

/// The fleet's reads grow with pages of a hundred, not with assets.
#[tokio::test]
async fn a_fleet_round_reads_in_pages() {
    let calls = async |assets: usize| {
        let stage = Stage::of(assets).await;
        // The first look of all also writes down that it is the first, once for each asset.
        stage.check_until("2025-11-05T18:00:00Z").await;
        let before = stage.cloud.calls();
        played(stage.check().await);
        (stage.cloud.calls() - before) as usize
    };
    // Instances, points of home, points of dr, a key of each, a quota of each, two listings of the
    // journal, the heartbeat.
    assert_eq!(calls(1).await, 10);
    assert_eq!(calls(1000).await, 10 + 9, "ten pages of instances, one of everything else");
}

/// A fleet with many old points still finds the one that matters, beyond the first page.
#[tokio::test]
async fn the_point_on_the_last_page_is_found() {
    let stage = Stage::new().await;
    stage.until("2025-11-05T18:11:02Z");
    {
        let mut account = stage.cloud.account();
        let home = stage.policy().home.clone();
        let young = account.snapshots.values().next().expect("the night's point").clone();
        for n in 0..250 {
            let name = format!("a-{n:03}");
            let point = Point {
                name: PointName::new(&name),
                created: Some(at("2024-12-01T00:00:00Z")),
                state: State::Available,
                kind: "manual".to_owned(),
                ..young.point.clone()
            };
            account.snapshots.insert(
                (home.clone(), Family::Instance, name),
                Snapshot { point, ..young.clone() },
            );
        }
    }
    let session = stage.session(300);
    let scope = Scope::Fleet;
    let round =
        domain::round::round(&session, stage.policy(), scope, StartedBy::Check, session.now).await;
    assert_eq!(round.tried.len(), 1);
    assert_eq!(stage.copies().len(), 1);
}
