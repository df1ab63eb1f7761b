//! Reading what AWS leaves out: unknown is neither zero nor the next best thing.

use crate::fixture::{asset, at, copy, database, key, point, policy, seen};
use domain::episode::Kind;
use domain::id::{ManualPoint, PointName};
use domain::journal::Journal;
use domain::judge::judge;
use domain::seen::{Database, Folded, KeyState, OfFamily, Point, Read, Reads, Seen};
use domain::tags;
use std::collections::BTreeMap;

const TAKEN: &str = "2025-01-14T18:05:00Z";
const COPIED: &str = "2025-01-15T15:12:00Z";

#[track_caller]
fn check(original: Option<&str>, stored: Option<&str>, tagged: bool, expected: Option<&str>) {
    let tag = (tags::CREATED.to_owned(), TAKEN.to_owned());
    let tags: BTreeMap<String, String> = tagged.then_some(tag).into_iter().collect();
    let read = Point::data_from(original.map(at), stored.map(at), true, &tags);
    assert_eq!(read, expected.map(at));
}

/// A copy's own time is that of copying, a day later: never the time of its data.
#[test]
fn a_copy_tells_when_its_data_is_from_or_nothing() {
    check(Some(TAKEN), Some(COPIED), false, Some(TAKEN));
    check(None, Some(COPIED), true, Some(TAKEN));
    check(None, Some(COPIED), false, None);
    let original = Point::data_from(None, Some(at(TAKEN)), false, &BTreeMap::new());
    assert_eq!(original, Some(at(TAKEN)), "a point that is no copy was stored when it was taken");
}

#[test]
fn a_key_that_is_updating_works() {
    assert_eq!(KeyState::parse("Enabled"), KeyState::Enabled);
    assert_eq!(KeyState::parse("Updating"), KeyState::Enabled);
    let off = KeyState::Unusable("PendingDeletion".to_owned());
    assert_eq!(KeyState::parse("PendingDeletion"), off);
}

/// Two empty resource ids are not one database under two names.
#[test]
fn an_empty_resource_id_is_no_rename() {
    let policy = policy("en");
    let asset = asset(&policy);
    let other = Database { id: "another".to_owned(), resource_id: String::new(), ..database() };
    let nameless = Point { resource_id: String::new(), ..point() };
    let points = || {
        let points = [(asset.id.clone(), vec![nameless.clone()])].into();
        Read::Known(Folded { points, ..Folded::default() })
    };
    let reads = Reads {
        instances: OfFamily {
            databases: Read::Known([(other.id.clone(), other)].into()),
            points: points(),
            copies: points(),
        },
        clusters: OfFamily::nothing(),
        keys: [(asset.dr_key.clone(), Read::Known(key(KeyState::Enabled)))].into(),
        groups: BTreeMap::new(),
        pitr: None,
        regions: [policy.home.clone(), policy.dr.clone()],
        quotas: Vec::new(),
        journal: Read::Known(Journal::default()),
    };
    let sorted = reads.sort(&[asset]);
    assert_eq!(sorted.assets[&asset.id].renamed_to, None);
}

/// A window and a retention that RDS does not show are no findings.
#[test]
fn what_rds_does_not_show_is_not_off() {
    let policy = policy("en");
    let mut view = seen(vec![point()], vec![copy()]);
    let Read::Known(Some(instance)) = &mut view.database else { panic!("an instance") };
    (instance.window, instance.retention_days) = (None, None);
    let assets = [(asset(&policy).id.clone(), view)].into();
    let seen = Seen { assets, ..Seen::nothing() };
    let found = judge(&policy, &seen, &[], at("2025-01-15T03:00:00Z")).findings;
    let of_instance = [Kind::BackupsOff, Kind::WindowElsewhere];
    assert!(found.iter().all(|found| !of_instance.contains(&found.key.kind)), "{found:#?}");
}

#[test]
fn a_manual_point_is_its_name_and_its_minute() {
    let name = || PointName::new("before-release");
    let point = ManualPoint::new(name(), Some(at("2025-01-14T19:00:42Z")));
    assert_eq!(point.to_string(), "before-release@20250114T1900Z");
    assert_eq!(ManualPoint::parse(&point.to_string()), Some(point));
    let timeless = ManualPoint::new(name(), None);
    assert_eq!(ManualPoint::parse(&timeless.to_string()), Some(timeless));
    assert_eq!(ManualPoint::parse("before-release"), None);
}
