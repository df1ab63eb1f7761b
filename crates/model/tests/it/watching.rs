//! Home is gone, or its Sonae is: what dr has, told by the watcher through dr's topic. It looks seven
//! minutes after each of home's ticks.

use crate::night::{AUTOMATED, COPY, Drive, ID, KEY, at, dr, home, policy_with, sim, sim_of};
use domain::day::{TICK, tick};
use domain::id::{Family, Region};
use domain::round::Round;
use jiff::SignedDuration;
use model::{ApiError, CopyRequest, Mail, Scripted, Sim};

pub(crate) const SILENT: &str = "[CRITICAL] kaigo-subsys-prod: Sonae in us-east-1 is silent";
const SPEAKS: &str = "[REPAIRED] kaigo-subsys-prod: Sonae in us-east-1 speaks again";
const RETURNED: &str =
    "[REPAIRED] kaigo-subsys-prod: us-east-1 watches the copies of 2025-01-15 again";

pub(crate) fn missing(who: &str, day: &str) -> String {
    format!("[CRITICAL] kaigo-subsys-prod: no copy of {who} for {day}, and home is silent")
}

/// Ticks of home, where it speaks, and of the watcher, up to a time.
pub(crate) fn both_until(sim: &Sim, time: &str, home_speaks: bool) {
    loop {
        let next = tick(sim.account.borrow().now) + TICK;
        if next > at(time) {
            return;
        }
        sim.account.borrow_mut().advance(next);
        if home_speaks {
            speak(sim);
        }
        sim.account.borrow_mut().advance(next + SignedDuration::from_mins(7));
        look(sim);
    }
}

/// Home's tick: a look at everything, or a sign of life only.
fn speak(sim: &Sim) {
    let now = sim.account.borrow().now;
    match sim.policy().looks_at(now) {
        true => sim.check(),
        false => sim.beat(),
    };
}

fn look(sim: &Sim) -> Round {
    sim.watch(None).expect("not killed")
}

pub(crate) fn mails_of(sim: &Sim, region: &Region) -> Vec<Mail> {
    let account = sim.account.borrow();
    account.outbox[&account.topic(region)].clone()
}

pub(crate) fn told(sim: &Sim) -> Vec<String> {
    mails_of(sim, &dr()).into_iter().map(|mail| mail.subject).collect()
}

/// The day on which the silence begins, a night that landed behind it.
fn after_a_good_night() -> Sim {
    let sim = sim();
    both_until(&sim, "2025-01-14T22:45:00Z", true);
    assert!(told(&sim).is_empty() && sim.copies().len() == 1);
    sim
}

/// us-east-1 is lost for two nights: told once, each day's copies once, nothing in between.
#[test]
fn story_24_a_lost_home_is_told_from_dr_with_what_is_left() {
    let sim = after_a_good_night();
    let by_home = mails_of(&sim, &home()).len();
    let before = sim.account.borrow().calls.len();
    both_until(&sim, "2025-01-15T22:15:00Z", false);
    assert_eq!(told(&sim), [SILENT]);
    let mail = &mails_of(&sim, &dr())[0];
    assert_eq!(mail.at, at("2025-01-14T23:52:00Z"));
    assert!(mail.body.contains("- kaigo-subsys-prod: 5 h 47 min old (RPO 24 h)"), "{}", mail.body);
    assert!(mail.body.contains(COPY), "{}", mail.body);
    both_until(&sim, "2025-01-16T18:00:00Z", false);
    assert_eq!(told(&sim), [SILENT.to_owned(), missing(ID, "2025-01-16")]);
    let mail = &mails_of(&sim, &dr())[1];
    assert_eq!(mail.at, at("2025-01-15T22:37:00Z"), "07:30 and the watcher's tick");
    let aged = "- kaigo-subsys-prod: 28 h 32 min old (beyond the RPO of 24 h)";
    assert!(mail.body.contains(aged) && mail.body.contains(COPY), "{}", mail.body);
    both_until(&sim, "2025-01-17T12:00:00Z", false);
    assert_eq!(told(&sim)[2..], [missing(ID, "2025-01-17")]);
    let account = sim.account.borrow();
    assert!(account.calls[before..].iter().all(|call| call.region == dr()), "home is a black hole");
    assert_eq!(account.outbox[&account.topic(&home())].len(), by_home);
}

/// Home comes back: it takes over, and dr falls silent.
#[test]
fn a_home_that_returns_judges_the_days_itself() {
    let sim = sim();
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    both_until(&sim, "2025-01-15T03:00:00Z", false);
    assert_eq!(told(&sim), [SILENT.to_owned(), missing(ID, "2025-01-15")]);
    both_until(&sim, "2025-01-16T03:00:00Z", true);
    assert_eq!(told(&sim)[2..], [RETURNED, SPEAKS]);
    let subjects = sim.subjects();
    let by_home = subjects.iter().filter(|told| told.contains("for 2025-01-15 ")).count();
    assert_eq!(by_home, 2, "told by home as late, and as landed: {subjects:#?}");
}

/// It says nothing and asks RDS nothing, whatever is missing: home tells that.
#[test]
fn while_home_speaks_dr_says_nothing_and_asks_rds_nothing() {
    let sim = sim();
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, dies);
    both_until(&sim, "2025-01-15T12:00:00Z", true);
    assert!(told(&sim).is_empty(), "{:?}", told(&sim));
    assert_eq!(sim.subjects().len(), 1, "home tells it: {:?}", sim.subjects());
    let before = sim.account.borrow().calls.len();
    assert!(look(&sim).findings.is_empty());
    let account = sim.account.borrow();
    let calls: Vec<&str> = account.calls[before..].iter().map(|call| call.op.as_str()).collect();
    assert_eq!(calls, ["s3:GetObject", "s3:ListBucket"]);
}

