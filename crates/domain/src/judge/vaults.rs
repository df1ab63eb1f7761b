//! AWS Backup's vaults, whether they are there and locked as the policy says, and what AWS Backup is let to
//! protect. A vault and a type are told once, however many assets they are of.

use super::found_of;
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::finding::{Finding, Found};
use crate::id::{AssetId, Region};
use crate::policy::{Asset, LockMode, Policy};
use crate::seen::{Place, Read, Seen, Vault};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Everything found of vaults and settings.
pub(super) fn of_vaults(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let all: BTreeMap<Place, (&Read<Option<Vault>>, LockMode)> = vaults(policy, seen).collect();
    let of_vault = |(place, (read, expected)): (Place, (&Read<Option<Vault>>, LockMode))| {
        let (subject, found) = match read.known()? {
            None => (subject_of(&place), missing(place)),
            Some(vault) if vault.mode() == expected => return None,
            Some(vault) => (lock_of(&place, vault.mode()), other_lock(place, vault, expected)),
        };
        Some(found_of(None, subject, found, now))
    };
    let mut found: Vec<Finding> = all.into_iter().filter_map(of_vault).collect();
    found.extend(not_opted_in(policy, seen).map(|(region, type_name, assets)| {
        let subject = type_of(&region, type_name);
        let type_name = type_name.to_owned();
        found_of(None, subject, Found::NotOptedIn { region, type_name, assets }, now)
    }));
    found
}

fn missing((region, vault): Place) -> Found {
    Found::VaultMissing { region, vault }
}

fn other_lock((region, vault): Place, seen: &Vault, expected: LockMode) -> Found {
    let (found, date) = (seen.mode(), seen.lock.flatten());
    Found::VaultLock { region, vault, expected, found, date }
}

/// The types that AWS Backup is not let to protect, with the assets that are of them. One that it does not
/// name is none of these.
fn not_opted_in<'s>(
    policy: &'s Policy,
    seen: &'s Seen,
) -> impl Iterator<Item = (Region, &'static str, Vec<AssetId>)> + 's {
    seen.opt_in.iter().flat_map(|(region, read)| {
        let mut off: BTreeMap<&'static str, Vec<AssetId>> = BTreeMap::new();
        for asset in &policy.assets {
            let Some(type_name) = asset.opt_in_type() else { continue };
            if read.known().and_then(|types| types.get(type_name)) == Some(&false) {
                off.entry(type_name).or_default().push(asset.id.clone());
            }
        }
        off.into_iter().map(|(type_name, assets)| (region.clone(), type_name, assets))
    })
}

/// Whether it was seen to be as it should be.
pub(super) fn is_whole(policy: &Policy, seen: &Seen, key: &EpisodeKey) -> bool {
    let mut there = vaults(policy, seen).filter_map(|(place, (read, expected))| {
        Some((place, read.known()?.as_ref()?.mode(), expected))
    });
    match key.kind {
        Kind::VaultMissing => there.any(|(place, ..)| subject_of(&place) == key.subject),
        Kind::VaultLock => there
            .any(|(place, mode, expected)| mode == expected && is_lock_of(&key.subject, &place)),
        _ => seen.opt_in.iter().any(|(region, read)| {
            let on = read.known().into_iter().flatten().filter(|(_, on)| **on);
            on.into_iter().any(|(type_name, _)| type_of(region, type_name) == key.subject)
        }),
    }
}

/// Whether nothing asks for it any more, or it went from one trouble into another, which is told by itself.
pub(super) fn is_over(policy: &Policy, seen: &Seen, key: &EpisodeKey) -> bool {
    let named = || policy.vaults();
    match key.kind {
        Kind::VaultMissing => !named().iter().any(|place| subject_of(place) == key.subject),
        Kind::VaultLock => {
            let other = vaults(policy, seen).any(|(place, (read, _))| {
                is_lock_of(&key.subject, &place)
                    && match read.known() {
                        Some(Some(vault)) => lock_of(&place, vault.mode()) != key.subject,
                        Some(None) => true,
                        None => false,
                    }
            });
            other || !named().iter().any(|place| is_lock_of(&key.subject, place))
        }
        _ => {
            let types: BTreeSet<&str> =
                policy.assets.iter().filter_map(Asset::opt_in_type).collect();
            let regions = [&policy.home, &policy.dr];
            let mut asked = regions
                .into_iter()
                .flat_map(|region| types.iter().map(move |type_name| type_of(region, type_name)));
            !asked.any(|subject| subject == key.subject)
        }
    }
}

fn vaults<'s>(
    policy: &'s Policy,
    seen: &'s Seen,
) -> impl Iterator<Item = (Place, (&'s Read<Option<Vault>>, LockMode))> {
    let views = seen.backed.iter().filter_map(|(id, view)| Some((policy.asset(id)?, view)));
    views.flat_map(|(asset, view)| {
        let of = asset.backed().map(|of| {
            let home = (policy.home.clone(), of.vault.clone());
            let dr = (policy.dr.clone(), of.dr_vault.clone());
            [(home, (&view.vault, of.lock)), (dr, (&view.dr_vault, of.lock))]
        });
        of.into_iter().flatten()
    })
}

fn subject_of((region, vault): &Place) -> Subject {
    Subject::item(&format!("{region}.{vault}"))
}

/// The lock is part of it: from one wrong lock to another is news.
fn lock_of((region, vault): &Place, mode: LockMode) -> Subject {
    Subject::item(&format!("{region}.{vault}.{}", mode.word()))
}

fn is_lock_of(subject: &Subject, place: &Place) -> bool {
    let modes = [LockMode::Off, LockMode::Governance, LockMode::Compliance];
    modes.iter().any(|mode| lock_of(place, *mode) == *subject)
}

/// Some types have a blank in their name.
fn type_of(region: &Region, type_name: &str) -> Subject {
    Subject::item(&format!("{region}.{}", type_name.replace(' ', "-")))
}
