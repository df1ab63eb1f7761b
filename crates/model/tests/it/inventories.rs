//! Sweeps of random inventories: what holds, whatever lies there.

use crate::inventory::case;
use crate::night::{Drive, home};
use crate::sweeps::swept;
use domain::day;
use domain::decide;
use domain::id::{Family, PointName};
use domain::policy::{Asset, FLOOR, Orphans, Policy};
use domain::seen::{Point, State};
use domain::step::Delete;
use domain::sweep::{self, Plan};
use domain::tags;
use jiff::{SignedDuration, Timestamp, ToSpan};
use model::Sim;
use proptest::prelude::*;

/// Everything in both Regions.
fn all(sim: &Sim) -> Vec<Point> {
    sim.account.borrow().snapshots.values().map(|snapshot| snapshot.point.clone()).collect()
}

fn planned(sim: &Sim) -> Plan {
    let now = sim.account.borrow().now;
    sweep::plan(sim.policy(), &sim.stock(), now)
}

/// The checked copies in dr of the database that this one is of.
fn landed_beside<'p>(policy: &Policy, points: &'p [Point], one: &Point) -> Vec<&'p Point> {
    let id = one.tags.get(tags::ASSET).map_or("", String::as_str);
    let asset = policy.asset_of(one.family, id);
    // Nobody names the key of an asset that has left the policy.
    let whole = |copy: &Point| {
        let any =
            Asset { dr_key: copy.key.clone().unwrap_or_default(), ..policy.assets[0].clone() };
        decide::landed(asset.unwrap_or(&any), copy)
    };
    let same = |point: &&Point| {
        point.family == one.family
            && point.database == one.database
            && point.resource_id == one.resource_id
            && point.tags.get(tags::ASSET) == one.tags.get(tags::ASSET)
            && point.tags.get(tags::SYSTEM).is_some_and(|system| *system == policy.system)
            && point.name.as_str().contains("-dr")
            && whole(point)
    };
    points.iter().filter(same).collect()
}

/// Every deletion is of ours, past its days, and has a newer landed copy that stays.
fn deletion_is_right(
    policy: &Policy,
    now: Timestamp,
    before: &[Point],
    after: &[Point],
    delete: &Delete,
) -> Result<(), TestCaseError> {
    let today = day::of(now, &policy.zone);
    let one = before.iter().find(|point| point.arn == delete.arn).expect("it was there");
    let tag = |key: &str| one.tags.get(key).cloned().unwrap_or_default();
    prop_assert_eq!(tag(tags::SYSTEM), &*policy.system);
    prop_assert_eq!(tag(tags::ASSET), delete.asset.as_str());
    prop_assert_eq!(&*one.kind, "manual");
    let ours = one.name.as_str().contains("-dr") || one.name.as_str().contains("-sonae-");
    prop_assert!(ours, "{}", one.name);
    let created = one.created.expect("a time");
    let asset = policy.asset_of(one.family, delete.asset.as_str());
    prop_assert!(asset.is_some() || policy.orphans == Orphans::Delete);
    let last = landed_beside(policy, before, one).iter().filter_map(|copy| copy.created).max();
    let graced =
        last.is_some_and(|last| day::of(last, &policy.zone) < today.saturating_sub(14.days()));
    prop_assert!(asset.is_some() || graced);
    prop_assert!(one.state == State::Available || policy.orphans == Orphans::Delete);
    if one.state == State::Available {
        prop_assert!(tag(tags::KEEP_UNTIL).parse::<jiff::civil::Date>().expect("a day") <= today);
    }
    if let Some(asset) = asset {
        let oldest = today.saturating_sub(asset.catch_up.days());
        prop_assert!(day::of(created, &policy.zone) < oldest, "inside catch_up");
    }
    let newer = landed_beside(policy, after, one).iter().any(|copy| copy.created > one.created);
    prop_assert!(newer, "no newer landed copy than {}", one.name);
    Ok(())
}

