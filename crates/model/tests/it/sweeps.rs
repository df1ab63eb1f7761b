//! Sweeps on the model: what is planned is what is done, whatever comes between.

use crate::errors::codes;
use crate::night::{
    Drive, ID, KEY, READ, asset, at, create, each_db, home, policy_over, sim_of, told,
};
use domain::fault::FaultKind;
use domain::id::Family;
use domain::policy::Policy;
use domain::round::Round;
use domain::seen::State;
use domain::step::Outcome;
use domain::sweep;
use jiff::{SignedDuration, Timestamp};
use model::{ApiError, Kill, Scripted, Sim};

const DELETE: &str = "rds:DeleteDBSnapshot";

/// The kaigo policy with this `keep`.
pub(crate) fn keeping(keep: &str) -> Policy {
    policy_over(&format!("keep = {keep}"), &asset("rds-instance", ID, ""))
}

/// After so many landed nights before the 15th of January, at 09:00 JST of that day.
pub(crate) fn after(policy: Policy, nights: i64) -> Sim {
    let sim = sim_of(policy.clone());
    let mut account = sim.account.borrow_mut();
    for back in 0..nights {
        for asset in &policy.assets {
            account.put_night(&policy, asset, night(back));
        }
    }
    account.now = at("2025-01-15T00:00:00Z");
    drop(account);
    sim
}

/// When the point of so many nights ago was taken.
pub(crate) fn night(back: i64) -> Timestamp {
    at("2025-01-14T18:05:00Z") - SignedDuration::from_hours(24 * back)
}

pub(crate) fn swept(sim: &Sim) -> Round {
    sim.sweep(None, None).expect("not killed").expect("nothing approved")
}

fn deleted(sim: &Sim) -> Vec<String> {
    let account = sim.account.borrow();
    let calls = account.calls.iter().filter(|call| call.op == DELETE);
    calls.map(|call| call.resource.clone()).collect()
}

fn refuse(sim: &Sim, op: &str, code: &str, times: u32) {
    let error = Scripted::Refuse(ApiError::new(403, code, "no"));
    sim.account.borrow_mut().script(op, None, "", times, error);
}

#[test]
fn what_is_old_goes_and_is_written_down_first() {
    let sim = after(keeping("{ days = 30 }"), 33);
    let round = swept(&sim);
    assert_eq!((round.tried.len(), sim.copies().len()), (3, 30));
    let names: Vec<String> = round.tried.iter().map(|tried| tried.point.to_string()).collect();
    assert_eq!(deleted(&sim), names);
    let account = sim.account.borrow();
    let at = |op: &str, what: &str| {
        account.calls.iter().position(|call| call.op == op && call.resource.contains(what))
    };
    assert!(at("s3:PutObject", "/plan.json") < at(DELETE, ""), "planned, then done");
    assert!(at(DELETE, "") < at("s3:PutObject", "/done.json"));
    let pages: Vec<&String> = account
        .objects
        .keys()
        .map(|(_, key)| key)
        .filter(|key| key.starts_with("sweeps/20250115T0000Z-"))
        .collect();
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert!(account.outbox.values().all(Vec::is_empty), "nothing to tell");
}

/// Without the journal nothing is written down, so nothing is deleted.
#[test]
fn a_plan_that_cannot_be_written_down_is_not_carried_out() {
    let sim = after(keeping("{ days = 30 }"), 33);
    refuse(&sim, "s3:PutObject", "AccessDenied", 1);
    let round = swept(&sim);
    assert!(deleted(&sim).is_empty());
    assert_eq!(round.undone.len(), 1);
    assert_eq!(swept(&sim).tried.len(), 3, "the next one does it");
}

/// Peers lose their filter after the first page, or stop there (shelvery, dbsnap).
#[test]
fn story_14_pages_change_nothing() {
    for size in [1, 2, 7, 100] {
        let sim = after(keeping("{ days = 30 }"), 33);
        sim.account.borrow_mut().most_a_page = size;
        create(&sim, "before-release", &[]);
        swept(&sim);
        assert_eq!((deleted(&sim).len(), sim.copies().len()), (3, 30), "{size} a page");
    }
}

/// What a person took or copied is never called for deletion, in whichever Region.
#[test]
fn story_14_manual_snapshots_of_others_stay() {
    let sim = after(keeping("{ days = 3, floor = 1 }"), 3);
    create(&sim, "before-release", &[("Purpose", "PreRelease")]);
    sim.account.borrow_mut().advance(at("2025-06-15T00:00:00Z"));
    swept(&sim);
    assert!(deleted(&sim).iter().all(|name| name.ends_with("-dr")), "{:?}", deleted(&sim));
    let account = sim.account.borrow();
    assert!(account.snapshots.contains_key(&(home(), Family::Instance, "before-release".into())));
}

