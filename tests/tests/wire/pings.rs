//! The watchdog outside, on loopback: what it gets, and what becomes of a ping that it does not take.

use crate::stage::{Stage, played, policy_text};
use domain::fault::FaultKind;
use domain::step::{Action, Outcome};
use domain::world::World;
use local::server::listen;
use model::Scripted;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The key to the watchdog, which nothing may show.
const KEY: &str = "key-of-the-ping";

/// What the watchdog got: method, path, and how long the body was.
type Got = Arc<Mutex<Vec<(String, String, usize)>>>;

/// What the watchdog answers.
#[derive(Clone, Copy)]
enum Answers {
    Status(u16),
    Never,
}

struct Watchdog {
    at: SocketAddr,
    got: Got,
}

impl Watchdog {
    async fn that(answers: Answers) -> Self {
        let got = Got::default();
        let seen = Arc::clone(&got);
        let (at, _) = listen(move |request| {
            let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
            seen.lock().expect("not poisoned").push((method, path, request.body().len()));
            async move {
                let Answers::Status(status) = answers else { return pending().await };
                let answer = http::Response::builder().status(status).header("location", "/else");
                answer.body(b"OK".to_vec()).expect("a response")
            }
        })
        .await
        .expect("loopback");
        Self { at, got }
    }

    fn got(&self) -> Vec<(String, String, usize)> {
        self.got.lock().expect("not poisoned").clone()
    }
}

async fn stage(at: SocketAddr) -> Stage {
    let watchdog = format!("[watchdog]\nurl = \"http://{at}/{KEY}\"\n");
    Stage::under(format!("{}{watchdog}", policy_text(1))).await
}

/// One ping by an invocation that has so many seconds left. Whatever comes of it shows no URL.
async fn ping(stage: &Stage, seconds: u64) -> Outcome {
    let url = stage.policy().watchdog.clone().expect("one");
    let outcome = stage.session(seconds).act(&Action::Ping(url)).await;
    let said = format!("{outcome:?}");
    assert!(!said.contains(KEY) && !said.contains("127.0.0.1"), "{said}");
    outcome
}

fn once() -> Vec<(String, String, usize)> {
    vec![("GET".to_owned(), format!("/{KEY}"), 0)]
}

#[tokio::test]
async fn a_ping_is_one_plain_get() {
    for status in [200, 204] {
        let watchdog = Watchdog::that(Answers::Status(status)).await;
        let stage = stage(watchdog.at).await;
        assert_eq!(ping(&stage, 300).await, Outcome::Done, "{status}");
        assert_eq!(watchdog.got(), once(), "{status}");
    }
}

/// Neither tried again nor sent after a redirection, which would take it to someone else.
#[tokio::test]
async fn a_ping_that_is_not_taken_is_not_repeated() {
    for status in [301, 302, 404, 429, 500, 503] {
        let watchdog = Watchdog::that(Answers::Status(status)).await;
        let stage = stage(watchdog.at).await;
        let Outcome::Failed(fault) = ping(&stage, 300).await else { panic!("{status}: taken") };
        let said = format!("watchdog in `us-east-1`: other: status {status}");
        assert_eq!(fault.to_string(), said);
        assert_eq!(watchdog.got(), once(), "{status}");
    }
}

#[tokio::test]
async fn a_watchdog_that_is_not_there_is_said_with_the_innermost_reason() {
    // Nothing listens on the lowest port of loopback.
    let stage = stage(([127, 0, 0, 1], 1).into()).await;
    let Outcome::Failed(fault) = ping(&stage, 300).await else { panic!("reached") };
    assert!(fault.detail.contains("refused"), "{fault}");
}

#[tokio::test(start_paused = true)]
async fn a_watchdog_that_never_answers_is_waited_for_five_seconds() {
    let watchdog = Watchdog::that(Answers::Never).await;
    let stage = stage(watchdog.at).await;
    let began = Instant::now();
    let Outcome::Deferred(fault) = ping(&stage, 300).await else { panic!("answered") };
    assert_eq!(fault.to_string(), "watchdog in `us-east-1`: late: no answer within 5s");
    let waited = began.elapsed();
    assert!((5..6).contains(&waited.as_secs()), "{waited:?}");
}

/// Lambda would kill it before its log line.
#[tokio::test]
async fn at_the_end_of_an_invocation_nothing_is_pinged() {
    let watchdog = Watchdog::that(Answers::Status(200)).await;
    let stage = stage(watchdog.at).await;
    let Outcome::Deferred(fault) = ping(&stage, 9).await else { panic!("pinged") };
    assert_eq!((fault.kind, watchdog.got()), (FaultKind::Late, Vec::new()));
    assert!(fault.detail.contains("time was used up"), "{fault}");
    assert_eq!(ping(&stage, 12).await, Outcome::Done);
}

/// The whole way: a look pings; one that could not leave its sign of life does not, nor does a mere beat.
#[tokio::test]
async fn the_check_pings_after_a_whole_look() {
    let watchdog = Watchdog::that(Answers::Status(200)).await;
    let stage = stage(watchdog.at).await;
    assert_eq!(played(stage.check().await).pinged, None, "a beat");
    stage.until("2025-11-05T18:00:00Z");
    assert_eq!(played(stage.check().await).pinged, Some(Outcome::Done));
    stage.script(
        "s3:PutObject",
        "us-west-2",
        Scripted::Refuse(model::ApiError::denied("s3:PutObject")),
    );
    stage.until("2025-11-05T18:15:00Z");
    let round = played(stage.check().await);
    assert!(round.pinged.is_none() && !round.undone.is_empty());
    assert_eq!(watchdog.got(), once());
}

/// A check is as good without its watchdog: it ends well, and in time.
#[tokio::test(start_paused = true)]
async fn a_silent_watchdog_costs_a_check_five_seconds() {
    let watchdog = Watchdog::that(Answers::Never).await;
    let stage = stage(watchdog.at).await;
    stage.check_until("2025-11-05T18:30:00Z").await;
    let began = Instant::now();
    stage.until("2025-11-05T18:45:00Z");
    let round = played(stage.check().await);
    assert!(round.undone.is_empty(), "{:?}", round.undone);
    assert!(matches!(round.pinged, Some(Outcome::Deferred(_))), "{:?}", round.pinged);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(stage.subjects(), ["[正常] kaigo-subsys-prod: 2025-11-06 の夜間バックアップ完了"]);
}