/// The floor holds, and the newest landed copy is there.
fn floor_holds(policy: &Policy, before: &[Point], after: &[Point]) -> Result<(), TestCaseError> {
    for one in before {
        let (had, has) = (landed_beside(policy, before, one), landed_beside(policy, after, one));
        let floor =
            policy.asset_of(one.family, &one.database).map_or(FLOOR, |asset| asset.keep.floor);
        prop_assert!(has.len() >= had.len().min(usize::from(floor)));
        let newest = |all: &[&Point]| all.iter().filter_map(|copy| copy.created).max();
        prop_assert_eq!(newest(&has), newest(&had));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Story 14: the plan is within our tags, the floor holds, the newest landed copy stays, and what
    /// was shown is what is done.
    #[test]
    fn story_14_whatever_lies_there(case in case()) {
        let sim = case.sim();
        let (policy, now) = (sim.policy().clone(), sim.account.borrow().now);
        let (before, dry) = (all(&sim), planned(&sim));
        let number = dry.lots.iter().find_map(|lot| lot.stopped.clone()).filter(|_| case.approve);
        let dry = dry.approved(number.as_deref()).expect("its own number");
        let round = sim.sweep(number.as_deref(), None).expect("not killed").expect("approved");
        let shown: Vec<&PointName> = dry.deletions().into_iter().map(|one| &one.name).collect();
        let done: Vec<&PointName> = round.tried.iter().map(|tried| &tried.point).collect();
        prop_assert_eq!(shown, done, "dry run = real run");
        let after = all(&sim);
        prop_assert_eq!(before.len() - after.len(), round.tried.len());
        for delete in dry.deletions() {
            deletion_is_right(&policy, now, &before, &after, delete)?;
        }
        floor_holds(&policy, &before, &after)?;
        // What goes is not more than a quarter, unless three, or unless a person said yes.
        let again = planned(&sim);
        let stopped = |plan: &Plan| plan.lots.iter().filter(|lot| lot.stopped.is_some()).count();
        prop_assert!(again.deletions().is_empty() && stopped(&again) == stopped(&dry));
    }

    /// Killed after any part of it, the rest is what the next one plans: nothing new.
    #[test]
    fn a_part_of_a_plan_makes_no_other_plan(case in case(), parts in prop::collection::vec(any::<bool>(), 60)) {
        let sim = case.sim();
        let dry = planned(&sim);
        let deletions: Vec<Delete> = dry.deletions().into_iter().cloned().collect();
        let (gone, left): (Vec<_>, Vec<_>) = deletions.iter().zip(parts).partition(|(_, gone)| *gone);
        for (delete, _) in gone {
            let name = delete.name.as_str();
            sim.account.borrow_mut().delete_snapshot(&delete.region, delete.family, name).expect("there");
        }
        let again: Vec<Delete> = planned(&sim).deletions().into_iter().cloned().collect();
        let left: Vec<Delete> = left.into_iter().map(|(delete, _)| delete.clone()).collect();
        prop_assert_eq!(again, left);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Sweep and round never fight: after a sweep nothing is copied or taken that was not wanted before.
    #[test]
    fn decide_after_sweep_copies_nothing(case in case(), nights in 0i64..8) {
        let sim = case.sim();
        let now = sim.account.borrow().now;
        for back in 0..nights {
            let at = now - SignedDuration::from_hours(24 * back + 6);
            for asset in &sim.policy().assets.clone() {
                let point = sim.account.borrow().past_point(sim.policy(), asset, at);
                sim.account.borrow_mut().put_snapshot(&home(), point);
            }
        }
        let wanted = |sim: &Sim| {
            let calls = sim.account.borrow().calls.len();
            sim.check();
            let account = sim.account.borrow();
            account.calls.iter().skip(calls).filter(|call| call.op.contains("Copy")).count()
        };
        wanted(&sim);
        let until = now + SignedDuration::from_hours(20);
        sim.account.borrow_mut().advance(until);
        wanted(&sim);
        let unswept = Sim::new(sim.account.borrow().clone(), sim.policy().clone());
        swept(&sim);
        prop_assert_eq!(wanted(&sim), wanted(&unswept));
    }
}

/// The generator makes deletions, stops and orphans, or the properties above would say nothing.
#[test]
fn the_inventories_are_worth_sweeping() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut deleted, mut stopped, mut orphans, mut clusters) = (0, 0, 0, 0);
    for _ in 0..300 {
        let plan = planned(&case().new_tree(&mut runner).expect("a case").current().sim());
        deleted += usize::from(!plan.deletions().is_empty());
        clusters += usize::from(plan.deletions().iter().any(|one| one.family == Family::Cluster));
        stopped += usize::from(plan.lots.iter().any(|lot| lot.stopped.is_some()));
        orphans += usize::from(!plan.orphans.is_empty());
    }
    assert!(
        deleted > 60 && stopped > 15 && orphans > 60 && clusters > 5,
        "{deleted} with deletions, {clusters} of clusters, {stopped} stopped, {orphans} with orphans of 300"
    );
}
