//! `replication` over the wire: real clients, S3's XML, CloudWatch's CBOR, the queue's batches.

use crate::stage::{KEY, Stage, played};
use cloud::entry::{Done, Failure};
use domain::health::Verdict;
use domain::id::Region;
use domain::seen::Replication;
use model::Scripted;
use serde_json::{Value, json};

const BUCKET: &str = "kaigo-files";

fn text(more: &str) -> String {
    format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"ja\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [defaults]\nsince = 2025-11-06\ndr_key = \"{KEY}\"\n\
         [[asset]]\nkind = \"rds-instance\"\nid = \"kaigo-subsys-prod\"\n\
         [[asset]]\nkind = \"bucket\"\nid = \"{BUCKET}\"\ndr_bucket = \"kaigo-files-dr\"\n{more}"
    )
}

async fn stage(more: &str) -> Stage {
    Stage::under(text(more)).await
}

fn tick(stage: &Stage) -> Value {
    json!({"kind": "replication", "scheduled_time": stage.cloud.account().now.to_string()})
}

async fn look(stage: &Stage, time: &str) -> domain::round::Round {
    stage.until(time);
    played(stage.replicate(tick(stage)).await)
}

fn verdict(stage: &Stage) -> Verdict {
    let account = stage.cloud.account();
    let prefix = format!("buckets/{BUCKET}/");
    let newest = account.objects.iter().rfind(|((_, key), _)| key.starts_with(&prefix));
    let (_, object) = newest.expect("a verdict");
    domain::health::Health::parse(&object.body).expect("as it was written").verdict
}

fn write(stage: &Stage, key: &str, reason: Option<&str>) {
    let mut account = stage.cloud.account();
    account.pairs.get_mut(BUCKET).expect("a pair").fails = reason.map(str::to_owned);
    let home = Region::new("us-east-1");
    account.put_object(&home, BUCKET, key, b"data".to_vec(), false).expect("written");
}

/// What S3 has put into the queue, as Lambda brings it.
fn batch(stage: &Stage) -> Value {
    let bodies = stage.cloud.account().notifications();
    let message = |(n, body): (usize, Value)| json!({"messageId": format!("m{n}"), "eventSource": "aws:sqs", "body": body.to_string()});
    json!({"Records": bodies.into_iter().enumerate().map(message).collect::<Vec<_>>()})
}

