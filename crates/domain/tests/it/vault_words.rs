//! What is told of AWS Backup, in both languages, and policies that name what it protects.

use crate::fixture::at;
use crate::notices::book;
use crate::vault_night::{FS, policy};
use domain::duty::{Cause, Ended, VaultCause};
use domain::episode::{EpisodeKey, NoticeKey, Subject, Word};
use domain::fault::{Fault, FaultKind};
use domain::finding::{Finding, Found, Rpo};
use domain::id::{AssetId, ManualPoint, PointName, Region};
use domain::notice::{self, Notice};
use domain::policy::{LockMode, parse};
use insta::assert_snapshot;
use jiff::SignedDuration;
use jiff::civil::date;

fn ended(state: &str, words: Option<&str>) -> Ended {
    let words = words.map(str::to_owned);
    Ended { id: "b0000001-0000-4000".to_owned(), state: state.to_owned(), words }
}

fn denied() -> Fault {
    let (op, region) = ("backup:StartCopyJob".to_owned(), Region::new("us-east-1"));
    let detail = "AccessDeniedException: not authorized to perform: iam:PassRole".to_owned();
    Fault { op, region, kind: FaultKind::Denied, detail }
}

fn of_points() -> Vec<VaultCause> {
    let id = "b0000001-0000-4000".to_owned();
    let running = "Backup job failed because there was a running job for the same resource.";
    vec![
        VaultCause::NotStarted,
        VaultCause::JobEnded(ended("EXPIRED", Some(running))),
        VaultCause::JobEnded(ended("COMPLETED", Some("AccessDenied: some files were left out"))),
        VaultCause::Running { id, state: "RUNNING".to_owned() },
        VaultCause::PointLost { state: Some("PARTIAL".to_owned()) },
        VaultCause::PointLost { state: None },
    ]
}

fn of_copies() -> Vec<VaultCause> {
    let id = "d0000001-0000-4000".to_owned();
    let copy = "arn:aws:backup:us-west-2:123456789012:recovery-point:c".to_owned();
    vec![
        VaultCause::NoPoint,
        VaultCause::PointGone,
        VaultCause::CopyNotStarted,
        VaultCause::CopyRefused(denied()),
        VaultCause::CopyEnded(ended("FAILED", None)),
        VaultCause::CopyStuck { id: id.clone(), since: at("2025-01-14T19:52:00Z") },
        VaultCause::Copying { id, state: "RUNNING".to_owned() },
        VaultCause::OtherKey { copy, key: None },
        VaultCause::CopyLost { state: Some("DELETING".to_owned()) },
        VaultCause::CopyLost { state: None },
    ]
}

fn all() -> Vec<Finding> {
    let due = at("2025-01-14T22:00:00Z");
    let taken =
        of_points().into_iter().map(|why| Found::NotTaken { due, cause: Cause::Backup(why) });
    let landed =
        of_copies().into_iter().map(|why| Found::NotLanded { due, cause: Cause::Backup(why) });
    let missing = ["us-east-1.sonae", "us-west-2.sonae-dr"].map(|place| {
        let (region, vault) = place.split_once('.').expect("a place");
        Found::VaultMissing { region: Region::new(region), vault: vault.to_owned() }
    });
    let locks = [
        (LockMode::Off, LockMode::Governance, None),
        (LockMode::Off, LockMode::Compliance, Some(at("2025-01-17T22:00:00Z"))),
        (LockMode::Governance, LockMode::Compliance, Some(at("2025-01-10T22:00:00Z"))),
        (LockMode::Compliance, LockMode::Off, None),
    ];
    let locks = locks.map(|(expected, found, date)| {
        let (region, vault) = (Region::new("us-west-2"), "sonae-dr".to_owned());
        Found::VaultLock { region, vault, expected, found, date }
    });
    let off =
        [("us-east-1", "EFS"), ("us-west-2", "Storage Gateway")].map(|(region, type_name)| {
            let (region, type_name) = (Region::new(region), type_name.to_owned());
            let assets = vec![AssetId::new(FS), AssetId::new("orders")];
            Found::NotOptedIn { region, type_name, assets }
        });
    let tags = [None, Some("tagged.dynamodb-orders")].map(|asset| {
        let tag = "sonae:backup=yes".to_owned();
        Found::Untagged { tag, asset: asset.map(AssetId::new) }
    });
    let settings = missing.into_iter().chain(locks).chain(off).chain(tags);
    taken.chain(landed).chain(settings).map(finding).collect()
}

fn finding(what: Found) -> Finding {
    let (asset, subject, rpo) = match &what {
        Found::VaultMissing { region, vault } => {
            (None, Subject::item(&format!("{region}.{vault}")), None)
        }
        Found::VaultLock { region, vault, found, .. } => {
            (None, Subject::item(&format!("{region}.{vault}.{}", found.word())), None)
        }
        Found::NotOptedIn { region, type_name, .. } => {
            (None, Subject::item(&format!("{region}.{type_name}")), None)
        }
        Found::Untagged { asset, .. } => {
            let who = asset.as_ref().map_or("tagged", |asset| asset.as_str());
            (None, Subject::item(who), None)
        }
        // One that somebody took by hand, beside the day's.
        Found::NotLanded { cause: Cause::Backup(VaultCause::CopyRefused(_)), .. } => {
            let point =
                ManualPoint::new(PointName::new("p-hand"), Some(at("2025-01-15T05:00:00Z")));
            (Some(AssetId::new(FS)), Subject::Manual(point), None)
        }
        _ => {
            let newest = Some(at("2025-01-13T19:00:00Z"));
            let rpo = Rpo { newest, objective: SignedDuration::from_hours(24) };
            (Some(AssetId::new(FS)), Subject::Day(date(2025, 1, 15)), Some(rpo))
        }
    };
    let key = EpisodeKey { asset, kind: what.kind(), subject };
    Finding { key, severity: what.severity(), what, since: at("2025-01-14T22:00:00Z"), rpo }
}

