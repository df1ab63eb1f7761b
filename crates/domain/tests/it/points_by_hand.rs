//! Points of AWS Backup that somebody took by hand: what is done about them, and what they owe.

use crate::fixture::at;
use crate::vault_night::{FS, VAULT, copy, copy_job, job, landed, point, policy, unread};
use domain::decide::of_vault;
use domain::duty::{Cause, Duty, DutyState, Tried, VaultCause, Vaulted, What};
use domain::episode::Subject;
use domain::fault::{Fault, FaultKind};
use domain::id::{AssetId, PointName, Region};
use domain::journal::Journal;
use domain::policy::{Policy, Protected};
use domain::seen::{BackedSeen, CopyJob, Job, Read, RecoveryPoint};
use domain::step::{Action, Outcome, PointCopy, Rest, Step};
use domain::tags::StartedBy;

const ROLE: &str = "arn:aws:iam::123456789012:role/sonae-AwsBackupRole";
const HAND: &str = "arn:aws:backup:us-east-1:123456789012:recovery-point:hand";
/// 15:00 JST on the 15th, an hour after it was taken.
const NOW: &str = "2025-01-15T06:00:00Z";

fn with_role(role: Option<&str>) -> Policy {
    let mut policy = policy("en");
    let asset =
        policy.assets.iter_mut().find(|asset| asset.id.as_str() == FS).expect("it is there");
    if let Protected::Backup(backed) = &mut asset.what {
        backed.role = role.map(str::to_owned);
    }
    policy
}

/// Taken at 14:00, done at 14:50.
fn hand() -> RecoveryPoint {
    let (created, done) = (at("2025-01-15T05:00:00Z"), Some(at("2025-01-15T05:50:00Z")));
    RecoveryPoint { arn: HAND.to_owned(), created, done, planned: false, ..point("COMPLETED") }
}

/// A night in which all went well, and a point by hand beside it.
fn seen(change: impl Fn(&mut RecoveryPoint)) -> BackedSeen {
    let mut hand = hand();
    change(&mut hand);
    let jobs = Read::Known(vec![job("COMPLETED"), its_backup(&hand)]);
    BackedSeen { points: Read::Known(vec![point("COMPLETED"), hand]), jobs, ..landed() }
}

/// The job that took it, which names no plan.
fn its_backup(hand: &RecoveryPoint) -> Job {
    let (id, created) = ("by hand".to_owned(), hand.created);
    Job { id, created, point: Some(hand.arn.clone()), planned: false, ..job("COMPLETED") }
}

fn its_job(state: &str) -> CopyJob {
    let copied = (state == "COMPLETED").then(|| "the copy".to_owned());
    CopyJob { source: Some(HAND.to_owned()), copy: copied, ..copy_job(state) }
}

fn step_of(policy: &Policy, seen: &BackedSeen, now: &str) -> Step {
    let asset = policy.asset(&AssetId::new(FS)).expect("it is there");
    let steps = of_vault(policy, asset, seen, StartedBy::Check, at(now));
    let (_, planned) =
        steps.iter().find(|(name, _)| name.as_str() == point("").arn).expect("one each");
    assert_eq!(*planned, Step::Rest(Rest::Planned), "a plan's copy is never doubled");
    steps.into_iter().find(|(name, _)| name.as_str() != point("").arn).expect("one each").1
}

fn check(seen: &BackedSeen, now: &str, expected: Rest) {
    assert_eq!(step_of(&with_role(Some(ROLE)), seen, now), Step::Rest(expected));
}

#[test]
fn a_point_by_hand_is_copied_with_the_policys_role() {
    let step = step_of(&with_role(Some(ROLE)), &seen(|_| {}), NOW);
    let Step::Do(Action::CopyPoint(copy)) = step else { panic!("{step:?}") };
    let expected = PointCopy {
        asset: AssetId::new(FS),
        point: HAND.to_owned(),
        created: at("2025-01-15T05:00:00Z"),
        from: "sonae".to_owned(),
        into: VAULT.to_owned(),
        role: ROLE.to_owned(),
        by: StartedBy::Check,
    };
    assert_eq!(copy, expected);
    let elsewhere = PointCopy { into: "another vault".to_owned(), ..expected.clone() };
    assert_ne!(copy.token(), elsewhere.token());
    let by_event = PointCopy { by: StartedBy::Event, ..expected };
    assert_eq!(copy.token(), by_event.token(), "two rounds ask for one job");
    assert!(copy.token().len() == 32 && copy.token().chars().all(|c| c.is_ascii_hexdigit()));
}

