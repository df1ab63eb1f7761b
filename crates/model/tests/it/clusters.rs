//! Aurora and Multi-AZ clusters: no event tells of their copies, their names are short, and some of
//! what a restore needs is not in a copy.

use crate::night::{
    COMPLETE, Drive, ID, KEY, asset, dr, each_db, home, policy_of_cluster, policy_over, sim_of,
    told,
};
use domain::id::Family;
use domain::policy::Policy;
use domain::seen::{Group, GroupKind, Scope, State};
use domain::tags::StartedBy;
use model::{ApiError, CopyRequest, Db, Scripted, Sim};

fn params(name: &str) -> Group {
    Group::new(GroupKind::ClusterParameters, name)
}

fn cluster() -> Sim {
    sim_of(policy_of_cluster(""))
}

#[test]
fn story_05_a_clusters_copy_is_confirmed_by_looking() {
    let sim = cluster();
    sim.until("2025-01-14T18:11:00Z");
    let point = "rds:kaigo-subsys-prod-2025-01-14-18-05";
    assert_eq!(sim.event(home(), point).tried.len(), 1);
    sim.until("2025-01-14T18:40:00Z");
    assert_eq!(sim.copies()[0].state, State::Available);
    assert!(sim.mails().is_empty(), "landed, but nobody has looked yet");
    sim.check_until("2025-01-14T18:45:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
    let events = std::mem::take(&mut sim.account.borrow_mut().events);
    let ids: Vec<&str> =
        events.iter().filter_map(|event| event["detail"]["EventID"].as_str()).collect();
    assert_eq!(ids, ["RDS-EVENT-0169"], "of the copy there is no event at all");
}

/// A failed copy has no event either, and neither has the next attempt.
#[test]
fn story_05_a_dead_copy_of_a_cluster_is_tried_again_without_events() {
    let sim = cluster();
    let dies = Scripted::CopyDies;
    sim.account.borrow_mut().script("rds:CopyDBClusterSnapshot", None, "", 1, dies);
    sim.check_until("2025-01-14T19:30:00Z");
    assert_eq!(sim.subjects(), [COMPLETE]);
    let states: Vec<State> = sim.copies().into_iter().map(|copy| copy.state).collect();
    assert_eq!(states, [State::Failed, State::Available]);
}

#[test]
fn the_longest_identifier_there_is_lands_under_a_name_of_63_characters() {
    let id = "c".repeat(63);
    for take in ["automated", "scheduled"] {
        let sim = sim_of(named(&id, &format!("take = \"{take}\"")));
        sim.check_until("2025-01-14T19:30:00Z");
        let copies = sim.copies();
        assert_eq!(sim.subjects(), [COMPLETE], "{take}");
        assert_eq!(copies.len(), 1, "{take}");
        assert!(copies[0].name.as_str().len() <= 63, "{take}: {}", copies[0].name);
    }
}

fn named(id: &str, more: &str) -> Policy {
    policy_over("", &asset("rds-cluster", id, more))
}

/// With a key RDS refuses it, so it is copied without one, counted, and told.
#[test]
fn an_unencrypted_cluster_is_copied_without_a_key_and_told() {
    let sim = cluster();
    each_db(&sim, |db: &mut Db| (db.shown.encrypted, db.shown.key) = (Some(false), None));
    sim.check_until("2025-01-14T19:30:00Z");
    let plain = "[WARNING] kaigo-subsys-prod: cluster kaigo-subsys-prod is not encrypted";
    assert_eq!(sim.subjects(), [plain, COMPLETE]);
    assert_eq!(sim.copies()[0].key, None);
}

/// What is encrypted in home and plain in dr is no copy that counts.
#[test]
fn a_plain_copy_of_an_instance_is_made_anew() {
    let sim = crate::night::sim();
    sim.check_until("2025-01-14T18:15:00Z");
    for copy in sim.account.borrow_mut().snapshots.values_mut() {
        if copy.point.source.is_some() {
            (copy.point.encrypted, copy.point.key) = (Some(false), None);
        }
    }
    sim.check_until("2025-01-14T19:30:00Z");
    let encrypted: Vec<_> = sim.copies().into_iter().map(|copy| copy.encrypted).collect();
    assert_eq!(encrypted, [Some(false), Some(true)]);
    assert_eq!(sim.subjects(), [COMPLETE]);
}

#[test]
fn story_31_a_renamed_cluster_is_named() {
    let sim = cluster();
    sim.check_until("2025-01-14T19:00:00Z");
    {
        let mut account = sim.account.borrow_mut();
        let old = (home(), Family::Cluster, ID.to_owned());
        let mut db = account.databases.remove(&old).expect("it was there");
        db.shown.id = "kaigo-v2".to_owned();
        account.databases.insert((home(), Family::Cluster, "kaigo-v2".to_owned()), db);
    }
    sim.check_until("2025-01-14T19:30:00Z");
    let told = "[CRITICAL] kaigo-subsys-prod: cluster kaigo-subsys-prod is now called kaigo-v2";
    assert_eq!(sim.subjects(), [COMPLETE, told]);
}

#[test]
fn story_31_a_stopped_cluster_is_the_reason() {
    let sim = cluster();
    each_db(&sim, |db| db.shown.status = "stopped".to_owned());
    sim.check_until("2025-01-14T20:00:00Z");
    let mails = sim.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].body.contains("The cluster is `stopped`"), "{}", mails[0].body);
    assert!(mails[0].body.contains("aws rds create-db-cluster-snapshot"), "{}", mails[0].body);
}

