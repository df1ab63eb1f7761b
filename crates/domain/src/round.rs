//! The one path: observe, decide, act, judge, tell. An event, the check, the demo and the
//! simulator all come through here, so the rare path is walked every day.

use crate::admit::admit;
use crate::decide;
use crate::duty::{Duty, Tried};
use crate::facts;
use crate::fault::{Fault, FaultKind};
use crate::finding::Finding;
use crate::id::{AssetId, PointName};
use crate::judge::judge;
use crate::names::ATTEMPTS;
use crate::notice::Notice;
use crate::policy::Policy;
use crate::record::Record;
use crate::seen::{Scope, Seen};
use crate::step::{Action, Copy, Outcome, Step};
use crate::tags::StartedBy;
use crate::tell::{self, Say};
use crate::world::{Claim, World};
use jiff::Timestamp;
use std::fmt;

/// What a round did, for the log line and for tests.
#[derive(Debug, Default)]
pub struct Round {
    /// What was decided about each point.
    pub steps: Vec<(AssetId, PointName, Step)>,
    /// What was tried, and how it went.
    pub tried: Vec<Tried>,
    /// How the duties stand.
    pub duties: Vec<Duty>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What was published.
    pub said: Vec<Notice>,
    /// What was asked of this round and not done; the invocation fails for it and is tried again.
    pub undone: Vec<Fault>,
}

/// Plays one round. Dropping it at any point is safe: the next one finishes the work.
pub async fn round(
    world: &impl World,
    policy: &Policy,
    scope: Scope,
    by: StartedBy,
    now: Timestamp,
) -> Round {
    let mut round = Round::default();
    let mut seen = world.observe(&scope).await;
    round.act(world, policy, &mut seen, by, now).await;
    let judgement = judge(policy, &seen, &round.tried, now);
    round
        .note(world, facts::facts(policy, &seen, &round.steps, &round.tried, &judgement, now))
        .await;
    let whole_fleet = scope == Scope::Fleet;
    for say in tell::tell(policy, &seen, &judgement, whole_fleet, now) {
        round.say(world, say).await;
    }
    round.undone.extend(seen.lost);
    round.duties = judgement.duties;
    round.findings = judgement.findings;
    if whole_fleet {
        let heartbeat = heartbeat(policy, Some(round.duties.len()), now);
        round.note(world, vec![heartbeat]).await;
    }
    round
}

/// The sign of life of a check that had nothing to look at.
pub async fn beat(world: &impl World, policy: &Policy, now: Timestamp) -> Round {
    let mut round = Round::default();
    round.note(world, vec![heartbeat(policy, None, now)]).await;
    round
}

fn heartbeat(policy: &Policy, duties: Option<usize>, at: Timestamp) -> Record {
    Record::Heartbeat { at, policy: policy.hash.clone(), duties }
}

impl Round {
    /// Takes and copies, oldest data first, until dr says that it is full.
    async fn act(
        &mut self,
        world: &impl World,
        policy: &Policy,
        seen: &mut Seen,
        by: StartedBy,
        now: Timestamp,
    ) {
        let (takes, copies) = self.decide(policy, seen, by, now);
        for action in takes {
            self.attempt(world, policy, seen, action, by, now).await;
        }
        let mut full: Option<Fault> = None;
        for copy in admit(copies) {
            match &full {
                Some(fault) => self.defer(&copy, fault.clone()),
                None => {
                    let action = Action::Copy(copy);
                    full = self.attempt(world, policy, seen, action, by, now).await;
                }
            }
        }
    }

    fn decide(
        &mut self,
        policy: &Policy,
        seen: &Seen,
        by: StartedBy,
        now: Timestamp,
    ) -> (Vec<Action>, Vec<Copy>) {
        let (mut takes, mut copies) = (Vec::new(), Vec::new());
        for (id, view) in &seen.assets {
            let Some(asset) = policy.asset(id) else { continue };
            for (point, step) in decide::decide(policy, asset, view, by, now) {
                match &step {
                    Step::Do(Action::Copy(copy)) => copies.push(copy.clone()),
                    Step::Do(action) => takes.push(action.clone()),
                    Step::Rest(_) => {}
                }
                self.steps.push((id.clone(), point, step));
            }
        }
        (takes, copies)
    }

