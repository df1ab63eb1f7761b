//! What stands in the stacks: data that stays, parameters that explain themselves, and the setup
//! that the code expects.

use crate::stack::{Stack, files, list, object, read, texts};
use domain::policy;
use serde_json::{Value, json};

/// Everything that holds data stays when a stack is deleted or a resource replaced.
#[test]
fn what_holds_data_is_retained() {
    let kinds = ["AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue"];
    let expected = [
        vec![
            "TopicKey",
            "ChatLog",
            "CheckLog",
            "ReactLog",
            "ReplicationLog",
            "SweepLog",
            "Failures",
            "Lost",
            "LostFailures",
        ],
        vec![
            "CopyKey",
            "DrTopicKey",
            "JournalKey",
            "ChatLog",
            "WatcherLog",
            "JournalBucket",
            "Lost",
        ],
    ];
    for (stack, expected) in Stack::both().iter().zip(expected) {
        let holding: Vec<(&str, &Value)> =
            kinds.iter().flat_map(|kind| stack.of_type(kind)).collect();
        let ids: Vec<&str> = holding.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, expected, "{}", stack.file);
        for (id, resource) in holding {
            let policies = [&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]];
            assert_eq!(policies, ["RetainExceptOnCreate", "Retain"], "{id}");
        }
    }
}

#[test]
fn keys_rotate_and_are_administered_by_the_account_alone() {
    for stack in Stack::both() {
        for (id, key) in stack.of_type("AWS::KMS::Key") {
            let properties = &key["Properties"];
            assert_eq!(properties["EnableKeyRotation"], true, "{id}");
            let statements = list(&properties["KeyPolicy"]["Statement"]);
            let root =
                json!({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}});
            assert_eq!(statements[0]["Principal"], root, "{id}");
            let others: Vec<&Value> = statements[1..].iter().map(|s| &s["Principal"]).collect();
            let alarms = json!({"Service": "cloudwatch.amazonaws.com"});
            let expected = if id.ends_with("TopicKey") { vec![&alarms] } else { vec![] };
            assert_eq!(others, expected, "{id}");
        }
    }
}

