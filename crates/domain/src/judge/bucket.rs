//! How the replication of a bucket stands, and what is told of it.

use super::{Fate, found_of};
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::failure::Reason;
use crate::finding::{Finding, Found, Rpo};
use crate::health::{Gap, Health, Silence, Trouble, Verdict};
use crate::id::AssetId;
use crate::journal::Journal;
use crate::policy::{Bucket, Policy};
use crate::seen::{Arrival, BucketSeen, Canary, FRESH, Metrics, Read, Replication, Seen};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The metric counts a day; a notification may come an hour later.
const NAMED_WITHIN: SignedDuration = SignedDuration::from_hours(25);

/// Judges one bucket. `since` is when it was looked at for the first time.
pub fn health(
    bucket: &Bucket,
    seen: &BucketSeen,
    since: Option<Timestamp>,
    now: Timestamp,
) -> (Health, Trouble) {
    let metrics = seen.metrics.as_ref();
    let trouble = Trouble {
        gaps: gaps(bucket, seen),
        failing: failing(seen, now),
        slow: slow(bucket, seen, now),
        silent: silent(seen, now),
    };
    let whole = |read: fn(&Metrics, Timestamp) -> Option<f64>| {
        metrics.and_then(|metrics| read(metrics, now)).map(rounded)
    };
    let health = Health {
        at: now,
        verdict: verdict(&trouble, since, now),
        rule: rule_id(bucket, seen),
        latency_seconds: whole(Metrics::latency),
        objective_seconds: bucket.lag.as_secs(),
        pending: whole(Metrics::pending),
        pending_bytes: whole(Metrics::bytes),
        failed: seen.open().map(|batch| batch.objects).sum(),
        unnamed: unnamed(seen, now),
        canary: seen.canary.as_ref().and_then(Read::known).map(word_of).map(str::to_owned),
    };
    (health, trouble)
}

/// The worst of it. Of what has only just been looked at, silence is no news.
fn verdict(trouble: &Trouble, since: Option<Timestamp>, now: Timestamp) -> Verdict {
    let young = since.is_none_or(|since| now.duration_since(since) < FRESH);
    match trouble {
        // Without a promise of time it may still be in time: the figures say.
        Trouble { gaps, .. } if gaps.iter().any(Gap::matters) => Verdict::NotConfigured,
        Trouble { failing, .. } if !failing.is_empty() => Verdict::Failing,
        Trouble { silent: Some(Silence::NoData), slow: None, .. } if young => Verdict::Young,
        Trouble { silent: Some(_), .. } => Verdict::Unknown,
        Trouble { slow: Some(_), .. } => Verdict::Slow,
        _ => Verdict::Healthy,
    }
}

fn rule_id(bucket: &Bucket, seen: &BucketSeen) -> Option<String> {
    Some(seen.setup.known()?.rule_for(bucket)?.id.clone())
}

fn gaps(bucket: &Bucket, seen: &BucketSeen) -> Vec<Gap> {
    let Some(setup) = seen.setup.known() else { return Vec::new() };
    let rule = match (setup, setup.rule_for(bucket), &bucket.rule) {
        (Replication::NoBucket, ..) => return vec![Gap::NoBucket],
        (Replication::Rules(rules), None, Some(id)) if !rules.is_empty() => {
            return vec![Gap::NoSuchRule(id.clone())];
        }
        (_, None, _) => return vec![Gap::NoRules],
        (_, Some(rule), _) => rule,
    };
    let elsewhere = rule.destination != bucket.dr_arn();
    let under_kms = seen.kms.as_ref().and_then(Read::known) == Some(&true);
    let all = [
        elsewhere.then(|| Gap::Elsewhere(rule.destination.clone())),
        (!rule.enabled).then_some(Gap::Disabled),
        rule.by_tags.then_some(Gap::ByTags),
        (!rule.by_tags && !rule.covers(&bucket.prefix)).then(|| Gap::Narrow(rule.prefix.clone())),
        (!rule.kms && under_kms).then_some(Gap::NoKms),
        (!rule.metrics).then_some(Gap::NoMetrics),
        (!rule.time_control).then_some(Gap::NoTimeControl),
    ];
    all.into_iter().flatten().collect()
}

