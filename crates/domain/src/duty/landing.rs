//! Whether a copy stands in dr, of a day's point or of a manual one.

use super::evidence::{met, stopped};
use super::{Cause, Duty, DutyState, Evidence, What};
use crate::day;
use crate::decide::{Standing, attempts, kind_of, landed, standing};
use crate::episode::Subject;
use crate::id::{ManualPoint, PointName};
use crate::journal::Journal;
use crate::names::ATTEMPTS;
use crate::seen::{Point, State};
use crate::tags::{self, Kind};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// A promise to land, with the points that it is about.
struct Landing<'a> {
    evidence: Evidence<'a>,
    subject: Subject,
    due: Timestamp,
    /// How long the policy lets a copy take.
    allowed: SignedDuration,
    standings: Vec<(&'a Point, Standing<'a>)>,
    copies: &'a [Point],
}

impl<'a> Evidence<'a> {
    pub(super) fn day_landed(self, day: Date, taken_by: Timestamp, due: Timestamp) -> DutyState {
        let Some(copies) = self.seen.copies.known() else { return DutyState::Unknown };
        if let Some(copy) = self.copies_of(day).iter().find(|copy| landed(self.asset, copy)) {
            return met(copy, None);
        }
        let Some(points) = self.daily(day) else {
            let broken = DutyState::Broken(Cause::HomeUnread);
            return if self.now < due { DutyState::Pending } else { broken };
        };
        if points.is_empty() && self.may_have_expired(day) {
            return DutyState::Unknown;
        }
        let allowed = due.duration_since(taken_by);
        self.landing(&points, copies, Subject::Day(day), due, allowed).state()
    }

    /// The manual points of the judged days: those in home, and those whose copy outlived them.
    pub(super) fn of_manual_points(self) -> Vec<Duty> {
        let points = self.seen.points.known().map(Vec::as_slice).unwrap_or_default();
        let manual = points.iter().filter(|point| kind_of(self.asset, point) == Some(Kind::Manual));
        let mut duties: Vec<Duty> = manual.filter_map(|point| self.of_manual(point)).collect();
        for duty in self.of_outliving_copies() {
            if !duties.iter().any(|other| other.subject == duty.subject) {
                duties.push(duty);
            }
        }
        duties
    }

    /// RDS keeps no time of becoming available, so the deadline counts from the point's creation.
    fn of_manual(self, point: &'a Point) -> Option<Duty> {
        let subject = Subject::Manual(ManualPoint::new(point.name.clone(), point.created));
        let Some(created) = point.created else {
            let broken = DutyState::Broken(Cause::PointFailed(point.name.clone()));
            let failed = point.state == State::Failed;
            return failed.then(|| self.duty(subject, self.now, broken));
        };
        let due = created + self.asset.manual_within;
        let state = match self.seen.copies.known() {
            None => DutyState::Unknown,
            Some(copies) => {
                let allowed = self.asset.manual_within;
                self.landing(&[point], copies, subject.clone(), due, allowed).state()
            }
        };
        self.is_judged(created).then(|| self.duty(subject, due, state))
    }

    fn of_outliving_copies(self) -> impl Iterator<Item = Duty> {
        let copies = self.seen.copies.known().map(Vec::as_slice).unwrap_or_default();
        let manual = move |copy: &&Point| {
            copy.tags.get(tags::KIND).is_some_and(|kind| kind == Kind::Manual.word())
                && landed(self.asset, copy)
        };
        copies.iter().filter(manual).filter_map(move |copy| {
            let created = copy.created.filter(|created| self.is_judged(*created))?;
            let (_, name) = copy.source.as_ref()?.split_once(":snapshot:")?;
            let subject = Subject::Manual(ManualPoint::new(PointName::new(name), Some(created)));
            Some(self.duty(subject, created + self.asset.manual_within, met(copy, None)))
        })
    }

    fn is_judged(self, created: Timestamp) -> bool {
        let first = self.policy.days(self.asset, self.now).first().copied();
        first.is_some_and(|first| day::of(created, &self.policy.zone) >= first)
    }

    fn duty(self, subject: Subject, due: Timestamp, state: DutyState) -> Duty {
        Duty { asset: self.asset.id.clone(), subject, what: What::Landed, due, state }
    }

    fn landing(
        self,
        points: &[&'a Point],
        copies: &'a [Point],
        subject: Subject,
        due: Timestamp,
        allowed: SignedDuration,
    ) -> Landing<'a> {
        let standing = |point: &&'a Point| (*point, standing(self.asset, point, copies));
        let standings = points.iter().map(standing).collect();
        Landing { evidence: self, subject, due, allowed, standings, copies }
    }
}

