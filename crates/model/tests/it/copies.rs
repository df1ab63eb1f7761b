//! Copies in every state that RDS may show them in, and points that are gone.

use crate::night::{AUTOMATED, COMPLETE, COPY, Drive, KEY, at, dr, home, policy_with, sim, told};
use domain::id::Family;
use domain::seen::{Point, State};
use domain::tags;
use jiff::SignedDuration;
use model::{Account, CopyPlan, CopyRequest, Scripted, Sim};

/// Changes what dr shows of the night's copy.
fn show(sim: &Sim, change: impl Fn(&mut Point)) {
    let mut account = sim.account.borrow_mut();
    let copy =
        account.snapshots.get_mut(&(dr(), Family::Instance, COPY.to_owned())).expect("the copy");
    change(&mut copy.point);
}

fn copies_die(sim: &Sim) {
    let mut account = sim.account.borrow_mut();
    account.script("rds:CopyDBSnapshot", None, "", u32::MAX, Scripted::CopyDies);
}

/// The same account under a policy with one more asset, whose point of the night stands in home.
fn joined(sim: &Sim) -> Sim {
    let mut account = sim.account.borrow().clone();
    account.add_instance(&home(), "joined", "18:00-18:30");
    let mut snapshot = account.snapshots[&(home(), Family::Instance, AUTOMATED.to_owned())].clone();
    let name = AUTOMATED.replace("kaigo-subsys-prod", "joined");
    snapshot.point.name = domain::id::PointName::new(&name);
    snapshot.point.arn = account.snapshot_arn(&home(), Family::Instance, &name);
    snapshot.point.database = "joined".to_owned();
    account.snapshots.insert((home(), Family::Instance, name), snapshot);
    let more = "[[asset]]\nkind = \"rds-instance\"\nid = \"joined\"\n";
    Sim::new(account, policy_with(more))
}

/// A word that this version does not know is told, and is no reason for a second full copy.
#[test]
fn an_unknown_word_starts_no_second_copy() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    show(&sim, |copy| copy.state = State::Other("upgrading".to_owned()));
    sim.check_until("2025-01-14T19:30:00Z");
    assert_eq!(sim.copies().len(), 1);
    assert!(sim.subjects()[1].contains("unknown state upgrading"), "{:?}", sim.subjects());
}

/// RDS may show source, key and tags only later than the copy: none of that is a second copy.
#[test]
fn a_copy_shown_in_parts_is_not_doubled() {
    let hidden: [fn(&mut Point); 3] = [
        |copy| copy.source = None,
        |copy| copy.key = None,
        |copy| {
            copy.source = None;
            copy.tags.clear();
        },
    ];
    for hide in hidden {
        for state in [State::Pending, State::Copying] {
            let sim = sim();
            sim.check_until("2025-01-14T18:15:00Z");
            show(&sim, |copy| {
                copy.state = state.clone();
                hide(copy);
            });
            sim.check();
            assert_eq!(sim.copies().len(), 1, "{state:?}");
        }
    }
    let sim = sim();
    sim.check_until("2025-01-14T18:15:00Z");
    show(&sim, |copy| {
        copy.state = State::Available;
        copy.source = None;
    });
    sim.check();
    assert_eq!(sim.copies().len(), 1, "available, its source not shown yet");
}

