//! The kaigo night by hand: a policy, an instance, a point, a copy.

use domain::id::{AssetId, Family, PointName};
use domain::policy::{Asset, Policy, parse};
use domain::seen::{AssetSeen, Database, Key, KeyState, Point, Read, State, Tally};
use domain::tags;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const KEY: &str =
    "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555";
pub(crate) const POINT: &str = "rds:kaigo-subsys-prod-2025-01-14-18-05";
pub(crate) const COPY: &str = "kaigo-subsys-prod-2025-01-14-18-05-dr";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn policy(language: &str) -> Policy {
    policy_of("rds-instance", "kaigo-subsys-prod", language)
}

/// The same of a cluster.
pub(crate) fn clusters(language: &str) -> Policy {
    policy_of("rds-cluster", "kaigo-subsys-prod", language)
}

/// A cluster of this name.
pub(crate) fn named_cluster(id: &str) -> Policy {
    policy_of("rds-cluster", id, "en")
}

fn policy_of(kind: &str, id: &str, language: &str) -> Policy {
    let text = format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"{language}\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [[asset]]\nkind = \"{kind}\"\nid = \"{id}\"\nsince = 2025-01-10\n\
         dr_key = \"{KEY}\"\n"
    );
    parse(&text).expect("a good policy")
}

pub(crate) fn asset(policy: &Policy) -> &Asset {
    policy.asset(&AssetId::new("kaigo-subsys-prod")).expect("it is in the policy")
}

/// The automated point of the night of the 15th, as home shows it.
pub(crate) fn point() -> Point {
    Point {
        family: Family::Instance,
        name: PointName::new(POINT),
        arn: format!("arn:aws:rds:us-east-1:123456789012:snapshot:{POINT}"),
        database: "kaigo-subsys-prod".to_owned(),
        resource_id: "db-A".to_owned(),
        kind: "automated".to_owned(),
        state: State::Available,
        created: Some(at("2025-01-14T18:05:00Z")),
        stored: Some(at("2025-01-14T18:05:00Z")),
        percent: 100,
        size_gib: Some(100),
        encrypted: Some(true),
        key: Some("arn:aws:kms:us-east-1:123456789012:key/home".to_owned()),
        source: None,
        tags: BTreeMap::new(),
    }
}

/// Its copy, as dr shows it once it has landed.
pub(crate) fn copy() -> Point {
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Point {
        name: PointName::new(COPY),
        arn: format!("arn:aws:rds:us-west-2:123456789012:snapshot:{COPY}"),
        kind: "manual".to_owned(),
        stored: Some(at("2025-01-14T18:12:00Z")),
        key: Some(KEY.to_owned()),
        source: Some(point().arn),
        tags: [
            tag(tags::KEEP_UNTIL, "2025-02-14"),
            tag(tags::KIND, "daily"),
            tag(tags::ASSET, "kaigo-subsys-prod"),
        ]
        .into(),
        ..point()
    }
}

/// The instance, encrypted with `aws/rds`.
pub(crate) fn database() -> Database {
    Database {
        family: Family::Instance,
        id: "kaigo-subsys-prod".to_owned(),
        resource_id: "db-A".to_owned(),
        engine: "postgres".to_owned(),
        status: "available".to_owned(),
        window: Some("18:00-18:30".to_owned()),
        retention_days: Some(7),
        encrypted: Some(true),
        key: Some("arn:aws:kms:us-east-1:123456789012:key/home".to_owned()),
        member_of: None,
        groups: Vec::new(),
        tags: BTreeMap::new(),
    }
}

/// A customer's key in this state.
pub(crate) fn key(state: KeyState) -> Key {
    Key { state, by_aws: false }
}

pub(crate) fn seen(points: Vec<Point>, copies: Vec<Point>) -> AssetSeen {
    AssetSeen {
        database: Read::Known(Some(database())),
        renamed_to: None,
        points: Read::Known(points),
        copies: Read::Known(copies),
        home_key: Some(Read::Known(key(KeyState::Enabled))),
        dr_key: Read::Known(key(KeyState::Enabled)),
        groups: BTreeMap::new(),
        pitr: None,
        locks: Vec::new(),
        in_dr: Tally::default(),
        held: BTreeSet::new(),
    }
}
