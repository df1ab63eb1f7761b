//! What CloudFormation is given: the templates after SAM's translation (tests/data, written by
//! `make translate`, held by `make lint`). What SAM adds, drops or merges is seen here only.

use crate::stack::{Stack, list, object, read, texts};
use serde_json::{Value, json};

/// A translated template.
struct Translated {
    resources: Value,
    raw: Stack,
}

impl Translated {
    fn both() -> [Self; 2] {
        let of = |file: &str, raw| {
            let mut json: Value = serde_json::from_str(&read(file)).expect("it is JSON");
            Self { resources: json["Resources"].take(), raw }
        };
        let [home, dr] = Stack::both();
        [of("tests/data/template.json", home), of("tests/data/template-dr.json", dr)]
    }

    fn of_type(&self, kind: &str) -> Vec<(&str, &Value)> {
        let all = object(&self.resources).filter(|(_, resource)| resource["Type"] == kind);
        all.map(|(id, resource)| (id, &resource["Properties"])).collect()
    }

    fn ids(&self, kind: &str) -> Vec<&str> {
        self.of_type(kind).into_iter().map(|(id, _)| id).collect()
    }
}

fn arn(id: &str) -> Value {
    json!({"Fn::GetAtt": [id, "Arn"]})
}

/// Everything that can fail to be delivered is tried again, and kept in the end.
#[test]
fn every_target_is_retried_and_kept() {
    let mut seen = 0;
    for stack in Translated::both() {
        let rules = stack.of_type("AWS::Events::Rule").into_iter();
        let rules =
            rules.flat_map(|(id, rule)| list(&rule["Targets"]).into_iter().map(move |t| (id, t)));
        let schedules = stack.of_type("AWS::Scheduler::Schedule").into_iter();
        let schedules = schedules.map(|(id, schedule)| (id, schedule["Target"].clone()));
        for (id, target) in rules.chain(schedules) {
            assert_eq!(target["DeadLetterConfig"], json!({"Arn": arn("Lost")}), "{id}");
            let retry = &target["RetryPolicy"];
            assert!(retry["MaximumRetryAttempts"].as_u64() > Some(0), "{id}: {retry}");
            assert!(retry["MaximumEventAgeInSeconds"].as_u64() > Some(0), "{id}: {retry}");
            seen += 1;
        }
    }
    assert_eq!(seen, 12, "eight rules and four schedules");
}

/// SAM merges a function's own settings into the global ones; a merge that dropped the queue would
/// lose what failed.
#[test]
fn what_fails_is_kept_after_the_merge() {
    let retries = [("Check", 0), ("React", 2), ("Replication", 0), ("Sweep", 2), ("Watcher", 0)];
    let both = Translated::both();
    for (function, retries) in retries {
        let all = both.iter().flat_map(|stack| stack.of_type("AWS::Lambda::EventInvokeConfig"));
        let own: Vec<&Value> =
            all.map(|(_, own)| own).filter(|own| own["FunctionName"]["Ref"] == function).collect();
        let [own] = own.as_slice() else { panic!("{function}: {own:?}") };
        assert_eq!(own["MaximumRetryAttempts"], retries, "{function}");
        assert_eq!(own["DestinationConfig"]["OnFailure"], json!({"Destination": arn("Lost")}));
    }
    for stack in &both {
        let own = &stack.resources["ChatEventInvokeConfig"]["Properties"];
        assert_eq!(own["MaximumRetryAttempts"], 2, "{}", stack.raw.file);
        assert_eq!(own["DestinationConfig"]["OnFailure"], json!({"Destination": arn("Lost")}));
    }
}

/// Of the globals it has what runs it, and neither the policy nor what the others are told.
#[test]
fn the_chat_gets_no_policy_and_no_setup_of_the_others() {
    for stack in Translated::both() {
        let chat = &stack.resources["Chat"]["Properties"];
        assert_eq!(chat["Layers"], Value::Null, "{}", stack.raw.file);
        let set = object(&chat["Environment"]["Variables"]).map(|(name, _)| name);
        assert_eq!(set.collect::<Vec<_>>(), chat::config::NEEDED);
        assert_eq!([&chat["Runtime"], &chat["Handler"]], ["provided.al2023", "bootstrap"]);
        assert_eq!(chat["Architectures"], json!([{"Ref": "Architecture"}]));
        assert_eq!(chat["Role"], arn("ChatRole"), "no role of SAM's own");
    }
}

#[test]
fn every_function_gets_what_the_globals_say() {
    for (stack, needed) in Translated::both()
        .iter()
        .zip([cloud::config::NEEDED.to_vec(), cloud::config::NEEDED_IN_DR.to_vec()])
    {
        let mut functions = stack.of_type("AWS::Lambda::Function");
        functions.retain(|(id, _)| *id != "Chat");
        assert!(!functions.is_empty());
        for (id, function) in functions {
            let set = object(&function["Environment"]["Variables"]).map(|(name, _)| name);
            let mut needed = needed.clone();
            needed.sort_unstable();
            assert_eq!(set.collect::<Vec<_>>(), needed, "{id}");
            assert_eq!(function["Runtime"], "provided.al2023", "{id}");
            assert_eq!(function["Architectures"], json!([{"Ref": "Architecture"}]), "{id}");
            assert_eq!(function["Role"], arn(&format!("{id}Role")), "{id}: no role of SAM's own");
            assert_eq!(function["LoggingConfig"]["LogGroup"], json!({"Ref": format!("{id}Log")}));
            assert_eq!(list(&function["Layers"]).len(), 1, "{id}: the policy");
            assert_eq!(function["ReservedConcurrentExecutions"], Value::Null, "{id}");
        }
    }
}

