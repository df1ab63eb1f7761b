//! Every file of events/, parsed as the function will: one table, complete.

use crate::fixture::policy;
use crate::{host_schedule, vault_night};
use domain::event::parse;
use domain::id::{AssetId, Family, PointName, Region};
use domain::policy::Policy;
use domain::seen::Scope;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// Under the policy of its source.
fn policy_of(event: &Value) -> Policy {
    match event["source"].as_str() {
        Some("aws.backup") => vault_night::policy("en"),
        Some("sonae.agent") => host_schedule::policy(""),
        _ => policy("en"),
    }
}

/// What an event comes to: a scope, or why it is ignored.
fn scope(event: &Value) -> Result<Scope, String> {
    let text = |field: &str| event[field].as_str().unwrap_or_default();
    let resources = serde_json::from_value::<Vec<String>>(event["resources"].clone());
    let parsed = parse(
        text("source"),
        text("detail-type"),
        event["region"].as_str(),
        &resources.unwrap_or_default(),
        &event["detail"],
    );
    parsed.expect("well-formed").scope(&policy_of(event))
}

fn home(name: &str) -> Result<Scope, String> {
    Ok(Scope::Point(Region::new("us-east-1"), Family::Instance, PointName::new(name)))
}

fn cluster(name: &str) -> Result<Scope, String> {
    Ok(Scope::Point(Region::new("us-east-1"), Family::Cluster, PointName::new(name)))
}

fn dr(name: &str) -> Result<Scope, String> {
    Ok(Scope::Point(Region::new("us-west-2"), Family::Instance, PointName::new(name)))
}

#[test]
fn each_sample_means_what_it_says() {
    let instance = || Ok(Scope::Asset(AssetId::new("kaigo-subsys-prod")));
    let backed = || Ok(Scope::Asset(AssetId::new(vault_night::FS)));
    let host = || Ok(Scope::Host(AssetId::new("dental")));
    let ignored = |why: &str| Err(why.to_owned());
    let table = [
        ("rds-0091-automated-created.json", home("rds:kaigo-subsys-prod-2025-11-05-18-05")),
        ("rds-0042-manual-created.json", home("kaigo-subsys-prod-manual-20251105-180500")),
        ("rds-0059-copy-started.json", dr("kaigo-subsys-prod-2025-11-05-18-05-dr")),
        ("rds-0060-copy-finished.json", dr("kaigo-subsys-prod-2025-11-05-18-05-dr")),
        ("rds-0061-copy-cancelled.json", dr("kaigo-subsys-prod-2025-11-05-18-05-dr")),
        (
            "rds-0169-automated-cluster-created.json",
            cluster("rds:kaigo-subsys-aurora-2025-11-05-18-05"),
        ),
        (
            "rds-0075-manual-cluster-created.json",
            cluster("kaigo-subsys-aurora-manual-20251105-180500"),
        ),
        ("rds-0028-automated-backups-off.json", instance()),
        ("rds-0419-key-inaccessible.json", instance()),
        ("backup-job-completed.json", backed()),
        ("backup-job-failed.json", backed()),
        ("copy-job-completed.json", backed()),
        ("copy-job-failed.json", backed()),
        ("recovery-point-completed.json", backed()),
        ("vault-deleted.json", backed()),
        ("agent-run-succeeded.json", host()),
        ("agent-run-failed.json", host()),
        ("backup-job-created.json", ignored("aws.backup/Backup Job State Change/CREATED")),
        ("restore-job-completed.json", ignored("aws.backup/Restore Job State Change/COMPLETED")),
        ("rds-0041-deleted.json", ignored("aws.rds/RDS DB Snapshot Event/RDS-EVENT-0041")),
        ("rds-0042-awsbackup.json", ignored("awsbackup point/RDS-EVENT-0042")),
        ("unknown.json", ignored("aws.ec2/EC2 Instance State-change Notification/-")),
    ];
    // Ticks, and what the topic and the queue bring: none of these is parsed here.
    let others = [
        "s3-replication-failed.json",
        "s3-replication-late.json",
        "s3-test-event.json",
        "schedule-check.json",
        "schedule-replication.json",
        "schedule-sweep.json",
        "sns-alarm.json",
        "sns-notice.json",
    ];
    let mut told: BTreeSet<String> =
        others.into_iter().chain(["README.md"]).map(str::to_owned).collect();
    for (file, expected) in table {
        let text = std::fs::read_to_string(folder().join(file)).expect(file);
        let event: Value = serde_json::from_str(&text).expect(file);
        assert_eq!(scope(&event), expected, "{file}");
        told.insert(file.to_owned());
    }
    let entries = std::fs::read_dir(folder()).expect("events/ exists");
    let files: BTreeSet<String> = entries
        .map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"))
        .collect();
    assert_eq!(files, told, "every file of events/ is in this table");
}

/// AWS's own older samples carry no EventID, and its schema of cluster events none at all; a hint to
/// look costs nothing. Its messages change, and an instance may be spelled as a point.
#[test]
fn story_18_spelling_and_wording_change_nothing() {
    let event = |kind: &str, detail: Value| {
        json!({
            "source": "aws.rds", "detail-type": format!("RDS DB {kind} Event"),
            "region": "us-east-1", "detail": detail
        })
    };
    let (point, message) = ("rds:x-2018-10-06-12-24", "words that AWS has never used before.");
    for id in [json!("RDS-EVENT-0091"), Value::Null] {
        let detail = json!({"SourceIdentifier": point, "EventID": id, "Message": message});
        assert_eq!(scope(&event("Snapshot", detail)), home(point), "{id}");
    }
    for id in [json!("RDS-EVENT-0169"), Value::Null] {
        let detail = json!({"SourceIdentifier": point, "EventID": id, "SourceType": "SNAPSHOT"});
        assert_eq!(scope(&event("Cluster Snapshot", detail)), cluster(point), "{id}");
    }
    for spelled in ["rds:kaigo-subsys-prod", "kaigo-subsys-prod"] {
        let detail = json!({"SourceIdentifier": spelled, "EventID": "RDS-EVENT-0028"});
        let asset = Ok(Scope::Asset(AssetId::new("kaigo-subsys-prod")));
        assert_eq!(scope(&event("Instance", detail)), asset, "{spelled}");
    }
}

#[test]
fn others_regions_and_instances_are_not_ours() {
    let event = |region: &str| {
        json!({
            "source": "aws.rds", "detail-type": "RDS DB Snapshot Event", "region": region,
            "detail": {"SourceIdentifier": "x", "EventID": "RDS-EVENT-0091"}
        })
    };
    let why = "RDS-EVENT-0091 of `eu-west-1`, not one of ours".to_owned();
    assert_eq!(scope(&event("eu-west-1")), Err(why));
    let other = json!({
        "source": "aws.rds", "detail-type": "RDS DB Instance Event", "region": "us-east-1",
        "detail": {"SourceIdentifier": "other-db", "EventID": "RDS-EVENT-0028"}
    });
    assert_eq!(scope(&other), Err("RDS-EVENT-0028 of `other-db`, not in the policy".to_owned()));
}

#[test]
fn a_malformed_event_names_everything_it_lacks() {
    let bad = parse(
        "aws.rds",
        "RDS DB Snapshot Event",
        Some(""),
        &[],
        &json!({"EventID": "RDS-EVENT-0091"}),
    );
    assert_eq!(
        bad.expect_err("unusable").to_string(),
        "unusable event: `region` is missing or empty, it must be a Region such as `us-east-1`; \
         `detail.SourceIdentifier` is missing or empty, it must be the snapshot's name; see \
         events/README.md for the forms that are handled"
    );
}
