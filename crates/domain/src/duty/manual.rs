//! Manual points and what was promised of each: to land within `manual_within` of its creation. RDS
//! keeps no time of becoming available.

use super::landing::Landing;
use super::{Cause, Duty, DutyState, Evidence, What};
use crate::day;
use crate::decide::{kind_of, landed, source_of};
use crate::episode::Subject;
use crate::id::{ManualPoint, PointName};
use crate::seen::{Point, State};
use crate::tags::{self, Kind};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl<'a> Evidence<'a> {
    /// The manual points of the judged days: those in home, and those that a copy outlived.
    pub(super) fn of_manual_points(self) -> Vec<Duty> {
        let points = self.seen.points.known().map(Vec::as_slice).unwrap_or_default();
        let manual = points.iter().filter(|point| kind_of(self.asset, point) == Some(Kind::Manual));
        let in_home = manual.map(|p| (ManualPoint::new(p.name.clone(), p.created), Some(p)));
        let copies = self.seen.copies.known().map(Vec::as_slice).unwrap_or_default();
        let in_dr = copies.iter().filter_map(of_copy).map(|manual| (manual, None));
        let all: BTreeMap<ManualPoint, Option<&Point>> = in_dr.chain(in_home).collect();
        all.into_iter().filter_map(|(manual, point)| self.of_manual(manual, point)).collect()
    }

    fn of_manual(self, manual: ManualPoint, point: Option<&'a Point>) -> Option<Duty> {
        let subject = Subject::Manual(manual.clone());
        let Some(created) = manual.created else {
            let failed = point.filter(|point| point.state == State::Failed)?;
            let broken = DutyState::Broken(Cause::PointFailed(failed.name.clone()));
            return Some(self.duty(subject, self.now, broken));
        };
        let due = created + self.asset.manual_within;
        let serving = self.serving(&subject, point.as_slice());
        let begun_late = serving.iter().flatten().any(|copy| {
            !landed(self.asset, copy) && copy.stored.is_some_and(|stored| self.is_judged(stored))
        });
        if !self.is_judged(created) && !begun_late && !self.was_told(&subject) {
            return None;
        }
        let Some(copies) = serving else {
            return Some(self.duty(subject, due, DutyState::Unknown));
        };
        let allowed = self.asset.manual_within;
        let points = point.into_iter().collect();
        let landing =
            Landing { evidence: self, subject: subject.clone(), due, allowed, points, copies };
        let (state, coming) = (landing.state(), landing.moving().is_some());
        match point {
            Some(_) => Some(self.duty(subject, due, state)),
            // Deleted by hand, or unread: only what its copies say counts.
            None if coming || matches!(state, DutyState::Met(_) | DutyState::Recorded) => {
                Some(self.duty(subject, due, state))
            }
            None => self.seen.points.fault().map(|_| self.duty(subject, due, DutyState::Unknown)),
        }
    }

    fn is_judged(self, created: Timestamp) -> bool {
        let first = self.policy.days(self.asset, self.now).first().copied();
        first.is_some_and(|first| day::of(created, &self.policy.zone) >= first)
    }

    /// What was told broken is weighed as long as anything of it is seen: it may land late.
    fn was_told(self, subject: &Subject) -> bool {
        self.journal.known().is_some_and(|journal| journal.is_open(&self.asset.id, subject))
    }

    fn duty(self, subject: Subject, due: Timestamp, state: DutyState) -> Duty {
        Duty { asset: self.asset.id.clone(), subject, what: What::Landed, due, state }
    }
}

/// The manual point that a copy of ours was made from.
pub(super) fn of_copy(copy: &Point) -> Option<ManualPoint> {
    let kind = copy.tags.get(tags::KIND)?;
    let name = PointName::of_arn(source_of(copy)?)?;
    let manual = ManualPoint::new(name, Some(copy.created?));
    (kind == Kind::Manual.word()).then_some(manual)
}
