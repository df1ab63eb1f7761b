//! What excuses a late copy, and what does not: first sight, a new key, a late point, a queue.

use crate::night::{
    AUTOMATED, COPY, Drive, ID, KEY, READ, at, create, dr, each_db, home, policy_with, rekeyed,
    sim, sim_of, told, under,
};
use domain::id::Family;
use domain::tags;
use jiff::SignedDuration;
use model::{ApiError, CopyRequest, Scripted, Sim};

/// dr takes one copy at a time, and there are several to make anew.
#[test]
fn copies_under_a_new_key_may_queue() {
    let sim = sim();
    sim.check_until("2025-01-15T23:00:00Z");
    let sim = rekeyed(&sim);
    sim.account.borrow_mut().in_flight_limit = 1;
    sim.check_until("2025-01-16T04:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// dr takes one copy at a time when the asset joins.
#[test]
fn an_asset_that_joins_may_queue() {
    let sim = sim();
    sim.until("2025-01-15T23:00:00Z"); // installed two nights late: since is 01-15
    sim.account.borrow_mut().in_flight_limit = 1;
    sim.check();
    sim.check_until("2025-01-16T04:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// Its copy hangs past the days that are judged.
#[test]
fn a_manual_point_selected_on_the_last_evening_is_told() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    create(&sim, "before-release", &[]); // 04:00 JST on 01-15
    sim.check_until("2025-01-17T13:00:00Z"); // 22:00 JST on 01-17, last judged day
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_hours(60);
    let key = (home(), Family::Instance, "before-release".to_owned());
    sim.account
        .borrow_mut()
        .snapshots
        .get_mut(&key)
        .expect("it")
        .point
        .tags
        .insert("Purpose".to_owned(), "PreRelease".to_owned());
    sim.check_until("2025-01-17T14:00:00Z");
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_mins(1);
    assert!(sim.copies().iter().any(|c| c.name.as_str().starts_with("before")));
    sim.check_until("2025-01-19T13:00:00Z");
    assert_eq!(told(&sim, "before-release"), 1, "{:#?}", sim.subjects());
}

/// Its copies die after midnight, when their day is no longer judged.
#[test]
fn a_first_sight_in_the_evening_is_judged_to_its_end() {
    let sim = sim();
    sim.until("2025-01-17T13:00:00Z"); // 22:00 JST on 01-17: 01-15 is the oldest judged day
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "2025-01-14", u32::MAX, dies);
    sim.account.borrow_mut().copy_plan.copies = SignedDuration::from_mins(90);
    sim.check();
    sim.check_until("2025-01-19T13:00:00Z");
    assert!(told(&sim, "2025-01-15 in us-west-2") > 0, "{:#?}", sim.subjects());
}

/// Untagged and under our key, it is whole, and it is not kept.
#[test]
fn a_strangers_copy_hides_no_deleted_one() {
    let sim = sim();
    sim.check_until("2025-01-14T20:00:00Z");
    let source = sim.account.borrow().snapshot_arn(&home(), Family::Instance, AUTOMATED);
    let (key, target) = (Some(KEY.to_owned()), "by-hand".to_owned());
    let request = CopyRequest { source, target, key, ..Default::default() };
    sim.account.borrow_mut().copy_db_snapshot(&dr(), request).expect("accepted");
    sim.check_until("2025-01-15T20:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED); // retention: 1 day
    sim.account.borrow_mut().delete_db_snapshot(&dr(), COPY).expect("gone");
    sim.check_until("2025-01-15T22:00:00Z");
    assert_eq!(
        told(&sim, "no copy of kaigo-subsys-prod for 2025-01-15"),
        1,
        "{:#?}",
        sim.subjects()
    );
}

/// It landed, but nothing says any more how long it stays.
#[test]
fn a_tag_taken_off_after_the_point_expired_is_told() {
    let sim = sim();
    sim.check_until("2025-01-15T20:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED); // retention: 1 day
    sim.account
        .borrow_mut()
        .snapshots
        .get_mut(&(dr(), Family::Instance, COPY.to_owned()))
        .expect("it")
        .point
        .tags
        .remove(tags::KEEP_UNTIL);
    sim.check_until("2025-01-15T22:00:00Z");
    assert_eq!(
        told(&sim, "no copy of kaigo-subsys-prod for 2025-01-15"),
        1,
        "{:#?}",
        sim.subjects()
    );
}

/// The new key refuses, then RDS expires the point: nothing was mended.
#[test]
fn an_expired_point_repairs_nothing() {
    let sim = sim();
    sim.check_until("2025-01-14T23:00:00Z");
    let sim = rekeyed(&sim);
    let no = Scripted::Refuse(ApiError::new(400, "KMSKeyNotAccessibleFault", "no grant"));
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, no);
    sim.check_until("2025-01-15T20:00:00Z");
    assert_eq!(told(&sim, "2025-01-15 in us-west-2"), 1, "{:#?}", sim.subjects());
    sim.account.borrow_mut().expire(&home(), AUTOMATED); // retention: 1 day
    sim.check_until("2025-01-15T22:00:00Z");
    assert_eq!(told(&sim, "REPAIRED"), 0, "{:#?}", sim.subjects());
}

/// That the day has no point was told; that it has no copy needs no telling.
#[test]
fn an_outage_of_home_is_no_second_break() {
    let sim = sim();
    let night = at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    each_db(&sim, |db| _ = db.skips.insert(night));
    sim.check_until("2025-01-15T00:00:00Z");
    sim.account.borrow_mut().script(READ, Some(&home()), "", 3, Scripted::Silence);
    sim.check_until("2025-01-15T08:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// dr shows it copying; home is not asked.
#[test]
fn an_outage_of_home_breaks_no_copy_on_its_way() {
    let sim = sim();
    let night = at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    each_db(&sim, |db| _ = db.skips.insert(night));
    sim.check_until("2025-01-14T22:00:00Z");
    create(&sim, "by-hand", &[(tags::KIND, "daily"), (tags::ASSET, ID)]);
    sim.account.borrow_mut().copy_plan.copies = SignedDuration::from_mins(140);
    sim.check_until("2025-01-14T22:15:00Z");
    assert_eq!(sim.copies().len(), 1);
    sim.account.borrow_mut().script(READ, Some(&home()), "", 4, Scripted::Silence);
    sim.check_until("2025-01-15T05:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// It is whole: to wait would be wrong advice.
#[test]
fn a_copy_without_any_tag_is_not_still_copying() {
    let sim = sim();
    sim.check_until("2025-01-14T23:00:00Z");
    sim.account
        .borrow_mut()
        .snapshots
        .get_mut(&(dr(), Family::Instance, COPY.to_owned()))
        .expect("it")
        .point
        .tags
        .clear();
    sim.check_until("2025-01-15T03:00:00Z");
    let mail = sim.mails().into_iter().find(|m| m.subject.contains("CRITICAL")).expect("told");
    assert!(!mail.body.contains("still `available`"), "{}", mail.body);
}

/// The night had landed hours ago, under the key of then.
#[test]
fn a_new_key_before_the_deadline_has_the_policys_time() {
    let sim = sim();
    sim.check_until("2025-01-14T21:30:00Z");
    let sim = rekeyed(&sim);
    sim.account.borrow_mut().copy_plan.copies = SignedDuration::from_mins(100);
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// Its first point is taken at once; nobody was to take one before.
#[test]
fn a_scheduled_asset_that_joins_by_day_is_no_break() {
    let sim = sim();
    sim.check_until("2025-01-15T01:00:00Z");
    let mut account = sim.account.borrow().clone();
    account.add_instance(&home(), "joined", "18:00-18:30").shown.retention_days = Some(0);
    let more = "[[asset]]\nkind = \"rds-instance\"\nid = \"joined\"\ntake = \"scheduled\"\n";
    let sim = Sim::new(account, policy_with(more));
    sim.check_until("2025-01-15T08:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// A copy that Sonae never made is no sign of a changed key.
#[test]
fn an_old_tools_copy_under_its_own_key_excuses_no_outage() {
    let sim = sim();
    sim.check_until("2025-01-15T17:00:00Z");
    sim.until("2025-01-15T18:12:00Z");
    let source = sim.account.borrow().snapshot_arn(
        &home(),
        Family::Instance,
        &AUTOMATED.replace("01-14", "01-15"),
    );
    let other = KEY.replace("11111111", "99999999");
    sim.account.borrow_mut().keys.insert(other.clone(), "Enabled".to_owned());
    let (key, target) = (Some(other), "old-tool".to_owned());
    let request = CopyRequest { source, target, key, ..Default::default() };
    sim.account.borrow_mut().copy_db_snapshot(&dr(), request).expect("accepted");
    sim.until("2025-01-16T01:00:00Z"); // the functions did not run
    sim.check_until("2025-01-16T04:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// Taken by hand after the notice; AWS asks once to slow down.
#[test]
fn a_late_point_that_is_throttled_once_is_no_second_break() {
    let sim = sim();
    let night = at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    each_db(&sim, |db| _ = db.skips.insert(night));
    sim.check_until("2025-01-14T23:00:00Z");
    create(&sim, "by-hand", &[(tags::KIND, "daily"), (tags::ASSET, ID)]);
    let slow = Scripted::Refuse(ApiError::new(400, "Throttling", "Rate exceeded"));
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", 1, slow);
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// The same identifier, the same dr Region, the same key, another home.
#[test]
fn another_regions_copy_is_not_ours() {
    let sim = sim();
    let other = domain::id::Region::new("eu-west-1");
    let night = at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    each_db(&sim, |db| _ = db.skips.insert(night)); // ours was not taken
    sim.account.borrow_mut().add_instance(&other, ID, "03:00-03:30");
    sim.account.borrow_mut().create_db_snapshot(&other, ID, "theirs", [].into()).expect("new");
    sim.until("2025-01-14T18:12:00Z");
    let source = sim.account.borrow().snapshot_arn(&other, Family::Instance, "theirs");
    let tags = [
        (tags::KIND, "daily"),
        (tags::ASSET, ID),
        (tags::KEEP_UNTIL, "2025-02-14"),
        (tags::SOURCE_ARN, source.as_str()),
        (tags::CREATED, "2025-01-14T17:50:00Z"),
    ];
    let tags = tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let (key, target) = (Some(KEY.to_owned()), "theirs-dr".to_owned());
    let request = CopyRequest { source, target, key, tags };
    sim.account.borrow_mut().copy_db_snapshot(&dr(), request).expect("accepted");
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 1, "{:#?}", sim.subjects());
}

/// Names that strangers hold are no attempts.
#[test]
fn three_strangers_leave_six_names() {
    let sim = sim();
    sim.account.borrow_mut().add_instance(&dr(), "another-system", "03:00-03:30");
    for name in [COPY.to_owned(), format!("{COPY}-2"), format!("{COPY}-3")] {
        sim.account
            .borrow_mut()
            .create_db_snapshot(&dr(), "another-system", &name, [].into())
            .expect("new");
    }
    sim.check_until("2025-01-14T20:00:00Z");
    assert!(sim.copies().iter().any(|c| c.database == ID), "{:#?}", sim.subjects());
}

/// Twenty-six databases, and room for twenty copies at once.
#[test]
fn a_fleet_installed_by_day_is_no_break() {
    let more: String =
        (0..25).map(|n| format!("[[asset]]\nkind = \"rds-instance\"\nid = \"db{n}\"\n")).collect();
    let sim = sim_of(policy_with(&more));
    sim.until("2025-01-15T01:00:00Z"); // installed at 10:00 JST
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// Its point was deleted in home after it had landed.
#[test]
fn a_new_key_takes_no_landed_day_again() {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    each_db(&sim, |db| db.shown.retention_days = Some(0));
    sim.check_until("2025-01-14T19:30:00Z");
    let name = "kaigo-subsys-prod-sonae-2025-01-15";
    sim.account.borrow_mut().delete_db_snapshot(&home(), name).expect("gone");
    let new = KEY.replace("11111111", "22222222");
    sim.account.borrow_mut().keys.insert(new.clone(), "Enabled".to_owned());
    let sim = under(&sim, &format!("take = \"scheduled\"\ndr_key = \"{new}\""));
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// Its point has expired, and home cannot be read for a while.
#[test]
fn an_outage_of_home_breaks_no_night_of_the_former_key() {
    let sim = sim();
    sim.check_until("2025-01-15T20:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED); // retention: 1 day
    let sim = rekeyed(&sim);
    sim.check_until("2025-01-15T23:00:00Z");
    sim.account.borrow_mut().script(READ, Some(&home()), "", 3, Scripted::Silence);
    sim.check_until("2025-01-16T05:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// RDS took the day's point and it has expired; from now on Sonae takes them.
#[test]
fn taking_over_by_day_breaks_nothing() {
    let sim = sim();
    sim.check_until("2025-01-15T02:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    let sim = under(&sim, "take = \"scheduled\"");
    sim.check_until("2025-01-15T08:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// The release point is copied again under the new key.
#[test]
fn a_new_key_for_manual_points_is_no_break() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    create(&sim, "before-release", &[("Purpose", "PreRelease")]);
    sim.check_until("2025-01-15T12:00:00Z");
    let sim = rekeyed(&sim);
    sim.check_until("2025-01-16T05:00:00Z");
    assert_eq!(told(&sim, "CRITICAL"), 0, "{:#?}", sim.subjects());
}

/// It is copied again, but somebody deleted it.
#[test]
fn a_landed_manual_copy_that_is_deleted_is_told() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    create(&sim, "before-release", &[("Purpose", "PreRelease")]);
    sim.check_until("2025-01-14T23:00:00Z");
    sim.account.borrow_mut().delete_db_snapshot(&dr(), "before-release-m-dr").expect("gone");
    sim.check_until("2025-01-15T05:00:00Z");
    assert_eq!(told(&sim, "before-release"), 2, "{:#?}", sim.subjects());
}

/// The asset left the policy; nothing was granted.
#[test]
fn a_missing_grant_of_a_removed_asset_is_past() {
    use domain::{
        episode::{EpisodeKey, Kind, Subject},
        id::AssetId,
        judge::{Fate, Judgement},
        seen::{Seen, Setup},
    };
    let sim = sim();
    let setup = Some(Setup { granted: [].into(), armed: true, journal: String::new() });
    let seen = Seen { setup, ..Seen::nothing() };
    let key = EpisodeKey {
        asset: Some(AssetId::new("removed")),
        kind: Kind::NotGranted,
        subject: Subject::Standing,
    };
    let fate =
        Judgement::default().fate(sim.policy(), &seen, true, &key, at("2025-01-15T03:00:00Z"));
    assert_eq!(fate, Fate::Past);
}
