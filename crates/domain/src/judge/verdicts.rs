//! What the check sees of the buckets: whether `replication` still judges them. What it finds is its own.

use super::{Fate, found_of};
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::finding::{Finding, Found};
use crate::health::Health;
use crate::policy::Policy;
use crate::seen::{Read, Seen};
use jiff::{SignedDuration, Timestamp};

/// `replication` looks every quarter of an hour; a verdict that is older is none.
const SILENCE: SignedDuration = SignedDuration::from_hours(1);

/// The buckets of which there is no verdict that is young enough.
pub(super) fn of_verdicts(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let of = |(id, read): (_, &Read<Option<Health>>)| {
        let last = read.known()?.as_ref().map(|health| health.at);
        let bucket = policy.bucket(id)?;
        is_old(last, now).then(|| {
            let since = last.unwrap_or(now);
            let what = Found::ReplicationSilent { last };
            found_of(Some(&bucket.id), Subject::Standing, what, since)
        })
    };
    seen.verdicts.iter().filter_map(of).collect()
}

fn is_old(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.duration_since(last) > SILENCE)
}

/// What became of a bucket's trouble, for the check: it ends with the bucket, and silence with a verdict.
pub(super) fn fate(policy: &Policy, seen: &Seen, scheduled: bool, key: &EpisodeKey) -> Fate {
    let Some(id) = &key.asset else { return Fate::Open };
    match seen.verdicts.get(id) {
        _ if policy.bucket(id).is_none() => {
            if scheduled {
                Fate::Past
            } else {
                Fate::Open
            }
        }
        Some(Read::Known(Some(_))) if key.kind == Kind::ReplicationSilent => Fate::Whole,
        _ => Fate::Open,
    }
}
