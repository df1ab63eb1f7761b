//! Nothing gets lost in silence: every delivery is retried and kept, every queue and function has
//! an alarm, every alarm says what to do.

use crate::stack::{Stack, list, object};
use serde_json::{Value, json};

/// Everything by which an event or a tick reaches something: its name, and what says how.
fn deliveries(stack: &Stack) -> Vec<(String, Value)> {
    let of_functions =
        stack.of_type("AWS::Serverless::Function").into_iter().flat_map(|(id, function)| {
            object(&function["Properties"]["Events"])
                // A queue keeps what was not handled itself; see alarms.rs.
                .filter(|(_, event)| event["Type"] != "SQS")
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
    let react = [
        "BackupMoved",
        "ClusterPointReady",
        "CopyMoved",
        "HostMoved",
        "InstanceTrouble",
        "PointReady",
    ];
    let react = react.map(|rule| format!("React{rule}"));
    let react = react.iter().map(String::as_str);
    let last = ["ReplicationEveryQuarter", "SweepEveryMorning"];
    let home: Vec<&str> = ["CheckEveryQuarter"].into_iter().chain(react).chain(last).collect();
    check_deliveries(&Stack::home(), &home);
    check_deliveries(&Stack::dr(), &["WatcherEveryQuarter", "BackupEvents", "CopyEvents"]);
}

/// SAM writes no queue policy for a rule whose queue is given by its ARN.
#[test]
fn the_queue_lets_in_every_rule_and_nobody_else() {
    for stack in Stack::both() {
        let mut rules: Vec<String> = stack.rules().into_iter().map(|rule| rule.name).collect();
        rules.dedup();
        let arns: Vec<Value> = rules.iter().map(|r| json!({"Fn::GetAtt": [r, "Arn"]})).collect();
        let statements = list(&stack.properties("LostPolicy")["PolicyDocument"]["Statement"]);
        // The other is of the chat's topic; see chat.rs.
        let [only, _] = statements.as_slice() else { panic!("{}: {statements:?}", stack.file) };
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
    assert_eq!(
        home.ids("AWS::Serverless::Function"),
        ["Chat", "Check", "React", "Replication", "Sweep"]
    );
    for function in ["Chat", "React", "Sweep"] {
        assert_eq!(home.properties(function)["EventInvokeConfig"], Value::Null, "as all");
    }
}

/// Without a journal nothing says what was told, so a tick that Lambda brings again a minute later
/// would tell it all again: three mails for each thing that is broken.
#[test]
fn a_failed_tick_is_not_brought_again() {
    for (stack, function) in
        [(Stack::home(), "Check"), (Stack::home(), "Replication"), (Stack::dr(), "Watcher")]
    {
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

/// After the report of 08:00, in the zone in which days are kept.
#[test]
fn the_sweep_runs_once_a_day_in_the_policys_zone() {
    let home = Stack::home();
    let sweep = &home.properties("Sweep")["Events"]["EveryMorning"]["Properties"];
    assert_eq!(sweep["ScheduleExpression"], "cron(0 9 * * ? *)");
    assert_eq!(sweep["ScheduleExpressionTimezone"], json!({"Ref": "TimeZone"}));
    assert_eq!(sweep["FlexibleTimeWindow"], json!({"Mode": "OFF"}));
    assert_eq!(sweep["OmitName"], true, "a fixed name would collide with a second stack's");
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

#[test]
fn a_lost_event_waits_two_weeks() {
    for stack in Stack::both() {
        let lost = stack.properties("Lost");
        let expected =
            json!({"MessageRetentionPeriod": 14 * 24 * 60 * 60, "SqsManagedSseEnabled": true});
        assert_eq!(lost, &expected, "{}", stack.file);
    }
}
