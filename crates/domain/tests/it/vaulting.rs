//! What AWS Backup owes: every state of a job, a point and a copy, and what follows.

use crate::fixture::at;
use crate::vault_night::{ARN, FS, VAULT, copy, copy_job, job, landed, point, policy, unread};
use domain::duty::{Cause, Duty, DutyState, Vaulted, What};
use domain::id::AssetId;
use domain::journal::Journal;
use domain::seen::{BackedSeen, CopyJob, Job, OfVaults, Read, RecoveryPoint, Sort, Stand, Vault};
use insta::assert_snapshot;
use jiff::Timestamp;
use proptest::prelude::*;

const POINTS: [&str; 9] = [
    "",
    "CREATING",
    "COMPLETED",
    "AVAILABLE",
    "PARTIAL",
    "DELETING",
    "EXPIRED",
    "STOPPED",
    "NOVEL",
];
const JOBS: [&str; 11] = [
    "",
    "CREATED",
    "PENDING",
    "RUNNING",
    "ABORTING",
    "ABORTED",
    "COMPLETED",
    "FAILED",
    "EXPIRED",
    "PARTIAL",
    "NOVEL",
];
const COPY_JOBS: [&str; 7] = ["", "CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL", "NOVEL"];

fn duties_with(seen: &BackedSeen, journal: Journal, now: &str) -> Vec<Duty> {
    let policy = policy("en");
    let asset = policy.asset(&AssetId::new(FS)).expect("it is there");
    let backed = asset.backed().expect("it is AWS Backup's");
    let journal = &Read::Known(journal);
    Vaulted { policy: &policy, asset, backed, seen, tried: &[], journal, now: at(now) }.duties()
}

/// Known to Sonae for long.
fn duties(seen: &BackedSeen, now: &str) -> Vec<Duty> {
    let joined = format!("episodes/{FS}/joined.json");
    let journal = Journal::from_keys([(joined.as_str(), at("2025-01-01T00:00:00Z"))]);
    duties_with(seen, journal, now)
}

fn state(seen: &BackedSeen, what: What, now: &str) -> DutyState {
    let all = duties(seen, now);
    let mut these = all.into_iter().filter(|duty| duty.what == what);
    these.next_back().expect("today's").state
}

fn word(state: &DutyState) -> String {
    match state {
        DutyState::Met(_) => "met".to_owned(),
        DutyState::Recorded => "recorded".to_owned(),
        DutyState::Pending => "-".to_owned(),
        DutyState::Unknown => "?".to_owned(),
        DutyState::Broken(Cause::Backup(cause)) => {
            let text = format!("{cause:?}");
            let end = text.find([' ', '(', '{']).unwrap_or(text.len());
            text[..end].to_owned()
        }
        DutyState::Broken(other) => panic!("not AWS Backup's: {other:?}"),
    }
}

fn listed<T>(state: &str, make: fn(&str) -> T) -> Read<Vec<T>> {
    Read::Known(if state.is_empty() { Vec::new() } else { vec![make(state)] })
}

/// What a duty is at 06:00, before its deadline, and after it.
fn table(
    rows: &[&str],
    columns: &[&str],
    what: What,
    [before, after]: [&str; 2],
    seen: fn(&str, &str) -> BackedSeen,
) -> String {
    let mut text = String::new();
    for row in rows {
        for column in columns {
            let seen = seen(row, column);
            let [before, after] = [before, after].map(|now| word(&state(&seen, what, now)));
            text += &format!("{row:>10} {column:>10}  {before:>16} {after:>16}\n");
        }
    }
    text
}

#[test]
fn story_17_every_state_of_a_job_and_a_point() {
    let seen = |job_state: &str, point_state: &str| BackedSeen {
        jobs: listed(job_state, job),
        points: listed(point_state, point),
        ..landed()
    };
    let times = ["2025-01-14T21:00:00Z", "2025-01-14T22:00:00Z"];
    assert_snapshot!("backup_taken", table(&JOBS, &POINTS, What::Taken, times, seen));
}

#[test]
fn story_17_every_state_of_a_copy_job_and_a_copy() {
    let seen = |job_state: &str, copy_state: &str| BackedSeen {
        copy_jobs: listed(job_state, copy_job),
        copies: listed(copy_state, copy),
        ..landed()
    };
    let times = ["2025-01-14T21:00:00Z", "2025-01-15T01:00:00Z"];
    assert_snapshot!("backup_landed", table(&COPY_JOBS, &POINTS, What::Landed, times, seen));
}

