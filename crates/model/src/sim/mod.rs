//! The domain's World directly over the model, without a wire: for campaigns of many nights, and
//! for killing a round at any of its calls.

mod act;
mod buckets;
mod hosts;
mod look;
mod shelves;
mod vaults;
mod watch;

use crate::account::Account;
use crate::script::ApiError;
use crate::topics::Mail;
use domain::episode::{Kind, NoticeKey};
use domain::fault::{Fault, FaultKind};
use domain::id::Region;
use domain::journal::Journal;
use domain::notice::Notice;
use domain::policy::Policy;
use domain::record::notice_body;
use domain::report::Report;
use domain::round::{Round, check, report, round, sweep};
use domain::seen::{Scope, Seen};
use domain::step::{Action, Outcome};
use domain::sweep::{NoSuchStop, Stock};
use domain::tags::StartedBy;
use domain::world::{Claim, World};
use jiff::Timestamp;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The model as the domain's outside.
pub struct Sim {
    /// The account; borrow it between rounds to change the world.
    pub account: RefCell<Account>,
    policy: Policy,
    /// Whether dr's watcher is played, which knows dr's topic only.
    watches: Cell<bool>,
    kill: Cell<Option<Kill>>,
    calls: Cell<u32>,
    pings: RefCell<Vec<Timestamp>>,
}

/// Where a round is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kill {
    /// At its k-th call, from 1.
    pub at: u32,
    /// After the call's effect, or before.
    pub after_effect: bool,
}

impl Sim {
    /// A world for this policy.
    pub fn new(account: Account, policy: Policy) -> Self {
        let (watches, kill, calls) = (Cell::new(false), Cell::new(None), Cell::new(0));
        let pings = RefCell::default();
        Self { account: RefCell::new(account), policy, watches, kill, calls, pings }
    }

    /// Plays one round now; `None` when it was killed.
    pub fn play(&self, scope: Scope, by: StartedBy, kill: Option<Kill>) -> Option<Round> {
        let now = self.account.borrow().now;
        match (&scope, by) {
            (Scope::Fleet, StartedBy::Check) => self.run(check(self, &self.policy, now), kill),
            _ => self.run(round(self, &self.policy, scope, by, now), kill),
        }
    }

    /// Plays one sweep now; `None` when it was killed.
    pub fn sweep(
        &self,
        approved: Option<&str>,
        kill: Option<Kill>,
    ) -> Option<Result<Round, NoSuchStop>> {
        let now = self.account.borrow().now;
        self.run(sweep(self, &self.policy, approved, now), kill)
    }

    /// The report as it would be now, for a person who asks.
    pub fn report(&self) -> Report {
        let now = self.account.borrow().now;
        self.run(report(self, &self.policy, now), None).expect("nobody kills it")
    }

    /// What a sweep would look at now.
    pub fn stock(&self) -> Stock {
        self.stock_of(&mut self.account.borrow_mut())
    }

    fn run<T>(&self, played: impl Future<Output = T>, kill: Option<Kill>) -> Option<T> {
        self.kill.set(kill);
        self.calls.set(0);
        let mut played = pin!(played);
        loop {
            match played.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(done) => return Some(done),
                Poll::Pending if kill.is_some_and(|kill| self.calls.get() >= kill.at) => {
                    return None;
                }
                Poll::Pending => {}
            }
        }
    }

    /// Plays the same round several times at once, call by call in turn: the worst race there is.
    pub fn race(&self, scope: &Scope, by: StartedBy, rounds: usize) -> Vec<Round> {
        self.kill.set(None);
        let now = self.account.borrow().now;
        let one = || Box::pin(round(self, &self.policy, scope.clone(), by, now));
        let mut running: Vec<_> = (0..rounds).map(|_| one()).collect();
        let mut done = Vec::new();
        while !running.is_empty() {
            running.retain_mut(|round| {
                let polled = round.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                match polled {
                    Poll::Ready(round) => {
                        done.push(round);
                        false
                    }
                    Poll::Pending => true,
                }
            });
        }
        done
    }

    /// How many calls the last round made.
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// The bucket of the journal, by convention.
    pub const JOURNAL: &str = "journal";

    /// What was told so far, the reports of the days apart.
    pub fn mails(&self) -> Vec<Mail> {
        self.sent(|kind| kind != Kind::Report.word())
    }

    /// The reports that were sent so far.
    pub fn reports(&self) -> Vec<Mail> {
        self.sent(|kind| kind == Kind::Report.word())
    }

    fn sent(&self, of: impl Fn(&str) -> bool) -> Vec<Mail> {
        let account = self.account.borrow();
        let all = account.outbox.get(&account.topic(&self.policy.home)).into_iter().flatten();
        let is =
            |mail: &&Mail| mail.attributes.iter().any(|(name, kind)| name == "kind" && of(kind));
        all.filter(is).cloned().collect()
    }

    /// When the watchdog was pinged.
    pub fn pings(&self) -> Vec<Timestamp> {
        self.pings.borrow().clone()
    }

    /// The policy that is played.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Does one call, unless the round dies at it.
    async fn call<T>(&self, effect: impl FnOnce(&mut Account) -> T) -> T {
        give_way().await;
        let n = self.calls.get() + 1;
        self.calls.set(n);
        match self.kill.get() {
            Some(Kill { at, after_effect }) if at == n => {
                if after_effect {
                    effect(&mut self.account.borrow_mut());
                }
                std::future::pending().await
            }
            _ => effect(&mut self.account.borrow_mut()),
        }
    }

    /// To home's topic, else to dr's; with the ASCII subject where the other is refused.
    fn publish_to(
        &self,
        account: &mut Account,
        region: &Region,
        notice: &Notice,
    ) -> Result<(), Fault> {
        let topic = account.topic(region);
        let kind = vec![("kind".to_owned(), notice.key.episode.kind.word().to_owned())];
        let mut send = |subject| {
            account.publish(region, &topic, subject, &notice.body, kind.clone()).map(|_| ())
        };
        let sent = match send(&notice.subject) {
            Err(error) if error.code == "InvalidParameter" => send(&notice.ascii_subject),
            sent => sent,
        };
        sent.map_err(|error| fault(error, "sns:Publish", region))
    }

    fn write(&self, account: &mut Account, path: &str, body: Vec<u8>, once: bool) -> Outcome {
        let dr = &self.policy.dr;
        match account.put_object(dr, Self::JOURNAL, path, body, once) {
            Ok(()) => Outcome::Done,
            Err(error) if error.code == "PreconditionFailed" => Outcome::Already,
            Err(error) => Outcome::Failed(fault(error, "s3:PutObject", dr)),
        }
    }
}

