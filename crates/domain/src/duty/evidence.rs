//! What one asset's duties are judged by, and whether a day's point was taken.

use super::landing::Landing;
use super::manual::of_copy;
use super::{Cause, Duty, DutyState, Met, Tried, What};
use crate::day;
use crate::decide::{attempt_of, daily, is_copy_of, is_of_day, landed};
use crate::episode::{Kind, Subject};
use crate::fault::{Fault, FaultKind};
use crate::id::PointName;
use crate::journal::Journal;
use crate::names::ATTEMPTS;
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{AssetSeen, Database, Point, Read, State};
use crate::step::Outcome;
use crate::tags;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

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
        let duty = |what, due, state| Duty {
            asset: asset.id.clone(),
            subject: Subject::Day(day),
            what,
            due,
            state,
        };
        let [taken_by, landed_by] = policy.deadlines(asset, day);
        [
            duty(What::Taken, taken_by, self.taken(day, taken_by)),
            duty(What::Landed, landed_by, self.day_landed(day, taken_by, landed_by)),
        ]
    }

    fn taken(self, day: Date, due: Timestamp) -> DutyState {
        let points = self.daily(day);
        let available = points.iter().flatten().find(|point| point.state == State::Available);
        let copies = self.serving(&Subject::Day(day), points.as_deref().unwrap_or_default());
        let from_copy = || copies.iter().flatten().find(|copy| landed(self.asset, copy));
        if let Some(point) = available.or_else(from_copy) {
            return met(point, None);
        }
        if self.was_taken(day) {
            return DutyState::Recorded;
        }
        match points {
            Some(points) if !self.may_have_expired(day) => self.untaken(&points, day, due),
            _ => DutyState::Unknown,
        }
    }

    fn untaken(self, points: &[&Point], day: Date, due: Timestamp) -> DutyState {
        let dead = self.dead(points, day);
        if let Some(fault) = self.refusal(&self.take_names(day)) {
            return DutyState::Broken(Cause::Refused(fault));
        }
        if self.asset.take == TakenBy::Sonae && dead.len() >= usize::from(ATTEMPTS) {
            return DutyState::Broken(Cause::Failed(dead));
        }
        let coming = points.iter().any(|point| point.state.may_come())
            || self.take_names(day).iter().any(|name| self.accepted(name));
        if self.now < due || coming && self.is_first_seen_after(due) {
            return DutyState::Pending;
        }
        DutyState::Broken(self.why_not_taken(points, day, dead))
    }

    fn why_not_taken(self, points: &[&Point], day: Date, dead: Vec<PointName>) -> Cause {
        if let Some(point) = points.iter().find(|point| point.state.may_come()) {
            return Cause::StillTaking(point.name.clone());
        }
        let names = self.take_names(day);
        if let Some(name) = names.iter().find(|name| self.accepted(name)) {
            return Cause::StillTaking(name.clone());
        }
        if let Some(stopped) = self.stopped(&names) {
            return stopped;
        }
        if !dead.is_empty() {
            return Cause::Failed(dead);
        }
        match self.seen.database.known() {
            Some(None) => Cause::DatabaseState("missing".to_owned()),
            Some(Some(Database { member_of: Some(cluster), .. })) => {
                Cause::MemberOf(cluster.clone())
            }
            Some(Some(database)) if database.status != "available" => {
                Cause::DatabaseState(database.status.clone())
            }
            _ => Cause::NothingTaken,
        }
    }

    fn day_landed(self, day: Date, taken_by: Timestamp, due: Timestamp) -> DutyState {
        let subject = Subject::Day(day);
        let points = self.daily(day);
        let serving = self.serving(&subject, points.as_deref().unwrap_or_default());
        let Some(copies) = serving else { return DutyState::Unknown };
        if let Some(copy) = copies.iter().find(|copy| landed(self.asset, copy)) {
            return met(copy, points.iter().flatten().find_map(|point| point.created));
        }
        match points {
            // That it has no point was told; that it has no copy is no other break.
            None if self.told().contains(&(day, Kind::NotTaken)) => DutyState::Unknown,
            Some(points) if points.is_empty() && self.may_have_expired(day) => DutyState::Unknown,
            read => {
                let (allowed, unread) = (due.duration_since(taken_by), read.is_none());
                let points = read.unwrap_or_default();
                let landing = Landing { evidence: self, subject, due, allowed, points, copies };
                match landing.state() {
                    DutyState::Broken(_) if unread && landing.moving().is_none() => {
                        DutyState::Broken(Cause::HomeUnread)
                    }
                    state => state,
                }
            }
        }
    }

    /// The failed points of a day: RDS may never have shown their time, but their name has the day.
    fn dead(self, points: &[&Point], day: Date) -> Vec<PointName> {
        let all = self.seen.points.known().into_iter().flatten();
        let named = all.filter(|point| attempt_of(self.asset, day, point).is_some());
        let failed = points.iter().copied().chain(named);
        let failed = failed.filter(|point| point.state == State::Failed);
        failed.map(|point| point.name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether Sonae had not yet seen the asset at a moment.
    pub(super) fn is_first_seen_after(self, moment: Timestamp) -> bool {
        let since = self.journal.known().map(|journal| journal.since(&self.asset.id));
        since.is_some_and(|since| since.is_none_or(|since| since > moment))
    }

    /// Whether a day's point was seen available by an earlier round.
    pub(super) fn was_taken(self, day: Date) -> bool {
        self.journal.known().is_some_and(|journal| journal.taken(&self.asset.id, day))
    }

    /// Retention may have deleted a past day's point; that it was there, only dr and the journal
    /// can say.
    fn may_have_expired(self, day: Date) -> bool {
        let silent = self.seen.copies.fault().is_some() || self.journal.fault().is_some();
        silent && day < day::of(self.now, &self.policy.zone)
    }

    /// The home points that serve a day, if home could be read.
    fn daily(self, day: Date) -> Option<Vec<&'a Point>> {
        let Self { policy, asset, seen, now, .. } = self;
        Some(daily(policy, asset, seen.points.known()?, day, now))
    }

    /// The copies in dr that serve a subject, if dr could be read: those of its points, and those
    /// whose tags say so, whether or not their source still exists.
    pub(super) fn serving(self, subject: &Subject, points: &[&Point]) -> Option<Vec<&'a Point>> {
        let tagged = |copy: &Point| match subject {
            Subject::Day(day) => is_of_day(self.policy, copy, *day),
            Subject::Manual(manual) => of_copy(copy).as_ref() == Some(manual),
            _ => false,
        };
        let serves =
            |copy: &&Point| tagged(copy) || points.iter().any(|point| is_copy_of(copy, point));
        Some(self.seen.copies.known()?.iter().filter(serves).collect())
    }

    /// A refusal of this round that only a person can lift.
    pub(super) fn refusal(self, points: &[PointName]) -> Option<Fault> {
        match self.last_try(points)? {
            Outcome::Failed(fault) => {
                let lasts = !fault.kind.passes() && fault.kind != FaultKind::Missing;
                lasts.then(|| fault.clone())
            }
            _ => None,
        }
    }

    /// Whether this round's last try at a point was accepted.
    pub(super) fn accepted(self, point: &PointName) -> bool {
        let last = self.last_try(std::slice::from_ref(point));
        last.is_some_and(|outcome| outcome.fault().is_none())
    }

    /// What stopped the last try, if anything did.
    pub(super) fn stopped(self, points: &[PointName]) -> Option<Cause> {
        match self.last_try(points)? {
            Outcome::Deferred(fault) => Some(Cause::Waiting(fault.clone())),
            Outcome::Failed(fault) => Some(Cause::Refused(fault.clone())),
            Outcome::Done | Outcome::Already => None,
        }
    }

    /// How the last try went; an earlier refusal that a later try got past does not count.
    fn last_try(self, points: &[PointName]) -> Option<&'a Outcome> {
        let ours = self.tried.iter().filter(|tried| tried.asset == self.asset.id);
        let mut named = ours.filter(|tried| points.contains(&tried.point));
        named.next_back().map(|tried| &tried.outcome)
    }

    fn take_names(self, day: Date) -> Vec<PointName> {
        let Some(family) = self.asset.family() else { return Vec::new() };
        let id = self.asset.id.as_str();
        (1..=ATTEMPTS).map(|attempt| crate::names::taken(family, id, day, attempt)).collect()
    }
}

/// What is met by a point or copy; `taken` is when its data is from, where it does not say so itself.
pub(super) fn met(point: &Point, taken: Option<Timestamp>) -> DutyState {
    let source = point.source.clone().unwrap_or_else(|| point.arn.clone());
    let by_check = tags::StartedBy::Check.word();
    match point.created.or(taken) {
        Some(created) => DutyState::Met(Met {
            name: point.name.clone(),
            source,
            created,
            stored: point.source.as_ref().and(point.stored),
            size_gib: point.size_gib,
            recovered: point.tags.get(tags::STARTED_BY).is_some_and(|by| by == by_check),
        }),
        None => DutyState::Unknown,
    }
}
