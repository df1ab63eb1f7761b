//! Which points have been kept long enough. Pure: the same sight gives the same plan, and a plan
//! that was carried out in part is finished by the next one.
//!
//! Only what carries our tags is ever in a plan, and of that only what nothing holds: see [`Kept`].

mod evidence;
mod judge;
mod orphan;
mod planner;
mod shelf;
mod stock;

use crate::fault::Fault;
use crate::id::{AssetId, Family, PointName, Region};
use crate::step::Delete;

pub use evidence::{done_record, plan_record};
pub use judge::{fate, judge};
pub use orphan::{Orphan, Why, cost_at_most};
pub use planner::plan;
pub use shelf::{Kept, Period};
pub use stock::{Listed, Stock};

/// So many deletions a run takes at most, the oldest points first; the next run goes on.
pub const MOST_A_RUN: usize = 1000;

/// What is to be deleted, what stays, and what nobody needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Per asset and Region.
    pub lots: Vec<Lot>,
    /// Tagged by us, and of no use to any asset.
    pub orphans: Vec<Orphan>,
    /// Reads that failed; what they would have shown is not planned for.
    pub unread: Vec<Fault>,
}

/// The points of one asset in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Whose; perhaps of an asset that has left the policy.
    pub asset: AssetId,
    /// Of an instance or of a cluster.
    pub family: Family,
    /// Where.
    pub region: Region,
    /// What stays, and why.
    pub kept: Vec<(PointName, Kept)>,
    /// What may go, oldest first.
    pub gone: Vec<Delete>,
    /// More than a quarter, and more than three, of one database's whole points may go.
    pub is_much: bool,
    /// So much at once is not deleted before a person has said yes: the number to say it with.
    pub stopped: Option<String>,
}

impl Lot {
    /// How many there are.
    pub fn all(&self) -> usize {
        self.gone.len() + self.kept.len()
    }

    /// What an episode of it is about: `us-west-2.instances`.
    pub fn place(&self) -> String {
        format!("{}.{}", self.region, plural(self.family))
    }
}

/// A family as part of a subject.
fn plural(family: Family) -> &'static str {
    match family {
        Family::Instance => "instances",
        Family::Cluster => "clusters",
    }
}

/// No lot was stopped under this number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`approve` is `{0}`, but no stopped deletion has that number now; `sonae-sweep --plan` shows the numbers of today"
)]
pub struct NoSuchStop(pub String);

impl Plan {
    /// Lets one stopped lot go after all.
    ///
    /// # Errors
    /// When none has this number.
    pub fn approved(mut self, number: Option<&str>) -> Result<Self, NoSuchStop> {
        let Some(number) = number else { return Ok(self) };
        let mut stopped = self.lots.iter_mut();
        let lot = stopped.find(|lot| lot.stopped.as_deref() == Some(number));
        lot.ok_or_else(|| NoSuchStop(number.to_owned()))?.stopped = None;
        Ok(self)
    }

    /// What is to be deleted now, oldest first.
    pub fn deletions(&self) -> Vec<&Delete> {
        let going = self.lots.iter().filter(|lot| lot.stopped.is_none());
        let mut all: Vec<&Delete> = going.flat_map(|lot| &lot.gone).collect();
        all.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
        all.truncate(MOST_A_RUN);
        all
    }
}
