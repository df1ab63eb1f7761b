//! The watchdog outside: pinged by a check that could look, record and tell, and by nothing else.

use crate::night::{AUTOMATED, COPY, Drive, ID, asset, at, dr, home, policy_over, sim, sim_of};
use domain::day::TICK;
use domain::id::Region;
use domain::policy::Policy;
use domain::round::beat;
use domain::seen::Scope;
use domain::tags::StartedBy;
use jiff::{SignedDuration, Timestamp};
use model::{ApiError, Kill, Scripted, Sim};
use std::pin::pin;
use std::task::{Context, Waker};

/// What the documents tell to set up outside: a period of an hour, and half an hour's grace.
const PATIENCE: SignedDuration = SignedDuration::from_mins(90);

const MORNING: &str = "2025-01-14T23:00:00Z";

fn watched() -> Policy {
    let watchdog = "[watchdog]\nurl = \"https://hc-ping.com/your-uuid\"\n";
    policy_over("", &format!("{}{watchdog}", asset("rds-instance", ID, "")))
}

/// One check at this time: how many pings it made, and how many problems it left.
fn check_at(sim: &Sim, time: &str) -> (usize, usize) {
    sim.until(time);
    let before = sim.pings().len();
    let round = sim.check();
    (sim.pings().len() - before, round.undone.len())
}

fn refused() -> Scripted {
    Scripted::Refuse(ApiError::new(500, "InternalError", "no"))
}

fn refuse(sim: &Sim, op: &str, region: Option<&Region>) {
    sim.account.borrow_mut().script(op, region, "", u32::MAX, refused());
}

/// Every look pings once: four times an hour by night, hourly by day.
#[test]
fn every_whole_look_pings() {
    let sim = sim_of(watched());
    sim.check_until("2025-01-15T05:00:00Z");
    let night = (0..20).map(|n| at("2025-01-14T18:00:00Z") + TICK * n);
    let day = (0..=6).map(|n| at(MORNING) + TICK * 4 * n);
    assert_eq!(sim.pings(), night.chain(day).collect::<Vec<_>>());
}

#[test]
fn without_a_watchdog_nothing_is_pinged() {
    let sim = sim();
    sim.check_until(MORNING);
    assert!(sim.pings().is_empty());
}

/// It is the last thing: after the sign of life, the notices and the report of the day.
#[test]
fn the_ping_comes_last() {
    let sim = sim_of(watched());
    sim.check_until("2025-01-14T22:45:00Z");
    sim.account.borrow_mut().calls.clear();
    assert_eq!(check_at(&sim, MORNING), (1, 0));
    let account = sim.account.borrow();
    let ops: Vec<&str> = account.calls.iter().map(|call| call.op.as_str()).collect();
    let pings = ops.iter().filter(|op| **op == "watchdog").count();
    assert_eq!((pings, ops.last()), (1, Some(&"watchdog")), "{ops:?}");
    assert_eq!(sim.reports().len(), 1);
}

/// An event's round, a sweep, the report by hand and a mere sign of life say nothing of the whole.
#[test]
fn nothing_else_pings() {
    let sim = sim_of(watched());
    sim.until("2025-01-14T18:11:00Z");
    sim.event(home(), AUTOMATED);
    sim.play(Scope::Fleet, StartedBy::Event, None).expect("not killed");
    sim.sweep(None, None).expect("not killed").expect("no stop");
    sim.report();
    let mut life = pin!(beat(&sim, sim.policy(), at("2025-01-14T18:11:00Z")));
    while life.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
    let beats = sim.account.borrow().objects.keys().any(|(_, key)| key == "heartbeat.json");
    assert!(beats && sim.pings().is_empty(), "{:?}", sim.pings());
}

#[test]
fn a_notice_that_no_topic_took_withholds_the_ping() {
    let sim = sim_of(watched());
    sim.check_until("2025-01-14T18:15:00Z");
    refuse(&sim, "sns:Publish", None);
    let complete = check_at(&sim, "2025-01-14T18:30:00Z");
    assert_eq!(complete, (0, 1), "the night is, and nobody is told");
    sim.account.borrow_mut().unscript_all();
    assert_eq!(check_at(&sim, "2025-01-14T18:45:00Z"), (1, 0));
}

/// A report that could not be sent is undone, too.
#[test]
fn an_unsent_report_withholds_the_ping() {
    let sim = sim_of(watched());
    sim.check_until("2025-01-14T22:45:00Z");
    refuse(&sim, "sns:Publish", None);
    assert_eq!(check_at(&sim, MORNING), (0, 1));
}

