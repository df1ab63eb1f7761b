//! Resources that the policy names by a tag: each is an asset of its own, for as long as it carries it.

use crate::night::{COMPLETE, Drive, ID, asset, at, home, policy_over, sim_of, told};
use domain::id::AssetId;
use domain::policy::Policy;
use model::{ApiError, Night, Scripted, Sim};

const ORDERS: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/orders";
const FS: &str =
    "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0aaaaaaaaaaaaaaaa";
const TAG: &str = "tag = \"sonae:backup=yes\"";

fn policy(more: &str) -> Policy {
    policy_over("", &(asset("backup", "tagged", TAG) + more))
}

/// These carry the tag since the evening.
fn tagged(arns: &[&str], more: &str) -> Sim {
    let policy = policy(more);
    let sim = sim_of(policy.clone());
    for arn in arns {
        let rule = policy.asset(&AssetId::new("tagged")).expect("the rule");
        sim.account.borrow_mut().tag(&policy, rule, arn);
    }
    sim
}

fn landed(sim: &Sim) -> Vec<String> {
    let account = sim.account.borrow();
    let of = account.objects.keys().filter_map(|(_, key)| {
        Some(key.strip_prefix("duties/2025-01-15/")?.strip_suffix("/landed.json")?.to_owned())
    });
    of.collect()
}

#[test]
fn each_resource_is_an_asset_of_its_own() {
    let sim = tagged(&[ORDERS, FS], "");
    sim.check_until("2025-01-15T06:00:00Z");
    let expected = ["tagged.dynamodb-orders", "tagged.elasticfilesystem-fs-0aaaaaaaaaaaaaaaa"];
    assert_eq!(landed(&sim), expected);
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
    let report = &sim.reports()[0];
    assert!(report.subject.contains("2 of 2 landed"), "{}", report.subject);
}

/// A bad night of one is told of that one.
#[test]
fn a_bad_night_is_told_of_the_one() {
    let sim = tagged(&[ORDERS, FS], "");
    let day = jiff::civil::date(2025, 1, 15);
    sim.account.borrow_mut().script_night("table/orders", day, Night::Job("FAILED", "no"));
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(
        told(&sim, "no recovery point of tagged.dynamodb-orders"),
        1,
        "{:?}",
        sim.subjects()
    );
    assert_eq!(landed(&sim).len(), 1);
}

/// What the policy names itself is that asset only, and what the tag is on besides is none: a copy's and a
/// point's tags are those of their source.
#[test]
fn what_is_named_or_no_resource_is_not_taken_twice() {
    let more = asset("rds-instance", ID, "") + &asset("efs", "fs-0aaaaaaaaaaaaaaaa", "");
    let policy = policy(&more);
    let arns = [
        ORDERS,
        FS,
        "arn:aws:rds:us-east-1:123456789012:db:kaigo-subsys-prod",
        "arn:aws:rds:us-east-1:123456789012:db:another",
        "arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-1",
        "arn:aws:ec2:us-east-1:123456789012:snapshot/snap-1",
        "arn:aws:backup:us-east-1:123456789012:recovery-point:p",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
    ];
    let arns = domain::seen::Read::Known(arns.map(str::to_owned).to_vec());
    let grown = policy.grown(&[(AssetId::new("tagged"), arns)].into());
    let mut ids: Vec<&str> = grown.assets.iter().map(|asset| asset.id.as_str()).collect();
    ids.sort_unstable();
    let expected = ["fs-0aaaaaaaaaaaaaaaa", ID, "tagged.dynamodb-orders", "tagged.rds-another"];
    assert_eq!(ids, expected);
    assert_eq!(grown.hash, policy.hash, "the same policy on both sides");
    assert!(grown.asset(&AssetId::new("tagged.rds-another")).is_some(), "found by its id");
}

/// Two of one name are told apart.
#[test]
fn two_of_one_name_have_an_id_each() {
    let policy = policy("");
    let of = |arns: &[&str]| {
        let arns = arns.iter().map(|arn| (*arn).to_owned()).collect();
        let grown =
            policy.grown(&[(AssetId::new("tagged"), domain::seen::Read::Known(arns))].into());
        grown.assets.iter().map(|asset| asset.id.to_string()).collect::<Vec<_>>()
    };
    let (volume, instance) = (
        "arn:aws:ec2:us-east-1:123456789012:volume/same",
        "arn:aws:ec2:us-east-1:123456789012:instance/same",
    );
    let both = of(&[volume, instance]);
    assert!(
        both[0] != both[1] && both.iter().all(|id| id.starts_with("tagged.ec2-same-")),
        "{both:?}"
    );
    assert_eq!(of(&[instance, volume]), [both[1].clone(), both[0].clone()], "by the ARN alone");
    let odd = of(&["arn:aws:dynamodb:us-east-1:123456789012:table/Orders_v2"]);
    assert!(
        odd[0].chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)),
        "{odd:?}"
    );
}

