//! Every error code that AWS's models declare for every call of ours, and those that come undeclared:
//! what each means, and that a night with it ends as it should. The codes are extracted from botocore
//! (`make error-codes`); what they mean is reviewed here, by hand.

use crate::night::{COMPLETE, Drive, dr, home, policy_of_cluster, policy_with, sim, sim_of};
use domain::fault::FaultKind;
use domain::id::Region;
use domain::seen::{Group, GroupKind};
use model::{ApiError, Scripted, Sim};
use serde_json::Value;
use std::collections::BTreeMap;

const DECLARED: &str = include_str!("../../../../tests/data/error-codes.json");

/// Sent by AWS without being declared for these calls: by the query protocol and IAM (RDS API
/// reference, Common Errors; KMS and S3 likewise), and where the models only say "error".
const UNDECLARED: [&str; 16] = [
    "AccessDenied",
    "AccessDeniedException",
    "ConditionalRequestConflict",
    "ExpiredToken",
    "InternalFailure",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "NoSuchBucket",
    "OptInRequired",
    "PreconditionFailed",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "UnauthorizedOperation",
];

/// What each code means, reviewed. `Other` is a decision, too: told with AWS's words, and tried again.
fn meaning(code: &str) -> Option<FaultKind> {
    Some(match code {
        "DependencyTimeoutException"
        | "KMSInternalException"
        | "InternalError"
        | "InternalFailure"
        | "InternalServiceError"
        | "InternalServiceException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "InvalidDBSnapshotState"
        | "InvalidDBInstanceState"
        | "InvalidDBClusterSnapshotStateFault"
        | "InvalidDBClusterStateFault"
        | "ConditionalRequestConflict" => FaultKind::Busy,
        "KMSThrottling"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "Throttling"
        | "ThrottledException"
        | "ThrottlingException" => FaultKind::Throttled,
        "TooManyRequestsException" => FaultKind::Throttled,
        "SnapshotQuotaExceeded" | "LimitExceededException" => FaultKind::InFlightFull,
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "ExpiredToken"
        | "InvalidSecurity"
        | "KMSAccessDenied"
        | "OptInRequired"
        | "UnauthorizedOperation" => FaultKind::Denied,
        "DecryptionFailure"
        | "KMSDisabled"
        | "KMSInvalidState"
        | "KMSKeyNotAccessibleFault"
        | "KMSNotFound"
        | "KMSOptInRequired" => FaultKind::KeyUnusable,
        "DBClusterNotFoundFault"
        | "DBClusterSnapshotNotFoundFault"
        | "DBInstanceAutomatedBackupNotFound"
        | "DBInstanceNotFound"
        | "DBSnapshotNotFound"
        | "NoSuchBucket"
        | "NoSuchKey"
        | "NotFound"
        | "NotFoundException"
        | "ObjectLockConfigurationNotFoundError"
        | "ReplicationConfigurationNotFoundError"
        | "ServerSideEncryptionConfigurationNotFoundError"
        | "ResourceNotFoundException" => FaultKind::Missing,
        "DBClusterSnapshotAlreadyExistsFault"
        | "DBSnapshotAlreadyExists"
        | "PreconditionFailed" => FaultKind::Exists,
        "InvalidParameterCombination"
        | "InvalidParameterValue"
        | "InvalidParameterValueException"
        | "MissingParameterValueException" => FaultKind::Invalid,
        // Of a call as we never make it, or of another kind of endpoint.
        "CustomAvailabilityZoneNotFound"
        | "EncryptionTypeMismatch"
        | "DBParameterGroupNotFound"
        | "DBSubnetGroupNotFoundFault"
        | "EndpointDisabled"
        | "BadRequestException"
        | "IdempotencyException"
        | "InvalidArnException"
        | "InvalidNextToken"
        | "InvalidObjectState"
        | "InvalidParameter"
        | "InvalidParameterException"
        | "PaginationTokenExpiredException"
        | "InvalidRequest"
        | "InvalidRequestException"
        | "InvalidWriteOffset"
        | "OptionGroupNotFoundFault"
        | "ParameterValueInvalid"
        | "PlatformApplicationDisabled"
        | "TooManyParts"
        | "ValidationException" => FaultKind::Other,
        _ => return None,
    })
}

/// Declared and undeclared codes, by call.
pub(crate) fn codes() -> BTreeMap<String, Vec<String>> {
    let data: Value = serde_json::from_str(DECLARED).expect("it is JSON");
    let calls = data["calls"].as_object().expect("calls");
    let all = |declared: &Value| {
        let declared = declared.as_array().expect("codes").iter();
        let declared = declared.map(|code| code.as_str().expect("a code").to_owned());
        declared.chain(UNDECLARED.map(str::to_owned)).collect()
    };
    calls.iter().map(|(call, declared)| (call.clone(), all(declared))).collect()
}

