//! The one path: observe, decide, act, judge, tell. An event, the check, the demo and the
//! simulator all come through here, so the rare path is walked every day.

mod replicate;
mod report;
mod sweep;
mod watchdog;

use crate::admit::{Standing, admit};
use crate::day;
use crate::decide;
use crate::duty::{self, Duty, Tried};
use crate::facts;
use crate::fault::{Fault, FaultKind};
use crate::finding::Finding;
use crate::id::{AssetId, Family, PointName};
use crate::judge::judge;
use crate::names::NAMES;
use crate::notice::Notice;
use crate::policy::Policy;
use crate::record::Record;
use crate::report::Report;
use crate::seen::{AssetSeen, Scope, Seen};
use crate::step::{Action, Copy, Outcome, PointCopy, Rest, Step};
use crate::tags::StartedBy;
use crate::tell::{self, Say};
use crate::watch;
use crate::world::{Claim, World};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

pub use replicate::replicate;
pub use report::report;
pub use sweep::sweep;

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
    /// Whether it looked at everything.
    pub whole: bool,
    /// The report of the day, where it was due.
    pub report: Option<Report>,
    /// How the ping of the watchdog went, where it was not withheld.
    pub pinged: Option<Outcome>,
    /// What was asked of this round and not done; the invocation fails for it and is tried again.
    pub undone: Vec<Fault>,
}

/// What stays the same through a round.
struct Turn<'a, W> {
    world: &'a W,
    policy: &'a Policy,
    by: StartedBy,
    now: Timestamp,
}

/// Plays one round. Dropping it at any point is safe: the next one finishes the work.
pub async fn round(
    world: &impl World,
    policy: &Policy,
    scope: Scope,
    by: StartedBy,
    now: Timestamp,
) -> Round {
    let seen = world.observe(&scope).await;
    let grown = seen.grown.clone();
    let policy = grown.as_ref().unwrap_or(policy);
    play(&Turn { world, policy, by, now }, scope == Scope::Fleet, seen).await.0
}

/// Plays the check's round over everything, and reports the day where its report is due;
/// at last it pings the watchdog, where there is one and nothing speaks against it.
pub async fn check(world: &impl World, policy: &Policy, now: Timestamp) -> Round {
    let seen = world.observe(&Scope::Fleet).await;
    let grown = seen.grown.clone();
    let policy = grown.as_ref().unwrap_or(policy);
    let turn = Turn { world, policy, by: StartedBy::Check, now };
    let (mut round, seen) = play(&turn, true, seen).await;
    round.report(&turn, &seen).await;
    round.ping(&turn, &seen).await;
    round
}

async fn play(turn: &Turn<'_, impl World>, whole: bool, mut seen: Seen) -> (Round, Seen) {
    let Turn { world, policy, now, .. } = *turn;
    let mut round = Round { whole, ..Round::default() };
    round.act(turn, &mut seen).await;
    let judgement = judge(policy, &seen, &round.tried, now);
    let previous = round.whole.then(|| policy.previous_look(day::tick(now)));
    for say in tell::tell(policy, &seen, &judgement, previous, now) {
        round.say(turn, say).await;
    }
    if round.whole {
        let unheard = round.beat(turn, Some(judgement.duties.len())).await;
        for say in tell::unwritable(policy, &seen, &judgement, unheard, now) {
            round.say(turn, say).await;
        }
    }
    // Last, and no further than the first refusal: a slow journal must not cost a notice or the sign
    // of life; what is left is written by the next round.
    for fact in facts::facts(policy, &seen, &round.steps, &round.tried, &judgement, now) {
        if world.act(&Action::Record(fact)).await.fault().is_some() {
            break;
        }
    }
    round.undone.extend(seen.lost.clone());
    round.duties = judgement.duties;
    round.findings = judgement.findings;
    (round, seen)
}

/// The sign of life of a check that had nothing to look at.
pub async fn beat(world: &impl World, policy: &Policy, now: Timestamp) -> Round {
    let mut round = Round::default();
    round.beat(&Turn { world, policy, by: StartedBy::Check, now }, None).await;
    round
}

/// Plays the watcher's round: observe, judge, tell.
pub async fn watch(world: &impl World, policy: &Policy, now: Timestamp) -> Round {
    let turn = Turn { world, policy, by: StartedBy::Check, now };
    let mut round = Round::default();
    let seen = world.observe(&Scope::Watch).await;
    let judgement = watch::judge(policy, &seen, now);
    let previous = Some(day::tick(now) - day::TICK);
    for say in tell::tell(policy, &seen, &judgement, previous, now) {
        round.say(&turn, say).await;
    }
    round.findings = judgement.findings;
    round
}

impl Round {
    /// Takes and copies, until dr says that it is full: of instances and of clusters apart, since
    /// RDS counts them apart. Two databases must be refused for that: what only one of them meets
    /// is no reason to leave out all the others.
    async fn act(&mut self, turn: &Turn<'_, impl World>, seen: &mut Seen) {
        let (takes, mut copies) = self.decide(turn, seen);
        for action in takes {
            self.attempt(turn, seen, action).await;
        }
        let standing = self.standing(seen);
        if turn.by == StartedBy::Event {
            copies.retain(|copy| seen.asks_for(copy) && !is_underway(&standing, &copy.asset));
        }
        let mut full: BTreeMap<Family, BTreeMap<AssetId, Fault>> = BTreeMap::new();
        for copy in admit(copies, &standing) {
            let refusals = full.entry(copy.family).or_default();
            let closed = refusals.get(&copy.asset).or(refusals.values().nth(1));
            match closed.cloned() {
                Some(fault) => self.turned_away(&copy, fault),
                None => {
                    let asset = copy.asset.clone();
                    let refused = self.attempt(turn, seen, Action::Copy(copy)).await;
                    refusals.extend(refused.map(|fault| (asset, fault)));
                }
            }
        }
    }