fn failing(seen: &BucketSeen, now: Timestamp) -> Vec<(Reason, usize, Timestamp)> {
    let mut all: BTreeMap<Reason, (usize, Timestamp)> = BTreeMap::new();
    for batch in seen.open() {
        let (objects, since) = all.entry(batch.reason.clone()).or_insert((0, batch.at));
        *objects += batch.objects;
        *since = batch.at.min(*since);
    }
    if let (more @ 1.., Some(since)) = (unnamed(seen, now), first_failure(seen)) {
        all.insert(Reason::unnamed(), (usize::try_from(more).unwrap_or(usize::MAX), since));
    }
    if let Some(Read::Known(Canary::Written { at, status })) = seen.canary
        && matches!(status, None | Some(Arrival::Failed))
    {
        all.insert(Reason::canary(), (1, at));
    }
    all.into_iter().map(|(reason, (objects, since))| (reason, objects, since)).collect()
}

/// What the metric counts beyond what was named, arrived since or not.
fn unnamed(seen: &BucketSeen, now: Timestamp) -> i64 {
    let Some(metrics) = &seen.metrics else { return 0 };
    let batches = seen.failures.known().into_iter().flatten();
    let recent = batches.filter(|batch| now.duration_since(batch.at) <= NAMED_WITHIN);
    let named: usize = recent.map(|batch| batch.objects).sum();
    rounded(metrics.failed()).saturating_sub(i64::try_from(named).unwrap_or(i64::MAX)).max(0)
}

fn first_failure(seen: &BucketSeen) -> Option<Timestamp> {
    let points = seen.metrics.as_ref()?.failed.known()?;
    points.iter().filter(|(_, count)| *count > 0.0).map(|(at, _)| *at).min()
}

fn slow(bucket: &Bucket, seen: &BucketSeen, now: Timestamp) -> Option<i64> {
    let measured = seen.metrics.as_ref().and_then(|metrics| metrics.latency(now)).map(rounded);
    let canary = match seen.canary {
        Some(Read::Known(Canary::Written { at, status: Some(Arrival::Pending) })) => {
            Some(now.duration_since(at).as_secs())
        }
        _ => None,
    };
    measured.max(canary).filter(|seconds| *seconds > bucket.lag.as_secs())
}

/// That nothing failed is told by the absence of points, so only of the others absence is silence.
fn silent(seen: &BucketSeen, now: Timestamp) -> Option<Silence> {
    let metrics = seen.metrics.as_ref();
    let of_metrics = metrics
        .into_iter()
        .flat_map(|metrics| [&metrics.latency, &metrics.bytes, &metrics.pending, &metrics.failed]);
    let canary = seen.canary.as_ref().and_then(Read::fault);
    let kms = seen.kms.as_ref().and_then(Read::fault);
    let probed = seen.probed.as_ref().and_then(|(_, settled)| settled.fault());
    let faults = [seen.setup.fault(), kms, canary, seen.failures.fault(), probed];
    let fault = faults.into_iter().flatten().chain(of_metrics.filter_map(Read::fault)).next();
    if let Some(fault) = fault {
        return Some(Silence::Unread(fault.clone()));
    }
    let measured = metrics.is_some_and(|metrics| metrics.latency(now).is_some());
    (!measured).then_some(Silence::NoData)
}

fn word_of(canary: &Canary) -> &'static str {
    match canary {
        Canary::Locked => "locked",
        Canary::None => "none",
        Canary::Written { status: None, .. } => "not-taken",
        Canary::Written { status: Some(Arrival::Arrived), .. } => "arrived",
        Canary::Written { status: Some(Arrival::Pending), .. } => "pending",
        Canary::Written { status: Some(Arrival::Failed), .. } => "failed",
    }
}

/// Counts and seconds, of which CloudWatch makes floats; what is not a number of ours counts as the most.
fn rounded(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float's cast saturates")]
    let whole = value.ceil() as i64;
    whole
}

