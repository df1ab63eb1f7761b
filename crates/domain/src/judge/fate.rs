//! What became of a thing that was told broken. Not finding it is not enough: what could not be
//! looked at is neither broken nor whole.

use super::Judgement;
use crate::decide::kind_of;
use crate::duty::Duty;
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::journal::WATCH;
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{AssetSeen, Database, Point, Quota, Read, Seen};
use crate::watch;
use jiff::Timestamp;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is seen to be whole.
    Whole,
    /// Nothing that can be seen will ever make it whole.
    Past,
    /// Still broken, or not to be told.
    Open,
}

/// What a fate is read from, beside the judgement.
#[derive(Clone, Copy)]
struct Case<'a> {
    policy: &'a Policy,
    seen: &'a Seen,
    /// Seen by a look at everything, not by an event's round.
    scheduled: bool,
    now: Timestamp,
}

impl Judgement {
    /// What became of an open episode; `scheduled` rounds look at everything.
    pub fn fate(
        &self,
        policy: &Policy,
        seen: &Seen,
        scheduled: bool,
        key: &EpisodeKey,
        now: Timestamp,
    ) -> Fate {
        let case = Case { policy, seen, scheduled, now };
        if self.findings.iter().any(|finding| finding.key == *key) || key.kind.is_good_news() {
            return Fate::Open;
        }
        match key.asset.as_ref() {
            Some(asset) if asset.as_str() == WATCH => match watch::is_clean(seen, key.kind) {
                true => Fate::Whole,
                false => Fate::Open,
            },
            _ if self.is_whole(case, key) => Fate::Whole,
            _ if scheduled && self.is_past(case, key) => Fate::Past,
            _ => Fate::Open,
        }
    }

    fn is_whole(&self, case: Case<'_>, key: &EpisodeKey) -> bool {
        let Case { policy, seen, scheduled, .. } = case;
        match key.kind {
            Kind::NotTaken => self.of(key).any(Duty::holds),
            Kind::NotLanded => self.of(key).any(|duty| duty.met().is_some()),
            Kind::Unreadable => scheduled,
            Kind::JournalDown => seen.journal.known().is_some(),
            Kind::NotGranted => {
                let asset = key.asset.as_ref().and_then(|id| policy.asset(id));
                seen.setup.is_some() && asset.is_some()
            }
            Kind::Unarmed => seen.setup.is_some(),
            Kind::QuotaShort => quota(seen, &key.subject).is_some_and(Quota::is_ample),
            kind => key.asset.as_ref().is_some_and(|id| {
                let found = policy.asset(id).zip(seen.assets.get(id));
                found.is_some_and(|(asset, view)| was_seen(kind, &key.subject, asset, view))
            }),
        }
    }

    /// Its day is too long ago, its point was deleted, its key or its asset has left the policy.
    fn is_past(&self, case: Case<'_>, key: &EpisodeKey) -> bool {
        let Some(id) = &key.asset else {
            // No asset of its family is left.
            let read = case.seen.quotas.iter().all(|quota| quota.known().is_some());
            let counted = quota(case.seen, &key.subject).is_some();
            return key.kind == Kind::QuotaShort && read && !counted;
        };
        let Some(asset) = case.policy.asset(id) else { return true };
        let Some(view) = case.seen.assets.get(id) else { return false };
        let read = view.points.known().is_some() && view.copies.known().is_some();
        match &key.subject {
            // It landed once; a copy under a former key is no repair.
            _ if self.of(key).any(Duty::holds) => true,
            Subject::Day(day) => *day < case.policy.first_seen(asset, case.now),
            Subject::Manual(_) => read && self.of(key).next().is_none(),
            Subject::Point(_) => read && !is_listed(&key.subject, view),
            Subject::Key(_) => is_former_key(key, asset, view),
            Subject::Standing => match key.kind {
                Kind::BackupsOff | Kind::WindowElsewhere => asset.take == TakenBy::Sonae,
                // A cluster with a group that RDS made needs no other in dr.
                Kind::GroupMissing => database(view).is_some_and(|db| db.own_group().is_none()),
                Kind::AssetReplaced => read && newest(asset, view).is_none(),
                _ => false,
            },
            Subject::Read(_) | Subject::Quota(_) => false,
        }
    }

    /// The duties that it is about.
    fn of<'s>(&'s self, key: &'s EpisodeKey) -> impl Iterator<Item = &'s Duty> {
        self.duties.iter().filter(move |duty| {
            duty.kind() == key.kind
                && duty.subject == key.subject
                && key.asset.as_ref() == Some(&duty.asset)
        })
    }
}

/// Whether everything was seen that shows it to be whole, now that it is not found. A database that
/// is gone is not whole.
fn was_seen(kind: Kind, subject: &Subject, asset: &Asset, view: &AssetSeen) -> bool {
    let database = database(view);
    let by_rds = asset.take == TakenBy::Window;
    match kind {
        Kind::DrKeyUnusable | Kind::DrKeyManaged => {
            view.dr_key.known().is_some() && *subject == Subject::key(&asset.dr_key)
        }
        Kind::HomeKeyUnusable | Kind::HomeKeyUnnamed => {
            let known = view.home_key.as_ref().is_some_and(|key| key.known().is_some());
            known && home_key(view).is_some_and(|arn| *subject == Subject::key(arn))
        }
        Kind::GroupMissing => view.group_in_dr == Some(Read::Known(true)),
        Kind::Unencrypted => database.is_some_and(|db| db.encrypted == Some(true)),
        Kind::Uncopyable => view.copies.known().is_some() && database.is_some(),
        Kind::UnknownState => is_listed(subject, view),
        Kind::AssetReplaced => newest(asset, view)
            .zip(database)
            .is_some_and(|(point, database)| point.resource_id == database.resource_id),
        Kind::AssetMissing => view.database.known().is_some(),
        Kind::BackupsOff => by_rds && database.is_some_and(|db| db.retention_days > Some(0)),
        Kind::WindowElsewhere => {
            by_rds && database.is_some_and(|db| db.window.is_some() && db.retention_days != Some(0))
        }
        _ => database.is_some(),
    }
}

/// Neither the policy's dr key nor the one that the database is under.
fn is_former_key(key: &EpisodeKey, asset: &Asset, view: &AssetSeen) -> bool {
    let is = |arn: &String| key.subject == Subject::key(arn);
    match key.kind {
        Kind::DrKeyUnusable | Kind::DrKeyManaged => !is(&asset.dr_key),
        _ => database(view).is_some_and(|database| !database.key.as_ref().is_some_and(is)),
    }
}

fn quota<'s>(seen: &'s Seen, subject: &Subject) -> Option<&'s Quota> {
    let mut known = seen.quotas.iter().filter_map(Read::known);
    known.find(|quota| Subject::quota(quota) == *subject)
}

fn database(view: &AssetSeen) -> Option<&Database> {
    view.database.known().and_then(Option::as_ref)
}

fn home_key(view: &AssetSeen) -> Option<&String> {
    database(view)?.key.as_ref()
}

/// The newest point of ours in home.
pub(super) fn newest<'v>(asset: &Asset, view: &'v AssetSeen) -> Option<&'v Point> {
    let taken = view.points.known()?.iter().filter(|point| kind_of(asset, point).is_some());
    taken.max_by_key(|point| point.created)
}

fn is_listed(subject: &Subject, view: &AssetSeen) -> bool {
    let all = view.points.known().into_iter().chain(view.copies.known()).flatten();
    let names = all.map(|point| point.name.bare());
    let Subject::Point(name) = subject else { return false };
    names.into_iter().any(|bare| bare == name.as_str())
}
