//! The watcher in dr, and what the check says about its own setup.

use crate::stage::{COPY, KEY, Stage, at, played, policy_text};
use cloud::config;
use model::Scripted;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

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

/// Two calls more while home is silent, of dr's copies, and none of home.
#[tokio::test]
async fn a_silent_home_costs_a_listing_of_each_family() {
    let more = "[[asset]]\nkind = \"rds-cluster\"\nid = \"kaigo-aurora\"\n";
    for (text, families) in [(policy_text(2), 1), (policy_text(2) + more, 2)] {
        let stage = Stage::under(text).await;
        both_until(&stage, "2025-11-05T18:30:00Z", true).await;
        both_until(&stage, "2025-11-05T21:00:00Z", false).await;
        let (before, asked) = (stage.cloud.calls(), stage.cloud.account().calls.len());
        played(stage.watch().await);
        assert_eq!(stage.cloud.calls() - before, 2 + families);
        let account = stage.cloud.account();
        assert!(account.calls[asked..].iter().all(|call| call.region.as_str() == "us-west-2"));
    }
}

/// The dr vault is listed once more; a file system's copy that stands there is not missing at ten, and one
/// that does not is.
#[tokio::test]
async fn story_24_a_lost_home_is_told_with_what_the_dr_vault_has() {
    let (file_system, lacks) = ("fs-0123456789abcdef0", "fs-0aaaaaaaaaaaaaaaa");
    let table = |id| format!("[[asset]]\nkind = \"efs\"\nid = \"{id}\"\n");
    let stage = Stage::under(policy_text(1) + &table(file_system) + &table(lacks)).await;
    let day = jiff::civil::date(2025, 11, 6);
    stage.cloud.account().script_night(lacks, day, model::Night::NotCopied);
    both_until(&stage, "2025-11-05T18:30:00Z", true).await;
    both_until(&stage, "2025-11-06T03:00:00Z", false).await;
    let (before, asked) = (stage.cloud.calls(), stage.cloud.account().calls.len());
    played(stage.watch().await);
    assert_eq!(stage.cloud.calls() - before, 2 + 1 + 1);
    let vault = stage.cloud.account().calls[asked..].to_vec();
    let listed = |call: &&model::Call| call.op == "backup:ListRecoveryPointsByBackupVault";
    assert_eq!(vault.iter().filter(listed).count(), 1);
    assert!(vault.iter().all(|call| call.region.as_str() == "us-west-2"));
    let told = stage.mails("us-west-2");
    let missing: Vec<_> = told.iter().filter(|mail| mail.subject.contains(lacks)).collect();
    assert_eq!(missing.len(), 1, "{told:#?}");
    assert_eq!(missing[0].at, at("2025-11-06T01:00:00Z"), "ten o'clock");
    assert!(!missing[0].body.contains(file_system), "it has landed: {}", missing[0].body);
    assert!(missing[0].body.contains("recovery-point:c"), "of the night before");
    assert!(told.iter().all(|mail| !mail.subject.contains(file_system)), "{told:#?}");
}

/// us-east-1 is lost in the night: what there is, then at 07:30 what is missing, once each; and when
/// it is back, that it takes over.
#[tokio::test]
async fn story_24_a_lost_home_is_told_with_what_dr_has() {
    let stage = Stage::of(2).await;
    stage.put_nights(1);
    stage.cloud.account().now = at("2025-11-05T17:50:00Z");
    both_until(&stage, "2025-11-05T18:00:00Z", true).await;
    let gone = domain::id::PointName::new(COPY);
    stage.cloud.account().snapshots.retain(|_, snapshot| snapshot.point.name != gone);
    both_until(&stage, "2025-11-06T12:00:00Z", false).await;
    let told = stage.mails("us-west-2");
    let subjects: Vec<&str> = told.iter().map(|mail| mail.subject.as_str()).collect();
    let missing = "[重大] kaigo-subsys-prod: kaigo-subsys-prod の 2025-11-06 のコピーがなく、home も動いていません";
    let silent = "[重大] kaigo-subsys-prod: us-east-1 の Sonae が動いていません";
    assert_eq!(subjects, [silent, missing]);
    assert_eq!(told[1].at, at("2025-11-05T22:30:00Z"));
    for line in ["・kaigo-subsys-prod: 復元できるコピーがありません", "・db-1: 1時間10分前のデータ"]
    {
        assert!(told[0].body.contains(line), "{line}: {}", told[0].body);
    }
    assert!(!told[1].body.contains("db-1"), "it has landed: {}", told[1].body);
    both_until(&stage, "2025-11-06T15:00:00Z", true).await;
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[2].subject.contains("2025-11-06 のコピーの監視を us-east-1 に戻しました"));
    assert!(told[3].subject.contains("us-east-1 の Sonae が動いています"));
}

/// A fleet's pages are read to the end: the copy on the last one is not missing.
#[tokio::test]
async fn every_page_of_dr_is_read() {
    let stage = Stage::new().await;
    stage.put_nights(150);
    stage.cloud.account().now = at("2025-11-05T18:10:00Z");
    both_until(&stage, "2025-11-05T23:00:00Z", false).await;
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 1, "home never ran, and the day's copy stands: {told:#?}");
    assert!(told[0].body.contains(COPY), "the newest: {}", told[0].body);
}

/// dr's RDS without an answer costs the telling nothing, and nothing is called missing.
#[tokio::test(start_paused = true)]
async fn a_silent_rds_leaves_time_to_tell_of_a_silent_home() {
    let stage = Stage::new().await;
    both_until(&stage, "2025-11-05T18:30:00Z", true).await;
    stage.script("rds:DescribeDBSnapshots", "us-west-2", Scripted::Silence);
    stage.cloud.account().now = at("2025-11-05T22:45:00Z");
    let began = Instant::now();
    played(stage.watch().await);
    assert!(began.elapsed() < Duration::from_secs(58), "{:?}", began.elapsed());
    both_until(&stage, "2025-11-06T03:00:00Z", false).await;
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].subject.contains("動いていません"), "{}", told[0].subject);
    assert!(told[0].body.contains("読み取れないため不明: kaigo-subsys-prod"), "{}", told[0].body);
    assert!(told[1].subject.contains("rds:DescribeDBSnapshots を読み取れません"));
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