#[test]
fn every_other_point_is_left_alone() {
    let plain = seen(|_| {});
    assert_eq!(step_of(&with_role(None), &plain, NOW), Step::Rest(Rest::NotSelected));
    check(&seen(|hand| hand.created = at("2025-01-14T05:00:00Z")), NOW, Rest::BeforeSince);
    check(&plain, "2025-01-18T06:00:00Z", Rest::TooOld);
    check(
        &seen(|hand| hand.state = "CREATING".to_owned()),
        NOW,
        Rest::NotReady("CREATING".to_owned()),
    );
    check(&seen(|hand| hand.state = "AVAILABLE".to_owned()), NOW, Rest::NotOurs);
    for bad in ["PARTIAL", "EXPIRED", "DELETING", "STOPPED", "NOVEL"] {
        check(&seen(|hand| hand.state = bad.to_owned()), NOW, Rest::PointFailed);
    }
    let category = Some("AccessDenied".to_owned());
    let issues = Job { category, ..its_backup(&hand()) };
    check(&BackedSeen { jobs: Read::Known(vec![issues]), ..plain.clone() }, NOW, Rest::PointFailed);
    let gone = BackedSeen { dr_vault: Read::Known(None), ..plain };
    check(&gone, NOW, Rest::NotReady("no sonae-dr".to_owned()));
}

/// A point that does not name its plan, of a job that does; one that no job made. A plan's copy is never
/// doubled, whichever of the two AWS leaves out.
#[test]
fn what_a_plan_may_have_made_is_not_copied() {
    let jobs = |job: Option<Job>| BackedSeen {
        jobs: Read::Known(job.into_iter().collect()),
        ..seen(|_| {})
    };
    check(&jobs(Some(Job { planned: true, ..its_backup(&hand()) })), NOW, Rest::NotOurs);
    check(&jobs(None), NOW, Rest::NotOurs);
    check(&seen(|hand| hand.planned = true), NOW, Rest::Planned);
    for seen in [jobs(None), jobs(Some(Job { planned: true, ..its_backup(&hand()) }))] {
        assert_eq!(owed(&with_role(Some(ROLE)), &seen, &[], NOW), []);
    }
}

/// A job of it in any state, or a copy, is all that is asked for.
#[test]
fn what_is_copied_or_was_is_not_asked_for_again() {
    let jobs = |state: &str| BackedSeen {
        copy_jobs: Read::Known(vec![copy_job("COMPLETED"), its_job(state)]),
        ..seen(|_| {})
    };
    let underway = || Rest::Underway(PointName::new("copy-1"));
    for (state, rest) in [
        ("CREATED", underway()),
        ("RUNNING", underway()),
        ("NOVEL", underway()),
        ("COMPLETED", underway()),
        ("FAILED", Rest::AttemptsSpent),
        ("PARTIAL", Rest::AttemptsSpent),
    ] {
        check(&jobs(state), NOW, rest);
    }
    let copies = |state: &str| {
        let copied = RecoveryPoint { created: hand().created, arn: "c".to_owned(), ..copy(state) };
        BackedSeen { copies: Read::Known(vec![copy("COMPLETED"), copied]), ..seen(|_| {}) }
    };
    check(&copies("COMPLETED"), NOW, Rest::Landed(PointName::new("c")));
    check(&copies("CREATING"), NOW, Rest::Underway(PointName::new("c")));
    check(&copies("EXPIRED"), NOW, Rest::AttemptsSpent);
    // A job into another vault is none of it.
    let mut other = its_job("RUNNING");
    other.vault = VAULT.replace("sonae-dr", "other");
    let elsewhere = BackedSeen { copy_jobs: Read::Known(vec![other]), ..seen(|_| {}) };
    assert!(matches!(step_of(&with_role(Some(ROLE)), &elsewhere, NOW), Step::Do(_)));
}

/// Nothing is started blindly.
#[test]
fn without_a_sight_of_dr_nothing_is_started() {
    let all = [
        BackedSeen {
            copies: unread("backup:ListRecoveryPointsByBackupVault", "us-west-2"),
            ..seen(|_| {})
        },
        BackedSeen { copy_jobs: unread("backup:ListCopyJobs", "us-east-1"), ..seen(|_| {}) },
        BackedSeen { jobs: unread("backup:ListBackupJobs", "us-east-1"), ..seen(|_| {}) },
        BackedSeen { dr_vault: unread("backup:DescribeBackupVault", "us-west-2"), ..seen(|_| {}) },
    ];
    for seen in all {
        let step = step_of(&with_role(Some(ROLE)), &seen, NOW);
        assert!(matches!(step, Step::Rest(Rest::Unsure(_))), "{step:?}");
    }
}

