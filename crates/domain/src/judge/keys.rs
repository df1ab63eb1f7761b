//! The keys that an asset's points and copies depend on: which one, in which Region.

use crate::episode::Subject;
use crate::finding::Found;
use crate::policy::Asset;
use crate::seen::{AssetSeen, Key, Setup};

pub(super) fn of_asset(
    asset: &Asset,
    seen: &AssetSeen,
    setup: Option<&Setup>,
) -> Vec<(Subject, Found)> {
    let dr = seen.dr_key.known().and_then(|key| of_dr(asset, key));
    let found = seen.database.known().and_then(Option::as_ref);
    let arn = found.and_then(|database| database.key.as_ref());
    let home = arn.zip(seen.home_key.as_ref().and_then(|read| read.known()));
    let home = home.and_then(|(arn, key)| of_home(asset, setup, arn, key));
    home.into_iter().chain(dr).collect()
}

fn of_dr(asset: &Asset, key: &Key) -> Option<(Subject, Found)> {
    let arn = asset.dr_key.clone();
    match key.trouble() {
        Some(state) => {
            let subject = Subject::key_in(&arn, state);
            Some((subject, Found::DrKeyUnusable { key: arn, state: state.to_owned() }))
        }
        None if key.by_aws => Some((Subject::key(&arn), Found::DrKeyManaged { key: arn })),
        None => None,
    }
}

/// Nothing can be copied from under a key that is off, nor, once that is deleted, restored. A key
/// that neither this asset names nor another one, is one that the functions' role may not use.
fn of_home(asset: &Asset, setup: Option<&Setup>, arn: &str, key: &Key) -> Option<(Subject, Found)> {
    let granted = setup.is_none_or(|setup| setup.granted.contains(arn));
    let named = asset.home_key.as_deref() == Some(arn) || granted;
    let (owned, plain) = (arn.to_owned(), Subject::key(arn));
    match key.trouble() {
        Some(state) => {
            let found = Found::HomeKeyUnusable { key: owned, state: state.to_owned() };
            Some((Subject::key_in(arn, state), found))
        }
        None if !key.by_aws && !named => Some((plain, Found::HomeKeyUnnamed { key: owned })),
        None => None,
    }
}
