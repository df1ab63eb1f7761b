//! One function after the other, from its start: init, the first call, many warm ones.

use super::figures::{Spread, milliseconds};
use super::fleet::{agree, differ};
use super::scene::Scene;
use super::theatre::{Act, Calls, LANGUAGES, Language, Part, Theatre};
use std::time::Duration;

/// A company's fleet.
pub(super) const ASSETS: usize = 20;
/// Warm calls of one process, after as many that nobody counts as it takes to be warm.
const WARM: usize = 40;
const WARMING: usize = 5;

/// One function in both languages.
pub(super) struct Pair {
    pub(super) part: Part,
    pub(super) calls: Calls,
    pub(super) rust: Cost,
    pub(super) python: Cost,
}

/// What it costs, in milliseconds and MiB, over all runs.
pub(super) struct Cost {
    pub(super) init: Spread,
    pub(super) init_cpu: Spread,
    pub(super) first: Spread,
    pub(super) warm: Spread,
    pub(super) warm_cpu: Spread,
    pub(super) peak: Spread,
}

/// One process.
#[derive(Clone, Copy)]
struct Run {
    init: f64,
    init_cpu: f64,
    first: f64,
    warm: f64,
    warm_cpu: f64,
    peak: f64,
}

/// Both functions; and that both languages make the same calls on every scene.
pub(super) async fn measure(
    theatre: &Theatre,
    scene: &Scene,
    runs: usize,
) -> Result<Vec<Pair>, String> {
    for (what, act) in [("a night", Scene::night as fn(&_) -> _), ("a broken night", Scene::broken)]
    {
        agree(theatre, scene, what, act).await?;
    }
    let react = pair(theatre, scene, Scene::event, runs).await?;
    let check = pair(theatre, scene, Scene::quiet, runs).await?;
    Ok(vec![react, check])
}

/// The languages take turns, so that both see the same machine. The first turn does not count: it
/// fills the caches of files and of Python's bytecode.
async fn pair(
    theatre: &Theatre,
    scene: &Scene,
    act: fn(&Scene) -> Act,
    runs: usize,
) -> Result<Pair, String> {
    let part = act(scene).part;
    let (mut rust, mut python, mut calls) = (Vec::new(), Vec::new(), Calls::new());
    for turn in 0..=runs {
        for language in LANGUAGES {
            let (run, made) = one(theatre, scene, language, act).await?;
            if turn == 0 && language == Language::Rust {
                calls = made.clone();
            }
            differ(&part.to_string(), &calls, &made)?;
            let all = if language == Language::Rust { &mut rust } else { &mut python };
            all.extend((turn > 0).then_some(run));
        }
        eprintln!("bench: {part} {turn}/{runs}");
    }
    Ok(Pair { part, calls, rust: Cost::of(&rust), python: Cost::of(&python) })
}

async fn one(
    theatre: &Theatre,
    scene: &Scene,
    language: Language,
    act: fn(&Scene) -> Act,
) -> Result<(Run, Calls), String> {
    let actor = theatre.start(language, act(scene).part, scene).await?;
    let first = actor.play(act(scene)).await?;
    let (mut walls, mut cpu) = (Vec::new(), Duration::ZERO);
    for call in 0..WARMING + WARM {
        let played = actor.play(act(scene)).await?;
        differ("a warm call", &first.calls, &played.calls)?;
        if call >= WARMING {
            walls.push(milliseconds(played.wall));
            cpu += played.cpu;
        }
    }
    let run = Run {
        init: milliseconds(actor.init),
        init_cpu: milliseconds(actor.init_cpu),
        first: milliseconds(first.wall),
        warm: Spread::of(walls).median,
        warm_cpu: milliseconds(cpu) / WARM as f64,
        peak: actor.leave().await?,
    };
    Ok((run, first.calls))
}

impl Cost {
    fn of(runs: &[Run]) -> Self {
        let spread = |figure: fn(&Run) -> f64| Spread::of(runs.iter().map(figure).collect());
        Self {
            init: spread(|run| run.init),
            init_cpu: spread(|run| run.init_cpu),
            first: spread(|run| run.first),
            warm: spread(|run| run.warm),
            warm_cpu: spread(|run| run.warm_cpu),
            peak: spread(|run| run.peak),
        }
    }
}
