//! Whole fleets: the calls, the time and the memory of one event and of one look.

use super::scene::Scene;
use super::theatre::{Act, Calls, LANGUAGES, Language, Theatre};
use std::path::Path;
use std::time::Duration;

/// How large they are.
const SIZES: [usize; 4] = [1, 100, 1_000, 10_000];

/// One fleet.
pub(super) struct Fleet {
    pub(super) assets: usize,
    pub(super) rounds: Vec<Round>,
}

/// One invocation of a fresh process.
pub(super) struct Round {
    pub(super) what: &'static str,
    pub(super) language: Language,
    pub(super) init: Duration,
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    pub(super) peak: f64,
    pub(super) calls: Calls,
}

pub(super) const EVENT: &str = "react: one new point";
pub(super) const FIRST: &str = "check: the first look of all";
pub(super) const QUIET: &str = "check: nothing new";
pub(super) const NIGHT: &str = "check: a new point each";
pub(super) const REPORT: &str = "check: the report of a day";

/// All sizes; both languages make the same calls.
pub(super) async fn measure(theatre: &Theatre, out: &Path) -> Result<Vec<Fleet>, String> {
    let mut fleets = Vec::new();
    for assets in SIZES {
        let mut scene = Scene::of(assets, out)?;
        let mut rounds = vec![first_look(theatre, &mut scene).await?];
        let acts =
            [(EVENT, Scene::event as fn(&_) -> _), (QUIET, Scene::quiet), (NIGHT, Scene::night)];
        for (what, act) in acts {
            rounds.extend(agree(theatre, &scene, what, act).await?);
        }
        // The twin reports nothing.
        rounds.push(play(theatre, &scene, Language::Rust, REPORT, scene.reported()).await?.0);
        rounds.iter().try_for_each(|round| hold(assets, round))?;
        fleets.push(Fleet { assets, rounds });
    }
    Ok(fleets)
}

/// Plays the first look and settles the scene on what it left.
pub(super) async fn first_look(theatre: &Theatre, scene: &mut Scene) -> Result<Round, String> {
    let (round, account) = play(theatre, scene, Language::Rust, FIRST, scene.first()).await?;
    scene.settle(account);
    Ok(round)
}

/// Plays the same in both languages.
///
/// # Errors
/// Their calls differ.
pub(super) async fn agree(
    theatre: &Theatre,
    scene: &Scene,
    what: &'static str,
    act: fn(&Scene) -> Act,
) -> Result<Vec<Round>, String> {
    let mut rounds: Vec<Round> = Vec::new();
    for language in LANGUAGES {
        let (round, _) = play(theatre, scene, language, what, act(scene)).await?;
        if let Some(first) = rounds.first() {
            differ(what, &first.calls, &round.calls)?;
        }
        rounds.push(round);
    }
    Ok(rounds)
}

/// # Errors
/// These calls are not those.
pub(super) fn differ(what: &str, expected: &Calls, made: &Calls) -> Result<(), String> {
    match expected == made {
        true => Ok(()),
        false => Err(format!("{what}: the calls differ:\n{expected:#?}\n{made:#?}")),
    }
}

async fn play(
    theatre: &Theatre,
    scene: &Scene,
    language: Language,
    what: &'static str,
    act: Act,
) -> Result<(Round, model::Account), String> {
    let actor = theatre.start(language, act.part, scene).await?;
    let played =
        actor.play(act).await.map_err(|problem| format!("{what}, {language}: {problem}"))?;
    let (wall, cpu, calls) = (played.wall, played.cpu, played.calls);
    let (init, peak) = (actor.init, actor.leave().await?);
    let assets = scene.policy.assets.len();
    eprintln!(
        "bench: {assets} assets, {what}, {language}: {:.2} s, {:.2} s CPU, {peak:.0} MiB, {} calls",
        wall.as_secs_f64(),
        cpu.as_secs_f64(),
        calls.values().sum::<usize>()
    );
    Ok((Round { what, language, init, wall, cpu, peak, calls }, played.account))
}

/// A new point costs one copy and two facts, however many assets there are.
fn hold(assets: usize, round: &Round) -> Result<(), String> {
    let of = |op: &str| round.calls.get(op).copied().unwrap_or(0);
    let (copies, writes) = (of("rds:CopyDBSnapshot us-west-2"), of("s3:PutObject us-west-2"));
    let expected = match round.what {
        EVENT => (1, 2),
        NIGHT => (assets, 2 * assets + 1),
        QUIET => (0, 1),
        // The sign of life; claim and mark of the complete night and of the report; record and page.
        REPORT => (0, 7),
        _ => return Ok(()),
    };
    match (copies, writes) == expected {
        true => Ok(()),
        false => Err(format!(
            "{}, {assets} assets: {copies} copies and {writes} writes, not {expected:?}",
            round.what
        )),
    }
}