/// What is told of all of them.
pub fn of_buckets(
    policy: &Policy,
    seen: &Seen,
    now: Timestamp,
) -> Vec<(AssetId, Health, Vec<Finding>)> {
    let views = seen.buckets.iter().flatten();
    let views = views.filter_map(|(id, view)| Some((policy.bucket(id)?, view)));
    let judged = views.map(|(bucket, view)| {
        let (health, found) = of_bucket(bucket, view, &seen.journal, now);
        (bucket.id.clone(), health, found)
    });
    judged.collect()
}

fn of_bucket(
    bucket: &Bucket,
    view: &BucketSeen,
    journal: &Read<Journal>,
    now: Timestamp,
) -> (Health, Vec<Finding>) {
    let since = journal.known().and_then(|journal| journal.since(&bucket.id));
    let (health, trouble) = health(bucket, view, since, now);
    let found = |subject, what, since| found_of(Some(&bucket.id), subject, what, since);
    let mut all = Vec::new();
    if let Some(gap) = trouble.gaps.first() {
        let (subject, gaps) = (Subject::item(gap.word()), trouble.gaps.clone());
        let rule = health.rule.clone();
        all.push(found(subject, Found::BucketUnreplicated { gaps, rule }, now));
    }
    all.extend(trouble.failing.into_iter().map(|(reason, objects, since)| {
        let subject = Subject::item(reason.word());
        found(subject, Found::ReplicationFailing { reason, objects }, since)
    }));
    if let Some(seconds) = trouble.slow {
        let what = Found::ReplicationSlow { seconds };
        let mut slow = found(Subject::Standing, what, now);
        let newest = Some(now - SignedDuration::from_secs(seconds));
        slow.rpo = Some(Rpo { newest, objective: bucket.lag });
        all.push(slow);
    }
    // A read that fails is told beside whatever else is wrong: else nobody would ever hear why it stays so.
    let told = |silence: &Silence| match silence {
        Silence::Unread(_) => true,
        Silence::NoData => health.verdict == Verdict::Unknown,
    };
    if let Some(silence) = trouble.silent.filter(told) {
        all.push(found(Subject::Standing, Found::ReplicationUnknown { silence }, now));
    }
    // Known by the journal alone; without it that would be told at every look.
    if trouble.gaps.iter().all(|gap| !gap.loses()) && journal.known().is_some() {
        let rule = health.rule.clone();
        all.extend(rule.map(|rule| found(Subject::Standing, Found::BeforeRule { rule }, now)));
    }
    (health, all)
}

/// What became of something that `replication` told, now that it is not found.
pub(super) fn fate(policy: &Policy, seen: &Seen, key: &EpisodeKey, now: Timestamp) -> Fate {
    let Some(id) = key.asset.as_ref().filter(|_| key.kind.is_of_buckets()) else {
        return Fate::Open;
    };
    let Some(bucket) = policy.bucket(id) else { return Fate::Past };
    let Some(view) = seen.buckets.as_ref().and_then(|all| all.get(id)) else { return Fate::Open };
    let measured = view.metrics.as_ref().is_some_and(|metrics| metrics.latency(now).is_some());
    let item = |reason: &Reason| Subject::item(reason.word()) == key.subject;
    let seen_whole = match key.kind {
        Kind::BucketUnreplicated if view.setup.known().is_none() => false,
        // Another gap in its place is told by itself.
        Kind::BucketUnreplicated if !gaps(bucket, view).is_empty() => return Fate::Past,
        Kind::BucketUnreplicated => true,
        Kind::ReplicationFailing if item(&Reason::canary()) => match &view.canary {
            None => return Fate::Past,
            Some(canary) => canary.known().is_some(),
        },
        // Named since, or a day old: whether they have arrived, nobody can tell.
        Kind::ReplicationFailing if item(&Reason::unnamed()) => {
            let read =
                view.metrics.as_ref().is_some_and(|metrics| metrics.failed.known().is_some());
            return if read { Fate::Past } else { Fate::Open };
        }
        Kind::ReplicationFailing => view.failures.known().is_some(),
        Kind::ReplicationSlow => measured,
        _ => measured && silent(view, now).is_none(),
    };
    if seen_whole { Fate::Whole } else { Fate::Open }
}