/// The ARN of a point has the shape of its type, and goes to AWS as it is; the journal takes its end.
#[test]
fn points_of_every_shape_are_called_by_their_end() {
    for (arn, name) in [
        (HAND, "hand"),
        ("arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-1a2b", "job-1a2b"),
        ("arn:aws:rds:us-east-1:123456789012:cluster-snapshot:awsbackup:job-3c", "job-3c"),
        ("arn:aws:ec2:us-east-1::snapshot/snap-03886bc8d6ef3a1f9", "snap-03886bc8d6ef3a1f9"),
        ("arn:aws:ec2:us-east-1::image/ami-00179b33a7a88cac5", "ami-00179b33a7a88cac5"),
    ] {
        let seen = seen(|hand| hand.arn = arn.to_owned());
        let step = step_of(&with_role(Some(ROLE)), &seen, NOW);
        let Step::Do(Action::CopyPoint(copy)) = step else { panic!("{step:?}") };
        assert_eq!(copy.point, arn);
        let point = RecoveryPoint { arn: arn.to_owned(), ..hand() };
        assert_eq!(point.manual().to_string(), format!("{name}@20250115T0500Z"));
    }
}

fn owed(policy: &Policy, seen: &BackedSeen, tried: &[Tried], now: &str) -> Vec<Duty> {
    let asset = policy.asset(&AssetId::new(FS)).expect("it is there");
    let backed = asset.backed().expect("AWS Backup's");
    let joined = format!("episodes/{FS}/joined.json");
    let journal = Journal::from_keys([(joined.as_str(), at("2025-01-01T00:00:00Z"))]);
    let journal = &Read::Known(journal);
    let all = Vaulted { policy, asset, backed, seen, tried, journal, now: at(now) }.duties();
    all.into_iter().filter(|duty| matches!(duty.subject, Subject::Manual(_))).collect()
}

#[test]
fn a_point_by_hand_owes_a_copy_within_four_hours() {
    let policy = with_role(Some(ROLE));
    let by = |seen: &BackedSeen, now: &str| {
        let [duty] = &*owed(&policy, seen, &[], now) else { panic!("one") };
        assert_eq!((duty.what, duty.due), (What::Landed, at("2025-01-15T09:50:00Z")));
        duty.state.clone()
    };
    assert_eq!(by(&seen(|_| {}), NOW), DutyState::Pending);
    let late = by(&seen(|_| {}), "2025-01-15T09:50:00Z");
    assert_eq!(late, DutyState::Broken(Cause::Backup(VaultCause::CopyNotStarted)));
    let failed = BackedSeen { copy_jobs: Read::Known(vec![its_job("FAILED")]), ..seen(|_| {}) };
    let ended = by(&failed, NOW);
    assert!(
        matches!(ended, DutyState::Broken(Cause::Backup(VaultCause::CopyEnded(_)))),
        "{ended:?}"
    );
    let copied = RecoveryPoint { created: hand().created, ..copy("COMPLETED") };
    let stands = BackedSeen { copies: Read::Known(vec![copied]), ..seen(|_| {}) };
    assert!(matches!(by(&stands, NOW), DutyState::Met(_)));
}

/// What cannot be started is told at once, with AWS's words.
#[test]
fn a_refused_copy_job_is_told_at_once() {
    let policy = with_role(Some(ROLE));
    let fault = |kind| Fault {
        op: "backup:StartCopyJob".to_owned(),
        region: Region::new("us-east-1"),
        kind,
        detail: "AccessDeniedException: iam:PassRole".to_owned(),
    };
    let of = |outcome| {
        let tried = Tried { asset: AssetId::new(FS), point: PointName::new(HAND), outcome };
        owed(&policy, &seen(|_| {}), &[tried], NOW).remove(0).state
    };
    let denied = fault(FaultKind::Denied);
    let refused = DutyState::Broken(Cause::Backup(VaultCause::CopyRefused(denied.clone())));
    assert_eq!(of(Outcome::Failed(denied)), refused);
    assert_eq!(of(Outcome::Deferred(fault(FaultKind::Throttled))), DutyState::Pending);
    assert_eq!(of(Outcome::Done), DutyState::Pending);
}

/// Without a role nothing is owed of it; where it is all that its day has, the day owes its copy.
#[test]
fn it_is_told_once() {
    assert_eq!(owed(&with_role(None), &seen(|_| {}), &[], NOW), []);
    let jobs = Read::Known(vec![its_backup(&hand())]);
    let alone = BackedSeen { points: Read::Known(vec![hand()]), jobs, ..landed() };
    assert_eq!(owed(&with_role(Some(ROLE)), &alone, &[], NOW), []);
}
