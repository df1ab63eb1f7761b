//! The dashboard: every metric that it names is one that comes, and every alarm is on it.

use crate::stack::{Stack, list, object, read, texts};
use cloud::metrics::{self, REPORTS_MADE};
use domain::round::Round;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CHECK: &str = "Check";

/// Metrics of AWS that it shows: the namespace, of what, by which dimension and attribute, and the names
/// (Lambda Developer Guide, "Types of metrics for Lambda functions"; SQS Developer Guide, "Available CloudWatch metrics
/// for Amazon SQS").
const OF_AWS: [(&str, &str, [&str; 2], &[&str]); 2] = [
    (
        "AWS/Lambda",
        "AWS::Serverless::Function",
        ["FunctionName", ""],
        &["Duration", "Errors", "Invocations"],
    ),
    (
        "AWS/SQS",
        "AWS::SQS::Queue",
        ["QueueName", ".QueueName"],
        &["ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"],
    ),
];

/// One metric of a widget.
struct Shown {
    namespace: String,
    name: String,
    dimension: String,
    value: String,
}

/// The body as CloudFormation makes it where these conditions hold; of what it refers to, only the names.
fn body(stack: &Stack, holds: &[&str]) -> Value {
    let sub = list(&stack.properties("Dashboard")["DashboardBody"]["Fn::Sub"]);
    let [text, variables] = sub.as_slice() else { panic!("{sub:?}") };
    let mut text = text.as_str().expect("a text").to_owned();
    for (name, value) in object(variables) {
        let [condition, yes, no] = &*list(&value["Fn::If"]) else { panic!("{name}: {value}") };
        let chosen = if holds.contains(&condition.as_str().unwrap()) { yes } else { no };
        let chosen = chosen["Fn::Sub"].as_str().or(chosen.as_str()).expect("a text");
        let (before, variable) = (text.clone(), format!("${{{name}}}"));
        text = text.replace(&variable, chosen);
        assert_ne!(text, before, "`{name}` is not used");
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What `${..}` refers to.
fn referred(text: &str) -> &str {
    let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    inner.unwrap_or_else(|| panic!("`{text}` is written down"))
}

fn widgets(body: &Value, kind: &str) -> Vec<Value> {
    list(&body["widgets"]).into_iter().filter(|widget| widget["type"] == kind).collect()
}

fn shown(body: &Value) -> Vec<Shown> {
    let metrics = widgets(body, "metric").into_iter();
    let metrics = metrics.flat_map(|widget| list(&widget["properties"]["metrics"]));
    let read = |metric: Value| {
        let words = texts(&metric);
        let [namespace, name, dimension, value, ..] = words.as_slice() else { panic!("{metric}") };
        let [namespace, name, dimension] = [namespace, name, dimension].map(Clone::clone);
        Shown { namespace, name, dimension, value: referred(value).to_owned() }
    };
    metrics.map(read).collect()
}

/// What the code emits for a whole round: the names, and the one dimension.
fn emitted() -> (BTreeSet<String>, String) {
    let line = metrics::line("f", 0, &Round { whole: true, ..Round::default() });
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], metrics::NAMESPACE);
    let names = list(&directive["Metrics"]).into_iter();
    let names = names.map(|metric| metric["Name"].as_str().unwrap().to_owned());
    let dimension = directive["Dimensions"][0][0].as_str().unwrap().to_owned();
    (names.chain([REPORTS_MADE.to_owned()]).collect(), dimension)
}

