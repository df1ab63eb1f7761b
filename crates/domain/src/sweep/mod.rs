//! Which points have been kept long enough. Pure: the same sight gives the same plan, and a plan
//! that was carried out in part is finished by the next one.
//!
//! Only what carries our tags is ever in a plan, and of that only what nothing holds: see [`Kept`].

mod evidence;
mod judge;
mod orphan;
mod shelf;
mod stock;

use crate::day;
use crate::decide::{self, source_of};
use crate::fault::Fault;
use crate::id::{AssetId, Family, PointName, Region};
use crate::policy::{Asset, Orphans, Policy};
use crate::seen::{Point, Read};
use crate::step::Delete;
use crate::tags;
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use shelf::Shelf;
use std::collections::BTreeMap;

pub use evidence::{done_record, plan_record};
pub use judge::{is_over, judge};
pub use orphan::{Orphan, Why, cost_at_most};
pub use shelf::{Kept, Period};
pub use stock::{Listed, Stock};

/// So many deletions a run takes at most, the oldest points first; the next run goes on.
pub const MOST_A_RUN: usize = 1000;

/// A plan for one asset may have so many deletions, however few points there are.
const HARMLESS: usize = 3;

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
    /// Where.
    pub region: Region,
    /// What stays, and why.
    pub kept: Vec<(PointName, Kept)>,
    /// What may go, oldest first.
    pub gone: Vec<Delete>,
    /// So much at once is not deleted before a person has said yes: the number to say it with.
    pub stopped: Option<String>,
}

/// No lot was stopped under this number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`approve` is `{0}`, but no stopped deletion has that number now; `sonae-sweep --plan` shows the numbers of today"
)]
pub struct NoSuchStop(pub String);

/// Plans.
pub fn plan(policy: &Policy, stock: &Stock, now: Timestamp) -> Plan {
    let mut planner =
        Planner { policy, stock, today: day::of(now, &policy.zone), plan: Plan::default() };
    for family in [Family::Instance, Family::Cluster] {
        match (stock.dr.of(family), stock.home.of(family)) {
            (Read::Known(copies), Read::Known(points)) => planner.family(family, copies, points),
            (dr, home) => {
                let faults = [dr.fault(), home.fault()].into_iter().flatten().cloned();
                planner.plan.unread.extend(faults);
            }
        }
    }
    planner.plan
}

struct Planner<'a> {
    policy: &'a Policy,
    stock: &'a Stock,
    today: Date,
    plan: Plan,
}

/// What carries the tag of one asset, in both Regions.
#[derive(Default)]
struct Tagged<'a> {
    copies: Vec<&'a Point>,
    points: Vec<&'a Point>,
}

impl<'a> Planner<'a> {
    fn family(&mut self, family: Family, copies: &'a [Point], points: &'a [Point]) {
        let running: Vec<&Point> = copies.iter().filter(|copy| copy.state.may_come()).collect();
        let mut assets: BTreeMap<&str, Tagged<'_>> = BTreeMap::new();
        for copy in copies.iter().filter(|copy| self.is_of_this_system(copy)) {
            let Some(id) = copy.tags.get(tags::ASSET) else { continue };
            assets.entry(id).or_default().copies.push(copy);
        }
        for point in points.iter().filter(|point| self.is_of_this_system(point)) {
            let Some(id) = point.tags.get(tags::ASSET) else { continue };
            assets.entry(id).or_default().points.push(point);
        }
        for (id, tagged) in assets {
            match self.policy.asset_of(family, id) {
                Some(asset) => self.asset(asset, &tagged, &running),
                None => self.retired(id, &tagged, &running),
            }
        }
    }

    /// Two systems may share an account; a copy of an earlier version does not say whose it is.
    fn is_of_this_system(&self, point: &Point) -> bool {
        point.tags.get(tags::SYSTEM).is_none_or(|system| *system == self.policy.system)
    }

    fn is_ours(&self, id: &str, copy: &Point) -> bool {
        stock::is_our_copy(&self.policy.home, id, copy)
    }

