//! Every alarm: on what, when, to whom, and in which words.

use crate::stack::{Stack, list, read, texts};
use cloud::metrics::{DUTIES_OVERDUE, NAMESPACE, NOTICES_FAILED, REPORTS_MADE, ROUNDS_FINISHED};
use serde_json::{Value, json};

/// An alarm on one thing: which metric, of which resource by which attribute, how many in how long.
struct Watched {
    alarm: String,
    metric: [&'static str; 2],
    dimension: Value,
    at_least: u64,
    in_seconds: u64,
    in_a_row: u64,
}

#[track_caller]
fn check_watched(stack: &Stack, watched: Watched) {
    let alarm = stack.properties(&watched.alarm);
    assert_eq!([&alarm["Namespace"], &alarm["MetricName"]], watched.metric);
    assert_eq!(alarm["Dimensions"], json!([watched.dimension]));
    assert_eq!(alarm["Statistic"], "Sum");
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold");
    assert_eq!([&alarm["Threshold"], &alarm["Period"]], [watched.at_least, watched.in_seconds]);
    assert_eq!(alarm["EvaluationPeriods"], watched.in_a_row);
    assert_eq!(alarm["DatapointsToAlarm"], Value::Null, "all of them");
    assert_eq!(alarm["TreatMissingData"], "notBreaching");
}

fn lost() -> Watched {
    Watched {
        alarm: "LostAlarm".to_owned(),
        // Not the depth: it would alarm once in the 14 days that a message stays.
        metric: ["AWS/SQS", "NumberOfMessagesSent"],
        dimension: json!({"Name": "QueueName", "Value": {"Fn::GetAtt": ["Lost", "QueueName"]}}),
        at_least: 1,
        in_seconds: 300,
        in_a_row: 1,
    }
}

/// Two in a quarter of an hour, as an event is tried three times within it; or two ticks in a row.
fn errors(alarm: &str, function: &str, at_least: u64, in_a_row: u64) -> Watched {
    Watched {
        alarm: alarm.to_owned(),
        metric: ["AWS/Lambda", "Errors"],
        dimension: json!({"Name": "FunctionName", "Value": {"Ref": function}}),
        at_least,
        in_seconds: 900,
        in_a_row,
    }
}

#[test]
fn every_queue_and_every_function_has_an_alarm() {
    let [home, dr] = Stack::both();
    assert_eq!(home.ids("AWS::SQS::Queue"), ["Failures", "Lost", "LostFailures"]);
    check_watched(&home, lost());
    let functions = ["Chat", "Check", "React", "Replication", "Sweep"];
    assert_eq!(home.ids("AWS::Serverless::Function"), functions);
    check_watched(&home, errors("ReplicationErrors", "Replication", 1, 2));
    check_watched(&home, errors("ChatErrors", "Chat", 2, 1));
    check_watched(&home, errors("CheckErrors", "Check", 1, 2));
    check_watched(&home, errors("ReactErrors", "React", 2, 1));
    check_watched(&home, errors("SweepErrors", "Sweep", 2, 1));
    assert_eq!(dr.ids("AWS::SQS::Queue"), ["Lost"]);
    check_watched(&dr, lost());
    assert_eq!(dr.ids("AWS::Serverless::Function"), ["Chat", "Watcher"]);
    check_watched(&dr, errors("ChatErrors", "Chat", 2, 1));
    check_watched(&dr, errors("WatcherErrors", "Watcher", 1, 2));
}

/// SQS moves a message there without counting it as sent; and what waits in the queue before it for
/// longer than its five tries ends there.
#[test]
fn what_a_queue_moves_on_is_an_alarm_by_depth() {
    let home = Stack::home();
    let alarm = home.properties("LostFailuresAlarm");
    let depth = ["AWS/SQS", "ApproximateNumberOfMessagesVisible"];
    assert_eq!([&alarm["Namespace"], &alarm["MetricName"]], depth);
    let queue = json!({"Fn::GetAtt": ["LostFailures", "QueueName"]});
    assert_eq!(alarm["Dimensions"], json!([{"Name": "QueueName", "Value": queue}]));
    assert_eq!([&alarm["Statistic"], &alarm["TreatMissingData"]], ["Maximum", "notBreaching"]);
    assert_eq!([&alarm["Threshold"], &alarm["EvaluationPeriods"]], [1, 1]);
    let redrive = &home.properties("Failures")["RedrivePolicy"];
    let to = json!({"Fn::GetAtt": ["LostFailures", "Arn"]});
    assert_eq!(redrive, &json!({"deadLetterTargetArn": to, "maxReceiveCount": 5}));
    let timeout = home.properties("Replication")["Timeout"].as_u64().expect("seconds");
    let queue = &home.properties("Replication")["Events"]["GivenUp"]["Properties"];
    let window = queue["MaximumBatchingWindowInSeconds"].as_u64().expect("seconds");
    assert_eq!(home.properties("Failures")["VisibilityTimeout"], 6 * timeout + window);
}

/// Silence is the alarm: no finished round in four quarters of an hour, no report in 26 hours, no
/// finished sweep in two days; and no data is none. CloudWatch looks back seven days at most, for periods of an hour and more
/// (API reference, PutMetricAlarm, Period).
#[test]
fn silence_is_an_alarm() {
    check_silent("CheckSilent", "Check", ROUNDS_FINISHED, [900, 4]);
    check_silent("ReportSilent", "Check", REPORTS_MADE, [3600, 26]);
    check_silent("SweepSilent", "Sweep", ROUNDS_FINISHED, [86400, 2]);
}

/// The second voice for a missed duty: after six hours in which no look found all whole. A check that is
/// silent is no news of its duties.
#[test]
fn a_duty_that_stays_overdue_is_an_alarm() {
    let home = Stack::home();
    let alarm = home.properties("DutiesOverdue");
    assert_eq!([&alarm["Namespace"], &alarm["MetricName"]], [NAMESPACE, DUTIES_OVERDUE]);
    assert_eq!(alarm["Dimensions"], json!([{"Name": "FunctionName", "Value": {"Ref": "Check"}}]));
    assert_eq!([&alarm["Period"], &alarm["EvaluationPeriods"], &alarm["Threshold"]], [3600, 6, 1]);
    assert_eq!(alarm["Statistic"], "Minimum");
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold");
    assert_eq!(alarm["TreatMissingData"], "ignore");
    assert_eq!(alarm["OKActions"], alarm["AlarmActions"], "and when all is whole again");
}

#[track_caller]
fn check_silent(id: &str, function: &str, metric: &str, in_a_row: [u64; 2]) {
    let home = Stack::home();
    let alarm = home.properties(id);
    assert_eq!([&alarm["Namespace"], &alarm["MetricName"]], [NAMESPACE, metric]);
    assert_eq!(alarm["Dimensions"], json!([{"Name": "FunctionName", "Value": {"Ref": function}}]));
    assert_eq!(alarm["TreatMissingData"], "breaching");
    assert_eq!([&alarm["Period"], &alarm["EvaluationPeriods"]], in_a_row);
    assert_eq!(alarm["DatapointsToAlarm"], Value::Null, "all of them");
    assert_eq!([&alarm["Statistic"], &alarm["ComparisonOperator"]], ["Sum", "LessThanThreshold"]);
    assert_eq!(alarm["Threshold"], 1);
    let armed = json!({"Fn::If": ["IsArmed", true, false]});
    assert_eq!(alarm["ActionsEnabled"], armed, "not before the first heartbeat");
    assert_eq!(alarm["OKActions"], alarm["AlarmActions"], "and when it speaks again");
}

#[test]
fn a_notice_that_no_topic_took_is_an_alarm() {
    for function in ["React", "Check", "Sweep", "Replication"] {
        check_watched(
            &Stack::home(),
            Watched {
                alarm: format!("{function}NoticesFailed"),
                metric: [NAMESPACE, NOTICES_FAILED],
                dimension: json!({"Name": "FunctionName", "Value": {"Ref": function}}),
                at_least: 1,
                in_seconds: 900,
                in_a_row: 1,
            },
        );
    }
}

#[track_caller]
fn check_alarms(stack: &Stack, topic: &str, expected: &[&str]) {
    assert_eq!(stack.ids("AWS::CloudWatch::Alarm"), expected);
    for id in expected {
        let alarm = stack.properties(id);
        assert_eq!(alarm["AlarmActions"], json!([{"Ref": topic}]), "{id}");
        let condition = match *id {
            "ChatErrors" => json!("HasChat"),
            "LostFailuresAlarm" | "ReplicationErrors" | "ReplicationNoticesFailed" => {
                json!("HasBuckets")
            }
            _ => Value::Null,
        };
        assert_eq!(stack.json["Resources"][*id]["Condition"], condition, "{id}: always there");
        let quiet = !id.ends_with("Silent") && !alarm["ActionsEnabled"].is_null();
        assert!(!quiet, "{id} may always send");
        check_description(id, &alarm["AlarmDescription"]["Fn::If"]);
    }
    let japanese = json!({"Fn::Equals": [{"Ref": "Language"}, "ja"]});
    assert_eq!(stack.json["Conditions"]["IsJapanese"], japanese);
}

#[track_caller]
pub(crate) fn check_description(id: &str, in_language: &Value) {
    let [condition, ja, en] = &*texts(in_language) else { panic!("{id}: not in two languages") };
    assert_eq!(condition, "IsJapanese", "{id}");
    for text in [ja, en] {
        assert!(text.chars().count() <= 1024, "{id}: CloudWatch takes 1024 characters");
    }
    let first = [ja.split('。').next(), en.split(". ").next()].map(Option::unwrap_or_default);
    let pages = first.map(|sentence| {
        let start = sentence.find("docs/runbooks/").unwrap_or_else(|| panic!("{id}: {sentence}"));
        let end = sentence.find(".md").unwrap();
        sentence[start..end + 3].to_owned()
    });
    assert!(first[0].contains("実行してください"), "{id} does not begin with what to do");
    assert!(first[1].starts_with("Go through"), "{id} does not begin with what to do");
    assert_eq!(pages[0], pages[1], "{id}");
    check_runbook(&pages[0]);
}

#[track_caller]
fn check_runbook(page: &str) {
    let text = read(page);
    let lines = text.lines().filter(|line| line.starts_with("##"));
    let headings: Vec<&str> = lines.map(|line| line.trim_start_matches(['#', ' '])).collect();
    let expected = [
        "日本語",
        "症状",
        "意味",
        "確認",
        "対処",
        "対処後",
        "English",
        "Symptom",
        "Meaning",
        "Check",
        "Fix",
        "After",
    ];
    assert_eq!(headings, expected, "{page}");
}

#[test]
fn every_alarm_says_what_to_do_and_where_it_is_written() {
    check_alarms(
        &Stack::home(),
        "Topic",
        &[
            "ChatErrors",
            "CheckErrors",
            "CheckNoticesFailed",
            "CheckSilent",
            "DutiesOverdue",
            "LostAlarm",
            "LostFailuresAlarm",
            "ReactErrors",
            "ReactNoticesFailed",
            "ReplicationErrors",
            "ReplicationNoticesFailed",
            "ReportSilent",
            "SweepErrors",
            "SweepNoticesFailed",
            "SweepSilent",
        ],
    );
    check_alarms(&Stack::dr(), "DrTopic", &["ChatErrors", "LostAlarm", "WatcherErrors"]);
}

/// An alarm cannot publish under the key `aws/sns`, and under another key only when it is let in.
#[test]
fn alarms_reach_their_topic_through_its_key() {
    for (stack, topic) in Stack::both().iter().zip(["Topic", "DrTopic"]) {
        let key = format!("{topic}Key");
        let used = &stack.properties(topic)["KmsMasterKeyId"];
        assert_eq!(used, &json!({"Fn::GetAtt": [key, "Arn"]}));
        check_lets_in_alarms(
            &stack.properties(&key)["KeyPolicy"],
            &["kms:GenerateDataKey*", "kms:Decrypt"],
        );
        let policy = stack.properties(&format!("{topic}Policy"));
        assert_eq!(policy["Topics"], json!([{"Ref": topic}]));
        check_lets_in_alarms(&policy["PolicyDocument"], &["sns:Publish"]);
    }
}

#[track_caller]
fn check_lets_in_alarms(document: &Value, actions: &[&str]) {
    let statements = list(&document["Statement"]);
    let alarms = statements.iter().find(|statement| statement["Sid"] == "Alarms").unwrap();
    assert_eq!(alarms["Principal"], json!({"Service": "cloudwatch.amazonaws.com"}));
    assert_eq!(texts(&alarms["Action"]), actions);
}

/// A disabled data key must not silence its own alarm.
#[test]
fn a_topics_key_encrypts_nothing_else() {
    let encrypted = |stack: &Stack| -> Vec<String> {
        let lines =
            stack.text.lines().filter(|line| line.to_lowercase().contains("kmsmasterkeyid:"));
        lines
            .map(|line| {
                line.rsplit("!GetAtt ").next().unwrap().trim_end_matches(['}', ' ']).to_owned()
            })
            .collect()
    };
    assert_eq!(encrypted(&Stack::home()), ["TopicKey.Arn"]);
    assert_eq!(encrypted(&Stack::dr()), ["JournalKey.Arn", "DrTopicKey.Arn"]);
}
