//! The round of `replication`: keep what S3 notified, observe, judge, repair, tell, write the verdicts down.

use super::{Round, Turn};
use crate::day;
use crate::event::Notified;
use crate::failure::{self, Failure, Reason};
use crate::finding::Finding;
use crate::health::{Health, Verdict};
use crate::id::AssetId;
use crate::judge::{Judgement, of_buckets};
use crate::names;
use crate::policy::{Bucket, Policy, Repair};
use crate::record::Record;
use crate::seen::{BucketSeen, Canary, Read, Scope, Seen};
use crate::step::{Action, Job, Outcome};
use crate::tags::StartedBy;
use crate::tell;
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Failures of one cause come for minutes; a job in their midst would fail like them.
const QUIET: SignedDuration = SignedDuration::from_mins(30);

/// Plays it: over every bucket at a tick, over those that S3 has notified of else. What was notified is kept
/// first, write-once: a notification that could not be kept is undone and comes again.
pub async fn replicate(
    world: &impl World,
    policy: &Policy,
    notified: Option<&Notified>,
    now: Timestamp,
) -> Round {
    let turn = Turn { world, policy, by: StartedBy::Check, now };
    let mut round = Round::default();
    let Some(notified) = notified else {
        round.look(&turn, Scope::Buckets).await;
        return round;
    };
    if round.keep_failures(&turn, notified).await {
        for bucket in &notified.buckets {
            round.look(&turn, Scope::Bucket(bucket.clone())).await;
        }
    }
    round
}

impl Round {
    /// Whether all of them could be kept.
    async fn keep_failures(&mut self, turn: &Turn<'_, impl World>, notified: &Notified) -> bool {
        let mut of_bucket: BTreeMap<&AssetId, Vec<(Reason, Failure)>> = BTreeMap::new();
        for (bucket, reason, failure) in &notified.failures {
            of_bucket.entry(bucket).or_default().push((reason.clone(), failure.clone()));
        }
        for (bucket, failures) in of_bucket {
            for (batch, objects) in failure::batches(&failures) {
                self.write(turn, Record::Failed { bucket: bucket.clone(), batch, objects }).await;
            }
        }
        self.undone.is_empty()
    }

    async fn look(&mut self, turn: &Turn<'_, impl World>, scope: Scope) {
        let Turn { world, policy, now, .. } = *turn;
        let whole = scope == Scope::Buckets;
        let mut seen = world.observe(&scope).await;
        self.settle(turn, &mut seen).await;
        let (healths, findings) = judged(policy, &seen, now);
        self.mend(turn, &seen, &healths, whole).await;
        let judgement = Judgement { findings, ..Judgement::default() };
        let previous = whole.then(|| day::tick(now) - day::TICK);
        for say in tell::tell(policy, &seen, &judgement, previous, now) {
            self.say(turn, say).await;
        }
        for health in healths.into_iter().filter(|_| whole) {
            self.conclude(turn, &seen, health).await;
        }
        self.findings.extend(judgement.findings);
    }

    /// What was seen to have arrived since is not missing any more, from this look on.
    async fn settle(&mut self, turn: &Turn<'_, impl World>, seen: &mut Seen) {
        for (bucket, view) in seen.buckets.iter_mut().flatten() {
            let Some((name, Read::Known(true))) = &view.probed else { continue };
            let (name, at) = (name.clone(), turn.now);
            let record = Record::Repaired { bucket: bucket.clone(), batch: name.clone(), at };
            let kept = turn.world.act(&Action::Record(record)).await.fault().is_none();
            if let Read::Known(batches) = &mut view.failures {
                let these = batches.iter_mut().filter(|batch| kept && batch.name == name);
                these.for_each(|batch| batch.repaired = true);
            }
        }
    }

    /// Writes canaries, and starts jobs where the policy lets it.
    async fn mend(
        &mut self,
        turn: &Turn<'_, impl World>,
        seen: &Seen,
        healths: &[(AssetId, Health)],
        whole: bool,
    ) {
        for (id, health) in healths {
            let views = seen.buckets.as_ref().and_then(|all| all.get(id));
            let Some((bucket, view)) = turn.policy.bucket(id).zip(views) else { continue };
            if whole && wants_canary(view, turn.now) {
                self.try_to(turn, Action::Canary(bucket.clone())).await;
            }
            if let Some(job) = job(bucket, view, health, turn.policy, turn.now).filter(|_| whole) {
                self.try_to(turn, Action::Repair(job)).await;
            }
        }
    }

    async fn conclude(
        &mut self,
        turn: &Turn<'_, impl World>,
        seen: &Seen,
        (bucket, health): (AssetId, Health),
    ) {
        self.write(turn, Record::Health { bucket: bucket.clone(), health }).await;
        if seen.journal.known().is_some_and(|journal| journal.since(&bucket).is_none()) {
            self.write(turn, Record::Joined { asset: bucket, at: turn.now }).await;
        }
    }

    async fn write(&mut self, turn: &Turn<'_, impl World>, record: Record) {
        self.try_to(turn, Action::Record(record)).await;
    }

    async fn try_to(&mut self, turn: &Turn<'_, impl World>, action: Action) {
        let outcome: Outcome = turn.world.act(&action).await;
        self.undone.extend(outcome.fault().cloned());
    }
}

fn judged(policy: &Policy, seen: &Seen, now: Timestamp) -> (Vec<(AssetId, Health)>, Vec<Finding>) {
    let (mut healths, mut findings) = (Vec::new(), Vec::new());
    for (id, health, found) in of_buckets(policy, seen, now) {
        healths.push((id, health));
        findings.extend(found);
    }
    (healths, findings)
}

/// At once where there is none, then every hour, whatever became of the one before: five minutes less, since a
/// tick may come late.
fn wants_canary(view: &BucketSeen, now: Timestamp) -> bool {
    match view.canary {
        Some(Read::Known(Canary::None)) => true,
        Some(Read::Known(Canary::Written { at, .. })) => {
            now.duration_since(at) >= SignedDuration::from_mins(55)
        }
        _ => false,
    }
}

/// The job that the policy lets Sonae start: at four times of a day, while objects are missing and no new ones
/// have failed for half an hour, and not before the setup is right. A job over objects that fail again is
/// announced like any failure: were it started by the last one, one would call the next for ever.
fn job(
    bucket: &Bucket,
    view: &BucketSeen,
    health: &Health,
    policy: &Policy,
    now: Timestamp,
) -> Option<Job> {
    let auto = bucket.repair == Repair::Auto && health.verdict == Verdict::Failing;
    let role = bucket.repair_role.clone().filter(|_| auto)?;
    let last = view.open().map(|batch| batch.at).max()?;
    let tick = day::tick(now);
    let local = tick.to_zoned(policy.zone.clone());
    let slot = local.minute() == 0 && local.hour() % 6 == 0;
    let starts = slot && tick.duration_since(last) >= QUIET;
    let token = names::token(&[bucket.id.as_str(), &tick.to_string()]);
    starts.then(|| Job { bucket: bucket.clone(), role, token })
}
