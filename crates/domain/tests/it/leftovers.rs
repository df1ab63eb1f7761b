//! What no rule is about: orphans, what was not read, what only looks like ours.

use crate::fixture::KEY;
use crate::nights::{check, check_kept_in, days_gone, keep, nights, now, policy_of, stock, tag};
use domain::id::{AssetId, Family, PointName};
use domain::seen::{Point, Read, State};
use domain::sweep::{Kept, Why, plan};
use domain::tags;
use jiff::civil::date;

/// What an asset needs no more is told, and deleted only when the policy says so.
#[test]
fn story_15_orphans_are_reported() {
    let mut copies = nights(12);
    copies[11].state = State::Failed;
    retire(&mut copies[10]);
    copies[9].name = PointName::new("by-hand-dr");
    // `system` was renamed, or two policies name one database.
    tag(&mut copies[8], tags::SYSTEM, "another");
    // Another system's own retired database is its own matter.
    retire(&mut copies[7]);
    tag(&mut copies[7], tags::SYSTEM, "another");
    let of = |root: &str| plan(&policy_of("{ days = 10 }", root), &stock(copies.clone()), now());
    let why: Vec<Why> = of("").orphans.iter().map(|orphan| orphan.why).collect();
    assert_eq!(why, [Why::OfAnotherSystem, Why::ByHand, Why::Failed, Why::NotInPolicy]);
    assert!(days_gone(&of("")).is_empty());
    // The newest of what was retired stays; what a person made stays.
    assert_eq!(days_gone(&of("[sweep]\norphans = \"delete\"")), ["2025-05-21"]);
}

/// Makes it a copy of a database that is in no policy.
fn retire(copy: &mut Point) {
    tag(copy, tags::ASSET, "retired");
    copy.database = "retired".to_owned();
}

/// Of an asset that has left the policy, the newest three stay whatever the policy says, and so does
/// what may be of another system.
#[test]
fn a_retired_asset_shrinks_to_its_floor() {
    let policy = policy_of("{ days = 10 }", "[sweep]\norphans = \"delete\"");
    let mut copies = nights(21);
    copies.iter_mut().for_each(retire);
    check(&policy, copies.split_off(15), &["2025-05-12", "2025-05-13", "2025-05-14"]);
    // For two weeks after the last one it may have left by mistake.
    let mut fresh = nights(20).split_off(14);
    fresh.iter_mut().for_each(retire);
    check(&policy, fresh, &[]);
    let mut of_another = nights(21).split_off(15);
    of_another.iter_mut().for_each(retire);
    of_another.iter_mut().for_each(|copy| tag(copy, tags::SYSTEM, "another"));
    check(&policy, of_another, &[]);
    let mut by_hand = nights(21).split_off(15);
    by_hand.iter_mut().for_each(retire);
    by_hand[5].name = PointName::new("by-hand-dr");
    check(&policy, by_hand, &["2025-05-13", "2025-05-14"]);
    copies.iter_mut().for_each(|copy| _ = copy.tags.remove(tags::SYSTEM));
    check(&policy, copies, &[]);
}

/// What could not be read is not planned for, and said.
#[test]
fn what_was_not_read_is_left_alone() {
    let fault = domain::fault::Fault {
        op: "rds:DescribeDBSnapshots".to_owned(),
        region: domain::id::Region::new("us-east-1"),
        kind: domain::fault::FaultKind::Denied,
        detail: "AccessDenied".to_owned(),
    };
    let mut stock = stock(nights(60));
    stock.home.instances = Read::Unknown(fault.clone());
    let plan = plan(&keep("{ days = 10 }"), &stock, now());
    assert_eq!((plan.lots, plan.unread), (vec![], vec![fault]));
}

/// A role that the key's policy does not let in would hold everything for ever, in silence.
#[test]
fn a_key_that_was_not_read_is_said() {
    let fault = domain::fault::Fault {
        op: "kms:DescribeKey".to_owned(),
        region: domain::id::Region::new("us-west-2"),
        kind: domain::fault::FaultKind::Denied,
        detail: "AccessDeniedException".to_owned(),
    };
    let mut stock = stock(nights(12));
    stock.keys.insert(KEY.to_owned(), Read::Unknown(fault.clone()));
    let policy = keep("{ days = 3, floor = 1 }");
    check_kept_in(&policy, &stock, date(2025, 5, 21), &Kept::Key);
    assert_eq!(plan(&policy, &stock, now()).unread, [fault]);
}

/// Copies that failed are no comfort when most of the good ones would go.
#[test]
fn a_quarter_is_of_what_can_be_restored_from() {
    let policy = keep("{ days = 15, floor = 1 }");
    let mut copies = nights(40);
    copies.iter_mut().take(35).skip(3).for_each(|copy| copy.state = State::Failed);
    let plan = plan(&policy, &stock(copies), now());
    assert_eq!(plan.lots[0].gone.len(), 5);
    assert!(plan.lots[0].stopped.is_some(), "5 of 8, beside 32 failed ones");
}

#[test]
fn a_cluster_of_the_same_name_is_another_asset() {
    let policy = keep("{ days = 10, floor = 1 }");
    let mut stock = stock(Vec::new());
    let copies = nights(12).into_iter().map(|copy| Point { family: Family::Cluster, ..copy });
    stock.dr.clusters = Read::Known(copies.collect());
    let plan = plan(&policy, &stock, now());
    assert!(plan.lots.is_empty());
    assert_eq!(plan.orphans.len(), 12);
    assert_eq!(AssetId::new(&plan.orphans[0].asset), policy.assets[0].id);
}
