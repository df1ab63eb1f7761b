//! Each file of events/ goes where events/README.md says, through the patterns as deployed.

use crate::stack::{DR, Stack, files, read};
use domain::event::{self, Event};
use local::rules::{Rule, Target};
use serde_json::{Value, json};

/// A row of the table in events/README.md.
#[derive(Debug)]
struct Row {
    file: String,
    function: String,
    outcome: String,
}

fn table() -> Vec<Row> {
    let text = read("events/README.md");
    let cells = text.lines().filter(|line| line.starts_with("| ")).map(|line| {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    });
    let rows = cells.skip(1).map(|cells| match cells.as_slice() {
        [file, _, function, outcome] => {
            Row { file: file.clone(), function: function.clone(), outcome: outcome.clone() }
        }
        other => panic!("not a row: {other:?}"),
    });
    rows.collect()
}

fn event(file: &str) -> Value {
    serde_json::from_str(&read(&format!("events/{file}"))).unwrap()
}

/// What the rules do with an event of a Region: dr's bus may pass it on to home's.
fn reached(event: &Value) -> Vec<String> {
    let to_home = |event: &Value| functions(&Stack::home().rules(), event);
    if event["region"] != DR {
        return to_home(event);
    }
    let forwarded = Stack::dr().rules().into_iter().filter(|rule| rule.matches(event));
    forwarded
        .flat_map(|rule| match rule.target {
            Target::Bus => to_home(event),
            Target::Function(function) => vec![function],
        })
        .collect()
}

fn functions(rules: &[Rule], event: &Value) -> Vec<String> {
    let matching = rules.iter().filter(|rule| rule.matches(event));
    matching
        .map(|rule| match &rule.target {
            Target::Function(function) => function.clone(),
            Target::Bus => panic!("home forwards to a bus: {}", rule.name),
        })
        .collect()
}

fn parsed(event: &Value) -> Event {
    let text = |field: &str| event[field].as_str().unwrap();
    let resources: Vec<String> = serde_json::from_value(event["resources"].clone()).unwrap();
    let region = Some(text("region"));
    event::parse(text("source"), text("detail-type"), region, &resources, &event["detail"]).unwrap()
}

#[test]
fn the_table_has_every_file_once() {
    let mut listed: Vec<String> = table().into_iter().map(|row| row.file).collect();
    listed.sort();
    assert_eq!(listed, files("events", ".json"));
}

#[test]
fn every_event_reaches_exactly_the_function_of_its_row() {
    let rows = table();
    let by_rule = |row: &&Row| !["Chat", "Check", "Replication", "Sweep"].contains(&&*row.function);
    for row in rows.iter().filter(by_rule) {
        let event = event(&row.file);
        let expected: Vec<&str> =
            Some(row.function.as_str()).filter(|f| *f != "none").into_iter().collect();
        assert_eq!(reached(&event), expected, "{row:?}");
        let seen = match parsed(&event) {
            Event::Point { region, .. } if region.as_str() == DR => "looks at the copy in dr",
            Event::Point { .. } => "looks at the",
            Event::Instance { .. } | Event::Backed { .. } => "looks at the asset",
            Event::Vault { .. } => "looks at the first asset in the vault",
            Event::Host { .. } => "looks at the host",
            Event::Ignored { .. } => "ignored",
        };
        assert!(row.outcome.starts_with(seen), "{row:?}: {seen}");
    }
}

/// An event that says nothing of its kind, or comes from a Region that is not ours, is not brought.
#[test]
fn what_the_patterns_leave_out() {
    let ready = event("rds-0091-automated-created.json");
    let finished = event("rds-0060-copy-finished.json");
    assert_eq!(reached(&ready), ["React"]);
    assert_eq!(reached(&finished), ["React"]);
    check_unheard(&ready, "/region", json!("eu-west-1"));
    check_unheard(&ready, "/region", json!(DR));
    check_unheard(&finished, "/region", json!("us-east-1"));
    check_unheard(&finished, "/detail/SourceIdentifier", json!("awsbackup:copyjob-1"));
    check_unheard(&finished, "/detail/EventID", json!("RDS-EVENT-0197"));
    check_unheard(&ready, "/detail-type", json!("RDS DB Cluster Snapshot Event"));
    check_unheard(&ready, "/source", json!("aws.backup"));
    let copied = event("copy-job-completed.json");
    check_unheard(&copied, "/detail/state", json!("RUNNING"));
    check_unheard(&copied, "/region", json!("eu-west-1"));
    let gone = event("vault-deleted.json");
    assert_eq!(reached(&gone), ["React"], "forwarded");
}

