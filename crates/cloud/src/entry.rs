//! How every function starts and answers: setup once, then per invocation the clock, one log line,
//! and an error that Lambda can retry.

use crate::clients::Aws;
use crate::config::{BadSetup, Config};
use crate::session::Session;
use crate::{log, metrics};
use domain::event::BadEvent;
use domain::fault::{Fault, FaultKind};
use domain::round::Round;
use domain::step::Outcome;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};
use thiserror::Error;
use tracing::{error, info, warn};

/// Why an invocation did not do its work. Lambda tries it again, then keeps the event in `Lost`.
#[derive(Debug, Error)]
pub enum Failure {
    /// The event cannot be used.
    #[error(transparent)]
    BadEvent(#[from] BadEvent),
    /// Something that had to be done was not.
    #[error("not done: {0}")]
    Undone(Fault),
}

/// What an invocation came to.
#[derive(Debug)]
pub enum Done {
    /// Nothing for us, and why.
    Ignored(String),
    /// A round was played.
    Played(Box<Round>),
    /// A batch of messages: what was played, and the ids of those that must come again.
    Batch(Box<Round>, Vec<String>),
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let error_type = match &failure {
            Failure::BadEvent(_) => "BadEvent",
            Failure::Undone(fault) => match fault.kind {
                FaultKind::Denied => "Denied",
                FaultKind::Throttled => "Throttled",
                _ => "Cloud",
            },
        };
        Self { error_type: error_type.to_owned(), error_message: failure.to_string() }
    }
}

/// Runs a function until Lambda ends it.
pub fn run<H>(name: &'static str, handler: H) -> ExitCode
where
    H: AsyncFn(&Session<'_>, Value) -> Result<Done, Failure>,
{
    start(name, serve(name, handler))
}

/// Starts the log and the async runtime for what serves until Lambda ends it.
pub fn start(name: &'static str, serve: impl Future<Output = Result<(), String>>) -> ExitCode {
    log::start();
    let served = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(serve),
        Err(error) => Err(error.to_string()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!(function = name, "cannot start: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve<H>(name: &'static str, handler: H) -> Result<(), String>
where
    H: AsyncFn(&Session<'_>, Value) -> Result<Done, Failure>,
{
    let config = setup().map_err(|bad| bad.to_string())?;
    let aws = Aws::new(config).await;
    let (aws, handler) = (&aws, &handler);
    let service = service_fn(move |event: LambdaEvent<Value>| async move {
        let (now, left) = clock(aws.config().clock, event.context.deadline);
        let session = Session::new(aws, now, left);
        let began = Instant::now();
        let done = handler(&session, event.payload).await;
        answer(name, &session, began.elapsed(), done)
    });
    lambda_runtime::run(service).await.map_err(|error| error.to_string())
}

fn setup() -> Result<Config, BadSetup> {
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| error.to_string());
    Config::from_vars(|name| std::env::var(name).ok(), read)
}

/// The time now, in whole seconds.
pub fn now() -> Timestamp {
    at(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// The time to judge by and the time left. Where time is virtual, the deadline carries it.
fn clock(virtual_timeout: Option<Duration>, deadline_ms: u64) -> (Timestamp, Duration) {
    let deadline = Duration::from_millis(deadline_ms);
    let (now, left) = match virtual_timeout {
        Some(timeout) => (deadline.saturating_sub(timeout), timeout),
        None => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            (now, deadline.saturating_sub(now))
        }
    };
    (at(now), left)
}

fn at(since_epoch: Duration) -> Timestamp {
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// One line per invocation, readable alone; ids and counts, never payloads.
fn answer(
    name: &str,
    session: &Session<'_>,
    took: Duration,
    done: Result<Done, Failure>,
) -> Result<Value, Diagnostic> {
    match done {
        Ok(Done::Ignored(why)) => {
            info!(function = name, ignored = why, "ignored: {why}");
            Ok(json!({"ignored": why}))
        }
        Ok(Done::Batch(round, again)) => {
            tell(name, session, took, &round);
            // Lambda takes an answer with any other field for a failure of the whole batch.
            let again = again.iter().map(|id| json!({"itemIdentifier": id}));
            Ok(json!({"batchItemFailures": again.collect::<Vec<_>>()}))
        }
        Ok(Done::Played(round)) => {
            let summary = tell(name, session, took, &round);
            match round.undone.into_iter().next() {
                Some(fault) => failed(name, Failure::Undone(fault)),
                None => Ok(summary),
            }
        }
        Err(failure) => failed(name, failure),
    }
}

/// The line of a round, its metrics, and what was refused it.
fn tell(name: &str, session: &Session<'_>, took: Duration, round: &Round) -> Value {
    let (duration_ms, calls) = (took.as_millis(), session.calls());
    let (summary, line) = (summary(round), round.to_string());
    count(session, round);
    info!(function = name, duration_ms, aws_calls = calls, round = %summary, "{line}");
    for (fault, times) in refusals(round) {
        warn!(function = name, times, "{fault}");
    }
    if let Some(fault) = round.pinged.as_ref().and_then(Outcome::fault) {
        warn!(function = name, "{fault}");
    }
    summary
}

/// A full queue turns away many for one reason: that is one line.
fn refusals(round: &Round) -> BTreeMap<String, usize> {
    let mut refusals = BTreeMap::new();
    for fault in round.tried.iter().filter_map(|tried| tried.outcome.fault()) {
        *refusals.entry(fault.to_string()).or_default() += 1;
    }
    refusals
}

/// Prints the metrics line as it is: CloudWatch reads it only where nothing is wrapped around it.
fn count(session: &Session<'_>, round: &Round) {
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let at = session.now.as_millisecond();
    let line = metrics::line(&function, at, round);
    // A log that cannot be written to is no reason to fail what was done.
    _ = writeln!(std::io::stdout(), "{line}");
}

fn failed(name: &str, failure: Failure) -> Result<Value, Diagnostic> {
    error!(function = name, "{failure}");
    Err(failure.into())
}

fn summary(round: &Round) -> Value {
    let findings: Vec<String> = round
        .findings
        .iter()
        .map(|finding| format!("{}{}", finding.key.prefix(), finding.severity.word()))
        .collect();
    let said: Vec<&str> = round.said.iter().map(|notice| notice.subject.as_str()).collect();
    let outcomes = || round.tried.iter().map(|tried| &tried.outcome);
    json!({
        "points": round.steps.len(), "duties": round.duties.len(),
        "accepted": outcomes().filter(|outcome| outcome.fault().is_none()).count(),
        "waiting": outcomes().filter(|outcome| matches!(outcome, Outcome::Deferred(_))).count(),
        "refused": outcomes().filter(|outcome| matches!(outcome, Outcome::Failed(_))).count(),
        "met": round.duties.iter().filter(|duty| duty.met().is_some()).count(),
        "findings": findings, "said": said,
        "pinged": round.pinged.as_ref().is_some_and(|pinged| pinged.fault().is_none()),
    })
}
