//! Nothing gets lost in silence: every delivery is retried and kept, every queue and function has
//! an alarm, every alarm says what to do.

use crate::stack::{Stack, list, object, read, texts};
use serde_json::{Value, json};

/// Everything by which an event or a tick reaches something: its name, and what says how.
fn deliveries(stack: &Stack) -> Vec<(String, Value)> {
    let of_functions =
        stack.of_type("AWS::Serverless::Function").into_iter().flat_map(|(id, function)| {
            object(&function["Properties"]["Events"])
                .map(|(event, how)| (format!("{id}{event}"), how["Properties"].clone()))
                .collect::<Vec<_>>()
        });
    let of_rules = stack.of_type("AWS::Events::Rule").into_iter().flat_map(|(id, rule)| {
        list(&rule["Properties"]["Targets"]).into_iter().map(move |how| (id.to_owned(), how))
    });
    of_functions.chain(of_rules).collect()
}

#[track_caller]
fn check_deliveries(stack: &Stack, expected: &[&str]) {
    let deliveries = deliveries(stack);
    let names: Vec<&str> = deliveries.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, expected);
    for (name, how) in &deliveries {
        let retry = &how["RetryPolicy"];
        let retries = [&retry["MaximumRetryAttempts"], &retry["MaximumEventAgeInSeconds"]];
        assert!(retries.iter().all(|n| n.as_u64() > Some(0)), "`{name}` retries {retry}");
        let kept = &how["DeadLetterConfig"]["Arn"];
        assert_eq!(kept, &json!({"Fn::GetAtt": ["Lost", "Arn"]}), "{name}");
    }
}

#[test]
fn every_delivery_is_retried_and_then_kept() {
    let home = ["CheckEveryQuarter", "ReactCopyMoved", "ReactInstanceTrouble", "ReactPointReady"];
    check_deliveries(&Stack::home(), &home);
    check_deliveries(&Stack::dr(), &["WatcherEveryQuarter", "CopyEvents"]);
}

/// SAM writes no queue policy for a rule whose queue is given by its ARN.
#[test]
fn the_queue_lets_in_every_rule_and_nobody_else() {
    for stack in Stack::both() {
        let mut rules: Vec<String> = stack.rules().into_iter().map(|rule| rule.name).collect();
        rules.dedup();
        let arns: Vec<Value> = rules.iter().map(|r| json!({"Fn::GetAtt": [r, "Arn"]})).collect();
        let statements = list(&stack.properties("LostPolicy")["PolicyDocument"]["Statement"]);
        let [only] = statements.as_slice() else { panic!("{}: {statements:?}", stack.file) };
        assert_eq!(only["Principal"], json!({"Service": "events.amazonaws.com"}));
        assert_eq!(only["Action"], "sqs:SendMessage");
        let mut let_in = list(&only["Condition"]["ArnEquals"]["aws:SourceArn"]);
        let_in.sort_by_key(Value::to_string);
        assert_eq!(let_in, arns, "{}", stack.file);
        assert_eq!(stack.properties("LostPolicy")["Queues"], json!([{"Ref": "Lost"}]));
    }
}

#[test]
fn what_a_function_fails_at_three_times_is_kept() {
    let home = Stack::home();
    let expected = json!({
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": 6 * 60 * 60,
        "DestinationConfig": {
            "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["Lost", "Arn"]}},
        },
    });
    assert_eq!(home.json["Globals"]["Function"]["EventInvokeConfig"], expected);
    assert_eq!(home.ids("AWS::Serverless::Function"), ["Check", "React"]);
    assert_eq!(home.properties("React")["EventInvokeConfig"], Value::Null, "as all");
}

/// Without a journal nothing says what was told, so a tick that Lambda brings again a minute later
/// would tell it all again: three mails for each thing that is broken.
#[test]
fn a_failed_tick_is_not_brought_again() {
    for (stack, function) in [(Stack::home(), "Check"), (Stack::dr(), "Watcher")] {
        let own = &stack.properties(function)["EventInvokeConfig"];
        assert_eq!(own, &json!({"MaximumRetryAttempts": 0}), "{function}");
    }
}

