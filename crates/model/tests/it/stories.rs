//! Failure stories of tools that do this job, each a test. Numbers are those of the list that the
//! project keeps in docs/failure-stories.md.

use crate::night::{
    AUTOMATED, COPY, Drive, KEY, at, dr, home, policy, policy_with, sim, sim_of, state_of,
};
use domain::id::PointName;
use domain::seen::{Scope, State};
use domain::step::{Outcome, Rest, Step};
use domain::tags::{self, StartedBy};
use jiff::SignedDuration;
use model::{ApiError, CopyPlan, CopyRequest, Scripted, Sim};

const COMPLETE: &str = "[OK] kaigo-subsys-prod: night of 2025-01-15 complete";

#[test]
fn a_quiet_night_is_told_once() {
    let sim = sim();
    sim.until("2025-01-14T18:11:00Z");
    sim.event(home(), AUTOMATED);
    sim.until("2025-01-14T18:25:00Z");
    sim.event(dr(), COPY);
    sim.check_until("2025-01-15T14:00:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
    let copies = sim.copies();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].key.as_deref(), Some(KEY));
    assert_eq!(copies[0].tags[tags::KEEP_UNTIL], "2025-02-14");
    assert_eq!(copies[0].tags[tags::STARTED_BY], "event");
}

/// The event may come while the point is still creating: that point, not yesterday's, is copied,
/// once, as soon as it is available.
#[test]
fn story_01_event_before_available() {
    let sim = sim();
    sim.until("2025-01-14T18:06:00Z");
    let round = sim.event(home(), AUTOMATED);
    assert_eq!(round.steps.len(), 1);
    assert_eq!(round.steps[0].2, Step::Rest(Rest::NotReady("creating".to_owned())));
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(state_of(&sim.copies(), COPY), Some(State::Available));
    assert_eq!(sim.copies().len(), 1);
}

#[test]
fn story_02_event_never_comes() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(state_of(&sim.copies(), COPY), Some(State::Available));
    let mails = sim.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].body.contains("1 recovered by the check"), "{}", mails[0].body);
}

#[test]
fn story_03_five_at_once_copy_once_and_tell_once() {
    let sim = sim();
    sim.until("2025-01-14T18:11:00Z");
    let scope = Scope::Point(home(), PointName::new(AUTOMATED));
    let rounds = sim.race(&scope, StartedBy::Event, 5);
    let outcomes: Vec<&Outcome> =
        rounds.iter().flat_map(|round| &round.tried).map(|tried| &tried.outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| ***outcome == Outcome::Done).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| ***outcome == Outcome::Already).count(), 4);
    assert_eq!(sim.copies().len(), 1);
    sim.until("2025-01-14T18:30:00Z");
    sim.race(&Scope::Fleet, StartedBy::Check, 5);
    assert_eq!(sim.subjects(), [COMPLETE]);
}

/// `already exists` is success only for the same source: a stranger's point under our name is
/// neither touched nor taken for a copy.
#[test]
fn story_03_a_stranger_holds_the_name() {
    let sim = sim();
    let dr_only = "another-system-2025-01-14-18-05";
    sim.account.borrow_mut().add_instance(&dr(), "another-system", "03:00-03:30");
    let create = |name: &str| {
        let mut account = sim.account.borrow_mut();
        account.create_db_snapshot(&dr(), "another-system", name, [].into()).expect("created");
    };
    create(COPY);
    create(dr_only);
    sim.until("2025-01-14T18:11:00Z");
    let round = sim.event(home(), AUTOMATED);
    assert_eq!(round.tried.len(), 2);
    sim.check_until("2025-01-14T19:00:00Z");
    let second = format!("{COPY}-2");
    assert_eq!(state_of(&sim.copies(), &second), Some(State::Available));
    assert_eq!(sim.subjects(), [COMPLETE]);
}