/// The 101st night of a quota of a hundred: copies are manual points, which RDS never expires.
#[test]
fn story_15_night_101_still_lands() {
    let policy = keeping("{ days = 30 }");
    let sim = sim_of(policy);
    each_db(&sim, |db| db.shown.retention_days = Some(2));
    for day in 0..130 {
        let morning = at("2025-01-14T23:00:00Z") + SignedDuration::from_hours(24 * day);
        sim.check_until(&morning.to_string());
        sim.until(&(morning + SignedDuration::from_hours(1)).to_string());
        swept(&sim);
        let ready = |state: State| sim.copies().iter().filter(|copy| copy.state == state).count();
        let expected = usize::try_from(day + 1).expect("a number").min(30);
        assert_eq!(ready(State::Available), expected, "day {day}");
    }
    assert_eq!(told(&sim, "[OK]"), 130);
    assert_eq!(sim.subjects().len(), 130, "nothing else is told");
}

/// The same with points that Sonae takes itself: they pile up in home, too.
#[test]
fn night_101_still_lands_where_sonae_takes_the_points() {
    let lines = "take = \"scheduled\"\nkeep = { daily = 7, weekly = 4, monthly = 2 }";
    let sim = sim_of(policy_over("", &asset("rds-instance", ID, lines)));
    each_db(&sim, |db| db.shown.retention_days = Some(0));
    for day in 0..110 {
        let morning = at("2025-01-14T23:00:00Z") + SignedDuration::from_hours(24 * day);
        sim.check_until(&morning.to_string());
        swept(&sim);
    }
    assert_eq!(told(&sim, "[OK]"), 110);
    let account = sim.account.borrow();
    let in_home = account.snapshots.keys().filter(|(region, ..)| *region == home()).count();
    let in_dr = account.snapshots.len() - in_home;
    assert!(in_home == in_dr && in_dr <= 13, "{in_home} in home, {in_dr} in dr");
}

/// Quota findings do not hold it back: it is what frees places.
#[test]
fn a_full_region_is_swept_all_the_same() {
    let sim = after(keeping("{ days = 30 }"), 34);
    sim.account.borrow_mut().manual_quota = 34;
    sim.check();
    assert_eq!(told(&sim, "manual snapshots used"), 1);
    assert_eq!(swept(&sim).tried.len(), 4);
}

#[test]
fn too_much_at_once_is_told_once_and_goes_with_a_yes() {
    let sim = after(keeping("{ days = 10 }"), 20);
    swept(&sim);
    swept(&sim);
    assert!(deleted(&sim).is_empty());
    assert_eq!(told(&sim, "10 of 20 points"), 1, "{:?}", sim.subjects());
    let body = sim.mails()[0].body.clone();
    let number = body.split("\"approve\":\"").nth(1).expect("a number")[..12].to_owned();
    assert!(sim.sweep(Some("0123456789ab"), None).expect("not killed").is_err());
    assert!(deleted(&sim).is_empty(), "a wrong number deletes nothing");
    sim.sweep(Some(&number), None).expect("not killed").expect("its number");
    assert_eq!((deleted(&sim).len(), sim.copies().len()), (10, 10));
    swept(&sim);
    assert_eq!(told(&sim, "[REPAIRED]"), 1);
}

/// A role without the right, a point in use: told once, other points go.
#[test]
fn a_refused_deletion_is_told_once() {
    let sim = after(keeping("{ days = 30 }"), 33);
    refuse(&sim, DELETE, "AccessDenied", 1);
    let round = swept(&sim);
    assert_eq!(round.tried.iter().filter(|tried| tried.outcome == Outcome::Done).count(), 2);
    assert_eq!(told(&sim, "1 old points of kaigo-subsys-prod in us-west-2 cannot"), 1);
    swept(&sim);
    assert_eq!((sim.copies().len(), told(&sim, "[REPAIRED]")), (30, 1));
}

/// Whatever AWS answers, nothing else goes, a lasting refusal is told once, and the next sweep goes on.
#[test]
fn every_declared_refusal_of_a_deletion() {
    for code in codes().remove(DELETE).expect("a call of ours") {
        let sim = after(keeping("{ days = 30 }"), 33);
        refuse(&sim, DELETE, &code, u32::MAX);
        swept(&sim);
        assert_eq!(sim.copies().len(), 33, "{code}");
        let kind = FaultKind::of_code(&code);
        let lasts = !kind.passes() && kind != FaultKind::Missing;
        assert_eq!(told(&sim, "cannot be deleted"), usize::from(lasts), "{code}");
        sim.account.borrow_mut().unscript(DELETE);
        swept(&sim);
        assert_eq!(sim.copies().len(), 30, "{code}");
        assert_eq!(told(&sim, "[REPAIRED]"), usize::from(lasts), "{code}");
    }
}

/// A point in use passes: it is told when two sweeps in a row have met it.
#[test]
fn what_may_pass_is_told_the_second_day() {
    let sim = after(keeping("{ days = 30 }"), 31);
    refuse(&sim, DELETE, "InvalidDBSnapshotState", 9);
    swept(&sim);
    assert!(sim.subjects().is_empty());
    // Started late, as after a retry.
    sim.until("2025-01-16T00:50:00Z");
    swept(&sim);
    assert_eq!(told(&sim, "cannot be deleted"), 1);
}

