//! From a scheduled tick, or a batch of S3's notifications, to a round over buckets.

use cloud::entry::{Done, Failure};
use cloud::{Buckets, Session};
use domain::event::{BadEvent, Notified, notified};
use domain::round::replicate;
use jiff::Timestamp;
use serde_json::Value;
use tracing::error;

/// Handles one invocation.
///
/// # Errors
/// An input of neither form, or a tick's round that left something undone.
pub async fn handle(session: &Session<'_>, payload: Value) -> Result<Done, Failure> {
    let (world, policy) = (Buckets::new(session), session.policy());
    if let Some(messages) = payload.get("Records").and_then(Value::as_array) {
        return Ok(Box::pin(batch(session, &world, messages)).await);
    }
    if !is_scheduled(&payload) {
        return Err(BadEvent(vec![
            "neither `scheduled_time`, a time such as `2025-01-15T00:00:00Z` that the schedule's input \
             puts there, nor `Records`, a batch of the queue's, is given (see events/README.md)"
                .to_owned(),
        ])
        .into());
    }
    let round = Box::pin(replicate(&world, policy, None, session.now)).await;
    Ok(Done::Played(Box::new(round)))
}

/// Each message that cannot be read comes again alone, and ends in the queue behind; where something was left
/// undone, all of them do.
async fn batch(session: &Session<'_>, world: &Buckets<'_>, messages: &[Value]) -> Done {
    let (mut all, mut again) = (Notified::default(), Vec::new());
    for message in messages {
        let body = message.get("body").and_then(Value::as_str).unwrap_or_default();
        match notified(session.policy(), body) {
            Ok(one) => {
                all.buckets.extend(one.buckets);
                all.failures.extend(one.failures);
            }
            Err(bad) => {
                error!(function = "replication", "{bad}");
                again.extend(id(message));
            }
        }
    }
    let round = replicate(world, session.policy(), Some(&all), session.now).await;
    if !round.undone.is_empty() {
        again = messages.iter().filter_map(id).collect();
    }
    Done::Batch(Box::new(round), again)
}

fn id(message: &Value) -> Option<String> {
    message.get("messageId").and_then(Value::as_str).map(str::to_owned)
}

fn is_scheduled(payload: &Value) -> bool {
    let time = payload.get("scheduled_time").and_then(Value::as_str);
    time.is_some_and(|time| time.parse::<Timestamp>().is_ok())
}