#[test]
fn story_04_requested_is_not_landed_when_it_fails() {
    let sim = sim();
    let forever = u32::MAX;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", forever, Scripted::CopyDies);
    sim.check_until("2025-01-15T14:00:00Z");
    let copies = sim.copies();
    assert_eq!(copies.len(), 3, "three attempts, no storm");
    assert!(copies.iter().all(|copy| copy.state == State::Failed));
    let broken =
        "[CRITICAL] kaigo-subsys-prod: no copy of kaigo-subsys-prod for 2025-01-15 in us-west-2";
    assert_eq!(sim.subjects(), [broken]);
    assert!(sim.mails()[0].at < at("2025-01-14T22:30:00Z"), "told at the third failure");
}

#[test]
fn story_04_requested_is_not_landed_when_it_hangs() {
    let sim = sim();
    sim.account.borrow_mut().copy_plan =
        CopyPlan { waits: SignedDuration::from_hours(20), copies: SignedDuration::from_mins(10) };
    sim.check_until("2025-01-15T13:00:00Z");
    assert_eq!(sim.subjects().len(), 1);
    let mail = &sim.mails()[0];
    assert_eq!(mail.at, at("2025-01-14T22:30:00Z"), "pending is legal until the deadline");
    assert!(mail.body.contains("is still `pending` (0 %)"), "{}", mail.body);
    sim.check_until("2025-01-15T15:00:00Z");
    let subjects = sim.subjects();
    assert!(subjects[1].starts_with("[REPAIRED]"), "{subjects:?}");
    assert_eq!(subjects[2], COMPLETE);
}

#[test]
fn story_06_copy_cancelled_mid_flight() {
    let sim = sim();
    sim.until("2025-01-14T18:11:00Z");
    sim.event(home(), AUTOMATED);
    sim.until("2025-01-14T18:13:00Z");
    sim.account.borrow_mut().delete_db_snapshot(&dr(), COPY).expect("it was there");
    let round = sim.event(dr(), COPY);
    assert_eq!(round.tried.len(), 1, "the name says whose it was; it is copied again");
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
}

#[test]
fn story_06_cancelled_for_good_is_told_at_the_deadline() {
    let sim = sim();
    sim.until("2025-01-14T18:11:00Z");
    sim.event(home(), AUTOMATED);
    sim.account.borrow_mut().delete_db_snapshot(&dr(), COPY).expect("it was there");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    sim.check_until("2025-01-15T03:00:00Z");
    let mails = sim.mails();
    assert_eq!(mails.len(), 1, "{:?}", sim.subjects());
    assert!(mails[0].subject.contains("no recovery point"), "{}", mails[0].subject);
}

/// The source may be deleted by retention while it is copied; what landed still counts.
#[test]
fn story_06_source_expires_after_landing() {
    let sim = sim();
    sim.check_until("2025-01-14T18:45:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    sim.check_until("2025-01-15T14:00:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
}

/// Never having succeeded is the worst state, not the quietest.
#[test]
fn story_26_no_history_is_critical() {
    let sim = sim();
    sim.account.borrow_mut().instances.values_mut().for_each(|db| {
        db.skips.extend([at("2025-01-14T18:05:00Z").to_zoned(jiff::tz::TimeZone::UTC).date()]);
    });
    sim.check_until("2025-01-14T23:00:00Z");
    let mails = sim.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].at, at("2025-01-14T20:00:00Z"));
    assert!(mails[0].subject.starts_with("[CRITICAL]"));
    assert!(mails[0].body.contains("nothing has landed"), "{}", mails[0].body);
}

/// A round that dies leaves nothing that the next one cannot finish; kills.rs dies everywhere.
#[test]
fn story_29_the_next_run_resumes() {
    let sim = sim();
    sim.until("2025-01-14T18:15:00Z");
    let kill = model::Kill { at: 2, after_effect: true };
    assert!(sim.play(Scope::Fleet, StartedBy::Check, Some(kill)).is_none());
    assert_eq!(sim.copies().len(), 1, "the copy was started, nothing was recorded");
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.copies().len(), 1);
    assert_eq!(sim.subjects(), [COMPLETE]);
}

/// 03:00 JST is the previous UTC day, and the point's name says so; the duty is of the 15th.
#[test]
fn story_30_the_day_is_the_policys() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    let account = sim.account.borrow();
    let landed = "duties/2025-01-15/kaigo-subsys-prod/landed.json";
    assert!(account.objects.contains_key(&("journal".to_owned(), landed.to_owned())));
    assert!(account.objects.keys().all(|(_, key)| !key.contains("duties/2025-01-14")));
}

