//! From a scheduled tick to a round over the fleet, or just a sign of life; in dr, to a watch.

use cloud::Session;
use cloud::config::Side;
use cloud::entry::{Done, Failure};
use domain::day;
use domain::event::BadEvent;
use domain::round::{beat, check, watch};
use jiff::Timestamp;
use serde_json::Value;

/// Handles one tick.
///
/// # Errors
/// An input that the template would not send, or a round that left something undone.
pub async fn handle(session: &Session<'_>, payload: Value) -> Result<Done, Failure> {
    let policy = session.policy();
    let tick = day::tick(scheduled(&payload)?);
    let played = match session.side() {
        Side::Dr => watch(session, policy, session.now).await,
        Side::Home if policy.looks_at(tick) => check(session, policy, session.now).await,
        Side::Home => beat(session, policy, session.now).await,
    };
    Ok(Done::Played(Box::new(played)))
}

/// The time that the Scheduler meant, which a retry may be minutes past.
fn scheduled(payload: &Value) -> Result<Timestamp, BadEvent> {
    let found = payload.get("scheduled_time").and_then(Value::as_str);
    let time = found.and_then(|text| text.parse().ok());
    time.ok_or_else(|| {
        let found = found.map_or("missing".to_owned(), |text| format!("`{text}`"));
        BadEvent(vec![format!(
            "`scheduled_time` is {found}, it must be a time such as `2025-01-15T18:00:00Z` (the \
             schedule's input puts it there; see events/schedule-check.json)"
        )])
    })
}