#[test]
fn a_tag_that_nothing_carries_is_critical() {
    let sim = tagged(&[], "");
    sim.check_until("2025-01-14T19:00:00Z");
    let nothing =
        "[CRITICAL] kaigo-subsys-prod: nothing in us-east-1 carries the tag sonae:backup=yes";
    assert_eq!(told(&sim, nothing), 1, "{:?}", sim.subjects());
    let policy = sim.policy().clone();
    let rule = policy.asset(&AssetId::new("tagged")).expect("the rule");
    sim.account.borrow_mut().tag(&policy, rule, ORDERS);
    sim.check_until("2025-01-14T20:00:00Z");
    assert_eq!(
        told(&sim, "[REPAIRED] kaigo-subsys-prod: tagged carries its tag again"),
        1,
        "{:?}",
        sim.subjects()
    );
}

/// Somebody takes the tag away, and the plan takes no more points: told once; it ends by itself when nothing
/// of it was recorded for days.
#[test]
fn story_02_a_tag_that_somebody_takes_away_is_told() {
    let sim = tagged(&[ORDERS, FS], "");
    sim.check_until("2025-01-15T06:00:00Z");
    let policy = sim.policy().clone();
    sim.account.borrow_mut().untag(&policy, ORDERS);
    sim.check_until("2025-01-15T08:00:00Z");
    let gone = "[CRITICAL] kaigo-subsys-prod: tagged.dynamodb-orders carries the tag sonae:backup=yes no more";
    assert_eq!(told(&sim, gone), 1, "{:?}", sim.subjects());
    sim.check_until("2025-01-22T00:00:00Z");
    assert_eq!(told(&sim, "orders"), 1, "once: {:?}", sim.subjects());
    let report = sim.report();
    assert!(report.problems.is_empty(), "it has ended: {:?}", report.problems);
}

#[test]
fn a_tag_that_comes_back_is_told_as_repaired() {
    let sim = tagged(&[ORDERS, FS], "");
    sim.check_until("2025-01-15T06:00:00Z");
    let policy = sim.policy().clone();
    sim.account.borrow_mut().untag(&policy, ORDERS);
    sim.check_until("2025-01-15T08:00:00Z");
    let rule = policy.asset(&AssetId::new("tagged")).expect("the rule");
    sim.account.borrow_mut().tag(&policy, rule, ORDERS);
    sim.check_until("2025-01-15T11:00:00Z");
    let back = "[REPAIRED] kaigo-subsys-prod: tagged.dynamodb-orders carries its tag again";
    assert_eq!(told(&sim, back), 1, "{:?}", sim.subjects());
}

/// What carries the tag cannot be asked: nothing is called gone, and no night complete.
#[test]
fn an_unread_tag_is_unknown() {
    let sim = tagged(&[ORDERS], &asset("rds-instance", ID, ""));
    sim.check_until("2025-01-14T18:30:00Z");
    let refusal = Scripted::Refuse(ApiError::denied("tag:GetResources"));
    sim.account.borrow_mut().script("tag:GetResources", Some(&home()), "", u32::MAX, refusal);
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(
        told(&sim, "tag:GetResources in us-east-1 cannot be read"),
        1,
        "{:?}",
        sim.subjects()
    );
    assert_eq!(told(&sim, "carries"), 0, "{:?}", sim.subjects());
    assert_eq!(told(&sim, COMPLETE), 0, "{:?}", sim.subjects());
    assert_eq!(sim.copies().len(), 1, "the database's is copied all the same");
    sim.account.borrow_mut().unscript("tag:GetResources");
    sim.check_until("2025-01-15T06:00:00Z");
    assert_eq!(told(&sim, COMPLETE), 1, "{:?}", sim.subjects());
    assert!(sim.account.borrow().now >= at("2025-01-15T06:00:00Z"));
}
