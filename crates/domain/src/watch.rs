//! The watcher in dr: it reads, it tells through dr's topic, and it speaks only when home does not,
//! or when the two run different policies. It never acts.

use crate::episode::{EpisodeKey, Kind, Subject};
use crate::finding::{Finding, Found};
use crate::id::AssetId;
use crate::journal::WATCH;
use crate::judge::Judgement;
use crate::policy::Policy;
use crate::record::Heartbeat;
use crate::seen::{Read, Seen};
use jiff::{SignedDuration, Timestamp};

/// Home's check leaves a sign of life every quarter of an hour.
pub const SILENCE: SignedDuration = SignedDuration::from_hours(1);

/// What the watcher finds.
pub fn judge(policy: &Policy, seen: &Seen, now: Timestamp) -> Judgement {
    let found = match &seen.heartbeat {
        None => Vec::new(),
        Some(Read::Known(heartbeat)) => of_heartbeat(policy, heartbeat.as_ref(), now),
        Some(Read::Unknown(fault)) => {
            let assets = policy.assets.iter().map(|asset| asset.id.clone()).collect();
            vec![Found::Unreadable { fault: fault.clone(), assets }]
        }
    };
    let findings = found.into_iter().map(|what| finding(what, now)).collect();
    Judgement { findings, ..Judgement::default() }
}

/// Whether what the watcher told is seen to be whole: home has spoken, and it was not found again.
pub fn is_clean(seen: &Seen, kind: Kind) -> bool {
    let Some(Read::Known(heartbeat)) = &seen.heartbeat else { return false };
    match kind {
        Kind::HomeSilent | Kind::PolicyDiffers => heartbeat.is_some(),
        kind => kind == Kind::Unreadable,
    }
}

fn of_heartbeat(policy: &Policy, heartbeat: Option<&Heartbeat>, now: Timestamp) -> Vec<Found> {
    let mut found = Vec::new();
    let last = heartbeat.map(|heartbeat| heartbeat.at);
    if last.is_none_or(|last| now.duration_since(last) > SILENCE) {
        found.push(Found::HomeSilent { last });
    }
    if let Some(Heartbeat { policy: home, .. }) = heartbeat
        && *home != policy.hash
    {
        found.push(Found::PolicyDiffers { home: home.clone(), dr: policy.hash.clone() });
    }
    found
}

fn finding(what: Found, now: Timestamp) -> Finding {
    let subject = match &what {
        Found::Unreadable { fault, .. } => Subject::Read(format!("{}.{}", fault.region, fault.op)),
        _ => Subject::Standing,
    };
    let since = match &what {
        Found::HomeSilent { last: Some(last) } => *last,
        _ => now,
    };
    let key = EpisodeKey { asset: Some(AssetId::new(WATCH)), kind: what.kind(), subject };
    Finding { key, severity: what.severity(), what, since, rpo: None }
}
