//! Whether anybody listens to the topics: asked once a day, told through both.

use crate::night::{Drive, dr, home, sim, told};
use domain::id::Region;
use model::{ApiError, Scripted, Sim};

const DEAF: &str = "nobody listens to the topic in us-east-1";

fn listen(sim: &Sim, region: &Region, confirmed: u64, pending: u64) {
    let mut account = sim.account.borrow_mut();
    let topic = account.topic(region);
    account.listeners.insert(topic, (confirmed, pending));
}

fn mails_of(sim: &Sim, region: &Region) -> Vec<String> {
    let account = sim.account.borrow();
    let mails = &account.outbox[&account.topic(region)];
    mails.iter().map(|mail| mail.subject.clone()).collect()
}

/// GitLab 2017: the failure mails were rejected for months, and nobody looked whether mail arrives.
#[test]
fn story_24_a_topic_without_listeners_is_told_through_the_other() {
    let sim = sim();
    listen(&sim, &home(), 0, 1);
    sim.check_until("2025-01-14T22:45:00Z");
    assert_eq!(told(&sim, DEAF), 0, "not yet asked");
    sim.check_until("2025-01-15T03:00:00Z");
    assert_eq!(told(&sim, DEAF), 1);
    assert_eq!(mails_of(&sim, &dr()).len(), 1, "{:?}", mails_of(&sim, &dr()));
    let account = sim.account.borrow();
    let asked = account.calls.iter().filter(|call| call.op == "sns:GetTopicAttributes");
    assert_eq!(asked.count(), 2, "both topics, at 08:00");
}

/// Taken by the deaf topic and refused by the other one, it was not told: the next look tries again.
#[test]
fn what_only_the_deaf_topic_took_is_not_told() {
    let sim = sim();
    listen(&sim, &home(), 0, 0);
    let refused = || Scripted::Refuse(ApiError::new(500, "InternalError", "no"));
    sim.check_until("2025-01-14T22:45:00Z");
    sim.account.borrow_mut().script("sns:Publish", Some(&dr()), "", 1, refused());
    sim.until("2025-01-14T23:00:00Z");
    let round = sim.check();
    assert_eq!(round.undone.len(), 1, "{:?}", round.undone);
}

/// Told once, and called repaired by the first look that sees a listener, a day later.
#[test]
fn a_listener_again_is_a_repair() {
    let sim = sim();
    listen(&sim, &dr(), 0, 0);
    sim.check_until("2025-01-15T23:30:00Z");
    assert_eq!(told(&sim, "nobody listens to the topic in us-west-2"), 1);
    listen(&sim, &dr(), 1, 0);
    sim.check_until("2025-01-16T22:45:00Z");
    assert_eq!(told(&sim, "somebody listens"), 0, "not yet asked again");
    sim.check_until("2025-01-16T23:30:00Z");
    assert_eq!(told(&sim, "somebody listens to the topic in us-west-2 again"), 1);
    assert_eq!(mails_of(&sim, &dr()).len(), 2, "the break and the repair, through both");
}

/// That it cannot be asked is told once, not every morning, and repaired by the next answer.
#[test]
fn a_topic_that_cannot_be_asked_is_told_once() {
    let sim = sim();
    let denied = Scripted::Refuse(ApiError::new(403, "AuthorizationError", "no"));
    sim.account.borrow_mut().script("sns:GetTopicAttributes", Some(&dr()), "", 2, denied);
    sim.check_until("2025-01-16T23:30:00Z");
    assert_eq!(told(&sim, "sns:GetTopicAttributes in us-west-2 cannot be read"), 1);
    sim.check_until("2025-01-17T23:30:00Z");
    assert_eq!(told(&sim, "sns:GetTopicAttributes in us-west-2 can be read again"), 1);
}
