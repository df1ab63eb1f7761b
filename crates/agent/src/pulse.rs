//! The host's sign of life: what home cannot see by itself, put over the last one in the journal.

use crate::engine::Engine;
use crate::outbox::journal;
use crate::runs;
use crate::setup::Setup;
use crate::state::read;
use crate::watch::Lag;
use domain::host::pulse::{Pulse, last_of_each, recent};
use jiff::Timestamp;

/// Tells the journal how this host stands, if there is one.
///
/// # Errors
/// The journal took nothing; the next one says the same.
pub async fn tell(setup: &Setup) -> Result<(), String> {
    let Some(bucket) = &setup.journal else { return Ok(()) };
    let pulse = take(setup).await;
    let body = serde_json::to_vec(&pulse).map_err(|error| error.to_string())?;
    let put = journal(setup).await.put_object().bucket(bucket).key(Pulse::path(&pulse.host));
    let put = put.content_type("application/json").body(body.into()).send().await;
    put.map(drop).map_err(|error| {
        format!(
            "the journal took no sign of life: {}",
            aws_sdk_s3::error::DisplayErrorContext(&error)
        )
    })
}

async fn take(setup: &Setup) -> Pulse {
    let now = Timestamp::now();
    let lag = read::<Lag>(&setup.state.at("lag.json")).ok().flatten().unwrap_or_default();
    // A repository that cannot be read has no sets to tell of, and then a day's is missed.
    let (sets, unread) = match setup.engine().sets().await {
        Ok(sets) => (sets, None),
        Err(fault) => (Vec::new(), Some(fault.to_string())),
    };
    Pulse {
        schema: 1,
        host: setup.host.id.clone(),
        at: now,
        policy: setup.policy.hash.clone(),
        sets: recent(sets, now),
        log: lag.log.map(|path| format!("{}{path}", setup.host.prefix())),
        safe: lag.safe,
        worst_seconds: lag.worst_seconds,
        gap: lag.gap,
        trouble: unread.or(lag.trouble),
        runs: last_of_each(&runs::all(&setup.state)),
    }
}
