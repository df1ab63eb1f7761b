//! Who must be told what: once when it breaks, once when it is whole again, never in between.

use crate::day;
use crate::episode::{EpisodeKey, NoticeKey, Subject, Word};
use crate::fault::Fault;
use crate::finding::{Finding, Found, Severity};
use crate::id::ManualPoint;
use crate::journal::{Episode, Journal, WATCH};
use crate::judge::Judgement;
use crate::notice::{self, Notice};
use crate::policy::Policy;
use crate::record::{Mark, Record};
use crate::seen::{AssetSeen, Point, Read, Seen};
use crate::tags;
use jiff::Timestamp;

/// One thing to say or to note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// Claim it, publish it, mark it.
    Notice(Notice),
    /// Publish it without a claim: the journal cannot be asked.
    Unclaimed(Notice),
    /// Only write this down.
    Note(Record),
}

/// Decides what is said: breaks, then repairs, then good news.
///
/// `previous` is the tick of the scheduled look before this one; an event's round has none. It
/// leaves what needs two looks in a row, and speaking without a journal, to the scheduled ones.
pub fn tell(
    policy: &Policy,
    seen: &Seen,
    judgement: &Judgement,
    previous: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Say> {
    let Read::Known(journal) = &seen.journal else {
        return previous.map(|_| unclaimed(policy, judgement, now)).unwrap_or_default();
    };
    let teller = Teller { policy, journal, previous, now };
    let said = |good: bool| {
        let findings = judgement.findings.iter();
        let these = findings.filter(move |found| found.key.kind.is_good_news() == good);
        these.filter_map(|finding| teller.break_of(finding))
    };
    let scheduled = previous.is_some();
    let whole = journal.all_open().filter(|(key, ..)| judgement.is_clean(seen, scheduled, key));
    let whole = whole.filter_map(|(key, n, episode)| teller.repair_of(key, n, episode));
    let lost = journal.all_open().filter(|(key, ..)| {
        scheduled && is_past(policy, seen, key, now) && !judgement.is_clean(seen, scheduled, key)
    });
    let lost = lost.map(|(key, n, _)| teller.note(key, n, Mark::Closed));
    said(false).chain(whole).chain(lost).chain(said(true)).collect()
}

/// What stays the same while one round decides what to say.
#[derive(Clone, Copy)]
struct Teller<'a> {
    policy: &'a Policy,
    journal: &'a Journal,
    previous: Option<Timestamp>,
    now: Timestamp,
}

impl Teller<'_> {
    /// A break that has not been said yet. A claim without its mark is tried again: at least once.
    fn break_of(self, finding: &Finding) -> Option<Say> {
        let (key, n) = (&finding.key, self.journal.number(&finding.key));
        if key.kind.is_good_news() && n > 1 {
            return None;
        }
        let open = self.journal.open(key).map(|(_, episode)| episode);
        if open.is_some_and(Episode::said) {
            return None;
        }
        if finding.what.may_pass() {
            let previous = self.previous?;
            if !open.is_some_and(|episode| episode.was_found_at(previous)) {
                return Some(self.note(key, n, Mark::Found));
            }
        }
        let key = NoticeKey { episode: key.clone(), n, word: Word::Said };
        Some(Say::Notice(notice::broken(self.policy, key, finding, self.now)))
    }

    /// A repair: at once for a day or a point; for a condition that may flap, when this look and
    /// the scheduled one before it were both clean.
    fn repair_of(self, key: &EpisodeKey, n: u32, episode: &Episode) -> Option<Say> {
        if key.subject.flaps() {
            let previous = self.previous?;
            if !episode.was_clean_at(previous) {
                return Some(self.note(key, n, Mark::Clean));
            }
        }
        let key = NoticeKey { episode: key.clone(), n, word: Word::Repaired };
        Some(Say::Notice(notice::repaired(self.policy, key, self.now)))
    }

    fn note(self, key: &EpisodeKey, n: u32, mark: Mark) -> Say {
        Say::Note(Record::Mark { key: key.clone(), n, mark, tick: day::tick(self.now) })
    }
}

/// Whether nothing that can be seen will ever make it whole: its day is too long ago, its manual
/// point was deleted, or its asset has left the policy.
fn is_past(policy: &Policy, seen: &Seen, key: &EpisodeKey, now: Timestamp) -> bool {
    let Some(id) = key.asset.as_ref().filter(|id| id.as_str() != WATCH) else { return false };
    let Some(asset) = policy.asset(id) else { return true };
    match &key.subject {
        Subject::Day(day) => *day < policy.first_seen(asset, now),
        Subject::Manual(manual) => seen.assets.get(id).is_some_and(|view| is_deleted(view, manual)),
        Subject::Point(_) | Subject::Standing | Subject::Read(_) => false,
    }
}

/// Neither the manual point nor a copy of it that may still come is there.
fn is_deleted(view: &AssetSeen, manual: &ManualPoint) -> bool {
    let (Some(points), Some(copies)) = (view.points.known(), view.copies.known()) else {
        return false;
    };
    let same = |point: &Point| *manual == ManualPoint::new(point.name.clone(), point.created);
    let of_name = |copy: &&Point| {
        let source = copy.source.as_ref().or_else(|| copy.tags.get(tags::SOURCE_ARN));
        source.is_some_and(|source| source.ends_with(&format!(":snapshot:{}", manual.name)))
    };
    let coming = copies.iter().filter(of_name).any(|copy| copy.state.may_come());
    !points.iter().any(same) && !coming
}

/// With the journal down nothing says what was told before. So bad news goes out unclaimed, at the
/// first look after a deadline and at the first tick of each six hours: some repeats, no silence.
fn unclaimed(policy: &Policy, judgement: &Judgement, now: Timestamp) -> Vec<Say> {
    let said = |finding| notice::broken(policy, first(finding), finding, now);
    let notices = judgement.findings.iter().map(said);
    notices.filter(|notice| speaks_unclaimed(policy, notice, now)).map(Say::Unclaimed).collect()
}

/// Whether a notice goes out although it could not be claimed.
pub fn speaks_unclaimed(policy: &Policy, notice: &Notice, now: Timestamp) -> bool {
    let tick = day::tick(now);
    let local = tick.to_zoned(policy.zone.clone());
    let slot = local.minute() == 0 && local.hour() % 6 == 0;
    let just_due = notice.due.is_some_and(|due| due <= tick && due > policy.previous_look(tick));
    notice.severity > Severity::Info && (slot || just_due)
}

/// A journal that can be read but not written, seen by the sign of life that could not be left.
pub fn unwritable(
    policy: &Policy,
    seen: &Seen,
    fault: Option<Fault>,
    now: Timestamp,
) -> Option<Say> {
    let fault = fault.filter(|_| seen.journal.known().is_some())?;
    let what = Found::JournalDown { fault };
    let key = EpisodeKey { asset: None, kind: what.kind(), subject: Subject::Standing };
    let finding = Finding { key, severity: what.severity(), what, since: now, rpo: None };
    let notice = notice::broken(policy, first(&finding), &finding, now);
    speaks_unclaimed(policy, &notice, now).then_some(Say::Unclaimed(notice))
}

fn first(finding: &Finding) -> NoticeKey {
    NoticeKey { episode: finding.key.clone(), n: 1, word: Word::Said }
}
