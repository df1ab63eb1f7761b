//! The watcher in dr, and what the check says about its own setup.

use crate::stage::{KEY, Stage, played};
use cloud::config;
use serde_json::json;

/// Ticks of home and of the watcher, a quarter of an hour apart; home is silent from a time on.
async fn both_until(stage: &Stage, time: &str, home_speaks: bool) {
    let until = time.parse().expect("a time");
    loop {
        let next = domain::day::tick(stage.cloud.account().now) + domain::day::TICK;
        if next > until {
            return;
        }
        stage.cloud.account().advance(next);
        if home_speaks {
            stage.check().await.expect("a good tick");
        }
        stage.watch().await.expect("a good tick");
    }
}

#[tokio::test]
async fn while_home_speaks_the_watcher_is_silent_and_costs_two_calls() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-05T19:00:00Z", true).await;
    assert!(stage.mails("us-west-2").is_empty());
    let before = stage.cloud.calls();
    played(stage.watch().await);
    assert_eq!(stage.cloud.calls() - before, 2);
}

#[tokio::test]
async fn a_silent_home_is_told_once_through_drs_topic_and_called_repaired() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-05T18:30:00Z", true).await;
    let home_before = stage.subjects().len();
    both_until(&stage, "2025-11-05T21:00:00Z", false).await;
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].subject, "[重大] kaigo-subsys-prod: us-east-1 の Sonae が動いていません");
    assert_eq!(told[0].at, "2025-11-05T19:45:00Z".parse().expect("a time"), "over an hour");
    assert_eq!(stage.subjects().len(), home_before, "not through home's");
    both_until(&stage, "2025-11-05T22:00:00Z", true).await;
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 2);
    assert!(told[1].subject.starts_with("[復旧]"), "{}", told[1].subject);
}

/// By day, too, home is called whole after two looks of the watcher's own, not of home's rhythm.
#[tokio::test]
async fn the_watcher_repairs_within_half_an_hour_by_day() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-06T00:00:00Z", true).await;
    both_until(&stage, "2025-11-06T03:00:00Z", false).await;
    both_until(&stage, "2025-11-06T05:00:00Z", true).await;
    let mails = stage.mails("us-west-2");
    let repaired = mails.iter().find(|mail| mail.subject.contains("復旧")).expect("repaired");
    assert_eq!(repaired.at, "2025-11-06T03:30:00Z".parse().expect("a time"));
}

/// dr's stack goes up first: home, a few minutes later, is not called silent.
#[tokio::test]
async fn a_home_that_is_still_being_deployed_is_not_silent() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-05T18:00:00Z", false).await;
    both_until(&stage, "2025-11-05T20:00:00Z", true).await;
    assert!(stage.mails("us-west-2").is_empty(), "{:?}", stage.mails("us-west-2"));
}

/// It acts on nothing: a home that is silent has its copies started by nobody.
#[tokio::test]
async fn the_watcher_only_tells() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-05T20:00:00Z", false).await;
    assert!(stage.copies().is_empty());
    let account = stage.cloud.account();
    let written = account.objects.keys().all(|(_, key)| key.starts_with("episodes/watch/"));
    assert!(written, "{:?}", account.objects.keys());
}

/// Unknown is not missing: a heartbeat that cannot be understood is not "never ran".
#[tokio::test]
async fn a_heartbeat_that_cannot_be_understood_is_unreadable() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-05T18:00:00Z", true).await;
    let at = ("journal".to_owned(), "heartbeat.json".to_owned());
    stage.cloud.account().objects.get_mut(&at).expect("a heartbeat").body = b"{}".to_vec();
    played(stage.watch().await);
    assert!(stage.mails("us-west-2").is_empty(), "it may pass");
    both_until(&stage, "2025-11-05T18:15:00Z", false).await;
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 1);
    assert!(told[0].subject.contains("s3:GetObject を読み取れません"), "{}", told[0].subject);
}

#[tokio::test]
async fn two_policies_are_told() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-05T18:00:00Z", true).await;
    {
        let mut account = stage.cloud.account();
        let now = account.now.to_string();
        let other = json!({"schema": 1, "time": now, "policy": "0".repeat(64), "duties": 2});
        let at = ("journal".to_owned(), "heartbeat.json".to_owned());
        account.objects.get_mut(&at).expect("a heartbeat").body = other.to_string().into_bytes();
    }
    played(stage.watch().await);
    assert!(stage.mails("us-west-2").is_empty(), "the other side may be being deployed");
    both_until(&stage, "2025-11-05T18:15:00Z", false).await;
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 1);
    assert!(told[0].subject.contains("方針 (policy.toml) が異なります"), "{}", told[0].subject);
}

#[tokio::test]
async fn a_key_that_the_role_is_not_given_is_told_before_a_copy_needs_it() {
    let other = "arn:aws:kms:us-west-2:123456789012:key/99999999-2222-3333-4444-555555555555";
    let stage = Stage::with(&[(config::GRANTED, other)]).await;
    stage.until("2025-11-05T18:00:00Z");
    played(stage.check().await);
    let mails = stage.mails("us-east-1");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.contains("キーを使う権限が関数にありません"), "{}", mails[0].subject);
    assert!(mails[0].body.contains(KEY), "{}", mails[0].body);
}

#[tokio::test]
async fn an_alarm_that_stays_off_for_a_day_is_told() {
    let stage = Stage::with(&[(config::ARMED, "false")]).await;
    stage.check_until("2025-11-06T17:00:00Z").await;
    let unarmed = |stage: &Stage| {
        stage.subjects().iter().filter(|told| told.contains("アラームが無効のままです")).count()
    };
    assert_eq!(unarmed(&stage), 0, "less than a day after the first sign of life");
    stage.check_until("2025-11-07T01:00:00Z").await;
    assert_eq!(unarmed(&stage), 1);
}
