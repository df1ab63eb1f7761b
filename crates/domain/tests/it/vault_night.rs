//! A file system's night in AWS Backup by hand: a job, a point, a copy job, a copy.

use crate::fixture::at;
use domain::fault::{Fault, FaultKind};
use domain::id::Region;
use domain::policy::{Policy, parse};
use domain::seen::{BackedSeen, CopyJob, Job, Read, RecoveryPoint, Vault};

pub(crate) const FS: &str = "fs-0123456789abcdef0";
pub(crate) const ARN: &str =
    "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0";
pub(crate) const KEY: &str = "arn:aws:kms:us-west-2:123456789012:key/vault";
pub(crate) const VAULT: &str = "arn:aws:backup:us-west-2:123456789012:backup-vault:sonae-dr";

pub(crate) fn policy(language: &str) -> Policy {
    let text = format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"{language}\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [[asset]]\nkind = \"efs\"\nid = \"{FS}\"\nsince = 2025-01-15\n\
         [[asset]]\nkind = \"backup\"\nid = \"orders\"\nsince = 2025-01-15\n\
         arn = \"arn:aws:dynamodb:us-east-1:123456789012:table/orders\"\n"
    );
    parse(&text).expect("a good policy")
}

/// A point of the 15th.
pub(crate) fn point(state: &str) -> RecoveryPoint {
    RecoveryPoint {
        arn: "arn:aws:backup:us-east-1:123456789012:recovery-point:p".to_owned(),
        resource: ARN.to_owned(),
        created: at("2025-01-14T19:00:00Z"),
        done: Some(at("2025-01-14T19:50:00Z")),
        state: state.to_owned(),
        key: Some("home".to_owned()),
        planned: true,
    }
}

pub(crate) fn copy(state: &str) -> RecoveryPoint {
    RecoveryPoint {
        arn: "arn:aws:backup:us-west-2:123456789012:recovery-point:c".to_owned(),
        key: Some(KEY.to_owned()),
        ..point(state)
    }
}

pub(crate) fn job(state: &str) -> Job {
    Job {
        id: "job-1".to_owned(),
        resource: ARN.to_owned(),
        created: at("2025-01-14T19:00:00Z"),
        state: state.to_owned(),
        category: (state == "COMPLETED").then(|| "SUCCESS".to_owned()),
        message: None,
        point: Some(point("").arn),
        planned: true,
    }
}

pub(crate) fn copy_job(state: &str) -> CopyJob {
    CopyJob {
        id: "copy-1".to_owned(),
        resource: ARN.to_owned(),
        created: at("2025-01-14T19:52:00Z"),
        state: state.to_owned(),
        message: None,
        source: Some(point("").arn),
        vault: VAULT.to_owned(),
        copy: (state == "COMPLETED").then(|| copy("").arn),
    }
}

/// A night in which all went well.
pub(crate) fn landed() -> BackedSeen {
    let vault = |key: &str| {
        Read::Known(Some(Vault {
            arn: Some(VAULT.to_owned()),
            key: Some(key.to_owned()),
            lock: None,
        }))
    };
    BackedSeen {
        vault: vault("home"),
        dr_vault: vault(KEY),
        points: Read::Known(vec![point("COMPLETED")]),
        copies: Read::Known(vec![copy("COMPLETED")]),
        jobs: Read::Known(vec![job("COMPLETED")]),
        copy_jobs: Read::Known(vec![copy_job("COMPLETED")]),
    }
}

pub(crate) fn unread<T>(op: &str, region: &str) -> Read<T> {
    let (op, region) = (op.to_owned(), Region::new(region));
    Read::Unknown(Fault { op, region, kind: FaultKind::Denied, detail: "no".to_owned() })
}
