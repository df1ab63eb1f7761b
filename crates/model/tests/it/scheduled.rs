//! Points that Sonae takes itself.

use crate::night::{COMPLETE, Drive, ID, each_db, home, policy_with, sim_of, told};
use domain::seen::Scope;
use domain::seen::State;
use domain::tags::StartedBy;
use model::{ApiError, Scripted, Sim};

#[test]
fn scheduled_points_are_taken_by_sonae_and_counted() {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.retention_days = Some(0);
    }
    sim.check_until("2025-01-14T19:30:00Z");
    let copies = sim.copies();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].name.as_str(), "kaigo-subsys-prod-sonae-2025-01-15-m-dr");
    assert_eq!(sim.subjects(), [COMPLETE]);
}

/// A night whose point Sonae takes, with RDS's own backups off.
fn scheduled() -> Sim {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    for db in sim.account.borrow_mut().databases.values_mut() {
        db.shown.retention_days = Some(0);
    }
    sim
}

fn points(sim: &Sim) -> Vec<String> {
    let account = sim.account.borrow();
    let here = account.snapshots.keys().filter(|(region, ..)| *region == home());
    here.map(|(.., name)| name.clone()).collect()
}

fn refuse(sim: &Sim, code: &str) {
    let refusal = Scripted::Refuse(ApiError::new(400, code, "in AWS's words"));
    sim.account.borrow_mut().script("rds:CreateDBSnapshot", None, "sonae", u32::MAX, refusal);
}

/// The Scheduler delivers at least once, so two checks may run at once.
#[test]
fn two_checks_at_once_take_one_point() {
    for checks in [2, 5] {
        let sim = scheduled();
        sim.until("2025-01-14T18:00:00Z");
        sim.race(&Scope::Fleet, StartedBy::Check, checks);
        assert_eq!(points(&sim), ["kaigo-subsys-prod-sonae-2025-01-15"]);
    }
}

/// Killed with the point taken and no answer seen: the next check finds it.
#[test]
fn a_lost_answer_takes_no_second_point() {
    let sim = scheduled();
    sim.until("2025-01-14T18:00:00Z");
    let kill = model::Kill { at: 2, after_effect: true };
    assert!(sim.play(Scope::Fleet, StartedBy::Check, Some(kill)).is_none());
    sim.check();
    sim.check_until("2025-01-14T19:30:00Z");
    assert_eq!(points(&sim), ["kaigo-subsys-prod-sonae-2025-01-15"]);
}

/// A stranger under the name is stepped around; one that cannot be looked at is waited for.
#[test]
fn a_held_name_is_settled_before_another_is_used() {
    let sim = scheduled();
    let name = "kaigo-subsys-prod-sonae-2025-01-15";
    sim.account.borrow_mut().add_instance(&home(), "stranger", "03:00-03:30");
    sim.account.borrow_mut().create_db_snapshot(&home(), "stranger", name, [].into()).expect("new");
    sim.until("2025-01-14T18:00:00Z");
    sim.account.borrow_mut().script("rds:DescribeDBSnapshots", None, name, 1, Scripted::Silence);
    assert_eq!(sim.check().tried.len(), 1, "deferred");
    sim.check_until("2025-01-14T18:15:00Z");
    assert!(points(&sim).contains(&format!("{name}-2")), "{:?}", points(&sim));
}

/// The point that the notice asks for satisfies the day: Sonae takes no second one.
#[test]
fn a_point_by_hand_is_not_taken_again() {
    let sim = scheduled();
    refuse(&sim, "InvalidDBInstanceState");
    sim.check_until("2025-01-14T20:15:00Z");
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let tags = [tag("sonae:kind", "daily"), tag("sonae:asset", ID)].into();
    sim.account.borrow_mut().create_db_snapshot(&home(), ID, "by-hand", tags).expect("created");
    sim.account.borrow_mut().unscript("rds:CreateDBSnapshot");
    sim.check_until("2025-01-14T21:30:00Z");
    assert_eq!(points(&sim), ["by-hand"]);
}

/// What AWS answered to CreateDBSnapshot is what the notice says.
#[test]
fn a_refused_take_is_told_with_awss_words() {
    for code in ["InvalidParameterValue", "InvalidDBInstanceState", "SomethingNew"] {
        let sim = scheduled();
        refuse(&sim, code);
        sim.check_until("2025-01-14T20:15:00Z");
        let mail = sim.mails().into_iter().next().expect("told");
        assert!(mail.body.contains(&format!("{code}: in AWS's words")), "{}", mail.body);
        assert!(!mail.body.contains("RDS skips"), "{}", mail.body);
    }
}

/// Requested in this very round, late in the day: not "nothing was taken".
#[test]
fn a_take_just_accepted_is_under_way() {
    let sim = scheduled();
    sim.check();
    sim.until("2025-01-14T20:15:00Z");
    sim.check();
    let body = &sim.mails()[0].body;
    assert!(body.contains("`kaigo-subsys-prod-sonae-2025-01-15` is still being taken"), "{body}");
}

/// With home's quota full the take needs a person, and at once.
#[test]
fn a_full_quota_of_home_is_told_at_once() {
    let sim = scheduled();
    sim.account.borrow_mut().manual_quota = 0;
    sim.check_until("2025-01-14T18:30:00Z");
    let mails = sim.mails();
    assert!(mails[0].body.contains("points-full"), "{}", mails[0].body);
    assert!(mails[1].subject.contains("0 of 0 manual snapshots used in us-east-1"));
}

/// They failed before RDS showed a time, and are still there the next night.
#[test]
fn yesterdays_failed_points_break_no_night() {
    let sim = sim_of(policy_with("take = \"scheduled\""));
    each_db(&sim, |db| db.shown.retention_days = Some(0));
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CreateDBSnapshot", None, "sonae", 3, dies);
    sim.check_until("2025-01-15T17:30:00Z");
    for one in sim.account.borrow_mut().snapshots.values_mut() {
        if one.point.state == State::Failed {
            (one.point.created, one.point.stored) = (None, None);
        }
    }
    sim.check_until("2025-01-15T20:30:00Z");
    assert_eq!(told(&sim, "kaigo-subsys-prod for 2025-01-16"), 0, "{:#?}", sim.subjects());
}