impl World for Sim {
    async fn observe(&self, scope: &Scope) -> Seen {
        self.call(|account| {
            let before = account.calls.len();
            let seen = match scope {
                Scope::Fleet => self.look(account, None, false),
                Scope::Day => self.look(account, None, true),
                Scope::Stock => self.look_at_stock(account),
                Scope::Watch => self.look_at_home(account),
                Scope::Buckets => self.look_at_buckets(account, None),
                Scope::Bucket(id) => self.look_at_buckets(account, Some(id)),
                Scope::Host(id) => self.look_at_host(account, id),
                Scope::Asset(id) => self.look_at_one(account, self.policy.asset(id)),
                Scope::Point(region, family, name) => {
                    self.look_at_named(account, region, *family, name)
                }
            };
            let made = account.calls.iter().skip(before);
            let asked = made.map(|call| format!("{}.{}", call.region, call.op)).collect();
            Seen { asked, ..seen }
        })
        .await
    }

    async fn act(&self, action: &Action) -> Outcome {
        self.call(|account| match action {
            Action::Copy(copy) => self.copy(account, copy),
            Action::Take(take) => self.take(account, take),
            Action::CopyPoint(copy) => self.copy_point(account, copy),
            Action::Canary(bucket) => self.write_canary(account, bucket),
            Action::Repair(job) => self.start_job(account, job),
            Action::Delete(delete) => self.delete(account, delete),
            Action::Record(record) => {
                self.write(account, &record.path(), record.content(), !record.overwrites())
            }
            Action::Ping(_) => self.ping(account),
        })
        .await
    }

    async fn claim(&self, key: &NoticeKey) -> Claim {
        let dr = &self.policy.dr;
        let listed =
            self.call(|account| account.list_objects(dr, Self::JOURNAL, &key.prefix(), None, 1000));
        let page = match listed.await {
            Ok(page) => page,
            Err(error) => return Claim::Unknown(fault(error, "s3:ListBucket", dr)),
        };
        let now = self.account.borrow().now;
        let keys = page.keys.iter().map(|(key, at, _)| (key.as_str(), *at));
        let k = match Journal::from_keys(keys).claim(key, now) {
            Ok(k) => k,
            Err(claim) => return claim,
        };
        let body = notice_body(key, now).to_string().into_bytes();
        match self.call(|account| self.write(account, &key.claim_path(k), body, true)).await {
            Outcome::Done => Claim::Mine,
            Outcome::Already => Claim::Held,
            Outcome::Deferred(fault) | Outcome::Failed(fault) => Claim::Unknown(fault),
        }
    }

    async fn publish(&self, notice: &Notice) -> Result<(), Fault> {
        let Policy { home, dr, .. } = &self.policy;
        if self.watches.get() {
            return self.call(|account| self.publish_to(account, dr, notice)).await;
        }
        let told = self.call(|account| self.publish_to(account, home, notice)).await;
        if let Some(deaf) = &notice.deaf {
            let through_dr = self.call(|account| self.publish_to(account, dr, notice)).await;
            return if deaf == home { through_dr } else { told };
        }
        match told {
            Ok(()) => Ok(()),
            Err(fault) => {
                let told = self.call(|account| self.publish_to(account, dr, notice)).await;
                told.map_err(|_| fault)
            }
        }
    }

    async fn mark(&self, key: &NoticeKey) {
        self.call(|account| {
            let body = notice_body(key, account.now).to_string().into_bytes();
            self.write(account, &key.mark_path(), body, true);
        })
        .await;
    }
}

/// Lets the other rounds of a race go first.
async fn give_way() {
    let mut waited = false;
    std::future::poll_fn(|_| match std::mem::replace(&mut waited, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

fn fault(error: ApiError, op: &str, region: &Region) -> Fault {
    let kind = if error.is_silence() { FaultKind::Late } else { FaultKind::of_code(&error.code) };
    let detail = format!("{}: {}", error.code, error.message);
    Fault { op: op.to_owned(), region: region.clone(), kind, detail }
}
