//! How far each action of a role reaches: which points, keys, objects and topics.

use crate::iam::{Ask, allows, statements};
use crate::permissions::{CALLS, called_by};
use crate::stack::{DR, DR_KEY, HOME, HOME_KEY, Stack};
use domain::episode::{EpisodeKey, Kind, Subject};
use domain::host::pulse::Pulse;
use domain::id::{AssetId, Family, PointName};
use domain::journal::{FactKey, FactKind};
use domain::names;
use domain::record::{HEARTBEAT, Record};
use domain::tags;
use jiff::civil::date;
use serde_json::json;

/// Asks home's stack what a function may do.
#[track_caller]
pub(crate) fn check(function: &str, action: &str, on: &str, with: &[(&str, &str)], expected: bool) {
    let statements = statements(&Stack::home(), function);
    let answer = allows(&statements, &Ask { action, on, with });
    assert_eq!(answer, expected, "{function}: {action} on {on} with {with:?}");
}

fn rds(region: &str, what: &str, name: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:{what}:{name}")
}

/// The names are those that the domain gives, so the two cannot drift apart.
#[test]
fn a_round_may_take_copy_and_tag_under_our_names_only() {
    let automated = PointName::new("rds:kaigo-subsys-prod-2025-11-05-18-05");
    let manual = PointName::new("before-release");
    for function in ["React", "Check"] {
        for action in ["rds:CopyDBSnapshot", "rds:AddTagsToResource"] {
            for (point, is_automated) in [(&automated, true), (&manual, false)] {
                check(function, action, &rds(HOME, "snapshot", point.as_str()), &[], true);
                for attempt in 1..=names::NAMES {
                    let copy = names::copy(Family::Instance, point, is_automated, attempt);
                    check(function, action, &rds(DR, "snapshot", copy.as_str()), &[], true);
                }
            }
            check(function, action, &rds(DR, "snapshot", "someone-elses"), &[], false);
            check(function, action, &rds(HOME, "db", "kaigo-subsys-prod"), &[], false);
            check(function, action, &rds("eu-west-1", "snapshot", "x-dr"), &[], false);
        }
        for attempt in 1..=names::ATTEMPTS {
            let taken =
                names::taken(Family::Instance, "kaigo-subsys-prod", date(2025, 1, 15), attempt);
            let taken = rds(HOME, "snapshot", taken.as_str());
            check(function, "rds:CreateDBSnapshot", &taken, &[], true);
            check(function, "rds:AddTagsToResource", &taken, &[], true);
        }
        check_clusters(function);
        let db = rds(HOME, "db", "kaigo-subsys-prod");
        check(function, "rds:CreateDBSnapshot", &db, &[], true);
        check(function, "rds:CreateDBSnapshot", &rds(HOME, "snapshot", "x"), &[], false);
        check(function, "rds:CreateDBSnapshot", &rds(DR, "db", "x"), &[], false);
    }
}

/// The longest identifier there is, since its names are cut.
#[track_caller]
fn check_clusters(function: &str) {
    let (id, what) = ("c".repeat(63), "cluster-snapshot");
    let point = PointName::new(format!("rds:{id}-2025-11-05-18-05"));
    for action in ["rds:CopyDBClusterSnapshot", "rds:AddTagsToResource"] {
        check(function, action, &rds(HOME, what, point.as_str()), &[], true);
        for attempt in 1..=names::NAMES {
            let copy = names::copy(Family::Cluster, &point, true, attempt);
            check(function, action, &rds(DR, what, copy.as_str()), &[], true);
        }
        check(function, action, &rds(DR, what, "someone-elses"), &[], false);
    }
    let taken = names::taken(Family::Cluster, &id, date(2025, 1, 15), 3);
    let create = "rds:CreateDBClusterSnapshot";
    check(function, create, &rds(HOME, what, taken.as_str()), &[], true);
    check(function, create, &rds(HOME, "cluster", &id), &[], true);
    check(function, create, &rds(HOME, what, "x"), &[], false);
    check(function, create, &rds(DR, "cluster", &id), &[], false);
}

