//! `make nights N=..`: so many generated scripts of two nights each, every promise asked of each. Prints
//! how fast they went by, what went wrong in them, and the script of each broken promise.

#[path = "../tests/it/generate.rs"]
mod generate;

use generate::{NIGHTS, start, troubled, two_assets};
use model::campaign::{Fate, Promises, Script, play, settle};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

/// Two nights and the day after, in which everything settles.
const NIGHTS_OF_A_SCRIPT: u64 = 3;

fn main() -> ExitCode {
    let words: Result<Vec<u64>, _> = std::env::args().skip(1).map(|word| word.parse()).collect();
    match words.as_deref() {
        Ok([nights, seed]) => campaign(nights.div_ceil(NIGHTS_OF_A_SCRIPT), *seed),
        _ => {
            eprintln!("usage: make nights N=10000 SEED=1");
            ExitCode::from(2)
        }
    }
}

/// Plays them; fails when a promise was broken.
fn campaign(scripts: u64, seed: u64) -> ExitCode {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut wrong, mut broken) = (BTreeMap::new(), 0);
    let began = Instant::now();
    for n in 0..scripts {
        let script = troubled().new_tree(&mut runner).expect("a script").current();
        count(&script, &mut wrong);
        let sim = play(&two_assets(n % 2 == 1), start(), NIGHTS, &script);
        settle(&sim);
        for promise in Promises::of(&sim, &script).broken() {
            broken += 1;
            println!("broken in script {n} of seed {seed}: {promise}\n{script:?}");
        }
    }
    let (nights, took) = (scripts * NIGHTS_OF_A_SCRIPT, began.elapsed().as_secs_f64());
    println!(
        "{nights} nights of an instance and a cluster in {took:.1} s: {:.0} a minute",
        nights as f64 * 60.0 / took
    );
    for (what, times) in wrong {
        println!("{times:>9}  {what}");
    }
    println!("{broken:>9}  promises broken");
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn count(script: &Script, wrong: &mut BTreeMap<String, u64>) {
    let mut add = |what: String, times: u64| *wrong.entry(what).or_insert(0) += times;
    for trouble in &script.troubles {
        let how = trouble.code.as_deref().map_or("not answered", |_| "refused");
        add(format!("calls of {} {how}, at most", trouble.op), trouble.times.into());
    }
    for fate in &script.fates {
        let fate = match fate {
            Fate::Now => continue,
            Fate::Lost => "lost",
            Fate::Twice => "delivered twice",
            Fate::Late(_) => "late",
        };
        add(format!("events {fate}, at most"), 1);
    }
    add("copies that died, at most".to_owned(), script.dies.into());
    add("points taken by hand".to_owned(), 2 * u64::from(script.by_hand));
    add("nights with an unencrypted cluster".to_owned(), 3 * u64::from(script.plain));
    add("backups that RDS skipped".to_owned(), 2 * u64::from(script.skipped));
    add("checks killed, at most".to_owned(), script.kills.iter().flatten().count() as u64);
    add("ticks in which nothing ran, at most".to_owned(), script.outage.len() as u64);
}