fn again(done: Result<Done, Failure>) -> Vec<String> {
    match done.expect("an answer") {
        Done::Batch(_, again) => again,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_bucket_in_order_is_healthy_and_is_asked_for_little() {
    let stage = stage("canary = true\n").await;
    look(&stage, "2025-11-05T18:00:00Z").await;
    let before = stage.cloud.account().calls.len();
    look(&stage, "2025-11-05T18:15:00Z").await;
    assert_eq!(verdict(&stage), Verdict::Healthy);
    let calls = stage.cloud.account().calls[before..].to_vec();
    let mut made: Vec<String> =
        calls.iter().map(|call| format!("{}.{}", call.region, call.op)).collect();
    made.sort();
    assert_eq!(
        made,
        [
            "us-east-1.cloudwatch:GetMetricData",
            "us-east-1.s3:GetBucketObjectLockConfiguration",
            "us-east-1.s3:GetObject",
            "us-east-1.s3:GetReplicationConfiguration",
            "us-west-2.cloudwatch:GetMetricData",
            "us-west-2.s3:ListBucket",
            "us-west-2.s3:ListBucket",
            "us-west-2.s3:PutObject",
        ]
    );
}

/// What a tick costs with a hundred buckets: three calls each, and five for all of them.
#[tokio::test]
async fn a_hundred_buckets_cost_so_many_calls() {
    let more: String = (1..100)
        .map(|n| format!("[[asset]]\nkind = \"bucket\"\nid = \"b-{n}\"\ndr_bucket = \"d-{n}\"\n"))
        .collect();
    let stage = stage(&more).await;
    look(&stage, "2025-11-05T18:00:00Z").await;
    look(&stage, "2025-11-05T18:15:00Z").await;
    let before = stage.cloud.account().calls.len();
    look(&stage, "2025-11-05T18:30:00Z").await;
    let calls = stage.cloud.account().calls[before..].to_vec();
    let of = |op: &str| calls.iter().filter(|call| call.op == op).count();
    assert_eq!(of("s3:GetReplicationConfiguration"), 100);
    assert_eq!(of("s3:ListBucket"), 101, "failures of each, episodes of all");
    assert_eq!(of("s3:PutObject"), 100, "a verdict each");
    assert_eq!(of("cloudwatch:GetMetricData"), 2);
    assert_eq!(calls.len(), 303);
}

#[tokio::test]
async fn story_27_a_failure_is_kept_told_probed_and_repaired() {
    let stage = stage("").await;
    look(&stage, "2025-11-05T18:00:00Z").await;
    write(&stage, "書類 1.pdf", Some("AssumeRoleNotPermitted"));
    stage.until("2025-11-05T18:05:00Z");
    let messages = batch(&stage);
    assert_eq!(again(stage.replicate(messages.clone()).await), [""; 0]);
    // The same batch again says nothing new.
    assert_eq!(again(stage.replicate(messages).await), [""; 0]);
    let told = |words: &str| stage.subjects().iter().filter(|one| one.contains(words)).count();
    assert_eq!(told("AssumeRoleNotPermitted"), 1, "{:?}", stage.subjects());
    look(&stage, "2025-11-05T18:15:00Z").await;
    assert_eq!(verdict(&stage), Verdict::Failing);
    stage.cloud.account().pairs.get_mut(BUCKET).expect("a pair").fails = None;
    let home = Region::new("us-east-1");
    stage.cloud.account().create_job(&home, BUCKET, "by hand").expect("started");
    for time in ["2025-11-05T18:30:00Z", "2025-11-05T18:45:00Z"] {
        look(&stage, time).await;
    }
    assert_eq!(verdict(&stage), Verdict::Healthy);
    assert_eq!(told("AssumeRoleNotPermitted"), 2, "its repair: {:?}", stage.subjects());
    let keys: Vec<String> =
        stage.cloud.account().objects.keys().map(|(_, key)| key.clone()).collect();
    assert!(keys.iter().any(|key| key.ends_with("/repaired.json")), "{keys:?}");
}

#[tokio::test]
async fn one_bad_message_comes_again_alone() {
    let stage = stage("").await;
    write(&stage, "a", Some("DstKmsKeyNotFound"));
    stage.until("2025-11-05T18:05:00Z");
    let mut messages = batch(&stage);
    let records = messages["Records"].as_array_mut().expect("a list");
    records.push(json!({"messageId": "bad", "body": "{"}));
    records.push(json!({"messageId": "test", "body": "{\"Event\":\"s3:TestEvent\"}"}));
    assert_eq!(again(stage.replicate(messages).await), ["bad"]);
    assert!(stage.subjects().iter().any(|one| one.contains("DstKmsKeyNotFound")));
}

/// A failure that could not be kept is not lost: the whole batch comes again.
#[tokio::test]
async fn with_the_journal_down_every_message_comes_again() {
    let stage = stage("").await;
    write(&stage, "a", Some("DstKmsKeyNotFound"));
    stage.until("2025-11-05T18:05:00Z");
    let messages = batch(&stage);
    let down = model::ApiError::new(503, "ServiceUnavailable", "down");
    stage.script("s3:PutObject", "us-west-2", Scripted::Refuse(down));
    assert_eq!(again(stage.replicate(messages).await), ["m0"]);
}

#[tokio::test]
async fn auto_starts_a_job_over_s3_control() {
    let role = "repair = \"auto\"\nrepair_role = \"arn:aws:iam::123456789012:role/repair\"\n";
    let stage = stage(role).await;
    look(&stage, "2025-11-05T18:00:00Z").await;
    write(&stage, "a", Some("Unknown"));
    stage.until("2025-11-05T18:05:00Z");
    assert_eq!(again(stage.replicate(batch(&stage)).await), [""; 0]);
    stage.cloud.account().pairs.get_mut(BUCKET).expect("a pair").fails = None;
    look(&stage, "2025-11-05T20:45:00Z").await;
    assert!(stage.cloud.account().jobs.is_empty(), "not yet six in Tokyo");
    look(&stage, "2025-11-05T21:00:00Z").await;
    assert_eq!(stage.cloud.account().jobs.len(), 1);
}

#[tokio::test]
async fn no_rules_no_bucket_and_no_kms_are_told_apart() {
    type Change = fn(&mut model::Pair);
    let cases: [(&str, Change); 3] = [
        ("ルールがない", |pair| pair.setup = Replication::NoRules),
        ("バケットがない", |pair| pair.setup = Replication::NoBucket),
        ("KMS のものが対象外", |pair| {
            if let Replication::Rules(rules) = &mut pair.setup {
                rules[0].kms = false;
            }
        }),
    ];
    for (word, change) in cases {
        let stage = stage("").await;
        change(stage.cloud.account().pairs.get_mut(BUCKET).expect("a pair"));
        look(&stage, "2025-11-05T18:00:00Z").await;
        assert!(stage.subjects().iter().any(|one| one.contains(word)), "{:?}", stage.subjects());
    }
}

#[tokio::test]
async fn a_denied_head_says_so() {
    let stage = stage("canary = true\n").await;
    look(&stage, "2025-11-05T18:00:00Z").await;
    stage.script(
        "s3:GetObject",
        "us-east-1",
        Scripted::Refuse(model::ApiError::denied("s3:GetObject")),
    );
    look(&stage, "2025-11-05T18:15:00Z").await;
    assert_eq!(verdict(&stage), Verdict::Unknown);
    look(&stage, "2025-11-05T18:30:00Z").await;
    let mails = stage.mails("us-east-1");
    let mail = mails.iter().find(|mail| mail.body.contains("s3:GetObject")).expect("told");
    assert!(mail.body.contains("denied"), "{}", mail.body);
}

#[tokio::test]
async fn the_report_has_the_verdict_and_the_check_misses_it() {
    let stage = stage("").await;
    look(&stage, "2025-11-05T22:45:00Z").await;
    stage.until("2025-11-05T23:00:00Z");
    let report = played(stage.check().await).report.expect("due at 08:00");
    assert_eq!(report.buckets[0].verdict, Some(Verdict::Healthy));
    stage.check_until("2025-11-06T02:00:00Z").await;
    let missed = stage.subjects().iter().filter(|one| one.contains("判定されていません")).count();
    assert_eq!(missed, 1, "{:?}", stage.subjects());
}

#[tokio::test]
async fn another_input_is_refused_by_name() {
    let stage = stage("").await;
    let failure = stage.replicate(json!({"kind": "what"})).await.expect_err("refused").to_string();
    assert!(failure.contains("`scheduled_time`"), "{failure}");
    assert!(failure.contains("`Records`"), "{failure}");
}