#[test]
fn a_journal_that_is_down_withholds_the_ping() {
    for op in ["s3:ListBucket", "s3:PutObject"] {
        let sim = sim_of(watched());
        assert_eq!(check_at(&sim, "2025-01-14T18:00:00Z"), (1, 0));
        refuse(&sim, op, Some(&dr()));
        assert_eq!(check_at(&sim, "2025-01-14T18:15:00Z").0, 0, "{op}");
        sim.account.borrow_mut().unscript_all();
        assert_eq!(check_at(&sim, "2025-01-14T18:30:00Z").0, 1, "{op}");
    }
}

/// From the morning on which nobody listens until the morning on which somebody does.
#[test]
fn while_nobody_listens_no_look_pings() {
    for region in [home(), dr()] {
        let sim = sim_of(watched());
        let topic = sim.account.borrow().topic(&region);
        let listen = |confirmed| {
            let listeners = &mut sim.account.borrow_mut().listeners;
            listeners.insert(topic.clone(), (confirmed, 0));
        };
        listen(0);
        sim.check_until("2025-01-14T22:45:00Z");
        let pinged = sim.pings().len();
        sim.check_until("2025-01-15T22:45:00Z");
        assert_eq!(sim.pings().len(), pinged, "{region}: found at 08:00, then open");
        listen(1);
        sim.check_until("2025-01-16T01:00:00Z");
        let again = at("2025-01-16T00:00:00Z");
        assert_eq!(sim.pings()[pinged], again, "{region}: the look after the repair");
    }
}

/// A watchdog that does not take the ping: nothing else is any different, call for call.
#[test]
fn a_ping_that_fails_changes_nothing_else() {
    let play = |fault: Option<Scripted>| {
        let sim = sim_of(watched());
        if let Some(fault) = fault {
            sim.account.borrow_mut().script("watchdog", None, "", u32::MAX, fault);
        }
        sim.check_until("2025-01-15T03:00:00Z");
        let round = sim.check();
        assert!(round.undone.is_empty(), "{:?}", round.undone);
        let account = sim.account.borrow().clone();
        let objects: Vec<_> = account.objects.into_keys().collect();
        (sim.pings().len(), (account.calls, objects, account.outbox))
    };
    let (pings, rest) = play(None);
    assert!(pings > 0);
    for fault in [refused(), Scripted::Silence] {
        assert_eq!(play(Some(fault)), (0, rest.clone()));
    }
}

/// When the watchdog outside would tell a person, first: it has waited longer than it was told to.
fn outside_tells(pings: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let until = pings.iter().copied().skip(1).chain([now]);
    let late = |(last, next): (&Timestamp, Timestamp)| next.duration_since(*last) > PATIENCE;
    pings.iter().zip(until).find(|gap| late(*gap)).map(|(last, _)| *last + PATIENCE)
}

/// While the check lives the outside is quiet for days; once it is dead, whatever else still runs, no
/// ping arrives, and the outside tells.
#[test]
fn story_24_a_dead_check_is_told_by_the_outside() {
    let sim = sim_of(watched());
    sim.check_until("2025-01-17T18:15:00Z");
    let alive = sim.pings();
    assert_eq!(outside_tells(&alive, at("2025-01-17T18:15:00Z")), None);
    sim.until("2025-01-17T18:25:00Z");
    sim.event(home(), &AUTOMATED.replace("01-14", "01-17"));
    sim.event(dr(), &COPY.replace("01-14", "01-17"));
    sim.sweep(None, None).expect("not killed").expect("no stop");
    assert_eq!(sim.pings(), alive);
    let told = outside_tells(&sim.pings(), at("2025-01-18T00:00:00Z"));
    assert_eq!(told, Some(at("2025-01-17T19:45:00Z")));
}

/// A check that is killed before its end has not looked at everything, as far as anyone can tell.
#[test]
fn a_check_that_dies_half_way_pings_nothing() {
    let calls = {
        let sim = sim_of(watched());
        sim.until("2025-01-14T18:30:00Z");
        sim.check();
        sim.calls()
    };
    for at in 1..calls {
        let sim = sim_of(watched());
        sim.until("2025-01-14T18:30:00Z");
        let kill = Kill { at, after_effect: true };
        assert!(sim.play(Scope::Fleet, StartedBy::Check, Some(kill)).is_none());
        assert!(sim.pings().is_empty(), "killed at call {at}");
    }
}
