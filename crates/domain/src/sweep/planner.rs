//! From what is there to a plan: whose is it, and is it ours.

use super::shelf::Shelf;
use super::{Lot, Orphan, Plan, Stock, Why, stock};
use crate::day;
use crate::decide;
use crate::id::{AssetId, Family, Region};
use crate::policy::{Asset, Orphans, Policy};
use crate::seen::{Point, Read};
use crate::step::Delete;
use crate::tags;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// So long after its last copy the points of an asset that has left the policy are left alone: it may
/// have left by mistake, and its weeks and months are held by the policy only.
const GRACE_DAYS: i32 = 14;

/// Plans.
pub fn plan(policy: &Policy, stock: &Stock, now: Timestamp) -> Plan {
    let mut planner =
        Planner { policy, stock, today: day::of(now, &policy.zone), plan: Plan::default() };
    planner.plan.unread.extend(stock.keys.values().filter_map(Read::fault).cloned());
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
        for copy in copies.iter().filter(|copy| stock::is_of(&self.policy.home, copy)) {
            let Some(id) = copy.tags.get(tags::ASSET) else { continue };
            assets.entry(id).or_default().copies.push(copy);
        }
        for point in points {
            let Some(id) = point.tags.get(tags::ASSET) else { continue };
            assets.entry(id).or_default().points.push(point);
        }
        for (id, tagged) in assets {
            match self.policy.asset_of(family, id) {
                Some(asset) => self.asset(asset, family, &tagged, &running),
                None => self.retired(id, family, &tagged, &running),
            }
        }
    }

    /// Two systems may share an account; what an earlier version made does not say whose it is.
    fn is_of_another_system(&self, point: &Point) -> bool {
        point.tags.get(tags::SYSTEM).is_some_and(|system| *system != self.policy.system)
    }

    fn asset(
        &mut self,
        asset: &'a Asset,
        family: Family,
        tagged: &Tagged<'a>,
        running: &[&'a Point],
    ) {
        let id = asset.id.as_str();
        let (ours, others) = parted(&tagged.copies, |copy| {
            stock::is_our_copy(id, copy) && !self.is_of_another_system(copy)
        });
        let (taken, more) = parted(&tagged.points, |point| {
            stock::is_taken(asset, point) && !self.is_of_another_system(point)
        });
        for point in others.into_iter().chain(more) {
            let another = self.is_of_another_system(point);
            let why = if another { Why::OfAnotherSystem } else { Why::ByHand };
            self.plan.orphans.push(Orphan::new(point, why));
        }
        let mut dr = self.lot(&asset.id, family, &self.policy.dr);
        let mut home = self.lot(&asset.id, family, &self.policy.home);
        let newest = ours.iter().max_by_key(|copy| copy.created).map(|copy| &copy.resource_id);
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
            if newest.is_some_and(|newest| *newest != id) {
                let former = copies.iter().map(|copy| Orphan::new(copy, Why::Replaced));
                self.plan.orphans.extend(former);
            }
            shelf.sort(&copies, &mut dr);
            shelf.sort(&points, &mut home);
        }
        self.close(dr);
        self.close(home);
    }

    /// Of an asset that has left the policy: nobody looks after it, so at most what is past its own
    /// day goes, and only where the policy says so.
    fn retired(&mut self, id: &str, family: Family, tagged: &Tagged<'a>, running: &[&'a Point]) {
        // Another system's policy may name it.
        let all = tagged.copies.iter().chain(&tagged.points);
        for point in all {
            if !self.is_of_another_system(point) {
                self.plan.orphans.push(Orphan::new(point, Why::NotInPolicy));
            }
        }
        // Of an earlier version, it may be of another system.
        let ours = |copy: &&&Point| {
            copy.tags.get(tags::SYSTEM) == Some(&self.policy.system) && stock::is_our_copy(id, copy)
        };
        let copies: Vec<&Point> = tagged.copies.iter().filter(ours).copied().collect();
        if self.policy.orphans == Orphans::Report {
            return;
        }
        let mut lot = self.lot(&AssetId::new(id), family, &self.policy.dr);
        for resource in resource_ids(&copies, &[]) {
            let copies: Vec<&Point> =
                copies.iter().copied().filter(|copy| copy.resource_id == resource).collect();
            let landed: Vec<&Point> =
                copies.iter().copied().filter(|copy| stock::is_whole(copy)).collect();
            let zone = &self.policy.zone;
            let last = landed.iter().filter_map(|copy| copy.created).max();
            if last.is_some_and(|last| {
                day::of(last, zone) < self.today.saturating_sub(GRACE_DAYS.days())
            }) {
                Shelf::of_retired(self.today, zone, &landed, running).sort(&copies, &mut lot);
            }
        }
        self.close(lot);
    }

    fn lot(&self, asset: &AssetId, family: Family, region: &Region) -> Lot {
        let (asset, region, kept, gone) = (asset.clone(), region.clone(), Vec::new(), Vec::new());
        Lot { asset, family, region, kept, gone, is_much: false, stopped: None }
    }

    /// Much at once does not go unasked.
    fn close(&mut self, mut lot: Lot) {
        if lot.all() == 0 {
            return;
        }
        lot.gone.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
        lot.stopped = lot.is_much.then(|| number_of(&lot));
        self.plan.lots.push(lot);
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
