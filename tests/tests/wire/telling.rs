//! Telling must not hang on one Region, one key or one alphabet.

use crate::stage::{Stage, played};
use cloud::notify::SEVERITY;
use domain::finding::Severity;
use domain::id::Region;
use model::{ApiError, Scripted};

#[tokio::test]
async fn when_homes_topic_fails_drs_topic_tells() {
    let stage = Stage::new().await;
    let disabled = ApiError::new(400, "KMSDisabled", "the topic's key is disabled");
    stage.script("sns:Publish", "us-east-1", Scripted::Refuse(disabled));
    stage.check_until("2025-11-05T19:00:00Z").await;
    assert!(stage.mails("us-east-1").is_empty());
    let told = stage.mails("us-west-2");
    assert_eq!(told.len(), 1);
    assert!(told[0].subject.contains("夜間バックアップ完了"));
}

#[tokio::test]
async fn when_no_topic_answers_it_is_told_later() {
    let stage = Stage::new().await;
    for region in ["us-east-1", "us-west-2"] {
        let denied = Scripted::Refuse(ApiError::denied("sns:Publish"));
        stage.script("sns:Publish", region, denied);
    }
    stage.check_until("2025-11-05T18:15:00Z").await;
    stage.until("2025-11-05T18:30:00Z");
    let round = played(stage.check().await);
    assert_eq!(round.undone.len(), 1, "the invocation fails, so an alarm sees it");
    stage.cloud.account().unscript("sns:Publish");
    stage.check_until("2025-11-05T19:00:00Z").await;
    assert_eq!(stage.subjects().len(), 1);
}

/// SNS once took ASCII subjects only.
#[tokio::test]
async fn a_refused_subject_is_told_in_ascii() {
    let stage = Stage::new().await;
    let refuse = ApiError::new(400, "InvalidParameter", "Invalid parameter: Subject");
    let home = stage.policy().home.clone();
    stage.cloud.account().script("sns:Publish", Some(&home), "", 1, Scripted::Refuse(refuse));
    stage.check_until("2025-11-05T19:00:00Z").await;
    assert_eq!(
        stage.subjects(),
        ["[info] kaigo-subsys-prod: night-complete kaigo-subsys-prod 2025-11-06"]
    );
}

/// The heartbeat is there after every tick, also one that only says that it is alive.
#[tokio::test]
async fn every_tick_leaves_a_heartbeat() {
    let stage = Stage::new().await;
    let heartbeat = |stage: &Stage| {
        let account = stage.cloud.account();
        let object = &account.objects[&("journal".to_owned(), "heartbeat.json".to_owned())];
        serde_json::from_slice::<serde_json::Value>(&object.body).expect("JSON")
    };
    stage.check_until("2025-11-05T18:15:00Z").await;
    let looked = heartbeat(&stage);
    assert_eq!(looked["time"], "2025-11-05T18:15:00Z");
    assert_eq!(looked["duties"], 2);
    assert_eq!(looked["policy"].as_str().map(str::len), Some(64));
    stage.until("2025-11-06T01:15:00Z");
    let before = stage.cloud.calls();
    played(stage.check().await);
    assert_eq!(stage.cloud.calls() - before, 1, "a tick by day costs one call");
    let alive = heartbeat(&stage);
    assert_eq!(
        (&alive["time"], &alive["duties"]),
        (&"2025-11-06T01:15:00Z".into(), &serde_json::Value::Null)
    );
}

/// What SNS counts is read, and what a deaf topic took is sent through the other one, too.
#[tokio::test]
async fn a_deaf_topic_is_told_through_the_other() {
    let stage = Stage::new().await;
    {
        let mut account = stage.cloud.account();
        let topic = account.topic(&Region::new("us-east-1"));
        account.listeners.insert(topic, (0, 3));
    }
    stage.check_until("2025-11-05T23:00:00Z").await;
    let words = "us-east-1 のトピックの通知が誰にも届きません";
    for region in ["us-east-1", "us-west-2"] {
        let told = stage.mails(region).into_iter().filter(|mail| mail.subject.contains(words));
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 1, "{region}");
        assert!(told[0].body.contains("3 件が承認待ちです"), "{}", told[0].body);
    }
}

/// What a subscription may filter on: a break that is critical says so, its repair does not.
#[tokio::test]
async fn the_severity_goes_along_with_every_notice() {
    let stage = Stage::new().await;
    stage.cloud.account().in_flight_limit = 0;
    stage.check_until("2025-11-05T22:30:00Z").await;
    stage.cloud.account().in_flight_limit = 20;
    stage.check_until("2025-11-05T22:45:00Z").await;
    stage.check_until("2025-11-06T01:00:00Z").await;
    let mails = stage.mails("us-east-1");
    let severity = |begins: &str| {
        let mail = mails.iter().find(|mail| mail.subject.starts_with(begins)).expect(begins);
        let sent = mail.attributes.iter().find(|(name, _)| name == SEVERITY);
        sent.map(|(_, word)| word.as_str()).expect("with every notice")
    };
    assert_eq!(severity("[重大]"), Severity::Critical.word());
    assert_eq!(severity("[復旧]"), Severity::Info.word());
}
