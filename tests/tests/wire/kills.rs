//! Killed at every single HTTP call, before and after its effect: the next rounds finish the work,
//! and nothing is said more than once more.

use crate::stage::{Stage, point_ready, sample};
use model::Scripted;
use std::collections::BTreeSet;

/// What is left of a night in the end.
#[derive(Debug, PartialEq, Eq)]
struct Ending {
    copies: BTreeSet<String>,
    told: BTreeSet<String>,
}

/// Which invocation dies.
#[derive(Clone, Copy)]
enum Dies {
    ReactToPoint,
    ReactToCopy,
    CheckThatCopies,
    CheckThatTellsABreak,
}

/// Plays a night in which one invocation dies at its k-th call; tells how many calls it made, what
/// is left, and how often something was said again.
async fn night(dies: Dies, kill: Option<(u32, bool)>) -> (u32, Ending, usize) {
    let stage = Stage::new().await;
    if let Dies::CheckThatTellsABreak = dies {
        stage.script("rds:CopyDBSnapshot", "us-west-2", Scripted::CopyDies);
    }
    match dies {
        Dies::ReactToPoint => stage.until("2025-11-05T18:11:00Z"),
        Dies::CheckThatCopies => stage.until("2025-11-05T18:15:00Z"),
        Dies::ReactToCopy => {
            stage.check_until("2025-11-05T18:15:00Z").await;
            stage.until("2025-11-05T18:29:00Z");
        }
        Dies::CheckThatTellsABreak => {
            stage.check_until("2025-11-05T18:45:00Z").await;
            stage.until("2025-11-05T19:00:00Z");
        }
    }
    let calls = struck(&stage, dies, kill).await;
    stage.check_until("2025-11-05T20:00:00Z").await;
    let copies = stage.copies();
    let standing = copies.iter().map(|copy| format!("{} {}", copy.name, copy.state.word()));
    let subjects = stage.subjects();
    let told: BTreeSet<String> = subjects.iter().cloned().collect();
    let again = subjects.len() - told.len();
    (calls, Ending { copies: standing.collect(), told }, again)
}

async fn struck(stage: &Stage, dies: Dies, kill: Option<(u32, bool)>) -> u32 {
    let before = stage.cloud.calls();
    if let Some((at, after_effect)) = kill {
        stage.cloud.kill_at(at, after_effect);
    }
    let invocation = async {
        match dies {
            Dies::ReactToPoint => stage.react(&point_ready()).await,
            Dies::ReactToCopy => stage.react(&sample("rds-0060-copy-finished.json")).await,
            Dies::CheckThatCopies | Dies::CheckThatTellsABreak => stage.check().await,
        }
    };
    tokio::select! {
        done = invocation => { done.expect("a good invocation"); }
        () = stage.cloud.killed() => {}
    }
    stage.cloud.revive();
    stage.cloud.calls() - before
}

async fn check(dies: Dies) {
    let (calls, expected, _) = night(dies, None).await;
    assert!(calls >= 7, "{calls} calls");
    for k in 1..=calls {
        for after_effect in [false, true] {
            let (_, ending, again) = night(dies, Some((k, after_effect))).await;
            assert_eq!(ending, expected, "killed at call {k} of {calls}, {after_effect}");
            assert!(again <= 1, "killed at call {k}, {after_effect}: said {again} times again");
        }
    }
}

#[tokio::test]
async fn while_an_event_starts_the_copy() {
    check(Dies::ReactToPoint).await;
}

#[tokio::test]
async fn while_an_event_tells_that_the_night_is_complete() {
    check(Dies::ReactToCopy).await;
}

#[tokio::test]
async fn while_the_check_starts_the_copy() {
    check(Dies::CheckThatCopies).await;
}

#[tokio::test]
async fn while_the_check_tells_a_break() {
    check(Dies::CheckThatTellsABreak).await;
}
