//! A chat on loopback, a secret on the model, and the function between them.

use aws_sdk_secretsmanager::config::{Credentials, Region as SdkRegion};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use chat::config::Setup;
use chat::handler::{Chat, Failure, Told, handle};
use domain::id::Region;
use domain::policy::Language;
use http::{Request, Response};
use local::server::listen;
use model::{Account, ApiError, Call, Scripted};
use serde_json::Value;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

pub(crate) const SECRET: &str = "sonae/chat";
/// Where the webhooks are, as far as the function knows.
pub(crate) const HOST: &str = "https://hooks.chat.test";

/// What the chat got: the path, and the text.
type Got = Arc<Mutex<Vec<(String, String)>>>;

pub(crate) struct Stage {
    account: Arc<Mutex<Account>>,
    got: Got,
    chat: Chat,
}

/// The function speaks HTTPS only; here each of its requests goes to loopback, without TLS.
#[derive(Debug)]
pub(crate) struct Loopback {
    http: SharedHttpConnector,
    at: SocketAddr,
}

impl Loopback {
    pub(crate) fn to(at: SocketAddr) -> SharedHttpConnector {
        let http = aws_smithy_http_client::Connector::builder().build_http();
        SharedHttpConnector::new(Self { http: SharedHttpConnector::new(http), at })
    }
}

impl HttpConnector for Loopback {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri().replace(HOST, &format!("http://{}", self.at));
        request.set_uri(uri.as_str()).expect("a URL on loopback");
        self.http.call(request)
    }
}

impl Stage {
    /// Posts wait a long time, since no test is to fail for a slow machine.
    pub(crate) async fn new() -> Self {
        Self::patient(Duration::from_secs(60)).await
    }

    pub(crate) async fn patient(limit: Duration) -> Self {
        let got = Got::default();
        let at = listen(answers(Arc::clone(&got))).await.expect("loopback").0;
        Self { got, ..Self::at(at, limit).await }
    }

    /// The function, whose chat is there.
    pub(crate) async fn at(at: SocketAddr, limit: Duration) -> Self {
        let account = Account::new("2025-11-05T18:00:00Z".parse().expect("a time"));
        let account = Arc::new(Mutex::new(account));
        let sdk = cloud::clients::loader(local::connector::client(Arc::clone(&account)))
            .region(SdkRegion::new("us-east-1"))
            .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
            .load()
            .await;
        let region = Region::new("us-east-1");
        let setup = Setup { secret: SECRET.to_owned(), region, language: Language::Ja };
        let chat = Chat::new(setup, &sdk, Loopback::to(at), limit);
        Self { account, got: Got::default(), chat }
    }

    /// Puts this text into the secret.
    pub(crate) fn keep(&self, text: &str) {
        let place = (Region::new("us-east-1"), SECRET.to_owned());
        self.account.lock().expect("not poisoned").secrets.insert(place, text.to_owned());
    }

    /// Puts the URL of this webhook into the secret.
    pub(crate) fn keep_url(&self, path: &str) {
        self.keep(&format!("{HOST}{path}"));
    }

    /// The next read of the secret is refused.
    pub(crate) fn refuse(&self, code: &str) {
        let refusal = Scripted::Refuse(ApiError::new(400, code, "no"));
        let mut account = self.account.lock().expect("not poisoned");
        account.script("secretsmanager:GetSecretValue", None, "", 1, refusal);
    }

    pub(crate) async fn tell(&self, event: &str) -> Result<Vec<Told>, Failure> {
        self.handle(&sample(event)).await
    }

    pub(crate) async fn handle(&self, payload: &Value) -> Result<Vec<Told>, Failure> {
        handle(&self.chat, payload).await
    }

    /// Paths of what the chat got.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.got().into_iter().map(|(path, _)| path).collect()
    }

    pub(crate) fn got(&self) -> Vec<(String, String)> {
        self.got.lock().expect("not poisoned").clone()
    }

    /// How often the secret was read.
    pub(crate) fn reads(&self) -> usize {
        let account = self.account.lock().expect("not poisoned");
        let read = |call: &&Call| call.op == "secretsmanager:GetSecretValue";
        account.calls.iter().filter(read).count()
    }
}

type Answered = Pin<Box<dyn Future<Output = Response<Vec<u8>>> + Send>>;

/// A chat that answers as the last part of the path says: `200-404` is 200 to the first post and 404 to later ones;
/// a word is never answered.
fn answers(got: Got) -> impl Fn(Request<Vec<u8>>) -> Answered + Clone + Send + 'static {
    move |request| {
        let path = request.uri().path().to_owned();
        let text = String::from_utf8(request.into_body()).expect("UTF-8");
        let mut got = got.lock().expect("not poisoned");
        let before = got.iter().filter(|(posted, _)| *posted == path).count();
        let answers: Vec<&str> = path.rsplit('/').next().unwrap_or_default().split('-').collect();
        let answer = answers[before.min(answers.len() - 1)].parse().map(answer);
        got.push((path, text));
        Box::pin(async move {
            match answer {
                Ok(answer) => answer,
                Err(_) => pending().await,
            }
        })
    }
}

/// As Slack words it, or some server in front of it.
fn answer(status: u16) -> Response<Vec<u8>> {
    let word = match status {
        200 => "ok",
        400 => "invalid_token",
        404 => "no_service",
        _ => "<html>Not for https://hooks.chat.test/services</html>",
    };
    let answer = Response::builder().status(status).header("location", "http://127.0.0.1:1/");
    answer.body(word.as_bytes().to_vec()).expect("a response")
}

/// A server that takes one request, answers with these bytes and hangs up.
pub(crate) async fn one_answer(bytes: String) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
    let at = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a caller");
        let mut request = Vec::new();
        // The payload is the last of a request, and ends like this.
        while !request.ends_with(b"\"}") {
            stream.read_buf(&mut request).await.expect("a request");
        }
        stream.write_all(bytes.as_bytes()).await.expect("an answer");
    });
    at
}

/// A file of events/.
pub(crate) fn sample(file: &str) -> Value {
    let path = format!("{}/../../events/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a sample event");
    serde_json::from_str(&text).expect("JSON")
}