#[test]
fn the_journal_is_versioned_encrypted_and_closed() {
    let dr = Stack::dr();
    let bucket = dr.properties("JournalBucket");
    assert_eq!(bucket["VersioningConfiguration"], json!({"Status": "Enabled"}));
    let public = &bucket["PublicAccessBlockConfiguration"];
    let blocks: Vec<&str> =
        object(public).filter(|(_, on)| **on == true).map(|(name, _)| name).collect();
    let expected =
        ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    assert_eq!(blocks, expected);
    let key = json!({"Fn::GetAtt": ["JournalKey", "Arn"]});
    let encryption = json!([{
        "BucketKeyEnabled": true,
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
    }]);
    assert_eq!(bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"], encryption);
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_array().expect("rules");
    let evidence = |rule: &&Value| rule["Prefix"] != "heartbeat.json" && rule["Prefix"] != "pulse/";
    let expires = |rule: &&Value| object(rule).any(|(name, _)| name.contains("Expiration"));
    assert_eq!(rules.iter().filter(evidence).filter(expires).count(), 0, "evidence never expires");
    let policy = &dr.properties("JournalBucketPolicy")["PolicyDocument"]["Statement"];
    let only_tls = json!([{
        "Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [
            {"Fn::GetAtt": ["JournalBucket", "Arn"]},
            {"Fn::Sub": "${JournalBucket.Arn}/*"},
        ],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]);
    assert_eq!(policy, &only_tls);
}

/// The order of `cloud::config` is not the template's; the names are.
#[test]
fn the_environment_is_what_the_code_reads() {
    let home = Stack::home();
    let set = &home.json["Globals"]["Function"]["Environment"]["Variables"];
    let mut needed = cloud::config::NEEDED;
    needed.sort_unstable();
    let names: Vec<&str> = object(set).map(|(name, _)| name).collect();
    assert_eq!(names, needed);
    let joined = |keys: &str| json!({"Fn::Join": [",", {"Ref": keys}]});
    let values = json!({
        "SONAE_ARMED": {"Ref": "Armed"},
        "SONAE_GRANTED": {"Fn::Join": [",", [joined("DrKeyArns"), joined("HomeKeyArns")]]},
        "SONAE_SIDE": "home",
        "SONAE_DR_TOPIC": {"Ref": "DrTopicArn"},
        "SONAE_JOURNAL": {"Ref": "JournalBucketName"},
        "SONAE_POLICY": "/opt/policy.toml",
        "SONAE_TOPIC": {"Ref": "Topic"},
    });
    assert_eq!(set, &values);
    let dr = Stack::dr();
    let in_dr = json!({
        "SONAE_DR_TOPIC": {"Ref": "DrTopic"},
        "SONAE_JOURNAL": {"Ref": "JournalBucket"},
        "SONAE_POLICY": "/opt/policy.toml",
        "SONAE_SIDE": "dr",
    });
    let set = &dr.json["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(set, &in_dr);
    let mut needed = cloud::config::NEEDED_IN_DR;
    needed.sort_unstable();
    assert_eq!(object(set).map(|(name, _)| name).collect::<Vec<_>>(), needed);
    for stack in [home, dr] {
        let functions = stack.of_type("AWS::Serverless::Function").into_iter();
        for (id, function) in functions.filter(|(id, _)| *id != "Chat") {
            assert_eq!(function["IgnoreGlobals"], Value::Null, "{id} is set up as all");
            assert_eq!(function["Properties"]["Environment"], Value::Null, "{id} has its own");
        }
    }
}

/// A stack with a virtual clock or another endpoint would look at something else than AWS.
#[test]
fn no_stack_leaves_the_real_world() {
    for path in ["template.yaml", "template-dr.yaml", "samconfig.toml"] {
        let text = read(path);
        for word in [cloud::config::CLOCK, "AWS_ENDPOINT_URL"] {
            assert!(!text.contains(word), "{path} has {word}");
        }
    }
}

#[test]
fn the_layer_is_the_policy_and_nothing_else() {
    let home = Stack::home();
    assert_eq!(home.properties("PolicyLayer")["ContentUri"], "policy/");
    assert_eq!(home.json["Globals"]["Function"]["Layers"], json!([{"Ref": "PolicyLayer"}]));
    assert_eq!(files("policy", ""), ["policy.toml"]);
    let policy = policy::parse(&read("policy/policy.toml")).unwrap();
    let default = |stack: &Stack, name: &str| texts(&stack.json["Parameters"][name]["Default"]);
    assert_eq!(default(&home, "DrRegion"), [policy.dr.as_str()]);
    assert_eq!(default(&home, "TimeZone"), [policy.zone_name.as_str()]);
    assert_eq!(default(&Stack::dr(), "HomeRegion"), [policy.home.as_str()]);
}

#[test]
fn functions_are_built_alike_and_bounded() {
    let home = Stack::home();
    let globals = &home.json["Globals"]["Function"];
    let shape = [&globals["Runtime"], &globals["Handler"], &globals["MemorySize"]];
    assert_eq!(shape, [&json!("provided.al2023"), &json!("bootstrap"), &json!(256)]);
    assert_eq!(globals["Architectures"], json!([{"Ref": "Architecture"}]));
    for (id, folder, timeout) in [
        ("React", "crates/react", 60),
        ("Check", "crates/check", 300),
        ("Sweep", "crates/sweep", 900),
    ] {
        let function = home.properties(id);
        assert_eq!([&function["CodeUri"], &function["Timeout"]], [&json!(folder), &json!(timeout)]);
        let metadata = &home.json["Resources"][id]["Metadata"];
        assert_eq!(metadata, &json!({"BuildMethod": "rust-cargolambda"}), "{id}");
        let log = json!({"LogFormat": "JSON", "LogGroup": {"Ref": format!("{id}Log")}});
        assert_eq!(function["LoggingConfig"], log, "{id}");
        // A name collides with a second stack's; a reservation may exceed a new account's limit.
        for absent in ["FunctionName", "ReservedConcurrentExecutions"] {
            assert_eq!(function[absent], Value::Null, "{id}");
        }
        let retention = &home.properties(&format!("{id}Log"))["RetentionInDays"];
        assert_eq!(retention, &json!({"Ref": "LogRetentionDays"}));
    }
}

/// `sam deploy` takes Regions from samconfig.toml, the functions from policy.toml.
#[test]
fn samconfig_and_policy_name_the_same_regions() {
    let policy = policy::parse(&read("policy/policy.toml")).unwrap();
    let config: toml::Table = read("samconfig.toml").parse().unwrap();
    let region = |environment: &str| config[environment]["deploy"]["parameters"]["region"].as_str();
    assert_eq!(region("default"), Some(policy.home.as_str()));
    assert_eq!(region("dr"), Some(policy.dr.as_str()));
}

/// What `sonae-policy params` prints is what the templates ask for.
#[test]
fn every_parameter_that_is_printed_exists() {
    let policy = policy::parse(&read("policy/policy.toml")).unwrap();
    let [home, dr] = Stack::both();
    let outputs: Vec<Value> = object(&dr.json["Outputs"])
        .map(|(name, _)| json!({"OutputKey": name, "OutputValue": "x"}))
        .collect();
    let described = json!({"Stacks": [{"Outputs": outputs}]}).to_string();
    let printed =
        [(&home, cli::params::home(&policy, &described).unwrap()), (&dr, cli::params::dr(&policy))];
    for (stack, printed) in printed {
        let names: Vec<&str> = printed.iter().map(|one| one.split_once('=').unwrap().0).collect();
        for name in &names {
            assert_ne!(stack.json["Parameters"][name], Value::Null, "{name} of {}", stack.file);
        }
        let needed = object(&stack.json["Parameters"]).filter(|(_, p)| p["Default"].is_null());
        for (name, _) in needed {
            assert!(names.contains(&name), "`{name}` of {} is not printed", stack.file);
        }
    }
}

#[test]
fn what_home_must_be_told_is_what_dr_says() {
    let [home, dr] = Stack::both();
    let parameters = object(&home.json["Parameters"]);
    let needed: Vec<&str> = parameters
        .filter(|(_, parameter)| parameter["Default"].is_null())
        .map(|(name, _)| name)
        .collect();
    let mut said: Vec<&str> = object(&dr.json["Outputs"]).map(|(name, _)| name).collect();
    said.retain(|name| !["ChatLogGroup", "LostQueueUrl", "WatcherFunction"].contains(name));
    assert_eq!(needed, said);
}

#[test]
fn every_parameter_explains_itself_and_refuses_nonsense() {
    for stack in Stack::both() {
        let metadata = &stack.json["Metadata"]["AWS::CloudFormation::Interface"];
        let groups = list(&metadata["ParameterGroups"]);
        let mut grouped: Vec<String> =
            groups.iter().flat_map(|g| texts(&g["Parameters"])).collect();
        grouped.sort();
        let names: Vec<&str> = object(&stack.json["Parameters"]).map(|(name, _)| name).collect();
        assert_eq!(grouped, names, "{}", stack.file);
        for (name, parameter) in object(&stack.json["Parameters"]) {
            assert!(parameter["Description"].is_string(), "{name}");
            let listed = parameter["AllowedValues"].is_array();
            let told = parameter["AllowedPattern"].is_string()
                && parameter["ConstraintDescription"].is_string();
            assert!(listed || told, "`{name}` takes anything");
        }
    }
}

/// Examples in descriptions aside, no account, partition or Region is written down.
#[test]
fn nothing_is_bound_to_one_account_or_partition() {
    for stack in Stack::both() {
        let mut strings = Vec::new();
        collect_strings(&stack.json["Resources"], &mut strings);
        assert!(strings.len() > 100, "{}: strings seen", stack.file);
        let bound: Vec<&str> = strings
            .into_iter()
            .filter(|text| {
                let digits = text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 12);
                text.contains("arn:aws")
                    || text.contains("us-east-1")
                    || text.contains("us-west-2")
                    || digits
            })
            .collect();
        assert_eq!(bound, Vec::<&str>::new(), "{}", stack.file);
    }
}

fn collect_strings<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    found.extend(value.as_str());
    object(value).for_each(|(_, inner)| collect_strings(inner, found));
    value.as_array().into_iter().flatten().for_each(|inner| collect_strings(inner, found));
}