#[test]
fn the_check_runs_every_quarter_of_an_hour_in_any_number_of_stacks() {
    let home = Stack::home();
    let check = &home.properties("Check")["Events"]["EveryQuarter"];
    assert_eq!(check["Type"], "ScheduleV2");
    let schedule = &check["Properties"];
    assert_eq!(schedule["ScheduleExpression"], "cron(0/15 * * * ? *)");
    assert_eq!(schedule["ScheduleExpressionTimezone"], json!({"Ref": "TimeZone"}));
    assert_eq!(schedule["FlexibleTimeWindow"], json!({"Mode": "OFF"}));
    assert_eq!(schedule["OmitName"], true, "a fixed name would collide with a second stack's");
    assert_eq!(
        schedule["RetryPolicy"]["MaximumEventAgeInSeconds"],
        15 * 60,
        "the next tick's time"
    );
}

/// Two looks of the watcher must be at two heartbeats, or one old one is seen twice and told.
#[test]
fn the_watcher_looks_when_the_check_must_have_ended() {
    let [home, dr] = Stack::both();
    let minute = |stack: &Stack, function: &str| {
        let schedule = &stack.properties(function)["Events"]["EveryQuarter"]["Properties"];
        let words = schedule["ScheduleExpression"].as_str().unwrap();
        let every = words.strip_prefix("cron(").and_then(|rest| rest.split_once("/15 "));
        every.expect("every quarter").0.parse::<u64>().unwrap() * 60
    };
    let ended = minute(&home, "Check") + home.properties("Check")["Timeout"].as_u64().unwrap();
    // The Scheduler may be a minute late.
    assert!(minute(&dr, "Watcher") > ended + 60);
}

/// An alarm on one thing: which metric, of which resource by which attribute, how many in how long.
struct Watched {
    alarm: &'static str,
    metric: [&'static str; 2],
    dimension: Value,
    at_least: u64,
    in_seconds: u64,
    in_a_row: u64,
}

#[track_caller]
fn check_watched(stack: &Stack, watched: Watched) {
    let alarm = stack.properties(watched.alarm);
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
        alarm: "LostAlarm",
        // Not the depth: it would alarm once in the 14 days that a message stays.
        metric: ["AWS/SQS", "NumberOfMessagesSent"],
        dimension: json!({"Name": "QueueName", "Value": {"Fn::GetAtt": ["Lost", "QueueName"]}}),
        at_least: 1,
        in_seconds: 300,
        in_a_row: 1,
    }
}

/// Two in a quarter of an hour, as an event is tried three times within it; or two ticks in a row.
fn errors(alarm: &'static str, function: &str, at_least: u64, in_a_row: u64) -> Watched {
    Watched {
        alarm,
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
    assert_eq!(home.ids("AWS::SQS::Queue"), ["Lost"]);
    check_watched(&home, lost());
    assert_eq!(home.ids("AWS::Serverless::Function"), ["Check", "React"]);
    check_watched(&home, errors("CheckErrors", "Check", 1, 2));
    check_watched(&home, errors("ReactErrors", "React", 2, 1));
    assert_eq!(dr.ids("AWS::SQS::Queue"), ["Lost"]);
    check_watched(&dr, lost());
    check_watched(&dr, errors("WatcherErrors", "Watcher", 1, 2));
}

#[test]
fn a_lost_event_waits_two_weeks() {
    for stack in Stack::both() {
        let lost = stack.properties("Lost");
        let expected =
            json!({"MessageRetentionPeriod": 14 * 24 * 60 * 60, "SqsManagedSseEnabled": true});
        assert_eq!(lost, &expected, "{}", stack.file);
    }
}

#[track_caller]
fn check_alarms(stack: &Stack, topic: &str, expected: &[&str]) {
    assert_eq!(stack.ids("AWS::CloudWatch::Alarm"), expected);
    for id in expected {
        let alarm = stack.properties(id);
        assert_eq!(alarm["AlarmActions"], json!([{"Ref": topic}]), "{id}");
        check_description(id, &alarm["AlarmDescription"]["Fn::If"]);
    }
    let japanese = json!({"Fn::Equals": [{"Ref": "Language"}, "ja"]});
    assert_eq!(stack.json["Conditions"]["IsJapanese"], japanese);
}

#[track_caller]
fn check_description(id: &str, in_language: &Value) {
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
            "CheckErrors",
            "CheckNoticesFailed",
            "CheckSilent",
            "LostAlarm",
            "ReactErrors",
            "ReactNoticesFailed",
        ],
    );
    check_alarms(&Stack::dr(), "DrTopic", &["LostAlarm", "WatcherErrors"]);
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