/// COMPLETED with a message of another category than SUCCESS left something out.
#[test]
fn completed_with_issues_is_not_taken_and_not_landed() {
    let flawed = |category: &str| {
        let job = Job { category: Some(category.to_owned()), ..job("COMPLETED") };
        BackedSeen { jobs: Read::Known(vec![job]), ..landed() }
    };
    let now = "2025-01-14T21:00:00Z";
    for category in ["AccessDenied", "AGGREGATE", "whatever"] {
        assert_eq!(word(&state(&flawed(category), What::Taken, now)), "JobEnded", "{category}");
        assert_eq!(word(&state(&flawed(category), What::Landed, now)), "-", "{category}");
    }
    for category in ["SUCCESS", "", " "] {
        assert_eq!(word(&state(&flawed(category), What::Taken, now)), "met", "{category}");
        assert_eq!(word(&state(&flawed(category), What::Landed, now)), "met", "{category}");
    }
}

/// Story 4: a copy job's word is not a copy.
#[test]
fn story_04_what_a_copy_job_says_is_not_landed() {
    let seen = BackedSeen { copies: Read::Known(Vec::new()), ..landed() };
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-14T21:00:00Z")), "-");
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-15T01:00:00Z")), "CopyLost");
    let other = RecoveryPoint { key: Some("another".to_owned()), ..copy("COMPLETED") };
    let seen = BackedSeen { copies: Read::Known(vec![other]), ..landed() };
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-15T01:00:00Z")), "OtherKey");
    let plain = RecoveryPoint { key: None, ..copy("COMPLETED") };
    let keyless = Read::Known(Some(Vault { arn: None, key: None, lock: None }));
    let seen = BackedSeen { copies: Read::Known(vec![plain]), dr_vault: keyless, ..landed() };
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-15T01:00:00Z")), "OtherKey");
}

/// Either is enough: the job that says so, or one resource and one second.
#[test]
fn a_copy_belongs_to_its_point_by_a_job_or_by_its_time() {
    let now = "2025-01-15T01:00:00Z";
    let elsewhen = |text: &str| RecoveryPoint { created: at(text), ..copy("COMPLETED") };
    let seen = |copy: RecoveryPoint, job: &str| BackedSeen {
        copies: Read::Known(vec![copy]),
        copy_jobs: listed(job, copy_job),
        ..landed()
    };
    let met = |seen: &BackedSeen| word(&state(seen, What::Landed, now)) == "met";
    assert!(met(&seen(elsewhen("2025-01-14T20:50:00Z"), "COMPLETED")));
    assert!(met(&seen(elsewhen("2025-01-14T19:00:00.4Z"), "")));
    assert!(!met(&seen(elsewhen("2025-01-14T19:00:01Z"), "")));
    let stranger = RecoveryPoint { resource: "another".to_owned(), ..copy("COMPLETED") };
    assert!(!met(&seen(stranger, "")));
}

/// CREATED is AWS Backup's waiting room, for two hours at most.
#[test]
fn a_copy_that_does_not_begin_is_told_after_two_hours() {
    let seen = BackedSeen {
        copy_jobs: Read::Known(vec![copy_job("CREATED")]),
        copies: Read::Known(Vec::new()),
        ..landed()
    };
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-14T21:52:00Z")), "-");
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-14T21:52:01Z")), "CopyStuck");
}

/// A failed copy into another vault, or of another point, is none of ours.
#[test]
fn only_copy_jobs_of_the_point_into_the_dr_vault_count() {
    let failed = copy_job("FAILED");
    let elsewhere = VAULT.replace("sonae-dr", "another");
    let in_home = VAULT.replace("us-west-2", "us-east-1");
    let others = [
        CopyJob { vault: elsewhere, ..failed.clone() },
        CopyJob { vault: in_home, ..failed.clone() },
        CopyJob { source: Some("another".to_owned()), ..failed.clone() },
    ];
    for other in others {
        let seen = BackedSeen {
            copy_jobs: Read::Known(vec![other.clone()]),
            copies: Read::Known(Vec::new()),
            ..landed()
        };
        assert_eq!(word(&state(&seen, What::Landed, "2025-01-14T21:00:00Z")), "-", "{other:?}");
    }
    // A job that names no point yet is of its day.
    let nameless = CopyJob { source: None, ..failed };
    let jobs = Read::Known(vec![nameless]);
    let seen = BackedSeen { copy_jobs: jobs, copies: Read::Known(Vec::new()), ..landed() };
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-14T21:00:00Z")), "CopyEnded");
}