impl Landing<'_> {
    fn state(&self) -> DutyState {
        let landed = self.standings.iter().find_map(|(point, standing)| match standing {
            Standing::Landed(copy) => Some(met(copy, point.created)),
            _ => None,
        });
        if let Some(met) = landed {
            return met;
        }
        match self.moving().map_or_else(|| self.past_mending(), |_| None) {
            Some(cause) => DutyState::Broken(cause),
            None if self.evidence.now < self.due || self.has_time_left() => DutyState::Pending,
            None => DutyState::Broken(self.why()),
        }
    }

    /// What breaks the promise before its deadline, because it needs a person.
    fn past_mending(&self) -> Option<Cause> {
        let refused = || self.evidence.refusal(&self.names()).map(Cause::Refused);
        // RDS may still take the point of a day anew; nobody takes a manual one but a person.
        let failed = || match (&self.subject, self.standings.as_slice()) {
            (Subject::Manual(_), [(point, _)]) if point.state == State::Failed => {
                Some(Cause::PointFailed(point.name.clone()))
            }
            _ => None,
        };
        let spent = || {
            let dead: Option<Vec<_>> = self.standings.iter().map(|(_, one)| spent(one)).collect();
            dead.map(|dead| dead.concat()).filter(|dead| !dead.is_empty()).map(Cause::Failed)
        };
        refused().or_else(failed).or_else(spent)
    }

    /// A copy that could only be begun after the deadline has the time that the policy gives any
    /// copy: of an asset that Sonae first saw later, under a new key, of a point taken too late.
    fn has_time_left(&self) -> bool {
        let Evidence { asset, now, .. } = self.evidence;
        let points = || self.standings.iter().map(|(point, _)| *point);
        let tried = points().flat_map(|point| attempts(asset, point, self.copies));
        let requested = points().any(|point| self.evidence.accepted(&point.name));
        let begun = tried.filter_map(|copy| copy.stored).chain(requested.then_some(now)).min();
        let excused = self.is_first_sight() || self.is_rekeyed() || self.is_taken_late();
        excused && begun.is_some_and(|begun| begun >= self.due && now < begun + self.allowed)
    }

    /// Sonae had recorded nothing of this asset when the deadline passed.
    fn is_first_sight(&self) -> bool {
        let known = self.evidence.journal.known();
        let since = known.map(|journal| journal.since(&self.evidence.asset.id));
        since.is_some_and(|since| since.is_none_or(|since| since > self.due))
    }

    fn is_rekeyed(&self) -> bool {
        !self.flawed().is_empty()
    }

    fn is_taken_late(&self) -> bool {
        let taken_by = self.due - self.allowed;
        let taken = self.standings.iter().filter_map(|(point, _)| point.created).min();
        matches!(self.subject, Subject::Day(_)) && taken.is_some_and(|taken| taken >= taken_by)
    }

    fn why(&self) -> Cause {
        let dead = || {
            let dead = self.absent().flat_map(|(dead, _)| names(dead)).collect::<Vec<_>>();
            Some(dead).filter(|dead| !dead.is_empty()).map(Cause::Failed)
        };
        let stopped = || self.evidence.fault_of(&self.names()).map(stopped);
        let flawed = || Some(self.flawed()).filter(|names| !names.is_empty()).map(Cause::Flawed);
        let moving = self.moving().or_else(dead).or_else(stopped).or_else(flawed);
        moving.unwrap_or_else(|| match self.standings.first() {
            None => self.why_no_point(),
            Some((point, _)) => self.why_not_begun(point),
        })
    }

    fn moving(&self) -> Option<Cause> {
        let outliving = || match self.subject {
            Subject::Day(day) if self.standings.is_empty() => {
                self.evidence.copies_of(day).into_iter().find(|copy| copy.state.may_come())
            }
            _ => None,
        };
        let under_way = self.standings.iter().find_map(|(_, standing)| match standing {
            Standing::Underway(copy) => Some(*copy),
            _ => None,
        });
        under_way.or_else(outliving).map(|copy| Cause::StillCopying {
            copy: copy.name.clone(),
            state: copy.state.word().to_owned(),
            percent: copy.percent,
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

    fn flawed(&self) -> Vec<PointName> {
        self.absent().flat_map(|(_, flawed)| names(flawed)).collect()
    }

    /// Dead and flawed copies of the points that have none under way.
    fn absent(&self) -> impl Iterator<Item = (&[&Point], &[&Point])> {
        self.standings.iter().filter_map(|(_, standing)| match standing {
            Standing::Absent { dead, flawed } => Some((dead.as_slice(), flawed.as_slice())),
            _ => None,
        })
    }

    fn names(&self) -> Vec<PointName> {
        self.standings.iter().map(|(point, _)| point.name.clone()).collect()
    }
}

/// The dead attempts of a point that has no attempt left.
fn spent(standing: &Standing<'_>) -> Option<Vec<PointName>> {
    match standing {
        Standing::Absent { dead, .. } if dead.len() >= usize::from(ATTEMPTS) => Some(names(dead)),
        _ => None,
    }
}

fn names(points: &[&Point]) -> Vec<PointName> {
    points.iter().map(|point| point.name.clone()).collect()
}
