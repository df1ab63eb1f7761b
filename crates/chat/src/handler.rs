//! From a message of the topic to a post.

use crate::config::Setup;
use crate::event::{self, Message};
use crate::secret::{NoUrl, Secret};
use crate::text;
use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use cloud::webhook::{Unposted, Webhook};
use domain::event::BadEvent;
use domain::policy::Language;
use lambda_runtime::Diagnostic;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// Why a message was not told. Lambda tries it twice again, then keeps it in `Lost`.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each is its cause")]
pub enum Failure {
    #[error(transparent)]
    BadEvent(#[from] BadEvent),
    #[error(transparent)]
    NoUrl(#[from] NoUrl),
    #[error(transparent)]
    Unposted(#[from] Unposted),
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let error_type = match &failure {
            Failure::BadEvent(_) => "BadEvent",
            Failure::NoUrl(_) => "Secret",
            Failure::Unposted(_) => "Chat",
        };
        Self { error_type: error_type.to_owned(), error_message: failure.to_string() }
    }
}

/// What was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// SNS's id of the message.
    pub id: String,
    /// The chat's answer.
    pub status: u16,
}

/// Everything that a process keeps between invocations.
#[derive(Debug)]
pub struct Chat {
    secret: Secret,
    language: Language,
    http: SharedHttpConnector,
    limit: Duration,
    /// Read once, and again when the chat refuses it: someone may have put another one there.
    known: Mutex<Option<Webhook>>,
}

impl Chat {
    /// Posts over `http`, each post within `limit`.
    pub fn new(setup: Setup, sdk: &SdkConfig, http: SharedHttpConnector, limit: Duration) -> Self {
        let Setup { secret, region, language } = setup;
        let secret = Secret::new(sdk, region, secret);
        Self { secret, language, http, limit, known: Mutex::new(None) }
    }

    async fn tell(&self, message: &Message) -> Result<u16, Failure> {
        let (webhook, is_old) = match self.known() {
            Some(webhook) => (webhook, true),
            None => (self.read().await?, false),
        };
        match self.post(&webhook, message).await {
            Err(Unposted::Gone(answer)) => {
                self.know(None);
                let now = if is_old { self.read().await? } else { webhook.clone() };
                if now == webhook {
                    return Err(Unposted::Gone(answer).into());
                }
                Ok(self.post(&now, message).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn post(&self, webhook: &Webhook, message: &Message) -> Result<u16, Unposted> {
        webhook.post(&self.http, text::payload(message, self.language), self.limit).await
    }

    async fn read(&self) -> Result<Webhook, NoUrl> {
        let webhook = self.secret.read().await?;
        self.know(Some(webhook.clone()));
        Ok(webhook)
    }

    fn known(&self) -> Option<Webhook> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn know(&self, webhook: Option<Webhook>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = webhook;
    }
}

/// Tells every message of one invocation; SNS sends one at a time.
///
/// # Errors
/// The first that could not be told.
pub async fn handle(chat: &Chat, payload: &Value) -> Result<Vec<Told>, Failure> {
    let mut told = Vec::new();
    for message in event::messages(payload)? {
        let status = chat.tell(&message).await?;
        told.push(Told { id: message.id, status });
    }
    Ok(told)
}
