//! The roles of a PostgreSQL host: who has taken it over may not take the backups with it.

use crate::iam::{Ask, allows};
use crate::stack::{list, object, plain as stack, properties, read, texts};
use serde_json::{Value, json};

const HOST: &str = "template-host.yaml";
const BUCKETS: [&str; 2] = ["template-bucket.yaml", "template-bucket-dr.yaml"];

/// A value with what the parameters are here: the bucket has Object Lock.
fn resolved(value: &Value) -> Value {
    let word = |name: &str| match name {
        "AWS::Partition" => "aws".to_owned(),
        "AWS::Region" => "us-east-1".to_owned(),
        "AWS::AccountId" => "123456789012".to_owned(),
        "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        "HostId" => "dental".to_owned(),
        "BucketName" => "backups".to_owned(),
        "JournalBucketName" => "journal".to_owned(),
        "DrRegion" => "us-west-2".to_owned(),
        other => format!("arn:of:{other}"),
    };
    if let Some(items) = value.as_array() {
        return items.iter().map(resolved).collect();
    }
    let Some(map) = value.as_object() else { return value.clone() };
    match map.iter().next().map(|(key, of)| (key.as_str(), of)) {
        Some(("Ref", of)) => json!(word(of.as_str().expect("a name"))),
        Some(("Fn::GetAtt", of)) => json!(word(of[0].as_str().expect("a name"))),
        Some(("Fn::If", of)) => resolved(&of[1]),
        Some(("Fn::Sub", of)) => {
            let mut pieces = of.as_str().expect("a text").split("${");
            let first = pieces.next().unwrap_or_default().to_owned();
            json!(pieces.fold(first, |out, piece| {
                let (name, rest) = piece.split_once('}').expect("closed");
                out + &word(name) + rest
            }))
        }
        _ => map.iter().map(|(key, of)| (key.clone(), resolved(of))).collect(),
    }
}

/// The statements of a role, those of policies that are put into it included.
fn statements(role: &str) -> Vec<Value> {
    let stack = stack(HOST);
    let own = list(&properties(&stack, role)["Policies"]);
    let put_in = list(&stack["Resources"]["MayExpire"]["Properties"]);
    let put_in = put_in.into_iter().filter(|policy| policy["Roles"] == json!([{"Ref": role}]));
    let documents = own.into_iter().chain(put_in);
    documents
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
        .map(|statement| resolved(&statement))
        .collect()
}

fn of_effect(role: &str, effect: &str) -> Vec<Value> {
    statements(role).into_iter().filter(|statement| statement["Effect"] == effect).collect()
}

fn may(role: &str, action: &str, on: &str, with: &[(&str, &str)]) -> bool {
    allows(&of_effect(role, "Allow"), &Ask { action, on, with })
}

fn actions(statements: &[Value]) -> Vec<String> {
    let mut all: Vec<String> = statements.iter().flat_map(|s| texts(&s["Action"])).collect();
    all.sort();
    all.dedup();
    all
}

/// Each call of the agent, by what IAM asks for it (Service Authorization Reference, S3, EventBridge, STS).
#[test]
fn the_writer_has_what_the_agent_calls_and_no_more() {
    let calls = [
        ("put_object", "s3:PutObject"),
        ("create_multipart_upload", "s3:PutObject"),
        ("upload_part", "s3:PutObject"),
        ("complete_multipart_upload", "s3:PutObject"),
        ("set_object_lock_mode", "s3:PutObjectRetention"),
        ("abort_multipart_upload", "s3:AbortMultipartUpload"),
        ("get_object", "s3:GetObject"),
        ("head_object", "s3:GetObject"),
        ("list_objects_v2", "s3:ListBucket"),
        ("ssekms_key_id", "kms:GenerateDataKey"),
        ("checksum_mode", "kms:Decrypt"),
        ("put_events", "events:PutEvents"),
        ("AssumeRoleProvider", "sts:AssumeRole"),
    ];
    let code: String = ["bucket", "mirror", "outbox", "pulse"]
        .map(|name| read(&format!("crates/agent/src/{name}.rs")))
        .concat();
    for (call, _) in calls {
        assert!(code.contains(call), "the agent calls {call}");
    }
    let mut expected: Vec<&str> = calls.iter().map(|(_, action)| *action).collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(actions(&of_effect("WriterRole", "Allow")), expected);
}

