//! Nights played by a script: what happens to each event, which copies die, which calls are
//! refused, where rounds are killed. Tests generate scripts; the end must not depend on events.

mod promises;

use crate::account::Account;
use crate::rds::Words;
use crate::script::{ApiError, Scripted};
use crate::sim::{Kill, Sim};
use domain::day::TICK;
use domain::episode::EpisodeKey;
use domain::event;
use domain::id::Family;
use domain::journal::Journal;
use domain::policy::Policy;
use domain::seen::{Scope, State};
use domain::tags::StartedBy;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;

pub use promises::{Promises, settle};

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// What happens to each event in turn; those beyond the list arrive at once.
    pub fates: Vec<Fate>,
    /// How many of the first copies die.
    pub dies: u32,
    /// How many of the first copy requests are throttled.
    pub throttled: u32,
    /// Whether RDS skips the first night.
    pub skipped: bool,
    /// Where the checks are killed, tick by tick; those beyond the list live.
    pub kills: Vec<Option<Kill>>,
    /// Calls that fail for a while.
    pub troubles: Vec<Trouble>,
    /// The ticks in which no function runs, and no event is delivered.
    pub outage: Range<usize>,
    /// How many copies dr takes at once, of instances and of clusters each.
    pub places: Option<usize>,
    /// How many manual points a person takes of each asset before the first night.
    pub by_hand: u32,
    /// Whether clusters are not encrypted.
    pub plain: bool,
}

/// The next so many calls of an operation fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The IAM action.
    pub op: String,
    /// In dr, or in home.
    pub in_dr: bool,
    /// How many calls.
    pub times: u32,
    /// The code; none = no answer.
    pub code: Option<String>,
}

/// What happens to one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives at once.
    Now,
    /// It never arrives.
    Lost,
    /// It arrives twice.
    Twice,
    /// It arrives so many minutes late, and so behind others.
    Late(u16),
}

/// What a campaign came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What stands in dr: source and state.
    pub copies: BTreeSet<(String, String)>,
    /// Duties of days that were told broken.
    pub broken: BTreeSet<EpisodeKey>,
}

/// Plays a span from `from`, a check every quarter, and returns the world for a closer look.
pub fn play(policy: &Policy, from: Timestamp, span: SignedDuration, script: &Script) -> Sim {
    let mut account = Account::of(policy, from);
    prepare(&mut account, policy, script, from);
    let sim = Sim::new(account, policy.clone());
    let mut queue: Vec<(Timestamp, Value)> = Vec::new();
    let mut fates = script.fates.iter().copied();
    let mut kills = script.kills.iter().copied();
    let end = from + span;
    let ticks = (1..).map(|n| from + TICK * n).take_while(|tick| *tick <= end);
    for (n, tick) in ticks.enumerate() {
        let out = script.outage.contains(&n);
        run_to(&sim, tick, &mut queue, &mut || match out {
            true => Fate::Lost,
            false => fates.next().unwrap_or(Fate::Now),
        });
        let kill = kills.next().flatten();
        if policy.looks_at(tick) && !out {
            sim.play(Scope::Fleet, StartedBy::Check, kill);
        }
    }
    sim
}

/// What stands and what was told, for comparing two campaigns.
pub fn ending(sim: &Sim) -> Ending {
    let account = sim.account.borrow();
    let dr = &sim.policy().dr;
    let in_dr = account.snapshots.iter().filter(|((region, ..), _)| region == dr);
    let copies = in_dr.filter_map(|(_, snapshot)| {
        let source = snapshot.point.source.clone()?;
        (snapshot.point.state == State::Available).then(|| (source, "available".to_owned()))
    });
    Ending { copies: copies.collect(), broken: broken(&account) }
}

/// Every day's duty that was ever told broken.
fn broken(account: &Account) -> BTreeSet<EpisodeKey> {
    let said = account.objects.keys().filter(|(_, key)| key.ends_with("/said.json"));
    let keys = said.filter_map(|(_, key)| {
        let parts: Vec<&str> = key.split('/').collect();
        let [_, asset, kind, subject, ..] = parts.as_slice() else { return None };
        EpisodeKey::parse(asset, kind, subject)
    });
    keys.filter(|key| !key.kind.is_news()).collect()
}

