//! How a bucket stands, by table and by property, and what S3 notifies of it.

use crate::bucket_words::policy;
use crate::fixture::at;
use domain::event::{Notified, notified};
use domain::failure::{self, Batch, Reason};
use domain::health::{Health, Verdict};
use domain::id::AssetId;
use domain::judge::health;
use domain::policy::Bucket;
use domain::seen::{
    Arrival, BucketSeen, Canary, Metrics, Read, Replication, ReplicationRule, Series,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> Timestamp {
    at("2025-01-14T21:00:00Z")
}

fn bucket() -> Bucket {
    policy("en", "").buckets[0].clone()
}

fn minutes(value: f64) -> Read<Series> {
    let at = |n: i64| now() - SignedDuration::from_mins(n);
    Read::Known((1..60).map(|n| (at(n), value)).collect())
}

/// A bucket in order.
fn whole() -> BucketSeen {
    let rule = ReplicationRule {
        id: "sonae".to_owned(),
        enabled: true,
        prefix: String::new(),
        by_tags: false,
        destination: bucket().dr_arn(),
        time_control: true,
        metrics: true,
        kms: true,
    };
    let zero = || minutes(0.0);
    let failed = Read::Known(Series::new());
    BucketSeen {
        setup: Read::Known(Replication::Rules(vec![rule])),
        kms: None,
        metrics: Some(Metrics { latency: zero(), bytes: zero(), pending: zero(), failed }),
        canary: None,
        failures: Read::Known(Vec::new()),
        probed: None,
    }
}

fn judged(seen: &BucketSeen) -> Health {
    health(&bucket(), seen, Some(at("2025-01-10T00:00:00Z")), now()).0
}

fn batch(reason: &str, objects: usize, minutes: i64) -> Batch {
    let (at, reason) = (now() - SignedDuration::from_mins(minutes), Reason::new(reason));
    Batch { name: format!("{minutes}-{objects}"), at, reason, objects, repaired: false }
}

#[track_caller]
fn check(change: impl Fn(&mut BucketSeen), expected: Verdict) {
    let mut seen = whole();
    change(&mut seen);
    assert_eq!(judged(&seen).verdict, expected);
}

#[track_caller]
fn check_metrics(change: impl Fn(&mut Metrics), expected: Verdict) {
    check(|seen| change(seen.metrics.as_mut().expect("measured")), expected);
}

#[test]
fn each_verdict() {
    check(|_| {}, Verdict::Healthy);
    check(|seen| seen.setup = Read::Known(Replication::NoBucket), Verdict::NotConfigured);
    check(|seen| seen.setup = Read::Known(Replication::NoRules), Verdict::NotConfigured);
    check(|seen| seen.setup = Read::Known(Replication::Rules(Vec::new())), Verdict::NotConfigured);
    check(|seen| seen.metrics = None, Verdict::Unknown);
    check_metrics(|metrics| metrics.latency = Read::Known(Series::new()), Verdict::Unknown);
    check_metrics(|metrics| metrics.latency = minutes(901.0), Verdict::Slow);
    check_metrics(|metrics| metrics.latency = minutes(900.0), Verdict::Healthy);
    // Seed error 29: the metric is in seconds, and fifteen of them are no fifteen minutes.
    check_metrics(|metrics| metrics.latency = minutes(16.0), Verdict::Healthy);
    let failed = |count| Read::Known(vec![(now() - SignedDuration::from_hours(20), count)]);
    check_metrics(|metrics| metrics.failed = failed(1.0), Verdict::Failing);
    check_metrics(|metrics| metrics.failed = failed(0.0), Verdict::Healthy);
    check(|seen| seen.failures = Read::Known(vec![batch("Unknown", 1, 9000)]), Verdict::Failing);
}

/// A point of an hour ago says nothing of now.
#[test]
fn story_27_old_points_are_no_data() {
    let old = now() - SignedDuration::from_mins(31);
    check_metrics(|metrics| metrics.latency = Read::Known(vec![(old, 0.0)]), Verdict::Unknown);
}

#[test]
fn the_canary_counts_whatever_the_metrics_say() {
    let written = |minutes: i64, status| {
        let at = now() - SignedDuration::from_mins(minutes);
        Some(Read::Known(Canary::Written { at, status }))
    };
    check(|seen| seen.canary = written(20, Some(Arrival::Arrived)), Verdict::Healthy);
    check(|seen| seen.canary = written(10, Some(Arrival::Pending)), Verdict::Healthy);
    check(|seen| seen.canary = written(20, Some(Arrival::Pending)), Verdict::Slow);
    check(|seen| seen.canary = written(20, Some(Arrival::Failed)), Verdict::Failing);
    check(|seen| seen.canary = written(20, None), Verdict::Failing);
    check(|seen| seen.canary = Some(Read::Known(Canary::Locked)), Verdict::Healthy);
}

/// Seed error 21: objects under KMS keys are passed over in silence; without such a key nothing is lost.
#[test]
fn a_rule_without_kms_is_wrong_only_where_there_is_a_key() {
    let without = |seen: &mut BucketSeen| {
        if let Read::Known(Replication::Rules(rules)) = &mut seen.setup {
            rules[0].kms = false;
        }
    };
    for (kms, expected) in [(true, Verdict::NotConfigured), (false, Verdict::Healthy)] {
        check(
            |seen| {
                without(seen);
                seen.kms = Some(Read::Known(kms));
            },
            expected,
        );
    }
}

#[test]
fn arrival_has_two_words() {
    assert_eq!(Arrival::of("COMPLETE"), Some(Arrival::Arrived));
    assert_eq!(Arrival::of("COMPLETED"), Some(Arrival::Arrived));
    assert_eq!(Arrival::of("REPLICA"), None);
}

fn some_seen() -> impl Strategy<Value = BucketSeen> {
    let latency = prop_oneof![Just(None), (0.0..4000.0).prop_map(Some)];
    let batches = proptest::collection::vec((1usize..9, 1i64..3000, any::<bool>()), 0..4);
    (latency, 0.0f64..9.0, batches, any::<bool>()).prop_map(
        |(latency, failed, batches, enabled)| {
            let mut seen = whole();
            let metrics = seen.metrics.as_mut().expect("measured");
            metrics.latency = latency.map_or(Read::Known(Series::new()), minutes);
            metrics.failed =
                Read::Known(vec![(now() - SignedDuration::from_hours(1), failed.floor())]);
            let of = |(objects, minutes, repaired)| Batch {
                repaired,
                ..batch("Unknown", objects, minutes)
            };
            seen.failures = Read::Known(batches.into_iter().map(of).collect());
            if let Read::Known(Replication::Rules(rules)) = &mut seen.setup {
                rules[0].enabled = enabled;
            }
            seen
        },
    )
}

proptest! {
    /// However many more fail, named or only counted: it never looks healthier.
    #[test]
    fn more_failures_never_make_it_healthier(
        seen in some_seen(), objects in 1usize..9, back in 1i64..9000, counted in 1.0f64..9.0,
    ) {
        let before = judged(&seen);
        let mut named = seen.clone();
        if let Read::Known(batches) = &mut named.failures {
            batches.push(batch("DstKmsKeyNotFound", objects, back));
        }
        prop_assert!(judged(&named).verdict >= before.verdict);
        prop_assert!(judged(&named).verdict >= Verdict::Failing);
        let mut measured = seen;
        if let Some(metrics) = &mut measured.metrics
            && let Read::Known(series) = &mut metrics.failed {
            series.push((now() - SignedDuration::from_mins(30), counted.floor()));
        }
        prop_assert!(judged(&measured).verdict >= before.verdict);
    }

    /// A batch is found again by its key alone.
    #[test]
    fn a_batch_is_read_as_it_was_written(key in "\\PC{1,40}", reason in "[A-Za-z]{1,30}") {
        let one = failure_of(&key);
        let (batch, objects) = failure::batches(&[(Reason::new(&reason), one)]).remove(0);
        let id = AssetId::new("kaigo-files");
        let path = format!("{}{}/objects.json", failure::shelf(&id), batch.name);
        let read = failure::read(&id, [path.as_str()]);
        prop_assert_eq!(&read, &vec![Batch { at: read[0].at, ..batch }]);
        prop_assert_eq!(objects.len(), 1);
    }

    /// Whatever a queue brings, nothing panics.
    #[test]
    fn any_message_is_read_or_refused(body in "\\PC{0,200}") {
        _ = notified(&policy("en", ""), &body);
    }
}

fn failure_of(key: &str) -> failure::Failure {
    let body = record("Replication:OperationFailedReplication", key).to_string();
    let read = notified(&policy("en", ""), &body).expect("S3's form");
    read.failures[0].2.clone()
}

fn record(name: &str, key: &str) -> Value {
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    json!({"Records": [{
        "eventVersion": "2.2", "eventSource": "aws:s3", "eventTime": "2025-01-14T20:59:30.527Z",
        "eventName": name,
        "s3": {
            "bucket": {"name": "kaigo-files", "arn": "arn:aws:s3:::kaigo-files"},
            "object": {"key": encoded, "size": 5, "versionId": "v1", "sequencer": "0066"},
        },
        "replicationEventData": {
            "replicationRuleId": "sonae", "destinationBucket": "arn:aws:s3:::kaigo-files-dr",
            "s3Operation": "OBJECT_PUT", "failureReason": "AssumeRoleNotPermitted",
        },
    }]})
}

#[test]
fn a_notification_names_the_object_and_the_reason() {
    let body = record("Replication:OperationFailedReplication", "書類 1+2.pdf").to_string();
    let read = notified(&policy("en", ""), &body).expect("S3's form");
    let (bucket, reason, failure) = &read.failures[0];
    assert_eq!((bucket.as_str(), reason.word()), ("kaigo-files", "AssumeRoleNotPermitted"));
    assert_eq!((failure.key.as_str(), failure.version.as_deref()), ("書類 1+2.pdf", Some("v1")));
    let plus = json!({"Records": [{
        "eventName": "s3:Replication:OperationFailedReplication", "eventTime": "2025-01-14T20:59:30Z",
        "s3": {"bucket": {"name": "kaigo-files"}, "object": {"key": "a+b%2Bc"}},
    }]});
    let read = notified(&policy("en", ""), &plus.to_string()).expect("an older form");
    assert_eq!(read.failures[0].2.key, "a b+c");
    assert_eq!(read.failures[0].1.word(), "Unknown");
}

#[test]
fn thresholds_only_say_look() {
    for word in
        ["OperationMissedThreshold", "OperationReplicatedAfterThreshold", "OperationNotTracked"]
    {
        let body = record(&format!("Replication:{word}"), "a").to_string();
        let read = notified(&policy("en", ""), &body).expect("S3's form");
        assert!(read.failures.is_empty());
        assert_eq!(read.buckets.len(), 1, "{word}");
    }
}

#[test]
fn a_test_event_another_bucket_and_other_events_say_nothing() {
    let quiet = [
        json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "kaigo-files"}),
        json!({"Records": []}),
        json!({"Records": [{"eventName": "ObjectCreated:Put"}]}),
        json!({"Records": [{
            "eventName": "Replication:OperationFailedReplication", "s3": {"bucket": {"name": "x"}},
        }]}),
    ];
    for body in quiet {
        let read = notified(&policy("en", ""), &body.to_string());
        assert_eq!(read, Ok(Notified::default()), "{body}");
    }
}

#[test]
fn a_bad_message_says_everything_that_is_wrong() {
    let check = |body: &str, words: &[&str]| {
        let bad = notified(&policy("en", ""), body).expect_err("bad").to_string();
        words.iter().for_each(|word| assert!(bad.contains(word), "{bad}"));
    };
    check("{", &["not JSON"]);
    check("{}", &["`Records` is missing"]);
    check("{\"Records\":[{}]}", &["`Records[0].eventName` is missing"]);
    let body = json!({"Records": [{
        "eventName": "Replication:OperationFailedReplication",
        "s3": {"bucket": {"name": "kaigo-files"}},
    }]});
    check(&body.to_string(), &["`Records[0].s3.object.key`", "`Records[0].eventTime`"]);
}