#[test]
fn story_31_a_recreated_cluster_is_another_database() {
    let sim = cluster();
    sim.check_until("2025-01-14T19:00:00Z");
    each_db(&sim, |db| db.shown.resource_id = "cluster-NEW".to_owned());
    sim.check_until("2025-01-14T19:30:00Z");
    let replaced = "is another database than its recovery points";
    assert_eq!(told(&sim, replaced), 1, "{:?}", sim.subjects());
}

/// The policy names the writer instead of its cluster: nothing would ever be taken of it.
#[test]
fn story_31_a_member_of_a_cluster_is_sent_to_its_cluster() {
    for take in ["automated", "scheduled"] {
        let sim = sim_of(crate::night::policy_with(&format!("take = \"{take}\"")));
        each_db(&sim, |db| db.shown.member_of = Some("kaigo-aurora".to_owned()));
        sim.check_until("2025-01-14T20:00:00Z");
        let mails = sim.mails();
        assert_eq!(mails.len(), 1, "{take}: {:?}", sim.subjects());
        let todo = "kind = \"rds-cluster\", id = \"kaigo-aurora\"";
        assert!(mails[0].body.contains(todo), "{take}: {}", mails[0].body);
    }
}

/// AWS keeps the two apart, and so does Sonae: neither's points serve the other.
#[test]
fn an_instance_and_a_cluster_of_one_name_are_two_things() {
    let sim = cluster();
    sim.account.borrow_mut().add_instance(&home(), ID, "18:00-18:30");
    each_db(&sim, |db| {
        if db.shown.family == Family::Cluster {
            db.skips.insert(jiff::civil::date(2025, 1, 14));
        }
    });
    sim.check_until("2025-01-14T20:00:00Z");
    assert!(sim.copies().is_empty());
    assert_eq!(told(&sim, "no recovery point of kaigo-subsys-prod for 2025-01-15"), 1);
}

#[test]
fn a_parameter_group_that_dr_lacks_is_told_until_it_is_made() {
    let sim = cluster();
    sim.account.borrow_mut().give_group("kaigo-subsys-prod", &params("kaigo-params"));
    sim.check_until("2025-01-14T19:30:00Z");
    let lacks = "us-west-2 lacks the cluster parameter group kaigo-params";
    assert_eq!(told(&sim, lacks), 1, "{:?}", sim.subjects());
    sim.account.borrow_mut().groups.insert((dr(), params("kaigo-params")));
    sim.check_until("2025-01-14T20:30:00Z");
    assert_eq!(told(&sim, "cluster-parameters:kaigo-params is in us-west-2"), 1);
    assert_eq!(told(&sim, lacks), 1);
}

