//! The account that the functions meet: a fleet in the steady state of a policy, with a week of
//! points in home and a month of copies in dr. It is put together, not played: a night of ten
//! thousand instances would take the model longer than the whole benchmark.

use super::theatre::{Act, Part};
use domain::names;
use domain::policy::{Policy, parse};
use domain::report::DAYS;
use domain::seen::State;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use model::Account;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// RDS's usual retention, and the policy's.
const DAYS_IN_HOME: i64 = 7;
const DAYS_IN_DR: i64 = 30;
/// As many attempts as Sonae makes.
const ATTEMPTS: u8 = names::ATTEMPTS;

/// When tonight's points are from.
const TONIGHT: &str = "2025-11-05T18:05:00Z";
/// 01:00, 02:00, 03:15, 05:15 and 08:00 in Tokyo; nothing is owed before 03:00.
const FIRST: &str = "2025-11-05T16:00:00Z";
const QUIET: &str = "2025-11-05T17:00:00Z";
const NIGHT: &str = "2025-11-05T18:15:00Z";
const BROKEN: &str = "2025-11-05T20:15:00Z";
const REPORTED: &str = "2025-11-05T23:00:00Z";
/// The event of tonight's first point.
const EVENT: &str = "events/rds-0091-automated-created.json";

/// A fleet.
pub(super) struct Scene {
    pub(super) policy: Policy,
    pub(super) file: PathBuf,
    account: Account,
    event: Value,
}

impl Scene {
    /// So many instances with their points and copies, never looked at yet.
    pub(super) fn of(assets: usize, out: &Path) -> Result<Self, String> {
        let text = policy_text(assets);
        let policy = parse(&text).map_err(|bad| format!("the benchmark's policy: {bad}"))?;
        let file = std::path::absolute(out.join(format!("policy-{assets}.toml")))
            .map_err(|error| error.to_string())?;
        std::fs::write(&file, text).map_err(|error| format!("`{}`: {error}", file.display()))?;
        let mut account = Account::of(&policy, time(FIRST));
        // Everything may be copied at once: what is measured is the function, not the queue.
        (account.manual_quota, account.in_flight_limit) = (usize::MAX, usize::MAX);
        fill(&mut account, &policy);
        let event =
            std::fs::read_to_string(EVENT).map_err(|error| format!("`{EVENT}`: {error}"))?;
        let event = serde_json::from_str(&event).map_err(|error| format!("`{EVENT}`: {error}"))?;
        Ok(Self { policy, file, account, event })
    }

    /// The first look of all, which writes down what stands and since when Sonae looks.
    pub(super) fn first(&self) -> Act {
        self.look(self.account.clone(), FIRST)
    }

    /// From now on this is the account; what led to it is forgotten.
    pub(super) fn settle(&mut self, account: Account) {
        self.account = account;
        self.account.calls.clear();
        self.account.events.clear();
    }

    /// A look at a fleet of which nothing is new.
    pub(super) fn quiet(&self) -> Act {
        self.look(self.account.clone(), QUIET)
    }

    /// A look at a fleet of which every instance has a point to copy.
    pub(super) fn night(&self) -> Act {
        self.look(self.tonight(), NIGHT)
    }

    /// A look at a fleet that has landed, but for one instance all of whose copies failed.
    pub(super) fn broken(&self) -> Act {
        let mut account = self.tonight();
        for (n, asset) in self.policy.assets.iter().enumerate() {
            let point = account.past_point(&self.policy, asset, night_of(0));
            let (attempts, state) =
                if n == 0 { (ATTEMPTS, State::Failed) } else { (1, State::Available) };
            for attempt in 1..=attempts {
                let copy = account.past_copy(&self.policy, asset, &point, attempt, state.clone());
                account.put_snapshot(&self.policy.dr, copy);
            }
        }
        self.look(account, BROKEN)
    }

    /// The report of a fleet that has landed, written down as such, with thirty days behind it.
    pub(super) fn reported(&self) -> Act {
        let mut account = self.tonight();
        for asset in &self.policy.assets {
            let point = account.past_point(&self.policy, asset, night_of(0));
            let copy = account.past_copy(&self.policy, asset, &point, 1, State::Available);
            account.put_snapshot(&self.policy.dr, copy);
            for fact in ["taken", "landed"] {
                self.put(
                    &mut account,
                    &format!("duties/2025-11-06/{}/{fact}.json", asset.id),
                    "{}",
                );
            }
        }
        self.put(&mut account, "reports/2025-11-05.json", &self.month().to_string());
        account.calls.clear();
        self.look(account, REPORTED)
    }

    /// As much of yesterday's report as today's goes on from.
    fn month(&self) -> Value {
        let ages = vec![295; DAYS];
        let line = json!({"held": "h".repeat(DAYS), "age": ages, "took": vec![14; DAYS]});
        let last: Date = date(2025, 11, 5);
        let back = i32::try_from(DAYS).unwrap_or(i32::MAX);
        let days: Vec<Date> = (0..back).rev().map(|n| last.saturating_sub(n.days())).collect();
        let assets: BTreeMap<_, _> =
            self.policy.assets.iter().map(|asset| (asset.id.as_str(), &line)).collect();
        json!({"day": last, "number": 30, "trend": {"days": days, "assets": assets}})
    }

    fn put(&self, account: &mut Account, key: &str, body: &str) {
        let put = account.put_object(&self.policy.dr, "journal", key, body.into(), false);
        put.expect("the journal is there");
    }

    /// The event of one point of a night in which every instance has one.
    pub(super) fn event(&self) -> Act {
        let time_of_event = self.event["time"].as_str().unwrap_or_default();
        act(Part::React, self.tonight(), time(time_of_event), self.event.clone())
    }

    fn look(&self, account: Account, at: &str) -> Act {
        let event = json!({"kind": "check", "scheduled_time": at});
        act(Part::Check, account, time(at), event)
    }

    fn tonight(&self) -> Account {
        let mut account = self.account.clone();
        for asset in &self.policy.assets {
            let point = account.past_point(&self.policy, asset, night_of(0));
            account.put_snapshot(&self.policy.home, point);
        }
        account
    }
}

fn act(part: Part, mut account: Account, now: Timestamp, event: Value) -> Act {
    account.now = now;
    Act { part, account, now, event }
}

fn fill(account: &mut Account, policy: &Policy) {
    for asset in &policy.assets {
        for night in 1..=DAYS_IN_DR {
            let point = account.past_point(policy, asset, night_of(night));
            let copy = account.past_copy(policy, asset, &point, 1, State::Available);
            account.put_snapshot(&policy.dr, copy);
            if night <= DAYS_IN_HOME {
                account.put_snapshot(&policy.home, point);
            }
        }
    }
}

/// When the points of so many nights ago are from.
fn night_of(night: i64) -> Timestamp {
    time(TONIGHT) - SignedDuration::from_hours(24 * night)
}

/// The shipped policy's words with so many assets, in English.
fn policy_text(assets: usize) -> String {
    let more =
        (1..assets).map(|n| format!("\n[[asset]]\nkind = \"rds-instance\"\nid = \"db-{n}\"\n"));
    format!(
        r#"version = 1
system = "kaigo-subsys-prod"
home = "us-east-1"
dr = "us-west-2"
zone = "Asia/Tokyo"
language = "en"

[notify]
email = ["ops@example.com"]

[defaults]
since = 2025-10-01
dr_key = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"

[[asset]]
kind = "rds-instance"
id = "kaigo-subsys-prod"
{}"#,
        more.collect::<String>()
    )
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a constant time")
}
