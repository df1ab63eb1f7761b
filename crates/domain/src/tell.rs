//! Who must be told what: once when it breaks, once when it is whole again, never in between.

use crate::day;
use crate::episode::{EpisodeKey, NoticeKey, Subject, Word};
use crate::fault::Fault;
use crate::finding::{Finding, Found, Severity};
use crate::journal::{Episode, Journal};
use crate::judge::Judgement;
use crate::notice::{self, Notice};
use crate::policy::Policy;
use crate::record::Record;
use crate::seen::{Read, Seen};
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

/// Decides what is said: breaks, then repairs, then good news. `whole_fleet` rounds alone judge
/// standing conditions clean and speak when the journal is down; an event's round leaves both to
/// them.
pub fn tell(
    policy: &Policy,
    seen: &Seen,
    judgement: &Judgement,
    whole_fleet: bool,
    now: Timestamp,
) -> Vec<Say> {
    match &seen.journal {
        Read::Known(journal) => {
            let said = |good: bool| {
                let findings = judgement.findings.iter();
                let these = findings.filter(move |found| found.key.kind.is_good_news() == good);
                these.filter_map(|finding| break_of(policy, journal, finding, now))
            };
            let whole =
                journal.all_open().filter(|(key, ..)| judgement.is_clean(seen, whole_fleet, key));
            let whole = whole.filter_map(|(key, n, episode)| {
                repair_of(policy, key, n, episode, whole_fleet, now)
            });
            said(false).chain(whole).chain(said(true)).collect()
        }
        Read::Unknown(_) if whole_fleet => unclaimed(policy, judgement, now),
        Read::Unknown(_) => Vec::new(),
    }
}

/// A break that has not been said yet. A claim without its mark is tried again: at least once.
fn break_of(policy: &Policy, journal: &Journal, finding: &Finding, now: Timestamp) -> Option<Say> {
    let key = &finding.key;
    if key.kind.is_good_news() && journal.number(key) > 1 {
        return None;
    }
    match journal.open(key) {
        Some((_, episode)) if episode.said() => None,
        _ => {
            let n = journal.number(key);
            let key = NoticeKey { episode: key.clone(), n, word: Word::Said };
            Some(Say::Notice(notice::broken(policy, key, finding, now)))
        }
    }
}

/// A repair: at once for a day or a point; for a condition that may flap, when this tick and the
/// last one that looked were both clean.
fn repair_of(
    policy: &Policy,
    key: &EpisodeKey,
    n: u32,
    episode: &Episode,
    whole_fleet: bool,
    now: Timestamp,
) -> Option<Say> {
    let tick = day::tick(now);
    let repaired = || {
        let key = NoticeKey { episode: key.clone(), n, word: Word::Repaired };
        Say::Notice(notice::repaired(policy, key, now))
    };
    match (key.subject.flaps(), whole_fleet) {
        (false, _) => Some(repaired()),
        (true, false) => None,
        (true, true) if episode.was_clean_at(policy.previous_look(tick)) => Some(repaired()),
        (true, true) if episode.was_clean_at(tick) => None,
        (true, true) => Some(Say::Note(Record::Clean { key: key.clone(), n, tick })),
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
