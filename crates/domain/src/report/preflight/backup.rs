//! What a restore needs of something that AWS Backup protects.

use super::{Item, Preflight, Ready, is};
use crate::policy::{Asset, Backed};
use crate::seen::{BackedSeen, Read, Seen, Vault};
use jiff::Timestamp;

pub(super) struct Backup<'a> {
    pub(super) asset: &'a Asset,
    pub(super) backed: &'a Backed,
    pub(super) view: &'a BackedSeen,
    pub(super) seen: &'a Seen,
    /// Whether a copy must have landed by now.
    pub(super) owes: bool,
    pub(super) now: Timestamp,
}

impl Backup<'_> {
    pub(super) fn preflight(&self) -> Preflight {
        let items = Item::OF_BACKUP.map(|item| (item, self.at(item)));
        Preflight { asset: self.asset.id.clone(), items: items.into() }
    }

    fn at(&self, item: Item) -> Ready {
        match item {
            Item::Copy => self.copy(),
            Item::Vaults => self.both(|vault| vault.is_some()),
            // A vault that is not there is told by itself.
            Item::Lock => self
                .both(|vault| vault.as_ref().is_none_or(|vault| vault.mode() == self.backed.lock)),
            Item::OptIn => self.opt_in(),
            _ => Ready::NotNeeded,
        }
    }

    fn both(&self, holds: impl Fn(&Option<Vault>) -> bool) -> Ready {
        let vaults = [&self.view.vault, &self.view.dr_vault];
        let each = vaults.map(|vault| is(&vault.read(&holds)));
        each.into_iter().min().unwrap_or(Ready::Unread)
    }

    /// A type that AWS Backup does not name is not asked for.
    fn opt_in(&self) -> Ready {
        let Some(type_name) = self.asset.opt_in_type() else { return Ready::NotNeeded };
        let on = |read: &Read<_>| {
            is(&read.read(|types: &crate::seen::OptIn| types.get(type_name) != Some(&false)))
        };
        self.seen.opt_in.values().map(on).min().unwrap_or(Ready::Unread)
    }

    fn copy(&self) -> Ready {
        if self.view.copies.fault().is_some() {
            return Ready::Unread;
        }
        let newest = self.view.newest_copy();
        match newest.is_some_and(|newest| self.now.duration_since(newest) <= self.asset.rpo) {
            true => Ready::Ready,
            false if self.owes => Ready::Failing,
            false => Ready::NotNeeded,
        }
    }
}
