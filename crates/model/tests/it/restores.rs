//! What a restore in dr would lack, told before it is needed.

use crate::night::{
    COMPLETE, Drive, ID, KEY, asset, dr, each_db, home, policy_over, policy_with, sim, sim_of, told,
};
use domain::seen::{Group, GroupKind};
use jiff::SignedDuration;
use model::{ApiError, Replicated, Scripted, Sim};

const FORMER: &str = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-000000000000";
const HOME_KEY: &str =
    "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-777777777777";

/// Under a policy that expects it, the model has it.
fn replicated() -> Sim {
    sim_of(policy_with("dr_pitr = \"1 h\""))
}

fn replicate(sim: &Sim, replicated: Replicated) {
    let mut account = sim.account.borrow_mut();
    let ids: Vec<String> =
        account.databases.values().map(|db| db.shown.resource_id.clone()).collect();
    account.replicated.extend(ids.into_iter().map(|id| ((dr(), id), replicated)));
}

fn set(sim: &Sim, key: &str, state: &str) {
    sim.account.borrow_mut().keys.insert(key.to_owned(), state.to_owned());
}

/// One kind of group that only home has: told, made, repaired.
#[track_caller]
fn check(kind: GroupKind, noun: &str) {
    let sim = sim();
    let group = Group::new(kind, "kaigo-own");
    sim.account.borrow_mut().give_group(ID, &group);
    sim.check_until("2025-01-14T19:30:00Z");
    let lacks = format!("us-west-2 lacks the {noun} kaigo-own");
    assert_eq!(told(&sim, &lacks), 1, "{:?}", sim.subjects());
    // One of the same name and another kind is none.
    for other in [GroupKind::Parameters, GroupKind::Options, GroupKind::Subnets] {
        if other != kind {
            sim.account.borrow_mut().groups.insert((dr(), Group::new(other, "kaigo-own")));
        }
    }
    sim.check_until("2025-01-14T20:30:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 0, "{:?}", sim.subjects());
    sim.account.borrow_mut().groups.insert((dr(), group));
    sim.check_until("2025-01-14T21:30:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 1, "{:?}", sim.subjects());
    assert_eq!(told(&sim, &lacks), 1);
}

#[test]
fn each_group_that_dr_lacks_is_told_until_it_is_made() {
    check(GroupKind::Parameters, "parameter group");
    check(GroupKind::Options, "option group");
    check(GroupKind::Subnets, "subnet group");
}

/// Twenty-six databases in one network, and a mail for it, not twenty-six.
#[test]
fn a_group_that_many_need_is_one_mail() {
    let ids: Vec<String> = (1..=26).map(|n| format!("db-{n:02}")).collect();
    let assets: String = ids.iter().map(|id| asset("rds-instance", id, "")).collect();
    let sim = sim_of(policy_over("", &assets));
    let group = Group::new(GroupKind::Subnets, "kaigo-own");
    ids.iter().for_each(|id| sim.account.borrow_mut().give_group(id, &group));
    sim.check_until("2025-01-14T18:30:00Z");
    assert_eq!(sim.subjects().len(), 1, "{:?}", sim.subjects());
    let body = sim.mails().remove(0).body;
    assert!(ids.iter().all(|id| body.contains(id)), "{body}");
    // One that moves out of it is no repair, the last one is the end of it.
    let other = Group::new(GroupKind::Subnets, "default");
    sim.account.borrow_mut().give_group("db-01", &other);
    sim.check_until("2025-01-14T19:30:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 0);
    ids.iter().for_each(|id| sim.account.borrow_mut().give_group(id, &other));
    sim.check_until("2025-01-14T20:30:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 0, "closed without a word");
    ids.iter().for_each(|id| sim.account.borrow_mut().give_group(id, &group));
    sim.check_until("2025-01-14T21:30:00Z");
    assert_eq!(told(&sim, "us-west-2 lacks the subnet group kaigo-own"), 2, "a new break");
}

/// What RDS makes by itself is not asked for, and so costs no call.
#[test]
fn groups_that_rds_makes_are_not_looked_for() {
    for name in ["default", "default-vpc-0a1b2c3d"] {
        let sim = sim();
        let group = Group::new(GroupKind::Subnets, name);
        sim.account.borrow_mut().give_group(ID, &group);
        sim.check();
        let account = sim.account.borrow();
        assert!(!account.calls.iter().any(|call| call.op.contains("Groups")), "{name}");
    }
}

/// Networks have other names in dr: the policy may say which one.
#[test]
fn the_policys_subnet_group_counts_instead_of_homes() {
    let sim = sim_of(policy_with("dr_subnet_group = \"kaigo-dr\""));
    sim.account.borrow_mut().groups.clear();
    sim.account.borrow_mut().give_group(ID, &Group::new(GroupKind::Subnets, "kaigo-own"));
    sim.check_until("2025-01-14T18:30:00Z");
    let mail = sim.mails().into_iter().find(|mail| mail.subject.contains("subnet group"));
    let body = mail.expect("it is told").body;
    assert!(body.contains("`kaigo-dr`") && !body.contains("kaigo-own"), "{body}");
    let group = Group::new(GroupKind::Subnets, "kaigo-dr");
    sim.account.borrow_mut().groups.insert((dr(), group));
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 1, "{:?}", sim.subjects());
}

/// RDS goes on calling it active; nothing arrives any more.
#[test]
fn story_11_a_replication_that_stopped_by_itself_is_told() {
    let sim = replicated();
    sim.check_until("2025-01-14T19:30:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
    let stopped = Some(sim.account.borrow().now);
    replicate(&sim, Replicated { lag: SignedDuration::from_mins(5), stopped });
    sim.check_until("2025-01-14T20:15:00Z");
    assert_eq!(sim.subjects(), [COMPLETE], "within the hour that the policy allows");
    sim.check_until("2025-01-14T22:30:00Z");
    let behind = "automated backups of kaigo-subsys-prod no longer reach us-west-2";
    assert_eq!(told(&sim, behind), 1, "{:?}", sim.subjects());
    replicate(&sim, Replicated::default());
    sim.check_until("2025-01-14T23:45:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 1, "{:?}", sim.subjects());
}

#[test]
fn story_11_a_replication_that_is_gone_is_told() {
    let sim = replicated();
    sim.account.borrow_mut().replicated.clear();
    sim.check_until("2025-01-14T18:30:00Z");
    assert_eq!(told(&sim, "no automated backups of kaigo-subsys-prod in us-west-2"), 1);
}

/// Of the instance that had the name before, whatever they reach.
#[test]
fn story_11_the_backups_of_a_former_instance_are_none() {
    let sim = replicated();
    each_db(&sim, |db| db.shown.resource_id = "db-ANOTHER".to_owned());
    sim.check_until("2025-01-14T18:30:00Z");
    assert_eq!(told(&sim, "no automated backups of kaigo-subsys-prod in us-west-2"), 1);
}

/// A policy that expects none asks for none.
#[test]
fn replicated_backups_are_looked_at_where_the_policy_expects_them() {
    let sim = sim();
    sim.check();
    let op = "rds:DescribeDBInstanceAutomatedBackups";
    assert!(!sim.account.borrow().calls.iter().any(|call| call.op == op));
}

/// The key was changed months ago, and thirty copies are still under the one before.
fn rekeyed() -> Sim {
    let sim = sim();
    set(&sim, FORMER, "Enabled");
    sim.check_until("2025-01-14T19:30:00Z");
    for snapshot in sim.account.borrow_mut().snapshots.values_mut() {
        if snapshot.point.key.as_deref() == Some(KEY) {
            snapshot.point.key = Some(FORMER.to_owned());
        }
    }
    sim
}

#[test]
fn story_10_a_former_key_that_waits_for_its_deletion_is_told_while_copies_need_it() {
    let sim = rekeyed();
    set(&sim, FORMER, "PendingDeletion");
    sim.check_until("2025-01-15T19:30:00Z");
    let told_of = |words: &str| sim.mails().iter().filter(|m| m.body.contains(words)).count();
    assert_eq!(
        told(&sim, "PendingDeletion key holds 1 old points in us-west-2"),
        1,
        "{:?}",
        sim.subjects()
    );
    let cancel =
        format!("aws kms cancel-key-deletion --region us-west-2 --key-id \\\n       {FORMER}");
    assert_eq!(told_of(&cancel), 1);
    set(&sim, FORMER, "Enabled");
    sim.check_until("2025-01-15T21:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED] kaigo-subsys-prod: the key of older points"), 1);
}

/// A key that nothing needs any more may go.
#[test]
fn story_10_a_former_key_without_copies_is_nobodys_trouble() {
    let sim = rekeyed();
    set(&sim, FORMER, "PendingDeletion");
    sim.check_until("2025-01-15T19:30:00Z");
    sim.account.borrow_mut().snapshots.retain(|_, one| one.point.key.as_deref() != Some(FORMER));
    let before = sim.mails().len();
    sim.check_until("2025-01-15T21:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED] kaigo-subsys-prod: the key of older points"), 0);
    assert_eq!(sim.mails().len(), before, "closed without a word: {:?}", sim.subjects());
}

/// A point in home that was taken under another key than the database has now.
#[test]
fn story_10_the_key_of_an_older_point_in_home_is_told() {
    let sim = sim();
    set(&sim, HOME_KEY, "Enabled");
    sim.check_until("2025-01-14T19:30:00Z");
    for snapshot in sim.account.borrow_mut().snapshots.values_mut() {
        if snapshot.point.source.is_none() {
            snapshot.point.key = Some(HOME_KEY.to_owned());
        }
    }
    set(&sim, HOME_KEY, "Disabled");
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(
        told(&sim, "Disabled key holds 1 old points in us-east-1"),
        1,
        "{:?}",
        sim.subjects()
    );
    let enable = format!("aws kms enable-key --region us-east-1 --key-id \\\n       {HOME_KEY}");
    assert!(sim.mails().iter().any(|mail| mail.body.contains(&enable)));
}

/// What cannot be looked at is neither locked nor fine.
#[test]
fn story_10_a_former_key_that_cannot_be_looked_at_is_unreadable() {
    let sim = rekeyed();
    let refused = Scripted::Refuse(ApiError::denied("kms:DescribeKey"));
    sim.account.borrow_mut().script("kms:DescribeKey", Some(&dr()), FORMER, u32::MAX, refused);
    sim.check_until("2025-01-15T17:00:00Z");
    assert_eq!(told(&sim, "kms:DescribeKey in us-west-2"), 1, "{:?}", sim.subjects());
    assert_eq!(told(&sim, "old points"), 0);
}

/// An event's round asks for none of it.
#[test]
fn an_events_round_asks_for_nothing_that_only_a_restore_needs() {
    let sim = rekeyed();
    replicate(&sim, Replicated::default());
    sim.until("2025-01-15T18:12:00Z");
    sim.account.borrow_mut().calls.clear();
    sim.event(home(), "rds:kaigo-subsys-prod-2025-01-15-18-05");
    let account = sim.account.borrow();
    let former = |call: &&model::Call| call.resource == FORMER || call.op.contains("Automated");
    assert_eq!(account.calls.iter().find(former), None);
}