#[test]
fn a_host_reaches_its_own_keys_only() {
    let bucket = "arn:aws:s3:::backups";
    for (key, own) in [("dental/backup/x", true), ("another/backup/x", false)] {
        for action in ["s3:PutObject", "s3:GetObject"] {
            assert_eq!(
                may("WriterRole", action, &format!("{bucket}/{key}"), &[]),
                own,
                "{action} {key}"
            );
        }
        assert_eq!(
            may("ExpireRole", "s3:DeleteObject", &format!("{bucket}/{key}"), &[]),
            own,
            "{key}"
        );
    }
    for (prefix, own) in [("dental/", true), ("", false), ("dental", false), ("another/", false)] {
        let with = [("s3:prefix", prefix)];
        assert_eq!(may("WriterRole", "s3:ListBucket", bucket, &with), own, "`{prefix}`");
    }
    for (key, own) in [
        ("pulse/dental.json", true),
        ("hosts/dental/2026-11-24/x/failed.json", true),
        ("pulse/another.json", false),
        ("episodes/dental/host-silent/-/1/said.json", false),
        ("duties/2026-11-24/dental/landed.json", false),
        ("heartbeat.json", false),
    ] {
        let on = format!("arn:aws:s3:::journal/{key}");
        assert_eq!(may("WriterRole", "s3:PutObject", &on, &[]), own, "{key}");
    }
    let bus = "arn:aws:events:us-east-1:123456789012:event-bus/default";
    for (source, own) in [("sonae.agent", true), ("aws.rds", false)] {
        assert_eq!(may("WriterRole", "events:PutEvents", bus, &[("events:source", source)]), own);
    }
}

/// What the host's own role must never do is denied, so that no other policy gives it either.
#[test]
fn the_writer_can_neither_delete_nor_shorten_locks() {
    let denied = of_effect("WriterRole", "Deny");
    let on: Vec<String> =
        denied.iter().flat_map(|statement| texts(&statement["Resource"])).collect();
    assert_eq!(on, ["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"]);
    let denied = actions(&denied);
    for action in [
        "s3:BypassGovernanceRetention",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketPolicy",
        "s3:PutBucketVersioning",
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
    ] {
        assert!(denied.contains(&action.to_owned()), "{action}");
    }
    assert!(denied.iter().all(|action| !action.contains('*')));
}

/// A version stays for the bucket's own days whatever this role does.
#[test]
fn what_expires_becomes_an_old_version() {
    assert_eq!(actions(&statements("ExpireRole")), ["s3:DeleteObject"]);
    let trust =
        properties(&stack(HOST), "ExpireRole")["AssumeRolePolicyDocument"]["Statement"].clone();
    let [only] = &*list(&trust) else { panic!("one") };
    assert_eq!(resolved(&only["Principal"]), json!({"AWS": "arn:of:WriterRole"}));
    assert!(may("WriterRole", "sts:AssumeRole", "arn:of:ExpireRole", &[]));
    assert!(!may("WriterRole", "sts:AssumeRole", "arn:of:Another", &[]));
}

/// A trust anchor alone would let in every certificate of its authority.
#[test]
fn a_host_outside_of_aws_is_known_by_its_certificate() {
    let stack = stack(HOST);
    let trust = &properties(&stack, "WriterRole")["AssumeRolePolicyDocument"]["Statement"][0];
    let [condition, anywhere, host] = &*list(&trust["Fn::If"]) else { panic!("an if") };
    assert_eq!(condition, "IsAnywhere");
    assert_eq!(anywhere["Principal"], json!({"Service": "rolesanywhere.amazonaws.com"}));
    let expected = json!({
        "ArnEquals": {"aws:SourceArn": {"Ref": "TrustAnchorArn"}},
        "StringEquals": {"aws:PrincipalTag/x509Subject/CN": {"Ref": "CommonName"}},
    });
    assert_eq!(anywhere["Condition"], expected);
    assert_eq!(host["Principal"], json!({"AWS": {"Ref": "WriterPrincipalArn"}}));
    let rules: Vec<&str> = object(&stack["Rules"]).map(|(name, _)| name).collect();
    assert_eq!(rules, ["NotTheWholeAuthority", "SomebodyIsLetIn"]);
}

#[test]
fn every_value_of_the_policy_is_an_output_or_a_parameter() {
    let stack = stack(HOST);
    for (part, name, key) in [
        ("Parameters", "HostId", "`id`"),
        ("Parameters", "BucketName", "`bucket`"),
        ("Parameters", "BucketKeyArn", "`key`"),
        ("Parameters", "ObjectLock", "`lock`"),
        ("Outputs", "ExpireRoleArn", "`expire_role`"),
    ] {
        let said = stack[part][name]["Description"].as_str().expect("a description");
        assert!(said.contains(key), "{name}: {said}");
    }
    assert_eq!(
        stack["Outputs"]["WriterRoleArn"]["Value"],
        json!({"Fn::GetAtt": ["WriterRole", "Arn"]})
    );
}

/// Both or none: S3 refuses to replicate a bucket with locks into one without.
#[test]
fn both_buckets_have_object_lock_or_neither() {
    for file in BUCKETS {
        let stack = stack(file);
        let lock = &properties(&stack, "Bucket")["ObjectLockEnabled"];
        assert_eq!(lock, &json!({"Fn::If": ["IsLocked", true, {"Ref": "AWS::NoValue"}]}), "{file}");
        assert_eq!(stack["Parameters"]["ObjectLock"]["Default"], "false", "{file}");
    }
    let locks = &stack(BUCKETS[0])["Resources"]["ReplicateLocks"];
    assert_eq!(locks["Condition"], "IsLocked");
    let [only] = &*list(&locks["Properties"]["PolicyDocument"]["Statement"]) else { panic!("one") };
    assert_eq!(texts(&only["Action"]), ["s3:GetObjectRetention", "s3:GetObjectLegalHold"]);
}