#[test]
fn another_job_that_is_alive_may_still_mend_it() {
    let now = "2025-01-14T21:00:00Z";
    let none = BackedSeen { points: Read::Known(Vec::new()), ..landed() };
    let two = Read::Known(vec![job("FAILED"), job("RUNNING")]);
    assert_eq!(word(&state(&BackedSeen { jobs: two, ..none }, What::Taken, now)), "-");
    let none = BackedSeen { copies: Read::Known(Vec::new()), ..landed() };
    let two = Read::Known(vec![copy_job("FAILED"), copy_job("RUNNING")]);
    assert_eq!(word(&state(&BackedSeen { copy_jobs: two, ..none }, What::Landed, now)), "-");
}

/// What was not read is neither there nor missing.
#[test]
fn what_was_not_read_is_unknown() {
    let now = "2025-01-15T01:00:00Z";
    let words =
        |seen: BackedSeen| [What::Taken, What::Landed].map(|what| word(&state(&seen, what, now)));
    let points = unread("backup:ListRecoveryPointsByBackupVault", "us-east-1");
    assert_eq!(words(BackedSeen { points, ..landed() }), ["?", "?"]);
    assert_eq!(
        words(BackedSeen { jobs: unread("backup:ListBackupJobs", "us-east-1"), ..landed() }),
        ["?", "?"]
    );
    let copies = unread("backup:ListRecoveryPointsByBackupVault", "us-west-2");
    assert_eq!(words(BackedSeen { copies, ..landed() }), ["met", "?"]);
    let dr_vault = unread("backup:DescribeBackupVault", "us-west-2");
    assert_eq!(words(BackedSeen { dr_vault, ..landed() }), ["met", "?"]);
    // The copy stands, whatever the jobs say; without a copy nobody knows.
    let jobs = || unread("backup:ListCopyJobs", "us-east-1");
    assert_eq!(words(BackedSeen { copy_jobs: jobs(), ..landed() }), ["met", "met"]);
    let copies = Read::Known(Vec::new());
    assert_eq!(words(BackedSeen { copy_jobs: jobs(), copies, ..landed() }), ["met", "?"]);
}

/// What the journal has seen stays, once AWS Backup has deleted the point by its lifecycle.
#[test]
fn story_16_a_point_that_is_gone_before_its_copy_is_told() {
    let now = "2025-01-15T01:00:00Z";
    let fact = |kind: &str| format!("duties/2025-01-15/{FS}/{kind}.json");
    let journal = |kinds: &[&str]| {
        let keys: Vec<String> = kinds.iter().map(|kind| fact(kind)).collect();
        Journal::from_keys(keys.iter().map(|key| (key.as_str(), at("2025-01-14T21:00:00Z"))))
    };
    let words = |seen: &BackedSeen, kinds: &[&str]| -> Vec<String> {
        duties_with(seen, journal(kinds), now).iter().map(|duty| word(&duty.state)).collect()
    };
    let gone = BackedSeen { points: Read::Known(Vec::new()), ..landed() };
    assert_eq!(words(&gone, &["taken"]), ["recorded", "met"], "the copy stands");
    let all_gone = BackedSeen { copies: Read::Known(Vec::new()), ..gone };
    assert_eq!(words(&all_gone, &["taken"]), ["recorded", "PointGone"]);
    assert_eq!(words(&all_gone, &["taken", "landed"]), ["recorded", "recorded"]);
    // A copy that somebody deleted while its point stands is missing.
    let deleted = BackedSeen { copies: Read::Known(Vec::new()), ..landed() };
    assert_eq!(words(&deleted, &["taken", "landed"]), ["met", "CopyLost"]);
}

