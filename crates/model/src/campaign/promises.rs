//! What must hold of any nights, whatever went wrong in them.

use super::Script;
use crate::sim::Sim;
use domain::day::{self, TICK};
use domain::decide;
use domain::id::Family;
use domain::names::ATTEMPTS;
use domain::policy::Asset;
use domain::seen::{Point, Scope, State};
use domain::tags::{self, StartedBy};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Ends every trouble and lets a day of checks go by.
pub fn settle(sim: &Sim) {
    sim.account.borrow_mut().unscript_all();
    for _ in 0..96 {
        let next = day::tick(sim.account.borrow().now) + TICK;
        sim.account.borrow_mut().advance(next);
        if sim.policy().looks_at(next) {
            sim.play(Scope::Fleet, StartedBy::Check, None);
        }
    }
}

/// What is asked of a world that has settled.
pub struct Promises<'a> {
    sim: &'a Sim,
    script: &'a Script,
    points: Vec<Point>,
    copies: Vec<Point>,
    told: BTreeMap<String, usize>,
}

impl<'a> Promises<'a> {
    /// Of this world, played by this script.
    pub fn of(sim: &'a Sim, script: &'a Script) -> Self {
        let account = sim.account.borrow();
        let in_region = |wanted| {
            let here = account.snapshots.iter().filter(move |((region, ..), _)| region == wanted);
            here.map(|(_, snapshot)| snapshot.point.clone()).collect()
        };
        let mut told = BTreeMap::new();
        for mail in account.outbox.values().flatten() {
            *told.entry(mail.subject.clone()).or_insert(0) += 1;
        }
        let (points, copies) = (in_region(&sim.policy().home), in_region(&sim.policy().dr));
        Self { sim, script, points, copies, told }
    }

    /// Every promise that does not hold, in words.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = self.too_many_copies();
        for asset in &self.sim.policy().assets {
            for day in self.days(asset) {
                broken.extend(self.untold(asset, day));
                broken.extend(self.uncopied(asset, day));
            }
            broken.extend(self.by_hand(asset));
        }
        broken.extend(self.false_good_news());
        broken.extend(self.repeated());
        broken
    }

    /// The days whose deadlines have passed.
    fn days(&self, asset: &Asset) -> Vec<Date> {
        let policy = self.sim.policy();
        let now = self.sim.account.borrow().now;
        let over = |day: &Date| day::instant(*day, asset.landed_by, &policy.zone) + TICK < now;
        policy.days(asset, now).into_iter().filter(over).collect()
    }

    fn too_many_copies(&self) -> Vec<String> {
        let of =
            |point: &Point| self.copies.iter().filter(|c| decide::is_copy_of(c, point)).count();
        let storms = self.points.iter().filter(|point| of(point) > usize::from(ATTEMPTS));
        storms.map(|point| format!("{} copies of {}", of(point), point.name)).collect()
    }

    /// A day that has not landed must have been told; where telling itself could fail, later.
    fn untold(&self, asset: &Asset, day: Date) -> Option<String> {
        // In the policy's words, or in ASCII where the topic took no others.
        let about = |subject: &String| {
            let words = ["[CRITICAL]", "[critical]"];
            words.iter().any(|word| subject.contains(word))
                && subject.contains(&format!("{} ", asset.id))
                && subject.contains(&day.to_string())
        };
        let told = self.told.keys().any(about);
        (!self.landed(asset, day) && !told)
            .then(|| format!("{} {day}: missing, not told", asset.id))
    }

    /// A point that can be copied is copied in the end.
    fn uncopied(&self, asset: &Asset, day: Date) -> Option<String> {
        let whole = |point: &&Point| {
            point.state == State::Available
                && decide::kind_of(asset, point) == Some(tags::Kind::Daily)
        };
        let of_day = |point: &&Point| {
            let zone = &self.sim.policy().zone;
            point.database == asset.id.as_str()
                && point.created.is_some_and(|created| day::of(created, zone) == day)
        };
        let mut points = self.points.iter().filter(whole).filter(of_day);
        let spent = |point: &Point| {
            decide::attempts(asset, point, &self.copies).count() >= usize::from(ATTEMPTS)
        };
        let open = points.any(|point| !spent(point));
        (open && !self.landed(asset, day)).then(|| format!("{} {day}: not copied", asset.id))
    }

    /// In the promises' own words: what `decide` calls landed is what is doubted here.
    fn landed(&self, asset: &Asset, day: Date) -> bool {
        let zone = &self.sim.policy().zone;
        self.copies.iter().any(|copy| {
            copy.database == asset.id.as_str()
                && copy.state == State::Available
                && copy.source.is_some()
                && self.is_under_the_right_key(asset, copy)
                && copy.tags.contains_key(tags::KEEP_UNTIL)
                && copy.created.is_some_and(|created| day::of(created, zone) == day)
        })
    }

    /// The plain copy of a plain cluster has none.
    fn is_under_the_right_key(&self, asset: &Asset, copy: &Point) -> bool {
        let plain = asset.family() == Some(Family::Cluster) && self.script.plain;
        match (&copy.key, copy.encrypted) {
            (Some(key), Some(true)) => *key == asset.dr_key,
            (None, Some(false)) => plain,
            _ => false,
        }
    }

    /// A point that a person took is copied in the end, if its copies do not die.
    fn by_hand(&self, asset: &Asset) -> Vec<String> {
        let manual = |point: &&Point| {
            point.database == asset.id.as_str()
                && point.state == State::Available
                && decide::kind_of(asset, point) == Some(tags::Kind::Manual)
        };
        let open = |point: &&Point| {
            let attempts = decide::attempts(asset, point, &self.copies);
            attempts.count() < usize::from(ATTEMPTS) && !self.stands(asset, point)
        };
        let missing = self.points.iter().filter(manual).filter(open);
        missing.map(|point| format!("{}: not copied", point.name)).collect()
    }

    fn stands(&self, asset: &Asset, point: &Point) -> bool {
        let of_point = self.copies.iter().filter(|copy| copy.source.as_ref() == Some(&point.arn));
        let mut whole = of_point.filter(|copy| copy.state == State::Available);
        whole.any(|copy| self.is_under_the_right_key(asset, copy))
    }

    fn false_good_news(&self) -> Vec<String> {
        let policy = self.sim.policy();
        let nights = self.told.keys().filter_map(|subject| {
            let (_, rest) = subject.split_once("night of ")?;
            rest.split(' ').next()?.parse::<Date>().ok()
        });
        let good = |day: &Date| policy.assets.iter().all(|asset| self.landed(asset, *day));
        let false_ones = nights.filter(|day| !good(day));
        false_ones.map(|day| format!("night of {day} told as complete, and it is not")).collect()
    }

    /// Said once, but for a repeat per interrupted send, and as often as the journal or a topic failed.
    fn repeated(&self) -> Vec<String> {
        let kills = self.script.kills.iter().flatten().count();
        let telling = |op: &str| op.starts_with("s3:") || op.starts_with("sns:");
        if self.script.troubles.iter().any(|trouble| telling(&trouble.op)) {
            return Vec::new();
        }
        let dated = self
            .told
            .iter()
            .filter(|(subject, _)| subject.contains(" for 20") || subject.contains("night of"));
        let often = dated.filter(|(_, times)| **times > 1 + kills);
        often.map(|(subject, times)| format!("told {times} times: {subject}")).collect()
    }
}
