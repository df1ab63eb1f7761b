//! Each role may do what its function calls, and nothing more.

use crate::iam::{Ask, allows, statements};
use crate::reach::check;
use crate::stack::{DR, HOME, Stack, list, object, read, root, texts};
use domain::episode::{EpisodeKey, Kind, Subject};
use domain::id::AssetId;
use domain::record::HEARTBEAT;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// A call that the code makes, and what AWS asks for besides, each with the page that says so.
/// Pages without a host are of docs.aws.amazon.com.
pub(crate) struct Call {
    pub(crate) action: &'static str,
    page: &'static str,
    besides: &'static [(&'static str, &'static str)],
}

const RDS_ACTIONS: &str = "service-authorization/latest/reference/list_amazonrds.html";
const RDS_KEYS: &str = "AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html";
const KMS_DEFAULTS: &str = "kms/latest/developerguide/key-policy-default.html";
const S3_ACTIONS: &str = "service-authorization/latest/reference/list_amazons3.html";
const S3_KMS: &str = "AmazonS3/latest/userguide/UsingKMSEncryption.html";
const BACKUP_ACTIONS: &str = "service-authorization/latest/reference/list_awsbackup.html";
const SECRETS: &str = "secretsmanager/latest/apireference/API_GetSecretValue.html";
const SNS_KEYS: &str = "sns/latest/dg/sns-key-management.html";

