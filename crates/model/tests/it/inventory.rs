//! Random inventories: whatever may lie in the two Regions, under whatever policy and clock.

use crate::night::{ID, KEY, asset, at, dr, home, policy_over, sim_of};
use domain::day;
use domain::id::PointName;
use domain::policy::{Asset, Policy};
use domain::seen::{Point, State};
use domain::tags;
use jiff::{SignedDuration, Timestamp, ToSpan};
use model::{Account, Sim};
use proptest::prelude::*;

/// What a point is, and whose.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    Ours,
    Manual,
    Taken,
    ByHand,
    Untagged,
    OfAnotherSystem,
    Retired,
}

/// One point of the inventory.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    whose: Whose,
    hours_ago: i64,
    state: &'static str,
    former_key: bool,
    former_database: bool,
    cluster: bool,
    keep_days: i64,
}

/// A policy, an inventory, a clock.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    keep: String,
    catch_up: i32,
    orphans: &'static str,
    things: Vec<Thing>,
    page: usize,
    days_later: i64,
    pub(crate) approve: bool,
}

const ASSETS: [(&str, &str); 2] = [("rds-instance", ID), ("rds-cluster", "kaigo-aurora")];

fn keep() -> impl Strategy<Value = String> {
    let days = (6i32..40).prop_map(|days| format!("days = {days}"));
    let periods = (6u16..10, 0u16..6, 0u16..5)
        .prop_map(|(d, w, m)| format!("daily = {d}, weekly = {w}, monthly = {m}"));
    (prop_oneof![days, periods], 1u8..6)
        .prop_map(|(rule, floor)| format!("{{ {rule}, floor = {floor} }}"))
}

fn thing() -> impl Strategy<Value = Thing> {
    use Whose::{ByHand, Manual, OfAnotherSystem, Ours, Retired, Taken, Untagged};
    let whose = prop::sample::select(vec![
        Ours,
        Ours,
        Ours,
        Ours,
        Ours,
        Manual,
        Taken,
        Taken,
        ByHand,
        Untagged,
        OfAnotherSystem,
        Retired,
    ]);
    let state = prop::sample::select(vec![
        "available",
        "available",
        "available",
        "available",
        "available",
        "available",
        "failed",
        "copying",
        "pending",
        "deleting",
        "strange",
    ]);
    let odd = || prop::bool::weighted(0.15);
    (whose, 0i64..24 * 120, state, odd(), odd(), odd(), 0i64..60).prop_map(
        |(whose, hours_ago, state, former_key, former_database, cluster, keep_days)| Thing {
            whose,
            hours_ago,
            state,
            former_key,
            former_database,
            cluster,
            keep_days,
        },
    )
}

prop_compose! {
    pub(crate) fn case()(
        keep in keep(), catch_up in 1i32..6, things in prop::collection::vec(thing(), 0..60),
        orphans in prop::sample::select(vec!["report", "delete"]), page in 1usize..101,
        days_later in prop_oneof![8 => 0i64..40, 1 => Just(2000), 1 => -60i64..0],
        approve in any::<bool>(),
    ) -> Case {
        Case { keep, catch_up, orphans, things, page, days_later, approve }
    }
}

impl Case {
    fn policy(&self) -> Policy {
        let Self { keep, catch_up, orphans, .. } = self;
        let assets = ASSETS.map(|(kind, id)| asset(kind, id, "")).concat();
        let defaults = format!(
            "keep = {keep}\ncatch_up = \"{catch_up} days\"\n[sweep]\norphans = \"{orphans}\""
        );
        policy_over(&defaults, &assets)
    }

    pub(crate) fn sim(&self) -> Sim {
        let sim = sim_of(self.policy());
        let policy = self.policy();
        let mut account = sim.account.borrow_mut();
        let now = at("2025-01-15T00:00:00Z");
        for thing in &self.things {
            thing.put(&mut account, &policy, now);
        }
        account.most_a_page = self.page;
        account.now = now + SignedDuration::from_hours(24 * self.days_later);
        drop(account);
        sim
    }
}

impl Thing {
    fn put(&self, account: &mut Account, policy: &Policy, now: Timestamp) {
        let asset = &policy.assets[usize::from(self.cluster)];
        let taken = now - SignedDuration::from_hours(self.hours_ago) - SignedDuration::from_mins(1);
        let mut point = account.past_point(policy, asset, taken);
        point.state = State::Available;
        if let Whose::Manual = self.whose {
            let name = format!("release-{}", self.hours_ago);
            point.arn =
                account.snapshot_arn(&policy.home, asset.family().expect("a database"), &name);
            (point.name, point.kind) = (PointName::new(name), "manual".to_owned());
        }
        let copy = account.past_copy(policy, asset, &point, 1, State::parse(self.state));
        let point = match self.whose {
            Whose::Taken => return self.put_taken(account, policy, asset, point),
            Whose::ByHand => {
                let name = format!("by-hand-{}", self.hours_ago);
                let arn =
                    account.snapshot_arn(&policy.dr, asset.family().expect("a database"), &name);
                Point { name: PointName::new(name), arn, ..copy }
            }
            Whose::Untagged => Point { tags: [].into(), ..copy },
            Whose::OfAnotherSystem => tagged(copy, tags::SYSTEM, "another"),
            Whose::Retired => {
                tagged(Point { database: "retired".to_owned(), ..copy }, tags::ASSET, "retired")
            }
            Whose::Ours | Whose::Manual => copy,
        };
        let point = self.worn(policy, point);
        account.put_snapshot(&dr(), point);
    }

    fn put_taken(&self, account: &mut Account, policy: &Policy, asset: &Asset, point: Point) {
        let day = day::of(point.created.expect("a time"), &policy.zone);
        let name =
            domain::names::taken(asset.family().expect("a database"), asset.id.as_str(), day, 1);
        let arn =
            account.snapshot_arn(&policy.home, asset.family().expect("a database"), name.as_str());
        let tags = tags::of_taken(policy, asset, day);
        let (kind, state) = ("manual".to_owned(), State::parse(self.state));
        let point = self.worn(policy, Point { name, arn, kind, state, tags, ..point });
        account.put_snapshot(&home(), Point { source: None, ..point });
    }

    /// What time, people and changes of the policy have done to it.
    fn worn(&self, policy: &Policy, mut point: Point) -> Point {
        let day = day::of(point.created.expect("a time"), &policy.zone);
        let until = day.saturating_add(self.keep_days.days()).to_string();
        if point.tags.contains_key(tags::KEEP_UNTIL) {
            point = tagged(point, tags::KEEP_UNTIL, &until);
        }
        if self.former_key {
            point.key = Some(KEY.replace("1111", "9999"));
        }
        if self.former_database {
            point.resource_id = "db-BEFORE".to_owned();
        }
        point
    }
}

fn tagged(mut point: Point, key: &str, value: &str) -> Point {
    point.tags.insert(key.to_owned(), value.to_owned());
    point
}
