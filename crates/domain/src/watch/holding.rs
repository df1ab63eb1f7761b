//! What dr has of each asset: what a person asks when home is gone.

use crate::day;
use crate::decide::{is_of_day, source_of};
use crate::fault::Fault;
use crate::id::{AssetId, PointName};
use crate::names;
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{InDr, Point, Read, RecoveryPoint, State};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// What dr has of some assets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Of those that could be looked at: first the ones with nothing, then the oldest.
    pub known: Vec<Holding>,
    /// Those that could not, and why.
    pub unread: Vec<(AssetId, Fault)>,
}

/// What dr has of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Whose.
    pub asset: AssetId,
    /// The newest copy that can be restored, if there is one.
    pub newest: Option<Newest>,
    /// How old its data may be: the asset's RPO.
    pub objective: SignedDuration,
    /// By when its copy of the day must stand, where that is still to come.
    pub due: Option<Timestamp>,
}

/// A copy that can be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Its name.
    pub name: PointName,
    /// When its data is from; a cluster's copy without our tag does not say.
    pub created: Option<Timestamp>,
}

impl Holdings {
    /// Looks at assets, each with what was read of it and, where that is still to come, when its copy
    /// is due.
    pub(super) fn of<'a>(
        seen: impl IntoIterator<Item = (&'a Asset, &'a Read<InDr>, Option<Timestamp>)>,
    ) -> Self {
        let mut all = Self::default();
        for (asset, read, due) in seen {
            match read {
                Read::Known(held) => all.known.push(Holding::of(asset, held, due)),
                Read::Unknown(fault) => all.unread.push((asset.id.clone(), fault.clone())),
            }
        }
        all.known.sort_by_key(|holding| holding.newest.as_ref().map(|newest| newest.created));
        all
    }

    /// Those whose deadline is over.
    pub fn overdue(&self) -> impl Iterator<Item = &Holding> {
        self.known.iter().filter(|holding| holding.due.is_none())
    }

    /// Nothing is missing, and nothing is unknown.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unread.is_empty()
    }
}

impl Holding {
    /// Whether what could be restored is older than the asset's RPO.
    pub fn is_too_old(&self, now: Timestamp) -> bool {
        let created = self.newest.as_ref().and_then(|newest| newest.created);
        created.is_some_and(|created| now.duration_since(created) > self.objective)
    }

    fn of(asset: &Asset, held: &InDr, due: Option<Timestamp>) -> Self {
        let newest = match held {
            InDr::Points(points) => {
                let restorable = points.iter().filter(|point| can_be_restored(point));
                restorable.max_by_key(|copy| copy.created).map(Newest::of_point)
            }
            InDr::Vault(points) => {
                let good = points.iter().filter(|point| point.is_good());
                good.max_by_key(|copy| copy.created).map(Newest::in_vault)
            }
        };
        Self { asset: asset.id.clone(), newest, objective: asset.rpo, due }
    }
}

impl Newest {
    fn of_point(copy: &Point) -> Self {
        Self { name: copy.name.clone(), created: copy.created }
    }

    fn in_vault(copy: &RecoveryPoint) -> Self {
        Self { name: PointName::new(&copy.arn), created: Some(copy.created) }
    }
}

/// Whether one of these gives back the point of a day. Under which key it is, or until when it is
/// kept, is for home to judge: what can be restored is not missing.
pub(super) fn gives_back(policy: &Policy, asset: &Asset, held: &InDr, day: Date) -> bool {
    let from = |created: Timestamp| day::of(created, &policy.zone) == day;
    match held {
        InDr::Points(points) => points.iter().any(|copy| {
            can_be_restored(copy)
                && (is_of_day(policy, copy, day)
                    || is_daily(asset, copy) && copy.created.is_some_and(from))
        }),
        // A copy keeps the time of its point (AWS Backup Developer Guide, Creating backup copies).
        InDr::Vault(points) => points.iter().any(|copy| copy.is_good() && from(copy.created)),
    }
}

/// A copy made by hand may lack our tags; its source says that it is one, and of which kind.
fn is_daily(asset: &Asset, copy: &Point) -> bool {
    let Some(point) = source_of(copy).and_then(|arn| arn.splitn(7, ':').nth(6)) else {
        return false;
    };
    match asset.take {
        TakenBy::Window => point.starts_with("rds:"),
        TakenBy::Sonae => names::is_taken(copy.family, asset.id.as_str(), &PointName::new(point)),
    }
}

fn can_be_restored(point: &Point) -> bool {
    point.state == State::Available && source_of(point).is_some()
}
