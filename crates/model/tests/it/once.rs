//! Said once: when it breaks, when it is whole again, and never for a blip.

use crate::night::{AUTOMATED, COMPLETE, Drive, KEY, dr, home, sim};
use model::{ApiError, Scripted};

#[test]
fn one_denied_read_is_told_and_the_rest_is_judged() {
    let sim = sim();
    let denied = Scripted::Refuse(ApiError::denied("kms:DescribeKey"));
    sim.account.borrow_mut().script("kms:DescribeKey", Some(&dr()), "", u32::MAX, denied);
    sim.check_until("2025-01-14T19:00:00Z");
    let subjects = sim.subjects();
    let told = "[WARNING] kaigo-subsys-prod: kms:DescribeKey in us-west-2 cannot be read";
    assert_eq!(subjects, [told, COMPLETE]);
}

/// Without the journal nothing says what was told. Copies go on, bad news goes out unclaimed.
#[test]
fn journal_down_costs_no_copy_and_no_bad_news() {
    let sim = sim();
    sim.account.borrow_mut().buckets.clear();
    let forever = u32::MAX;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", forever, Scripted::CopyDies);
    sim.check_until("2025-01-15T14:00:00Z");
    assert_eq!(sim.copies().len(), 3);
    let subjects = sim.subjects();
    let landing = subjects.iter().filter(|told| told.contains("no copy of")).count();
    let journal =
        subjects.iter().filter(|told| told.contains("the journal cannot be read")).count();
    assert_eq!(landing, 4, "at 06:00, at its deadline, at 12:00, at 18:00: {subjects:?}");
    assert_eq!(journal, 3, "at 06:00, at 12:00, at 18:00: {subjects:?}");
}

/// A journal that can be listed but not written would have everything told at every look.
#[test]
fn journal_unwritable_is_told_and_repeats_nothing_every_quarter() {
    let sim = sim();
    let denied = Scripted::Refuse(ApiError::denied("s3:PutObject"));
    let forever = u32::MAX;
    sim.account.borrow_mut().script("s3:PutObject", None, "", forever, denied);
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", forever, Scripted::CopyDies);
    sim.check_until("2025-01-15T14:00:00Z");
    let subjects = sim.subjects();
    let journal =
        subjects.iter().filter(|told| told.contains("the journal cannot be read")).count();
    assert_eq!((subjects.len(), journal), (7, 3), "{subjects:?}");
    assert_eq!(sim.check().undone.len(), 2, "no heartbeat, no report: the alarm of either sees it");
}

#[test]
fn a_disabled_dr_key_is_told_once_and_repaired_after_two_clean_ticks() {
    let sim = sim();
    let set = |state: &str| {
        sim.account.borrow_mut().keys.insert(KEY.to_owned(), state.to_owned());
    };
    sim.check_until("2025-01-14T19:00:00Z");
    set("Disabled");
    sim.check_until("2025-01-14T19:30:00Z");
    set("Enabled");
    sim.check_until("2025-01-14T19:45:00Z");
    assert_eq!(sim.subjects().len(), 2, "one clean tick is not enough");
    sim.check_until("2025-01-14T20:15:00Z");
    let subjects = sim.subjects();
    let told = [
        COMPLETE,
        "[CRITICAL] kaigo-subsys-prod: copy key of kaigo-subsys-prod in us-west-2 is Disabled",
        "[REPAIRED] kaigo-subsys-prod: copy key of kaigo-subsys-prod in us-west-2 works again",
    ];
    assert_eq!(subjects, told);
}

/// What is gone is not whole: an instance that no longer exists repairs nothing.
#[test]
fn a_gone_instance_repairs_nothing() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.retention_days = Some(0);
    }
    sim.check_until("2025-01-14T19:15:00Z");
    sim.account.borrow_mut().databases.clear();
    sim.check_until("2025-01-14T20:30:00Z");
    assert!(!sim.subjects().iter().any(|told| told.contains("REPAIRED")), "{:?}", sim.subjects());
}

#[test]
fn a_round_that_finds_nothing_new_costs_the_same_whatever_was_told() {
    let costs = |prepare: fn(&mut model::Account)| {
        let sim = sim();
        prepare(&mut sim.account.borrow_mut());
        sim.check_until("2025-01-15T03:00:00Z");
        let before = sim.account.borrow().calls.len();
        sim.check();
        (sim.account.borrow().calls.len() - before, sim.subjects().len())
    };
    let (quiet, told) = costs(|_| {});
    assert_eq!((quiet, told), (10, 1), "five reads, two quotas, two listings, a heartbeat");
    let (loud, told) = costs(|account| {
        account.script("rds:CopyDBSnapshot", None, "", u32::MAX, Scripted::CopyDies);
        for db in account.databases.values_mut() {
            db.shown.window = Some("20:00-20:30".to_owned());
        }
    });
    assert!(loud == quiet && told > 1, "{loud} calls, {told} told");
}

/// One hiccup of one read is nobody's business; two looks in a row are.
#[test]
fn one_blip_is_silent_and_two_are_told() {
    for (blips, told) in [(1, 1), (2, 3)] {
        let sim = sim();
        sim.check_until("2025-01-14T19:00:00Z");
        let op = "rds:DescribeDBSnapshots";
        sim.account.borrow_mut().script(op, Some(&dr()), "", blips, Scripted::Silence);
        sim.check_until("2025-01-14T21:00:00Z");
        assert_eq!(sim.subjects().len(), told, "{:#?}", sim.subjects());
    }
}

/// Blips hours apart never add up to a break.
#[test]
fn blips_apart_are_silent() {
    let sim = sim();
    for hour in 19..23 {
        sim.check_until(&format!("2025-01-14T{hour}:00:00Z"));
        let op = "rds:DescribeDBSnapshots";
        sim.account.borrow_mut().script(op, Some(&dr()), "", 1, Scripted::Silence);
    }
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
}

/// An event's round leaves an unreadable Region to the check.
#[test]
fn an_event_tells_of_no_blip() {
    let sim = sim();
    sim.until("2025-01-14T18:11:00Z");
    sim.account.borrow_mut().script("kms:DescribeKey", None, "", 2, Scripted::Silence);
    sim.event(home(), AUTOMATED);
    sim.event(home(), AUTOMATED);
    assert!(sim.subjects().is_empty(), "{:?}", sim.subjects());
}

/// A lost journal costs one repeat of the good news, however many nights it held.
#[test]
fn a_lost_journal_repeats_one_night() {
    let sim = sim();
    sim.check_until("2025-01-16T20:00:00Z");
    assert_eq!(sim.subjects().len(), 3);
    sim.account.borrow_mut().objects.clear();
    sim.check_until("2025-01-16T20:30:00Z");
    assert_eq!(sim.subjects().len(), 4, "{:#?}", sim.subjects());
}

/// Telling comes first, then the sign of life: a journal that hangs on facts must cost neither.
#[test]
fn a_round_tells_and_shows_life_before_it_writes_facts() {
    let sim = sim();
    sim.check_until("2025-01-14T18:30:00Z");
    let account = sim.account.borrow();
    let at = |op: &str, resource: &str| {
        let wanted = |call: &model::Call| call.op == op && call.resource.ends_with(resource);
        account.calls.iter().rposition(wanted).expect("called")
    };
    let told = at("sns:Publish", "");
    let alive = at("s3:PutObject", "heartbeat.json");
    let fact = at("s3:PutObject", "duties/2025-01-15/kaigo-subsys-prod/landed.json");
    assert!(told < alive && alive < fact, "{told} {alive} {fact}");
}
