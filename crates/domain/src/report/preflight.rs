//! The preflight of a disaster: whether each thing that a restore in dr needs was seen to be there. What
//! fails is a finding of its own, with its Region and what to do; here it stands in a row.

mod backup;

use crate::duty::{Duty, What, whole_copies};
use crate::episode::Kind;
use crate::finding::Finding;
use crate::id::AssetId;
use crate::policy::{Asset, Policy, TakenBy};
use crate::seen::{AssetSeen, Database, Lock, Read, Seen};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

use backup::Backup;

/// The preflight of one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preflight {
    /// Whose.
    pub asset: AssetId,
    /// How each item stands.
    pub items: BTreeMap<Item, Ready>,
}

/// What a restore in dr needs, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// The dr key works.
    DrKey,
    /// A copy under it, no older than the RPO: that is what shows that it works.
    Copy,
    /// The database's own key works.
    HomeKey,
    /// So do the keys of older points.
    OlderKeys,
    /// The parameter, option and subnet groups are in dr.
    Groups,
    /// RDS's replicated automated backups reach far enough.
    Pitr,
    /// Automated backups are on.
    Backups,
    /// RDS's backup window is where the policy expects it.
    Window,
    /// Both vaults of AWS Backup are there.
    Vaults,
    /// They are locked as the policy says.
    Lock,
    /// AWS Backup is let to protect its type in both Regions.
    OptIn,
}

/// How an item stands; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    /// It is not there, or does not work.
    Failing,
    /// It could not be looked at.
    Unread,
    /// It is there.
    Ready,
    /// This asset does not need it.
    NotNeeded,
}

impl Item {
    /// Those of a resource of AWS Backup.
    pub(super) const OF_BACKUP: [Self; 4] = [Self::Copy, Self::Vaults, Self::Lock, Self::OptIn];

    /// Those of a database.
    pub(super) const OF_RDS: [Self; 8] = [
        Self::DrKey,
        Self::Copy,
        Self::HomeKey,
        Self::OlderKeys,
        Self::Groups,
        Self::Pitr,
        Self::Backups,
        Self::Window,
    ];

    /// The kinds of finding of one asset that say that it fails.
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::DrKey => &[Kind::DrKeyUnusable, Kind::NotGranted],
            Self::Copy
            | Self::OlderKeys
            | Self::Groups
            | Self::Vaults
            | Self::Lock
            | Self::OptIn => &[],
            Self::HomeKey => &[Kind::HomeKeyUnusable, Kind::KeyInaccessible],
            Self::Pitr => &[Kind::PitrBehind],
            Self::Backups => &[Kind::BackupsOff],
            Self::Window => &[Kind::WindowElsewhere],
        }
    }
}

impl Preflight {
    /// Whether it is of something that AWS Backup protects.
    pub(super) fn is_of_backup(&self) -> bool {
        self.items.contains_key(&Item::Vaults)
    }

    /// The worst of it.
    pub(super) fn worst(&self) -> Ready {
        self.items.values().min().copied().unwrap_or(Ready::NotNeeded)
    }

    /// The items that are not known to be there.
    pub(super) fn lacking(&self) -> impl Iterator<Item = Item> {
        self.items.iter().filter(|(_, ready)| **ready < Ready::Ready).map(|(item, _)| *item)
    }
}

