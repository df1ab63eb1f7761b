//! AWS Backup's events, and points that somebody takes by hand, beside the plan's nights.

use crate::night::{COMPLETE, Drive, asset, at, home, policy_over, sim_of, told};
use domain::id::AssetId;
use domain::policy::Policy;
use domain::round::Round;
use domain::seen::Scope;
use domain::tags::StartedBy;
use jiff::SignedDuration;
use jiff::civil::date;
use model::campaign::deliver;
use model::{ApiError, JobQuery, Night, Scripted, Sim};
use serde_json::Value;

const FS: &str = "fs-0123456789abcdef0";
const ROLE: &str = "role = \"arn:aws:iam::123456789012:role/sonae-AwsBackupRole\"\n";
const LANDED: &str = "no copy of fs-0123456789abcdef0 for manual point";

fn policy() -> Policy {
    policy_over("", &asset("efs", FS, ROLE))
}

/// A quiet night, and a point taken by hand at 14:00.
fn at_two() -> Sim {
    let sim = sim_of(policy());
    sim.check_until("2025-01-15T05:00:00Z");
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
    sim.account.borrow_mut().take_by_hand(FS);
    sim
}

fn requests(sim: &Sim) -> usize {
    sim.account.borrow().backups.requests.len()
}

fn facts(sim: &Sim) -> Vec<String> {
    let account = sim.account.borrow();
    let of_hand = account.objects.keys().filter(|(_, key)| key.contains("@20250115T0500Z"));
    of_hand.filter_map(|(_, key)| Some(key.rsplit('/').next()?.to_owned())).collect()
}

/// Time passes, and each of AWS Backup's events is delivered; how many there were of each kind.
fn with_events(sim: &Sim, to: &str) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let changed = sim.account.borrow_mut().step(at(to));
        let events = std::mem::take(&mut sim.account.borrow_mut().events);
        for event in events.iter().filter(|event| event["source"] == "aws.backup") {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let detail = &event["detail"];
            let state =
                detail.get("state").or_else(|| detail.get("status")).map_or("-".to_owned(), text);
            told.push(format!("{} {} {state}", text(&event["time"]), text(&event["detail-type"])));
            deliver(sim, event);
        }
        if !changed {
            return told;
        }
    }
}

/// No event at all: the check does it.
#[test]
fn a_point_by_hand_is_copied_once_and_lands() {
    let sim = at_two();
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(requests(&sim), 1);
    sim.check_until("2025-01-15T12:00:00Z");
    assert_eq!(requests(&sim), 1, "asked for once");
    let mut facts = facts(&sim);
    facts.sort();
    assert_eq!(facts, ["landed.json", "requested-1.json"]);
    assert_eq!(told(&sim, "manual point"), 0, "{:?}", sim.subjects());
    let copies = sim.account.borrow().backups.requests.clone();
    assert!(copies[0].into.ends_with(":backup-vault:sonae-dr"));
}

/// AWS Backup tells every five minutes, each change once, and the copy is asked for at the first word.
#[test]
fn its_event_starts_the_copy() {
    let sim = at_two();
    with_events(&sim, "2025-01-15T05:00:00Z");
    let told = with_events(&sim, "2025-01-15T06:00:00Z");
    let expected = [
        "2025-01-15T05:05:00Z Backup Job State Change CREATED",
        "2025-01-15T05:15:00Z Backup Job State Change RUNNING",
        "2025-01-15T05:55:00Z Backup Job State Change COMPLETED",
        "2025-01-15T05:55:00Z Recovery Point State Change COMPLETED",
        "2025-01-15T06:00:00Z Copy Job State Change CREATED",
    ];
    assert_eq!(told, expected);
    assert_eq!(sim.account.borrow().backups.requests[0].created, at("2025-01-15T05:55:00Z"));
    with_events(&sim, "2025-01-15T08:00:00Z");
    assert_eq!(facts(&sim).len(), 2, "its landing is seen at the event of the copy job");
}

/// Bad news comes with its event, hours before the deadline.
#[test]
fn a_failed_job_is_told_at_its_event() {
    let sim = sim_of(policy());
    sim.account.borrow_mut().script_night(FS, date(2025, 1, 15), Night::Job("FAILED", "\"No.\""));
    with_events(&sim, "2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "no recovery point of fs-0123456789abcdef0"), 1, "{:?}", sim.subjects());
    assert_eq!(sim.mails()[0].at, at("2025-01-14T19:55:00Z"));
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "no recovery point of fs-0123456789abcdef0"), 1, "once");
}

#[test]
fn story_03_five_rounds_at_once_ask_for_one_copy_job() {
    let sim = at_two();
    sim.account.borrow_mut().advance(at("2025-01-15T06:00:00Z"));
    sim.race(&Scope::Asset(AssetId::new(FS)), StartedBy::Event, 5);
    let calls = sim.account.borrow().calls.clone();
    let asked = calls.iter().filter(|call| call.op == "backup:StartCopyJob").count();
    assert!(asked > 1, "they raced: {asked}");
    assert_eq!(requests(&sim), 1, "one token, one job");
    sim.check_until("2025-01-15T12:00:00Z");
    assert_eq!(told(&sim, "manual point"), 0, "{:?}", sim.subjects());
}

