//! The journal's objects: what is written, where, and how. Every object has `schema = 1`; all are
//! write-once but the heartbeat.

use crate::day;
use crate::duty::Met;
use crate::episode::{EpisodeKey, NoticeKey};
use crate::failure::{self, Batch, Failure};
use crate::health::Health;
use crate::id::{AssetId, minute_word};
use crate::journal::{self, FactKey};
use crate::report;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// An object of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Something happened to a point.
    Fact {
        /// What, of which.
        fact: FactKey,
        /// When this round saw it.
        at: Timestamp,
        /// What an auditor wants to know of it.
        about: About,
    },
    /// An asset was looked at for the first time; its earlier deadlines were nobody's.
    Joined {
        /// Which.
        asset: AssetId,
        /// When.
        at: Timestamp,
    },
    /// A step of an episode that nobody is told of.
    Mark {
        /// Of which thing.
        key: EpisodeKey,
        /// Which episode of it.
        n: u32,
        /// Which step.
        mark: Mark,
        /// The tick at which it was taken.
        tick: Timestamp,
    },
    /// A page of a sweep: its plan, or what became of it.
    Sweep {
        /// The minute and a hash of the plan.
        folder: String,
        /// `plan` or `done`.
        page: &'static str,
        /// The page.
        body: Value,
    },
    /// What a look at a bucket came to.
    Health {
        /// Which.
        bucket: AssetId,
        /// What.
        health: Health,
    },
    /// Objects of a bucket that S3 gave up.
    Failed {
        /// Which.
        bucket: AssetId,
        /// Where they lie, and why.
        batch: Batch,
        /// Which they are.
        objects: Vec<Failure>,
    },
    /// All of a batch have arrived since, or are gone.
    Repaired {
        /// Of which bucket.
        bucket: AssetId,
        /// The batch's name.
        batch: String,
        /// When that was seen.
        at: Timestamp,
    },
    /// The report of a day, in one of its written shapes.
    Report {
        /// The day.
        day: Date,
        /// Which shape.
        shape: Shape,
        /// Its content.
        content: String,
    },
    /// The check ran to its end.
    Heartbeat {
        /// When.
        at: Timestamp,
        /// Under which policy.
        policy: String,
        /// How many duties it judged; `None` at a tick that did not look.
        duties: Option<usize>,
    },
}

/// The written shapes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// For machines and auditors.
    Json,
    /// For people.
    Html,
}

/// A step of an episode that nobody is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Found for the first time: told if the next look finds it, too.
    Found,
    /// Not found: told as whole if the next look does not find it either.
    Clean,
    /// Too old, or its point deleted: nothing can make it whole any more.
    Closed,
}

/// What a fact is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A point or copy as seen.
    Seen(Met),
    /// A request.
    Requested {
        /// The ARN copied from.
        source: String,
        /// The copy's name.
        target: String,
        /// The key asked for, if one was.
        key: Option<String>,
        /// `event` or `check`.
        by: String,
    },
    /// A dead copy.
    Dead {
        /// Its name.
        copy: String,
        /// Its state, by AWS's word.
        state: String,
    },
}

/// A heartbeat, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// When the check last ran to its end.
    pub at: Timestamp,
    /// The hash of the policy it ran under.
    pub policy: String,
}

impl Heartbeat {
    /// Reads the object; what a later version added is skipped.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let text = |field: &str| body.get(field).and_then(Value::as_str);
        Some(Self { at: text("time")?.parse().ok()?, policy: text("policy")?.to_owned() })
    }
}

/// Where the heartbeat lies.
pub const HEARTBEAT: &str = "heartbeat.json";

impl Record {
    /// The object's key.
    pub fn path(&self) -> String {
        match self {
            Self::Fact { fact, .. } => fact.path(),
            Self::Joined { asset, .. } => format!("episodes/{asset}/joined.json"),
            Self::Mark { key, n, mark, tick } => {
                format!("{}{n}/{}.json", key.prefix(), mark.word(*tick))
            }
            Self::Sweep { folder, page, .. } => format!("sweeps/{folder}/{page}.json"),
            Self::Health { bucket, health } => {
                format!("{}{}.json", journal::verdicts(bucket), minute_word(day::tick(health.at)))
            }
            Self::Failed { bucket, batch, .. } => {
                format!("{}{}/objects.json", failure::shelf(bucket), batch.name)
            }
            Self::Repaired { bucket, batch, .. } => {
                format!("{}{batch}/repaired.json", failure::shelf(bucket))
            }
            Self::Report { day, shape, .. } => format!("{}.{}", report::path(*day), shape.ending()),
            Self::Heartbeat { .. } => HEARTBEAT.to_owned(),
        }
    }

    /// What kind of content it has.
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Report { shape: Shape::Html, .. } => "text/html; charset=utf-8",
            _ => "application/json",
        }
    }

    /// Whether the object may be written over. Nothing that anyone might need as evidence may.
    pub fn overwrites(&self) -> bool {
        matches!(self, Self::Heartbeat { .. })
    }

    /// The object's content, as it is written.
    pub fn content(&self) -> Vec<u8> {
        let body = match self {
            Self::Report { content, .. } => return content.clone().into_bytes(),
            Self::Fact { fact, at, about } => {
                let mut body = json!({
                    "schema": 1, "day": fact.day.to_string(), "asset": fact.asset,
                    "what": fact.kind.word(), "seen_at": at.to_string(),
                });
                merge(&mut body, about.body());
                body
            }
            Self::Health { health, .. } => {
                let mut body = json!({"schema": 1});
                merge(&mut body, json!(health));
                body
            }
            Self::Failed { batch, objects, .. } => json!({
                "schema": 1, "reason": batch.reason.word(), "objects": objects,
            }),
            Self::Repaired { at, .. } => json!({"schema": 1, "at": at.to_string()}),
            Self::Joined { at, .. } => json!({"schema": 1, "at": at.to_string()}),
            Self::Mark { tick, .. } => json!({"schema": 1, "at": tick.to_string()}),
            Self::Sweep { body, .. } => body.clone(),
            Self::Heartbeat { at, policy, duties } => json!({
                "schema": 1, "time": at.to_string(), "policy": policy, "duties": duties,
            }),
        };
        body.to_string().into_bytes()
    }
}

impl Shape {
    fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
        }
    }
}

impl Mark {
    fn word(self, tick: Timestamp) -> String {
        match self {
            Self::Found => format!("found-{}", minute_word(tick)),
            Self::Clean => format!("clean-{}", minute_word(tick)),
            Self::Closed => "closed".to_owned(),
        }
    }
}

impl About {
    fn body(&self) -> Value {
        match self {
            Self::Seen(met) => json!({
                "name": met.name, "source": met.source, "created": met.created.to_string(),
                "copy_began": met.stored.map(|at| at.to_string()),
                "allocated_gib": met.size_gib, "recovered_by_check": met.recovered,
            }),
            Self::Requested { source, target, key, by } => {
                json!({"source": source, "target": target, "key": key, "by": by})
            }
            Self::Dead { copy, state } => json!({"copy": copy, "state": state}),
        }
    }
}

/// The content of a claim or a mark.
pub fn notice_body(key: &NoticeKey, at: Timestamp) -> Value {
    json!({
        "schema": 1, "at": at.to_string(), "asset": key.episode.asset,
        "kind": key.episode.kind.word(), "subject": key.episode.subject.to_string(),
    })
}

fn merge(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}