/// Under the names that only Sonae gives, and only with our tag: in dr what it copied, in home what it
/// took.
#[test]
fn only_sweep_deletes_and_only_what_is_ours() {
    let tag = format!("aws:ResourceTag/{}", tags::ASSET);
    let ours = (&*tag, "kaigo-subsys-prod");
    let point = PointName::new("rds:kaigo-subsys-prod-2025-11-05-18-05");
    let of = [
        (Family::Instance, "snapshot", "rds:DeleteDBSnapshot"),
        (Family::Cluster, "cluster-snapshot", "rds:DeleteDBClusterSnapshot"),
    ];
    for (family, what, action) in of {
        let delete = |region: &str, name: &str, with: &[(&str, &str)], expected: bool| {
            check("Sweep", action, &rds(region, what, name), with, expected);
            check("React", action, &rds(region, what, name), with, false);
            check("Check", action, &rds(region, what, name), with, false);
        };
        for attempt in 1..=names::NAMES {
            let copy = names::copy(family, &point, true, attempt);
            delete(DR, copy.as_str(), &[ours], true);
            delete(DR, copy.as_str(), &[], false);
            delete(DR, copy.as_str(), &[(&*tag, "")], false);
            delete(HOME, copy.as_str(), &[ours], false);
            delete("eu-west-1", copy.as_str(), &[ours], false);
        }
        let taken = names::taken(family, "kaigo-subsys-prod", date(2025, 1, 15), 2);
        delete(HOME, taken.as_str(), &[ours], true);
        delete(HOME, taken.as_str(), &[], false);
        delete(DR, taken.as_str(), &[ours], false);
        for someones in ["before-release", "rds:kaigo-subsys-prod-2025-11-05-18-05"] {
            delete(HOME, someones, &[ours], false);
            delete(DR, someones, &[ours], false);
        }
    }
    check("Sweep", "rds:DeleteDBInstance", &rds(HOME, "db", "x-dr"), &[ours], false);
    check("Sweep", "rds:AddTagsToResource", &rds(DR, "snapshot", "x-dr"), &[ours], false);
}

#[test]
fn reads_stay_in_the_two_regions() {
    let reads = CALLS.iter().map(|call| call.action).filter(|a| a.starts_with("rds:Describe"));
    let of = |function| reads.clone().map(move |action| (function, action));
    for (function, action) in of("React").chain(of("Sweep")) {
        let may = called_by(function, action);
        for (region, ours) in [(HOME, true), (DR, true), ("eu-west-1", false)] {
            check(function, action, "*", &[("aws:RequestedRegion", region)], may && ours);
        }
        check(function, action, "*", &[], false);
    }
}

#[test]
fn the_copies_keys_are_used_by_rds_only() {
    for key in [HOME_KEY, DR_KEY] {
        check("React", "kms:DescribeKey", key, &[], true);
        for region in [HOME, DR] {
            let rds = ("kms:ViaService", &*format!("rds.{region}.amazonaws.com"));
            let s3 = ("kms:ViaService", &*format!("s3.{region}.amazonaws.com"));
            let for_aws = ("kms:GrantIsForAWSResource", "true");
            check("React", "kms:CreateGrant", key, &[rds, for_aws], true);
            check("React", "kms:CreateGrant", key, &[rds], false);
            check("React", "kms:CreateGrant", key, &[for_aws], false);
            for action in ["kms:Decrypt", "kms:Encrypt", "kms:ReEncryptTo", "kms:GenerateDataKey"] {
                check("React", action, key, &[rds], true);
                check("React", action, key, &[s3], false);
                check("React", action, key, &[], false);
            }
        }
    }
    check("React", "kms:ScheduleKeyDeletion", DR_KEY, &[], false);
    let describe = |key: &str, expected| check("React", "kms:DescribeKey", key, &[], expected);
    describe("arn:aws:kms:us-west-2:123456789012:key/other", false);
    describe("arn:aws:kms:us-east-1:123456789012:key/any-database-s", true);
    describe("arn:aws:kms:us-east-1:999999999999:key/any-database-s", false);
    // What older copies are under, only a look at everything asks for.
    let former = "arn:aws:kms:us-west-2:123456789012:key/other";
    check("Check", "kms:DescribeKey", former, &[], true);
    check("Check", "kms:DescribeKey", &former.replace("us-west-2", "eu-west-1"), &[], false);
    check("Check", "kms:DescribeKey", &former.replace("1234", "9999"), &[], false);
}

