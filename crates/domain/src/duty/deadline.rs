//! When a copy is overdue. One that could only be begun after its deadline has the time that the
//! policy gives any copy.

use super::landing::{Landing, names};
use super::{Cause, Evidence};
use crate::episode::Subject;
use crate::seen::{Point, State};
use crate::tags;
use jiff::Timestamp;

impl Landing<'_> {
    pub(super) fn deadline(&self) -> Timestamp {
        let requested = self.points.iter().any(|point| self.evidence.accepted(&point.name));
        let tried = self.fitting().filter_map(|copy| copy.stored);
        let begun = tried.chain(requested.then_some(self.evidence.now)).chain(self.queued()).min();
        let excused = |begun: &Timestamp| {
            let late = *begun >= self.due && self.may_be_selected_late();
            late || self.is_first_sight() || self.is_rekeyed() || self.is_taken_late()
        };
        begun.filter(excused).map_or(self.due, |begun| self.due.max(begun + self.allowed))
    }

    /// Sonae had not yet seen the asset when a copy was to be begun.
    fn is_first_sight(&self) -> bool {
        self.evidence.is_first_seen_after(self.due - self.allowed)
    }

    /// A copy under the key that the policy named before was good enough.
    pub(super) fn is_rekeyed(&self) -> bool {
        let dr_key = &self.evidence.asset.dr_key;
        self.copies.iter().any(|copy| {
            copy.state == State::Available
                && copy.tags.contains_key(tags::KEEP_UNTIL)
                && copy.key.as_ref().is_some_and(|key| key != dr_key)
        })
    }

    /// The day's point itself was taken after its deadline, which was told.
    fn is_taken_late(&self) -> bool {
        let taken_by = self.due - self.allowed;
        let taken = self.taken();
        matches!(self.subject, Subject::Day(_)) && taken.is_some_and(|taken| taken >= taken_by)
    }

    /// A person may tag a manual point, or the policy select it, when its time is over.
    fn may_be_selected_late(&self) -> bool {
        let Evidence { asset, journal, .. } = self.evidence;
        let asked = journal.known().is_some_and(|all| all.requested(&asset.id, &self.subject));
        matches!(self.subject, Subject::Manual(_)) && !asked
    }

    /// Since when a copy waits for a turn that AWS has not given it yet.
    fn queued(&self) -> Option<Timestamp> {
        let Evidence { asset, seen, now, .. } = self.evidence;
        let stopped = self.evidence.stopped(&names(&self.points));
        if !matches!(stopped, Some(Cause::Waiting(_))) {
            return None;
        }
        let copies = seen.copies.known().into_iter().flatten();
        let under_new = copies.filter(|copy| copy.key.as_ref() == Some(&asset.dr_key));
        let since = match (self.is_rekeyed(), self.is_taken_late()) {
            (true, _) => under_new.filter_map(|copy| copy.stored).min(),
            (false, true) => self.taken(),
            (false, false) => self.since(),
        };
        Some(since.unwrap_or(now))
    }

    /// When its data was taken: of the points that did not fail, or once they are gone, of the copies.
    fn taken(&self) -> Option<Timestamp> {
        let whole = self.points.iter().filter(|point| point.state != State::Failed);
        let created = |point: &Point| point.created;
        let of_points = whole.filter_map(|point| created(point)).min();
        of_points.or_else(|| self.fitting().filter_map(created).min())
    }

    fn since(&self) -> Option<Timestamp> {
        self.evidence.journal.known()?.since(&self.evidence.asset.id)
    }
}