fn written(language: &str) -> Vec<Notice> {
    let (policy, now) = (policy(language), at("2025-01-14T22:00:00Z"));
    let key = |finding: &Finding, word| NoticeKey { episode: finding.key.clone(), n: 1, word };
    let findings = all();
    let broken = findings.iter().map(|one| notice::broken(&policy, key(one, Word::Said), one, now));
    let mended =
        findings.iter().map(|one| notice::repaired(&policy, key(one, Word::Repaired), now));
    broken.chain(mended).collect()
}

#[test]
fn what_is_told_of_aws_backup() {
    assert_snapshot!("vaults_ja", book(&written("ja")));
    assert_snapshot!("vaults_en", book(&written("en")));
}

/// Nobody is sent to RDS for a file system.
#[test]
fn no_command_is_rdss() {
    for notice in written("en").iter().chain(&written("ja")) {
        assert!(!notice.body.contains("aws rds"), "{}", notice.body);
        assert!(!notice.body.contains("rds/home"), "{}", notice.body);
    }
}

fn with(lines: &str) -> String {
    format!(
        "version = 1\nsystem = \"s\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\nzone = \"Asia/Tokyo\"\n\
         language = \"en\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [defaults]\nsince = 2025-01-15\nat = \"02:00\"\nlanded_by = \"06:00\"\n{lines}"
    )
}

/// `[defaults]`' times and keys are RDS's; `[backup]` has its own.
#[test]
fn the_section_backup_says_what_defaults_do_not() {
    let efs = format!("[[asset]]\nkind = \"efs\"\nid = \"{FS}\"\n");
    let of = |text: &str| parse(&with(text)).expect("a good policy").assets.remove(0);
    let time = |hour, minute| jiff::civil::time(hour, minute, 0, 0);
    let plain = of(&efs);
    assert_eq!([plain.at, plain.taken_by, plain.landed_by], [time(4, 0), time(7, 0), time(10, 0)]);
    let backed = plain.backed().expect("AWS Backup's");
    assert_eq!((backed.vault.as_str(), backed.dr_vault.as_str()), ("sonae", "sonae-dr"));
    assert_eq!(backed.started_by, time(5, 15));
    assert_eq!(plain.keys().count(), 0, "the vaults have keys of their own");
    let all =
        of(&format!("[backup]\nvault = \"all\"\nlanded_by = \"09:00\"\n{efs}vault = \"own\"\n"));
    assert_eq!(all.landed_by, time(9, 0));
    assert_eq!(all.backed().map(|backed| backed.vault.as_str()), Some("own"));
}

#[test]
fn what_aws_backup_cannot_be_asked_for_is_refused() {
    let asset = |id: &str, arn: &str| {
        format!("[[asset]]\nkind = \"backup\"\nid = \"{id}\"\narn = \"{arn}\"\n")
    };
    let text = [
        "[backup]\nvault = \"aws/efs/automatic-backup-vault\"\nrole = \"arn:aws:iam::123456789012:role/Backup\"\n\
         started_by = \"03:00\"\nkey = \"k\"\n"
            .to_owned(),
        asset("a", "arn:aws:rds:us-east-1:123456789012:db:kaigo"),
        asset("b", "arn:aws:rds:us-east-1:123456789012:cluster:kaigo"),
        asset("c", "arn:aws:dynamodb:us-west-2:123456789012:table/orders"),
        asset("d", "table/orders"),
        "[[asset]]\nkind = \"efs\"\nid = \"kaigo\"\ndr_key = \"k\"\n".to_owned(),
        format!("[[asset]]\nkind = \"efs\"\nid = \"{FS}\"\ntaken_by = \"05:00\"\n"),
        "[[asset]]\nkind = \"backup\"\nid = \"e\"\n".to_owned(),
        asset("f", "arn:aws:dynamodb:us-east-1:123456789012:table/f") + "tag = \"a=b\"\n",
        "[[asset]]\nkind = \"backup\"\nid = \"g\"\ntag = \"=yes\"\n".to_owned(),
        "[[asset]]\nkind = \"bucket\"\nid = \"kaigo\"\n".to_owned(),
    ];
    let problems = parse(&with(&text.concat())).expect_err("a bad policy").to_string();
    assert_snapshot!("vault_problems", problems);
}

/// A bucket's ARN names no Region and no account.
#[test]
fn what_stands_in_home_or_names_no_region_is_taken() {
    for arn in ["arn:aws:s3:::kaigo", "arn:aws:dynamodb:us-east-1:123456789012:table/orders"] {
        let text = format!("[[asset]]\nkind = \"backup\"\nid = \"orders\"\narn = \"{arn}\"\n");
        assert!(parse(&with(&text)).is_ok(), "{arn}");
    }
}