/// The model's night with one call refused by each of its codes in turn.
#[track_caller]
fn check(call: &str, region: Option<&Region>, night: fn() -> Sim, holds: fn(&Sim, &str)) {
    let codes = codes().remove(call).expect("a call of ours");
    for code in codes {
        let sim = night();
        let refusal = Scripted::Refuse(ApiError::new(400, &code, "in AWS's words"));
        sim.account.borrow_mut().script(call, region, "", u32::MAX, refusal);
        sim.check_until("2025-01-14T22:45:00Z");
        holds(&sim, &code);
        sim.account.borrow_mut().unscript(call);
        sim.check_until("2025-01-15T03:00:00Z");
        let told = sim.subjects();
        assert!(
            told.contains(&COMPLETE.to_owned()),
            "{call} {code}: the night ends well: {told:?}"
        );
        assert_eq!(sim.copies().len(), 1, "{call} {code}: one copy, not two");
    }
}

fn clusters() -> Sim {
    sim_of(policy_of_cluster(""))
}

fn clusters_with_a_group() -> Sim {
    let sim = clusters();
    {
        let mut account = sim.account.borrow_mut();
        let group = Group::new(GroupKind::ClusterParameters, "kaigo-params");
        account.give_group("kaigo-subsys-prod", &group);
        account.groups.insert((dr(), group));
    }
    sim
}

/// An instance with groups of its own and replicated automated backups, of which nothing is lacking.
fn equipped() -> Sim {
    let sim = sim_of(policy_with("dr_pitr = \"1 h\""));
    let mut account = sim.account.borrow_mut();
    for kind in [GroupKind::Parameters, GroupKind::Options, GroupKind::Subnets] {
        let group = Group::new(kind, "kaigo-own");
        account.give_group("kaigo-subsys-prod", &group);
        account.groups.insert((dr(), group));
    }
    drop(account);
    sim
}

fn scheduled() -> Sim {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.retention_days = Some(0);
    }
    sim
}

fn told(sim: &Sim, words: &str) -> usize {
    sim.mails().iter().filter(|mail| mail.body.contains(words)).count()
}

#[test]
fn every_declared_code_has_a_reviewed_meaning() {
    let codes = codes();
    assert_eq!(codes.len(), 35, "one entry for every call");
    for (call, code) in codes.iter().flat_map(|(call, codes)| codes.iter().map(move |c| (call, c)))
    {
        let reviewed = meaning(code);
        assert_eq!(Some(FaultKind::of_code(code)), reviewed, "{call}: {code}");
    }
}

#[test]
fn a_refused_copy_is_told_once_in_awss_words() {
    check("rds:CopyDBSnapshot", None, sim, |sim, code| {
        assert_eq!(told(sim, &format!("{code}: in AWS's words")), 1, "{code}: {:?}", sim.mails());
        assert_eq!(sim.mails().len(), 1, "{code}");
    });
}

#[test]
fn a_refused_copy_of_a_cluster_is_told_once_in_awss_words() {
    check("rds:CopyDBClusterSnapshot", None, clusters, |sim, code| {
        assert_eq!(told(sim, &format!("{code}: in AWS's words")), 1, "{code}: {:?}", sim.mails());
        assert_eq!(sim.mails().len(), 1, "{code}");
    });
}

#[test]
fn a_refused_read_of_clusters_is_told() {
    check("rds:DescribeDBClusterSnapshots", Some(&dr()), clusters, |sim, code| {
        assert!(sim.copies().is_empty(), "{code}: nothing is started blindly");
        assert_eq!(told(sim, "rds:DescribeDBClusterSnapshots"), 1, "{code}: {:?}", sim.subjects());
    });
    check("rds:DescribeDBClusters", Some(&home()), clusters, |sim, code| {
        let missing = FaultKind::of_code(code) == FaultKind::Missing;
        let words = if missing { "There is no DB cluster" } else { "rds:DescribeDBClusters" };
        assert_eq!(told(sim, words), 1, "{code}: {:?}", sim.subjects());
    });
    check("rds:DescribeDBClusterParameterGroups", None, clusters_with_a_group, |sim, code| {
        let words = "rds:DescribeDBClusterParameterGroups";
        assert_eq!(told(sim, words), 1, "{code}: {:?}", sim.subjects());
        assert_eq!(sim.copies().len(), 1, "{code}: copies do not need it");
    });
}

