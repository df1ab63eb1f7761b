//! What concerns the whole system: the setup, the quotas, the reads themselves.

use super::{found_of, restore, views};
use crate::episode::Subject;
use crate::fault::Fault;
use crate::finding::{Finding, Found};
use crate::id::AssetId;
use crate::journal::Journal;
use crate::policy::{Asset, Policy};
use crate::seen::{AssetSeen, Read, Seen};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What concerns the whole system.
pub(super) fn of_system(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let all = setup(policy, seen, now).into_iter().chain(unreadable(seen, now));
    all.chain(quotas(seen, now)).chain(unheard(seen, now)).chain(journal_down(seen, now)).collect()
}

/// A role that lacks a key refuses every copy under it, and an alarm that may not send is none.
fn setup(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let Some(setup) = &seen.setup else { return Vec::new() };
    let lacking = |asset: &Asset| {
        let keys = asset.keys().filter(|key| !setup.granted.contains(*key)).cloned().collect();
        Some(keys).filter(|keys: &Vec<String>| !keys.is_empty())
    };
    let mut findings: Vec<Finding> = views(policy, seen)
        .filter_map(|(asset, _)| {
            let found = Found::NotGranted { keys: lacking(asset)? };
            Some(found_of(Some(&asset.id), Subject::Standing, found, now))
        })
        .collect();
    let oldest = seen.journal.known().and_then(Journal::oldest);
    let a_day = SignedDuration::from_hours(24);
    if !setup.armed && oldest.is_some_and(|oldest| now.duration_since(oldest) >= a_day) {
        findings.push(found_of(None, Subject::Standing, Found::Unarmed, now));
    }
    findings
}

/// Failed reads, one finding per call and Region, naming every asset that cannot be judged for it.
fn unreadable(seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let mut reads: BTreeMap<String, (Fault, BTreeSet<AssetId>)> = BTreeMap::new();
    let of_databases = seen.assets.iter().map(|(id, view)| (id, view.faults()));
    let of_backup = seen.backed.iter().map(|(id, view)| (id, view.faults()));
    let of_hosts = seen.hosts.iter().map(|(id, view)| (id, view.faults().collect()));
    for (id, faults) in of_databases.chain(of_backup).chain(of_hosts) {
        for fault in faults {
            let read = format!("{}.{}", fault.region, fault.op);
            let (_, assets) = reads.entry(read).or_insert_with(|| (fault.clone(), BTreeSet::new()));
            assets.insert(id.clone());
        }
    }
    let verdicts = seen.verdicts.values().filter_map(Read::fault);
    let settings = seen.opt_in.values().filter_map(Read::fault).chain(verdicts);
    for (rule, read) in &seen.tagged {
        let Some(fault) = read.fault() else { continue };
        let of = format!("{}.{}", fault.region, fault.op);
        let (_, assets) = reads.entry(of).or_insert_with(|| (fault.clone(), BTreeSet::new()));
        assets.insert(rule.clone());
    }
    let topics = seen.daily.iter().flat_map(|daily| &daily.topics);
    let of_topics = topics.filter_map(Read::fault);
    for fault in seen.quotas.iter().filter_map(Read::fault).chain(of_topics).chain(settings) {
        let read = format!("{}.{}", fault.region, fault.op);
        reads.entry(read).or_insert_with(|| (fault.clone(), BTreeSet::new()));
    }
    let found = reads.into_iter().map(|(read, (fault, assets))| {
        let assets = assets.into_iter().collect();
        found_of(None, Subject::Read(read), Found::Unreadable { fault, assets }, now)
    });
    found.collect()
}

/// Manual points, copies among them, of which soon no more can be made.
fn quotas(seen: &Seen, now: Timestamp) -> impl Iterator<Item = Finding> {
    let short = seen.quotas.iter().filter_map(Read::known).filter(|quota| quota.is_short());
    short.map(move |quota| {
        let found = Found::QuotaShort { quota: quota.clone() };
        found_of(None, Subject::quota(quota), found, now)
    })
}

/// Topics to which nobody listens: what is published there is gone.
fn unheard(seen: &Seen, now: Timestamp) -> impl Iterator<Item = Finding> {
    let deaf = seen.topics().filter(|topic| topic.confirmed == 0);
    deaf.map(move |topic| {
        let found = Found::Unheard { topic: topic.clone() };
        found_of(None, Subject::item(topic.region.as_str()), found, now)
    })
}

fn journal_down(seen: &Seen, now: Timestamp) -> Option<Finding> {
    let fault = seen.journal.fault()?.clone();
    Some(found_of(None, Subject::Standing, Found::JournalDown { fault }, now))
}

impl AssetSeen {
    /// The reads of this asset that failed.
    pub fn faults(&self) -> Vec<&Fault> {
        let Self { database, points, copies, home_key, dr_key, .. } = self;
        let home_key = home_key.as_ref().and_then(Read::fault);
        let faults = [database.fault(), points.fault(), copies.fault(), dr_key.fault(), home_key];
        faults.into_iter().flatten().chain(restore::faults(self)).collect()
    }
}
