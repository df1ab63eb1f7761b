//! Whether a copy stands in dr, of a day's point or of a manual one.

use super::evidence::met;
use super::{Cause, DutyState, Evidence, KeyAsked};
use crate::decide::{attempts, could_land, landed, may_land, number_of};
use crate::episode::Subject;
use crate::fault::{Fault, FaultKind};
use crate::id::PointName;
use crate::journal::Journal;
use crate::names::ATTEMPTS;
use crate::seen::{Key, Point, Read, State};
use jiff::{SignedDuration, Timestamp};

/// A promise to land.
pub(super) struct Landing<'a> {
    pub(super) evidence: Evidence<'a>,
    pub(super) subject: Subject,
    pub(super) due: Timestamp,
    /// How long the policy lets a copy take.
    pub(super) allowed: SignedDuration,
    /// The points in home that it is about; none when they are gone.
    pub(super) points: Vec<&'a Point>,
    /// The copies that serve it, whether or not their source still exists.
    pub(super) copies: Vec<&'a Point>,
}

impl Landing<'_> {
    pub(super) fn state(&self) -> DutyState {
        let Evidence { asset, now, .. } = self.evidence;
        if let Some(copy) = self.copies.iter().find(|copy| landed(asset, copy)) {
            return met(copy, self.points.iter().find_map(|point| point.created));
        }
        if self.outlived_its_key() {
            return DutyState::Recorded;
        }
        match self.past_mending() {
            Some(cause) if self.moving().is_none() => DutyState::Broken(cause),
            _ if now < self.deadline() => DutyState::Pending,
            _ => DutyState::Broken(self.why()),
        }
    }

    /// The copy on its way, or not told from one that is.
    pub(super) fn moving(&self) -> Option<&Point> {
        self.fitting().find(|copy| may_land(copy))
    }

    /// The copies that were begun as the policy wants them now.
    pub(super) fn fitting(&self) -> impl Iterator<Item = &Point> {
        let named = |copy: &Point| self.points.iter().any(|p| number_of(p, copy).is_some());
        let fits = move |copy: &&Point| could_land(self.evidence.asset, copy, named(copy));
        self.copies.iter().copied().filter(fits)
    }

    /// It landed under a key that the policy no longer names, and its point is gone since: nothing
    /// can put it under the new one.
    fn outlived_its_key(&self) -> bool {
        let id = &self.evidence.asset.id;
        let recorded = |journal: &Journal| journal.landed(id, &self.subject);
        self.points.is_empty()
            && self.is_rekeyed()
            && self.evidence.journal.known().is_some_and(recorded)
    }

    /// What breaks the promise before its deadline, because it needs a person.
    fn past_mending(&self) -> Option<Cause> {
        let refused =
            || self.evidence.refusal(&names(&self.points)).map(|fault| self.refused(fault));
        // RDS may still take the point of a day anew; nobody takes a manual one but a person.
        let failed = || match (&self.subject, self.points.as_slice()) {
            (Subject::Manual(_), [point]) if point.state == State::Failed => {
                Some(Cause::PointFailed(point.name.clone()))
            }
            _ => None,
        };
        let spent = || self.is_spent().then(|| self.failed().or_else(|| self.unfit())).flatten();
        refused().or_else(failed).or_else(spent)
    }

    /// RDS words the refusal of either key alike, so both are shown as they stand.
    fn refused(&self, fault: Fault) -> Cause {
        if fault.kind != FaultKind::KeyUnusable {
            return Cause::Refused(fault);
        }
        let Evidence { policy, asset, seen, .. } = self.evidence;
        let database = seen.database.known().and_then(Option::as_ref);
        let current = database.and_then(|database| database.key.as_ref());
        let home = self.points.iter().find_map(|point| point.key.as_ref()).map(|arn| KeyAsked {
            arn: arn.clone(),
            region: policy.home.clone(),
            named: "home_key",
            state: seen.home_key.as_ref().filter(|_| current == Some(arn)).and_then(state_of),
        });
        let dr = KeyAsked {
            arn: asset.dr_key.clone(),
            region: policy.dr.clone(),
            named: "dr_key",
            state: state_of(&seen.dr_key),
        };
        Cause::KeyRefused(fault, home.into_iter().chain([dr]).collect())
    }

    /// No point has an attempt left.
    fn is_spent(&self) -> bool {
        let tried = |point: &&Point| {
            attempts(self.evidence.asset, point, self.copies.iter().copied()).count()
        };
        !self.points.is_empty()
            && self.points.iter().all(|point| tried(point) >= usize::from(ATTEMPTS))
    }

    fn why(&self) -> Cause {
        let coming = self.fitting().find(|copy| copy.state.may_come());
        let moving = coming.map(|copy| Cause::StillCopying {
            copy: copy.name.clone(),
            state: copy.state.word().to_owned(),
            percent: copy.percent,
        });
        let stopped = || self.evidence.stopped(&names(&self.points));
        let tried = moving.or_else(|| self.failed()).or_else(stopped).or_else(|| self.unfit());
        tried.unwrap_or_else(|| match self.points.first() {
            None => self.why_no_point(),
            Some(point) => self.why_not_begun(point),
        })
    }

    fn why_no_point(&self) -> Cause {
        match self.subject {
            Subject::Day(day) if self.evidence.was_taken(day) => Cause::PointGone,
            _ => Cause::NoPoint,
        }
    }

    fn why_not_begun(&self, point: &Point) -> Cause {
        let Evidence { asset, journal, .. } = self.evidence;
        let asked = |journal: &Journal| journal.requested(&asset.id, &self.subject);
        let name = point.name.clone();
        match &point.state {
            State::Failed => Cause::PointFailed(name),
            state if state.may_come() => Cause::StillTaking(name),
            _ if self.evidence.accepted(&point.name) => Cause::JustRequested(name),
            _ if journal.known().is_some_and(asked) => Cause::Gone,
            _ => Cause::NotStarted(name),
        }
    }

    /// The attempts that failed; without their point, deleting them would free nothing.
    fn failed(&self) -> Option<Cause> {
        let dead: Vec<&Point> = self.fitting().filter(|copy| copy.state == State::Failed).collect();
        (!dead.is_empty() && !self.points.is_empty()).then(|| Cause::Failed(names(&dead)))
    }

    fn unfit(&self) -> Option<Cause> {
        let flawed = self.flawed();
        (!flawed.is_empty()).then(|| Cause::Flawed(names(&flawed)))
    }

    /// Whole, but under another key or without the day to keep it until.
    fn flawed(&self) -> Vec<&Point> {
        self.copies.iter().copied().filter(|copy| copy.state == State::Available).collect()
    }
}

fn state_of(key: &Read<Key>) -> Option<String> {
    key.known().map(|key| key.trouble().unwrap_or("Enabled").to_owned())
}

pub(super) fn names(points: &[&Point]) -> Vec<PointName> {
    points.iter().map(|point| point.name.clone()).collect()
}