/// The preflight of every asset in view, the worst first.
pub(super) fn preflight(
    policy: &Policy,
    seen: &Seen,
    duties: &[Duty],
    findings: &[Finding],
    now: Timestamp,
) -> Vec<Preflight> {
    let found: BTreeSet<(&AssetId, Kind)> = findings
        .iter()
        .filter_map(|finding| Some((finding.key.asset.as_ref()?, finding.key.kind)))
        .collect();
    let due = duties.iter().filter(|duty| duty.what == What::Landed && duty.due <= now);
    let owes: BTreeSet<&AssetId> = due.map(|duty| &duty.asset).collect();
    let of = |asset: &Asset| {
        let owes = owes.contains(&asset.id);
        if let Some(backed) = asset.backed() {
            let view = seen.backed.get(&asset.id)?;
            return Some(Backup { asset, backed, view, seen, owes, now }.preflight());
        }
        let view = seen.assets.get(&asset.id)?;
        let look = Look { asset, view, owes, now };
        let fails =
            |item: Item| item.kinds().iter().any(|kind| found.contains(&(&asset.id, *kind)));
        let items = Item::OF_RDS
            .map(|item| (item, if fails(item) { Ready::Failing } else { look.at(item) }));
        Some(Preflight { asset: asset.id.clone(), items: items.into() })
    };
    let mut all: Vec<Preflight> = policy.assets.iter().filter_map(of).collect();
    all.sort_by(|a, b| (a.worst(), &a.asset).cmp(&(b.worst(), &b.asset)));
    all
}

/// What was seen of an asset, where nothing was found against it.
struct Look<'a> {
    asset: &'a Asset,
    view: &'a AssetSeen,
    /// Whether a copy must have landed by now.
    owes: bool,
    now: Timestamp,
}

impl Look<'_> {
    fn at(&self, item: Item) -> Ready {
        let Self { asset, view, .. } = self;
        let by_rds = asset.take == TakenBy::Window;
        match item {
            Item::DrKey => read(&view.dr_key),
            Item::Copy => self.copy(),
            Item::HomeKey => match view.home_key.as_ref() {
                Some(key) => read(key),
                None => self.of_database(|database| database.key.is_some()),
            },
            Item::OlderKeys => {
                let reads = [view.points.fault(), view.copies.fault()];
                let works = |lock: &Lock| lock.state.read(|key| key.trouble().is_none());
                let keys = view.locks.iter().map(|lock| is(&works(lock)));
                match reads.iter().any(Option::is_some) {
                    true => Ready::Unread,
                    false => keys.min().unwrap_or(Ready::NotNeeded),
                }
            }
            Item::Groups if view.groups.is_empty() => self.of_database(|_| false),
            Item::Groups => view.groups.values().map(is).min().unwrap_or(Ready::NotNeeded),
            Item::Pitr if asset.dr_pitr.is_none() => Ready::NotNeeded,
            Item::Pitr => view.pitr.as_ref().map_or(Ready::Unread, read),
            Item::Backups if by_rds => self.of_database(|_| true),
            Item::Window if by_rds => self.of_database(|database| database.window.is_some()),
            Item::Backups | Item::Window | Item::Vaults | Item::Lock | Item::OptIn => {
                Ready::NotNeeded
            }
        }
    }

    fn copy(&self) -> Ready {
        let Self { asset, view, owes, now } = self;
        if view.copies.fault().is_some() {
            return Ready::Unread;
        }
        let under_it = whole_copies(view).filter(|copy| copy.key.as_ref() == Some(&asset.dr_key));
        let newest = under_it.filter_map(|copy| copy.created).max();
        match newest.is_some_and(|newest| now.duration_since(newest) <= asset.rpo) {
            true => Ready::Ready,
            false if *owes => Ready::Failing,
            false => Ready::NotNeeded,
        }
    }

    /// Of a database that could be read; one that is gone is told by itself.
    fn of_database(&self, needs: impl Fn(&Database) -> bool) -> Ready {
        match &self.view.database {
            Read::Known(Some(database)) if needs(database) => Ready::Ready,
            Read::Known(Some(_)) => Ready::NotNeeded,
            Read::Known(None) | Read::Unknown(_) => Ready::Unread,
        }
    }
}

fn is(read: &Read<bool>) -> Ready {
    match read {
        Read::Known(true) => Ready::Ready,
        Read::Known(false) => Ready::Failing,
        Read::Unknown(_) => Ready::Unread,
    }
}

fn read<T>(read: &Read<T>) -> Ready {
    match read {
        Read::Known(_) => Ready::Ready,
        Read::Unknown(_) => Ready::Unread,
    }
}
