//! The stage: an account, the clients on it, and the two handlers as Lambda calls them.

use aws_sdk_rds::config::{Credentials, Region as SdkRegion};
use cloud::config::{self, Config};
use cloud::entry::{Done, Failure};
use cloud::{Aws, Session, clients};
use domain::id::Region;
use domain::policy::{Policy, parse};
use domain::round::Round;
use domain::seen::Point;
use jiff::{SignedDuration, Timestamp};
use local::connector::InProcess;
use model::{Account, Mail, Scripted};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const KEY: &str =
    "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555";
pub(crate) const POINT: &str = "rds:kaigo-subsys-prod-2025-11-05-18-05";
pub(crate) const COPY: &str = "kaigo-subsys-prod-2025-11-05-18-05-dr";

/// Both functions on one account.
pub(crate) struct Stage {
    pub(crate) cloud: InProcess,
    aws: Aws,
    watcher: Aws,
}

impl Stage {
    /// One asset, at ten to three in Tokyo.
    pub(crate) async fn new() -> Self {
        Self::of(1).await
    }

    /// This many assets.
    pub(crate) async fn of(assets: usize) -> Self {
        Self::under(policy_text(assets)).await
    }

    /// This many assets, each with a dr key of its own.
    pub(crate) async fn with_keys(assets: usize) -> Self {
        let mut text = policy_text(assets);
        for n in 1..assets {
            let id = format!("id = \"db-{n}\"\n");
            let key = KEY.replace("11111111-", &format!("{n:08}-"));
            text = text.replace(&id, &format!("{id}dr_key = \"{key}\"\n"));
        }
        Self::under(text).await
    }

    /// Under this policy.
    pub(crate) async fn under(text: String) -> Self {
        let policy = parse(&text).expect("a good policy");
        Self::over(text, Account::of(&policy, at("2025-11-05T17:50:00Z"))).await
    }

    /// Under this policy, on this account.
    pub(crate) async fn over(text: String, account: Account) -> Self {
        let cloud = InProcess::new(Arc::new(Mutex::new(account)));
        let sdk = clients::loader(cloud.client())
            .region(SdkRegion::new("us-east-1"))
            .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
            .load()
            .await;
        let watcher = Aws::with(setup(&text, &WATCHER), &sdk);
        Self { cloud, aws: Aws::with(setup(&text, &[]), &sdk), watcher }
    }

    /// The same stage with these variables of home's functions changed.
    pub(crate) async fn with(changes: &[(&'static str, &'static str)]) -> Self {
        let stage = Self::new().await;
        let sdk = clients::loader(stage.cloud.client())
            .region(SdkRegion::new("us-east-1"))
            .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
            .load()
            .await;
        Self { aws: Aws::with(setup(&policy_text(1), changes), &sdk), ..stage }
    }

    /// One tick to the watcher in dr, with its 60 seconds.
    pub(crate) async fn watch(&self) -> Result<Done, Failure> {
        let now = self.cloud.account().now;
        let session = Session::new(&self.watcher, now, Duration::from_secs(60));
        let input = json!({"kind": "check", "scheduled_time": now.to_string()});
        check::handler::handle(&session, input).await
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.aws.config().policy
    }

    pub(crate) fn until(&self, time: &str) {
        self.cloud.account().advance(at(time));
    }

    /// One event to `react`, with its 60 seconds.
    pub(crate) async fn react(&self, event: &Value) -> Result<Done, Failure> {
        react::handler::handle(&self.session(60), event.clone()).await
    }

    /// One tick to `check`, with its 300 seconds.
    pub(crate) async fn check(&self) -> Result<Done, Failure> {
        let session = self.session(300);
        let input = json!({"kind": "check", "scheduled_time": session.now.to_string()});
        check::handler::handle(&session, input).await
    }

    /// One tick, or a batch of messages, to `replication`, with its 300 seconds.
    pub(crate) async fn replicate(&self, input: Value) -> Result<Done, Failure> {
        replication::handler::handle(&self.session(300), input).await
    }

