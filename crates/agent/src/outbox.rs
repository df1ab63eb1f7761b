//! What is to be told waits on disk until each of those who must hear of it took it: down is not lost.

use crate::fault::Fault;
use crate::lock::Lock;
use crate::setup::Setup;
use crate::state::{read, write};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use cloud::{web, webhook::Webhook};
use domain::host::event::{RUN, SOURCE, Told};
use domain::host::run::{End, Run};
use domain::policy::Chat;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Who must hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hearer {
    /// EventBridge, in home.
    Events,
    /// The journal, in dr.
    Journal,
    /// The chat.
    Chat,
}

#[derive(Serialize, Deserialize)]
struct Waiting {
    told: Told,
    left: BTreeSet<Hearer>,
}

/// Puts a run's beginning or end into the outbox.
///
/// # Errors
/// The disk does not take it.
pub fn post(setup: &Setup, run: &Run, end: Option<&End>) -> Result<(), Fault> {
    let told = Told {
        schema: 1,
        host: setup.host.id.clone(),
        system: setup.policy.system.clone(),
        policy: setup.policy.hash.clone(),
        run: run.clone(),
        id: run.id(),
        end: end.cloned(),
    };
    let mut left = BTreeSet::from([Hearer::Events]);
    if setup.journal.is_some() {
        _ = left.insert(Hearer::Journal);
    }
    if chats(setup, end) {
        _ = left.insert(Hearer::Chat);
    }
    let path = setup.state.at("outbox").join(format!("{}.{}.json", told.id, told.word()));
    write(&path, &Waiting { told, left })
}

fn chats(setup: &Setup, end: Option<&End>) -> bool {
    let Some(end) = end else { return false };
    let wanted = match setup.host.chat {
        Chat::Each => true,
        Chat::Failure => !end.how.succeeded(),
        Chat::Never => false,
    };
    wanted && setup.webhook.exists()
}

/// How many wait.
pub fn waiting(setup: &Setup) -> usize {
    setup.state.names("outbox").len()
}

/// Tells what waits, oldest first; what is not taken waits on, and fails nothing.
pub async fn flush(setup: &Setup) -> Vec<String> {
    let names = setup.state.names("outbox");
    let mut troubles = Vec::new();
    if names.is_empty() {
        return troubles;
    }
    // Two that tell at once would post to a chat twice; the one that tells takes all along.
    let Ok(_lock) = Lock::take(&setup.state.at("outbox.lock")) else { return troubles };
    let post = Post::new(setup).await;
    let mut deaf = BTreeSet::new();
    for name in names {
        let path = setup.state.at("outbox").join(name);
        let Ok(Some(mut waiting)) = read::<Waiting>(&path) else { continue };
        for hearer in waiting.left.clone() {
            // Who does not hear one does not hear the next either.
            if deaf.contains(&hearer) {
                continue;
            }
            match post.tell(hearer, &waiting.told).await {
                Ok(()) => _ = waiting.left.remove(&hearer),
                Err(why) => {
                    _ = deaf.insert(hearer);
                    troubles.push(why);
                }
            }
        }
        let kept = if waiting.left.is_empty() { remove(&path) } else { write(&path, &waiting) };
        troubles.extend(kept.err().map(|fault| fault.to_string()));
    }
    troubles
}

fn remove(path: &Path) -> Result<(), Fault> {
    std::fs::remove_file(path).map_err(|error| Fault::file("cannot remove", path, &error))
}

/// A client for the journal, which is in dr.
pub async fn journal(setup: &Setup) -> aws_sdk_s3::Client {
    let dr = aws_config::Region::new(setup.policy.dr.as_str().to_owned());
    let in_dr = setup.sdk().await.to_builder().region(dr).build();
    let elsewhere =
        std::env::var("AWS_ENDPOINT_URL").is_ok() || std::env::var("AWS_ENDPOINT_URL_S3").is_ok();
    let journal = aws_sdk_s3::config::Builder::from(&in_dr).force_path_style(elsewhere).build();
    aws_sdk_s3::Client::from_conf(journal)
}

struct Post<'a> {
    setup: &'a Setup,
    events: aws_sdk_eventbridge::Client,
    journal: aws_sdk_s3::Client,
}

impl<'a> Post<'a> {
    async fn new(setup: &'a Setup) -> Self {
        let events = aws_sdk_eventbridge::Client::new(&setup.sdk().await);
        Self { setup, events, journal: journal(setup).await }
    }

    async fn tell(&self, hearer: Hearer, told: &Told) -> Result<(), String> {
        match hearer {
            Hearer::Events => self.to_events(told).await,
            Hearer::Journal => self.to_journal(told).await,
            Hearer::Chat => self.to_chat(told).await,
        }
    }

    /// EventBridge answers 200 for an entry it did not take, and says so in the answer (API reference, PutEvents).
    async fn to_events(&self, told: &Told) -> Result<(), String> {
        let detail = serde_json::to_string(told).map_err(|error| error.to_string())?;
        let entry =
            PutEventsRequestEntry::builder().source(SOURCE).detail_type(RUN).detail(detail).build();
        let sent = self.events.put_events().entries(entry).send().await;
        let sent = sent.map_err(|error| {
            format!("EventBridge took nothing: {}", DisplayErrorContext(&error))
        })?;
        match sent.failed_entry_count() {
            0 => Ok(()),
            _ => {
                let why = sent.entries().iter().find_map(|entry| entry.error_code());
                Err(format!(
                    "EventBridge did not take an event: {}",
                    why.unwrap_or("no reason given")
                ))
            }
        }
    }

    /// Written once; one that is there already was told before the answer was lost.
    async fn to_journal(&self, told: &Told) -> Result<(), String> {
        let Some(bucket) = &self.setup.journal else { return Ok(()) };
        let body = serde_json::to_vec(told).map_err(|error| error.to_string())?;
        let put = self
            .journal
            .put_object()
            .bucket(bucket)
            .key(told.path(&self.setup.policy.zone))
            .if_none_match("*");
        match put.content_type("application/json").body(body.into()).send().await {
            Err(error) if error.code() != Some("PreconditionFailed") => {
                Err(format!("the journal took nothing: {}", DisplayErrorContext(&error)))
            }
            _ => Ok(()),
        }
    }

    async fn to_chat(&self, told: &Told) -> Result<(), String> {
        let url = std::fs::read_to_string(&self.setup.webhook);
        let url = url.map_err(|error| {
            format!("`{}` cannot be read: {error}", self.setup.webhook.display())
        })?;
        let webhook = Webhook::parse(url.trim())
            .map_err(|why| format!("`{}` holds no webhook: {why}", self.setup.webhook.display()))?;
        let payload =
            json!({"text": told.line(self.setup.policy.language, &self.setup.policy.zone)})
                .to_string();
        let posted = webhook.post(&web::connector(), payload, Duration::from_secs(8)).await;
        posted.map(drop).map_err(|why| why.to_string())
    }
}
