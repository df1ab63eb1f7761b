//! What a round writes down for people and auditors: each fact once.

use crate::day;
use crate::decide::{Standing, kind_of, number_of, standing};
use crate::duty::{Duty, Tried};
use crate::episode::Subject;
use crate::id::{AssetId, ManualPoint, PointName};
use crate::journal::{FactKey, FactKind, Journal};
use crate::judge::Judgement;
use crate::names;
use crate::policy::{Asset, Policy};
use crate::record::{About, Record};
use crate::seen::{Point, Read, Seen, State};
use crate::step::{Action, Copy, Outcome, PointCopy, Step};
use crate::tags::{self, Kind};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The facts that the journal does not have yet. With the journal unreadable nothing is written:
/// the next round that can read it writes them.
pub fn facts(
    policy: &Policy,
    seen: &Seen,
    steps: &[(AssetId, PointName, Step)],
    tried: &[Tried],
    judgement: &Judgement,
    at: Timestamp,
) -> Vec<Record> {
    let Read::Known(journal) = &seen.journal else { return Vec::new() };
    let met = judgement.duties.iter().filter_map(|duty| fact_of_duty(policy, duty));
    let requested = requests(steps, tried).filter_map(|action| match action {
        Action::Copy(copy) => Some(fact_of_request(policy, copy)),
        Action::CopyPoint(copy) => Some(fact_of_point(policy, copy)),
        _ => None,
    });
    let dead = seen.assets.iter().filter_map(|(id, view)| {
        let asset = policy.asset(id)?;
        let (points, copies) = (view.points.known()?, view.copies.known()?);
        // Older days are not listed, so what was written of them is not known.
        let judged = policy.days(asset, at);
        let listed = move |point: &&Point| {
            point.created.is_some_and(|at| judged.contains(&day::of(at, &policy.zone)))
        };
        let points = points.iter().filter(listed);
        Some(points.flat_map(|point| dead_copies(policy, asset, point, copies)))
    });
    let all = met.chain(requested).chain(dead.flatten());
    let facts = unwritten(journal, all).map(|(fact, about)| Record::Fact { fact, at, about });
    let looked_at = seen.assets.keys().chain(seen.backed.keys()).chain(seen.hosts.keys());
    let new = looked_at.filter(|asset| journal.since(asset).is_none());
    let joined = new.map(|asset| Record::Joined { asset: asset.clone(), at });
    facts.chain(joined).collect()
}

fn unwritten<'j>(
    journal: &'j Journal,
    facts: impl Iterator<Item = (FactKey, About)> + 'j,
) -> impl Iterator<Item = (FactKey, About)> + 'j {
    facts.filter(|(fact, _)| !journal.has(fact))
}

fn fact_of_duty(policy: &Policy, duty: &Duty) -> Option<(FactKey, About)> {
    let met = duty.met()?;
    let (day, point) = match &duty.subject {
        Subject::Day(day) => (*day, None),
        Subject::Manual(point) => (day::of(met.created, &policy.zone), Some(point.clone())),
        _ => return None,
    };
    let fact = FactKey { day, asset: duty.asset.clone(), point, kind: duty.fact() };
    Some((fact, About::Seen(met.clone())))
}

/// What this round requested with success.
fn requests<'r>(
    steps: &'r [(AssetId, PointName, Step)],
    tried: &'r [Tried],
) -> impl Iterator<Item = &'r Action> {
    let done = tried.iter().filter(|tried| tried.outcome == Outcome::Done);
    let done: BTreeSet<_> = done.map(|tried| (&tried.asset, &tried.point)).collect();
    steps.iter().filter_map(move |(asset, point, step)| match step {
        Step::Do(action) if done.contains(&(asset, point)) => Some(action),
        _ => None,
    })
}

/// The request of a copy from vault to vault, under the point's name in the journal.
fn fact_of_point(policy: &Policy, copy: &PointCopy) -> (FactKey, About) {
    let fact = FactKey {
        day: day::of(copy.created, &policy.zone),
        asset: copy.asset.clone(),
        point: Some(ManualPoint::new(names::of_arn(&copy.point), Some(copy.created))),
        kind: FactKind::Requested(1),
    };
    let (source, target) = (copy.point.clone(), copy.into.clone());
    (fact, About::Requested { source, target, key: None, by: copy.by.word().to_owned() })
}

fn fact_of_request(policy: &Policy, copy: &Copy) -> (FactKey, About) {
    let daily = copy.tags.get(tags::KIND).is_some_and(|kind| kind == Kind::Daily.word());
    let by = copy.tags.get(tags::STARTED_BY).cloned().unwrap_or_default();
    let fact = FactKey {
        day: day::of(copy.created, &policy.zone),
        asset: copy.asset.clone(),
        point: (!daily).then(|| ManualPoint::new(copy.point.clone(), Some(copy.created))),
        kind: FactKind::Requested(copy.attempt),
    };
    let (source, target, key) = (copy.source.clone(), copy.target.to_string(), copy.key.clone());
    (fact, About::Requested { source, target, key, by })
}

/// Dead attempts at copying one point.
fn dead_copies(
    policy: &Policy,
    asset: &Asset,
    point: &Point,
    copies: &[Point],
) -> Vec<(FactKey, About)> {
    let (Some(kind), Some(created)) = (kind_of(asset, point), point.created) else {
        return Vec::new();
    };
    let Standing::Absent(tried) = standing(asset, point, copies) else { return Vec::new() };
    let dead = tried.into_iter().filter(|copy| copy.state == State::Failed);
    let manual = || ManualPoint::new(point.name.clone(), Some(created));
    let fact = |copy: &Point| {
        let fact = FactKey {
            day: day::of(created, &policy.zone),
            asset: asset.id.clone(),
            point: (kind == Kind::Manual).then(manual),
            kind: FactKind::Failed(number_of(point, copy)?),
        };
        let (copy, state) = (copy.name.to_string(), copy.state.word().to_owned());
        Some((fact, About::Dead { copy, state }))
    };
    dead.filter_map(fact).collect()
}