    fn asset(&mut self, asset: &'a Asset, tagged: &Tagged<'a>, running: &[&'a Point]) {
        let (ours, others) = parted(&tagged.copies, |copy| self.is_ours(asset.id.as_str(), copy));
        let (taken, by_hand) = parted(&tagged.points, |point| stock::is_taken(asset, point));
        let strangers = others.iter().chain(&by_hand);
        self.plan.orphans.extend(strangers.map(|point| Orphan::new(point, Why::ByHand)));
        let mut dr = self.lot(&asset.id, &self.policy.dr);
        let mut home = self.lot(&asset.id, &self.policy.home);
        // A database that was made anew under the name must not age out the copies of the one before.
        for id in resource_ids(&ours, &taken) {
            let of = |all: &[&'a Point]| -> Vec<&'a Point> {
                all.iter().copied().filter(|point| point.resource_id == id).collect()
            };
            let (copies, points) = (of(&ours), of(&taken));
            let landed: Vec<&Point> =
                copies.iter().copied().filter(|copy| decide::landed(asset, copy)).collect();
            let shelf = Shelf {
                today: self.today,
                zone: &self.policy.zone,
                catch_up: asset.catch_up,
                keep: asset.keep,
                orphans: self.policy.orphans,
                key: self.stock.keys.get(&asset.dr_key),
                landed: &landed,
                running,
            };
            self.plan.orphans.extend(shelf.failed(&copies));
            shelf.sort(&copies, &mut dr);
            shelf.sort(&points, &mut home);
        }
        self.close(dr);
        self.close(home);
    }

    /// Of an asset that has left the policy: nobody looks after it, so at most what is past its own
    /// day goes, and only where the policy says so.
    fn retired(&mut self, id: &str, tagged: &Tagged<'a>, running: &[&'a Point]) {
        let all = || tagged.copies.iter().chain(&tagged.points);
        self.plan.orphans.extend(all().map(|point| Orphan::new(point, Why::NotInPolicy)));
        // Of an earlier version, it may be of another system.
        let ours = |copy: &&&Point| copy.tags.contains_key(tags::SYSTEM) && self.is_ours(id, copy);
        let copies: Vec<&Point> = tagged.copies.iter().filter(ours).copied().collect();
        if self.policy.orphans == Orphans::Report {
            return;
        }
        let mut lot = self.lot(&AssetId::new(id), &self.policy.dr);
        for resource in resource_ids(&copies, &[]) {
            let copies: Vec<&Point> =
                copies.iter().copied().filter(|copy| copy.resource_id == resource).collect();
            let landed: Vec<&Point> =
                copies.iter().copied().filter(|copy| stock::is_whole(copy)).collect();
            let zone = &self.policy.zone;
            Shelf::of_retired(self.today, zone, &landed, running).sort(&copies, &mut lot);
        }
        self.close(lot);
    }

    fn lot(&self, asset: &AssetId, region: &Region) -> Lot {
        let (asset, region) = (asset.clone(), region.clone());
        Lot { asset, region, kept: Vec::new(), gone: Vec::new(), stopped: None }
    }

    /// More than a quarter of what there is does not go unasked.
    fn close(&mut self, mut lot: Lot) {
        let (gone, all) = (lot.gone.len(), lot.gone.len() + lot.kept.len());
        if all == 0 {
            return;
        }
        lot.gone.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
        lot.stopped = (gone > HARMLESS && gone * 4 > all).then(|| number_of(&lot));
        self.plan.lots.push(lot);
    }
}

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

/// The lot's own number: another plan has another one.
fn number_of(lot: &Lot) -> String {
    let line = |delete: &Delete| format!("{} {}\n", delete.arn, delete.created);
    let lines: String = lot.gone.iter().map(line).collect();
    Sha256::digest(lines).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn parted<'a>(
    points: &[&'a Point],
    is: impl Fn(&Point) -> bool,
) -> (Vec<&'a Point>, Vec<&'a Point>) {
    points.iter().copied().partition(|point| is(point))
}

fn resource_ids(copies: &[&Point], points: &[&Point]) -> Vec<String> {
    let mut ids: Vec<String> =
        copies.iter().chain(points).map(|point| point.resource_id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Whether a copy under way is made from this point.
fn is_source(point: &Point, running: &[&Point]) -> bool {
    running.iter().any(|copy| source_of(copy) == Some(&point.arn))
}
