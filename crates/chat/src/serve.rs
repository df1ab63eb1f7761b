//! How the function starts and answers: setup once, then one log line for each message.

use crate::config::Setup;
use crate::handler::{Chat, Failure, Told, handle};
use cloud::webhook;
use cloud::{clients, web};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tracing::{error, info};

/// Serves until Lambda ends it.
///
/// # Errors
/// A setup that cannot be used, in words.
pub async fn serve() -> Result<(), String> {
    let setup = Setup::from_vars(|name| std::env::var(name).ok()).map_err(|bad| bad.to_string())?;
    let sdk = clients::loader(clients::https()).load().await;
    let chat = &Chat::new(setup, &sdk, web::connector(), webhook::LIMIT);
    let service = service_fn(move |event: LambdaEvent<Value>| async move {
        let began = Instant::now();
        let told = handle(chat, &event.payload).await;
        answer(&event.context.request_id, began.elapsed(), told)
    });
    lambda_runtime::run(service).await.map_err(|error| error.to_string())
}

/// Ids, status and time; never what was told, nor where.
fn answer(
    request: &str,
    took: Duration,
    told: Result<Vec<Told>, Failure>,
) -> Result<Value, Diagnostic> {
    let duration_ms = took.as_millis();
    match told {
        Ok(told) => {
            for Told { id, status } in &told {
                info!(function = "chat", message_id = id, status, duration_ms, "told {id}");
            }
            Ok(json!({"told": told.len()}))
        }
        Err(failure) => {
            error!(function = "chat", request, duration_ms, "{failure}");
            Err(failure.into())
        }
    }
}