/// What every round emits, whoever plays it; the rest is the check's alone.
fn of_every_round() -> BTreeSet<String> {
    let line = metrics::line("f", 0, &Round::default());
    let metrics = list(&line["_aws"]["CloudWatchMetrics"][0]["Metrics"]).into_iter();
    metrics.map(|metric| metric["Name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_dashboard_shows_our_metrics_as_they_are_emitted() {
    let home = Stack::home();
    let (names, dimension) = emitted();
    let ours = shown(&body(&home, &[]));
    let ours = ours.iter().filter(|metric| metric.namespace == metrics::NAMESPACE);
    let mut seen = BTreeSet::new();
    for metric in ours {
        assert!(names.contains(&metric.name), "`{}` is never emitted", metric.name);
        assert_eq!(metric.dimension, dimension);
        let of_all = of_every_round().contains(&metric.name);
        let functions = if of_all { &["Check", "React", "Sweep"][..] } else { &[CHECK] };
        assert!(functions.contains(&metric.value.as_str()), "{} of {}", metric.name, metric.value);
        seen.insert(metric.name.clone());
    }
    assert_eq!(seen, names, "all of them");
}

#[test]
fn the_dashboard_shows_metrics_of_what_is_in_the_stack() {
    let home = Stack::home();
    let all = shown(&body(&home, &[]));
    let theirs: Vec<&Shown> =
        all.iter().filter(|metric| metric.namespace != metrics::NAMESPACE).collect();
    for metric in &theirs {
        let known = OF_AWS.iter().find(|(namespace, ..)| *namespace == metric.namespace);
        let (_, kind, [dimension, attribute], names) = known.expect(&metric.namespace);
        assert!(names.contains(&metric.name.as_str()), "{} {}", metric.namespace, metric.name);
        assert_eq!(metric.dimension, *dimension);
        let id = metric.value.strip_suffix(attribute).expect(&metric.value);
        assert!(home.ids(kind).contains(&id), "no {kind} `{id}`");
    }
    let names: BTreeSet<&str> = theirs.iter().map(|metric| metric.name.as_str()).collect();
    let known: BTreeSet<&str> = OF_AWS.iter().flat_map(|(.., names)| *names).copied().collect();
    assert_eq!(names, known);
}

/// That of the chat only where there is a chat: else the stack would refer to what is not made.
#[test]
fn every_alarm_of_the_stack_is_on_the_dashboard() {
    let home = Stack::home();
    for holds in [&[][..], &["HasChat"]] {
        let body = body(&home, holds);
        let [widget] = &*widgets(&body, "alarm") else { panic!("one widget of alarms") };
        let arns = texts(&widget["properties"]["alarms"]);
        let mut named: Vec<&str> =
            arns.iter().map(|arn| referred(arn).strip_suffix(".Arn").expect("an ARN")).collect();
        named.sort_unstable();
        let is_made = |id: &str| {
            let condition = home.json["Resources"][id]["Condition"].as_str();
            condition.is_none_or(|condition| holds.contains(&condition))
        };
        let alarms = home.ids("AWS::CloudWatch::Alarm").into_iter();
        assert_eq!(named, alarms.filter(|id| is_made(id)).collect::<Vec<_>>());
    }
}

/// In both languages, at most eight, side by side on the grid of 24 columns, in the stack's own Region.
#[test]
fn the_dashboard_is_small_and_has_its_place_for_each_widget() {
    let home = Stack::home();
    for holds in [&[][..], &["IsJapanese"]] {
        let body = body(&home, holds);
        let widgets = list(&body["widgets"]);
        assert!((1..=8).contains(&widgets.len()), "{} widgets", widgets.len());
        let mut taken = BTreeSet::new();
        for widget in &widgets {
            let side = |name: &str| widget[name].as_u64().expect(name);
            let ([x, y], [width, height]) = (["x", "y"].map(side), ["width", "height"].map(side));
            assert!(x + width <= 24 && width > 0 && height > 0, "{widget}");
            for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{widget} lies on another one");
            }
            let title = widget["properties"]["title"].as_str().expect("a title");
            assert_eq!(title.is_ascii(), holds.is_empty(), "{title}");
            let of_metrics = widget["type"] == "metric";
            let region = if of_metrics { json!("${AWS::Region}") } else { Value::Null };
            assert_eq!(widget["properties"]["region"], region, "{title}");
        }
    }
    assert_eq!(home.properties("Dashboard")["DashboardName"], json!({"Ref": "AWS::StackName"}));
    assert_eq!(home.json["Resources"]["Dashboard"]["Condition"], Value::Null);
}

/// What CloudFormation is given is what is tested here.
#[test]
fn the_translation_leaves_the_dashboard_as_it_is() {
    let translated: Value = serde_json::from_str(&read("tests/data/template.json")).unwrap();
    let given = &translated["Resources"]["Dashboard"]["Properties"];
    assert_eq!(given, Stack::home().properties("Dashboard"));
}
