//! Thirty quiet nights before the one that is shown, played on the model by the same rounds: they fill the
//! journal that the report's charts come from.

use super::{FROM, time, words};
use domain::day::TICK;
use domain::policy::Policy;
use domain::seen::Scope;
use domain::tags::StartedBy;
use jiff::{SignedDuration, Timestamp};
use model::campaign::deliver;
use model::{Account, Sim};

/// How many there are.
const NIGHTS: i64 = 30;

/// More copies than AWS allows unasked: five databases, thirty nights.
const QUOTA: usize = 300;

/// The account in the evening of the night that is shown.
pub(super) fn played(policy: &Policy) -> Account {
    let evening = time(FROM);
    let mut now = evening - SignedDuration::from_hours(24 * NIGHTS);
    let mut account = Account::of(policy, now);
    account.manual_quota = QUOTA;
    let sim = Sim::new(account, policy.clone());
    while now + TICK < evening {
        now += TICK;
        pass(&sim, now);
        if policy.looks_at(now) {
            sim.play(Scope::Fleet, StartedBy::Check, None);
        }
    }
    pass(&sim, evening);
    let (reports, notices) = (sim.reports().len(), sim.mails().len());
    let mut account = sim.account.borrow().clone();
    account.outbox.values_mut().for_each(Vec::clear);
    let line = words(
        policy.language,
        "静かな夜 (日次報告、完了の通知)",
        "quiet nights (reports, notices of completion)",
    );
    println!("{line}: {NIGHTS} ({reports}, {notices})");
    account
}

/// Time passes, and each event is looked after at once.
fn pass(sim: &Sim, to: Timestamp) {
    loop {
        let changed = sim.account.borrow_mut().step(to);
        let events = std::mem::take(&mut sim.account.borrow_mut().events);
        events.iter().for_each(|event| deliver(sim, event));
        if !changed {
            return;
        }
    }
}