/// A rule invokes its function only with a permission that names the rule.
#[test]
fn every_rule_may_invoke_its_function_and_nobody_else() {
    let [home, dr] = Translated::both();
    let mut permissions = home.of_type("AWS::Lambda::Permission");
    permissions.retain(|(id, _)| *id != "ChatPermission");
    let allowed: Vec<(&Value, &Value)> =
        permissions.iter().map(|(_, p)| (&p["FunctionName"]["Ref"], &p["SourceArn"])).collect();
    let rules = home.of_type("AWS::Events::Rule");
    assert_eq!((allowed.len(), rules.len()), (6, 6));
    for (id, rule) in rules {
        let function = &rule["Targets"][0]["Arn"]["Fn::GetAtt"][0];
        assert!(allowed.contains(&(function, &arn(id))), "{id}");
    }
    assert!(permissions.iter().all(|(_, p)| p["Principal"] == "events.amazonaws.com"));
    assert_eq!(dr.ids("AWS::Lambda::Permission"), ["ChatPermission"]);
}

/// The roles that SAM makes for schedules invoke one function and keep what failed.
#[test]
fn what_sam_adds_may_do_no_more_than_it_must() {
    let schedules = [
        vec![("Check", "EveryQuarter"), ("Replication", "EveryQuarter"), ("Sweep", "EveryMorning")],
        vec![("Watcher", "EveryQuarter")],
    ];
    for (stack, schedules) in Translated::both().iter().zip(schedules) {
        let made: Vec<(&str, &Value)> = stack
            .of_type("AWS::IAM::Role")
            .into_iter()
            .filter(|(id, _)| stack.raw.json["Resources"][*id].is_null())
            .collect();
        let names: Vec<String> = schedules
            .iter()
            .map(|(function, schedule)| format!("{function}{schedule}Role"))
            .collect();
        assert_eq!(made.iter().map(|(id, _)| *id).collect::<Vec<_>>(), names);
        for ((id, role), (function, _)) in made.iter().zip(schedules) {
            check_role_of_schedule(id, role, function);
        }
    }
    for stack in Translated::both() {
        assert!(!stack.resources.to_string().contains("ManagedPolicyArns"), "{}", stack.raw.file);
    }
}

#[track_caller]
fn check_role_of_schedule(id: &str, role: &Value, function: &str) {
    let trust = &role["AssumeRolePolicyDocument"]["Statement"];
    assert_eq!(texts(&trust[0]["Principal"]["Service"]), ["scheduler.amazonaws.com"]);
    assert_eq!(list(trust).len(), 1);
    let policies = list(&role["Policies"]);
    let statements = policies.iter().flat_map(|p| list(&p["PolicyDocument"]["Statement"]));
    let may: Vec<(String, Value)> =
        statements.map(|s| (texts(&s["Action"]).join(" "), s["Resource"].clone())).collect();
    let expected = [
        ("lambda:InvokeFunction".to_owned(), arn(function)),
        ("sqs:SendMessage".to_owned(), arn("Lost")),
    ];
    assert_eq!(may, expected, "{id}");
}

/// Nothing that was written is gone, and nothing came but rules, schedules and their rights.
#[test]
fn sam_adds_rules_schedules_and_their_rights_only() {
    for stack in Translated::both() {
        let added =
            object(&stack.resources).filter(|(id, _)| stack.raw.json["Resources"][*id].is_null());
        for (id, resource) in added {
            let kind = resource["Type"].as_str().expect("a type");
            let expected = [
                "AWS::Events::Rule",
                "AWS::IAM::Role",
                "AWS::Lambda::EventInvokeConfig",
                "AWS::Lambda::EventSourceMapping",
                "AWS::Lambda::LayerVersion",
                "AWS::Lambda::Permission",
                "AWS::Scheduler::Schedule",
            ];
            assert!(expected.contains(&kind), "{}: {id} is a {kind}", stack.raw.file);
        }
        for (id, written) in object(&stack.raw.json["Resources"]) {
            // SAM adds a hash to a layer's name, so that a changed policy is a new version.
            let kept = object(&stack.resources).any(|(kept, _)| kept.starts_with(id));
            assert!(kept, "{}: {id}, a {}, is gone", stack.raw.file, written["Type"]);
        }
    }
}

/// The patterns and the schedules are those that were written.
#[test]
fn patterns_and_schedules_survive_the_translation() {
    let [home, dr] = Translated::both();
    for (id, function) in home.raw.of_type("AWS::Serverless::Function") {
        for (name, event) in object(&function["Properties"]["Events"]) {
            let made = &home.resources[format!("{id}{name}")]["Properties"];
            let written = &event["Properties"];
            assert_eq!(made["EventPattern"], written["Pattern"], "{id}{name}");
            assert_eq!(made["Target"]["Input"], written["Input"], "{id}{name}");
            assert_eq!(made["ScheduleExpression"], written["ScheduleExpression"], "{id}{name}");
        }
    }
    for (id, schedule) in
        [&home, &dr].into_iter().flat_map(|s| s.of_type("AWS::Scheduler::Schedule"))
    {
        assert_eq!(schedule["ScheduleExpressionTimezone"], json!({"Ref": "TimeZone"}), "{id}");
        assert_eq!(
            schedule["Name"],
            Value::Null,
            "{id}: a fixed name collides with a second stack's"
        );
    }
}
