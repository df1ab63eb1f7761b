//! What goes to the bucket and in which order, what lacks in the log, and how far the bucket is behind.

use crate::host_schedule::{at, host};
use domain::host::lag::Beats;
use domain::host::mirror::{
    Class, Found, Part, class, going, lacking, locked_until, part, segments,
};
use domain::host::wal::{Lsn, Segment, held};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

const MIB: u64 = 1024 * 1024;

fn found(path: &str, bytes: u64) -> Found {
    Found { path: path.to_owned(), bytes }
}

#[test]
fn each_file_of_a_repository_has_its_part() {
    let check = |path: &str, wanted| assert_eq!(part(path), wanted, "{path}");
    let log = "archive/dental/15-1/0000000100000000/000000010000000000000001";
    check(&format!("{log}-a9e7b39a42c6d248114461fa3e798f52f63991fc.zst"), Some(Part::Wal));
    check(&format!("{log}-a9e7.zst.pgbackrest.tmp"), None);
    check("archive/dental/15-1/00000002.history", Some(Part::Wal));
    check("archive/dental/archive.info", Some(Part::Info));
    check("backup/dental/backup.info.copy", Some(Part::Info));
    check("backup/dental/20261124-084426F/backup.manifest", Some(Part::Manifest));
    check("backup/dental/20261124-084426F/bundle/1", Some(Part::Data));
    check("backup/dental/latest", None);
    check("backup/dental/backup.history/2026/x.manifest.gz", None);
    check("logical/20261122T190000Z/dump.json", Some(Part::Manifest));
    check("logical/20261122T190000Z/0/3456.dat.gz", Some(Part::Data));
    check("settings/20261124-084426F/hba_file", Some(Part::Data));
    check("notes.txt", None);
    assert!(Part::Data < Part::Wal && Part::Wal < Part::Manifest && Part::Manifest < Part::Info);
}

/// A backup that runs, or was cut off, has no place in the bucket.
#[test]
fn only_whole_sets_go_and_only_what_lacks() {
    let local = [
        found("backup/dental/A/bundle/1", 5),
        found("backup/dental/A/backup.manifest", 1),
        found("backup/dental/B/bundle/1", 5),
        found("archive/dental/15-1/0/000000010000000000000001-x.zst", 3),
        found("archive/dental/15-1/0/000000010000000000000002-x.zst", 3),
    ];
    let held = BTreeMap::from([
        ("backup/dental/A/bundle/1".to_owned(), 4),
        ("archive/dental/15-1/0/000000010000000000000001-x.zst".to_owned(), 3),
    ]);
    let lists = lacking(&local, &held, &BTreeSet::from(["A".to_owned()]));
    let paths: Vec<&str> = lists.values().flatten().map(|found| found.path.as_str()).collect();
    let second = "archive/dental/15-1/0/000000010000000000000002-x.zst";
    assert_eq!(paths, ["backup/dental/A/bundle/1", second, "backup/dental/A/backup.manifest"]);
}

/// Seed error 17: what is small or gone within a month costs more in STANDARD_IA, not less.
#[test]
fn only_what_is_large_and_stays_a_month_is_infrequent() {
    let check = |path: &str, bytes, wanted| {
        assert_eq!(class(&host(""), &found(path, bytes)), wanted, "{path}")
    };
    check("backup/dental/20261124-084426F/bundle/1", MIB, Class::InfrequentAccess);
    check("backup/dental/20261124-084426F/bundle/1", 1000, Class::Standard);
    check("backup/dental/20261124-084426F_20261124-144426D/bundle/1", MIB, Class::Standard);
    check("archive/dental/15-1/0/000000010000000000000001-x.zst", MIB, Class::Standard);
    check("logical/20261122T190000Z/0/1.dat.gz", MIB, Class::InfrequentAccess);
}

#[test]
fn what_is_written_again_is_never_locked() {
    let host = host("lock = \"governance\"\n");
    let now = at("2026-11-24T03:00:00Z");
    assert_eq!(locked_until(&host, "backup/dental/backup.info", now), None);
    let full = locked_until(&host, "backup/dental/20261124-084426F/bundle/1", now);
    assert_eq!(full, Some(now + SignedDuration::from_hours(24 * 30)));
}

/// Manifests first: a set that is half gone must not look whole.
#[test]
fn only_what_was_named_goes_its_manifest_first() {
    let keys = [
        "backup/dental/A/bundle/1",
        "backup/dental/A/backup.manifest",
        "backup/dental/B/backup.manifest",
        "backup/dental/backup.info",
        "archive/dental/15-1/0/000000010000000000000001-x.zst",
        "archive/dental/15-1/0/000000010000000000000002-x.zst",
    ];
    let held = keys.map(|key| (key.to_owned(), 1)).into();
    let log = segments(&[keys[4].to_owned()]);
    let gone = going(&held, &BTreeSet::from(["A".to_owned()]), &log);
    assert_eq!(gone, [keys[1], keys[4], keys[0]]);
    assert!(going(&held, &BTreeSet::new(), &BTreeSet::new()).is_empty());
}

fn log(names: &[&str]) -> BTreeSet<Segment> {
    names.iter().map(|name| Segment::parse(name).expect("a segment")).collect()
}

/// A gap is found although the newest segment is there; a new timeline begins at a place of the one before.
#[test]
fn story_32_a_missing_segment_is_found_before_a_restore_finds_it() {
    let first = Segment::parse("0000000100000000000000FE").expect("a segment");
    let check = |names: &[&str], until, gap: Option<&str>| {
        let found = held(&log(names), first, 16 * MIB);
        assert_eq!(found.until, Lsn(until), "{names:?}");
        assert_eq!(found.gap.map(|gap| gap.to_string()).as_deref(), gap);
    };
    let whole =
        ["0000000100000000000000FE", "0000000100000000000000FF", "000000010000000100000000"];
    check(&whole, 0x1_0100_0000, None);
    check(&[whole[0], whole[2]], 0xFF00_0000, Some(whole[1]));
    check(&[whole[0], "0000000200000000000000FF"], 0x1_0000_0000, None);
    check(&[], 0xFE00_0000, None);
    assert_eq!(Segment::parse("000000010000000000000006.00000028.backup"), None);
    assert_eq!(Segment::parse("00000002.history"), None);
}

/// An age is found although no segment is missing.
#[test]
fn story_32_a_log_that_stopped_grows_old() {
    let now = at("2026-11-24T03:00:00Z");
    let second = SignedDuration::from_secs(1);
    let mut beats = Beats::default();
    assert_eq!(beats.lag(now), None);
    beats.beat(now, Lsn(100));
    beats.beat(now + second * 10, Lsn(200));
    assert_eq!(beats.lag(now + second * 20), Some(second * 20), "nothing has landed yet");
    beats.landed(Lsn(150));
    assert_eq!(beats.lag(now + second * 20), Some(second * 20));
    beats.landed(Lsn(200));
    assert_eq!(beats.lag(now + second * 20), Some(second * 10));
    assert_eq!(
        beats.lag(now + second * 3600),
        Some(second * 3590),
        "and grows while nothing lands"
    );
    assert_eq!(Lsn::parse("1/0000000A"), Some(Lsn(0x1_0000_000A)));
    assert_eq!(Lsn::parse("1"), None);
}