    /// How each asset stands in the queue for copies.
    fn standing(&self, seen: &Seen) -> BTreeMap<AssetId, Standing> {
        let new = |view| Standing { underway: 0, newest: duty::newest_copy(view) };
        let mut all: BTreeMap<_, _> =
            seen.assets.iter().map(|(id, view)| (id.clone(), new(view))).collect();
        for (id, _, step) in &self.steps {
            if let (Step::Rest(Rest::Underway(_)), Some(standing)) = (step, all.get_mut(id)) {
                standing.underway += 1;
            }
        }
        all
    }

    fn decide<W>(&mut self, turn: &Turn<'_, W>, seen: &Seen) -> (Vec<Action>, Vec<Copy>) {
        let (mut takes, mut copies) = (Vec::new(), Vec::new());
        for (id, view) in &seen.assets {
            let Some(asset) = turn.policy.asset(id) else { continue };
            for (point, step) in decide::decide(turn.policy, asset, view, turn.by, turn.now) {
                match &step {
                    Step::Do(Action::Copy(copy)) => copies.push(copy.clone()),
                    Step::Do(action) => takes.push(action.clone()),
                    Step::Rest(_) => {}
                }
                self.steps.push((id.clone(), point, step));
            }
        }
        for (id, view) in &seen.backed {
            let Some(asset) = turn.policy.asset(id) else { continue };
            for (point, step) in decide::of_vault(turn.policy, asset, view, turn.by, turn.now) {
                if let Step::Do(action) = &step {
                    takes.push(action.clone());
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
        turn: &Turn<'_, impl World>,
        seen: &mut Seen,
        mut action: Action,
    ) -> Option<Fault> {
        for _ in 0..NAMES {
            let (asset, point, name) = names_of(&action)?;
            let outcome = turn.world.act(&action).await;
            let (fault, held) = (outcome.fault().cloned(), outcome.is_held());
            self.tried.push(Tried { asset: asset.clone(), point: point.clone(), outcome });
            match fault?.kind {
                FaultKind::Exists if held => {}
                FaultKind::InFlightFull | FaultKind::PointsFull | FaultKind::Late => break,
                _ => return None,
            }
            let view = seen.assets.get_mut(&asset)?;
            view.held.insert(name);
            action = next(turn, view, &action)?;
            self.steps.retain(|(id, name, _)| *id != asset || *name != point);
            self.steps.push((asset, point, Step::Do(action.clone())));
        }
        let last = self.tried.last().and_then(|tried| tried.outcome.fault());
        last.filter(|fault| fault.kind != FaultKind::Exists).cloned()
    }

    /// A copy that was not even tried, since the one before it was refused for want of room.
    fn turned_away(&mut self, copy: &Copy, fault: Fault) {
        let (asset, point) = (copy.asset.clone(), copy.point.clone());
        self.tried.push(Tried { asset, point, outcome: Outcome::refused(fault) });
    }

    async fn say(&mut self, turn: &Turn<'_, impl World>, say: Say) {
        match say {
            Say::Note(record) => _ = turn.world.act(&Action::Record(record)).await,
            Say::Unclaimed(notice) => _ = self.publish(turn, notice).await,
            Say::Notice(notice) => {
                let claim = turn.world.claim(&notice.key).await;
                let ours = match claim {
                    Claim::Mine => true,
                    Claim::Said | Claim::Held => false,
                    Claim::Unknown(_) => tell::speaks_unclaimed(turn.policy, &notice, turn.now),
                };
                let key = notice.key.clone();
                if ours && self.publish(turn, notice).await {
                    turn.world.mark(&key).await;
                }
            }
        }
    }

    async fn publish(&mut self, turn: &Turn<'_, impl World>, notice: Notice) -> bool {
        match turn.world.publish(&notice).await {
            Ok(()) => self.said.push(notice),
            Err(fault) => {
                self.undone.push(fault);
                return false;
            }
        }
        true
    }

    /// Leaves a sign of life; answers with what kept it from being written.
    async fn beat(&mut self, turn: &Turn<'_, impl World>, duties: Option<usize>) -> Option<Fault> {
        let policy = turn.policy.hash.clone();
        let record = Record::Heartbeat { at: turn.now, policy, duties };
        let outcome = turn.world.act(&Action::Record(record)).await;
        let fault = outcome.fault().cloned();
        self.undone.extend(fault.clone());
        fault
    }
}

fn is_underway(standing: &BTreeMap<AssetId, Standing>, asset: &AssetId) -> bool {
    standing.get(asset).is_some_and(|standing| standing.underway > 0)
}

/// What is decided instead of an action whose name turned out to be held.
fn next<W>(turn: &Turn<'_, W>, view: &AssetSeen, before: &Action) -> Option<Action> {
    let (id, ..) = names_of(before)?;
    let asset = turn.policy.asset(&id)?;
    let steps = decide::decide(turn.policy, asset, view, turn.by, turn.now);
    steps.into_iter().find_map(|(_, step)| match step {
        Step::Do(next) if same_thing(&next, before) => Some(next),
        _ => None,
    })
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
        Action::CopyPoint(PointCopy { asset, point, .. }) => {
            Some((asset.clone(), PointName::new(point), PointName::new(point)))
        }
        Action::Canary(_)
        | Action::Repair(_)
        | Action::Delete(_)
        | Action::Record(_)
        | Action::Ping(_) => None,
    }
}

fn same_thing(next: &Action, before: &Action) -> bool {
    match (next, before) {
        (Action::Copy(next), Action::Copy(before)) => next.source == before.source,
        (Action::Take(_), Action::Take(_)) => true,
        _ => false,
    }
}
