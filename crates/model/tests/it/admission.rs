//! Who is copied first when not everything may be copied at once.

use crate::night::{Drive, asset, at, create, dr, home, policy_over, sim, sim_of, told};
use domain::id::{AssetId, Family, PointName, Region};
use domain::seen::{Scope, State};
use domain::tags::StartedBy;
use model::{ApiError, Scripted, Sim};
use std::collections::{BTreeMap, BTreeSet};

/// So many databases of a kind, whose manual points are copied, too.
fn fleet(kind: &str, count: usize) -> Sim {
    let assets: String = (0..count).map(|n| asset(kind, &format!("db-{n:02}"), "")).collect();
    sim_of(policy_over("manual = \"all\"", &assets))
}

/// Instances of these names.
fn instances(ids: &[&str], defaults: &str) -> Sim {
    let assets: String = ids.iter().map(|id| asset("rds-instance", id, "")).collect();
    sim_of(policy_over(defaults, &assets))
}

/// Thirty databases and five places: all land before their deadline, and nobody is called at night.
#[test]
fn story_08_thirty_databases_and_five_places() {
    for kind in ["rds-instance", "rds-cluster"] {
        let sim = fleet(kind, 30);
        sim.account.borrow_mut().in_flight_limit = 5;
        sim.check_until("2025-01-14T20:30:00Z");
        let landed = sim.copies().into_iter().filter(|copy| copy.state == State::Available);
        assert_eq!(landed.count(), 30, "{kind}");
        assert_eq!(sim.subjects(), [crate::night::COMPLETE], "{kind}");
    }
}

/// One database has six points to copy, five others have one each. RDS copies one point of a
/// database at a time: its second must not take another one's place.
#[test]
fn story_08_one_database_takes_one_place() {
    let sim = fleet("rds-instance", 6);
    for n in 0..6 {
        let name = format!("manual-{n}");
        let tags = [].into();
        let home = sim.policy().home.clone();
        sim.account.borrow_mut().create_db_snapshot(&home, "db-00", &name, tags).expect("created");
    }
    sim.account.borrow_mut().in_flight_limit = 6;
    sim.until("2025-01-14T18:15:00Z");
    sim.check();
    let of: BTreeSet<String> = sim.copies().into_iter().map(|copy| copy.database).collect();
    assert_eq!(of.len(), 6, "each has one place: {of:?}");
    sim.check_until("2025-01-14T21:30:00Z");
    assert_eq!(sim.copies().len(), 12, "and in the end everything is copied");
}

/// Of those that wait, the one whose newest copy is the oldest goes first.
#[test]
fn story_08_the_oldest_rpo_goes_first() {
    let sim = fleet("rds-instance", 6);
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "db-05-2025-01-14", u32::MAX, dies);
    sim.check_until("2025-01-15T17:45:00Z");
    assert_eq!(told(&sim, "no copy of db-05"), 1);
    sim.account.borrow_mut().in_flight_limit = 1;
    sim.until("2025-01-15T18:15:00Z");
    sim.check();
    let started: Vec<String> = sim
        .copies()
        .into_iter()
        .filter(|copy| copy.stored >= Some(at("2025-01-15T18:00:00Z")))
        .map(|copy| copy.database)
        .collect();
    assert_eq!(started, ["db-05"], "it has nothing at all in dr");
}

/// The limit is not known but learnt: once two databases are refused, no other copy of the round is
/// tried.
#[test]
fn the_limit_is_learnt_from_two_refusals() {
    let sim = fleet("rds-instance", 30);
    sim.account.borrow_mut().in_flight_limit = 7;
    sim.until("2025-01-14T18:15:00Z");
    let round = sim.check();
    let calls = &sim.account.borrow().calls;
    let copies = calls.iter().filter(|call| call.op == "rds:CopyDBSnapshot").count();
    assert_eq!(copies, 9, "seven accepted, two refused");
    let tried: BTreeMap<AssetId, bool> = round
        .tried
        .iter()
        .map(|tried| (tried.asset.clone(), tried.outcome.fault().is_none()))
        .collect();
    assert_eq!((tried.len(), tried.values().filter(|done| **done).count()), (30, 7));
}

/// A copy that hangs holds up no other point of its database for ever.
#[test]
fn a_copy_that_hangs_does_not_starve_its_database() {
    let sim = sim();
    sim.check_until("2025-01-14T18:15:00Z");
    for copy in sim.account.borrow_mut().snapshots.values_mut() {
        if copy.point.source.is_some() {
            copy.starts = Some(at("2025-03-01T00:00:00Z"));
        }
    }
    create(&sim, "before-release", &[("Purpose", "PreRelease")]);
    sim.check_until("2025-01-14T19:15:00Z");
    let manual = sim.copies().into_iter().find(|copy| copy.name.as_str() == "before-release-m-dr");
    assert_eq!(manual.map(|copy| copy.state), Some(State::Available));
}

