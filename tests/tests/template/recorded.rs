//! The calls that the functions make over the wire, one by one, asked of their roles: what a story
//! calls, its role allows; what a role allows, some story calls.

#[path = "../wire/stage.rs"]
#[expect(dead_code, reason = "the wire stories use the rest of it")]
mod stage;

use crate::iam::{Ask, allows, statements};
use crate::permissions::{CALLS, called_by};
use crate::stack::{BACKUP_ROLE, DR, DR_KEY, HOME, REPAIR_ROLE, Stack};
use aws_sdk_rds::config::{Credentials, Region as SdkRegion};
use chat::handler::{Chat, handle};
use cloud::clients;
use cloud::webhook;
use domain::id::Region;
use domain::policy::parse;
use domain::seen::{Group, GroupKind, Replication};
use local::invoke::{FILE_SYSTEM, HOST};
use model::{Account, Agent, Call, Scripted, Sim};
use serde_json::{Value, json};
use stage::{Stage, point_ready, policy_text, sample};
use std::collections::BTreeSet;

/// One thing that a call asks for: an action on a resource, with the values of condition keys.
type Asked = (String, String, Vec<(&'static str, String)>);

/// What IAM is asked for by one call, in the words of its role's stack.
fn asked(call: &Call, function: &str) -> Vec<Asked> {
    let region = call.region.as_str();
    let rds = |region: &str, what: &str, name: &str| {
        format!("arn:aws:rds:{region}:123456789012:{what}:{name}")
    };
    let snapshot = |region: &str| rds(region, "snapshot", &call.resource);
    let of_cluster = |region: &str| rds(region, "cluster-snapshot", &call.resource);
    let on: Vec<String> = match call.op.as_str() {
        "rds:CreateDBSnapshot" => {
            vec![rds(region, "db", "kaigo-subsys-prod"), snapshot(region)]
        }
        "rds:CreateDBClusterSnapshot" => {
            vec![rds(region, "cluster", "kaigo-subsys-prod"), of_cluster(region)]
        }
        "rds:CopyDBSnapshot" => vec![snapshot(region), snapshot(HOME)],
        "rds:DeleteDBSnapshot" => vec![snapshot(region)],
        "rds:DeleteDBClusterSnapshot" => vec![of_cluster(region)],
        "rds:CopyDBClusterSnapshot" => vec![of_cluster(region), of_cluster(HOME)],
        // A role is given the policy's keys by parameter, those that older copies are under by pattern.
        "kms:DescribeKey" if region == DR && call.resource != FORMER => vec![DR_KEY.to_owned()],
        "kms:DescribeKey" => vec![call.resource.clone()],
        "s3:CreateJob" | "cloudwatch:GetMetricData" => vec!["*".to_owned()],
        op if region == HOME && op.starts_with("s3:") => {
            let of_object = ["s3:GetObject", "s3:PutObject"].contains(&op);
            let name = call.resource.split('/').next().expect("split gives one");
            vec![if of_object {
                format!("arn:aws:s3:::{}", call.resource)
            } else {
                format!("arn:aws:s3:::{name}")
            }]
        }
        "s3:ListBucket" => vec![bucket(function).to_owned()],
        op if op.starts_with("s3:") => {
            let (_, key) = call.resource.split_once('/').expect("bucket/key");
            vec![format!("{}/{key}", bucket(function))]
        }
        "secretsmanager:GetSecretValue" => {
            vec![format!(
                "arn:aws:secretsmanager:{region}:123456789012:secret:{}-a1B2c3",
                call.resource
            )]
        }
        op if op.starts_with("sns:") => vec![topic(function, region).to_owned()],
        _ => vec!["*".to_owned()],
    };
    let tag = ("aws:ResourceTag/sonae:asset", "kaigo-subsys-prod".to_owned());
    let job = ("s3:RequestJobOperation", "S3ReplicateObject".to_owned());
    let with = vec![("aws:RequestedRegion", region.to_owned()), tag, job];
    let mut asked: Vec<Asked> =
        on.into_iter().map(|on| (call.op.clone(), on, with.clone())).collect();
    if call.op == "s3:CreateJob" {
        let lent = vec![("iam:PassedToService", "batchoperations.s3.amazonaws.com".to_owned())];
        asked.push(("iam:PassRole".to_owned(), REPAIR_ROLE.to_owned(), lent));
    }
    if call.op == "backup:StartCopyJob" {
        let lent = vec![("iam:PassedToService", "backup.amazonaws.com".to_owned())];
        asked.push(("iam:PassRole".to_owned(), BACKUP_ROLE.to_owned(), lent));
    }
    asked
}

fn bucket(function: &str) -> &'static str {
    if function == "Watcher" { "arn:of:JournalBucket" } else { "arn:aws:s3:::journal" }
}

fn topic(function: &str, region: &str) -> &'static str {
    match (function, region) {
        ("Watcher", _) => "arn:of:DrTopic",
        (_, HOME) => "arn:of:Topic",
        (_, DR) => "arn:aws:sns:us-west-2:123456789012:dr",
        (_, other) => panic!("no topic in {other}"),
    }
}

