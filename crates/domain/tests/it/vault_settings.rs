//! AWS Backup's vaults and settings against the policy: every lock, every type.

use crate::fixture::at;
use crate::vault_night::{FS, landed, policy, unread};
use domain::episode::{EpisodeKey, Kind, Subject};
use domain::finding::{Finding, Found, Severity};
use domain::id::{AssetId, Region};
use domain::journal::Journal;
use domain::judge::{Fate, Judgement, judge};
use domain::policy::{LockMode, Policy, Protected, Resource};
use domain::seen::{BackedSeen, OptIn, Read, Seen, Vault};
use jiff::Timestamp;

const NOW: &str = "2025-01-15T02:00:00Z";
const LOCKS: [LockMode; 3] = [LockMode::Off, LockMode::Governance, LockMode::Compliance];

fn locked(policy: &Policy, lock: LockMode) -> Policy {
    let mut policy = policy.clone();
    for asset in &mut policy.assets {
        if let Protected::Backup(backed) = &mut asset.what {
            backed.lock = lock;
        }
    }
    policy
}

fn vault(lock: Option<Option<Timestamp>>) -> Read<Option<Vault>> {
    let known = landed().dr_vault.known().cloned().flatten().expect("it is there");
    Read::Known(Some(Vault { lock, ..known }))
}

/// What DescribeBackupVault says of each lock.
fn as_seen(lock: LockMode) -> Option<Option<Timestamp>> {
    match lock {
        LockMode::Off => None,
        LockMode::Governance => Some(None),
        LockMode::Compliance => Some(Some(at("2025-01-17T02:00:00Z"))),
    }
}

fn seen(view: BackedSeen, home: &[(&str, bool)], dr: &[(&str, bool)]) -> Seen {
    let types = |all: &[(&str, bool)]| -> Read<OptIn> {
        Read::Known(all.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect())
    };
    let opt_in = [(Region::new("us-east-1"), types(home)), (Region::new("us-west-2"), types(dr))];
    Seen {
        backed: [(AssetId::new(FS), view)].into(),
        opt_in: opt_in.into(),
        journal: Read::Known(Journal::default()),
        ..Seen::nothing()
    }
}

fn judged(policy: &Policy, seen: &Seen) -> Judgement {
    judge(policy, seen, &[], at(NOW))
}

fn of_kind(judgement: &Judgement, kind: Kind) -> Vec<&Finding> {
    judgement.findings.iter().filter(|finding| finding.key.kind == kind).collect()
}

/// Every lock that a policy may ask for, against every one that is there.
#[test]
fn a_lock_is_told_unless_it_is_the_policys() {
    for expected in LOCKS {
        for found in LOCKS {
            let policy = locked(&policy("en"), expected);
            let view = BackedSeen {
                vault: vault(as_seen(expected)),
                dr_vault: vault(as_seen(found)),
                ..landed()
            };
            let judgement = judged(&policy, &seen(view, &[], &[]));
            let told = of_kind(&judgement, Kind::VaultLock);
            let Some(one) = told.first() else {
                assert_eq!(expected, found);
                continue;
            };
            assert_ne!(expected, found);
            assert_eq!(told.len(), 1, "dr's, not home's");
            assert_eq!((one.severity, &one.key.asset), (Severity::Critical, &None));
            let Found::VaultLock { region, date, .. } = &one.what else { panic!("{one:?}") };
            assert_eq!(region.as_str(), "us-west-2");
            assert_eq!(*date, as_seen(found).flatten());
        }
    }
}

fn fate(policy: &Policy, seen: &Seen, kind: Kind, subject: &str) -> Fate {
    let key = EpisodeKey { asset: None, kind, subject: Subject::item(subject) };
    judged(policy, seen).fate(policy, seen, true, &key, at(NOW))
}

