//! From an event to the scope of a round.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use cloud::Session;
use cloud::entry::{Done, Failure};
use domain::event::{self, BadEvent};
use domain::policy::Policy;
use domain::round::round;
use domain::seen::Scope;
use domain::tags::StartedBy;
use serde_json::Value;

/// Handles one event.
///
/// # Errors
/// An event that cannot be used, or a round that left something undone.
pub async fn handle(session: &Session<'_>, payload: Value) -> Result<Done, Failure> {
    let policy = session.policy();
    match scope(policy, payload)? {
        Ok(scope) => {
            let played = round(session, policy, scope, StartedBy::Event, session.now).await;
            Ok(Done::Played(Box::new(played)))
        }
        Err(why) => Ok(Done::Ignored(why)),
    }
}

/// Where to look, or why not to.
fn scope(policy: &Policy, payload: Value) -> Result<Result<Scope, String>, BadEvent> {
    let event: EventBridgeEvent<Value> = serde_json::from_value(payload)
        .map_err(|error| BadEvent(vec![format!("not an EventBridge event: {error}")]))?;
    let EventBridgeEvent { source, detail_type, region, resources, detail, .. } = event;
    let event = event::parse(
        &source,
        &detail_type,
        region.as_deref(),
        &resources.unwrap_or_default(),
        &detail,
    )?;
    Ok(event.scope(policy))
}