    /// Does one action. When something else holds the name, decides again with that known, at most
    /// once per attempt. Answers with the fault that ends copying in this round, if any.
    async fn attempt(
        &mut self,
        world: &impl World,
        policy: &Policy,
        seen: &mut Seen,
        mut action: Action,
        by: StartedBy,
        now: Timestamp,
    ) -> Option<Fault> {
        for _ in 0..ATTEMPTS {
            let Some((asset, point, name)) = names_of(&action) else { return None };
            let outcome = world.act(&action).await;
            self.tried.push(Tried {
                asset: asset.clone(),
                point: point.clone(),
                outcome: outcome.clone(),
            });
            match outcome.fault().map(|fault| fault.kind) {
                Some(FaultKind::Exists) => {}
                Some(FaultKind::InFlightFull | FaultKind::PointsFull) => {
                    return outcome.fault().cloned();
                }
                _ => return None,
            }
            let view = seen.assets.get_mut(&asset)?;
            view.held.insert(name);
            let steps = decide::decide(policy, policy.asset(&asset)?, view, by, now);
            let again = steps.into_iter().find_map(|(_, step)| match step {
                Step::Do(next) if same_thing(&next, &action) => Some(next),
                _ => None,
            });
            action = again?;
            self.steps.retain(|(id, name, _)| *id != asset || *name != point);
            self.steps.push((asset, point, Step::Do(action.clone())));
        }
        None
    }

    fn defer(&mut self, copy: &Copy, fault: Fault) {
        let outcome = match fault.kind {
            FaultKind::PointsFull => Outcome::Failed(fault),
            _ => Outcome::Deferred(fault),
        };
        let (asset, point) = (copy.asset.clone(), copy.point.clone());
        self.tried.push(Tried { asset, point, outcome });
    }

    async fn say(&mut self, world: &impl World, say: Say) {
        match say {
            Say::Note(record) => self.note(world, vec![record]).await,
            Say::Unclaimed(notice) => _ = self.publish(world, notice).await,
            Say::Notice(notice) => match world.claim(&notice.key).await {
                Claim::Said | Claim::Held => {}
                Claim::Mine | Claim::Unknown(_) => {
                    let key = notice.key.clone();
                    if self.publish(world, notice).await {
                        world.mark(&key).await;
                    }
                }
            },
        }
    }

    async fn publish(&mut self, world: &impl World, notice: Notice) -> bool {
        match world.publish(&notice).await {
            Ok(()) => self.said.push(notice),
            Err(fault) => {
                self.undone.push(fault);
                return false;
            }
        }
        true
    }

    /// Writes records. A journal that is down is a finding of its own at the next look.
    async fn note(&mut self, world: &impl World, records: Vec<Record>) {
        for record in records {
            let overwrites = record.overwrites();
            let outcome = world.act(&Action::Record(record)).await;
            if let (true, Some(fault)) = (overwrites, outcome.fault()) {
                self.undone.push(fault.clone());
            }
        }
    }
}

impl fmt::Display for Round {
    /// One line, readable alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.tried.iter().filter(|tried| tried.outcome.fault().is_none()).count();
        let met = self.duties.iter().filter(|duty| duty.met().is_some()).count();
        write!(
            f,
            "{} points seen, {done} of {} actions accepted, {met} of {} duties met, {} findings, \
             {} notices",
            self.steps.len(),
            self.tried.len(),
            self.duties.len(),
            self.findings.len(),
            self.said.len(),
        )
    }
}

/// Whose, what for, and under which name an action puts something.
fn names_of(action: &Action) -> Option<(AssetId, PointName, PointName)> {
    match action {
        Action::Take(take) => Some((take.asset.clone(), take.name.clone(), take.name.clone())),
        Action::Copy(copy) => Some((copy.asset.clone(), copy.point.clone(), copy.target.clone())),
        Action::Record(_) => None,
    }
}

fn same_thing(next: &Action, before: &Action) -> bool {
    match (next, before) {
        (Action::Copy(next), Action::Copy(before)) => next.source == before.source,
        (Action::Take(_), Action::Take(_)) => true,
        _ => false,
    }
}
