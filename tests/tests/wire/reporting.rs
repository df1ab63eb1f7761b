//! Reports over the wire: what lies in the journal, who may read it, and the tool that prints one by hand.

use crate::stage::{Stage, played};
use model::Scripted;
use serde_json::Value;

const SCHEMA: &str = include_str!("../../../docs/report.schema.json");

fn written(stage: &Stage, day: &str) -> Value {
    let account = stage.cloud.account();
    let key = ("journal".to_owned(), format!("reports/{day}.json"));
    serde_json::from_slice(&account.objects[&key].body).expect("JSON")
}

#[track_caller]
fn check_schema(report: &Value) {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let problems: Vec<String> = validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}\n{report:#}");
}

#[tokio::test(start_paused = true)]
async fn two_mornings_over_the_wire_fit_the_schema() {
    let stage = Stage::new().await;
    stage.check_until("2025-11-06T23:00:00Z").await;
    let [first, second] = ["2025-11-06", "2025-11-07"].map(|day| written(&stage, day));
    check_schema(&first);
    check_schema(&second);
    assert_eq!((first["number"].as_u64(), second["number"].as_u64()), (Some(1), Some(2)));
    assert_eq!(second["before"], "2025-11-06");
    assert_eq!(second["topics"][0]["before"], 1, "the one before it was read");
    assert_eq!(second["trend"]["days"].as_array().map(Vec::len), Some(2));
}

/// A field without its place in the schema, or of another type, is found.
#[test]
#[should_panic(expected = "additional")]
fn the_schema_refuses_what_it_does_not_know() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let mut report = serde_json::json!({"more": 1});
    for name in schema["required"].as_array().expect("a list") {
        report[name.as_str().expect("a name")] = Value::Null;
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors = validator.iter_errors(&report).map(|error| error.to_string().to_lowercase());
    panic!("{}", errors.collect::<Vec<_>>().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_bad_morning_fits_the_schema_and_the_tool_ends_with_1() {
    let stage = Stage::new().await;
    stage.script("rds:CopyDBSnapshot", "us-west-2", Scripted::CopyDies);
    stage.check_until("2025-11-05T22:45:00Z").await;
    stage.until("2025-11-05T22:50:00Z");
    let before = stage.cloud.account().calls.len();
    let (json, code) =
        cli::reporting::print(&stage.session(900), None, true).await.expect("a report");
    let report: Value = serde_json::from_str(&json).expect("JSON");
    check_schema(&report);
    assert_eq!((code, &report["severity"]), (1, &Value::from("critical")));
    assert_eq!(report["duties"][0]["verdict"], "broken");
    let account = stage.cloud.account();
    let calls = account.calls.iter().skip(before).map(|call| call.op.as_str());
    let changes: Vec<&str> = calls
        .filter(|op| {
            !["Describe", "GetObject", "GetTopic", "List"].iter().any(|read| op.contains(read))
        })
        .collect();
    assert!(changes.is_empty(), "it only looks: {changes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_good_morning_by_hand_ends_with_0_and_leaves_the_page() {
    let stage = Stage::new().await;
    stage.check_until("2025-11-05T22:45:00Z").await;
    let file = std::env::temp_dir().join(format!("sonae-report-{}.html", std::process::id()));
    let (text, code) =
        cli::reporting::print(&stage.session(900), Some(&file), false).await.expect("a report");
    let page = std::fs::read_to_string(&file).expect("written");
    std::fs::remove_file(&file).expect("there");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("達成 kaigo-subsys-prod 2025-11-06"), "{text}");
    assert!(page.starts_with("<!DOCTYPE html>"));
}

/// Half a Region is silent: told as unread, never as fine.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_by_hand_is_no_good_news() {
    let stage = Stage::new().await;
    stage.check_until("2025-11-05T22:45:00Z").await;
    stage.cloud.account().script(
        "rds:DescribeDBSnapshots",
        Some(&stage.policy().dr.clone()),
        "",
        u32::MAX,
        Scripted::Silence,
    );
    let (text, code) =
        cli::reporting::print(&stage.session(900), None, false).await.expect("a report");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("確認できず kaigo-subsys-prod"), "{text}");
}

/// The look before it is due asks for nothing of it, and the one after it neither.
#[tokio::test(start_paused = true)]
async fn only_the_look_of_the_morning_costs_more() {
    let stage = Stage::new().await;
    stage.check_until("2025-11-05T22:45:00Z").await;
    let mut calls = Vec::new();
    for time in ["2025-11-05T23:00:00Z", "2025-11-06T00:00:00Z"] {
        stage.until(time);
        let before = stage.cloud.calls();
        played(stage.check().await);
        calls.push(stage.cloud.calls() - before);
    }
    // Two topics, one listing of reports, the clusters of home; two objects; listing, claim, notice, mark.
    assert_eq!(calls, [10 + 4 + 2 + 4, 10]);
}