/// What AWS says yes to is not landed when the job fails, and a second request would do nothing.
#[test]
fn story_04_a_copy_job_of_ours_that_fails_is_told_once() {
    let sim = at_two();
    sim.account.borrow_mut().backups.copies_fail = Some("Access denied to the key of the vault");
    sim.check_until("2025-01-15T14:00:00Z");
    assert_eq!(told(&sim, LANDED), 1, "{:?}", sim.subjects());
    let mails = sim.mails();
    let mail = mails.iter().find(|mail| mail.subject.contains(LANDED)).expect("told");
    assert!(mail.body.contains("Access denied to the key of the vault"), "{}", mail.body);
    assert_eq!(requests(&sim), 1);
}

/// A right that is missing is told at once; given back, the next look copies, and says so.
#[test]
fn a_refused_copy_job_is_told_and_tried_again() {
    let sim = at_two();
    let refusal = Scripted::Refuse(ApiError::denied("iam:PassRole"));
    sim.account.borrow_mut().script("backup:StartCopyJob", None, "", u32::MAX, refusal);
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(told(&sim, LANDED), 1, "{:?}", sim.subjects());
    sim.account.borrow_mut().unscript("backup:StartCopyJob");
    sim.check_until("2025-01-15T12:00:00Z");
    assert_eq!(requests(&sim), 1);
    let repaired =
        "[REPAIRED] kaigo-subsys-prod: the copy of fs-0123456789abcdef0 for manual point";
    assert_eq!(told(&sim, repaired), 1, "{:?}", sim.subjects());
}

/// AWS Backup runs one job of a resource at a time: a long one by hand, and the plan's own is EXPIRED.
#[test]
fn a_job_that_stands_in_the_plans_way_serves_the_day() {
    let sim = sim_of(policy());
    sim.account.borrow_mut().backups.plans[0].takes = SignedDuration::from_hours(3);
    sim.check_until("2025-01-14T18:30:00Z");
    sim.account.borrow_mut().take_by_hand(FS);
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "no recovery point"), 0, "one is under way: {:?}", sim.subjects());
    sim.check_until("2025-01-14T23:00:00Z");
    let jobs = sim.account.borrow_mut().list_backup_jobs(&home(), &JobQuery::default());
    let jobs = jobs.expect("listed").items;
    assert!(jobs.iter().any(|job| job.state == "EXPIRED"), "the plan's own: {jobs:?}");
    // The one by hand is of the same day and serves it; nobody is woken for the other.
    assert_eq!(told(&sim, "no recovery point"), 0, "{:?}", sim.subjects());
    assert_eq!(requests(&sim), 1, "and Sonae copies it");
    sim.check_until("2025-01-15T02:00:00Z");
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
}

/// "The job is successful but objects are not backed up": the key is out of reach while it runs.
#[test]
fn story_17_a_denied_key_ends_in_a_job_with_issues_and_is_told() {
    let sim = sim_of(policy());
    sim.check_until("2025-01-14T18:45:00Z");
    sim.account.borrow_mut().deny_key(FS);
    sim.check_until("2025-01-14T20:15:00Z");
    assert_eq!(told(&sim, "no recovery point"), 1, "{:?}", sim.subjects());
    let mails = sim.mails();
    assert!(mails[0].body.contains("`COMPLETED`: AccessDenied"), "{}", mails[0].body);
    sim.account.borrow_mut().allow_key(FS);
    sim.account.borrow_mut().take_by_hand(FS);
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(requests(&sim), 1, "the one by hand is the day's now");
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
}

/// An event's round and the check see the same things and say the same of them.
#[test]
fn an_event_judges_as_the_check_does() {
    let nights = [
        None,
        Some(Night::NeverStarted),
        Some(Night::Job("FAILED", "no")),
        Some(Night::Job("ABORTED", "no")),
        Some(Night::Job("EXPIRED", "no")),
        Some(Night::Job("PARTIAL", "no")),
        Some(Night::Issues("AccessDenied")),
        Some(Night::Slow(SignedDuration::from_hours(5))),
        Some(Night::Copy("FAILED", "no")),
        Some(Night::Copy("PARTIAL", "no")),
        Some(Night::CopyStuck),
        Some(Night::NotCopied),
        Some(Night::OtherKey("another")),
    ];
    let times = [
        "2025-01-14T19:30:00Z",
        "2025-01-14T20:20:00Z",
        "2025-01-14T22:30:00Z",
        "2025-01-15T01:30:00Z",
    ];
    for night in nights {
        for time in times {
            let round = |scope: Scope, by| {
                let sim = sim_of(policy());
                if let Some(night) = night.clone() {
                    sim.account.borrow_mut().script_night(FS, date(2025, 1, 15), night);
                }
                sim.account.borrow_mut().advance(at(time));
                sim.play(scope, by, None).expect("not killed")
            };
            let by_event = round(Scope::Asset(AssetId::new(FS)), StartedBy::Event);
            let by_check = round(Scope::Fleet, StartedBy::Check);
            assert_eq!(by_event.duties, by_check.duties, "{night:?} at {time}");
            let of_asset = |round: &Round| -> Vec<_> {
                let found = round.findings.iter().filter(|one| one.key.asset.is_some());
                found.map(|one| (one.key.clone(), one.what.clone())).collect()
            };
            assert_eq!(of_asset(&by_event), of_asset(&by_check), "{night:?} at {time}");
        }
    }
}
