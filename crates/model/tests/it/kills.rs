//! A round killed at every one of its calls, before and after the call's effect: the next rounds
//! finish it, no notice is lost, and none is repeated more than once per interrupted send.

use crate::night::{Drive, at, policy};
use domain::seen::Scope;
use domain::tags::StartedBy;
use jiff::Timestamp;
use model::campaign::{Ending, ending};
use model::{Account, Kill, Scripted, Sim};
use std::collections::BTreeMap;

/// Plays a night up to `moment`, kills the check there, and lets the night go on.
fn killed(prepare: fn(&mut Account), moment: &str, kill: Option<Kill>) -> (Sim, u32) {
    let sim = crate::night::sim_of(policy());
    prepare(&mut sim.account.borrow_mut());
    sim.check_until(moment);
    sim.until(&(at(moment) + domain::day::TICK).to_string());
    sim.play(Scope::Fleet, StartedBy::Check, kill);
    let calls = sim.calls();
    let rest: Timestamp = at("2025-01-15T03:00:00Z");
    sim.check_until(&rest.to_string());
    (sim, calls)
}

fn counts(sim: &Sim) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    // How the night stands in a report depends on what had been done by then.
    let day = |subject: &str| subject.split(": ").nth(1).unwrap_or_default().to_owned();
    let reports = sim.reports().into_iter().map(|mail| day(&mail.subject));
    for subject in sim.subjects().into_iter().chain(reports) {
        *counts.entry(subject).or_insert(0) += 1;
    }
    counts
}

fn check(prepare: fn(&mut Account), moment: &str) {
    let (whole, calls) = killed(prepare, moment, None);
    let (expected, told): (Ending, _) = (ending(&whole), counts(&whole));
    assert!(calls >= 3, "the round that is killed does something: {calls} calls");
    for k in 1..=calls {
        for after_effect in [false, true] {
            let kill = Kill { at: k, after_effect };
            let (sim, _) = killed(prepare, moment, Some(kill));
            assert_eq!(ending(&sim), expected, "{kill:?}");
            let again = counts(&sim);
            assert_eq!(
                again.keys().collect::<Vec<_>>(),
                told.keys().collect::<Vec<_>>(),
                "{kill:?}"
            );
            let repeats: usize = again.iter().map(|(subject, n)| n - told[subject]).sum();
            assert!(repeats <= 1, "{kill:?}: {again:?}");
        }
    }
}

#[test]
fn while_it_starts_the_copy() {
    check(|_| {}, "2025-01-14T18:00:00Z");
}

#[test]
fn while_it_tells_that_the_night_is_complete() {
    check(|_| {}, "2025-01-14T18:15:00Z");
}

#[test]
fn while_it_tells_a_break() {
    let dies = |account: &mut Account| {
        account.script("rds:CopyDBSnapshot", None, "", u32::MAX, Scripted::CopyDies);
    };
    check(dies, "2025-01-14T18:45:00Z");
}

#[test]
fn while_it_tells_a_repair() {
    let dies_and_mends = |account: &mut Account| {
        account.copy_plan.waits = jiff::SignedDuration::from_mins(265);
    };
    check(dies_and_mends, "2025-01-14T22:45:00Z");
}

#[test]
fn while_it_reports_the_day() {
    check(|_| {}, "2025-01-14T22:45:00Z");
}