/// A policy, and what is wrong with the account.
struct Story {
    policy: String,
    prepare: fn(&mut Account),
}

/// A key that the policy does not name any more, as of copies from before it was changed.
const FORMER: &str = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-000000000000";

fn change_keys(stage: &Stage) {
    let mut account = stage.cloud.account();
    let copies = account.snapshots.values_mut().filter(|one| one.point.source.is_some());
    copies.for_each(|one| one.point.key = Some(FORMER.to_owned()));
}

/// Stories that together make every call: a night, a point that Sonae takes, a full quota, a home
/// topic that does not answer.
const KINDS: [GroupKind; 4] =
    [GroupKind::ClusterParameters, GroupKind::Parameters, GroupKind::Options, GroupKind::Subnets];

const BY_TAG: &str = "[[asset]]\nkind = \"backup\"\nid = \"tagged\"\ntag = \"sonae:backup=yes\"\n";

/// With everything that a policy may ask for.
const BUCKETS: &str = "[[asset]]\nkind = \"bucket\"\nid = \"kaigo-files\"\ndr_bucket = \"kaigo-dr\"\n\
     canary = true\nrepair = \"auto\"\nrepair_role = \"arn:aws:iam::123456789012:role/repair\"\n";

/// A host whose agent has spoken.
fn host_speaks(account: &mut Account) {
    let policy = parse(&(policy_text(1) + HOST)).expect("a good policy");
    let mut agent = Agent::new(&policy, &policy.hosts[0], Sim::JOURNAL);
    agent.backs_up(account);
    agent.mirrors(account);
    agent.speaks(account);
}

/// S3 gives up what is written at first.
fn bad_bucket(account: &mut Account) {
    let pair = account.pairs.get_mut("kaigo-files").expect("a pair");
    pair.fails = Some("Unknown".to_owned());
}

fn stories() -> Vec<Story> {
    let plain = || policy_text(1);
    let scheduled = plain().replace("kind = ", "take = \"scheduled\"\nkind = ");
    let full = |account: &mut Account| account.manual_quota = 0;
    let mute = |account: &mut Account| {
        account.manual_quota = 0;
        let home = Region::new(HOME);
        account.script("sns:Publish", Some(&home), "", u32::MAX, Scripted::Silence);
    };
    let by_hand = |account: &mut Account| account.take_by_hand("fs-0123456789abcdef0");
    let clusters = |policy: &str| policy.replace("rds-instance", "rds-cluster");
    let own_groups = |account: &mut Account| {
        let ids: Vec<String> = account.databases.values().map(|db| db.shown.id.clone()).collect();
        for (id, kind) in ids.iter().flat_map(|id| KINDS.map(|kind| (id, kind))) {
            account.give_group(id, &Group::new(kind, "kaigo-own"));
        }
    };
    let replicated = plain().replace("kind = ", "dr_pitr = \"1 h\"\nkind = ");
    vec![
        Story { policy: clusters(&plain()), prepare: own_groups },
        Story { policy: replicated, prepare: own_groups },
        Story { policy: clusters(&scheduled), prepare: |_| {} },
        Story { policy: plain(), prepare: |_| {} },
        Story { policy: scheduled, prepare: |_| {} },
        Story { policy: plain() + FILE_SYSTEM, prepare: by_hand },
        Story { policy: plain() + BY_TAG, prepare: |_| {} },
        Story { policy: plain() + BUCKETS, prepare: bad_bucket },
        Story { policy: plain() + HOST, prepare: host_speaks },
        Story { policy: plain(), prepare: full },
        Story { policy: plain(), prepare: mute },
    ]
}