/// One that RDS made is in every Region.
#[test]
fn a_default_parameter_group_is_not_looked_for() {
    let sim = cluster();
    sim.check_until("2025-01-14T19:30:00Z");
    let calls = &sim.account.borrow().calls;
    assert!(!calls.iter().any(|call| call.op == "rds:DescribeDBClusterParameterGroups"));
}

/// The User Guide says that such snapshots cannot be copied. If AWS refuses, it is told; if it does
/// not, the warning is withdrawn.
#[test]
fn a_multi_az_cluster_is_warned_of_and_tried_all_the_same() {
    let warning = "AWS may not copy the points of kaigo-subsys-prod";
    let sim = cluster();
    each_db(&sim, |db| db.shown.engine = "postgres".to_owned());
    let refusal = ApiError::new(400, "InvalidParameterValue", "not supported");
    let refused = Scripted::Refuse(refusal);
    sim.account.borrow_mut().script("rds:CopyDBClusterSnapshot", None, "", u32::MAX, refused);
    sim.check_until("2025-01-14T18:30:00Z");
    assert_eq!(told(&sim, warning), 1);
    assert_eq!(told(&sim, "no copy of kaigo-subsys-prod"), 1, "at once: it will not pass");
    sim.account.borrow_mut().unscript_all();
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(told(&sim, "[REPAIRED]"), 2, "{:?}", sim.subjects());
}

/// RDS counts copies of clusters and of instances apart, and so a full queue of one holds up none of
/// the other.
#[test]
fn full_clusters_hold_up_no_instance() {
    let both = asset("rds-cluster", "a-cluster", "") + &asset("rds-instance", "an-instance", "");
    let sim = sim_of(policy_over("", &both));
    sim.account.borrow_mut().cluster_in_flight_limit = 0;
    sim.check_until("2025-01-14T18:45:00Z");
    let copies = sim.copies();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].database, "an-instance");
    assert!(sim.mails().is_empty(), "{:?}", sim.subjects());
}

/// A copy that a person made by hand, with our tag, counts for a cluster too.
#[test]
fn a_clusters_copy_by_hand_counts() {
    let sim = cluster();
    sim.until("2025-01-14T18:11:30Z");
    let source = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:rds:kaigo-subsys-prod-2025-01-14-18-05";
    let tags = [("sonae:keep-until".to_owned(), "2025-02-14".to_owned())].into();
    let request = CopyRequest {
        source: source.to_owned(),
        target: "by-hand".to_owned(),
        key: Some(KEY.to_owned()),
        tags,
    };
    sim.account.borrow_mut().copy_snapshot(&dr(), Family::Cluster, request).expect("accepted");
    sim.play(Scope::Fleet, StartedBy::Check, None);
    assert_eq!(sim.copies().len(), 1, "no second one beside it");
}

/// A cluster's copy shows no OriginalSnapshotCreateTime: one by hand, with our tag, has no time of its
/// data at all (the model shows one all the same, so it is taken off here).
fn by_hand(engine: &str) -> Sim {
    let sim = cluster();
    each_db(&sim, |db| db.shown.engine = engine.to_owned());
    sim.until("2025-01-14T18:11:30Z");
    let point = format!("rds:{ID}-2025-01-14-18-05");
    let source = sim.account.borrow().snapshot_arn(&home(), Family::Cluster, &point);
    let tags = [("sonae:keep-until".to_owned(), "2025-02-14".to_owned())].into();
    let (target, key) = ("by-hand".to_owned(), Some(KEY.to_owned()));
    let request = model::CopyRequest { source, target: target.clone(), key, tags };
    sim.account.borrow_mut().copy_snapshot(&dr(), Family::Cluster, request).expect("accepted");
    let place = (dr(), Family::Cluster, target);
    sim.account.borrow_mut().snapshots.get_mut(&place).expect("it").point.created = None;
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(sim.copies().len(), 1, "decide: it has landed, no other is made");
    sim
}

