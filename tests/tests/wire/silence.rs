//! Calls that are never answered: within the invocation's time, unknown is told, and the rest is
//! judged.

use crate::stage::{Stage, played, point_ready};
use domain::fault::FaultKind;
use model::{ApiError, Scripted};
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_silent_dr_leaves_a_check_time_to_tell() {
    let stage = Stage::of(3).await;
    stage.until("2025-11-05T18:30:00Z");
    let ops = ["rds:DescribeDBSnapshots", "rds:CopyDBSnapshot", "kms:DescribeKey"];
    for op in ops {
        stage.script(op, "us-west-2", Scripted::Silence);
    }
    let began = Instant::now();
    let round = played(stage.check().await);
    assert!(began.elapsed() < Duration::from_secs(100), "{:?}", began.elapsed());
    assert!(round.tried.is_empty(), "nothing is started blindly");
    assert!(stage.subjects().is_empty(), "it may pass");
    stage.until("2025-11-05T18:45:00Z");
    played(stage.check().await);
    let told = stage.subjects();
    assert_eq!(
        told,
        [
            "[警告] kaigo-subsys-prod: us-west-2 の kms:DescribeKey を読み取れません",
            "[警告] kaigo-subsys-prod: us-west-2 の rds:DescribeDBSnapshots を読み取れません",
        ],
        "one notice per broken read, not per asset"
    );
    let body = &stage.mails("us-east-1")[0].body;
    assert!(body.contains("db-1, db-2, kaigo-subsys-prod"), "{body}");
    // The duty that home proves is still judged.
    assert_eq!(round.duties.iter().filter(|duty| duty.met().is_some()).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn everything_silent_ends_in_time_and_fails_loudly() {
    let stage = Stage::new().await;
    stage.until("2025-11-05T18:30:00Z");
    for region in ["us-east-1", "us-west-2"] {
        for op in ["rds:DescribeDBSnapshots", "rds:DescribeDBInstances", "kms:DescribeKey"] {
            stage.script(op, region, Scripted::Silence);
        }
        stage.script("s3:ListBucket", region, Scripted::Silence);
        stage.script("s3:PutObject", region, Scripted::Silence);
        stage.script("sns:Publish", region, Scripted::Silence);
    }
    let began = Instant::now();
    let failure = stage.check().await.map(played_or_undone);
    assert!(began.elapsed() <= Duration::from_secs(150), "{:?}", began.elapsed());
    assert!(failure.expect("a round that says what it left undone"), "undone");
}

fn played_or_undone(done: cloud::entry::Done) -> bool {
    !played(Ok(done)).undone.is_empty()
}

/// One read of one asset denied: told, and the copy that does not need it goes on.
#[tokio::test]
async fn one_denied_read_is_told_and_the_rest_goes_on() {
    let stage = Stage::new().await;
    let denied = ApiError::denied("rds:DescribeDBInstances");
    stage.script("rds:DescribeDBInstances", "us-east-1", Scripted::Refuse(denied));
    stage.check_until("2025-11-05T19:00:00Z").await;
    let told = stage.subjects();
    assert_eq!(
        told[0],
        "[警告] kaigo-subsys-prod: us-east-1 の rds:DescribeDBInstances を読み取れません"
    );
    assert_eq!(told[1], "[正常] kaigo-subsys-prod: 2025-11-06 の夜間バックアップ完了");
}

/// An event whose point cannot be described fails, so that Lambda brings it again.
#[tokio::test]
async fn an_event_that_cannot_be_looked_at_is_undone() {
    let stage = Stage::new().await;
    stage.until("2025-11-05T18:11:02Z");
    let denied = ApiError::denied("rds:DescribeDBSnapshots");
    stage.script("rds:DescribeDBSnapshots", "us-east-1", Scripted::Refuse(denied));
    let round = played(stage.react(&point_ready()).await);
    assert_eq!(round.undone[0].kind, FaultKind::Denied);
}

/// Copies that are never answered must not use up the time for telling.
#[tokio::test(start_paused = true)]
async fn silent_copies_leave_time_to_tell() {
    let stage = Stage::of(30).await;
    stage.check_until("2025-11-05T18:00:00Z").await;
    stage.until("2025-11-05T22:30:00Z");
    stage.script("rds:CopyDBSnapshot", "us-west-2", Scripted::Silence);
    let began = Instant::now();
    let round = played(stage.check().await);
    assert!(began.elapsed() < Duration::from_secs(100), "{:?}", began.elapsed());
    assert_eq!(round.said.len(), 30);
}

/// Neither must a journal that can be listed but does not answer a write: what is due is told
/// unclaimed, and the invocation ends in time.
#[tokio::test(start_paused = true)]
async fn silent_journal_writes_leave_time_to_tell() {
    let stage = Stage::of(30).await;
    stage.check_until("2025-11-05T18:00:00Z").await;
    stage.until("2025-11-05T22:30:00Z");
    stage.cloud.account().in_flight_limit = 0;
    stage.script("s3:PutObject", "us-west-2", Scripted::Silence);
    let began = Instant::now();
    let round = played(stage.check().await);
    assert!(began.elapsed() < Duration::from_secs(100), "{:?}", began.elapsed());
    assert_eq!(round.said.len(), 30, "thirty deadlines that just passed");
}

/// Nor fifteen keys, read one after another.
#[tokio::test(start_paused = true)]
async fn silent_keys_cost_the_time_of_one() {
    let stage = Stage::with_keys(15).await;
    stage.until("2025-11-05T18:30:00Z");
    stage.script("kms:DescribeKey", "us-west-2", Scripted::Silence);
    let began = Instant::now();
    let round = played(stage.check().await);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(round.tried.len(), 15, "copies do not wait for a key's description");
}

/// Topics that do not answer: the sign of life is left all the same.
#[tokio::test(start_paused = true)]
async fn silent_topics_leave_time_for_the_sign_of_life() {
    let stage = Stage::of(30).await;
    stage.check_until("2025-11-05T18:00:00Z").await;
    stage.until("2025-11-05T22:30:00Z");
    stage.script("sns:Publish", "us-east-1", Scripted::Silence);
    stage.script("sns:Publish", "us-west-2", Scripted::Silence);
    let began = Instant::now();
    let round = played(stage.check().await);
    assert!(began.elapsed() < Duration::from_secs(100), "{:?}", began.elapsed());
    assert!(round.said.is_empty() && !round.undone.is_empty());
    assert!(stage.cloud.account().objects.keys().any(|(_, key)| key == "heartbeat.json"));
}

/// An event's round leaves Lambda two seconds for its last words, whatever does not answer.
#[tokio::test(start_paused = true)]
async fn a_slow_event_ends_before_it_is_killed() {
    let everything = [
        "rds:DescribeDBSnapshots",
        "rds:CopyDBSnapshot",
        "kms:DescribeKey",
        "s3:ListBucket",
        "s3:PutObject",
        "sns:Publish",
    ];
    let after_looking = ["rds:CopyDBSnapshot", "s3:PutObject", "kms:DescribeKey"];
    for ops in [&everything[..], &after_looking[..]] {
        let stage = Stage::new().await;
        stage.until("2025-11-05T18:11:02Z");
        for op in ops {
            stage.script(op, "us-west-2", Scripted::Silence);
        }
        let began = Instant::now();
        let _ended = stage.react(&point_ready()).await;
        assert!(began.elapsed() <= Duration::from_secs(58), "{:?}", began.elapsed());
    }
}

/// With little time left nothing is begun that would cost the telling.
#[tokio::test(start_paused = true)]
async fn the_last_seconds_are_for_telling() {
    let stage = Stage::new().await;
    stage.until("2025-11-05T18:11:02Z");
    let session = stage.session(12);
    let began = Instant::now();
    let round = played(react::handler::handle(&session, point_ready()).await);
    assert!(stage.copies().is_empty() && began.elapsed() < Duration::from_secs(12));
    assert_eq!(round.undone[0].kind, FaultKind::Late, "Lambda brings the event again");
}