/// At 80 % it is told once, long before AWS refuses; whole again only with room to spare.
#[test]
fn story_07_a_quota_is_told_at_eighty_percent() {
    let sim = sim();
    strangers(&sim, 0..78);
    sim.check_until("2025-01-14T18:00:00Z");
    assert!(sim.mails().is_empty(), "78 of 100, and no copy yet: {:?}", sim.subjects());
    strangers(&sim, 78..79);
    sim.check_until("2025-01-14T19:00:00Z");
    let short = "[WARNING] kaigo-subsys-prod: 80 of 100 manual snapshots used in us-west-2";
    assert_eq!(sim.subjects(), [short, crate::night::COMPLETE]);
    delete(&sim, 0..2);
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 0, "78 would be 80 again tomorrow");
    delete(&sim, 2..12);
    sim.check_until("2025-01-14T21:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 1, "{:?}", sim.subjects());
}

fn strangers(sim: &Sim, numbers: std::ops::Range<usize>) {
    let mut account = sim.account.borrow_mut();
    account.add_instance(&dr(), "stranger", "03:00-03:30").shown.retention_days = Some(0);
    for n in numbers {
        let name = format!("stranger-{n}");
        account.create_db_snapshot(&dr(), "stranger", &name, [].into()).expect("created");
    }
}

fn delete(sim: &Sim, numbers: std::ops::Range<usize>) {
    for n in numbers {
        let name = format!("stranger-{n}");
        sim.account.borrow_mut().delete_db_snapshot(&dr(), &name).expect("deleted");
    }
}

/// CopyDBSnapshot never answers for one database.
#[test]
fn story_08_one_copy_without_an_answer_starves_nobody() {
    let sim = instances(&["db-a", "db-b", "db-c"], "");
    let silence = Scripted::Silence;
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "db-a-", u32::MAX, silence);
    sim.check_until("2025-01-14T23:00:00Z");
    assert_eq!(sim.copies().len(), 2, "{:#?}", sim.subjects());
}

/// One place, and RDS tells of each copy that it has finished.
#[test]
fn story_08_events_do_not_pass_the_queue() {
    let sim = instances(&["db-a", "db-b"], "manual = \"all\"");
    for n in 0..20 {
        let name = format!("manual-{n}");
        sim.account
            .borrow_mut()
            .create_db_snapshot(&home(), "db-a", &name, [].into())
            .expect("created");
    }
    sim.account.borrow_mut().in_flight_limit = 1;
    let until = at("2025-01-14T22:30:00Z");
    loop {
        let now = sim.account.borrow().now;
        if now >= until {
            break;
        }
        let next = domain::day::tick(now) + domain::day::TICK;
        sim.account.borrow_mut().step(next);
        let events = std::mem::take(&mut sim.account.borrow_mut().events);
        for event in events {
            let id = event["detail"]["EventID"].as_str().unwrap_or_default();
            if id == "RDS-EVENT-0059" {
                continue;
            }
            let name =
                PointName::new(event["detail"]["SourceIdentifier"].as_str().expect("a name"));
            let region = Region::new(event["region"].as_str().expect("a Region"));
            sim.play(Scope::Point(region, Family::Instance, name), StartedBy::Event, None);
        }
        if sim.account.borrow().now == next && sim.policy().looks_at(next) {
            sim.check();
        }
    }
    let of_b = sim.copies().iter().filter(|copy| copy.database == "db-b").count();
    let of_a = sim.copies().iter().filter(|copy| copy.database == "db-a").count();
    assert!(of_b > 0, "{of_a} copies of db-a, none of db-b: {:#?}", sim.subjects());
}

/// RDS rounds of one database: an answer that never comes for one point holds up its others too.
#[test]
fn story_08_a_full_answer_for_one_database_starves_nobody() {
    let sim = instances(&["db-a", "db-b"], "");
    let full = ApiError::new(400, "SnapshotQuotaExceeded", "Cannot copy more than 5 of db-a");
    let refused = Scripted::Refuse(full);
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "db-a-", u32::MAX, refused);
    sim.check_until("2025-01-14T23:00:00Z");
    assert_eq!(sim.copies().len(), 1, "{:#?}", sim.subjects());
}

/// An unread quota concerns no asset in particular.
#[test]
fn an_unread_quota_names_what_it_is_about() {
    let sim = sim();
    let denied = Scripted::Refuse(ApiError::denied("rds:DescribeAccountAttributes"));
    sim.account.borrow_mut().script("rds:DescribeAccountAttributes", None, "", u32::MAX, denied);
    sim.check();
    let mail = sim.mails().into_iter().next().expect("told");
    assert!(!mail.body.contains("all is well with:\n  \n"), "{}", mail.body);
}
