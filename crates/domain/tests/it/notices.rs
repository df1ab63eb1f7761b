//! Every notice in both languages, as a person gets it.

use crate::fixture::{COPY, KEY, POINT, at, policy};
use domain::duty::{Cause, Met};
use domain::episode::{EpisodeKey, Kind, NoticeKey, Subject, Word};
use domain::fault::{Fault, FaultKind};
use domain::finding::{Finding, Found, Rpo};
use domain::id::{AssetId, PointName, Region};
use domain::notice::{self, Notice};
use insta::assert_snapshot;
use jiff::SignedDuration;
use jiff::civil::date;

fn fault(op: &str, kind: FaultKind, detail: &str) -> Fault {
    let (op, detail) = (op.to_owned(), detail.to_owned());
    Fault { op, region: Region::new("us-west-2"), kind, detail }
}

fn names(suffixes: &[&str]) -> Vec<PointName> {
    suffixes.iter().map(|suffix| PointName::new(format!("{COPY}{suffix}"))).collect()
}

fn causes_of_not_taken() -> Vec<Cause> {
    let denied = fault("rds:CreateDBSnapshot", FaultKind::Denied, "AccessDenied: not authorized");
    vec![
        Cause::NothingTaken,
        Cause::InstanceState("stopped".to_owned()),
        Cause::StillTaking(PointName::new(POINT)),
        Cause::Refused(denied),
    ]
}

fn causes_of_not_landed() -> Vec<Cause> {
    let op = "rds:CopyDBSnapshot";
    let full = "SnapshotQuotaExceeded: Cannot create more than 100 manual snapshots";
    let copying = "SnapshotQuotaExceeded: Cannot copy more than 20 snapshots across regions";
    let key = "KMSKeyNotAccessibleFault: The target snapshot KMS key is not enabled";
    vec![
        Cause::Failed(names(&["", "-2", "-3"])),
        Cause::Failed(names(&[""])),
        Cause::Refused(fault(op, FaultKind::PointsFull, full)),
        Cause::Refused(fault(op, FaultKind::KeyUnusable, key)),
        Cause::Refused(fault(op, FaultKind::Exists, "DBSnapshotAlreadyExists: it exists")),
        Cause::Waiting(fault(op, FaultKind::InFlightFull, copying)),
        Cause::PointFailed(PointName::new("before-release")),
        Cause::NoPoint,
        Cause::PointGone,
        Cause::Flawed(names(&[""])),
        Cause::NotStarted(PointName::new(POINT)),
        Cause::JustRequested(PointName::new(POINT)),
        Cause::StillCopying {
            copy: PointName::new(COPY),
            state: "copying".to_owned(),
            percent: 40,
        },
        Cause::Gone,
        Cause::HomeUnread,
    ]
}

fn met(recovered: bool) -> Met {
    Met {
        name: PointName::new(COPY),
        source: format!("arn:aws:rds:us-east-1:123456789012:snapshot:{POINT}"),
        created: at("2025-01-14T18:05:00Z"),
        stored: Some(at("2025-01-14T18:12:00Z")),
        size_gib: 100,
        recovered,
    }
}

fn all() -> Vec<Found> {
    let (taken, landed) = (at("2025-01-14T20:00:00Z"), at("2025-01-14T22:30:00Z"));
    let asset = || AssetId::new("kaigo-subsys-prod");
    let denied = fault("kms:DescribeKey", FaultKind::Denied, "AccessDeniedException: no");
    let late = fault("s3:ListBucket", FaultKind::Late, "no answer in time");
    let not_taken = causes_of_not_taken().into_iter();
    let not_landed = causes_of_not_landed().into_iter();
    let mut all: Vec<Found> =
        not_taken.map(|cause| Found::NotTaken { due: taken, cause }).collect();
    all.extend(not_landed.map(|cause| Found::NotLanded { due: landed, cause }));
    let key = |state: &str| Found::DrKeyUnusable { key: KEY.to_owned(), state: state.to_owned() };
    all.extend([
        Found::InstanceMissing { renamed_to: None },
        Found::InstanceMissing { renamed_to: Some("kaigo-subsys-v2".to_owned()) },
        Found::InstanceReplaced { now: "db-NEW".to_owned(), before: "db-OLD".to_owned() },
        Found::BackupsOff,
        Found::WindowElsewhere {
            window: "20:00-20:30".to_owned(),
            expected: at("2025-01-14T18:00:00Z"),
        },
        Found::KeyInaccessible { status: "inaccessible-encryption-credentials".to_owned() },
        Found::KeyInaccessible {
            status: "inaccessible-encryption-credentials-recoverable".to_owned(),
        },
        key("Disabled"),
        key("PendingDeletion"),
        key("Missing"),
        Found::Unreadable { fault: denied, assets: vec![asset(), AssetId::new("kaigo-master")] },
        Found::UnknownState { point: PointName::new(COPY), state: "pondering".to_owned() },
        Found::JournalDown { fault: late },
        Found::NotGranted { keys: vec![KEY.replace("us-west-2", "us-east-1"), KEY.to_owned()] },
        Found::Unarmed,
        Found::HomeSilent { last: Some(at("2025-01-14T21:15:00Z")) },
        Found::HomeSilent { last: None },
        Found::PolicyDiffers {
            home: "0123456789abcdef".repeat(4),
            dr: "fedcba9876543210".repeat(4),
        },
        Found::NightComplete { landed: vec![(asset(), met(false))], due: landed },
        Found::NightComplete {
            landed: vec![(asset(), met(false)), (AssetId::new("kaigo-master"), met(true))],
            due: at("2025-01-14T20:00:00Z"),
        },
        Found::PointLanded { met: met(true) },
    ]);
    all
}

