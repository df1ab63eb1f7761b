//! The tables of `docs/benchmarks.md`.

use super::cold::{ASSETS, Cost, Pair};
use super::facts::{Facts, Zips};
use super::figures::{Spread, short};
use super::fleet::{EVENT, Fleet, Round};
use super::goals;
use super::theatre::{Calls, Language};
use std::path::Path;

/// What is written lies between these; the rest of the page is a person's.
const BEGIN: &str = "<!-- bench: begin -->";
const END: &str = "<!-- bench: end -->";

/// Everything measured, as Markdown.
pub(super) fn markdown(facts: &Facts, runs: usize, pairs: &[Pair], fleets: &[Fleet]) -> String {
    let machine = facts.machine.iter().map(|(name, value)| format!("| {name} | {value} |"));
    let mut lines = vec![format!("Run of {}; {runs} processes of each function.", facts.date)];
    lines.extend(["".to_owned(), "| | |".to_owned(), "|---|---|".to_owned()]);
    lines.extend(machine);
    lines.extend(goals::table(facts, pairs, fleets));
    for pair in pairs {
        lines.extend(of_pair(pair, facts));
    }
    lines.push(format!("\nZips of Rust: {}.", facts.zips_from));
    lines.extend(of_fleets(fleets));
    lines.extend(of_calls(fleets));
    lines.join("\n")
}

/// Puts it between the page's markers.
///
/// # Errors
/// The page or its markers are missing.
pub(super) fn write(page: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("`{}`: {error}", page.display());
    let before = std::fs::read_to_string(page).map_err(failed)?;
    let parts =
        before.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let (head, tail) =
        parts.ok_or_else(|| format!("`{}` has no `{BEGIN}` .. `{END}`", page.display()))?;
    std::fs::write(page, format!("{head}{BEGIN}\n{text}\n{END}{tail}")).map_err(failed)
}

fn of_pair(pair: &Pair, facts: &Facts) -> Vec<String> {
    let Pair { part, rust, python, calls } = pair;
    let count: usize = calls.values().sum();
    let row = |name: &str, of: fn(&Cost) -> Spread| {
        let (ours, theirs) = (of(rust), of(python));
        format!("| {name} | {ours} | {theirs} | {} |", ratio(ours.median, theirs.median))
    };
    let mut lines = vec![
        format!("\n### {part}, {ASSETS} assets, {count} calls\n"),
        "| median [p10 - p90] | Rust | Python | Python / Rust |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    lines.extend(facts.zips.get(&part.to_string()).map(|zips| of_zips(*zips)));
    lines.extend([
        row("init, ms", |cost| cost.init),
        row("CPU of init, ms", |cost| cost.init_cpu),
        row("first call, ms", |cost| cost.first),
        row("warm call, ms", |cost| cost.warm),
        row("CPU of a warm call, ms", |cost| cost.warm_cpu),
        row("peak RSS, MiB", |cost| cost.peak),
    ]);
    lines
}

fn of_zips(zips: Zips) -> String {
    let megabytes = |bytes: u64| short(bytes as f64 / 1e6);
    let (rust, python, alone) = (zips.rust as f64, zips.python as f64, zips.python_alone);
    format!(
        "| zip, MB | {} | {} with boto3, {:.4} without | {} |",
        megabytes(zips.rust),
        megabytes(zips.python),
        alone as f64 / 1e6,
        ratio(rust, python)
    )
}

fn of_fleets(fleets: &[Fleet]) -> Vec<String> {
    let mut lines = vec![
        "\n### Fleets\n".to_owned(),
        "| assets | round | language | AWS calls | seconds | CPU seconds | init, ms | peak RSS, MiB |"
            .to_owned(),
        "|---:|---|---|---:|---:|---:|---:|---:|".to_owned(),
    ];
    for fleet in fleets {
        lines.extend(fleet.rounds.iter().map(|round| of_round(fleet.assets, round)));
    }
    lines
}

fn of_round(assets: usize, round: &Round) -> String {
    let Round { what, language, init, wall, cpu, peak, calls } = round;
    format!(
        "| {assets} | {what} | {language} | {} | {} | {} | {} | {} |",
        calls.values().sum::<usize>(),
        short(wall.as_secs_f64()),
        short(cpu.as_secs_f64()),
        short(init.as_secs_f64() * 1000.0),
        short(*peak)
    )
}

/// A row per operation and Region, a column per fleet; both languages make the same calls.
fn of_calls(fleets: &[Fleet]) -> Vec<String> {
    let sizes: Vec<String> = fleets.iter().map(|fleet| fleet.assets.to_string()).collect();
    let head = format!("| round | call | {} |", sizes.join(" | "));
    let rule = format!("|---|---|{}", "---:|".repeat(fleets.len()));
    let mut lines = vec!["\n### Calls by operation\n".to_owned(), head, rule];
    let rounds = fleets.last().map_or(&[][..], |fleet| &fleet.rounds);
    for round in rounds.iter().filter(|round| round.language == Language::Rust) {
        let of_size: Vec<&Calls> =
            fleets.iter().filter_map(|fleet| calls_of(fleet, round.what)).collect();
        lines.extend(round.calls.keys().map(|op| {
            let counts = of_size.iter().map(|calls| calls.get(op).unwrap_or(&0).to_string());
            format!("| {} | {op} | {} |", round.what, counts.collect::<Vec<_>>().join(" | "))
        }));
    }
    lines
}

fn calls_of<'f>(fleet: &'f Fleet, what: &str) -> Option<&'f Calls> {
    let of_rust = fleet.rounds.iter().find(|r| r.what == what && r.language == Language::Rust);
    of_rust.map(|round| &round.calls)
}

/// Whether one event costs as many calls in every fleet.
pub(super) fn event_is_constant(fleets: &[Fleet]) -> bool {
    let all: Vec<&Calls> = fleets.iter().filter_map(|fleet| calls_of(fleet, EVENT)).collect();
    all.windows(2).all(|two| two[0] == two[1])
}

fn ratio(ours: f64, theirs: f64) -> String {
    format!("{} x", short(theirs / ours))
}
