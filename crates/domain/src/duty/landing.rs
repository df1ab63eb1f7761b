//! Whether a copy stands in dr, of a day's point or of a manual one.

use super::evidence::met;
use super::{Cause, DutyState, Evidence};
use crate::decide::{attempts, could_land, landed, may_land, number_of};
use crate::episode::Subject;
use crate::id::PointName;
use crate::journal::Journal;
use crate::names::ATTEMPTS;
use crate::seen::{Point, State};
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

    /// The copy on its way.
    pub(super) fn moving(&self) -> Option<&Point> {
        self.fitting().find(|copy| may_land(copy))
    }

    /// The copies that were begun as the policy wants them now.
    fn fitting(&self) -> impl Iterator<Item = &Point> {
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
            && !self.flawed().is_empty()
            && self.evidence.journal.known().is_some_and(recorded)
    }

    /// What breaks the promise before its deadline, because it needs a person.
    fn past_mending(&self) -> Option<Cause> {
        let refused = || self.evidence.refusal(&names(&self.points)).map(Cause::Refused);
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

    /// No point has an attempt left.
    fn is_spent(&self) -> bool {
        let tried = |point: &&Point| {
            attempts(self.evidence.asset, point, self.copies.iter().copied()).count()
        };
        !self.points.is_empty()
            && self.points.iter().all(|point| tried(point) >= usize::from(ATTEMPTS))
    }

    /// The deadline; of a copy that could only be begun after it, with the time that the policy
    /// gives any copy.
    fn deadline(&self) -> Timestamp {
        let requested = self.points.iter().any(|point| self.evidence.accepted(&point.name));
        let tried = self.fitting().filter_map(|copy| copy.stored);
        let begun = tried.chain(requested.then_some(self.evidence.now)).min();
        let late = |begun: &Timestamp| {
            self.is_taken_late() || *begun >= self.due && self.could_not_begin_before()
        };
        begun.filter(late).map_or(self.due, |begun| self.due.max(begun + self.allowed))
    }

    /// The day's point itself was taken after its deadline, which was told.
    fn is_taken_late(&self) -> bool {
        let taken_by = self.due - self.allowed;
        let whole = self.points.iter().filter(|point| point.state != State::Failed);
        let taken = whole.filter_map(|point| point.created).min();
        matches!(self.subject, Subject::Day(_)) && taken.is_some_and(|taken| taken >= taken_by)
    }

    /// Nothing called for a copy before the deadline: Sonae had not seen the asset, the copy under
    /// the former key was good, or the manual point may have been selected only now.
    fn could_not_begin_before(&self) -> bool {
        let Evidence { asset, journal, .. } = self.evidence;
        let since = journal.known().map(|journal| journal.since(&asset.id));
        let first_sight = since.is_some_and(|since| since.is_none_or(|since| since > self.due));
        let former = |copy: &&Point| copy.key.as_deref().is_some_and(|key| key != asset.dr_key);
        let whole = |copy: &&Point| copy.state == State::Available;
        let rekeyed = self.copies.iter().copied().filter(whole).any(|copy| former(&copy));
        first_sight || rekeyed || matches!(self.subject, Subject::Manual(_))
    }

    fn why(&self) -> Cause {
        let moving = self.moving().map(|copy| Cause::StillCopying {
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
        let whole = self.copies.iter().copied().filter(|copy| copy.state == State::Available);
        whole.filter(|copy| !may_land(copy)).collect()
    }
}

fn names(points: &[&Point]) -> Vec<PointName> {
    points.iter().map(|point| point.name.clone()).collect()
}
