//! The goals, and how far each was met. A goal that is missed is told, and fails nothing.

use super::cold::Pair;
use super::facts::Facts;
use super::figures::{Spread, short};
use super::fleet::{Fleet, REPORT, Round};
use super::report::event_is_constant;
use super::theatre::Language;

struct Goal {
    what: &'static str,
    wanted: &'static str,
    measured: String,
    met: bool,
}

/// A row per goal.
pub(super) fn table(facts: &Facts, pairs: &[Pair], fleets: &[Fleet]) -> Vec<String> {
    let mut lines = vec![
        "\n### Goals\n".to_owned(),
        "| goal | wanted | measured | met |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    lines.extend(all(facts, pairs, fleets).into_iter().map(|goal| {
        let met = if goal.met { "yes" } else { "**no**" };
        format!("| {} | {} | {} | {met} |", goal.what, goal.wanted, goal.measured)
    }));
    lines
}

fn all(facts: &Facts, pairs: &[Pair], fleets: &[Fleet]) -> Vec<Goal> {
    let init = times(pairs, |pair| (pair.rust.init, pair.python.init));
    let rss = times(pairs, |pair| (pair.rust.peak, pair.python.peak));
    let cpu = times(pairs, |pair| (pair.rust.warm_cpu, pair.python.warm_cpu));
    let zip = facts.zips.values().map(|zips| zips.rust as f64 / 1e6).fold(0.0, f64::max);
    let largest = fleets.last();
    let seconds = worst(largest, |round| (round.init + round.wall).as_secs_f64());
    let memory = worst(largest, |round| round.peak);
    let same = event_is_constant(fleets);
    let report = largest.and_then(|fleet| fleet.rounds.iter().find(|round| round.what == REPORT));
    let of_report = |of: fn(&Round) -> f64| report.map_or(f64::INFINITY, of);
    let report_seconds = of_report(|round| (round.init + round.wall).as_secs_f64());
    let report_memory = of_report(|round| round.peak);
    vec![
        goal("init", ">= 30 x faster than Python", each(&init, "x"), least(&init) >= 30.0),
        goal("peak RSS", "<= 1/5 of Python's", parts(&rss), least(&rss) >= 5.0),
        goal("CPU of a warm call", "<= 1/4 of Python's", parts(&cpu), least(&cpu) >= 4.0),
        goal("zip", "<= 4 MB", format!("{} MB", short(zip)), zip <= 4.0),
        goal("10,000 instances, time", "<= 60 s", format!("{} s", short(seconds)), seconds <= 60.0),
        goal(
            "10,000 instances, memory",
            "<= 128 MiB",
            format!("{} MiB", short(memory)),
            memory <= 128.0,
        ),
        goal(
            "report of 10,000 instances, time",
            "<= 60 s",
            format!("{} s", short(report_seconds)),
            report_seconds <= 60.0,
        ),
        goal(
            "report of 10,000 instances, memory",
            "<= 128 MiB",
            format!("{} MiB", short(report_memory)),
            report_memory <= 128.0,
        ),
        goal(
            "calls per point",
            "constant",
            if same { "constant" } else { "they grow" }.to_owned(),
            same,
        ),
    ]
}

fn goal(what: &'static str, wanted: &'static str, measured: String, met: bool) -> Goal {
    Goal { what, wanted, measured, met }
}

/// How many times Rust's median goes into Python's, by function.
fn times(pairs: &[Pair], of: fn(&Pair) -> (Spread, Spread)) -> Vec<(String, f64)> {
    let ratio = |(rust, python): (Spread, Spread)| python.median / rust.median;
    pairs.iter().map(|pair| (pair.part.to_string(), ratio(of(pair)))).collect()
}

fn least(ratios: &[(String, f64)]) -> f64 {
    ratios.iter().map(|(_, ratio)| *ratio).fold(f64::INFINITY, f64::min)
}

fn each(ratios: &[(String, f64)], unit: &str) -> String {
    let all = ratios.iter().map(|(part, ratio)| format!("{part} {} {unit}", short(*ratio)));
    all.collect::<Vec<_>>().join(", ")
}

fn parts(ratios: &[(String, f64)]) -> String {
    let all = ratios.iter().map(|(part, ratio)| format!("{part} 1/{}", short(*ratio)));
    all.collect::<Vec<_>>().join(", ")
}

/// The most that any round of our own took in a fleet.
fn worst(fleet: Option<&Fleet>, of: fn(&Round) -> f64) -> f64 {
    let rounds = fleet.map_or(&[][..], |fleet| &fleet.rounds).iter();
    rounds.filter(|round| round.language == Language::Rust).map(of).fold(0.0, f64::max)
}
