//! What carries our tags and is of no use to any asset.

use crate::id::{Family, PointName};
use crate::seen::Point;
use crate::tags;
use jiff::Timestamp;

/// A point that nobody needs, as far as can be seen; a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its name.
    pub name: PointName,
    /// Its ARN.
    pub arn: String,
    /// Of an instance or of a cluster.
    pub family: Family,
    /// The asset that its tag names.
    pub asset: String,
    /// Why nobody needs it.
    pub why: Why,
    /// When its data is from.
    pub created: Option<Timestamp>,
    /// AllocatedStorage.
    pub size_gib: Option<i32>,
}

/// Why nobody needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its asset has left the policy.
    NotInPolicy,
    /// A copy that failed, too old to be an attempt.
    Failed,
    /// Another `system` made it of a database of ours: the policy's was renamed, or two policies name it.
    OfAnotherSystem,
    /// Of the database that had the asset's name before; it keeps a floor of its own.
    Replaced,
    /// It has our tags, but neither a name of ours nor a source: a person made it.
    ByHand,
}

/// What a GiB of snapshot beyond the free part costs in a month at most, in thousandths of a USD: the
/// list price of us-east-1 and us-west-2 in 2025 (Amazon RDS pricing, Backup storage). Snapshots are
/// incremental, so most cost far less.
const MILLS_PER_GIB_MONTH: i64 = 95;

impl Orphan {
    pub(super) fn new(point: &Point, why: Why) -> Self {
        Self {
            name: point.name.clone(),
            arn: point.arn.clone(),
            family: point.family,
            asset: point.tags.get(tags::ASSET).cloned().unwrap_or_default(),
            why,
            created: point.created,
            size_gib: point.size_gib.filter(|_| why != Why::Failed),
        }
    }

    /// The Region that its ARN names.
    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }
}

impl Why {
    /// A fixed word for the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotInPolicy => "not-in-policy",
            Self::Failed => "failed",
            Self::OfAnotherSystem => "of-another-system",
            Self::Replaced => "replaced",
            Self::ByHand => "by-hand",
        }
    }
}

/// At most so many whole USD a month.
pub fn cost_at_most(gib: i64) -> i64 {
    gib.saturating_mul(MILLS_PER_GIB_MONTH).saturating_add(999) / 1000
}