/// The keys of the journal's objects come from the domain too.
#[test]
fn the_journal_is_written_where_the_domain_writes() {
    let asset = || AssetId::new("kaigo-subsys-prod");
    let (day, kind) = (date(2025, 1, 15), FactKind::Landed);
    let fact = FactKey { day, asset: asset(), point: None, kind }.path();
    let (kind, subject) = (Kind::NotLanded, Subject::Day(day));
    let episode = EpisodeKey { asset: Some(asset()), kind, subject }.prefix() + "1/said.json";
    let bucket = || AssetId::new("kaigo-files");
    let verdict = domain::journal::verdicts(&bucket()) + "20250115T0000Z.json";
    let failed = domain::failure::shelf(&bucket()) + "x/objects.json";
    check("Check", "s3:GetObject", &format!("arn:aws:s3:::journal/{verdict}"), &[], true);
    check("Replication", "s3:GetObject", &format!("arn:aws:s3:::journal/{failed}"), &[], true);
    let pulse = format!("arn:aws:s3:::journal/{}", Pulse::path(&AssetId::new("dental")));
    for (function, may) in [("React", true), ("Check", true), ("Sweep", false)] {
        check(function, "s3:GetObject", &pulse, &[], may);
        check(function, "s3:PutObject", &pulse, &[], false);
        check(function, "s3:ListBucket", "arn:aws:s3:::dental-backups", &[], may);
        check(function, "s3:GetObject", "arn:aws:s3:::dental-backups/dental/x", &[], false);
    }
    let plan = Record::Sweep { folder: "f".to_owned(), page: "plan", body: json!({}) }.path();
    for function in ["React", "Check", "Sweep", "Replication"] {
        let sweeps = function == "Sweep";
        let judges = function == "Replication";
        let rounds = !sweeps && !judges;
        let of_buckets = [(&verdict, judges), (&failed, judges)];
        let all = [(&fact, rounds), (&episode, true), (&plan, sweeps)];
        for (key, may) in all.into_iter().chain(of_buckets) {
            check(function, "s3:PutObject", &format!("arn:aws:s3:::journal/{key}"), &[], may);
        }
        check(function, "s3:ListBucket", "arn:aws:s3:::journal", &[], true);
        check(function, "s3:GetObject", &format!("arn:aws:s3:::journal/{fact}"), &[], false);
        check(function, "s3:PutObject", "arn:aws:s3:::journal/elsewhere", &[], false);
        let via = |service: &str| format!("{service}.{DR}.amazonaws.com");
        let key = "arn:aws:kms:us-west-2:123456789012:key/journal";
        for action in ["kms:GenerateDataKey", "kms:Decrypt"] {
            check(function, action, key, &[("kms:ViaService", &via("s3"))], true);
            check(function, action, key, &[("kms:ViaService", &via("rds"))], false);
        }
    }
    let heartbeat = format!("arn:aws:s3:::journal/{HEARTBEAT}");
    check("Check", "s3:PutObject", &heartbeat, &[], true);
    check("React", "s3:PutObject", &heartbeat, &[], false);
    check("Sweep", "s3:PutObject", &heartbeat, &[], false);
}

#[test]
fn both_topics_can_be_told() {
    let topics = [
        ("arn:of:Topic", "arn:of:TopicKey", HOME),
        (
            "arn:aws:sns:us-west-2:123456789012:dr",
            "arn:aws:kms:us-west-2:123456789012:key/dr-topic",
            DR,
        ),
    ];
    for (topic, key, region) in topics {
        let sns = ("kms:ViaService", &*format!("sns.{region}.amazonaws.com"));
        check("Check", "sns:GetTopicAttributes", topic, &[], true);
        check("Check", "sns:Subscribe", topic, &[], false);
        for function in ["React", "Check", "Sweep", "Replication"] {
            check(function, "sns:Publish", topic, &[], true);
            check(function, "kms:GenerateDataKey", key, &[sns], true);
            check(function, "kms:Decrypt", key, &[sns], true);
            check(function, "kms:Decrypt", key, &[], false);
        }
    }
}

/// Of the buckets it reads what is said of them, writes one object of one name, and nothing else.
#[test]
fn replication_reaches_its_buckets_only() {
    let of = |key: &str| format!("arn:aws:s3:::kaigo-files{key}");
    let ask = |action: &str, on: &str, expected: bool| {
        check("Replication", action, on, &[], expected);
    };
    ask("s3:GetReplicationConfiguration", &of(""), true);
    ask("s3:GetReplicationConfiguration", "arn:aws:s3:::another", false);
    ask("s3:GetObject", &of("/docs/a.pdf"), true);
    ask("s3:GetObject", "arn:aws:s3:::another/a", false);
    ask("s3:PutObject", &of("/docs/sonae-canary"), true);
    ask("s3:PutObject", &of("/docs/a.pdf"), false);
    for action in ["s3:DeleteObject", "s3:PutBucketReplication", "s3:PutBucketNotification"] {
        ask(action, &of(""), false);
        ask(action, &of("/a"), false);
    }
    let key = "arn:aws:kms:us-east-1:123456789012:key/of-the-bucket";
    let s3 = ("kms:ViaService", "s3.us-east-1.amazonaws.com");
    let context = |arn| ("kms:EncryptionContext:aws:s3:arn", arn);
    let ours = context("arn:aws:s3:::kaigo-files/docs/sonae-canary");
    check("Replication", "kms:GenerateDataKey", key, &[s3, ours], true);
    check("Replication", "kms:GenerateDataKey", key, &[s3, context("arn:aws:s3:::other")], false);
    check("Replication", "kms:GenerateDataKey", key, &[ours], false);
}
