//! Copies of the nights before 1 June 2025, and what a sweep makes of them.

use crate::fixture::{KEY, at, copy, key};
use domain::id::PointName;
use domain::policy::{Policy, parse};
use domain::seen::{KeyState, Point, Read};
use domain::sweep::{Kept, Listed, Plan, Stock, plan};
use domain::tags;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};

/// 09:00 JST on 1 June 2025.
pub(crate) fn now() -> Timestamp {
    at("2025-06-01T00:00:00Z")
}

/// The kaigo policy with this `keep`, and more lines of its root.
pub(crate) fn policy_of(keep: &str, root: &str) -> Policy {
    let text = format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"en\"\n{root}\n[notify]\nemail = [\"ops@example.com\"]\n\
         [[asset]]\nkind = \"rds-instance\"\nid = \"kaigo-subsys-prod\"\nsince = 2024-01-10\n\
         keep = {keep}\ndr_key = \"{KEY}\"\n"
    );
    parse(&text).expect("a good policy")
}

pub(crate) fn keep(keep: &str) -> Policy {
    policy_of(keep, "")
}

/// The landed copy of the night of this day, to be kept for a week.
pub(crate) fn night(day: Date) -> Point {
    let taken = day.yesterday().expect("a day").at(18, 5, 0, 0);
    let created = taken.in_tz("UTC").expect("a time").timestamp();
    let source = format!("rds:kaigo-subsys-prod-{}", created.strftime("%Y-%m-%d-%H-%M"));
    let arn = format!("arn:aws:rds:us-east-1:123456789012:snapshot:{source}");
    let name = format!("{}-dr", &source["rds:".len()..]);
    let mut point = Point {
        arn: format!("arn:aws:rds:us-west-2:123456789012:snapshot:{name}"),
        name: PointName::new(name),
        created: Some(created),
        stored: Some(created + 10.minutes()),
        source: Some(arn.clone()),
        ..copy()
    };
    tag(&mut point, tags::SOURCE_ARN, &arn);
    tag(&mut point, tags::SYSTEM, "kaigo-subsys-prod");
    tag(&mut point, tags::KEEP_UNTIL, &day.saturating_add(7.days()).to_string());
    point
}

pub(crate) fn tag(point: &mut Point, key: &str, value: &str) {
    point.tags.insert(key.to_owned(), value.to_owned());
}

/// The copies of so many nights back from the 1st of June.
pub(crate) fn nights(count: i32) -> Vec<Point> {
    let last = date(2025, 6, 1);
    (0..count).map(|back| night(last.saturating_sub(back.days()))).collect()
}

pub(crate) fn stock(copies: Vec<Point>) -> Stock {
    let listed =
        |instances| Listed { instances: Read::Known(instances), clusters: Read::Known(Vec::new()) };
    let keys = [(KEY.to_owned(), Read::Known(key(KeyState::Enabled)))].into();
    Stock { home: listed(Vec::new()), dr: listed(copies), keys }
}

/// The days whose copies are to go.
pub(crate) fn days_gone(plan: &Plan) -> Vec<String> {
    let day = |at: Timestamp| domain::day::of(at, &keep("{ days = 30 }").zone).to_string();
    let all = plan.lots.iter().flat_map(|lot| &lot.gone);
    all.map(|delete| day(delete.created)).collect()
}

#[track_caller]
pub(crate) fn check(policy: &Policy, copies: Vec<Point>, gone: &[&str]) {
    assert_eq!(days_gone(&plan(policy, &stock(copies), now())), gone);
}

/// Why the copy of this day stays.
#[track_caller]
pub(crate) fn check_kept(policy: &Policy, copies: Vec<Point>, day: Date, why: &Kept) {
    check_kept_in(policy, &stock(copies), day, why);
}

#[track_caller]
pub(crate) fn check_kept_in(policy: &Policy, stock: &Stock, day: Date, why: &Kept) {
    let name = night(day).name;
    let plan = plan(policy, stock, now());
    let mut kept = plan.lots.iter().flat_map(|lot| &lot.kept);
    let found = kept.find(|(point, _)| *point == name).map(|(_, why)| why);
    assert_eq!(found, Some(why));
}
