//! The Runtime API's desk: invocations are put on it, the function's process takes one and brings
//! back its answer.

use http::{Method, Request, Response};
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot, watch};

/// What every path of the API starts with.
const API: &str = "/2018-06-01/runtime/";

/// The desk of one process.
#[derive(Debug, Default)]
pub(super) struct Desk {
    tray: Mutex<Tray>,
    put: Notify,
    /// Whether the process has asked for an invocation yet.
    asked: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Tray {
    count: u64,
    /// Not yet taken, by request id.
    waiting: Option<(String, Invocation)>,
    /// Whose answer is awaited.
    awaited: Option<(String, oneshot::Sender<Answer>)>,
    init_error: Option<Value>,
}

/// What an invocation hands to the process.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) deadline_ms: i64,
    pub(super) arn: String,
    pub(super) event: String,
}

/// The handler's value, or its error as JSON.
pub(super) type Answer = Result<Value, Value>;

impl Desk {
    /// Puts an invocation on the desk: its id, and where its answer comes.
    pub(super) fn put(&self, invocation: Invocation) -> (String, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        let id = {
            let mut tray = self.tray();
            tray.count += 1;
            let id = format!("00000000-0000-4000-b000-{:012}", tray.count);
            tray.waiting = Some((id.clone(), invocation));
            tray.awaited = Some((id.clone(), sender));
            id
        };
        self.put.notify_one();
        (id, receiver)
    }

    /// Takes an invocation back: an answer to it comes too late.
    pub(super) fn withdraw(&self, id: &str) {
        let mut tray = self.tray();
        tray.waiting.take_if(|(waiting, _)| waiting == id);
        tray.awaited.take_if(|(awaited, _)| awaited == id);
    }

    /// What the process reported when it could not start.
    pub(super) fn init_error(&self) -> Option<Value> {
        self.tray().init_error.clone()
    }

    /// Waits until the process has asked for its first invocation.
    pub(super) async fn asked(&self) {
        let mut asked = self.asked.subscribe();
        // The sender is the desk's own, so it cannot be gone.
        _ = asked.wait_for(|asked| *asked).await;
    }

    /// Answers one request of the process.
    pub(super) async fn serve(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let path = request.uri().path().strip_prefix(API).unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                self.take_answer(id, of_body(request.body()))
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                self.take_answer(id, Err(json_of(request.body())))
            }
            (&Method::POST, ["init", "error"]) => {
                self.tray().init_error = Some(json_of(request.body()));
                accepted()
            }
            _ => refused(404, "InvalidPath", path),
        }
    }

    /// Waits for an invocation: the process polls once and is held until there is one.
    async fn next(&self) -> Response<Vec<u8>> {
        self.asked.send_replace(true);
        loop {
            let taken = self.tray().waiting.take();
            if let Some((id, invocation)) = taken {
                return handed_out(&id, invocation);
            }
            self.put.notified().await;
        }
    }

    fn take_answer(&self, id: &str, answer: Answer) -> Response<Vec<u8>> {
        match self.tray().awaited.take_if(|(awaited, _)| awaited == id) {
            Some((_, sender)) => {
                // Nobody waits any more when the invoking future was dropped.
                let _unheard = sender.send(answer);
                accepted()
            }
            None => refused(400, "InvalidRequestID", id),
        }
    }

    fn tray(&self) -> MutexGuard<'_, Tray> {
        self.tray.lock().expect("the tray's holders do not panic")
    }
}

fn handed_out(id: &str, invocation: Invocation) -> Response<Vec<u8>> {
    Response::builder()
        .header("content-type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", id)
        .header("Lambda-Runtime-Deadline-Ms", invocation.deadline_ms)
        .header("Lambda-Runtime-Invoked-Function-Arn", invocation.arn)
        .body(invocation.event.into_bytes())
        .expect("a function's name is a legal header")
}

fn of_body(body: &[u8]) -> Answer {
    serde_json::from_slice(body).map_err(|error| {
        json!({ "errorType": "Runtime.InvalidResponse", "errorMessage": error.to_string() })
    })
}

/// A report as JSON, or as text when it is none.
fn json_of(body: &[u8]) -> Value {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| json!({ "errorMessage": String::from_utf8_lossy(body) }))
}

fn accepted() -> Response<Vec<u8>> {
    reply(202, &json!({ "status": "OK" }))
}

fn refused(status: u16, kind: &str, what: &str) -> Response<Vec<u8>> {
    reply(status, &json!({ "errorType": kind, "errorMessage": format!("`{what}`") }))
}

fn reply(status: u16, body: &Value) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .expect("the status is a legal one")
}