/// A copy that a person started without the tag that keeps it can never count: it blocks nothing.
#[test]
fn a_hanging_copy_that_could_not_land_blocks_nothing() {
    let sim = sim();
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_hours(90);
    sim.until("2025-01-14T18:12:00Z");
    let source = sim.account.borrow().snapshot_arn(&home(), Family::Instance, AUTOMATED);
    let key = Some(KEY.to_owned());
    let request = CopyRequest { source, target: "by-hand".to_owned(), key, ..Default::default() };
    sim.account.borrow_mut().copy_db_snapshot(&dr(), request).expect("accepted");
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_mins(1);
    sim.check_until("2025-01-14T19:00:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
}

/// Retention is one day and dr cannot be read: last night's point is not "never taken".
#[test]
fn an_expired_point_and_an_unread_dr_are_no_missed_night() {
    let sim = sim();
    sim.check_until("2025-01-15T20:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    let silent = Scripted::Silence;
    sim.account.borrow_mut().script("rds:DescribeDBSnapshots", Some(&dr()), "", 1, silent);
    sim.check_until("2025-01-15T20:15:00Z");
    assert!(!sim.subjects().iter().any(|told| told.contains("CRITICAL")), "{:?}", sim.subjects());
}

/// The same without a journal: nobody can tell, so nobody is told.
#[test]
fn an_expired_point_without_a_journal_is_no_missed_night() {
    let sim = sim();
    sim.check_until("2025-01-15T20:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    sim.account.borrow_mut().delete_db_snapshot(&dr(), COPY).expect("deleted");
    sim.account.borrow_mut().buckets.clear();
    sim.check_until("2025-01-15T21:15:00Z");
    assert!(
        !sim.subjects().iter().any(|told| told.contains("2025-01-15 in")),
        "{:?}",
        sim.subjects()
    );
    assert!(
        !sim.subjects().iter().any(|told| told.contains("no recovery")),
        "{:?}",
        sim.subjects()
    );
}

/// It was taken, every copy died, and then RDS expired it: one break, and not "nothing was taken".
#[test]
fn an_expired_uncopied_point_was_taken() {
    let sim = sim();
    copies_die(&sim);
    sim.check_until("2025-01-15T17:00:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    sim.check_until("2025-01-15T17:30:00Z");
    sim.check();
    assert_eq!(sim.subjects().len(), 1, "{:?}", sim.subjects());
}

/// First seen when its point is already gone: said once, with the true reason and no false advice.
#[test]
fn a_point_gone_uncopied_is_told_as_gone() {
    let sim = sim();
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_hours(20);
    sim.check_until("2025-01-14T18:15:00Z");
    sim.account.borrow_mut().delete_db_snapshot(&dr(), COPY).expect("cancelled");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    sim.check_until("2025-01-14T23:00:00Z");
    let mails = sim.mails();
    assert_eq!(mails.len(), 1, "{:?}", sim.subjects());
    assert!(mails[0].body.contains("is gone from us-east-1"), "{}", mails[0].body);
}

/// A source that expires while it is copied does not stop the copy, and is not "gone".
#[test]
fn a_copy_that_outlives_its_source_is_still_copying() {
    let sim = sim();
    sim.account.borrow_mut().copy_plan =
        CopyPlan { waits: SignedDuration::from_hours(9), copies: SignedDuration::from_mins(10) };
    sim.check_until("2025-01-14T18:15:00Z");
    sim.account.borrow_mut().expire(&home(), AUTOMATED);
    sim.check_until("2025-01-15T05:00:00Z");
    let mails = sim.mails();
    assert!(mails[0].body.contains("is still `pending`"), "{}", mails[0].body);
    let subjects = sim.subjects();
    assert!(subjects[1].starts_with("[REPAIRED]"), "{subjects:?}");
    assert_eq!(subjects[2..], [COMPLETE]);
}

/// A copy may land after its day stopped being copied; that it did is told all the same.
#[test]
fn a_very_late_copy_is_told_as_repaired() {
    let sim = sim();
    sim.account.borrow_mut().copy_plan =
        CopyPlan { waits: SignedDuration::from_hours(80), copies: SignedDuration::from_mins(10) };
    sim.check_until("2025-01-14T18:15:00Z");
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_mins(1);
    sim.check_until("2025-01-18T05:00:00Z");
    let told: Vec<String> =
        sim.subjects().into_iter().filter(|told| told.contains("2025-01-15")).collect();
    assert!(told[0].starts_with("[CRITICAL]") && told[1].starts_with("[REPAIRED]"), "{told:?}");
    assert_eq!(told[2..], [COMPLETE]);
}

/// What nothing can make whole any more is closed in silence, so that it is not weighed for ever.
#[test]
fn a_break_that_nothing_can_mend_is_closed_in_silence() {
    let sim = sim();
    let mut account = sim.account.borrow().clone();
    account.script("rds:CopyDBSnapshot", None, "2025-01-14", u32::MAX, Scripted::CopyDies);
    let sim = Sim::new(account, sim.policy().clone());
    sim.check_until("2025-01-26T03:00:00Z");
    let closed = "episodes/kaigo-subsys-prod/not-landed/2025-01-15/1/closed.json";
    let account: &Account = &sim.account.borrow();
    assert!(account.objects.contains_key(&("journal".to_owned(), closed.to_owned())));
    let about = sim.mails().into_iter().filter(|mail| mail.subject.contains("2025-01-15")).count();
    assert_eq!(about, 1);
}

/// An asset that joins at noon has its copies begun then: nothing was broken before.
#[test]
fn an_asset_added_late_is_no_break() {
    let sim = sim();
    sim.check_until("2025-01-14T23:00:00Z");
    let sim = joined(&sim);
    sim.check_until("2025-01-15T03:00:00Z");
    assert!(!sim.subjects().iter().any(|told| told.contains("CRITICAL")), "{:?}", sim.subjects());
    assert!(sim.copies().iter().any(|copy| copy.database == "joined"));
}

/// A copy begun after the deadline has the policy's time, not for ever.
#[test]
fn a_late_copy_that_hangs_is_told() {
    let sim = sim();
    sim.check_until("2025-01-14T23:00:00Z");
    let sim = joined(&sim);
    sim.account.borrow_mut().copy_plan.waits = SignedDuration::from_hours(20);
    sim.check_until("2025-01-15T03:00:00Z");
    let broken = sim.mails().into_iter().find(|mail| mail.subject.contains("CRITICAL"));
    // Begun at 08:00 JST with the two and a half hours from `taken_by` to `landed_by`, seen hourly.
    let told = broken.expect("told").at;
    assert!(told >= at("2025-01-15T01:30:00Z") && told <= at("2025-01-15T03:00:00Z"), "{told}");
}

/// Two points of one day: the first one's copies died, the second one is still being taken.
#[test]
fn a_second_point_on_its_way_is_waited_for() {
    let sim = sim();
    copies_die(&sim);
    sim.check_until("2025-01-14T18:30:00Z");
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tags = [tag(tags::KIND, "daily"), tag(tags::ASSET, "kaigo-subsys-prod")].into();
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.takes = SignedDuration::from_hours(1);
    }
    let id = "kaigo-subsys-prod";
    sim.account.borrow_mut().create_db_snapshot(&home(), id, "second", tags).expect("created");
    sim.check_until("2025-01-14T19:15:00Z");
    assert!(sim.subjects().is_empty(), "{:?}", sim.subjects());
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

/// The state stays; only the tag is gone.
#[test]
fn an_untagged_copy_has_not_left_its_unknown_state() {
    let sim = sim();
    sim.check_until("2025-01-14T19:00:00Z");
    let change = |change: fn(&mut domain::seen::Point)| {
        for one in sim.account.borrow_mut().snapshots.values_mut() {
            if one.point.source.is_some() {
                change(&mut one.point);
            }
        }
    };
    change(|copy| copy.state = State::Other("upgrading".to_owned()));
    sim.check_until("2025-01-14T19:30:00Z");
    change(|copy| _ = copy.tags.remove("sonae:asset"));
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "has left its unknown state"), 0, "{:#?}", sim.subjects());
}
