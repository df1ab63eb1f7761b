//! What was recorded and said before: a pure fold over the journal's keys.
//!
//! Bodies are for people and auditors; everything that Sonae itself needs is in the keys and their
//! times, so one listing is enough. Keys that this version cannot read are skipped: a later one may
//! have written them.

mod shelf;

use crate::episode::{EpisodeKey, Kind, NoticeKey, Subject, Word};
use crate::id::{AssetId, ManualPoint, minute_word};
use crate::world::Claim;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

pub use shelf::{
    Shelf, WATCH, bucket_shelf, episode_shelf, failure_shelf, host_shelves, report_shelf, shelves,
    verdict_shelf, verdicts, watch_shelf,
};

/// A claim without its mark is anyone's again after this long.
pub const CLAIM_HOLDS: SignedDuration = SignedDuration::from_mins(10);

/// Everything read from the journal's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    oldest: Option<Timestamp>,
    facts: BTreeMap<FactKey, Timestamp>,
    since: BTreeMap<AssetId, Timestamp>,
    episodes: BTreeMap<EpisodeKey, BTreeMap<u32, Episode>>,
}

/// What is known of one fact, by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactKey {
    /// The day of the point.
    pub day: Date,
    /// Whose.
    pub asset: AssetId,
    /// The manual point; `None` for the point of the day.
    pub point: Option<ManualPoint>,
    /// What happened.
    pub kind: FactKind,
}

/// What happened to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    /// Seen available in home.
    Taken,
    /// The n-th copy was requested.
    Requested(u8),
    /// Seen in dr, checked.
    Landed,
    /// The n-th copy was seen dead.
    Failed(u8),
}

/// One episode, by the objects under its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Episode {
    claims: BTreeMap<u32, Timestamp>,
    said: bool,
    repairs: BTreeMap<u32, Timestamp>,
    repaired: bool,
    closed: bool,
    found: BTreeSet<String>,
    clean: BTreeSet<String>,
}

impl Journal {
    /// Folds a listing: each key with its time of writing.
    pub fn from_keys<'k>(keys: impl IntoIterator<Item = (&'k str, Timestamp)>) -> Self {
        let mut journal = Self::default();
        for (key, written) in keys {
            journal.oldest = Some(journal.oldest.map_or(written, |oldest| oldest.min(written)));
            let parts: Vec<&str> = key.trim_end_matches(".json").split('/').collect();
            journal.note(&parts, written);
        }
        journal
    }

    fn note(&mut self, parts: &[&str], written: Timestamp) -> Option<()> {
        match parts {
            ["duties", day, asset, fact] => self.note_fact(day, asset, None, fact, written),
            ["duties", day, asset, point, fact] => {
                self.note_fact(day, asset, Some(ManualPoint::parse(point)?), fact, written)
            }
            ["episodes", asset, "joined"] => {
                _ = self.since.insert(AssetId::new(*asset), written);
                Some(())
            }
            ["episodes", asset, kind, subject, n, file]
            | ["duties", subject, asset, kind, n, file] => {
                let key = EpisodeKey::parse(asset, kind, subject)?;
                let episodes = self.episodes.entry(key).or_default();
                episodes.entry(n.parse().ok()?).or_default().note(file, written)
            }
            _ => None,
        }
    }

    fn note_fact(
        &mut self,
        day: &str,
        asset: &str,
        point: Option<ManualPoint>,
        fact: &str,
        written: Timestamp,
    ) -> Option<()> {
        let (day, asset) = (day.parse().ok()?, AssetId::new(asset));
        let fact = FactKey { day, asset, point, kind: FactKind::parse(fact)? };
        self.facts.insert(fact, written);
        Some(())
    }

    /// When the oldest object that was listed was written: Sonae has run since then at least.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.oldest
    }

    /// When an asset was looked at for the first time.
    pub fn since(&self, asset: &AssetId) -> Option<Timestamp> {
        self.since.get(asset).copied()
    }

    /// The assets of which something was recorded in the days that were listed.
    pub fn recent(&self) -> BTreeSet<AssetId> {
        self.facts.keys().map(|fact| fact.asset.clone()).collect()
    }

    /// Whether a fact is recorded.
    pub fn has(&self, fact: &FactKey) -> bool {
        self.facts.contains_key(fact)
    }

    /// Whether the point of a day was ever seen available.
    pub fn taken(&self, asset: &AssetId, day: Date) -> bool {
        self.of(asset, &Subject::Day(day)).any(|(fact, _)| fact.kind == FactKind::Taken)
    }

    /// Whether a copy of this subject was ever seen to stand.
    pub fn landed(&self, asset: &AssetId, subject: &Subject) -> bool {
        self.landed_at(asset, subject).is_some()
    }

    /// When a copy of this subject was first seen to stand.
    pub fn landed_at(&self, asset: &AssetId, subject: &Subject) -> Option<Timestamp> {
        let mut facts = self.of(asset, subject);
        facts.find(|(fact, _)| fact.kind == FactKind::Landed).map(|(_, written)| *written)
    }

    /// Whether someone was told, or may have been, that this subject has not landed.
    pub fn is_open(&self, asset: &AssetId, subject: &Subject) -> bool {
        let (asset, subject) = (Some(asset.clone()), subject.clone());
        let key = EpisodeKey { asset, kind: Kind::NotLanded, subject };
        self.all_open().any(|(open, ..)| *open == key)
    }

    /// Whether a copy of this subject was ever requested or seen.
    pub fn requested(&self, asset: &AssetId, subject: &Subject) -> bool {
        let mut facts = self.of(asset, subject);
        facts.any(|(fact, _)| matches!(fact.kind, FactKind::Requested(_) | FactKind::Landed))
    }

    fn of<'j>(
        &'j self,
        asset: &'j AssetId,
        subject: &'j Subject,
    ) -> impl Iterator<Item = (&'j FactKey, &'j Timestamp)> {
        self.facts.iter().filter(move |(fact, _)| {
            let same = match subject {
                Subject::Day(day) => fact.point.is_none() && fact.day == *day,
                Subject::Manual(point) => fact.point.as_ref() == Some(point),
                _ => false,
            };
            same && fact.asset == *asset
        })
    }

    /// The days of an asset of which something was told broken and is not whole yet.
    pub fn open_days(&self, asset: &AssetId) -> BTreeSet<(Date, Kind)> {
        let ours = self.all_open().filter(|(key, ..)| key.asset.as_ref() == Some(asset));
        ours.filter_map(|(key, ..)| Some((key.subject.day()?, key.kind))).collect()
    }

    /// The open episode of a thing, with its number.
    pub fn open(&self, key: &EpisodeKey) -> Option<(u32, &Episode)> {
        let (n, last) = self.episodes.get(key)?.last_key_value()?;
        (!last.over()).then_some((*n, last))
    }

    /// The number of the episode that is open, or would be opened now.
    pub fn number(&self, key: &EpisodeKey) -> u32 {
        match self.episodes.get(key).and_then(BTreeMap::last_key_value) {
            Some((n, last)) if last.over() => n + 1,
            Some((n, _)) => *n,
            None => 1,
        }
    }

    /// All open episodes that someone was told of, or may have been, each with its number.
    pub fn all_open(&self) -> impl Iterator<Item = (&EpisodeKey, u32, &Episode)> {
        let open = |key| self.open(key).map(|(n, episode)| (key, n, episode));
        let told = |(.., episode): &(_, _, &Episode)| episode.said || !episode.claims.is_empty();
        self.episodes.keys().filter_map(open).filter(told)
    }

    /// What claiming a notice now would come to, or the number under which to try.
    ///
    /// # Errors
    /// The claim that needs no trying.
    pub fn claim(&self, key: &NoticeKey, now: Timestamp) -> Result<u32, Claim> {
        let episode = self.episodes.get(&key.episode).and_then(|all| all.get(&key.n));
        let Some(episode) = episode else { return Ok(1) };
        let (claims, done) = match key.word {
            Word::Said => (&episode.claims, episode.said),
            Word::Repaired => (&episode.repairs, episode.repaired),
        };
        match claims.last_key_value() {
            _ if done => Err(Claim::Said),
            Some((_, at)) if now.duration_since(*at) < CLAIM_HOLDS => Err(Claim::Held),
            Some((k, _)) => Ok(k + 1),
            None => Ok(1),
        }
    }
}

