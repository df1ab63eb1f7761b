//! What AWS refuses, and what a function is sent that it cannot use.

use crate::stage::{COPY, Stage, played, point_ready, sample};
use cloud::entry::{Done, Failure};
use domain::fault::FaultKind;
use domain::id::Region;
use domain::step::Outcome;
use lambda_runtime::Diagnostic;
use model::{ApiError, Scripted};
use serde_json::{Value, json};

/// The kind of fault that one refused copy comes to.
async fn refused(prepare: impl Fn(&Stage)) -> Outcome {
    let stage = Stage::new().await;
    stage.until("2025-11-05T18:11:02Z");
    prepare(&stage);
    let round = played(stage.react(&point_ready()).await);
    round.tried.last().expect("it tried").outcome.clone()
}

#[track_caller]
fn is(outcome: &Outcome, kind: FaultKind) {
    assert_eq!(outcome.fault().map(|fault| fault.kind), Some(kind), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn refusals_have_kinds() {
    let table = [
        ("Throttling", 400, FaultKind::Throttled),
        ("InvalidDBSnapshotState", 400, FaultKind::Busy),
        ("AccessDenied", 403, FaultKind::Denied),
        ("KMSKeyNotAccessibleFault", 400, FaultKind::KeyUnusable),
        ("DBSnapshotNotFound", 404, FaultKind::Missing),
        ("SomethingNew", 400, FaultKind::Other),
    ];
    for (code, status, kind) in table {
        let outcome = refused(|stage| {
            let error = ApiError::new(status, code, "in AWS's words");
            stage.script("rds:CopyDBSnapshot", "us-west-2", Scripted::Refuse(error));
        });
        is(&outcome.await, kind);
    }
}

/// One code for two things; the account's numbers decide, never the message.
#[tokio::test]
async fn the_two_meanings_of_snapshot_quota_exceeded() {
    let full = refused(|stage| stage.cloud.account().manual_quota = 0).await;
    is(&full, FaultKind::PointsFull);
    let busy = refused(|stage| stage.cloud.account().in_flight_limit = 0).await;
    is(&busy, FaultKind::InFlightFull);
    let unknown = refused(|stage| {
        stage.cloud.account().manual_quota = 0;
        let denied = ApiError::denied("rds:DescribeAccountAttributes");
        stage.script("rds:DescribeAccountAttributes", "us-west-2", Scripted::Refuse(denied));
    });
    is(&unknown.await, FaultKind::InFlightFull);
}

#[tokio::test]
async fn a_stranger_under_our_name_is_stepped_around() {
    let stage = Stage::new().await;
    let dr = Region::new("us-west-2");
    {
        let mut account = stage.cloud.account();
        account.add_instance(&dr, "stranger", "03:00-03:30");
        account.create_db_snapshot(&dr, "stranger", COPY, [].into()).expect("created");
    }
    stage.until("2025-11-05T18:11:02Z");
    let round = played(stage.react(&point_ready()).await);
    is(&round.tried[0].outcome, FaultKind::Exists);
    assert_eq!(round.tried[1].outcome, Outcome::Done);
    let second = format!("{COPY}-2");
    assert!(stage.copies().iter().any(|copy| copy.name.as_str() == second));
}

/// How `react` takes a payload: ignored, or failed with an error type and words.
async fn taken(payload: Value) -> Result<String, (String, String)> {
    let stage = Stage::new().await;
    match stage.react(&payload).await {
        Ok(Done::Ignored(why)) => Ok(why),
        Ok(Done::Played(_) | Done::Batch(..)) => panic!("played"),
        Err(failure) => Err(diagnosed(failure)),
    }
}

fn diagnosed(failure: Failure) -> (String, String) {
    let diagnostic = Diagnostic::from(failure);
    (diagnostic.error_type, diagnostic.error_message)
}

#[tokio::test]
async fn unknown_events_are_ignored_with_their_kind() {
    let ignored = taken(sample("unknown.json")).await;
    assert_eq!(ignored, Ok("aws.ec2/EC2 Instance State-change Notification/-".to_owned()));
    let ignored = taken(sample("rds-0041-deleted.json")).await;
    assert_eq!(ignored, Ok("aws.rds/RDS DB Snapshot Event/RDS-EVENT-0041".to_owned()));
}

#[tokio::test]
async fn malformed_events_are_errors() {
    for payload in [json!({}), json!([]), json!("x"), json!({"source": 1, "detail-type": "x"})] {
        let (kind, words) = taken(payload).await.expect_err("unusable");
        assert_eq!(kind, "BadEvent");
        assert!(words.starts_with("unusable event: not an EventBridge event"), "{words}");
    }
    let mut bare = point_ready();
    bare["detail"] = json!({"EventID": "RDS-EVENT-0091"});
    let (kind, words) = taken(bare).await.expect_err("unusable");
    assert_eq!(kind, "BadEvent");
    assert!(words.contains("`detail.SourceIdentifier` is missing or empty"), "{words}");
}

#[tokio::test]
async fn a_tick_without_its_time_is_an_error() {
    let stage = Stage::new().await;
    for input in [json!({}), json!({"scheduled_time": "<aws.scheduler.scheduled-time>"})] {
        let done = check::handler::handle(&stage.session(300), input).await;
        let (kind, words) = diagnosed(done.expect_err("unusable"));
        assert_eq!(kind, "BadEvent");
        assert!(words.contains("`scheduled_time` is"), "{words}");
    }
    let input = sample("schedule-check.json");
    check::handler::handle(&stage.session(300), input).await.expect("the template's input");
}
