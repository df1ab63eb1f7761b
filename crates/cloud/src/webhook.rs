//! The webhook: one post over HTTPS. Its URL is the key to the channel, so no error and no `Debug` shows it.

use crate::web;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use http::Uri;
use http::uri::Scheme;
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// Connection and answer together.
pub const LIMIT: Duration = Duration::from_secs(8);

/// Slack's words for a webhook that takes nothing any more, with whatever status (Slack, "Sending messages using
/// incoming webhooks", Handling errors).
const GONE: [&str; 4] = ["channel_is_archived", "invalid_token", "no_service", "no_team"];

/// Where to post.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook(String);

/// Why a text is no webhook's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BadUrl {
    #[error("it is binary, and not a text")]
    NoText,
    #[error("it begins with a bracket but is not JSON")]
    NotJson,
    #[error("its JSON has no text under `url`")]
    NoKey,
    #[error("it is not a URL")]
    NotUrl,
    #[error("its URL does not begin with `https://`")]
    NotHttps,
}

/// Why a post was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unposted {
    /// The webhook is no more, or not for us: its URL may have been changed.
    #[error(
        "the chat refused the post for good: {0}; see that the webhook is there, and put its URL into the secret"
    )]
    Gone(Answer),
    /// It asks to wait, or has trouble of its own.
    #[error("the chat took nothing for now: {0}; it is tried again")]
    Busy(Answer),
    /// It took something else than we send.
    #[error("the chat did not take the post: {0}; is the URL that of an incoming webhook?")]
    Refused(Answer),
    /// No answer in time.
    #[error("the chat did not answer within {0:?}; it is tried again")]
    Late(Duration),
    /// No connection.
    #[error("the chat was not reached: {0}; see that its host is right and can be reached")]
    Unreached(String),
}

/// What the chat answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Slack's word for it, or nothing.
    pub word: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if self.word.is_empty() { Ok(()) } else { write!(f, " `{}`", self.word) }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(..)")
    }
}

impl Webhook {
    /// Reads a URL.
    ///
    /// # Errors
    /// It is none, or not of HTTPS: what it carries would be open to read on the way.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        let uri: Uri = url.parse().map_err(|_| BadUrl::NotUrl)?;
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => Ok(Self(url.to_owned())),
            Some(_) => Err(BadUrl::NotHttps),
            None => Err(BadUrl::NotUrl),
        }
    }

    /// Posts a payload, and follows no redirection: what is posted is for this URL only.
    ///
    /// # Errors
    /// It was not taken, as far as we know.
    pub async fn post(
        &self,
        http: &SharedHttpConnector,
        payload: String,
        limit: Duration,
    ) -> Result<u16, Unposted> {
        let asked = async {
            let answer = http.call(self.request(payload)?).await;
            Answer::read(answer.map_err(|error| self.unreached(&error))?).await.taken()
        };
        tokio::time::timeout(limit, asked).await.map_err(|_| Unposted::Late(limit))?
    }

    fn request(&self, payload: String) -> Result<HttpRequest, Unposted> {
        let mut request = HttpRequest::new(SdkBody::from(payload));
        let bad = || Unposted::Unreached("no request can be made of its URL".to_owned());
        request.set_method("POST").map_err(|_| bad())?;
        request.set_uri(self.0.as_str()).map_err(|_| bad())?;
        request.headers_mut().insert("content-type", "application/json; charset=utf-8");
        Ok(request)
    }

    fn unreached(&self, error: &ConnectorError) -> Unposted {
        Unposted::Unreached(web::reason(error, &self.0))
    }
}

impl Answer {
    /// The status is the answer: what was taken must not be posted again for a body that breaks off.
    async fn read(answer: HttpResponse) -> Self {
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            return Self { status, word: String::new() };
        }
        let body = ByteStream::new(answer.into_body()).collect().await;
        let body = body.map(|body| body.to_vec()).unwrap_or_default();
        let word = String::from_utf8(body).unwrap_or_default();
        // Anything but one of Slack's words stays out of the log.
        let of_slack = |c: char| c.is_ascii_lowercase() || c == '_';
        let word = Some(word.trim()).filter(|word| word.len() < 50 && word.chars().all(of_slack));
        Self { status, word: word.unwrap_or_default().to_owned() }
    }

    fn taken(self) -> Result<u16, Unposted> {
        match self.status {
            200..=299 => Ok(self.status),
            429 | 500..=599 => Err(Unposted::Busy(self)),
            403 | 404 | 410 => Err(Unposted::Gone(self)),
            _ if GONE.contains(&self.word.as_str()) => Err(Unposted::Gone(self)),
            _ => Err(Unposted::Refused(self)),
        }
    }
}
