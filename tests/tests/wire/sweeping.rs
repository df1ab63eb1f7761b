//! Sweeps over the wire: the handler's inputs, the calls, the tool that shows the plan.

use crate::stage::{Stage, at, played, policy_text, sample};
use cloud::entry::Done;
use domain::id::{PointName, Region};
use domain::seen::{Point, State};
use domain::step::{Action, Delete, Outcome};
use domain::world::World;
use model::{ApiError, Scripted};
use serde_json::{Value, json};

const DELETE: &str = "rds:DeleteDBSnapshot";

async fn after(nights: i64) -> Stage {
    let stage = Stage::new().await;
    stage.put_nights(nights);
    stage
}

fn deleted(stage: &Stage) -> Vec<String> {
    let account = stage.cloud.account();
    let calls = account.calls.iter().filter(|call| call.op == DELETE);
    calls.map(|call| call.resource.clone()).collect()
}

fn daily() -> Value {
    sample("schedule-sweep.json")
}

/// What the tool shows is what the function does.
#[tokio::test(start_paused = true)]
async fn the_plan_that_is_shown_is_carried_out() {
    let stage = after(33).await;
    // More than one page of RDS, and a stranger on each.
    stage.cloud.account().most_a_page = 20;
    let (page, code) = cli::sweeping::page(&stage.session(900)).await.expect("read");
    let shown: Vec<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("  削除  "))
        .map(|line| line.rsplit("  ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!((shown.len(), code), (3, 0), "{page}");
    assert!(deleted(&stage).is_empty(), "the tool only shows");
    let round = played(stage.sweep(daily()).await);
    assert_eq!(round.tried.len(), 3);
    assert_eq!(deleted(&stage), shown);
    assert_eq!(stage.copies().len(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_deletion_goes_with_its_number_only() {
    let stage = Stage::under(policy_text(1).replace("since", "keep = { days = 10 }\nsince")).await;
    stage.put_nights(30);
    let round = played(stage.sweep(daily()).await);
    assert!(round.tried.is_empty());
    let (page, code) = cli::sweeping::page(&stage.session(900)).await.expect("read");
    assert_eq!(code, 1, "{page}");
    let number = page.split("\"approve\":\"").nth(1).expect("a number")[..12].to_owned();
    match stage.sweep(json!({"approve": "0123456789ab"})).await.expect("an answer, and no alarm") {
        Done::Ignored(why) => assert!(why.contains("no stopped deletion has that number"), "{why}"),
        Done::Played(round) | Done::Batch(round, _) => panic!("{round:?}"),
    }
    assert!(deleted(&stage).is_empty());
    let round = played(stage.sweep(json!({"approve": number})).await);
    assert_eq!((round.tried.len(), stage.copies().len()), (20, 10));
}

/// One clear message, and nothing is looked at.
#[tokio::test(start_paused = true)]
async fn an_input_of_another_form_is_refused() {
    let stage = after(33).await;
    for (input, words) in [
        (json!({}), "neither `scheduled_time`"),
        (json!({"scheduled_time": "today"}), "neither `scheduled_time`"),
        (json!({"approve": 12}), "`approve` is `12`, it must be the twelve hexadecimal digits"),
        (json!({"approve": "all"}), "`approve` is `\"all\"`"),
        (json!({"approve": true, "scheduled_time": "2025-11-06T00:00:00Z"}), "`approve` is `true`"),
    ] {
        let refused = stage.sweep(input.clone()).await.expect_err("another form").to_string();
        assert!(refused.contains(words), "{input}: {refused}");
    }
    assert!(stage.cloud.account().calls.is_empty());
}

/// Since the plan was made the copy was deleted, and its name given to another one; or it was
/// untagged; or it is gone.
#[tokio::test(start_paused = true)]
async fn what_has_changed_since_the_plan_is_left_alone() {
    let changed = |change: fn(&mut Point)| async move {
        let stage = after(31).await;
        let (copy, delete) = oldest(&stage);
        let mut other = copy.clone();
        change(&mut other);
        stage.cloud.account().put_snapshot(&Region::new("us-west-2"), other);
        let outcome = stage.session(900).act(&Action::Delete(delete)).await;
        (outcome, deleted(&stage).len())
    };
    let (outcome, calls) = changed(|_| ()).await;
    assert_eq!((outcome, calls), (Outcome::Done, 1));
    let changes: [fn(&mut Point); 6] = [
        |copy| _ = copy.tags.insert("sonae:keep-until".to_owned(), "2099-01-01".to_owned()),
        |copy| copy.stored = Some(at("2025-11-05T00:00:00Z")),
        |copy| copy.created = Some(at("2025-11-05T00:00:00Z")),
        |copy| copy.tags.clear(),
        |copy| copy.state = State::Copying,
        |copy| copy.arn = copy.arn.replace("123456789012", "999999999999"),
    ];
    for change in changes {
        let (outcome, calls) = changed(change).await;
        assert!(
            matches!(&outcome, Outcome::Deferred(fault) if fault.detail.contains("has changed"))
        );
        assert_eq!(calls, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_already_is_no_fault() {
    let stage = after(31).await;
    let (_, delete) = oldest(&stage);
    let gone = Delete { name: PointName::new("gone-dr"), ..delete.clone() };
    assert_eq!(stage.session(900).act(&Action::Delete(gone)).await, Outcome::Already);
    // Gone between the look and the call: two sweeps at once.
    let missing = Scripted::Refuse(ApiError::new(404, "DBSnapshotNotFound", "gone"));
    stage.script(DELETE, "us-west-2", missing);
    assert_eq!(stage.session(900).act(&Action::Delete(delete)).await, Outcome::Already);
}

fn oldest(stage: &Stage) -> (Point, Delete) {
    let copies = stage.copies();
    let copy = copies.iter().min_by_key(|copy| copy.created).expect("a copy").clone();
    let asset = &stage.policy().assets[0].id;
    let created = copy.created.expect("a time");
    let delete = Delete::of(&copy, asset, &Region::new("us-west-2"), created);
    (copy, delete)
}

/// RDS stops answering: what is left waits for tomorrow, and the function ends in time.
#[tokio::test(start_paused = true)]
async fn a_region_that_falls_silent_ends_the_run() {
    let stage = after(33).await;
    stage.script(DELETE, "us-west-2", Scripted::Silence);
    let round = played(stage.sweep(daily()).await);
    let late = round.tried.iter().filter(|tried| matches!(tried.outcome, Outcome::Deferred(_)));
    assert_eq!(late.count(), 3);
    assert!(deleted(&stage).len() <= 3, "{:?}", deleted(&stage));
    assert!(round.undone.is_empty(), "{:?}", round.undone);
    assert!(stage.subjects().is_empty(), "it may pass");
}

/// A Region that cannot be read: nothing is planned for it, and Lambda tries again.
#[tokio::test(start_paused = true)]
async fn a_region_that_cannot_be_read_fails_the_run() {
    let stage = after(33).await;
    let denied = Scripted::Refuse(ApiError::new(403, "AccessDenied", "no"));
    stage.script("rds:DescribeDBSnapshots", "us-west-2", denied);
    let round = played(stage.sweep(daily()).await);
    assert!(round.tried.is_empty());
    assert_eq!(round.undone.len(), 1, "{:?}", round.undone);
    let (code, page) = cli::sweeping::page(&stage.session(900)).await.expect_err("unread");
    assert_eq!(code, 2);
    assert!(page.contains("読み取れないため計画できません"), "{page}");
}