/// From one wrong lock to another is news, and the first is closed without a word.
#[test]
fn a_lock_is_whole_when_it_is_the_policys_and_past_when_it_is_another() {
    let policy = policy("en");
    let of = |dr_vault: Read<Option<Vault>>| seen(BackedSeen { dr_vault, ..landed() }, &[], &[]);
    let check = |dr_vault, expected| {
        let subject = "us-west-2.sonae-dr.governance";
        assert_eq!(fate(&policy, &of(dr_vault), Kind::VaultLock, subject), expected);
    };
    check(vault(None), Fate::Whole);
    check(vault(Some(None)), Fate::Open);
    check(vault(as_seen(LockMode::Compliance)), Fate::Past);
    check(Read::Known(None), Fate::Past);
    check(unread("backup:DescribeBackupVault", "us-west-2"), Fate::Open);
    let left = "us-west-2.former.governance";
    assert_eq!(fate(&policy, &of(vault(None)), Kind::VaultLock, left), Fate::Past);
}

/// A type that is off is told in each Region where it is, with what is of it; one that AWS Backup does not
/// name is not.
#[test]
fn a_type_that_is_not_opted_in_is_critical() {
    let policy = policy("en");
    let of = |home: &[(&str, bool)], dr: &[(&str, bool)]| {
        let judgement = judged(&policy, &seen(landed(), home, dr));
        let told = of_kind(&judgement, Kind::NotOptedIn);
        assert!(told.iter().all(|one| one.severity == Severity::Critical));
        told.iter().map(|one| one.key.subject.to_string()).collect::<Vec<_>>()
    };
    let on = [("EFS", true), ("DynamoDB", true), ("S3", false)];
    assert_eq!(of(&on, &on), [""; 0], "nothing here is of S3");
    assert_eq!(of(&[("EFS", false)], &on), ["item:us-east-1.EFS"]);
    let both = ["item:us-east-1.EFS", "item:us-west-2.DynamoDB"];
    assert_eq!(of(&[("EFS", false)], &[("EFS", true), ("DynamoDB", false)]), both);
    assert_eq!(of(&[], &[]), [""; 0]);
    let unknown = Seen {
        opt_in: [(Region::new("us-west-2"), unread("backup:DescribeRegionSettings", "us-west-2"))]
            .into(),
        ..seen(landed(), &on, &on)
    };
    let judgement = judged(&policy, &unknown);
    assert!(of_kind(&judgement, Kind::NotOptedIn).is_empty(), "not known is not off");
    assert_eq!(of_kind(&judgement, Kind::Unreadable).len(), 1);
}

#[test]
fn a_type_is_whole_once_it_is_on_and_past_once_nothing_is_of_it() {
    let policy = policy("en");
    let of = |home: &[(&str, bool)], subject: &str| {
        fate(&policy, &seen(landed(), home, &[]), Kind::NotOptedIn, subject)
    };
    assert_eq!(of(&[("EFS", true)], "us-east-1.EFS"), Fate::Whole);
    assert_eq!(of(&[("EFS", false)], "us-east-1.EFS"), Fate::Open);
    assert_eq!(of(&[], "us-east-1.EFS"), Fate::Open);
    assert_eq!(of(&[("EBS", true)], "us-east-1.EBS"), Fate::Whole);
    assert_eq!(of(&[], "us-east-1.EBS"), Fate::Past);
}

#[test]
fn a_type_is_told_by_the_arn() {
    let check = |rest: &str, expected: Option<&str>| {
        let arn = format!("arn:aws:{rest}");
        assert_eq!(Resource::Arn(arn).opt_in_type(), expected, "{rest}");
    };
    check("elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0", Some("EFS"));
    check("dynamodb:us-east-1:123456789012:table/orders", Some("DynamoDB"));
    check("ec2:us-east-1:123456789012:volume/vol-050eba21ee4d3c001", Some("EBS"));
    check("ec2:us-east-1:123456789012:instance/i-0515aee7de03f58e1", Some("EC2"));
    check("s3:::kaigo-files", Some("S3"));
    check("fsx:us-east-1:123456789012:file-system/fs-0123456789abcdef0", Some("FSx"));
    check(
        "storagegateway:us-east-1:123456789012:gateway/sgw-1/volume/vol-1",
        Some("Storage Gateway"),
    );
    check("rds:us-east-1:123456789012:cluster:docs", None);
    check("newservice:us-east-1:123456789012:thing/1", None);
    assert_eq!(Resource::FileSystem(FS.to_owned()).opt_in_type(), Some("EFS"));
}
