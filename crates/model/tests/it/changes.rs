//! Outages, new keys, late choices, renames: what changes between two looks, and what becomes of
//! breaks that were told.

use crate::night::{
    AUTOMATED, COPY, Drive, ID, KEY, READ, at, create, dr, each_db, home, policy_with, rekeyed,
    sim, sim_of, told, under,
};
use domain::id::Family;
use domain::{seen::State, tags};
use jiff::SignedDuration;
use model::{CopyRequest, Scripted, Sim};

/// The functions did not run for days: what landed late was late, and nobody saw it.
#[test]
fn nights_missed_in_a_long_outage_are_told() {
    let sim = sim();
    sim.check_until("2025-01-15T19:00:00Z");
    sim.until("2025-01-19T01:00:00Z"); // the functions did not run
    sim.check_until("2025-01-19T12:00:00Z");
    assert!(told(&sim, "2025-01-18") > 0, "{:#?}", sim.subjects());
}

/// What waits for a second look cannot be remembered by a journal that takes no writes.
#[test]
fn unread_dr_is_told_though_the_journal_takes_no_writes() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    for op in ["s3:PutObject", READ] {
        sim.account.borrow_mut().script(op, Some(&dr()), "", u32::MAX, Scripted::Silence);
    }
    sim.check_until("2025-01-17T03:00:00Z");
    assert!(told(&sim, READ) > 0, "{:#?}", sim.subjects());
}

/// The point was deleted while its copy hung: the copy was promised all the same.
#[test]
fn a_hanging_copy_of_a_deleted_manual_point_is_told() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_hours(20);
    create(&sim, "before-release", &[("Purpose", "PreRelease")]);
    sim.check_until("2025-01-14T20:00:00Z");
    sim.account.borrow_mut().delete_db_snapshot(&home(), "before-release").expect("gone");
    sim.check_until("2025-01-15T08:00:00Z");
    assert_eq!(told(&sim, "before-release"), 1, "{:#?}", sim.subjects());
}

/// It landed after its day stopped being judged.
#[test]
fn a_very_late_manual_copy_is_told_as_repaired() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_hours(80);
    create(&sim, "before-release", &[("Purpose", "PreRelease")]);
    sim.check_until("2025-01-14T19:30:00Z");
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_mins(1);
    sim.check_until("2025-01-25T05:00:00Z");
    assert_eq!(told(&sim, "before-release"), 2, "{:#?}", sim.subjects());
}

/// Someone, or something, takes our tag off: three full copies, not nine.
#[test]
fn copies_that_lose_their_tag_are_no_storm() {
    let sim = sim();
    for quarter in 1..40 {
        sim.check_until(&(at("2025-01-14T18:00:00Z") + domain::day::TICK * quarter).to_string());
        for one in sim.account.borrow_mut().snapshots.values_mut() {
            if one.point.state == State::Available {
                one.point.tags.remove(tags::KEEP_UNTIL);
            }
        }
    }
    assert!(sim.copies().len() <= 3, "{} full copies", sim.copies().len());
}

/// Available, and its tags not shown yet.
#[test]
fn a_whole_copy_whose_tags_come_later_is_not_doubled() {
    let sim = sim();
    sim.check_until("2025-01-14T18:15:00Z");
    let key = (dr(), Family::Instance, COPY.to_owned());
    let point = |sim: &Sim, change: fn(&mut domain::seen::Point)| {
        change(&mut sim.account.borrow_mut().snapshots.get_mut(&key).expect("there").point);
    };
    point(&sim, |copy| copy.state = State::Available);
    point(&sim, |copy| copy.tags.clear());
    sim.check();
    assert_eq!(sim.copies().len(), 1);
}

/// The point in home was deleted to save its storage.
#[test]
fn a_landed_scheduled_point_is_not_taken_again() {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    each_db(&sim, |db| db.shown.retention_days = Some(0));
    sim.check_until("2025-01-14T19:30:00Z");
    let name = "kaigo-subsys-prod-sonae-2025-01-15";
    sim.account.borrow_mut().delete_db_snapshot(&home(), name).expect("gone");
    sim.check_until("2025-01-14T20:30:00Z");
    assert_eq!(sim.copies().len(), 1);
}

/// An event's round reads one instance; the check after it sees the new name.
#[test]
fn a_rename_seen_by_an_event_is_told_as_a_rename() {
    let sim = sim();
    sim.check_until("2025-01-14T18:15:00Z");
    let mut db = sim
        .account
        .borrow_mut()
        .databases
        .remove(&(home(), Family::Instance, ID.to_owned()))
        .expect("it");
    db.shown.id = "kaigo-v2".to_owned();
    sim.account
        .borrow_mut()
        .databases
        .insert((home(), Family::Instance, "kaigo-v2".to_owned()), db);
    sim.until("2025-01-14T18:29:30Z");
    sim.event(dr(), COPY);
    sim.check_until("2025-01-14T19:30:00Z");
    assert_eq!(told(&sim, "is now called kaigo-v2"), 1, "{:#?}", sim.subjects());
}