    /// One run of `sweep`, with its 900 seconds.
    pub(crate) async fn sweep(&self, input: Value) -> Result<Done, Failure> {
        sweep::handler::handle(&self.session(900), input).await
    }

    /// So many nights landed before now, of each asset.
    pub(crate) fn put_nights(&self, nights: i64) {
        let mut account = self.cloud.account();
        for back in 0..nights {
            let taken = at("2025-11-05T18:05:00Z") - SignedDuration::from_hours(24 * back);
            for asset in self.policy().assets.iter().filter(|asset| asset.family().is_some()) {
                account.put_night(self.policy(), asset, taken);
            }
        }
        account.now = at("2025-11-06T00:00:00Z");
    }

    /// A check every quarter of an hour, up to a time.
    pub(crate) async fn check_until(&self, time: &str) {
        loop {
            let next = domain::day::tick(self.cloud.account().now) + domain::day::TICK;
            if next > at(time) {
                return;
            }
            self.cloud.account().advance(next);
            self.check().await.expect("a good tick");
        }
    }

    pub(crate) fn session(&self, seconds: u64) -> Session<'_> {
        let now = self.cloud.account().now;
        Session::new(&self.aws, now, Duration::from_secs(seconds))
    }

    pub(crate) fn script(&self, op: &str, region: &str, fault: Scripted) {
        let region = Region::new(region);
        self.cloud.account().script(op, Some(&region), "", u32::MAX, fault);
    }

    pub(crate) fn copies(&self) -> Vec<Point> {
        let account = self.cloud.account();
        let here =
            account.snapshots.iter().filter(|((region, ..), _)| region.as_str() == "us-west-2");
        here.map(|(_, snapshot)| snapshot.point.clone()).collect()
    }

    pub(crate) fn mails(&self, region: &str) -> Vec<Mail> {
        let account = self.cloud.account();
        account.outbox[&account.topic(&Region::new(region))].clone()
    }

    pub(crate) fn subjects(&self) -> Vec<String> {
        self.mails("us-east-1").into_iter().map(|mail| mail.subject).collect()
    }
}

/// What a handler that played a round came to.
pub(crate) fn played(done: Result<Done, Failure>) -> Round {
    match done.expect("a round") {
        Done::Played(round) | Done::Batch(round, _) => *round,
        Done::Ignored(why) => panic!("ignored: {why}"),
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// RDS-EVENT-0091 of the night's point.
pub(crate) fn point_ready() -> Value {
    sample("rds-0091-automated-created.json")
}

/// A file of events/.
pub(crate) fn sample(file: &str) -> Value {
    let path = format!("{}/../events/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the sample exists");
    serde_json::from_str(&text).expect("the sample is JSON")
}

/// What the dr stack gives its watcher instead.
const WATCHER: [(&str, &str); 2] = [(config::SIDE, "dr"), (config::REGION, "us-west-2")];

/// The setup that the template gives, with this policy and these changes.
fn setup(policy: &str, changes: &[(&'static str, &'static str)]) -> Config {
    let vars = [
        (config::POLICY, "/opt/policy.toml"),
        (config::SIDE, "home"),
        (config::GRANTED, KEY),
        (config::ARMED, "true"),
        (config::JOURNAL, "journal"),
        (config::TOPIC, "arn:aws:sns:us-east-1:123456789012:sonae"),
        (config::DR_TOPIC, "arn:aws:sns:us-west-2:123456789012:sonae"),
        (config::REGION, "us-east-1"),
    ];
    let vars: Vec<_> = changes.iter().copied().chain(vars).collect();
    let get = |name: &str| {
        vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    Config::from_vars(get, |_| Ok(policy.to_owned())).expect("a good setup")
}

/// A policy over this many assets.
pub(crate) fn policy_text(assets: usize) -> String {
    let more =
        (1..assets).map(|n| format!("[[asset]]\nkind = \"rds-instance\"\nid = \"db-{n}\"\n"));
    format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"ja\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [defaults]\nsince = 2025-11-06\ndr_key = \"{KEY}\"\n\
         [[asset]]\nkind = \"rds-instance\"\nid = \"kaigo-subsys-prod\"\n{}",
        more.collect::<String>()
    )
}
