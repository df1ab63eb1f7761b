//! Whether what was told broken is seen to be whole. Not finding it is not enough: what could not be
//! looked at is neither broken nor whole.

use super::Judgement;
use crate::duty::Duty;
use crate::episode::{EpisodeKey, Kind};
use crate::journal::WATCH;
use crate::seen::{AssetSeen, Instance, Seen};
use crate::watch;

impl Judgement {
    /// Whether it is whole. `scheduled`: seen by a look at everything, not by an event's round.
    pub fn is_clean(&self, seen: &Seen, scheduled: bool, key: &EpisodeKey) -> bool {
        if self.findings.iter().any(|finding| finding.key == *key) || key.kind.is_good_news() {
            return false;
        }
        if key.asset.as_ref().is_some_and(|asset| asset.as_str() == WATCH) {
            return watch::is_clean(seen, key.kind);
        }
        let view = key.asset.as_ref().and_then(|id| seen.assets.get(id));
        match key.kind {
            Kind::NotTaken | Kind::NotLanded => self.holds(key),
            Kind::Unreadable => scheduled,
            Kind::JournalDown => seen.journal.known().is_some(),
            Kind::NotGranted | Kind::Unarmed => seen.setup.is_some(),
            kind => view.is_some_and(|view| was_looked_at(kind, view)),
        }
    }

    fn holds(&self, key: &EpisodeKey) -> bool {
        let same = |duty: &&Duty| {
            duty.kind() == key.kind
                && duty.subject == key.subject
                && key.asset.as_ref() == Some(&duty.asset)
        };
        self.duties.iter().filter(same).any(Duty::holds)
    }
}

/// Whether everything was read that would have shown it. An instance that is gone is not whole.
fn was_looked_at(kind: Kind, view: &AssetSeen) -> bool {
    let instance: Option<&Instance> = view.instance.known().and_then(Option::as_ref);
    let points = view.points.known().is_some();
    match kind {
        Kind::DrKeyUnusable => view.dr_key.known().is_some(),
        Kind::UnknownState => points && view.copies.known().is_some(),
        Kind::InstanceReplaced => points && instance.is_some(),
        Kind::InstanceMissing => view.instance.known().is_some(),
        Kind::WindowElsewhere => instance.is_some_and(|db| db.retention_days != Some(0)),
        _ => instance.is_some(),
    }
}
