//! What one asset's duties are judged by, and the judging.

use super::{Cause, Duty, DutyState, Met, Tried, What};
use crate::day;
use crate::decide::{Standing, kind_of, landed, standing};
use crate::episode::Subject;
use crate::fault::{Fault, FaultKind};
use crate::id::PointName;
use crate::journal::Journal;
use crate::names::ATTEMPTS;
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{AssetSeen, Point, Read, State};
use crate::tags::{self, Kind};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// Everything that one asset's duties are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The asset.
    pub asset: &'a Asset,
    /// What was seen of it.
    pub seen: &'a AssetSeen,
    /// What this round tried.
    pub tried: &'a [Tried],
    /// What was recorded before.
    pub journal: &'a Read<Journal>,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Evidence<'a> {
    pub(super) fn of_day(self, day: Date) -> [Duty; 2] {
        let Self { policy, asset, .. } = self;
        let due = |time| day::instant(day, time, &policy.zone);
        let duty = |what, due, state| Duty {
            asset: asset.id.clone(),
            subject: Subject::Day(day),
            what,
            due,
            state,
        };
        let (taken_by, landed_by) = (due(asset.taken_by), due(asset.landed_by));
        [
            duty(What::Taken, taken_by, self.taken(day, taken_by)),
            duty(What::Landed, landed_by, self.day_landed(day, landed_by)),
        ]
    }

    fn taken(self, day: Date, due: Timestamp) -> DutyState {
        let copies = self.copies_of(day);
        let from_copy = copies.iter().find(|copy| landed(self.asset, copy));
        let Some(points) = self.seen.points.known() else {
            return from_copy.map_or(DutyState::Unknown, |copy| met(copy));
        };
        let points = self.daily(points, day);
        let available = points.iter().find(|point| point.state == State::Available);
        if let Some(point) = available.or(from_copy) {
            return met(point);
        }
        let dead = dead(&points);
        if let Some(fault) = self.refusal(&points, Some(day)) {
            return DutyState::Broken(Cause::Refused(fault));
        }
        if self.asset.take == TakenBy::Sonae && dead.len() >= usize::from(ATTEMPTS) {
            return DutyState::Broken(Cause::Failed(dead));
        }
        if self.now < due {
            return DutyState::Pending;
        }
        DutyState::Broken(self.why_not_taken(&points, dead))
    }

    fn why_not_taken(self, points: &[&Point], dead: Vec<PointName>) -> Cause {
        if let Some(point) = points.iter().find(|point| point.state.underway()) {
            return Cause::StillTaking(point.name.clone());
        }
        if !dead.is_empty() {
            return Cause::Failed(dead);
        }
        match self.seen.instance.known() {
            Some(None) => Cause::InstanceState("missing".to_owned()),
            Some(Some(instance)) if instance.status != "available" => {
                Cause::InstanceState(instance.status.clone())
            }
            _ => Cause::NothingTaken,
        }
    }

    fn day_landed(self, day: Date, due: Timestamp) -> DutyState {
        let Some(copies) = self.seen.copies.known() else { return DutyState::Unknown };
        if let Some(copy) = self.copies_of(day).iter().find(|copy| landed(self.asset, copy)) {
            return met(copy);
        }
        let Some(points) = self.seen.points.known() else {
            return if self.now < due {
                DutyState::Pending
            } else {
                DutyState::Broken(Cause::HomeUnread)
            };
        };
        let points = self.daily(points, day);
        self.landed_of(&points, copies, &Subject::Day(day), due)
    }

    pub(super) fn of_manual_points(self) -> Vec<Duty> {
        let Some(points) = self.seen.points.known() else { return Vec::new() };
        let manual = points.iter().filter(|point| kind_of(self.asset, point) == Some(Kind::Manual));
        manual.filter_map(|point| self.of_manual(point)).collect()
    }

    /// RDS keeps no time of becoming available, so the deadline counts from the point's creation.
    fn of_manual(self, point: &Point) -> Option<Duty> {
        let Self { policy, asset, now, .. } = self;
        let created = point.created?;
        let day = day::of(created, &policy.zone);
        let oldest = day::of(now, &policy.zone).saturating_sub(asset.catch_up.days());
        if day < asset.since || day < oldest {
            return None;
        }
        let due = created + asset.manual_within;
        let subject = Subject::Point(point.name.clone());
        let copies = self.seen.copies.known();
        let state = copies
            .map_or(DutyState::Unknown, |copies| self.landed_of(&[point], copies, &subject, due));
        Some(Duty { asset: asset.id.clone(), subject, what: What::Landed, due, state })
    }

    /// The state of a landed duty, by the points that it is about.
    fn landed_of(
        self,
        points: &[&Point],
        copies: &[Point],
        subject: &Subject,
        due: Timestamp,
    ) -> DutyState {
        let standings: Vec<(&Point, Standing<'_>)> =
            points.iter().map(|point| (*point, standing(self.asset, point, copies))).collect();
        let landed = standings.iter().find_map(|(_, standing)| match standing {
            Standing::Landed(copy) => Some(met(copy)),
            _ => None,
        });
        if let Some(met) = landed {
            return met;
        }
        let moving =
            standings.iter().any(|(_, standing)| matches!(standing, Standing::Underway(_)));
        if let (false, Some(fault)) = (moving, self.refusal(points, None)) {
            return DutyState::Broken(Cause::Refused(fault));
        }
        let spent = standings.iter().find_map(|(_, standing)| match standing {
            Standing::Spent(tried) => Some(dead(tried)),
            _ => None,
        });
        let spent = spent.filter(|dead| dead.len() >= usize::from(ATTEMPTS));
        if let (false, Some(tried)) = (moving, spent) {
            return DutyState::Broken(Cause::Failed(tried));
        }
        if self.now < due {
            return DutyState::Pending;
        }
        DutyState::Broken(self.why_not_landed(&standings, subject))
    }

    fn why_not_landed(self, standings: &[(&Point, Standing<'_>)], subject: &Subject) -> Cause {
        let moving = standings.iter().find_map(|(_, standing)| match standing {
            Standing::Underway(copy) => Some(Cause::StillCopying {
                copy: copy.name.clone(),
                state: copy.state.word().to_owned(),
                percent: copy.percent,
            }),
            _ => None,
        });
        let failed = standings.iter().find_map(|(_, standing)| match standing {
            Standing::Spent(tried) => Some(dead(tried)).filter(|dead| !dead.is_empty()),
            _ => None,
        });
        let failed = failed.map(Cause::Failed);
        let waiting = || {
            let points: Vec<&Point> = standings.iter().map(|(point, _)| *point).collect();
            self.fault_of(&names(&points)).map(Cause::Waiting)
        };
        let requested = || {
            let journal = self.journal.known()?;
            journal.requested(&self.asset.id, subject).then_some(Cause::Gone)
        };
        let idle = || match standings.first() {
            None => Cause::NoPoint,
            Some((point, _)) => match self.accepted(&point.name) {
                true => Cause::JustRequested(point.name.clone()),
                false => Cause::NotStarted(point.name.clone()),
            },
        };
        moving.or(failed).or_else(waiting).or_else(requested).unwrap_or_else(idle)
    }

    /// The home points that serve a day. One that is still being created has no time yet, and
    /// counts for today.
    fn daily(self, points: &[Point], day: Date) -> Vec<&Point> {
        let zone = &self.policy.zone;
        let of = |point: &Point| match point.created {
            Some(created) => day::of(created, zone) == day,
            None => day::of(self.now, zone) == day,
        };
        let daily = |point: &&Point| kind_of(self.asset, point) == Some(Kind::Daily);
        points.iter().filter(daily).filter(|point| of(point)).collect()
    }

    /// The copies in dr that serve a day, whether or not their source still exists.
    fn copies_of(self, day: Date) -> Vec<&'a Point> {
        let zone = &self.policy.zone;
        let daily = |copy: &&Point| {
            copy.tags.get(tags::KIND).is_some_and(|kind| kind == Kind::Daily.word())
                && copy.created.is_some_and(|created| day::of(created, zone) == day)
        };
        let copies = self.seen.copies.known().map(Vec::as_slice).unwrap_or_default();
        copies.iter().filter(daily).collect()
    }

    /// A refusal of this round, to take (of a day) or to copy, that only a person can lift.
    fn refusal(self, points: &[&Point], day: Option<Date>) -> Option<Fault> {
        let fault = match day {
            Some(day) => self.fault_of(&self.take_names(day)),
            None => self.fault_of(&names(points)),
        };
        fault.filter(|fault| !fault.kind.passes() && fault.kind != FaultKind::Missing)
    }

    fn take_names(self, day: Date) -> Vec<PointName> {
        let id = self.asset.id.as_str();
        (1..=ATTEMPTS).map(|attempt| crate::names::taken(id, day, attempt)).collect()
    }

    /// Whether this round's last try at a point was accepted.
    fn accepted(self, point: &PointName) -> bool {
        let mut tried = self.tried.iter().filter(|tried| tried.point == *point);
        tried.next_back().is_some_and(|tried| tried.outcome.fault().is_none())
    }

    /// What stopped the last try; an earlier refusal that a later try got past does not count.
    fn fault_of(self, points: &[PointName]) -> Option<Fault> {
        let ours = self.tried.iter().filter(|tried| tried.asset == self.asset.id);
        let mut named = ours.filter(|tried| points.contains(&tried.point));
        named.next_back().and_then(|tried| tried.outcome.fault().cloned())
    }
}

fn met(point: &Point) -> DutyState {
    let source = point.source.clone().unwrap_or_else(|| point.arn.clone());
    let by_check = tags::StartedBy::Check.word();
    match point.created {
        Some(created) => DutyState::Met(Met {
            name: point.name.clone(),
            source,
            created,
            stored: point.source.as_ref().and(point.stored),
            size_gib: point.size_gib,
            recovered: point.tags.get(tags::STARTED_BY).is_some_and(|by| by == by_check),
        }),
        None => DutyState::Pending,
    }
}

fn names(points: &[&Point]) -> Vec<PointName> {
    points.iter().map(|point| point.name.clone()).collect()
}

/// What a person may be asked to delete: `failed`, never a copy that only lies under another key.
fn dead(points: &[&Point]) -> Vec<PointName> {
    let dead = points.iter().filter(|point| point.state == State::Failed);
    dead.map(|point| point.name.clone()).collect()
}
