//! The SDK's HTTP, in process: each call goes to [`wire::answer`], without a socket. A kill switch
//! ends a round at any of its calls, without a sleep.

use crate::wire::{self, Answer};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use model::{Account, Kill};
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// The account as an HTTP client of the SDK. Clones are the same client.
#[derive(Clone)]
pub struct InProcess {
    account: Arc<Mutex<Account>>,
    switch: Arc<Mutex<Switch>>,
    killed: watch::Sender<bool>,
}

/// Counts calls, and knows at which one the caller dies.
#[derive(Default)]
struct Switch {
    calls: u32,
    kill: Option<Kill>,
}

/// What becomes of one call.
enum Fate {
    Answered,
    /// The caller dies at this call, before or after its effect.
    Dies {
        after_effect: bool,
    },
    /// The caller is dead: what it does has no effect.
    Dead,
}

/// An HTTP client over the account, for who needs no kill switch.
pub fn client(account: Arc<Mutex<Account>>) -> SharedHttpClient {
    InProcess::new(account).client()
}

impl InProcess {
    /// Over this account.
    pub fn new(account: Arc<Mutex<Account>>) -> Self {
        let switch = Arc::new(Mutex::new(Switch::default()));
        Self { account, switch, killed: watch::Sender::new(false) }
    }

    /// For the `http_client` of an SDK config.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Borrows the account; give it back before the next call.
    pub fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().expect("no earlier call panicked while it held the account")
    }

    /// How many calls were made, the SDK's own repeats included.
    pub fn calls(&self) -> u32 {
        self.switch().calls
    }

    /// The caller dies at the k-th call from now, from 1: that call is never answered, and calls
    /// after it have no effect until [`Self::revive`]. Its own effect is applied if `after_effect`.
    pub fn kill_at(&self, call: u32, after_effect: bool) {
        let mut switch = self.switch();
        switch.kill = Some(Kill { at: switch.calls + call, after_effect });
        self.killed.send_replace(false);
    }

    /// Calls are answered again; a kill that has not struck is taken back.
    pub fn revive(&self) {
        self.switch().kill = None;
        self.killed.send_replace(false);
    }

    /// Ends when the kill strikes; at once if it has. Select a round against it, and drop the
    /// round. Pending forever when it never strikes.
    pub async fn killed(&self) {
        let mut killed = self.killed.subscribe();
        if killed.wait_for(|struck| *struck).await.is_err() {
            pending::<()>().await;
        }
    }

    fn switch(&self) -> MutexGuard<'_, Switch> {
        self.switch.lock().expect("the switch's holders do not panic")
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = whole(request).await?;
        let fate = self.switch().next();
        let answer = match fate {
            Fate::Answered | Fate::Dies { after_effect: true } => {
                wire::answer(&mut self.account(), &request)
            }
            Fate::Dies { after_effect: false } | Fate::Dead => Answer::Silence,
        };
        match (fate, answer) {
            (Fate::Answered, Answer::Reply(reply)) => {
                HttpResponse::try_from(reply.map(SdkBody::from)).map_err(broken)
            }
            (Fate::Dies { .. }, _) => {
                self.killed.send_replace(true);
                pending().await
            }
            _ => pending().await,
        }
    }
}

impl Switch {
    fn next(&mut self) -> Fate {
        let next = self.calls + 1;
        match self.kill {
            Some(Kill { at, .. }) if at < next => Fate::Dead,
            Some(Kill { at, after_effect }) if at == next => {
                self.calls = next;
                Fate::Dies { after_effect }
            }
            _ => {
                self.calls = next;
                Fate::Answered
            }
        }
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let here = self.clone();
        HttpConnectorFuture::new(async move { here.answer(request).await })
    }
}

impl HttpClient for InProcess {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// By hand: a log line that shows a client shall not print the whole account.
impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

/// The request with its body read to the end; a streamed one arrives in pieces.
async fn whole(request: HttpRequest) -> Result<http::Request<Vec<u8>>, ConnectorError> {
    let request = request.try_into_http1x().map_err(broken)?;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(ConnectorError::user)?;
    Ok(http::Request::from_parts(parts, body.to_bytes().to_vec()))
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> ConnectorError {
    ConnectorError::user(Box::new(error))
}