/// The journal as it stands.
pub fn journal(sim: &Sim) -> Journal {
    let account = sim.account.borrow();
    let objects = account.objects.iter();
    Journal::from_keys(objects.map(|((_, key), object)| (key.as_str(), object.modified)))
}

fn prepare(account: &mut Account, policy: &Policy, script: &Script, from: Timestamp) {
    furnish(account, policy, script, from);
    for family in [Family::Instance, Family::Cluster] {
        let copy = Words::of(family).copy;
        let throttled = Scripted::Refuse(ApiError::new(400, "Throttling", "Rate exceeded"));
        account.script(copy, None, "", script.throttled, throttled);
        account.script(copy, None, "", script.dies, Scripted::CopyDies);
    }
    for Trouble { op, in_dr, times, code } in &script.troubles {
        let region = if *in_dr { &policy.dr } else { &policy.home };
        let fault = match code {
            Some(code) => Scripted::Refuse(ApiError::new(400, code, "in AWS's words")),
            None => Scripted::Silence,
        };
        account.script(op, Some(region), "", *times, fault);
    }
}

/// What the account is like, before anything is refused in it.
fn furnish(account: &mut Account, policy: &Policy, script: &Script, from: Timestamp) {
    if let Some(places) = script.places {
        (account.in_flight_limit, account.cluster_in_flight_limit) = (places, places);
    }
    let first = from.to_zoned(jiff::tz::TimeZone::UTC).date();
    for db in account.databases.values_mut() {
        if script.plain && db.shown.family == Family::Cluster {
            (db.shown.encrypted, db.shown.key) = (Some(false), None);
        }
        if script.skipped {
            db.skips.insert(first);
        }
    }
    take_by_hand(account, policy, script.by_hand);
}

/// Release points, all at once.
fn take_by_hand(account: &mut Account, policy: &Policy, count: u32) {
    for (asset, n) in policy.assets.iter().flat_map(|asset| (0..count).map(move |n| (asset, n))) {
        let Some(family) = asset.family() else { continue };
        let id = asset.id.as_str();
        let tags = [("Purpose".to_owned(), "PreRelease".to_owned())].into();
        let name = format!("{id}-by-hand-{n}");
        let taken = account.create_snapshot(&policy.home, family, id, &name, tags);
        taken.expect("a database that is available, and a name that is free");
    }
}

/// Moves the world to a tick, delivering events as their fates say.
fn run_to(
    sim: &Sim,
    tick: Timestamp,
    queue: &mut Vec<(Timestamp, Value)>,
    fate: &mut impl FnMut() -> Fate,
) {
    loop {
        let next = queue.iter().map(|(at, _)| *at).min().filter(|at| *at <= tick).unwrap_or(tick);
        let changed = sim.account.borrow_mut().step(next);
        let raised = std::mem::take(&mut sim.account.borrow_mut().events);
        let now = sim.account.borrow().now;
        for event in raised {
            queue.extend(arrivals(now, fate()).into_iter().map(|at| (at, event.clone())));
        }
        queue.sort_by_key(|(at, _)| *at);
        while queue.first().is_some_and(|(at, _)| *at <= now) {
            let (_, event) = queue.remove(0);
            deliver(sim, &event);
        }
        if !changed && now >= tick {
            return;
        }
    }
}

fn arrivals(now: Timestamp, fate: Fate) -> Vec<Timestamp> {
    match fate {
        Fate::Now => vec![now],
        Fate::Lost => Vec::new(),
        Fate::Twice => vec![now, now],
        Fate::Late(minutes) => vec![now + SignedDuration::from_mins(minutes.into())],
    }
}

/// Hands one event to a round, as the react function does.
pub fn deliver(sim: &Sim, event: &Value) {
    let text = |field: &str| event.get(field).and_then(Value::as_str).unwrap_or_default();
    let detail = event.get("detail").unwrap_or(&Value::Null);
    let region = Some(text("region"));
    let resources = resources(event);
    let parsed = event::parse(text("source"), text("detail-type"), region, &resources, detail);
    let scope = parsed.expect("the model raises well-formed events").scope(sim.policy());
    if let Ok(scope) = scope {
        sim.play(scope, StartedBy::Event, None);
    }
}

/// The ARNs that an event is about.
fn resources(event: &Value) -> Vec<String> {
    let all = event.get("resources").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}
