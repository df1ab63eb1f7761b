//! The watcher in dr: it reads, it tells through dr's topic, and it speaks only when home does not,
//! or when the two run different policies. It never acts.

mod days;
mod holding;

use crate::episode::{EpisodeKey, Kind, Subject};
use crate::fault::Fault;
use crate::finding::{Finding, Found};
use crate::id::AssetId;
use crate::journal::WATCH;
use crate::judge::{Fate, Judgement};
use crate::policy::Policy;
use crate::record::Heartbeat;
use crate::seen::{Read, Seen};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

pub use holding::{Holding, Holdings, Newest};

/// Home's check leaves a sign of life every quarter of an hour.
pub const SILENCE: SignedDuration = SignedDuration::from_hours(1);

/// Whether home gives no sign of life. One that could not be read says neither.
pub fn is_silent(heartbeat: &Read<Option<Heartbeat>>, now: Timestamp) -> bool {
    let old = |last: &Heartbeat| now.duration_since(last.at) > SILENCE;
    heartbeat.known().is_some_and(|last| last.as_ref().is_none_or(old))
}

/// What the watcher finds.
pub fn judge(policy: &Policy, seen: &Seen, now: Timestamp) -> Judgement {
    let findings = match &seen.heartbeat {
        None => Vec::new(),
        Some(Read::Known(heartbeat)) => of_heartbeat(policy, seen, heartbeat.as_ref(), now),
        Some(Read::Unknown(fault)) => {
            let assets = policy.assets.iter().map(|asset| asset.id.clone()).collect();
            vec![unreadable(fault.clone(), assets, now)]
        }
    };
    Judgement { findings, ..Judgement::default() }
}

/// What became of something that the watcher told, now that it is not found.
pub fn fate(policy: &Policy, seen: &Seen, key: &EpisodeKey, now: Timestamp) -> Fate {
    let Some(read) = &seen.heartbeat else { return Fate::Open };
    let Read::Known(heartbeat) = read else { return Fate::Open };
    let speaks = !is_silent(read, now);
    match (key.kind, &key.subject) {
        (Kind::HomeSilent | Kind::PolicyDiffers, _) if heartbeat.is_some() => Fate::Whole,
        (Kind::CopiesMissing, _) if speaks => Fate::Returned,
        (Kind::CopiesMissing, Subject::Day(day)) => {
            match days::is_whole(policy, seen, *day, last(heartbeat.as_ref()), now) {
                true => Fate::Whole,
                false => Fate::Open,
            }
        }
        (Kind::Unreadable, Subject::Read(read)) if seen.asked.contains(read) => Fate::Whole,
        // The copies are not read any more, so it will not be seen to be whole.
        (Kind::Unreadable, _) if speaks => Fate::Past,
        _ => Fate::Open,
    }
}

fn of_heartbeat(
    policy: &Policy,
    seen: &Seen,
    heartbeat: Option<&Heartbeat>,
    now: Timestamp,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if seen.heartbeat.as_ref().is_some_and(|read| is_silent(read, now)) {
        found.extend(of_silence(policy, seen, last(heartbeat), now));
    }
    if let Some(Heartbeat { policy: home, .. }) = heartbeat
        && *home != policy.hash
    {
        let differs = Found::PolicyDiffers { home: home.clone(), dr: policy.hash.clone() };
        found.push(finding(Subject::Standing, differs, now));
    }
    found
}

fn last(heartbeat: Option<&Heartbeat>) -> Option<Timestamp> {
    heartbeat.map(|heartbeat| heartbeat.at)
}

/// That home is silent, and what there is of the copies.
fn of_silence(
    policy: &Policy,
    seen: &Seen,
    last: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Finding> {
    let holdings = Holdings::of(days::views(policy, seen).map(|(asset, read)| (asset, read, None)));
    let mut unread: BTreeMap<String, (Fault, Vec<AssetId>)> = BTreeMap::new();
    for (asset, fault) in &holdings.unread {
        let (_, assets) =
            unread.entry(fault.op.clone()).or_insert_with(|| (fault.clone(), Vec::new()));
        assets.push(asset.clone());
    }
    let silent = Found::HomeSilent { last, holdings };
    let mut found = vec![finding(Subject::Standing, silent, last.unwrap_or(now))];
    found.extend(days::missing(policy, seen, last, now).into_iter().map(|(day, due, holdings)| {
        finding(Subject::Day(day), Found::CopiesMissing { last, due, holdings }, due)
    }));
    found.extend(unread.into_values().map(|(fault, assets)| unreadable(fault, assets, now)));
    found
}

fn unreadable(fault: Fault, assets: Vec<AssetId>, now: Timestamp) -> Finding {
    let read = Subject::Read(format!("{}.{}", fault.region, fault.op));
    finding(read, Found::Unreadable { fault, assets }, now)
}

fn finding(subject: Subject, what: Found, since: Timestamp) -> Finding {
    let key = EpisodeKey { asset: Some(AssetId::new(WATCH)), kind: what.kind(), subject };
    Finding { key, severity: what.severity(), what, since, rpo: None }
}