/// Nothing is called whole that was not seen to be: not while a key is in trouble, not while the lot is
/// stopped, not when nothing could be written down.
#[test]
fn a_refusal_is_not_over_before_it_was_seen_to_be() {
    let sim = after(keeping("{ days = 30 }"), 33);
    refuse(&sim, DELETE, "AccessDenied", u32::MAX);
    swept(&sim);
    let quiet = |sim: &Sim| assert_eq!((told(sim, "cannot be"), told(sim, "[REPAIRED]")), (1, 0));
    sim.account.borrow_mut().keys.insert(KEY.to_owned(), "Disabled".to_owned());
    swept(&sim);
    quiet(&sim);
    sim.account.borrow_mut().keys.insert(KEY.to_owned(), "Enabled".to_owned());
    refuse(&sim, "s3:PutObject", "AccessDenied", 1);
    swept(&sim);
    quiet(&sim);
    sim.account.borrow_mut().now += SignedDuration::from_hours(24 * 12);
    swept(&sim);
    assert_eq!(told(&sim, "stopped deleting"), 1, "{:?}", sim.subjects());
    quiet(&sim);
    sim.account.borrow_mut().unscript_all();
    let number = sweep::plan(sim.policy(), &sim.stock(), sim.account.borrow().now);
    let number = number.lots[0].stopped.clone().expect("stopped");
    sim.sweep(Some(&number), None).expect("not killed").expect("its number");
    assert_eq!(told(&sim, "[REPAIRED]"), 2, "{:?}", sim.subjects());
}

/// A journal that cannot be listed: its notices would be lost, so the function fails and is alarmed.
#[test]
fn a_journal_that_cannot_be_listed_fails_the_sweep() {
    let sim = after(keeping("{ days = 30 }"), 33);
    refuse(&sim, "s3:ListBucket", "AccessDenied", 1);
    let round = swept(&sim);
    assert_eq!((round.undone.len(), sim.copies().len()), (1, 30), "it deletes all the same");
}

/// A check in between neither repairs nor repeats what a sweep has told.
#[test]
fn a_check_leaves_what_a_sweep_told() {
    let sim = after(keeping("{ days = 10 }"), 20);
    swept(&sim);
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "10 of 20 points"), 1);
    assert_eq!(told(&sim, "[REPAIRED]"), 0);
    swept(&sim);
    assert_eq!(told(&sim, "10 of 20 points"), 1);
}

/// And a sweep leaves what a check has told.
#[test]
fn a_sweep_leaves_what_a_check_told() {
    let sim = after(keeping("{ days = 30 }"), 3);
    each_db(&sim, |db| db.shown.retention_days = Some(0));
    sim.check();
    assert_eq!(told(&sim, "automated backups"), 1);
    swept(&sim);
    swept(&sim);
    assert_eq!((told(&sim, "automated backups"), told(&sim, "[REPAIRED]")), (1, 0));
}

#[test]
fn an_asset_that_left_the_policy_is_told_once() {
    let two = format!("{}{}", asset("rds-instance", ID, ""), asset("rds-instance", "old", ""));
    let sim = after(policy_over("", &two), 5);
    let sim = Sim::new(sim.account.borrow().clone(), keeping("{ days = 30 }"));
    swept(&sim);
    swept(&sim);
    assert_eq!(
        sim.subjects(),
        ["[WARNING] kaigo-subsys-prod: 5 points of old, which is not in policy.toml"]
    );
    let sim = Sim::new(sim.account.borrow().clone(), policy_over("", &two));
    swept(&sim);
    assert_eq!(told(&sim, "[REPAIRED]"), 1);
}

/// A Region that does not answer: nothing is planned for it, and the function fails, to be tried
/// again.
#[test]
fn what_cannot_be_read_is_left_alone() {
    let sim = after(keeping("{ days = 30 }"), 33);
    refuse(&sim, READ, "AccessDenied", 1);
    let round = swept(&sim);
    assert!(deleted(&sim).is_empty());
    assert_eq!(round.undone.len(), 1);
}

/// Killed at any call, before or after its effect: what was planned and nothing else is gone, and
/// the next run finishes.
#[test]
fn a_killed_sweep_is_finished_by_the_next() {
    let whole = after(keeping("{ days = 30 }"), 33);
    swept(&whole);
    let left: Vec<_> = whole.copies().into_iter().map(|copy| copy.name).collect();
    for k in 1..=whole.calls() {
        for after_effect in [false, true] {
            let sim = after(keeping("{ days = 30 }"), 33);
            let killed = sim.sweep(None, Some(Kill { at: k, after_effect }));
            assert!(killed.is_none(), "call {k}");
            assert!(left.iter().all(|name| sim.copies().iter().any(|copy| copy.name == *name)));
            swept(&sim);
            let names: Vec<_> = sim.copies().into_iter().map(|copy| copy.name).collect();
            assert_eq!(names, left, "killed at {k}, after its effect: {after_effect}");
            assert!(sim.subjects().is_empty());
        }
    }
}