/// What only a restore needs is told, and no copy waits for it.
#[test]
fn a_refused_read_of_what_a_restore_needs_stops_no_copy() {
    for call in
        ["rds:DescribeDBParameterGroups", "rds:DescribeOptionGroups", "rds:DescribeDBSubnetGroups"]
    {
        check(call, None, equipped, |sim, code| {
            assert_eq!(told(sim, &format!("{code}: in AWS's words")), 1, "{:?}", sim.subjects());
            assert_eq!(sim.copies().len(), 1, "{code}");
        });
    }
    check("rds:DescribeDBInstanceAutomatedBackups", None, equipped, |sim, code| {
        let missing = FaultKind::of_code(code) == FaultKind::Missing;
        let words = if missing { "there are none that can be restored" } else { code };
        assert_eq!(told(sim, words), 1, "{code}: {:?}", sim.subjects());
        assert_eq!(sim.copies().len(), 1, "{code}");
    });
}

/// A quota that cannot be read is unreadable, and no copy waits for it.
#[test]
fn a_refused_read_of_the_quotas_stops_no_copy() {
    check("rds:DescribeAccountAttributes", Some(&dr()), sim, |sim, code| {
        assert_eq!(told(sim, "rds:DescribeAccountAttributes"), 1, "{code}: {:?}", sim.subjects());
        assert_eq!(sim.copies().len(), 1, "{code}");
    });
}

#[test]
fn a_refused_take_is_told_once_in_awss_words() {
    check("rds:CreateDBSnapshot", None, scheduled, |sim, code| {
        assert_eq!(told(sim, &format!("{code}: in AWS's words")), 1, "{code}: {:?}", sim.mails());
        assert_eq!(sim.mails().len(), 1, "{code}");
    });
}

/// What is not there is not unreadable; everything else is, and nothing is started blindly.
#[test]
fn a_refused_read_is_told_and_starts_nothing() {
    check("rds:DescribeDBSnapshots", Some(&dr()), sim, |sim, code| {
        assert!(sim.copies().is_empty(), "{code}: nothing is started blindly");
        assert_eq!(told(sim, "rds:DescribeDBSnapshots"), 1, "{code}: {:?}", sim.subjects());
    });
    check("rds:DescribeDBInstances", Some(&home()), sim, |sim, code| {
        let missing = FaultKind::of_code(code) == FaultKind::Missing;
        let words = if missing { "There is no DB instance" } else { "rds:DescribeDBInstances" };
        assert_eq!(told(sim, words), 1, "{code}: {:?}", sim.subjects());
        assert_eq!(sim.copies().len(), 1, "{code}: copies do not need it");
    });
}

#[test]
fn a_key_that_cannot_be_looked_at_stops_no_copy() {
    let holds = |sim: &Sim, code: &str| {
        assert_eq!(sim.copies().len(), 1, "{code}");
        let missing = FaultKind::of_code(code) == FaultKind::Missing;
        let words = if missing { "is `Missing`" } else { "kms:DescribeKey" };
        assert_eq!(told(sim, words), 1, "{code}: {:?}", sim.subjects());
    };
    check("kms:DescribeKey", Some(&home()), sim, holds);
    check("kms:DescribeKey", Some(&dr()), sim, holds);
}

/// Without its numbers the milder of two meanings is assumed, and the deadline tells.
#[test]
fn unknown_quotas_wait_until_the_deadline() {
    let full = || {
        let sim = sim();
        let quota = ApiError::new(400, "SnapshotQuotaExceeded", "too many");
        sim.account.borrow_mut().script(
            "rds:CopyDBSnapshot",
            None,
            "",
            20,
            Scripted::Refuse(quota),
        );
        sim
    };
    check("rds:DescribeAccountAttributes", None, full, |sim, code| {
        assert!(told(sim, "points-full") == 0, "{code}: {:?}", sim.subjects());
    });
}

/// The journal is no condition for copying, whatever it answers.
#[test]
fn a_refusing_journal_stops_no_copy() {
    for call in ["s3:ListBucket", "s3:PutObject"] {
        check(call, None, sim, |sim, code| {
            assert_eq!(sim.copies().len(), 1, "{code}");
            assert!(!sim.subjects().iter().any(|told| told.contains("no copy of")), "{code}");
        });
    }
}

#[test]
fn a_refusing_topic_is_stepped_around() {
    let bad = || {
        let sim = sim();
        for db in sim.account.borrow_mut().databases.values_mut() {
            db.shown.window = Some("20:00-20:30".to_owned());
        }
        sim
    };
    let codes = codes().remove("sns:Publish").expect("a call of ours");
    for code in codes {
        let sim = bad();
        let refusal = Scripted::Refuse(ApiError::new(400, &code, "in AWS's words"));
        sim.account.borrow_mut().script("sns:Publish", Some(&home()), "", u32::MAX, refusal);
        sim.check();
        let account = sim.account.borrow();
        assert_eq!(account.outbox[&account.topic(&dr())].len(), 1, "{code}");
    }
}
