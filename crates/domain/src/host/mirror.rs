//! What of the local repository goes to the bucket, and in which order: what is listed there must be there.

use super::set::Set;
use super::wal::Segment;
use crate::policy::{Host, LockMode};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A file below the repository, with its path from there and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Path from the repository, which is also the key after the host's prefix.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// What a file is to a restore; in the order in which they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A set's or a dump's contents; never changes once its manifest stands.
    Data,
    /// A segment of the log; never changes.
    Wal,
    /// What says that a set or a dump is whole.
    Manifest,
    /// What lists sets; the only files that are written again.
    Info,
}

/// S3's storage class of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// For what is small or gone within a month.
    Standard,
    /// Billed for 30 days and 128 KiB at least (S3 User Guide, "Understanding and managing Amazon S3 storage classes").
    InfrequentAccess,
}

/// Which part of the repository a path is; `None` is not mirrored: temporary files, links, what nobody needs.
pub fn part(path: &str) -> Option<Part> {
    if path.ends_with(".pgbackrest.tmp") || path.ends_with(".tmp") {
        return None;
    }
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["archive", _, "archive.info" | "archive.info.copy"]
        | ["backup", _, "backup.info" | "backup.info.copy"] => Some(Part::Info),
        ["archive", _, _, ..] => Some(Part::Wal),
        ["backup", _, "backup.history", ..] | ["backup", _, "latest"] => None,
        ["backup", _, _, "backup.manifest" | "backup.manifest.copy"]
        | ["logical", _, "dump.json"] => Some(Part::Manifest),
        ["backup", _, _, _, ..] | ["logical" | "settings", _, _, ..] => Some(Part::Data),
        _ => None,
    }
}

/// The set or dump that a path belongs to.
pub fn owner(path: &str) -> Option<&str> {
    let mut parts = path.split('/');
    match (parts.next()?, parts.next()?, parts.next()) {
        ("backup", _, Some(label)) => Some(label),
        ("logical" | "settings", name, _) => Some(name),
        _ => None,
    }
}

/// What lacks in the bucket, in the order in which it goes: one list after the other. Only sets that the engine lists are
/// whole; a backup that runs has files that still change.
pub fn lacking(
    local: &[Found],
    held: &BTreeMap<String, u64>,
    whole: &BTreeSet<String>,
) -> BTreeMap<Part, Vec<Found>> {
    let mut lists: BTreeMap<Part, Vec<Found>> = BTreeMap::new();
    for found in local {
        let Some(part) = part(&found.path).filter(|part| *part != Part::Info) else { continue };
        let done = owner(&found.path).is_none_or(|owner| whole.contains(owner));
        if done && held.get(&found.path) != Some(&found.bytes) {
            lists.entry(part).or_default().push(found.clone());
        }
    }
    lists
}

/// Whether a set stands in the bucket: its manifest, and the log it needs to be consistent.
pub fn stands(
    set: &Set,
    stanza: &str,
    held: &BTreeMap<String, u64>,
    log: &BTreeSet<Segment>,
) -> bool {
    let manifest =
        |label: &String| held.contains_key(&format!("backup/{stanza}/{label}/backup.manifest"));
    let whole = manifest(&set.label) && set.needs.iter().all(manifest);
    whole && log.contains(&set.wal_start) && log.contains(&set.wal_stop)
}

/// Whether a restore of a set needs a file: its own and those of the sets that it stands on, and the log from there on.
/// Histories of timelines and the marks of backups are few and small, and always needed. What lists sets is not among them:
/// it is written again with each backup.
pub fn needs(set: &Set, path: &str) -> bool {
    match part(path) {
        Some(Part::Wal) => {
            let segment = path.rsplit('/').next().and_then(Segment::parse);
            segment.is_none_or(|segment| segment.is_from(set.wal_start))
        }
        Some(Part::Data | Part::Manifest) => owner(path).is_some_and(|owner| set.stands_on(owner)),
        Some(Part::Info) | None => false,
    }
}

/// The segments of the log among keys.
pub fn segments<'k>(keys: impl IntoIterator<Item = &'k String>) -> BTreeSet<Segment> {
    let names = keys.into_iter().filter(|key| part(key) == Some(Part::Wal));
    names.filter_map(|key| Segment::parse(key.rsplit('/').next()?)).collect()
}

/// The class of an object: what is kept for a month and is no crumb is read next when the host is lost, if ever.
pub fn class(host: &Host, found: &Found) -> Class {
    let month = SignedDuration::from_hours(24 * 30);
    let keep = kept(host, &found.path);
    let rare = keep >= month && found.bytes >= 128 * 1024 && part(&found.path) == Some(Part::Data);
    if rare { Class::InfrequentAccess } else { Class::Standard }
}

/// Until when an object is locked, where objects are. What is written again is not: each version would be locked by itself.
pub fn locked_until(host: &Host, path: &str, now: Timestamp) -> Option<Timestamp> {
    let locks = host.lock != LockMode::Off && part(path) != Some(Part::Info);
    locks.then(|| now + kept(host, path))
}

/// How long what is below a path is kept at least.
fn kept(host: &Host, path: &str) -> SignedDuration {
    let differential = |label: &str| label.contains('_');
    match path.split('/').next() {
        Some("logical") => host.logical.keep,
        Some("archive") => host.wal_keep,
        _ if owner(path).is_some_and(differential) => host.differential.keep,
        _ => host.full.keep,
    }
}

/// What goes from the bucket with sets and dumps that have gone here: manifests first, so that nothing is listed half gone.
pub fn going(
    held: &BTreeMap<String, u64>,
    gone: &BTreeSet<String>,
    log: &BTreeSet<Segment>,
) -> Vec<String> {
    let goes = |path: &&String| match part(path) {
        Some(Part::Wal) => path
            .rsplit('/')
            .next()
            .and_then(Segment::parse)
            .is_some_and(|segment| log.contains(&segment)),
        Some(Part::Data | Part::Manifest) => owner(path).is_some_and(|owner| gone.contains(owner)),
        Some(Part::Info) | None => false,
    };
    let mut keys: Vec<String> = held.keys().filter(goes).cloned().collect();
    keys.sort_by_key(|path| part(path) != Some(Part::Manifest));
    keys
}