impl Episode {
    fn note(&mut self, file: &str, written: Timestamp) -> Option<()> {
        match file {
            "said" => self.said = true,
            "repaired" => self.repaired = true,
            "closed" => self.closed = true,
            file => match file.split_once('-')? {
                ("claim", k) => _ = self.claims.insert(k.parse().ok()?, written),
                ("repair", k) => _ = self.repairs.insert(k.parse().ok()?, written),
                ("found", tick) => _ = self.found.insert(tick.to_owned()),
                ("clean", tick) => _ = self.clean.insert(tick.to_owned()),
                _ => return None,
            },
        }
        Some(())
    }

    /// When someone was first told of it, or was about to be.
    pub fn since(&self) -> Option<Timestamp> {
        self.claims.values().next().copied()
    }

    /// Whether its notice went out for certain.
    pub fn said(&self) -> bool {
        self.said
    }

    /// Whether it has ended: whole again, or too old to become so.
    fn over(&self) -> bool {
        self.repaired || self.closed
    }

    /// Whether it was found at a scheduled tick, before anyone was told.
    pub fn was_found_at(&self, tick: Timestamp) -> bool {
        self.found.contains(&minute_word(tick))
    }

    /// Whether it was found at most so long before or after a time.
    pub fn was_found_around(&self, time: Timestamp, span: SignedDuration) -> bool {
        let (from, to) = (minute_word(time - span), minute_word(time + span));
        self.found.range(from..to).next().is_some()
    }

    /// Whether a scheduled tick was recorded as clean.
    pub fn was_clean_at(&self, tick: Timestamp) -> bool {
        self.clean.contains(&minute_word(tick))
    }
}

impl FactKind {
    /// The word in the key.
    pub fn word(self) -> String {
        match self {
            Self::Taken => "taken".to_owned(),
            Self::Requested(n) => format!("requested-{n}"),
            Self::Landed => "landed".to_owned(),
            Self::Failed(n) => format!("failed-{n}"),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match (word, word.split_once('-')) {
            ("taken", _) => Some(Self::Taken),
            ("landed", _) => Some(Self::Landed),
            (_, Some(("requested", n))) => Some(Self::Requested(n.parse().ok()?)),
            (_, Some(("failed", n))) => Some(Self::Failed(n.parse().ok()?)),
            _ => None,
        }
    }
}

impl FactKey {
    /// Where the journal keeps it.
    pub fn path(&self) -> String {
        let Self { day, asset, point, kind } = self;
        let kind = kind.word();
        match point {
            None => format!("duties/{day}/{asset}/{kind}.json"),
            Some(point) => format!("duties/{day}/{asset}/{point}/{kind}.json"),
        }
    }
}
