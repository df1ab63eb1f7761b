//! What became of a thing that was told broken. Not finding it is not enough: what could not be
//! looked at is neither broken nor whole.

use super::{Judgement, bucket, host, restore, tagged, vaults, verdicts};
use crate::decide::kind_of;
use crate::duty::Duty;
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::id::Family;
use crate::journal::WATCH;
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{AssetSeen, Database, Key, Point, Quota, Read, Seen, State};
use crate::sweep;
use crate::watch;
use jiff::Timestamp;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is seen to be whole.
    Whole,
    /// Home speaks again, and judges it itself.
    Returned,
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
        if self.findings.iter().any(|finding| finding.key == *key) || key.kind.is_news() {
            return Fate::Open;
        }
        if let Some(stock) = &seen.stock {
            return sweep::fate(self, stock, key);
        }
        if seen.buckets.is_some() {
            return bucket::fate(policy, seen, key, now);
        }
        if key.kind.is_of_sweep() {
            return Fate::Open;
        }
        if key.kind.is_of_buckets() || key.kind == Kind::ReplicationSilent {
            return verdicts::fate(policy, seen, scheduled, key);
        }
        if key.kind.is_of_hosts() {
            return host::fate(policy, seen, scheduled, key, now);
        }
        match key.asset.as_ref() {
            Some(asset) if asset.as_str() == WATCH => watch::fate(policy, seen, key, now),
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
            Kind::Unreadable => scheduled && was_asked(seen, &key.subject),
            Kind::JournalDown => seen.journal.known().is_some(),
            Kind::NotGranted => {
                let asset = key.asset.as_ref().and_then(|id| policy.asset(id));
                seen.setup.is_some() && asset.is_some()
            }
            Kind::Unarmed => seen.setup.is_some(),
            Kind::VaultMissing | Kind::VaultLock | Kind::NotOptedIn => {
                vaults::is_whole(policy, seen, key)
            }
            Kind::Untagged => tagged::is_whole(policy, seen, key),
            Kind::QuotaShort => quota(seen, &key.subject).is_some_and(Quota::is_ample),
            Kind::Unheard => {
                seen.topics().any(|topic| Subject::item(topic.region.as_str()) == key.subject)
            }
            Kind::GroupMissing | Kind::PointsLocked => restore::is_whole(key, seen),
            kind => key.asset.as_ref().is_some_and(|id| {
                let found = policy.asset(id).zip(seen.assets.get(id));
                found.is_some_and(|(asset, view)| was_seen(kind, &key.subject, asset, view))
            }),
        }
    }

    /// Its day is too long ago, its point was deleted, its key or its asset has left the policy.
    fn is_past(&self, case: Case<'_>, key: &EpisodeKey) -> bool {
        let Some(id) = &key.asset else {
            return is_over(case, key);
        };
        if case.policy.host(id).is_some() {
            let looked = case.seen.hosts.contains_key(id) && case.seen.journal.known().is_some();
            return looked && self.of(key).next().is_none_or(Duty::holds);
        }
        let Some(asset) = case.policy.asset(id) else { return true };
        if asset.backed().is_some() {
            let read = case.seen.backed.get(id).is_some_and(|view| view.faults().is_empty());
            let gone = match &key.subject {
                Subject::Day(day) => *day < case.policy.first_seen(asset, case.now),
                _ => read && self.of(key).next().is_none(),
            };
            return gone || self.of(key).any(Duty::holds);
        }
        let Some(view) = case.seen.assets.get(id) else { return false };
        let read = view.points.known().is_some() && view.copies.known().is_some();
        match &key.subject {
            // It landed once; a copy under a former key is no repair.
            _ if self.of(key).any(Duty::holds) => true,
            Subject::Day(day) => *day < case.policy.first_seen(asset, case.now),
            Subject::Manual(_) => read && self.of(key).next().is_none(),
            Subject::Point(_) => read && listed(&key.subject, view).is_none(),
            Subject::Key(_) => is_former_key(key, asset, view),
            Subject::Item(_) => is_former_status(key, view),
            Subject::Standing => match key.kind {
                Kind::BackupsOff | Kind::WindowElsewhere => asset.take == TakenBy::Sonae,
                Kind::PitrBehind => asset.dr_pitr.is_none(),
                Kind::Uncopyable => database(view).is_some_and(|db| !db.is_multi_az_cluster()),
                Kind::Unencrypted => asset.family() == Some(Family::Instance),
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
            subject.is_key(&asset.dr_key) && view.dr_key.known().is_some_and(works)
        }
        Kind::HomeKeyUnusable | Kind::HomeKeyUnnamed => {
            let key = view.home_key.as_ref().and_then(Read::known);
            key.is_some_and(works) && home_key(view).is_some_and(|arn| subject.is_key(arn))
        }
        Kind::KeyInaccessible => database.is_some_and(|db| !db.is_cut_off()),
        Kind::PitrBehind => view.pitr.as_ref().is_some_and(|pitr| pitr.known().is_some()),
        Kind::Unencrypted => database.is_some_and(|db| db.encrypted == Some(true)),
        Kind::Uncopyable => database.is_some_and(|db| db.copies_in(view).next().is_some()),
        Kind::UnknownState => {
            listed(subject, view).is_some_and(|point| !matches!(point.state, State::Other(_)))
        }
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

/// Of the whole system: no asset of the quota's family is left, or nothing asks for the read any more.
fn is_over(Case { policy, seen, .. }: Case<'_>, key: &EpisodeKey) -> bool {
    let all_read = || seen.assets.values().all(|view| view.database.known().is_some());
    match key.kind {
        Kind::QuotaShort => {
            let read = seen.quotas.iter().all(|quota| quota.known().is_some());
            read && quota(seen, &key.subject).is_none()
        }
        Kind::GroupMissing | Kind::PointsLocked => restore::is_over(key, policy, seen),
        Kind::VaultMissing | Kind::VaultLock | Kind::NotOptedIn => {
            vaults::is_over(policy, seen, key)
        }
        Kind::Untagged => tagged::is_over(policy, seen, key),
        Kind::Unreadable if key.is_of_listeners() => false,
        Kind::Unreadable => all_read() && !was_asked(seen, &key.subject),
        _ => false,
    }
}

fn was_asked(seen: &Seen, subject: &Subject) -> bool {
    matches!(subject, Subject::Read(read) if seen.asked.contains(read))
}

/// Neither the policy's dr key nor the one that the database is under; or that key, gone from one
/// trouble into another, which is told by itself.
fn is_former_key(key: &EpisodeKey, asset: &Asset, view: &AssetSeen) -> bool {
    let is = |arn: &String| key.subject.is_key(arn);
    let (other, state) = match key.kind {
        Kind::DrKeyUnusable | Kind::DrKeyManaged => (!is(&asset.dr_key), view.dr_key.known()),
        _ => {
            let other = database(view).is_some_and(|db| !db.key.as_ref().is_some_and(is));
            (other, view.home_key.as_ref().and_then(Read::known))
        }
    };
    let unusable = matches!(key.kind, Kind::DrKeyUnusable | Kind::HomeKeyUnusable);
    other || unusable && state.is_some_and(|key| !works(key))
}

/// A status that became another trouble.
fn is_former_status(key: &EpisodeKey, view: &AssetSeen) -> bool {
    key.kind == Kind::KeyInaccessible && database(view).is_some_and(Database::is_cut_off)
}

fn works(key: &Key) -> bool {
    key.trouble().is_none()
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

fn listed<'v>(subject: &Subject, view: &'v AssetSeen) -> Option<&'v Point> {
    let Subject::Point(name) = subject else { return None };
    let mut all = view.points.known().into_iter().chain(view.copies.known()).flatten();
    all.find(|point| point.name.bare() == name.as_str())
}