/// Nothing ever landed; the database became an Aurora cluster, as the mail advises.
#[test]
fn a_change_of_engine_is_no_landed_copy() {
    let sim = cluster();
    each_db(&sim, |db| db.shown.engine = "postgres".to_owned());
    let refused = Scripted::Refuse(ApiError::new(400, "InvalidParameterValue", "not supported"));
    sim.account.borrow_mut().script("rds:CopyDBClusterSnapshot", None, "", u32::MAX, refused);
    sim.check_until("2025-01-14T19:00:00Z");
    each_db(&sim, |db| db.shown.engine = "aurora-postgresql".to_owned());
    sim.check_until("2025-01-14T20:00:00Z");
    assert!(sim.copies().is_empty());
    assert_eq!(told(&sim, "a copy of kaigo-subsys-prod stands"), 0, "{:#?}", sim.subjects());
}

/// Its group was told, and then it gets another one that dr lacks, too.
#[test]
fn another_missing_group_is_told() {
    let sim = cluster();
    sim.account.borrow_mut().give_group("kaigo-subsys-prod", &params("kaigo-params"));
    sim.check_until("2025-01-14T19:00:00Z");
    sim.account.borrow_mut().give_group("kaigo-subsys-prod", &params("kaigo-params-16"));
    sim.account.borrow_mut().groups.insert((dr(), params("kaigo-params")));
    sim.check_until("2025-01-14T21:00:00Z");
    let told = sim.mails().iter().filter(|mail| mail.body.contains("kaigo-params-16")).count();
    assert_eq!(told, 1, "{:#?}", sim.subjects());
}

/// The same of parameter groups.
#[test]
fn groups_that_were_not_asked_for_are_not_read_again() {
    let sim = cluster();
    sim.account.borrow_mut().give_group("kaigo-subsys-prod", &params("kaigo-params"));
    let op = "rds:DescribeDBClusterParameterGroups";
    let denied = Scripted::Refuse(ApiError::denied(op));
    sim.account.borrow_mut().script(op, None, "", u32::MAX, denied);
    sim.check_until("2025-01-14T19:00:00Z");
    sim.account.borrow_mut().script("rds:DescribeDBClusters", None, "", 3, Scripted::Silence);
    sim.check_until("2025-01-14T21:00:00Z");
    assert_eq!(
        told(&sim, &format!("{op} in us-west-2 can be read again")),
        0,
        "{:#?}",
        sim.subjects()
    );
}

/// Either it counts, or it does not and that is told: not neither.
#[test]
fn a_clusters_copy_by_hand_is_a_landed_night() {
    let sim = by_hand("aurora-postgresql");
    assert_eq!(sim.subjects().len(), 1, "{:#?}", sim.subjects());
}

#[test]
fn a_clusters_copy_by_hand_withdraws_the_warning() {
    let sim = by_hand("postgres");
    assert_eq!(told(&sim, "a copy of kaigo-subsys-prod stands"), 1, "{:#?}", sim.subjects());
}

#[test]
fn a_clusters_copy_by_hand_is_something_to_restore() {
    let sim = by_hand("aurora-postgresql");
    let refused = Scripted::Refuse(ApiError::new(400, "InvalidParameterValue", "not supported"));
    sim.account.borrow_mut().script("rds:CopyDBClusterSnapshot", None, "", u32::MAX, refused);
    sim.check_until("2025-01-15T20:00:00Z");
    assert_eq!(
        told(&sim, "no copy of kaigo-subsys-prod for 2025-01-16"),
        1,
        "{:#?}",
        sim.subjects()
    );
    assert!(!sim.mails().iter().any(|mail| mail.body.contains("nothing has landed")));
}

/// Old copies of the Aurora cluster that had the name before say nothing about this one.
#[test]
fn copies_of_the_cluster_before_promise_nothing() {
    let sim = cluster();
    sim.check_until("2025-01-14T20:00:00Z");
    each_db(&sim, |db| {
        db.shown.engine = "postgres".to_owned();
        db.shown.resource_id = "cluster-ANOTHER".to_owned();
    });
    sim.check_until("2025-01-14T21:00:00Z");
    assert_eq!(told(&sim, "AWS may not copy the points"), 1, "{:#?}", sim.subjects());
}