/// Reviewed by hand against the pages.
pub(crate) const CALLS: [Call; 35] = [
    Call { action: "rds:DescribeDBInstances", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeDBSnapshots", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeDBClusters", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeDBClusterSnapshots", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeDBClusterParameterGroups", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeDBParameterGroups", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeOptionGroups", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeDBSubnetGroups", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeDBInstanceAutomatedBackups", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DescribeAccountAttributes", page: RDS_ACTIONS, besides: &[] },
    Call {
        action: "rds:CreateDBSnapshot",
        page: RDS_ACTIONS,
        besides: &[("rds:AddTagsToResource", RDS_ACTIONS)],
    },
    Call {
        action: "rds:CreateDBClusterSnapshot",
        page: RDS_ACTIONS,
        besides: &[("rds:AddTagsToResource", RDS_ACTIONS)],
    },
    Call {
        action: "rds:CopyDBSnapshot",
        page: "AmazonRDS/latest/UserGuide/USER_CopySnapshot.html",
        besides: &OF_A_COPY,
    },
    Call {
        action: "rds:CopyDBClusterSnapshot",
        page: "AmazonRDS/latest/AuroraUserGuide/aurora-copy-snapshot.html",
        besides: &OF_A_COPY,
    },
    Call { action: "rds:DeleteDBSnapshot", page: RDS_ACTIONS, besides: &[] },
    Call { action: "rds:DeleteDBClusterSnapshot", page: RDS_ACTIONS, besides: &[] },
    Call {
        action: "kms:DescribeKey",
        page: "service-authorization/latest/reference/list_awskeymanagementservice.html",
        besides: &[],
    },
    Call {
        // With If-None-Match, no more than without (AmazonS3/latest/userguide/conditional-writes.html).
        action: "s3:PutObject",
        page: "AmazonS3/latest/API/API_PutObject.html",
        besides: &[("kms:GenerateDataKey", S3_KMS), ("kms:Decrypt", S3_KMS)],
    },
    Call {
        action: "s3:GetObject",
        page: "AmazonS3/latest/API/API_GetObject.html",
        besides: &[("kms:Decrypt", S3_KMS)],
    },
    Call {
        action: "s3:ListBucket",
        page: "AmazonS3/latest/API/API_ListObjectsV2.html",
        besides: &[],
    },
    Call { action: "s3:GetReplicationConfiguration", page: S3_ACTIONS, besides: &[] },
    Call { action: "s3:GetEncryptionConfiguration", page: S3_ACTIONS, besides: &[] },
    Call { action: "s3:GetBucketObjectLockConfiguration", page: S3_ACTIONS, besides: &[] },
    Call {
        // S3 Batch Operations work in the name of the role that they are lent.
        action: "s3:CreateJob",
        page: S3_ACTIONS,
        besides: &[("iam:PassRole", "AmazonS3/latest/userguide/batch-ops-iam-role-policies.html")],
    },
    Call {
        action: "cloudwatch:GetMetricData",
        page: "service-authorization/latest/reference/list_amazoncloudwatch.html",
        besides: &[],
    },
    Call { action: "backup:DescribeBackupVault", page: BACKUP_ACTIONS, besides: &[] },
    Call { action: "backup:ListRecoveryPointsByBackupVault", page: BACKUP_ACTIONS, besides: &[] },
    Call { action: "backup:ListBackupJobs", page: BACKUP_ACTIONS, besides: &[] },
    Call { action: "backup:ListCopyJobs", page: BACKUP_ACTIONS, besides: &[] },
    Call {
        action: "tag:GetResources",
        page: "service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html",
        besides: &[],
    },
    Call { action: "backup:DescribeRegionSettings", page: BACKUP_ACTIONS, besides: &[] },
    Call {
        // AWS Backup copies in the name of the role that it is lent.
        action: "backup:StartCopyJob",
        page: BACKUP_ACTIONS,
        besides: &[("iam:PassRole", "aws-backup/latest/devguide/access-control.html")],
    },
    Call {
        action: "secretsmanager:GetSecretValue",
        page: SECRETS,
        besides: &[("kms:Decrypt", SECRETS)],
    },
    Call {
        action: "sns:GetTopicAttributes",
        page: "sns/latest/api/API_GetTopicAttributes.html",
        besides: &[],
    },
    Call {
        action: "sns:Publish",
        page: "sns/latest/api/API_Publish.html",
        besides: &[("kms:GenerateDataKey*", SNS_KEYS), ("kms:Decrypt", SNS_KEYS)],
    },
];

const OF_A_COPY: [(&str, &str); 7] = [
    ("rds:AddTagsToResource", RDS_ACTIONS),
    ("kms:DescribeKey", RDS_KEYS),
    ("kms:CreateGrant", RDS_KEYS),
    // What a key's users have by default, and RDS may do in their name.
    ("kms:Decrypt", KMS_DEFAULTS),
    ("kms:Encrypt", KMS_DEFAULTS),
    ("kms:GenerateDataKey*", KMS_DEFAULTS),
    ("kms:ReEncrypt*", KMS_DEFAULTS),
];

/// What Lambda does in a role's name: write the log, keep what failed.
const PLATFORM: [(&str, &str); 3] = [
    ("logs:CreateLogStream", "lambda/latest/dg/monitoring-cloudwatchlogs.html"),
    ("logs:PutLogEvents", "lambda/latest/dg/monitoring-cloudwatchlogs.html"),
    ("sqs:SendMessage", "lambda/latest/dg/invocation-async-retain-records.html"),
];

/// Calls of the watcher in dr.
const OF_WATCHER: [&str; 7] = [
    "backup:ListRecoveryPointsByBackupVault",
    "rds:DescribeDBClusterSnapshots",
    "rds:DescribeDBSnapshots",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "sns:Publish",
];
const OF_SWEEP: [&str; 8] = [
    "kms:DescribeKey",
    "rds:DeleteDBClusterSnapshot",
    "rds:DeleteDBSnapshot",
    "rds:DescribeDBClusterSnapshots",
    "rds:DescribeDBSnapshots",
    "s3:ListBucket",
    "s3:PutObject",
    "sns:Publish",
];
const OF_REPLICATION: [&str; 9] = [
    "cloudwatch:GetMetricData",
    "s3:CreateJob",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetEncryptionConfiguration",
    "s3:GetObject",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:PutObject",
    "sns:Publish",
];
/// What is asked for of one version, and what Lambda does with a queue in its role's name.
const BESIDES_OF_REPLICATION: [(&str, &str); 4] = [
    ("s3:GetObjectVersion", "AmazonS3/latest/API/API_HeadObject.html"),
    ("sqs:DeleteMessage", "lambda/latest/dg/services-sqs-configure.html"),
    ("sqs:GetQueueAttributes", "lambda/latest/dg/services-sqs-configure.html"),
    ("sqs:ReceiveMessage", "lambda/latest/dg/services-sqs-configure.html"),
];
const OF_CHAT: [&str; 1] = ["secretsmanager:GetSecretValue"];
const NOT_OF_ROUNDS: [&str; 8] = [
    "cloudwatch:GetMetricData",
    "rds:DeleteDBClusterSnapshot",
    "rds:DeleteDBSnapshot",
    "s3:CreateJob",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetEncryptionConfiguration",
    "s3:GetReplicationConfiguration",
    "secretsmanager:GetSecretValue",
];
/// What only a look at everything asks for, or the report of a day.
const NOT_OF_EVENTS: [&str; 8] = [
    "tag:GetResources",
    "backup:DescribeRegionSettings",
    "rds:DescribeDBClusterParameterGroups",
    "rds:DescribeDBInstanceAutomatedBackups",
    "rds:DescribeDBParameterGroups",
    "rds:DescribeDBSubnetGroups",
    "rds:DescribeOptionGroups",
    "sns:GetTopicAttributes",
];

#[test]
fn the_reviewed_calls_are_the_calls_of_the_code() {
    let mut made = BTreeSet::new();
    calls_in(&root().join("crates/cloud/src"), &mut made);
    calls_in(&root().join("crates/chat/src"), &mut made);
    let reviewed: BTreeSet<String> = CALLS.iter().map(|call| call.action.to_owned()).collect();
    assert_eq!(reviewed, made);
}

/// The edge names every call by its IAM action, in a string of its own.
fn calls_in(path: &Path, found: &mut BTreeSet<String>) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).unwrap();
        return entries.for_each(|entry| calls_in(&entry.unwrap().path(), found));
    }
    let text = std::fs::read_to_string(path).unwrap();
    let strings = text.split('"').filter(|string| is_action(string));
    found.extend(strings.map(str::to_owned));
}

fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, call)| {
        ["backup", "cloudwatch", "kms", "rds", "s3", "secretsmanager", "sns", "tag"]
            .contains(&service)
            && call.starts_with(char::is_uppercase)
            && call.chars().all(char::is_alphanumeric)
    })
}

#[test]
fn every_role_has_the_reviewed_actions_and_no_other() {
    let home = Stack::home();
    for function in ["React", "Check", "Sweep", "Replication"] {
        check_role(&home, function);
    }
    check_role(&Stack::dr(), "Watcher");
    Stack::both().iter().for_each(|stack| check_role(stack, "Chat"));
}

/// Whether a function's role is given the right to make a call.
pub(crate) fn called_by(function: &str, action: &str) -> bool {
    match function {
        "Chat" => OF_CHAT.contains(&action),
        "Replication" => OF_REPLICATION.contains(&action),
        "Watcher" => OF_WATCHER.contains(&action),
        "React" if NOT_OF_EVENTS.contains(&action) => false,
        "Sweep" => OF_SWEEP.contains(&action),
        _ => !NOT_OF_ROUNDS.contains(&action),
    }
}

fn check_role(stack: &Stack, function: &str) {
    let calls = CALLS.iter().filter(|call| called_by(function, call.action)).flat_map(|call| {
        call.besides.iter().copied().chain([(call.action, call.page)]).collect::<Vec<_>>()
    });
    let of_queue = BESIDES_OF_REPLICATION.into_iter().filter(|_| function == "Replication");
    let reviewed: Vec<(&str, &str)> = calls.chain(PLATFORM).chain(of_queue).collect();
    assert!(reviewed.iter().all(|(_, page)| page.ends_with(".html")), "a page for each");
    let expected: BTreeSet<String> = reviewed.iter().map(|(a, _)| (*a).to_owned()).collect();
    let statements = statements(stack, function);
    let granted: BTreeSet<String> =
        statements.iter().flat_map(|statement| texts(&statement["Action"])).collect();
    assert_eq!(granted, expected, "{function}");
}

/// The watcher speaks and writes on the dr side only, and under its own prefix only.
#[test]
fn the_watcher_writes_its_own_episodes_and_nothing_else() {
    let dr = Stack::dr();
    let statements = statements(&dr, "Watcher");
    let put = |key: &str| {
        let on = format!("arn:of:JournalBucket/{key}");
        allows(&statements, &Ask { action: "s3:PutObject", on: &on, with: &[] })
    };
    let kind = Kind::HomeSilent;
    let asset = Some(AssetId::new(domain::journal::WATCH));
    let key = EpisodeKey { asset, kind, subject: Subject::Standing };
    assert!(put(&format!("{}1/claim-1.json", key.prefix())));
    assert!(!put(HEARTBEAT));
    assert!(!put("episodes/kaigo-subsys-prod/not-landed/2025-11-06/1/said.json"));
    assert!(!put("duties/2025-11-06/kaigo-subsys-prod/landed.json"));
}

/// It lists copies where they are, and asks nothing of a home that may be lost.
#[test]
fn the_watcher_looks_at_dr_only() {
    let statements = statements(&Stack::dr(), "Watcher");
    let vault = "backup:ListRecoveryPointsByBackupVault";
    for action in ["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots", vault] {
        for (region, allowed) in [(DR, true), (HOME, false)] {
            let with = [("aws:RequestedRegion", region)];
            let ask = Ask { action, on: "*", with: &with };
            assert_eq!(allows(&statements, &ask), allowed, "{action} in {region}");
        }
    }
}

