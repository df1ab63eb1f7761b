//! Events of AWS Backup, as AWS's own samples spell them (AWS Backup Developer Guide, Monitoring events):
//! accounts of thirteen digits, `{}` for an ARN, `status` beside `state`, messages in quotes, dates for
//! people, names that disagree.

use crate::vault_night::{ARN, FS, policy};
use domain::event::{Event, parse};
use domain::id::{AssetId, Region};
use domain::seen::Scope;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const JOB: &str = "Backup Job State Change";
const COPY: &str = "Copy Job State Change";
const POINT: &str = "Recovery Point State Change";
const VAULT: &str = "Backup Vault State Change";

/// Those of the guide, of the API, and one that nobody knows.
const STATES: [&str; 19] = [
    "CREATED",
    "PENDING",
    "RUNNING",
    "ABORTING",
    "ABORTED",
    "COMPLETED",
    "FAILED",
    "EXPIRED",
    "PARTIAL",
    "DELETING",
    "AVAILABLE",
    "STOPPED",
    "CREATING",
    "MODIFIED",
    "DELETED",
    "COMPLETED WITH ISSUES",
    "CANCELED",
    "NOVEL",
    "",
];

fn event(detail_type: &str, detail: Value) -> Event {
    parse("aws.backup", detail_type, Some("us-west-2"), &[], &detail).expect("well-formed")
}

fn backed(resource: &str, kind: &str) -> Event {
    let (resource, kind) = (resource.to_owned(), kind.to_owned());
    Event::Backed { region: Region::new("us-west-2"), resource, kind }
}

/// Each oddity of AWS's samples, and what the event still says.
#[test]
fn story_18_awss_own_samples_say_what_they_say() {
    let service = "arn:aws:service:us-west-2:1112233445566:resource-type/resource-id";
    let volume = "arn:aws:ec2:us-west-2:1112233445566:volume/vol-050eba21ee4d3c001";
    let cluster = "arn:aws:rds:us-west-2:1112233445566:cluster:id";
    let quoted = "\"Backup job failed because there was a running job for the same resource.\"";
    let table = [
        (
            JOB,
            json!({"resourceArn": service, "state": "COMPLETED", "backupSizeInBytes": "36048"}),
            backed(service, "Backup Job State Change/COMPLETED"),
        ),
        (
            JOB,
            json!({"resourceArn": service, "state": "EXPIRED", "statusMessage": quoted,
            "backupVaultName": "aws/backup/AutomatedBackupVaultDel2"}),
            backed(service, "Backup Job State Change/EXPIRED"),
        ),
        (
            JOB,
            json!({"resourceArn": volume, "state": "RUNNING", "percentDone": 99,
            "expectedCompletionDate": "Jul 15, 2020 9:39:07 PM"}),
            backed(volume, "Backup Job State Change/RUNNING"),
        ),
        (
            COPY,
            json!({"resourceArn": volume, "state": "FAILED", "backupSizeInBytes": 22548578304_u64,
            "destinationRecoveryPointArn": {}}),
            backed(volume, "Copy Job State Change/FAILED"),
        ),
        (
            POINT,
            json!({"resourceArn": cluster, "status": "COMPLETED", "isEncrypted": "false"}),
            backed(cluster, "Recovery Point State Change/COMPLETED"),
        ),
    ];
    for (detail_type, detail, expected) in table {
        assert_eq!(event(detail_type, detail.clone()), expected, "{detail}");
    }
    // Two names of one vault, in one event.
    let arn = ["arn:aws:backup:us-west-2:1112233445566:backup-vault:nameOfTestBackup".to_owned()];
    let detail = json!({"backupVaultName": "vaultName", "state": "MODIFIED", "isLocked": "true"});
    let names = vec!["vaultName".to_owned(), "nameOfTestBackup".to_owned()];
    let kind = "Backup Vault State Change/MODIFIED".to_owned();
    let region = Region::new("us-west-2");
    let modified = parse("aws.backup", VAULT, Some("us-west-2"), &arn, &detail);
    assert_eq!(modified, Ok(Event::Vault { region, names, kind }));
}