async fn played(function: &str, stage: &Stage) {
    match function {
        "Check" => {
            // The second morning's report goes on from the first one's.
            let ticks = ["05T18:15", "05T18:30", "05T18:45", "05T23:00", "06T23:00"];
            for time in ticks.map(|tick| format!("2025-11-{tick}:00Z")) {
                stage.until(&time);
                let _told_or_undone = stage.check().await;
                change_keys(stage);
            }
        }
        "Sweep" => {
            stage.put_nights(33);
            for _ in 0..2 {
                let _told_or_undone = stage.sweep(sample("schedule-sweep.json")).await;
                refuse_deletions(stage);
            }
        }
        "Replication" => {
            for tick in ["05T18:15", "05T18:30", "05T20:15", "05T21:00"] {
                stage.until(&format!("2025-11-{tick}:00Z"));
                let messages = notified(stage);
                let _told_or_undone = stage.replicate(messages).await;
                let _told_or_undone = stage.replicate(sample("schedule-replication.json")).await;
            }
            without_kms(stage);
            let _told_or_undone = stage.replicate(sample("schedule-replication.json")).await;
        }
        "Watcher" => {
            for time in ["2025-11-05T18:15:00Z", "2025-11-05T18:30:00Z"] {
                stage.until(time);
                stage.watch().await.expect("a good tick");
            }
        }
        _ => {
            stage.until("2025-11-05T18:11:02Z");
            let gone = sample("rds-0042-manual-created.json");
            for event in [point_ready(), of_cluster(point_ready()), gone] {
                let _told_or_undone = stage.react(&event).await;
            }
            stage.until("2025-11-05T18:55:00Z");
            for event in ["recovery-point-completed.json", "agent-run-succeeded.json"] {
                let _told_or_undone = stage.react(&sample(event)).await;
            }
        }
    }
}

/// What S3 has put into the queue.
fn notified(stage: &Stage) -> Value {
    let bodies = stage.cloud.account().notifications().into_iter();
    let messages = bodies.map(|body| json!({"messageId": "m", "body": body.to_string()}));
    json!({"Records": messages.collect::<Vec<_>>()})
}

fn without_kms(stage: &Stage) {
    for pair in stage.cloud.account().pairs.values_mut() {
        if let Replication::Rules(rules) = &mut pair.setup {
            rules.iter_mut().for_each(|rule| rule.kms = false);
        }
    }
}

/// What is refused is told, by the other topic where home's is mute.
fn refuse_deletions(stage: &Stage) {
    stage.put_nights(33);
    let denied = || Scripted::Refuse(model::ApiError::new(403, "AccessDenied", "no"));
    for op in ["rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot"] {
        stage.script(op, DR, denied());
    }
}

/// The same, of a cluster of the same name.
fn of_cluster(mut event: Value) -> Value {
    event["detail-type"] = "RDS DB Cluster Snapshot Event".into();
    event["detail"]["EventID"] = "RDS-EVENT-0169".into();
    event
}

/// Everything that a function calls in the stories.
async fn recorded(function: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for story in stories() {
        let stage = Stage::under(story.policy).await;
        (story.prepare)(&mut stage.cloud.account());
        played(function, &stage).await;
        calls.append(&mut stage.cloud.account().calls);
    }
    calls
}

/// The chat's calls. Its secret holds nothing, so nothing is posted.
async fn recorded_of_chat(region: &str) -> Vec<Call> {
    let stage = Stage::new().await;
    let sdk = clients::loader(stage.cloud.client())
        .region(SdkRegion::new(region.to_owned()))
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
        .load()
        .await;
    let vars =
        [("SONAE_CHAT_SECRET", "sonae/chat"), ("SONAE_LANGUAGE", "ja"), ("AWS_REGION", region)];
    let get = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
    let setup = chat::config::Setup::from_vars(get).expect("a good setup");
    let chat = Chat::new(setup, &sdk, cloud::web::connector(), webhook::LIMIT);
    let untold = handle(&chat, &sample("sns-notice.json")).await.expect_err("no secret");
    assert!(untold.to_string().contains("ResourceNotFoundException"), "{untold}");
    stage.cloud.account().calls.clone()
}

#[track_caller]
fn check(stack: &Stack, function: &str, calls: &[Call]) {
    let statements: Vec<Value> = statements(stack, function);
    for call in calls {
        for (action, on, with) in asked(call, function) {
            let with: Vec<(&str, &str)> = with.iter().map(|(k, v)| (*k, v.as_str())).collect();
            let ask = Ask { action: &action, on: &on, with: &with };
            assert!(allows(&statements, &ask), "{function} calls {action} on {on}, not allowed");
        }
    }
    let made: BTreeSet<&str> = calls.iter().map(|call| call.op.as_str()).collect();
    let reviewed = CALLS.iter().map(|call| call.action);
    let given: BTreeSet<&str> = reviewed.filter(|action| called_by(function, action)).collect();
    assert_eq!(made, given, "{function}: made by the stories, given by the role");
}

#[tokio::test(start_paused = true)]
async fn every_call_is_allowed_and_every_allowed_call_is_made() {
    for function in ["React", "Check", "Sweep", "Replication"] {
        check(&Stack::home(), function, &recorded(function).await);
    }
    check(&Stack::dr(), "Watcher", &recorded("Watcher").await);
    for (stack, region) in Stack::both().iter().zip([HOME, DR]) {
        check(stack, "Chat", &recorded_of_chat(region).await);
    }
}
