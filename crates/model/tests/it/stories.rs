//! Failure stories of tools that do this job, each a test. Numbers are those of the list that the
//! project keeps in docs/failure-stories.md.

use crate::night::{AUTOMATED, COMPLETE, COPY, Drive, KEY, at, dr, home, sim, state_of};
use domain::id::{Family, PointName};
use domain::seen::{Scope, State};
use domain::step::{Outcome, Rest, Step};
use domain::tags::{self, StartedBy};
use jiff::SignedDuration;
use model::{CopyPlan, Scripted};

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
    let scope = Scope::Point(home(), Family::Instance, PointName::new(AUTOMATED));
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
    assert!(mails[0].body.contains("Its point was taken and is gone"), "{}", mails[0].body);
}

/// "If you delete a source before the target is available, the copy may fail" (RDS User Guide, Copying
/// a DB snapshot): it does, and there is nothing left to copy.
#[test]
fn story_06_source_deleted_while_it_is_copied() {
    let sim = sim();
    sim.check_until("2025-01-14T18:15:00Z");
    {
        let mut account = sim.account.borrow_mut();
        account.expire(&home(), AUTOMATED);
        let place = (dr(), Family::Instance, COPY.to_owned());
        account.snapshots.get_mut(&place).expect("under way").dies = true;
    }
    sim.check_until("2025-01-15T03:00:00Z");
    let mails = sim.mails();
    assert_eq!(mails.len(), 1, "{:?}", sim.subjects());
    assert!(mails[0].subject.contains("no copy of kaigo-subsys-prod"), "{}", mails[0].subject);
    assert!(mails[0].body.contains("Its point was taken and is gone"), "{}", mails[0].body);
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
    sim.account.borrow_mut().databases.values_mut().for_each(|db| {
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
        let old = (home(), Family::Instance, "kaigo-subsys-prod".to_owned());
        let mut db = account.databases.remove(&old).expect("it was there");
        db.shown.id = "kaigo-subsys-v2".to_owned();
        account.databases.insert((home(), Family::Instance, "kaigo-subsys-v2".to_owned()), db);
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
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.status = "stopped".to_owned();
    }
    sim.check_until("2025-01-14T21:00:00Z");
    assert!(sim.mails()[0].body.contains("The instance is `stopped`"), "{}", sim.mails()[0].body);
}

/// Recreated under the same name: another DbiResourceId. Told until its own first point is there.
#[test]
fn story_31_recreated_instance_is_another_database() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.resource_id = "db-another".to_owned();
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
fn story_07_a_full_quota_of_manual_points_is_told_at_once() {
    let sim = sim();
    sim.account.borrow_mut().manual_quota = 0;
    sim.check_until("2025-01-14T18:30:00Z");
    let mails = sim.mails();
    let refused = mails.iter().filter(|mail| mail.body.contains("points-full"));
    assert_eq!(refused.count(), 1, "{:?}", sim.subjects());
}

#[test]
fn story_07_copies_in_progress_wait_silently() {
    let sim = sim();
    sim.account.borrow_mut().in_flight_limit = 0;
    sim.check_until("2025-01-14T22:00:00Z");
    assert!(sim.mails().is_empty());
    sim.account.borrow_mut().in_flight_limit = 1;
    sim.check_until("2025-01-14T22:45:00Z");
    assert_eq!(sim.subjects().last().map(String::as_str), Some(COMPLETE));
}

#[test]
fn backups_off_and_a_moved_window_are_seen() {
    let sim = sim();
    let change = |f: fn(&mut domain::seen::Database)| {
        sim.account.borrow_mut().databases.values_mut().for_each(|db| f(&mut db.shown));
    };
    change(|instance| instance.window = Some("20:00-20:30".to_owned()));
    sim.check();
    change(|instance| instance.retention_days = Some(0));
    sim.check();
    let subjects = sim.subjects();
    assert!(subjects[0].contains("backup window of kaigo-subsys-prod is elsewhere"));
    assert!(subjects[1].contains("automated backups of kaigo-subsys-prod are off"));
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
    sim.check_until("2025-01-14T18:30:00Z");
    assert!(sim.subjects()[0].contains("us-west-2 cannot be read"));
    sim.account.borrow_mut().unscript("rds:DescribeDBSnapshots");
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.copies().len(), 1);
}