/// A point that was taken late has the time that the policy gives any copy: three hours.
#[test]
fn a_copy_of_a_late_point_has_its_time() {
    let late = RecoveryPoint { done: Some(at("2025-01-15T00:30:00Z")), ..point("COMPLETED") };
    let seen = BackedSeen {
        points: Read::Known(vec![late]),
        copies: Read::Known(Vec::new()),
        copy_jobs: Read::Known(vec![copy_job("RUNNING")]),
        ..landed()
    };
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-15T03:29:59Z")), "-");
    assert_eq!(word(&state(&seen, What::Landed, "2025-01-15T03:30:00Z")), "Copying");
}

/// EFS's own vault, another resource and another day do not count; of older points the newest good one
/// is kept, for the RPO.
#[test]
fn a_listing_is_folded_by_asset() {
    let policy = policy("en");
    let now: Timestamp = at("2025-01-15T01:00:00Z");
    let mut sort = Sort::new(&policy, now);
    let old = |day: &str, state: &str| RecoveryPoint {
        created: at(&format!("{day}T19:00:00Z")),
        arn: day.to_owned(),
        ..point(state)
    };
    sort.point(&point("COMPLETED"));
    sort.point(&RecoveryPoint { resource: ARN.replace("fs-0", "fs-1"), ..point("COMPLETED") });
    sort.point(&old("2024-11-01", "COMPLETED"));
    sort.point(&old("2024-11-03", "EXPIRED"));
    sort.point(&old("2024-11-02", "COMPLETED"));
    let sorted = sort.sorted();
    let kept: Vec<&str> =
        sorted[&AssetId::new(FS)].iter().map(|point| point.arn.as_str()).collect();
    assert_eq!(kept, [point("").arn.as_str(), "2024-11-02"]);
    assert_eq!(sorted.len(), 1);
    assert!(
        OfVaults::nothing().sort(&policy, &policy.assets.iter().collect::<Vec<_>>()).is_empty(),
        "what was not asked for is not seen"
    );
}

fn any_state(states: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(states)
}

/// The better, the smaller.
fn badness(state: &DutyState) -> u8 {
    match state {
        DutyState::Met(_) | DutyState::Recorded => 0,
        DutyState::Pending => 1,
        DutyState::Unknown => 2,
        DutyState::Broken(_) => 3,
    }
}

proptest! {
    #[test]
    fn more_bad_jobs_never_make_a_duty_better(
        jobs in prop::collection::vec(any_state(&JOBS[1..]), 0..4),
        points in any_state(&POINTS),
        copy_jobs in prop::collection::vec(any_state(&COPY_JOBS[1..]), 0..4),
        copies in any_state(&POINTS),
        bad in any_state(&["FAILED", "ABORTED", "EXPIRED", "PARTIAL"]),
        bad_copy in any_state(&["FAILED", "PARTIAL"]),
        minutes in 0i64..600,
    ) {
        let now = (at("2025-01-14T19:00:00Z") + jiff::SignedDuration::from_mins(minutes)).to_string();
        let seen = BackedSeen {
            jobs: Read::Known(jobs.iter().map(|state| job(state)).collect()),
            points: listed(points, point),
            copy_jobs: Read::Known(copy_jobs.iter().map(|state| copy_job(state)).collect()),
            copies: listed(copies, copy),
            ..landed()
        };
        // One that made nothing, and one that made the very point: that is relied on no more, and what is
        // told of it is that it was not taken.
        let with = |point: Option<String>| {
            let mut worse = seen.clone();
            if let (Read::Known(jobs), Read::Known(copy_jobs)) = (&mut worse.jobs, &mut worse.copy_jobs) {
                jobs.push(Job { point, ..job(bad) });
                copy_jobs.push(copy_job(bad_copy));
            }
            worse
        };
        let both = |seen: &BackedSeen| {
            [What::Taken, What::Landed].map(|what| badness(&state(seen, what, &now)))
        };
        let (before, after) = (both(&seen), both(&with(None)));
        prop_assert!(before[0] <= after[0] && before[1] <= after[1], "{before:?} then {after:?}");
        let (before, after) = (before.iter().max(), both(&with(Some(point("").arn))));
        // While another job is alive it may still make one that is sound.
        let alive = jobs.iter().any(|state| job(state).stand() == Stand::Alive);
        prop_assert!(alive || points == "CREATING" || before <= after.iter().max(), "{before:?} then {after:?}");
    }
}
