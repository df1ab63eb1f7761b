//! A night to start from, and words to read it by.

use domain::id::{PointName, Region};
use domain::policy::{Policy, parse};
use domain::round::Round;
use domain::seen::{Point, Scope, State};
use domain::tags::StartedBy;
use jiff::Timestamp;
use model::{Account, Db, Sim};

pub(crate) const KEY: &str =
    "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555";
pub(crate) const AUTOMATED: &str = "rds:kaigo-subsys-prod-2025-01-14-18-05";
pub(crate) const COPY: &str = "kaigo-subsys-prod-2025-01-14-18-05-dr";

pub(crate) const ID: &str = "kaigo-subsys-prod";
pub(crate) const READ: &str = "rds:DescribeDBSnapshots";
pub(crate) const COMPLETE: &str = "[OK] kaigo-subsys-prod: night of 2025-01-15 complete";

pub(crate) fn policy() -> Policy {
    policy_with("")
}

/// The same of an Aurora cluster.
pub(crate) fn policy_of_cluster(asset: &str) -> Policy {
    parsed("rds-cluster", asset)
}

/// The kaigo policy, with more lines for its asset.
pub(crate) fn policy_with(asset: &str) -> Policy {
    parsed("rds-instance", asset)
}

fn parsed(kind: &str, more: &str) -> Policy {
    policy_over("", &asset(kind, ID, more))
}

/// The policy of these assets, with more lines among its defaults.
pub(crate) fn policy_over(defaults: &str, assets: &str) -> Policy {
    let text = format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"en\"\n\
         [notify]\nemail = [\"ops@example.com\"]\n\
         [defaults]\nsince = 2025-01-15\ndr_key = \"{KEY}\"\n{defaults}\n{assets}"
    );
    parse(&text).expect("a good policy")
}

/// One asset of a policy, with more lines of its own.
pub(crate) fn asset(kind: &str, id: &str, more: &str) -> String {
    format!("[[asset]]\nkind = \"{kind}\"\nid = \"{id}\"\n{more}\n")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn home() -> Region {
    Region::new("us-east-1")
}

pub(crate) fn dr() -> Region {
    Region::new("us-west-2")
}

/// 02:50 JST on 2025-01-15: ten minutes before the night.
pub(crate) fn evening() -> Timestamp {
    at("2025-01-14T17:50:00Z")
}

pub(crate) fn sim() -> Sim {
    sim_of(policy())
}

pub(crate) fn sim_of(policy: Policy) -> Sim {
    Sim::new(Account::of(&policy, evening()), policy)
}

/// The same account under a policy with these lines for its asset.
pub(crate) fn under(sim: &Sim, more: &str) -> Sim {
    Sim::new(sim.account.borrow().clone(), policy_with(more))
}

/// The same account under a policy with another, working dr key.
pub(crate) fn rekeyed(sim: &Sim) -> Sim {
    let new = KEY.replace("11111111", "22222222");
    sim.account.borrow_mut().keys.insert(new.clone(), "Enabled".to_owned());
    under(sim, &format!("dr_key = \"{new}\""))
}

/// A person takes a manual point.
pub(crate) fn create(sim: &Sim, name: &str, tags: &[(&str, &str)]) {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    sim.account.borrow_mut().create_db_snapshot(&home(), ID, name, tags).expect("created");
}

/// How many subjects hold these words.
pub(crate) fn told(sim: &Sim, words: &str) -> usize {
    sim.subjects().iter().filter(|told| told.contains(words)).count()
}

pub(crate) fn each_db(sim: &Sim, change: impl Fn(&mut Db)) {
    sim.account.borrow_mut().databases.values_mut().for_each(change);
}

/// Words for driving a night.
pub(crate) trait Drive {
    fn until(&self, time: &str);
    fn check(&self) -> Round;
    fn check_until(&self, time: &str);
    fn event(&self, region: Region, name: &str) -> Round;
    fn copies(&self) -> Vec<Point>;
    fn subjects(&self) -> Vec<String>;
}

impl Drive for Sim {
    /// Time passes; nobody looks.
    fn until(&self, time: &str) {
        self.account.borrow_mut().advance(at(time));
    }

    /// One check now.
    fn check(&self) -> Round {
        self.play(Scope::Fleet, StartedBy::Check, None).expect("not killed")
    }

    /// A check every quarter of an hour up to a time.
    fn check_until(&self, time: &str) {
        loop {
            let next = domain::day::tick(self.account.borrow().now) + domain::day::TICK;
            if next > at(time) {
                return;
            }
            self.account.borrow_mut().advance(next);
            if self.policy().looks_at(next) {
                self.check();
            }
        }
    }

    /// An event about a point arrives now.
    fn event(&self, region: Region, name: &str) -> Round {
        let family = self.policy().assets[0].family().expect("a database");
        let scope = Scope::Point(region, family, PointName::new(name));
        self.play(scope, StartedBy::Event, None).expect("not killed")
    }

    /// What is in dr.
    fn copies(&self) -> Vec<Point> {
        let account = self.account.borrow();
        let here = account.snapshots.iter().filter(|((region, ..), _)| *region == dr());
        here.map(|(_, snapshot)| snapshot.point.clone()).collect()
    }

    /// The subjects of everything told.
    fn subjects(&self) -> Vec<String> {
        self.mails().into_iter().map(|mail| mail.subject).collect()
    }
}

pub(crate) fn state_of(copies: &[Point], name: &str) -> Option<State> {
    copies.iter().find(|copy| copy.name.as_str() == name).map(|copy| copy.state.clone())
}
