//! One row per asset and day, from its two duties.

use super::trend::Point as Day;
use super::{Row, Verdict};
use crate::day;
use crate::duty::{Duty, DutyState, Met, What};
use crate::episode::Subject;
use crate::id::AssetId;
use crate::journal::Journal;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What the rows of one asset are made from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) id: &'a AssetId,
    /// How old the newest data may be.
    pub(super) rpo: SignedDuration,
    /// When the newest data in dr is from; `None` in it where there is none, unknown where dr could not be read.
    pub(super) newest: Option<Option<Timestamp>>,
    pub(super) journal: Option<&'a Journal>,
    pub(super) now: Timestamp,
}

/// The two duties of one subject.
#[derive(Clone, Copy, Default)]
struct Pair<'a> {
    taken: Option<&'a Duty>,
    landed: Option<&'a Duty>,
}

impl<'a> Source<'a> {
    /// A row per subject of these duties, which are all of this asset.
    pub(super) fn rows(self, duties: &[&'a Duty]) -> BTreeMap<Subject, Row> {
        let mut pairs: BTreeMap<Subject, Pair<'a>> = BTreeMap::new();
        for duty in duties {
            let pair = pairs.entry(duty.subject.clone()).or_default();
            match duty.what {
                What::Taken => pair.taken = Some(duty),
                What::Landed => pair.landed = Some(duty),
            }
        }
        let row = |(subject, pair)| (Subject::clone(&subject), self.row(&subject, pair));
        pairs.into_iter().map(row).collect()
    }

    /// The row of an asset that owes nothing yet.
    pub(super) fn idle(self) -> Row {
        Row { verdict: Verdict::NotOwed, ..self.row(&Subject::Standing, Pair::default()) }
    }

    fn row(self, subject: &Subject, pair: Pair<'_>) -> Row {
        let Self { id, rpo, journal, now, .. } = self;
        let met = pair.landed.and_then(Duty::met);
        let recorded = journal.and_then(|journal| journal.landed_at(id, subject));
        // Seen for the first time by this very round; without the journal nobody knows.
        let landed = recorded.or_else(|| met.zip(journal).map(|_| now));
        let due = pair.landed.map(|duty| duty.due);
        let late = landed.zip(due).is_some_and(|(landed, due)| self.is_late(landed, due));
        let verdict = verdict(pair, late);
        let began = met.and_then(|met| met.stored);
        let row = Row {
            asset: id.clone(),
            subject: subject.to_string(),
            taken: pair.taken.and_then(Duty::met).or(met).map(|met| met.created),
            landed: landed.filter(|_| pair.landed.is_some_and(Duty::holds)),
            due,
            copy: met.map(|met| met.name.clone()),
            minutes: began
                .zip(recorded)
                .map(|(began, landed)| minutes(landed.duration_since(began))),
            allocated_gib: met
                .or(pair.taken.and_then(Duty::met))
                .and_then(|met: &Met| met.size_gib),
            age_minutes: self.newest.flatten().map(|newest| minutes(now.duration_since(newest))),
            objective_minutes: rpo.as_mins(),
            letter: letter(verdict),
            verdict,
        };
        Row { verdict: self.against_objective(&row), ..row }
    }

    /// A copy is seen by the next look only; and what was due before the asset was looked at for the
    /// first time was nobody's.
    fn is_late(self, landed: Timestamp, due: Timestamp) -> bool {
        let since = self.journal.and_then(|journal| journal.since(self.id));
        landed > due + day::TICK && since.is_some_and(|since| since <= due)
    }

    /// What stands in dr may be old although nothing is due.
    fn against_objective(self, row: &Row) -> Verdict {
        let may_be_worse = matches!(row.verdict, Verdict::Held | Verdict::Late | Verdict::NotDue);
        match row.age_minutes {
            _ if !may_be_worse => row.verdict,
            Some(age) if age > row.objective_minutes => Verdict::TooOld,
            None if self.newest.is_some() && row.verdict != Verdict::NotDue => Verdict::Never,
            _ => row.verdict,
        }
    }
}

fn verdict(pair: Pair<'_>, late: bool) -> Verdict {
    let state = |duty: Option<&Duty>| duty.map(|duty| duty.state.clone());
    match (state(pair.taken), state(pair.landed)) {
        (_, Some(DutyState::Met(_) | DutyState::Recorded)) if late => Verdict::Late,
        (_, Some(DutyState::Met(_) | DutyState::Recorded)) => Verdict::Held,
        (Some(DutyState::Broken(_)), _) | (_, Some(DutyState::Broken(_))) => Verdict::Broken,
        (_, Some(DutyState::Unknown)) => Verdict::Unread,
        (_, Some(DutyState::Pending)) => Verdict::NotDue,
        (_, None) => Verdict::NotOwed,
    }
}

fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Held => 'h',
        Verdict::Late => 'l',
        Verdict::Broken => 'm',
        _ => '-',
    }
}

/// What the trend keeps of a row.
pub(super) fn day_of(row: &Row, is_today: bool) -> Day {
    let number = |minutes: i64| u32::try_from(minutes).ok();
    Day {
        held: row.letter,
        age: row.age_minutes.and_then(number).filter(|_| is_today),
        took: row.minutes.and_then(number),
    }
}

/// Whole minutes, begun ones counted.
fn minutes(span: SignedDuration) -> i64 {
    span.as_secs().max(0).saturating_add(59) / 60
}