/// Through all looks at it, not only at the first.
#[test]
fn a_copy_under_a_new_key_has_the_policys_time() {
    let sim = sim();
    sim.check_until("2025-01-14T23:00:00Z");
    let sim = rekeyed(&sim);
    sim.account.borrow_mut().copy_plan.copies = SignedDuration::from_mins(100);
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// A copy by hand under our key is no sign that there was nothing to do.
#[test]
fn a_strangers_untagged_copy_excuses_no_outage() {
    let sim = sim();
    sim.check_until("2025-01-15T17:00:00Z");
    sim.until("2025-01-15T18:12:00Z");
    let source = sim.account.borrow().snapshot_arn(
        &home(),
        Family::Instance,
        &AUTOMATED.replace("01-14", "01-15"),
    );
    let (key, target) = (Some(KEY.to_owned()), "by-hand".to_owned());
    let request = CopyRequest { source, target, key, ..Default::default() };
    sim.account.borrow_mut().copy_db_snapshot(&dr(), request).expect("accepted");
    sim.until("2025-01-16T01:00:00Z"); // the functions did not run
    sim.check_until("2025-01-16T04:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// Its point expired, so nothing can put it under the new key: it landed.
#[test]
fn a_new_key_makes_no_landed_night_gone() {
    let sim = sim();
    sim.check_until("2025-01-15T20:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED); // retention: 1 day
    let sim = rekeyed(&sim);
    sim.check_until("2025-01-15T21:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// Months later, the newest data is under a former key.
#[test]
fn copies_under_the_old_key_are_still_data() {
    let sim = sim();
    sim.check_until("2025-01-14T23:00:00Z");
    each_db(&sim, |db| db.shown.status = "stopped".to_owned());
    sim.check_until("2025-01-24T23:00:00Z");
    let sim = rekeyed(&sim);
    sim.check_until("2025-01-25T23:00:00Z");
    assert!(!sim.mails().iter().any(|mail| mail.body.contains("nothing has landed")));
}

/// The day was told as not taken; that home cannot be read is no other break of it.
#[test]
fn one_blip_of_home_is_no_second_break() {
    let sim = sim();
    let night = at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    each_db(&sim, |db| _ = db.skips.insert(night));
    sim.check_until("2025-01-15T00:00:00Z");
    sim.account.borrow_mut().script(READ, Some(&home()), "", 1, Scripted::Silence);
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// The failed points were taken in time; the one that counts was not.
#[test]
fn a_point_by_hand_after_failed_ones_is_no_new_break() {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    each_db(&sim, |db| db.shown.retention_days = Some(0));
    sim.check_until("2025-01-15T17:30:00Z");
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CreateDBSnapshot", None, "sonae", u32::MAX, dies);
    sim.check_until("2025-01-15T23:00:00Z");
    create(&sim, "by-hand", &[(tags::KIND, "daily"), (tags::ASSET, ID)]);
    sim.check_until("2025-01-16T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// Begun four minutes before the deadline, of a point taken hours late.
#[test]
fn nor_is_one_that_an_event_began_to_copy_before_the_deadline() {
    let sim = sim();
    let night = at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    each_db(&sim, |db| _ = db.skips.insert(night));
    sim.check_until("2025-01-14T22:15:00Z");
    sim.until("2025-01-14T22:20:00Z");
    create(&sim, "by-hand", &[(tags::KIND, "daily"), (tags::ASSET, ID)]);
    sim.until("2025-01-14T22:26:30Z");
    sim.event(home(), "by-hand");
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// Tagged, or selected by the policy, when its time was over.
#[test]
fn a_manual_point_selected_late_is_no_break() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    create(&sim, "before-release", &[]);
    sim.check_until("2025-01-15T04:00:00Z");
    let sim = under(&sim, "manual = \"all\""); // or the person tags it only now
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// Since Sonae takes the points, RDS's own backups are nobody's business.
#[test]
fn taking_over_from_rds_turns_no_backups_on() {
    let sim = sim();
    each_db(&sim, |db| db.shown.retention_days = Some(0));
    sim.check_until("2025-01-14T18:00:00Z");
    let sim = under(&sim, "take = \"scheduled\"");
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "backups of kaigo-subsys-prod are on"), 0, "{:#?}", sim.subjects());
}

/// The policy names another key; the old one is still to be deleted.
#[test]
fn another_key_is_no_repair_of_the_doomed_one() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    sim.account.borrow_mut().keys.insert(KEY.to_owned(), "PendingDeletion".to_owned());
    sim.check_until("2025-01-14T19:15:00Z");
    let sim = rekeyed(&sim);
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "works again"), 0, "{:#?}", sim.subjects());
}

/// Nothing is left to compare the new database with.
#[test]
fn points_that_are_gone_make_no_database_the_same_again() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    each_db(&sim, |db| db.shown.resource_id = "db-another".to_owned());
    sim.check_until("2025-01-14T19:15:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    sim.check_until("2025-01-14T20:15:00Z");
    assert_eq!(told(&sim, "one database again"), 0, "{:#?}", sim.subjects());
}

/// It is only too old to be looked at.
#[test]
fn an_unknown_state_too_old_to_see_is_not_left() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    let key = (dr(), Family::Instance, COPY.to_owned());
    sim.account.borrow_mut().snapshots.get_mut(&key).expect("there").point.state =
        State::Other("upgrading".to_owned());
    sim.check_until("2025-01-24T03:00:00Z");
    assert_eq!(told(&sim, "has left its unknown state"), 0, "{:#?}", sim.subjects());
}

/// What is known of them is not listed any more, so nothing is written again.
#[test]
fn old_dead_copies_cost_no_calls() {
    let sim = sim();
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "2025-01-14", u32::MAX, dies);
    sim.check_until("2025-01-18T03:00:00Z");
    let before = sim.account.borrow().calls.len();
    sim.check();
    assert_eq!(sim.account.borrow().calls.len() - before, 10);
}
