//! Sweep's round: observe, plan, write the plan down, carry it out, tell.

use super::{Round, Turn};
use crate::day;
use crate::duty::Tried;
use crate::fault::{Fault, FaultKind};
use crate::policy::Policy;
use crate::seen::Scope;
use crate::step::{Action, Delete, Outcome};
use crate::sweep::{self, NoSuchStop, Plan};
use crate::tags::StartedBy;
use crate::tell;
use crate::world::World;
use jiff::{Timestamp, ToSpan};

/// Plays it, with a person's yes to one stopped deletion. Dropping it at any point is safe: each
/// deletion is right by itself, and the next run plans what is left.
///
/// # Errors
/// When nothing was stopped under the approved number; then nothing is deleted.
pub async fn sweep(
    world: &impl World,
    policy: &Policy,
    approved: Option<&str>,
    now: Timestamp,
) -> Result<Round, NoSuchStop> {
    let turn = Turn { world, policy, by: StartedBy::Check, now };
    let mut round = Round::default();
    let seen = world.observe(&Scope::Stock).await;
    let Some(stock) = &seen.stock else { return Ok(round) };
    let plan = sweep::plan(policy, stock, now).approved(approved)?;
    round.undone.extend(plan.unread.clone());
    // Nothing would be told for it, and nobody else says that this function cannot read it.
    round.undone.extend(seen.journal.fault().cloned());
    round.carry_out(&turn, &plan, approved).await;
    let judgement = sweep::judge(&plan, &round.tried, now);
    for say in tell::tell(policy, &seen, &judgement, Some(yesterday(policy, now)), now) {
        round.say(&turn, say).await;
    }
    round.findings = judgement.findings;
    Ok(round)
}

/// A sweep looks once a day: what may pass is told when two of them in a row have met it.
fn yesterday(policy: &Policy, now: Timestamp) -> Timestamp {
    let tick = day::tick(now).to_zoned(policy.zone.clone());
    tick.checked_sub(1.day()).map_or(day::tick(now), |before| before.timestamp())
}

impl Round {
    /// A plan that could not be written down first is not carried out.
    async fn carry_out(
        &mut self,
        turn: &Turn<'_, impl World>,
        plan: &Plan,
        approved: Option<&str>,
    ) {
        let deletions = plan.deletions();
        let record = Action::Record(sweep::plan_record(turn.policy, plan, approved, turn.now));
        if let Some(fault) = turn.world.act(&record).await.fault() {
            return self.undone.push(fault.clone());
        }
        let mut late: Option<Fault> = None;
        for delete in deletions {
            let outcome = match &late {
                Some(fault) => Outcome::refused(fault.clone()),
                None => turn.world.act(&Action::Delete(delete.clone())).await,
            };
            late = late.or_else(|| outcome.fault().filter(|f| f.kind == FaultKind::Late).cloned());
            self.tried.push(tried(delete, outcome));
        }
        if !self.tried.is_empty() {
            let record = Action::Record(sweep::done_record(plan, &self.tried, turn.now));
            self.undone.extend(turn.world.act(&record).await.fault().cloned());
        }
    }
}

fn tried(delete: &Delete, outcome: Outcome) -> Tried {
    Tried { asset: delete.asset.clone(), point: delete.name.clone(), outcome }
}