#[track_caller]
fn check_unheard(event: &Value, field: &str, value: Value) {
    let mut event = event.clone();
    *event.pointer_mut(field).unwrap() = value;
    assert_eq!(reached(&event), Vec::<String>::new(), "{field} of {event}");
}

/// The function gets the Input with the Scheduler's words replaced, and nothing else.
#[test]
fn the_schedules_send_what_their_files_hold() {
    check_schedule("Check", "EveryQuarter", "schedule-check.json");
    check_schedule("Replication", "EveryQuarter", "schedule-replication.json");
    check_schedule("Sweep", "EveryMorning", "schedule-sweep.json");
}

#[track_caller]
fn check_schedule(function: &str, schedule: &str, file: &str) {
    let home = Stack::home();
    let input = home.properties(function)["Events"][schedule]["Properties"]["Input"].clone();
    let sent = event(file);
    let replaced = input
        .as_str()
        .unwrap()
        .replace("<aws.scheduler.scheduled-time>", sent["scheduled_time"].as_str().unwrap())
        .replace("<aws.scheduler.execution-id>", sent["execution_id"].as_str().unwrap());
    assert_eq!(serde_json::from_str::<Value>(&replaced).unwrap(), sent);
    let rows = table();
    let of: Vec<&str> =
        rows.iter().filter(|row| row.function == function).map(|row| row.file.as_str()).collect();
    assert!(of.contains(&file), "{of:?}");
    let ours = |file: &&str| file.contains(&function.to_lowercase()) || file.starts_with("s3-");
    assert!(of.iter().all(ours), "{of:?}");
}

/// What the queue brings: no rule does, and the function reads it.
#[test]
fn the_files_of_s3_are_batches_of_the_queue() {
    let policy = domain::policy::parse(&(read("policy/policy.toml") + local::invoke::BUCKET));
    let policy = policy.expect("a good policy");
    let given = table();
    let of = given.iter().map(|row| row.file.as_str()).filter(|file| file.starts_with("s3-"));
    let mut read_as = Vec::new();
    for file in of {
        let event = event(file);
        assert_eq!(reached(&event), Vec::<String>::new(), "{file}");
        let body = event["Records"][0]["body"].as_str().expect("a message");
        let said = domain::event::notified(&policy, body).expect("S3's form");
        read_as.push((file.to_owned(), said.buckets.len(), said.failures.len()));
    }
    let expected = [
        ("s3-replication-failed.json", 1, 1),
        ("s3-replication-late.json", 1, 0),
        ("s3-test-event.json", 0, 0),
    ];
    assert_eq!(read_as, expected.map(|(file, b, f)| (file.to_owned(), b, f)));
}

/// What the topic brings: no rule does, and the function reads it.
#[test]
fn the_chats_files_are_messages_of_the_topic() {
    let rows = table();
    let of: Vec<&str> =
        rows.iter().filter(|row| row.function == "Chat").map(|row| row.file.as_str()).collect();
    assert_eq!(of, ["sns-notice.json", "sns-alarm.json"]);
    for file in of {
        let event = event(file);
        assert_eq!(reached(&event), Vec::<String>::new(), "{file}");
        let messages = chat::event::messages(&event).expect("as SNS sends it");
        let [message] = messages.as_slice() else { panic!("{file}: {messages:?}") };
        assert_eq!(message.subject.starts_with("[ALARM]"), file.contains("alarm"), "{file}");
    }
}
