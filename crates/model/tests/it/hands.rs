//! What people do beside Sonae: points and copies by hand, names given again.

use crate::night::{
    AUTOMATED, COMPLETE, COPY, Drive, ID, KEY, at, dr, home, policy, sim, sim_of, state_of, told,
};
use domain::id::Family;
use domain::seen::State;
use domain::tags;
use jiff::SignedDuration;
use model::{CopyRequest, Scripted, Sim};

fn release(sim: &Sim, name: &str) {
    let tags = [("Purpose".to_owned(), "PreRelease".to_owned())].into();
    sim.account.borrow_mut().create_db_snapshot(&home(), ID, name, tags).expect("created");
}

fn copy_by_hand(sim: &Sim, name: &str) {
    let mut account = sim.account.borrow_mut();
    let source = account.snapshot_arn(&home(), Family::Instance, AUTOMATED);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tags = [tag(tags::KEEP_UNTIL, "2025-02-14"), tag(tags::KIND, "daily")].into();
    let request = CopyRequest { source, target: name.to_owned(), key: Some(KEY.to_owned()), tags };
    account.copy_db_snapshot(&dr(), request).expect("accepted");
}

/// One tag less, and the notice would call a standing copy not started.
#[test]
fn a_copy_made_by_hand_without_its_kind_counts_by_its_source() {
    let sim = sim();
    sim.until("2025-01-14T18:12:00Z");
    copy_by_hand(&sim, "by-hand");
    for snapshot in sim.account.borrow_mut().snapshots.values_mut() {
        snapshot.point.tags.remove(tags::KIND);
    }
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.copies().len(), 1);
    assert_eq!(sim.subjects(), [COMPLETE]);
}

/// RDS skipped the night; a person takes the point that the notice asks for, and it counts.
#[test]
fn a_point_taken_by_hand_mends_the_night() {
    let sim = sim();
    sim.account.borrow_mut().databases.values_mut().for_each(|db| {
        db.skips.extend([at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date()]);
    });
    sim.check_until("2025-01-14T20:15:00Z");
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tags = [tag(tags::KIND, "daily"), tag(tags::ASSET, "kaigo-subsys-prod")].into();
    let (id, name) = ("kaigo-subsys-prod", "kaigo-subsys-prod-manual-202501142015");
    sim.account.borrow_mut().create_db_snapshot(&home(), id, name, tags).expect("created");
    sim.check_until("2025-01-14T22:00:00Z");
    let subjects = sim.subjects();
    assert!(subjects[0].contains("no recovery point of kaigo-subsys-prod"), "{subjects:?}");
    assert!(subjects[1].starts_with("[REPAIRED]"), "{subjects:?}");
    assert_eq!(subjects[2..], [COMPLETE]);
}

#[test]
fn release_points_are_copied_when_tagged() {
    let sim = sim_of(policy());
    sim.check_until("2025-01-14T19:00:00Z");
    let create = |name: &str, tags: &[(&str, &str)]| {
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut account = sim.account.borrow_mut();
        account.create_db_snapshot(&home(), "kaigo-subsys-prod", name, tags).expect("created");
    };
    create("kaigo-subsys-prod-manual-1", &[("Purpose", "PreRelease")]);
    create("kaigo-subsys-prod-manual-2", &[("Type", "Manual")]);
    // Only AWS itself gives such tags.
    let first = (home(), Family::Instance, "kaigo-subsys-prod-manual-1".to_owned());
    let mut account = sim.account.borrow_mut();
    let tags = &mut account.snapshots.get_mut(&first).expect("created").point.tags;
    tags.insert("aws:x".to_owned(), "y".to_owned());
    drop(account);
    sim.until("2025-01-14T19:10:00Z");
    sim.event(home(), "kaigo-subsys-prod-manual-1");
    sim.event(home(), "kaigo-subsys-prod-manual-2");
    sim.check_until("2025-01-14T20:00:00Z");
    let copies = sim.copies();
    let names: Vec<&str> = copies.iter().map(|copy| copy.name.as_str()).collect();
    assert_eq!(names, [COPY, "kaigo-subsys-prod-manual-1-m-dr"]);
    assert!(copies[1].tags.keys().all(|key| !key.starts_with("aws:")));
}

/// A person's copy counts when its source, key and keep-until say that it is one.
#[test]
fn a_copy_made_by_hand_with_our_tags_counts() {
    let sim = sim();
    let forever = u32::MAX;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", forever, Scripted::CopyDies);
    sim.check_until("2025-01-14T20:00:00Z");
    sim.account.borrow_mut().unscript("rds:CopyDBSnapshot");
    copy_by_hand(&sim, "by-hand");
    sim.check_until("2025-01-14T20:45:00Z");
    let subjects = sim.subjects();
    assert!(subjects[1].starts_with("[REPAIRED]"), "{subjects:?}");
    assert_eq!(subjects[2], COMPLETE);
}

