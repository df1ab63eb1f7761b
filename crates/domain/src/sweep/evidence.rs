//! What an auditor reads of a sweep: the plan, written before anything is deleted, and what became
//! of it.

use super::{Kept, Lot, Orphan, Plan};
use crate::duty::Tried;
use crate::id::minute_word;
use crate::policy::Policy;
use crate::record::Record;
use crate::step::{Delete, Outcome};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The plan. Its key holds a hash of it, so that two runs at once never mix up their pages.
pub fn plan_record(policy: &Policy, plan: &Plan, approved: Option<&str>, now: Timestamp) -> Record {
    let body = json!({
        "schema": 1, "at": now.to_string(), "policy": policy.hash, "approved": approved,
        "delete": plan.deletions().into_iter().map(deletion).collect::<Vec<_>>(),
        "lots": plan.lots.iter().map(lot).collect::<Vec<_>>(),
        "orphans": plan.orphans.iter().map(orphan).collect::<Vec<_>>(),
        "unread": plan.unread.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    Record::Sweep { folder: folder(plan, now), page: "plan", body }
}

/// What became of it.
pub fn done_record(plan: &Plan, tried: &[Tried], now: Timestamp) -> Record {
    let outcome = |tried: &Tried| {
        json!({
            "asset": tried.asset, "name": tried.point, "done": tried.outcome.fault().is_none(),
            "already_gone": tried.outcome == Outcome::Already,
            "refused": tried.outcome.fault().map(ToString::to_string),
        })
    };
    let outcomes: Vec<Value> = tried.iter().map(outcome).collect();
    let body = json!({"schema": 1, "at": now.to_string(), "outcomes": outcomes});
    Record::Sweep { folder: folder(plan, now), page: "done", body }
}

fn folder(plan: &Plan, now: Timestamp) -> String {
    let names: String = plan.deletions().iter().map(|one| format!("{}\n", one.arn)).collect();
    let hash: String =
        Sha256::digest(names).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", minute_word(now))
}

fn deletion(delete: &Delete) -> Value {
    json!({
        "asset": delete.asset, "region": delete.region, "name": delete.name, "arn": delete.arn,
        "created": delete.created.to_string(),
    })
}

/// Why each one stays would be a page for every point there is; how many do for which reason is one.
fn lot(lot: &Lot) -> Value {
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, why) in &lot.kept {
        *kept.entry(why.word()).or_default() += 1;
    }
    json!({
        "asset": lot.asset, "region": lot.region, "kept": kept, "stopped": lot.stopped,
        "may_go": lot.gone.iter().map(|delete| &delete.name).collect::<Vec<_>>(),
    })
}

fn orphan(orphan: &Orphan) -> Value {
    json!({
        "asset": orphan.asset, "region": orphan.region(), "name": orphan.name, "arn": orphan.arn,
        "why": orphan.why.word(), "created": orphan.created.map(|at| at.to_string()),
        "allocated_gib": orphan.size_gib,
    })
}

impl Kept {
    /// A fixed word for the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Until(_) => "age",
            Self::Last(_) => "last-of-period",
            Self::Floor => "floor",
            Self::CatchUp => "catch-up",
            Self::Needed => "needed",
            Self::NoNewer => "no-newer",
            Self::State(_) => "state",
            Self::Unclear => "unclear",
            Self::Key => "key",
        }
    }
}