fn subject(found: &Found) -> Subject {
    match found {
        Found::UnknownState { point, .. } => Subject::Point(point.clone()),
        Found::Unreadable { .. } => Subject::Read("us-west-2.kms:DescribeKey".to_owned()),
        Found::NotTaken { .. }
        | Found::NotLanded { .. }
        | Found::NightComplete { .. }
        | Found::PointLanded { .. } => Subject::Day(date(2025, 1, 15)),
        _ => Subject::Standing,
    }
}

fn finding(what: Found) -> Finding {
    let system = matches!(
        what.kind(),
        Kind::Unreadable
            | Kind::JournalDown
            | Kind::NightComplete
            | Kind::Unarmed
            | Kind::HomeSilent
            | Kind::PolicyDiffers
    );
    let asset = (!system).then(|| AssetId::new("kaigo-subsys-prod"));
    let duty = matches!(what.kind(), Kind::NotTaken | Kind::NotLanded);
    let newest = Some(at("2025-01-13T18:05:00Z"));
    let objective = SignedDuration::from_hours(24);
    Finding {
        key: EpisodeKey { asset, kind: what.kind(), subject: subject(&what) },
        severity: what.severity(),
        what,
        since: at("2025-01-14T22:30:00Z"),
        rpo: duty.then_some(Rpo { newest, objective }),
    }
}

fn key(finding: &Finding, word: Word) -> NoticeKey {
    NoticeKey { episode: finding.key.clone(), n: 1, word }
}

fn written(language: &str) -> Vec<Notice> {
    let policy = policy(language);
    let now = at("2025-01-14T22:31:00Z");
    let findings: Vec<Finding> = all().into_iter().map(finding).collect();
    let broken = findings
        .iter()
        .map(|finding| notice::broken(&policy, key(finding, Word::Said), finding, now));
    let repaired = findings
        .iter()
        .filter(|finding| !finding.key.kind.is_good_news())
        .map(|finding| notice::repaired(&policy, key(finding, Word::Repaired), now));
    broken.chain(repaired).collect()
}

fn book(language: &str) -> String {
    let page = |notice: &Notice| {
        format!("Subject: {}\nASCII:   {}\n\n{}", notice.subject, notice.ascii_subject, notice.body)
    };
    let mut pages: Vec<String> = written(language).iter().map(page).collect();
    pages.dedup();
    pages.join(&format!("{}\n", "=".repeat(72)))
}

#[test]
fn in_japanese() {
    assert_snapshot!("notices_ja", book("ja"));
}

#[test]
fn in_english() {
    assert_snapshot!("notices_en", book("en"));
}

/// RDS dates a point by its own clock: one that is taken today is no point of yesterday.
#[test]
fn no_point_by_hand_is_asked_for_a_day_that_is_over() {
    let found = Found::NotTaken { due: at("2025-01-14T20:00:00Z"), cause: Cause::NothingTaken };
    let found = finding(found);
    let (today, tomorrow) = (at("2025-01-15T14:59:59Z"), at("2025-01-15T15:00:00Z"));
    for (now, asked) in [(today, true), (tomorrow, false)] {
        let notice = notice::broken(&policy("ja"), key(&found, Word::Said), &found, now);
        assert_eq!(notice.body.contains("create-db-snapshot"), asked, "{}", notice.body);
    }
}

#[test]
fn every_subject_fits_sns() {
    for notice in ["ja", "en"].into_iter().flat_map(written) {
        for subject in [&notice.subject, &notice.ascii_subject] {
            assert!(subject.chars().count() <= 99, "{subject}");
            assert!(!subject.chars().any(char::is_control), "{subject}");
        }
        assert!(notice.ascii_subject.is_ascii(), "{}", notice.ascii_subject);
    }
}

#[test]
fn a_long_subject_stays_ascii_where_it_must() {
    let long = Subject::Point(PointName::new("a-very-long-name-".repeat(8)));
    let found = finding(Found::BackupsOff);
    let episode = EpisodeKey { subject: long, ..found.key };
    let key = NoticeKey { episode, n: 1, word: Word::Repaired };
    let notice = notice::repaired(&policy("ja"), key, at("2025-01-15T00:00:00Z"));
    assert!(notice.ascii_subject.is_ascii(), "{}", notice.ascii_subject);
    assert_eq!(notice.ascii_subject.chars().count(), 99);
}

/// A copy failing at night is read on a phone: every line of text fits, commands aside.
#[test]
fn a_night_of_ten_thousand_fits_a_mail() {
    let landed = (0..10_000).map(|n| (AssetId::new(format!("db-{n}")), met(false))).collect();
    let found = finding(Found::NightComplete { landed, due: at("2025-01-14T22:30:00Z") });
    let notice =
        notice::broken(&policy("ja"), key(&found, Word::Said), &found, at("2025-01-14T19:00:00Z"));
    assert!(notice.body.lines().count() <= 80, "{}", notice.body.lines().count());
    assert!(notice.body.contains("ほか 9970 件"), "{}", notice.body);
}
