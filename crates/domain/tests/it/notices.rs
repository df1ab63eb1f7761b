//! Every notice in both languages, as a person gets it.

use crate::fixture::{COPY, KEY, POINT, at, clusters, named_cluster, policy};
use domain::duty::{Cause, KeyAsked, Met};
use domain::episode::{EpisodeKey, Kind, NoticeKey, Subject, Word};
use domain::fault::{Fault, FaultKind};
use domain::finding::{Finding, Found, Rpo};
use domain::id::{AssetId, Family, PointName, Region};
use domain::notice::{self, Notice};
use domain::policy::Policy;
use domain::seen::{Group, GroupKind, Quota, Topic};
use insta::assert_snapshot;
use jiff::SignedDuration;
use jiff::civil::date;

const HOME_KEY: &str =
    "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-777777777777";

pub(crate) fn fault(op: &str, kind: FaultKind, detail: &str) -> Fault {
    let (op, detail) = (op.to_owned(), detail.to_owned());
    Fault { op, region: Region::new("us-west-2"), kind, detail }
}

pub(crate) fn names(suffixes: &[&str]) -> Vec<PointName> {
    suffixes.iter().map(|suffix| PointName::new(format!("{COPY}{suffix}"))).collect()
}

fn causes_of_not_taken() -> Vec<Cause> {
    let denied = fault("rds:CreateDBSnapshot", FaultKind::Denied, "AccessDenied: not authorized");
    vec![
        Cause::NothingTaken,
        Cause::DatabaseState("stopped".to_owned()),
        Cause::MemberOf("kaigo-aurora".to_owned()),
        Cause::StillTaking(PointName::new(POINT)),
        Cause::Refused(denied),
    ]
}