#[test]
fn only_sweep_may_delete_and_no_role_has_a_wildcard() {
    let wildcards = ["kms:GenerateDataKey*", "kms:ReEncrypt*"];
    for (stack, roles) in Stack::both().iter().zip([
        ["Chat", "Check", "React", "Replication", "Sweep"].as_slice(),
        &["Chat", "ForwardRole", "Watcher"],
    ]) {
        for role in roles {
            let statements = match stack.properties(role)["Role"].is_null() {
                true => list(&stack.properties(role)["Policies"][0]["PolicyDocument"]["Statement"]),
                false => statements(stack, role),
            };
            let actions: Vec<String> =
                statements.iter().flat_map(|s| texts(&s["Action"])).collect();
            assert!(!actions.is_empty(), "{role}");
            for action in actions {
                // A message of the queue, once it was handled.
                let of_data = action != "sqs:DeleteMessage";
                let deletes = action.contains("Delete") && of_data || action.contains("Remove");
                assert!(!deletes || *role == "Sweep", "{role} may {action}");
                let plain = !action.contains('*') || wildcards.contains(&action.as_str());
                assert!(plain, "{role} may {action}");
            }
        }
    }
}

#[test]
fn each_function_has_its_own_role_log_and_way_to_the_queue() {
    for (function, other) in
        [("React", "Check"), ("Check", "Sweep"), ("Sweep", "Replication"), ("Replication", "React")]
    {
        let role = json!({"Fn::GetAtt": [format!("{function}Role"), "Arn"]});
        assert_eq!(Stack::home().properties(function)["Role"], role);
        check(function, "logs:PutLogEvents", &format!("arn:of:{function}Log"), &[], true);
        check(function, "logs:PutLogEvents", &format!("arn:of:{other}Log"), &[], false);
        check(function, "sqs:SendMessage", "arn:of:Lost", &[], true);
    }
}

#[track_caller]
fn check_trust(stack: &Stack, expected: &[(&str, &str)]) {
    let roles: Vec<(&str, Value)> = stack
        .of_type("AWS::IAM::Role")
        .into_iter()
        .map(|(id, role)| (id, role["Properties"]["AssumeRolePolicyDocument"]["Statement"].clone()))
        .collect();
    let trusted: Vec<(&str, Value)> =
        roles.iter().map(|(id, statement)| (*id, statement[0]["Principal"].clone())).collect();
    let expected: Vec<(&str, Value)> =
        expected.iter().map(|(id, service)| (*id, json!({"Service": service}))).collect();
    assert_eq!(trusted, expected);
    assert!(roles.iter().all(|(_, statement)| list(statement).len() == 1));
}

#[test]
fn roles_are_for_their_service_only() {
    let lambda = "lambda.amazonaws.com";
    check_trust(
        &Stack::home(),
        &[
            ("ChatRole", lambda),
            ("CheckRole", lambda),
            ("ReactRole", lambda),
            ("ReplicationRole", lambda),
            ("SweepRole", lambda),
        ],
    );
    let forward = ("ForwardRole", "events.amazonaws.com");
    check_trust(&Stack::dr(), &[("ChatRole", lambda), forward, ("WatcherRole", lambda)]);
    let dr = Stack::dr();
    let forward = list(&dr.properties("ForwardRole")["Policies"][0]["PolicyDocument"]["Statement"]);
    let target = &dr.properties("CopyEvents")["Targets"][0]["Arn"];
    assert_eq!(texts(&forward[0]["Action"]), ["events:PutEvents"]);
    assert_eq!(&forward[0]["Resource"], target, "only the bus that the rule sends to");
}

#[test]
fn every_statement_has_a_name() {
    for stack in Stack::both() {
        let mut found = Vec::new();
        collect_statements(&stack.json["Resources"], &mut found);
        assert!(found.len() > 5, "{}: statements seen", stack.file);
        let unnamed: Vec<&Value> = found.into_iter().filter(|s| !s["Sid"].is_string()).collect();
        assert_eq!(unnamed, Vec::<&Value>::new(), "{}", stack.file);
    }
}

fn collect_statements<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    if value["Effect"].is_string() {
        found.push(value);
    }
    object(value).for_each(|(_, inner)| collect_statements(inner, found));
    value.as_array().into_iter().flatten().for_each(|inner| collect_statements(inner, found));
}

/// Only reads may name everything, and only within the two Regions (a key's policy means the key).
#[test]
fn only_reads_are_of_everything() {
    let home = ["React", "Check", "Sweep", "Replication"].map(|function| (Stack::home(), function));
    for (stack, function) in home.into_iter().chain([(Stack::dr(), "Watcher")]) {
        let statements = statements(&stack, function);
        let all = statements.iter().filter(|s| texts(&s["Resource"]).contains(&"*".to_owned()));
        let names: Vec<&str> = all.filter_map(|statement| statement["Sid"].as_str()).collect();
        // A point of AWS Backup has its ARN in the service of what it is of.
        let calls = ["StartCopyJobs", "StartBatchJobs", "ReadMetrics"];
        let may = |name: &&str| name.starts_with("Look") || calls.contains(name);
        assert!(names.iter().all(may), "{function}: {names:?}");
    }
    assert!(!read("template.yaml").contains("ManagedPolicyArns"), "no policy that others widen");
}
