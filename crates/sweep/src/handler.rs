//! From the daily schedule, or from a person's yes to a stopped deletion, to sweep's round.

use cloud::Session;
use cloud::entry::{Done, Failure};
use domain::event::BadEvent;
use domain::round::sweep;
use jiff::Timestamp;
use serde_json::Value;

/// Handles one invocation.
///
/// # Errors
/// An input of another form, or a round that left something undone.
pub async fn handle(session: &Session<'_>, payload: Value) -> Result<Done, Failure> {
    let approved = approved(&payload)?;
    let played = sweep(session, session.policy(), approved, session.now).await;
    match played {
        Ok(round) => Ok(Done::Played(Box::new(round))),
        // A person reads the answer; an error would raise an alarm for a number of yesterday.
        Err(unknown) => Ok(Done::Ignored(unknown.to_string())),
    }
}

/// The number of the stopped deletion that may go; none for the daily run.
fn approved(payload: &Value) -> Result<Option<&str>, BadEvent> {
    match payload.get("approve") {
        Some(Value::String(number)) if is_number(number) => Ok(Some(number)),
        Some(other) => Err(BadEvent(vec![format!(
            "`approve` is `{other}`, it must be the twelve hexadecimal digits of a stopped deletion, such \
             as `\"0123456789ab\"` (`sonae-sweep --plan` shows them)"
        )])),
        None if is_scheduled(payload) => Ok(None),
        None => Err(BadEvent(vec![
            "neither `scheduled_time`, a time such as `2025-01-15T00:00:00Z` that the schedule's input \
             puts there, nor `approve` is given (see events/schedule-sweep.json)"
                .to_owned(),
        ])),
    }
}

fn is_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_scheduled(payload: &Value) -> bool {
    let time = payload.get("scheduled_time").and_then(Value::as_str);
    time.is_some_and(|time| time.parse::<Timestamp>().is_ok())
}