#[test]
fn story_31_renamed_instance_is_named() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    {
        let mut account = sim.account.borrow_mut();
        let old = (home(), "kaigo-subsys-prod".to_owned());
        let mut db = account.instances.remove(&old).expect("it was there");
        db.instance.id = "kaigo-subsys-v2".to_owned();
        account.instances.insert((home(), "kaigo-subsys-v2".to_owned()), db);
    }
    sim.check_until("2025-01-14T19:30:00Z");
    let subjects = sim.subjects();
    let told =
        "[CRITICAL] kaigo-subsys-prod: instance kaigo-subsys-prod is now called kaigo-subsys-v2";
    assert_eq!(subjects, [COMPLETE, told]);
}

#[test]
fn story_31_stopped_instance_is_the_reason() {
    let sim = sim();
    for db in sim.account.borrow_mut().instances.values_mut() {
        db.instance.status = "stopped".to_owned();
    }
    sim.check_until("2025-01-14T21:00:00Z");
    assert!(sim.mails()[0].body.contains("The instance is `stopped`"), "{}", sim.mails()[0].body);
}

/// Recreated under the same name: another DbiResourceId. Told until its own first point is there.
#[test]
fn story_31_recreated_instance_is_another_database() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    for db in sim.account.borrow_mut().instances.values_mut() {
        db.instance.resource_id = "db-another".to_owned();
    }
    sim.check_until("2025-01-15T20:00:00Z");
    let subjects = sim.subjects();
    assert!(subjects[1].contains("is another database than its recovery points"), "{subjects:?}");
    assert!(subjects.iter().any(|told| told.contains("are one database again")), "{subjects:?}");
}

/// Seed 000 looked for an event named `backup-succeeded`, which does not exist. Success here is an
/// available point that was seen; the night is complete without any event at all, and an event
/// alone completes nothing.
#[test]
fn seed_error_28_success_is_seen_never_an_event() {
    let sim = sim();
    sim.event(home(), AUTOMATED);
    sim.event(dr(), COPY);
    assert!(sim.copies().is_empty() && sim.mails().is_empty(), "events alone mean nothing");
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
}

#[test]
fn the_quota_of_manual_points_is_told_at_once() {
    let sim = sim();
    sim.account.borrow_mut().manual_quota = 0;
    sim.check_until("2025-01-14T18:30:00Z");
    let mails = sim.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].body.contains("points-full"), "{}", mails[0].body);
}

#[test]
fn copies_in_progress_wait_silently() {
    let sim = sim();
    sim.account.borrow_mut().in_flight_limit = 0;
    sim.check_until("2025-01-14T22:00:00Z");
    assert!(sim.mails().is_empty());
    sim.account.borrow_mut().in_flight_limit = 1;
    sim.check_until("2025-01-14T22:45:00Z");
    assert_eq!(sim.subjects().last().map(String::as_str), Some(COMPLETE));
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
        "[CRITICAL] kaigo-subsys-prod: the key for copies of kaigo-subsys-prod in us-west-2 is Disabled",
        "[REPAIRED] kaigo-subsys-prod: the key for copies of kaigo-subsys-prod in us-west-2 works again",
    ];
    assert_eq!(subjects, told);
}

#[test]
fn backups_off_and_a_moved_window_are_seen() {
    let sim = sim();
    let change = |f: fn(&mut domain::seen::Instance)| {
        sim.account.borrow_mut().instances.values_mut().for_each(|db| f(&mut db.instance));
    };
    change(|instance| instance.window = "20:00-20:30".to_owned());
    sim.check();
    change(|instance| instance.retention_days = 0);
    sim.check();
    let subjects = sim.subjects();
    assert!(subjects[0].contains("backup window of kaigo-subsys-prod is elsewhere"));
    assert!(subjects[1].contains("automated backups of kaigo-subsys-prod are off"));
}