/// An ARN is only a name: a point retaken under the same name is another point.
#[test]
fn a_manual_point_retaken_under_its_name_is_copied_anew() {
    for later in ["2025-01-15T03:00:00Z", "2025-01-24T19:00:00Z"] {
        let sim = sim();
        sim.check_until("2025-01-14T19:00:00Z");
        release(&sim, "before-release");
        sim.check_until(later);
        sim.account.borrow_mut().delete_db_snapshot(&home(), "before-release").expect("deleted");
        release(&sim, "before-release");
        let retaken = sim.account.borrow().now;
        sim.check_until(&(retaken + SignedDuration::from_hours(6)).to_string());
        assert!(sim.copies().iter().any(|copy| copy.created == Some(retaken)), "{later}");
    }
}

/// The same name breaks again months later: that is another point and another break.
#[test]
fn a_second_break_of_a_reused_name_is_told() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    let forever = u32::MAX;
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "before", forever, dies);
    release(&sim, "before-release");
    sim.check_until("2025-01-14T23:00:00Z");
    let told = || sim.subjects().iter().filter(|told| told.contains("before-release")).count();
    assert_eq!(told(), 1);
    sim.account.borrow_mut().delete_db_snapshot(&home(), "before-release").expect("gone");
    let dead: Vec<String> = sim.copies().iter().map(|copy| copy.name.to_string()).collect();
    for name in dead.iter().filter(|name| name.starts_with("before")) {
        sim.account.borrow_mut().delete_db_snapshot(&dr(), name).expect("gone");
    }
    sim.check_until("2025-01-25T19:00:00Z");
    release(&sim, "before-release");
    sim.check_until("2025-01-26T01:00:00Z");
    assert_eq!(told(), 2, "{:#?}", sim.subjects());
}

/// A manual point deleted by hand takes its broken promise with it, in silence.
#[test]
fn a_deleted_manual_point_is_closed_in_silence() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "before", u32::MAX, dies);
    release(&sim, "before-release");
    sim.check_until("2025-01-14T23:00:00Z");
    sim.account.borrow_mut().delete_db_snapshot(&home(), "before-release").expect("gone");
    sim.check_until("2025-01-15T01:00:00Z");
    let account = sim.account.borrow();
    let closed = account.objects.keys().filter(|(_, key)| key.ends_with("/closed.json")).count();
    assert_eq!(closed, 1);
    assert!(!sim.subjects().iter().any(|told| told.contains("REPAIRED")));
}

/// Deleted in home after its late copy landed: that it landed is told.
#[test]
fn a_copy_that_outlives_its_manual_point_repairs_it() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_hours(6);
    release(&sim, "before-release");
    sim.check_until("2025-01-14T23:30:00Z");
    sim.account.borrow_mut().delete_db_snapshot(&home(), "before-release").expect("gone");
    sim.check_until("2025-01-15T03:00:00Z");
    let told = sim.subjects();
    assert!(told[1].starts_with("[CRITICAL]") && told[2].starts_with("[REPAIRED]"), "{told:?}");
    assert!(told[2].contains("manual point before-release"), "{told:?}");
}

/// RDS shows no time of a point until it is taken, so nothing says that it is late before; its copy has
/// its time from then on.
#[test]
fn a_long_manual_point_has_its_time_once_it_is_there() {
    let sim = sim();
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.takes = SignedDuration::from_hours(6);
    }
    sim.until("2025-01-14T18:00:00Z");
    release(&sim, "before-release");
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "before-release"), 0, "{:?}", sim.subjects());
    assert!(state_of(&sim.copies(), "before-release-m-dr") == Some(State::Available));
}

/// A manual point that failed is told at once, whether or not RDS shows when it was created.
#[test]
fn a_failed_manual_point_is_told_at_once() {
    for timed in [true, false] {
        let sim = sim();
        sim.check_until("2025-01-14T19:00:00Z");
        release(&sim, "before-release");
        let key = (home(), Family::Instance, "before-release".to_owned());
        {
            let mut account = sim.account.borrow_mut();
            let point = &mut account.snapshots.get_mut(&key).expect("it is there").point;
            point.state = domain::seen::State::Failed;
            point.created = point.created.filter(|_| timed);
        }
        sim.check_until("2025-01-14T19:30:00Z");
        let mails = sim.mails();
        assert_eq!(mails.len(), 2, "{timed}: {:?}", sim.subjects());
        assert!(mails[1].body.contains("`before-release` itself failed"), "{}", mails[1].body);
    }
}

/// The person did at 08:00 what the notice said: no new CRITICAL for it.
#[test]
fn a_point_taken_by_hand_after_the_deadline_is_no_new_break() {
    let sim = sim();
    sim.account.borrow_mut().databases.values_mut().for_each(|db| {
        db.skips.extend([at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date()]);
    });
    sim.check_until("2025-01-14T23:00:00Z");
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tags = [tag(tags::KIND, "daily"), tag(tags::ASSET, ID)].into();
    sim.account.borrow_mut().create_db_snapshot(&home(), ID, "by-hand", tags).expect("created");
    sim.check_until("2025-01-15T03:00:00Z");
    let critical = sim.subjects().iter().filter(|told| told.starts_with("[CRITICAL]")).count();
    assert_eq!(critical, 1, "{:#?}", sim.subjects());
    assert_eq!(sim.subjects().last().map(String::as_str), Some(COMPLETE));
}
