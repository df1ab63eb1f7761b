//! Who must be told what: once when it breaks, once when it is whole again, never in between.

use crate::day;
use crate::episode::{EpisodeKey, Kind, NoticeKey, Subject, Word};
use crate::fault::Fault;
use crate::finding::{Finding, Found, Severity};
use crate::journal::{Episode, Journal};
use crate::judge::{Fate, Judgement};
use crate::notice::{self, Notice};
use crate::policy::Policy;
use crate::record::{Mark, Record};
use crate::seen::{Read, Seen};
use jiff::{SignedDuration, Timestamp};

/// A sweep looks once a day, and may be started late or by hand.
const HALF_A_DAY: SignedDuration = SignedDuration::from_hours(12);

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
        let these = findings.filter(move |found| found.key.kind.is_news() == good);
        these.filter_map(|finding| teller.break_of(finding))
    };
    let scheduled = previous.is_some();
    let ended = journal.all_open().filter_map(|(key, n, episode)| {
        match judgement.fate(policy, seen, scheduled, key, now) {
            Fate::Whole => teller.repair_of(key, n, episode, notice::repaired),
            Fate::Returned => teller.repair_of(key, n, episode, notice::returned),
            Fate::Past => Some(teller.note(key, n, Mark::Closed)),
            Fate::Open => None,
        }
    });
    said(false).chain(ended).chain(said(true)).collect()
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
        if key.kind.is_news() && n > 1 {
            return None;
        }
        let open = self.journal.open(key).map(|(_, episode)| episode);
        if open.is_some_and(Episode::said) {
            return None;
        }
        if finding.what.wants_everything() {
            _ = self.previous?;
        }
        if finding.what.may_pass() {
            let previous = self.previous?;
            let before = |episode: &Episode| match key.kind.is_of_sweep() {
                true => episode.was_found_around(previous, HALF_A_DAY),
                false => episode.was_found_at(previous),
            };
            if !open.is_some_and(before) {
                return Some(self.note(key, n, Mark::Found));
            }
        }
        let key = NoticeKey { episode: key.clone(), n, word: Word::Said };
        Some(Say::Notice(notice::broken(self.policy, key, finding, self.now)))
    }

    /// A repair: at once for a day or a point; for a condition that may flap, when this look and
    /// the scheduled one before it were both clean.
    fn repair_of(
        self,
        key: &EpisodeKey,
        n: u32,
        episode: &Episode,
        written: fn(&Policy, NoticeKey, Timestamp) -> Notice,
    ) -> Option<Say> {
        if key.flaps() {
            let previous = self.previous?;
            if !episode.was_clean_at(previous) {
                return Some(self.note(key, n, Mark::Clean));
            }
        }
        let key = NoticeKey { episode: key.clone(), n, word: Word::Repaired };
        Some(Say::Notice(written(self.policy, key, self.now)))
    }

    fn note(self, key: &EpisodeKey, n: u32, mark: Mark) -> Say {
        Say::Note(Record::Mark { key: key.clone(), n, mark, tick: day::tick(self.now) })
    }
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
    if notice.key.episode.kind == Kind::Report {
        return tick == day::tick(policy.morning(day::of(now, &policy.zone)));
    }
    let just_due = notice.due.is_some_and(|due| due <= tick && due > policy.previous_look(tick));
    notice.severity > Severity::Info && (slot || just_due)
}

/// A journal that can be read but not written, seen by the sign of life that could not be left. What
/// waits there for a second look cannot be remembered either, so it speaks up with it.
pub fn unwritable(
    policy: &Policy,
    seen: &Seen,
    judgement: &Judgement,
    fault: Option<Fault>,
    now: Timestamp,
) -> Vec<Say> {
    let Some(fault) = fault.filter(|_| seen.journal.known().is_some()) else { return Vec::new() };
    let what = Found::JournalDown { fault };
    let key = EpisodeKey { asset: None, kind: what.kind(), subject: Subject::Standing };
    let down = Finding { key, severity: what.severity(), what, since: now, rpo: None };
    let waiting = judgement.findings.iter().filter(|finding| finding.what.may_pass());
    let notices = waiting.chain([&down]).map(|f| notice::broken(policy, first(f), f, now));
    notices.filter(|notice| speaks_unclaimed(policy, notice, now)).map(Say::Unclaimed).collect()
}

fn first(finding: &Finding) -> NoticeKey {
    NoticeKey { episode: finding.key.clone(), n: 1, word: Word::Said }
}