#[test]
fn one_denied_read_is_told_and_the_rest_is_judged() {
    let sim = sim();
    let denied = Scripted::Refuse(ApiError::denied("kms:DescribeKey"));
    sim.account.borrow_mut().script("kms:DescribeKey", None, "", u32::MAX, denied);
    sim.check_until("2025-01-14T19:00:00Z");
    let subjects = sim.subjects();
    let told = "[WARNING] kaigo-subsys-prod: kms:DescribeKey in us-west-2 cannot be read";
    assert_eq!(subjects, [told, COMPLETE]);
}

#[test]
fn a_silent_dr_is_unknown_never_landed_never_doubled() {
    let sim = sim();
    sim.check_until("2025-01-14T18:15:00Z");
    let silent = |op: &str| {
        sim.account.borrow_mut().script(op, Some(&dr()), "", u32::MAX, Scripted::Silence);
    };
    silent("rds:DescribeDBSnapshots");
    let round = sim.check();
    assert!(round.tried.is_empty(), "nothing is started blindly");
    assert!(sim.subjects()[0].contains("us-west-2 cannot be read"));
    sim.account.borrow_mut().unscript("rds:DescribeDBSnapshots");
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.copies().len(), 1);
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
    assert_eq!(sim.check().undone.len(), 1, "the check fails, so an alarm sees it, too");
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
    sim.account.borrow_mut().instances.values_mut().for_each(|db| {
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
fn scheduled_points_are_taken_by_sonae_and_counted() {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    for db in sim.account.borrow_mut().instances.values_mut() {
        db.instance.retention_days = 0;
    }
    sim.check_until("2025-01-14T19:30:00Z");
    let copies = sim.copies();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].name.as_str(), "kaigo-subsys-prod-sonae-2025-01-15-m-dr");
    assert_eq!(sim.subjects(), [COMPLETE]);
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
    create("kaigo-subsys-prod-manual-1", &[("Purpose", "PreRelease"), ("aws:x", "y")]);
    create("kaigo-subsys-prod-manual-2", &[("Type", "Manual")]);
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

fn copy_by_hand(sim: &Sim, name: &str) {
    let mut account = sim.account.borrow_mut();
    let source = account.snapshot_arn(&home(), AUTOMATED);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tags = [tag(tags::KEEP_UNTIL, "2025-02-14"), tag(tags::KIND, "daily")].into();
    let request = CopyRequest { source, target: name.to_owned(), key: Some(KEY.to_owned()), tags };
    account.copy_db_snapshot(&dr(), request).expect("accepted");
}

#[test]
fn calls_of_a_round_do_not_depend_on_what_others_told() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    let before = sim.first_calls("s3:ListBucket");
    sim.check();
    assert_eq!(sim.first_calls("s3:ListBucket") - before, 2, "two shelves for the fleet");
}

const ID: &str = "kaigo-subsys-prod";

fn release(sim: &Sim, name: &str) {
    let tags = [("Purpose".to_owned(), "PreRelease".to_owned())].into();
    sim.account.borrow_mut().create_db_snapshot(&home(), ID, name, tags).expect("created");
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

/// After a change of `dr_key` the old copies are not failed, and nobody is told to delete them.
#[test]
fn a_new_dr_key_asks_to_delete_no_good_copy() {
    let sim = sim();
    sim.check_until("2025-01-14T23:00:00Z");
    let new = KEY.replace("11111111", "22222222");
    let mut account = sim.account.borrow().clone();
    account.keys.insert(new.clone(), "Enabled".to_owned());
    let sim = Sim::new(account, policy_with(&format!("dr_key = \"{new}\"")));
    sim.check_until("2025-01-15T00:00:00Z");
    for mail in sim.mails() {
        assert!(!mail.body.contains("delete-db-snapshot"), "{}", mail.body);
        assert!(!mail.body.contains("nothing has landed"), "{}", mail.body);
    }
}

/// What is gone is not whole: an instance that no longer exists repairs nothing.
#[test]
fn a_gone_instance_repairs_nothing() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    for db in sim.account.borrow_mut().instances.values_mut() {
        db.instance.retention_days = 0;
    }
    sim.check_until("2025-01-14T19:15:00Z");
    sim.account.borrow_mut().instances.clear();
    sim.check_until("2025-01-14T20:30:00Z");
    assert!(!sim.subjects().iter().any(|told| told.contains("REPAIRED")), "{:?}", sim.subjects());
}
