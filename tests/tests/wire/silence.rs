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
    assert!(began.elapsed() <= Duration::from_secs(300), "{:?}", began.elapsed());
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
    stage.until("2025-11-05T22:30:00Z");
    stage.script("rds:CopyDBSnapshot", "us-west-2", Scripted::Silence);
    let began = Instant::now();
    let round = played(stage.check().await);
    assert!(began.elapsed() < Duration::from_secs(100), "{:?}", began.elapsed());
    assert_eq!(round.said.len(), 30);
}
