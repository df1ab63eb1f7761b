//! One invocation: the clients, the time, and how much of it is left.

use crate::clients::Aws;
use crate::config::Side;
use crate::fault;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::episode::NoticeKey;
use domain::fault::{Fault, FaultKind};
use domain::id::Region;
use domain::notice::Notice;
use domain::policy::Policy;
use domain::seen::{Scope, Seen};
use domain::step::{Action, Outcome};
use domain::world::{Claim, World};
use jiff::Timestamp;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// With less than this left no call is started: its effect could not be judged any more.
const RESERVE: Duration = Duration::from_secs(10);

/// What is left for the log line once the last call is given up.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What looking and acting leave for telling and for the sign of life, at most.
const FOR_TELLING: Duration = Duration::from_secs(60);

/// The clients during one invocation.
#[derive(Debug)]
pub struct Session<'a> {
    pub(crate) aws: &'a Aws,
    /// The time that this invocation judges by.
    pub now: Timestamp,
    until: Instant,
    for_telling: Duration,
    calls: Cell<u32>,
    /// How often a call got no answer.
    silent: RefCell<BTreeMap<String, u32>>,
    asked: RefCell<BTreeSet<String>>,
    /// The policy with what carries its tags, once that was asked for.
    pub(crate) grown: OnceCell<Policy>,
}

impl<'a> Session<'a> {
    /// An invocation at `now` that may take `left`.
    pub fn new(aws: &'a Aws, now: Timestamp, left: Duration) -> Self {
        let (until, for_telling) = (Instant::now() + left, FOR_TELLING.min(left / 3));
        let (calls, silent, asked) = (Cell::new(0), RefCell::default(), RefCell::default());
        let grown = OnceCell::new();
        Self { aws, now, until, for_telling, calls, silent, asked, grown }
    }

    /// What is protected.
    pub fn policy(&self) -> &Policy {
        self.grown.get().unwrap_or(&self.aws.config.policy)
    }

    /// Which side this function is on.
    pub fn side(&self) -> Side {
        self.aws.config.side
    }

    /// How many AWS operations it has called.
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }

    pub(crate) fn home(&self) -> &'a Region {
        &self.aws.config.policy.home
    }

    pub(crate) fn dr(&self) -> &'a Region {
        &self.aws.config.policy.dr
    }

    /// What was asked for so far, such as `us-west-2.kms:DescribeKey`.
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// Makes one call within the time that is left. What did not answer is not asked again by this
    /// invocation: thirty silent calls in a row would leave no time to tell of them. A copy is, once:
    /// one database without an answer must not keep the others from theirs.
    pub(crate) async fn call<T, E, R>(
        &self,
        op: &str,
        region: &Region,
        call: impl Future<Output = Result<T, SdkError<E, R>>>,
    ) -> Result<T, Fault>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let line = format!("{region}.{op}");
        self.asked.borrow_mut().insert(line.clone());
        if self.silent.borrow().get(&line).is_some_and(|times| *times >= patience(op)) {
            return Err(fault::late(op, region, "not called: it did not answer a moment ago"));
        }
        let left = self.left_for(op, region);
        if left < RESERVE {
            return Err(fault::late(op, region, "not called: the invocation's time was used up"));
        }
        self.calls.set(self.calls.get() + 1);
        let answer = match timeout(left.saturating_sub(LAST_WORDS), call).await {
            Ok(answer) => answer.map_err(|error| fault::of(op, region, &error)),
            Err(_) => Err(fault::late(op, region, "no answer before the invocation's end")),
        };
        if answer.as_ref().is_err_and(|fault| fault.kind == FaultKind::Late) {
            *self.silent.borrow_mut().entry(line).or_default() += 1;
        }
        answer
    }

    /// How long something that is no call of AWS's may take: at most so long, and not at all where no call
    /// would be started any more.
    pub(crate) fn spare(&self, most: Duration) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        (left >= RESERVE).then(|| most.min(left.saturating_sub(LAST_WORDS)))
    }

    /// The journal and the topics have all the time there is, the rest leaves some of it to them.
    fn left_for(&self, op: &str, region: &Region) -> Duration {
        let left = self.until.saturating_duration_since(Instant::now());
        match op.split_once(':') {
            Some(("sns", _)) => left,
            Some(("s3", _)) if region == self.dr() => left,
            _ => left.saturating_sub(self.for_telling),
        }
    }
}

/// How often a call may be left without an answer before it is not made any more.
fn patience(op: &str) -> u32 {
    let copies = op.split_once(':').is_some_and(|(_, call)| call.starts_with("Copy"));
    if copies { 2 } else { 1 }
}

/// Boxed, because the SDK's futures nest so deep that the compiler gives up on their layout.
impl World for Session<'_> {
    async fn observe(&self, scope: &Scope) -> Seen {
        Box::pin(self.look(scope)).await
    }

    async fn act(&self, action: &Action) -> Outcome {
        match action {
            Action::Take(take) => Box::pin(self.take(take)).await,
            Action::Copy(copy) => Box::pin(self.copy(copy)).await,
            Action::CopyPoint(copy) => Box::pin(self.copy_point(copy)).await,
            Action::Canary(_) => Outcome::refused(fault::not_here("s3:PutObject", self.home())),
            Action::Repair(_) => Outcome::refused(fault::not_here("s3:CreateJob", self.home())),
            Action::Delete(delete) => Box::pin(self.delete(delete)).await,
            Action::Record(record) => Box::pin(self.record(record)).await,
            Action::Ping(url) => Box::pin(self.ping(url)).await,
        }
    }

    async fn claim(&self, key: &NoticeKey) -> Claim {
        Box::pin(self.claim_notice(key)).await
    }

    async fn publish(&self, notice: &Notice) -> Result<(), Fault> {
        Box::pin(self.publish_notice(notice)).await
    }

    async fn mark(&self, key: &NoticeKey) {
        Box::pin(self.mark_notice(key)).await;
    }
}