/// Of every state a look is asked for; only a job that has just been made may lack what it is of.
#[test]
fn every_state_of_every_event_asks_for_a_look() {
    for detail_type in [JOB, COPY, POINT] {
        for state in STATES {
            for field in ["state", "status"] {
                let whole = json!({"resourceArn": ARN, field: state});
                let scope = event(detail_type, whole).scope(&policy("en"));
                assert_eq!(scope, Ok(Scope::Asset(AssetId::new(FS))), "{detail_type} {state}");
                let of_nothing = parse(
                    "aws.backup",
                    detail_type,
                    Some("us-east-1"),
                    &[],
                    &json!({field: state}),
                );
                let early = ["CREATED", "PENDING", ""].contains(&state);
                match of_nothing {
                    Ok(Event::Ignored { .. }) => assert!(early, "{detail_type} {state}"),
                    Err(bad) => {
                        assert!(!early, "{detail_type} {state}");
                        assert!(
                            bad.to_string().contains("`detail.resourceArn` is missing"),
                            "{bad}"
                        );
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

/// What is not of the policy, and what has no duty here.
#[test]
fn others_resources_and_vaults_are_not_ours() {
    let scope = |detail_type: &str, region: &str, detail: Value| {
        let parsed = parse("aws.backup", detail_type, Some(region), &[], &detail);
        parsed.expect("well-formed").scope(&policy("en"))
    };
    let other = ARN.replace("fs-0", "fs-1");
    let why = format!("Backup Job State Change/FAILED of `{other}`, not in the policy");
    let failed = |arn: &str| json!({"resourceArn": arn, "state": "FAILED"});
    assert_eq!(scope(JOB, "us-east-1", failed(&other)), Err(why));
    assert!(scope(JOB, "eu-west-1", failed(ARN)).is_err());
    let vault = |name: &str| json!({"backupVaultName": name, "state": "DELETED"});
    assert_eq!(scope(VAULT, "us-east-1", vault("sonae")), Ok(Scope::Asset(AssetId::new(FS))));
    assert_eq!(scope(VAULT, "us-west-2", vault("sonae-dr")), Ok(Scope::Asset(AssetId::new(FS))));
    assert!(scope(VAULT, "us-west-2", vault("sonae")).is_err(), "home's name, in dr");
    for detail_type in
        ["Restore Job State Change", "Backup Plan State Change", "Scan Job State Change"]
    {
        let ignored =
            scope(detail_type, "us-west-2", json!({"status": "COMPLETED", "resourceArn": ARN}));
        assert_eq!(ignored, Err(format!("aws.backup/{detail_type}/COMPLETED")));
    }
    let nameless = parse("aws.backup", VAULT, None, &[], &json!({"backupVaultName": {}}));
    let words = nameless.expect_err("of no vault").to_string();
    assert!(words.contains("`region`") && words.contains("`detail.backupVaultName`"), "{words}");
}

/// What a field may turn out to be.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        Just(Value::Null),
        Just(json!([])),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!(ARN)),
        proptest::sample::select(STATES.to_vec()).prop_map(Value::from),
    ]
}

/// A field's name in some case.
fn spelled(name: &'static str) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<bool>(), name.len()).prop_map(move |upper| {
        let case = |(c, up): (char, bool)| if up { c.to_ascii_uppercase() } else { c };
        name.chars().zip(upper).map(case).collect()
    })
}

fn field(name: &'static str) -> impl Strategy<Value = Option<(String, Value)>> {
    proptest::option::of((spelled(name), value()))
}

proptest! {
    /// Spelling, types and the absence of fields change where to look at most to nowhere, never to another
    /// place than the one that is written, and nothing panics.
    #[test]
    fn story_18_no_form_of_an_event_points_elsewhere(
        kind in proptest::sample::select(vec![JOB, COPY, POINT, VAULT, "Restore Job State Change", ""]),
        fields in (field("resourceArn"), field("state"), field("status"), field("backupVaultName")),
        region in proptest::option::of(".{0,9}"),
        resources in proptest::collection::vec(".{0,40}", 0..3),
    ) {
        let (resource, state, status, vault) = fields;
        let written = resource.as_ref().and_then(|(_, value)| value.as_str()).map(|text| text.trim().to_owned());
        let all = [resource, state, status, vault];
        let detail: Map<String, Value> = all.into_iter().flatten().collect();
        match parse("aws.backup", kind, region.as_deref(), &resources, &detail.into()) {
            Ok(Event::Backed { resource, region: of, .. }) => {
                prop_assert_eq!(Some(resource), written);
                prop_assert_eq!(Some(of.as_str()), region.as_deref());
            }
            Ok(Event::Vault { names, .. }) => prop_assert!(!names.is_empty()),
            Ok(Event::Ignored { .. }) => {}
            Ok(other) => prop_assert!(false, "{other:?}"),
            Err(bad) => prop_assert!(bad.to_string().contains("missing or empty")),
        }
    }
}