/// Home told of it at 07:30; that it fell silent then is no second break of that day.
#[test]
fn a_day_that_home_has_judged_is_not_judged_again() {
    let sim = sim();
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, dies);
    both_until(&sim, "2025-01-14T22:30:00Z", true);
    both_until(&sim, "2025-01-15T14:45:00Z", false);
    assert_eq!(told(&sim), [SILENT]);
    let body = &mails_of(&sim, &dr())[0].body;
    assert!(body.contains("- kaigo-subsys-prod: none that can be restored (RPO 24 h)"), "{body}");
}

/// Silence is known only after an hour: a deadline within it is judged then.
#[test]
fn a_deadline_in_the_first_hour_of_silence_is_judged_with_it() {
    let sim = sim();
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, dies);
    both_until(&sim, "2025-01-14T22:15:00Z", true);
    both_until(&sim, "2025-01-15T03:00:00Z", false);
    assert_eq!(told(&sim), [SILENT.to_owned(), missing(ID, "2025-01-15")]);
    assert_eq!(mails_of(&sim, &dr())[1].at, at("2025-01-14T23:22:00Z"));
}

/// A person copies while home is silent: that all stand is told without home.
#[test]
fn a_copy_by_hand_makes_the_day_whole() {
    let sim = sim();
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    both_until(&sim, "2025-01-14T23:00:00Z", false);
    let request = {
        let account = sim.account.borrow();
        let source = account.snapshot_arn(&home(), Family::Instance, AUTOMATED);
        let target = "by-hand".to_owned();
        CopyRequest { source, target, key: Some(KEY.to_owned()), tags: [].into() }
    };
    sim.account.borrow_mut().copy_db_snapshot(&dr(), request).expect("accepted");
    both_until(&sim, "2025-01-15T12:00:00Z", false);
    let whole = "[REPAIRED] kaigo-subsys-prod: every copy of 2025-01-15 stands in us-west-2";
    assert_eq!(told(&sim)[2..], [whole]);
}

/// Once home speaks the copies are not read any more: that is no "can be read again".
#[test]
fn a_read_that_is_not_made_any_more_is_closed_in_silence() {
    let sim = sim();
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    let denied = Scripted::Refuse(ApiError::denied("rds:DescribeDBSnapshots"));
    sim.account.borrow_mut().script("rds:DescribeDBSnapshots", Some(&dr()), "", u32::MAX, denied);
    both_until(&sim, "2025-01-14T20:00:00Z", false);
    assert_eq!(told(&sim).len(), 2, "{:?}", told(&sim));
    sim.account.borrow_mut().unscript("rds:DescribeDBSnapshots");
    both_until(&sim, "2025-01-15T03:00:00Z", true);
    assert_eq!(told(&sim)[2..], [SPEAKS]);
    let closed = sim.account.borrow().objects.keys().any(|(_, key)| key.ends_with("closed.json"));
    assert!(closed, "it is no open break");
}

/// What was told before cannot be listed: a deadline that just passed is told all the same.
#[test]
fn without_its_journal_the_watcher_tells_at_the_deadline() {
    let sim = sim();
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    let refused = Scripted::Refuse(ApiError::new(503, "SlowDown", "later"));
    sim.account.borrow_mut().script("s3:ListBucket", Some(&dr()), "", u32::MAX, refused);
    both_until(&sim, "2025-01-14T22:15:00Z", false);
    assert_eq!(told(&sim), [SILENT], "at the first tick of six hours");
    both_until(&sim, "2025-01-15T02:45:00Z", false);
    assert_eq!(told(&sim)[1..], [missing(ID, "2025-01-15")]);
}

/// dr's stack goes up by day, home's minutes later: the night before is nobody's.
#[test]
fn a_home_that_is_being_deployed_by_day_owes_nothing_yet() {
    let sim = sim();
    sim.until("2025-01-14T23:50:00Z");
    both_until(&sim, "2025-01-15T00:07:00Z", false);
    both_until(&sim, "2025-01-15T06:00:00Z", true);
    assert!(told(&sim).is_empty(), "{:?}", told(&sim));
}

/// Home never spoke: nobody knows since when, so only the day itself is judged.
#[test]
fn a_home_that_never_spoke_owes_the_day_only() {
    let sim = sim_of(policy_with("since = 2025-01-10"));
    both_until(&sim, "2025-01-15T12:00:00Z", false);
    assert_eq!(told(&sim), [SILENT.to_owned(), missing(ID, "2025-01-15")]);
    assert!(mails_of(&sim, &dr())[0].body.contains("Its check has never run."));
}

/// Killed at any of its calls, the watcher says everything at least once at its next look.
#[test]
fn a_killed_watcher_says_it_at_the_next_look() {
    for at_call in 1..12 {
        for after_effect in [false, true] {
            let sim = sim();
            both_until(&sim, "2025-01-14T18:00:00Z", true);
            sim.until("2025-01-14T22:37:00Z");
            let kill = model::Kill { at: at_call, after_effect };
            let died = sim.watch(Some(kill)).is_none();
            both_until(&sim, "2025-01-15T03:00:00Z", false);
            let told = told(&sim);
            for expected in [SILENT.to_owned(), missing(ID, "2025-01-15")] {
                let times = told.iter().filter(|told| **told == expected).count();
                assert!((1..=1 + usize::from(died)).contains(&times), "{at_call}: {told:?}");
            }
        }
    }
}