fn causes_of_not_landed() -> Vec<Cause> {
    let op = "rds:CopyDBSnapshot";
    let full = "SnapshotQuotaExceeded: Cannot create more than 100 manual snapshots";
    let copying = "SnapshotQuotaExceeded: Cannot copy more than 20 snapshots across regions";
    let option_group = "InvalidParameterCombination: you must specify an option group with TDE";
    let key = "KMSKeyNotAccessibleFault: The target snapshot KMS key is not enabled";
    vec![
        Cause::Failed(names(&["", "-2", "-3"])),
        Cause::Failed(names(&[""])),
        Cause::Refused(fault(op, FaultKind::PointsFull, full)),
        refused_for_a_key(key, Some("Disabled")),
        refused_for_a_key(key, Some("Enabled")),
        refused_for_a_key(key, Some("Missing")),
        refused_for_a_key(key, None),
        Cause::Refused(fault(op, FaultKind::Invalid, option_group)),
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

fn refused_for_a_key(detail: &str, home: Option<&str>) -> Cause {
    let asked = |arn: &str, region: &str, named, state: Option<&str>| KeyAsked {
        arn: arn.to_owned(),
        region: Region::new(region),
        named,
        state: state.map(str::to_owned),
    };
    let keys = vec![
        asked(HOME_KEY, "us-east-1", "home_key", home),
        asked(KEY, "us-west-2", "dr_key", Some("Enabled")),
    ];
    Cause::KeyRefused(fault("rds:CopyDBSnapshot", FaultKind::KeyUnusable, detail), keys)
}

pub(crate) fn met(recovered: bool) -> Met {
    Met {
        name: PointName::new(COPY),
        source: format!("arn:aws:rds:us-east-1:123456789012:snapshot:{POINT}"),
        created: at("2025-01-14T18:05:00Z"),
        stored: Some(at("2025-01-14T18:12:00Z")),
        size_gib: Some(100),
        recovered,
    }
}

fn unheard(pending: u64) -> Found {
    let (arn, region) =
        ("arn:aws:sns:us-east-1:123456789012:sonae-Topic-X", Region::new("us-east-1"));
    Found::Unheard { topic: Topic { arn: arn.to_owned(), region, confirmed: 0, pending } }
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
    let home_key =
        |state: &str| Found::HomeKeyUnusable { key: HOME_KEY.to_owned(), state: state.to_owned() };
    let locked = |state: &str| Found::PointsLocked {
        region: Region::new("us-west-2"),
        key: KEY.replace("5555", "9999"),
        state: state.to_owned(),
        points: vec![(asset(), 9), (AssetId::new("kaigo-master"), 3)],
    };
    let group = |kind| Found::GroupMissing {
        group: Group::new(kind, "kaigo-own"),
        assets: vec![asset(), AssetId::new("kaigo-master")],
    };
    let pitr = |latest| Found::PitrBehind { latest, within: SignedDuration::from_hours(1) };
    all.extend([
        Found::AssetMissing { renamed_to: None },
        Found::AssetMissing { renamed_to: Some("kaigo-subsys-v2".to_owned()) },
        Found::AssetReplaced { now: "db-NEW".to_owned(), before: "db-OLD".to_owned() },
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
        home_key("Disabled"),
        home_key("PendingDeletion"),
        Found::HomeKeyUnnamed { key: HOME_KEY.to_owned() },
        locked("PendingDeletion"),
        locked("Missing"),
        group(GroupKind::Parameters),
        group(GroupKind::Options),
        group(GroupKind::Subnets),
        pitr(None),
        pitr(Some(at("2025-01-14T12:00:00Z"))),
        Found::DrKeyManaged { key: KEY.to_owned() },
        Found::QuotaShort {
            quota: Quota {
                family: Family::Instance,
                region: Region::new("us-west-2"),
                used: 80,
                max: 100,
            },
        },
        Found::Unreadable { fault: denied, assets: vec![asset(), AssetId::new("kaigo-master")] },
        Found::UnknownState { point: PointName::new(COPY), state: "pondering".to_owned() },
        Found::JournalDown { fault: late },
        Found::NotGranted { keys: vec![KEY.replace("us-west-2", "us-east-1"), KEY.to_owned()] },
        Found::Unarmed,
        unheard(2),
        unheard(0),
        Found::NightComplete { landed: vec![(asset(), met(false))], due: landed },
        Found::NightComplete {
            landed: vec![(asset(), met(false)), (AssetId::new("kaigo-master"), met(true))],
            due: at("2025-01-14T20:00:00Z"),
        },
        Found::PointLanded { met: met(true) },
    ]);
    all
}

/// What is told of a cluster only, or in other words than of an instance.
fn of_cluster() -> Vec<Found> {
    let due = at("2025-01-14T22:30:00Z");
    let group = Group::new(GroupKind::ClusterParameters, "kaigo-params");
    let failed = Cause::Failed(vec![PointName::new(COPY)]);
    let status = "inaccessible-encryption-credentials-recoverable".to_owned();
    let expected = at("2025-01-14T18:00:00Z");
    vec![
        Found::NotTaken { due, cause: Cause::DatabaseState("stopped".to_owned()) },
        Found::NotLanded { due, cause: failed },
        Found::AssetMissing { renamed_to: None },
        Found::AssetMissing { renamed_to: Some("kaigo-v2".to_owned()) },
        Found::AssetReplaced { now: "cluster-NEW".to_owned(), before: "cluster-OLD".to_owned() },
        Found::WindowElsewhere { window: "20:00-20:30".to_owned(), expected },
        Found::KeyInaccessible { status },
        Found::Unencrypted,
        Found::GroupMissing { group, assets: vec![AssetId::new("kaigo-subsys-prod")] },
        Found::Uncopyable { engine: "postgres".to_owned() },
        Found::PointLanded { met: Met { size_gib: None, ..met(false) } },
    ]
}

fn subject(found: &Found) -> Subject {
    match found {
        Found::QuotaShort { quota } => Subject::quota(quota),
        Found::DrKeyUnusable { key, state }
        | Found::HomeKeyUnusable { key, state }
        | Found::PointsLocked { key, state, .. } => Subject::key_in(key, state),
        Found::HomeKeyUnnamed { key } | Found::DrKeyManaged { key } => Subject::key(key),
        Found::GroupMissing { group, .. } => Subject::item(&group.to_string()),
        Found::KeyInaccessible { status } => Subject::item(status),
        Found::Unheard { topic } => Subject::item(topic.region.as_str()),
        Found::SweepStopped { region, .. } => Subject::item(&format!("{region}.instances")),
        Found::Undeletable { fault, .. } => Subject::item(&format!("{}.instances", fault.region)),
        Found::Orphaned { asset, .. } => Subject::item(&format!("{asset}.instances")),
        Found::UnknownState { point, .. } => Subject::Point(point.clone()),
        Found::Unreadable { .. } => Subject::Read("us-west-2.kms:DescribeKey".to_owned()),
        Found::NotTaken { .. }
        | Found::NotLanded { .. }
        | Found::CopiesMissing { .. }
        | Found::NightComplete { .. }
        | Found::PointLanded { .. } => Subject::Day(date(2025, 1, 15)),
        _ => Subject::Standing,
    }
}

pub(crate) fn finding(what: Found) -> Finding {
    let system = matches!(
        what.kind(),
        Kind::Unreadable
            | Kind::JournalDown
            | Kind::NightComplete
            | Kind::Unarmed
            | Kind::HomeSilent
            | Kind::CopiesMissing
            | Kind::QuotaShort
            | Kind::PolicyDiffers
            | Kind::Orphaned
            | Kind::Unheard
            | Kind::GroupMissing
            | Kind::PointsLocked
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

pub(crate) fn key(finding: &Finding, word: Word) -> NoticeKey {
    NoticeKey { episode: finding.key.clone(), n: 1, word }
}

pub(crate) fn written(policy: &Policy, found: Vec<Found>) -> Vec<Notice> {
    let now = at("2025-01-14T22:31:00Z");
    let findings: Vec<Finding> = found.into_iter().map(finding).collect();
    let broken = findings
        .iter()
        .map(|finding| notice::broken(policy, key(finding, Word::Said), finding, now));
    let repaired = findings
        .iter()
        .filter(|finding| !finding.key.kind.is_news())
        .map(|finding| notice::repaired(policy, key(finding, Word::Repaired), now));
    broken.chain(repaired).collect()
}

pub(crate) fn book(notices: &[Notice]) -> String {
    let page = |notice: &Notice| {
        format!("Subject: {}\nASCII:   {}\n\n{}", notice.subject, notice.ascii_subject, notice.body)
    };
    let mut pages: Vec<String> = notices.iter().map(page).collect();
    pages.dedup();
    pages.join(&format!("{}\n", "=".repeat(72)))
}

#[test]
fn in_japanese() {
    assert_snapshot!("notices_ja", book(&written(&policy("ja"), all())));
    assert_snapshot!("cluster_ja", book(&written(&clusters("ja"), of_cluster())));
}

#[test]
fn in_english() {
    assert_snapshot!("notices_en", book(&written(&policy("en"), all())));
    assert_snapshot!("cluster_en", book(&written(&clusters("en"), of_cluster())));
}

/// A name that RDS would refuse helps nobody at five in the morning.
#[test]
fn a_point_by_hand_has_a_name_that_fits() {
    let asset = Some(AssetId::new("c".repeat(63)));
    let found = Found::NotTaken { due: at("2025-01-14T20:00:00Z"), cause: Cause::NothingTaken };
    let found = finding(found);
    let found = Finding { key: EpisodeKey { asset, ..found.key.clone() }, ..found };
    let policy = named_cluster(&"c".repeat(63));
    let now = at("2025-01-14T20:00:00Z");
    let notice = notice::broken(&policy, key(&found, Word::Said), &found, now);
    assert!(notice.body.contains("-snapshot-identifier manual-202501142000"), "{}", notice.body);
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
    let of = |language| {
        let clusters = written(&clusters(language), of_cluster());
        clusters.into_iter().chain(written(&policy(language), all()))
    };
    for notice in ["ja", "en"].into_iter().flat_map(of) {
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
