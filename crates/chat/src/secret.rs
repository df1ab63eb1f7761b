//! The secret that holds the webhook's URL.

use aws_config::SdkConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use cloud::webhook::{BadUrl, Webhook};
use domain::fault::{Fault, FaultKind};
use domain::id::Region;
use serde_json::Value;
use std::time::Duration;
use thiserror::Error;

/// The call, by its IAM action.
const READ: &str = "secretsmanager:GetSecretValue";

/// A read with its retries. Twice this and twice a post fit into the function's timeout.
pub const LIMIT: Duration = Duration::from_secs(5);

/// Why there is no URL to post to. What the secret holds is shown nowhere.
#[derive(Debug, Error)]
pub enum NoUrl {
    /// Secrets Manager did not give it.
    #[error("the secret `{name}` was not read: {fault}; {next}")]
    Unread {
        /// Name or ARN.
        name: String,
        /// In AWS's words.
        fault: Fault,
        /// What to do.
        next: &'static str,
    },
    /// It holds something else.
    #[error(
        "the secret `{name}` holds no webhook: {why}; put its URL there, or JSON such as `{{\"url\": \"https://..\"}}`"
    )]
    Bad {
        /// Name or ARN.
        name: String,
        /// What is wrong.
        why: BadUrl,
    },
}

/// Where the URL is kept.
#[derive(Debug)]
pub struct Secret {
    client: aws_sdk_secretsmanager::Client,
    region: Region,
    name: String,
}

impl Secret {
    /// The secret of this name or ARN, in this Region.
    pub fn new(sdk: &SdkConfig, region: Region, name: String) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(LIMIT / 2)
            .operation_timeout(LIMIT)
            .build();
        let config = aws_sdk_secretsmanager::config::Builder::from(sdk).timeout_config(timeouts);
        let client = aws_sdk_secretsmanager::Client::from_conf(config.build());
        Self { client, region, name }
    }

    /// Reads the URL.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn read(&self) -> Result<Webhook, NoUrl> {
        let name = || self.name.clone();
        let answer = self.client.get_secret_value().secret_id(&self.name).send().await;
        let secret = answer.map_err(|error| {
            let fault = cloud::fault::of(READ, &self.region, &error);
            NoUrl::Unread { name: name(), next: next(fault.kind), fault }
        })?;
        let text = secret.secret_string().ok_or(BadUrl::NoText);
        text.and_then(webhook_in).map_err(|why| NoUrl::Bad { name: name(), why })
    }
}

fn next(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Missing => "make it in this Region (docs/deploy.md, Chat)",
        FaultKind::Denied => {
            "the role reads the secret of the parameter `ChatSecretName`, and its key through Secrets \
             Manager: look at the name and at the key's policy"
        }
        FaultKind::KeyUnusable => "enable the key that the secret is under",
        _ => "Lambda tries again",
    }
}

/// The URL alone, or in the `url` of a JSON object, as the console makes one of key and value.
fn webhook_in(text: &str) -> Result<Webhook, BadUrl> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Webhook::parse(text);
    }
    let object: Value = serde_json::from_str(text).map_err(|_| BadUrl::NotJson)?;
    let url = object.get("url").and_then(Value::as_str).ok_or(BadUrl::NoKey)?;
    Webhook::parse(url.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_alone_or_in_json() {
        let url = "https://hooks.example.com/services/T0/B0/x";
        for text in [url, " https://hooks.example.com/services/T0/B0/x\n"] {
            assert_eq!(webhook_in(text), Webhook::parse(url), "plain");
        }
        assert_eq!(webhook_in(&format!("{{\"url\": \"{url}\"}}")), Webhook::parse(url));
        assert!(Webhook::parse(url).is_ok());
        assert_eq!(webhook_in("{\"hook\": \"https://a.example/\"}"), Err(BadUrl::NoKey));
        assert_eq!(webhook_in("{url: https://a.example/}"), Err(BadUrl::NotJson));
        assert_eq!(webhook_in("{\"url\": \"http://a.example/\"}"), Err(BadUrl::NotHttps));
    }
}
