//! What a round looks at. The reads of one round run side by side, so that one Region without an
//! answer costs the time of one call, not of all.
//!
//! The SDK's futures are large, and one look holds several: each call is boxed, else they outgrow a
//! thread's stack.

mod daily;
mod databases;
mod hosts;
mod keys;
mod points;
mod quotas;
mod restore;
mod stock;
mod tagged;
mod vaults;

use crate::config::{Config, Side};
use crate::session::Session;
use domain::fault::{Fault, FaultKind};
use domain::id::{AssetId, Family, PointName, Region};
use domain::journal::watch_shelf;
use domain::policy::Asset;
use domain::report;
use domain::seen::{
    Folded, InDr, Listings, OfFamily, Point, Read, Reads, Scope, Seen, Setup, Wants,
};
use domain::watch;
use std::collections::BTreeMap;

/// RDS gives 20 to 100 records a page.
const PAGE: i32 = 100;

/// A page of a listing, and where the next one starts.
type Page<T> = (Vec<T>, Option<String>);

impl Session<'_> {
    pub(crate) async fn look(&self, scope: &Scope) -> Seen {
        let policy = self.policy();
        match scope {
            Scope::Fleet => self.look_at_all(false).await,
            Scope::Day => self.look_at_all(true).await,
            Scope::Stock => Box::pin(self.look_at_stock()).await,
            Scope::Watch => self.watch().await,
            // `replication` has a world of its own.
            Scope::Buckets | Scope::Bucket(_) => Seen::nothing(),
            Scope::Host(id) => Box::pin(self.look_at_host(id)).await,
            Scope::Asset(id) => self.look_at_one(policy.asset(id)).await,
            Scope::Point(region, family, name) => {
                let like = policy.asset_named_like(*family, name);
                match self.point_if_there(region, *family, name).await {
                    Ok(Some(named)) => {
                        let asset = policy.asset_of(*family, &named.database);
                        Seen { named: Some(named), ..self.look_at_one(asset).await }
                    }
                    Ok(None) => self.look_at_one(like).await,
                    Err(fault) => Seen { lost: Some(fault), ..self.look_at_one(like).await },
                }
            }
        }
    }

    async fn look_at_one(&self, asset: Option<&Asset>) -> Seen {
        match asset {
            Some(asset) => self.look_at(&[asset], Some(asset), false).await,
            None => Seen::nothing(),
        }
    }

    async fn look_at_all(&self, reported: bool) -> Seen {
        let tagged = self.by_tag().await;
        let grown = self.grow(&tagged).cloned();
        let seen = self.look_at_every(reported).await;
        Seen { tagged, grown, ..seen }
    }

    async fn look_at_every(&self, reported: bool) -> Seen {
        let assets: Vec<&Asset> = self.policy().assets.iter().collect();
        self.look_at(&assets, None, reported).await
    }

    /// Looks at assets: at one with filtered reads, at all with unfiltered pages. What only a
    /// restore or a person needs is asked for with all of them.
    async fn look_at(&self, assets: &[&Asset], only: Option<&Asset>, reported: bool) -> Seen {
        let whole = only.is_none();
        let databases = assets.iter().filter(|asset| asset.family().is_some());
        let (instances, clusters, mut keys, quotas, journal, vaults) = tokio::join!(
            self.family(Family::Instance, assets, only),
            self.family(Family::Cluster, assets, only),
            self.keys(Side::Dr, databases.map(|asset| &asset.dr_key)),
            self.quotas(whole),
            self.read_journal(only),
            Box::pin(self.vaults(assets)),
        );
        let policy = self.policy();
        let reported = reported || whole && report::is_due(policy, &journal, self.now);
        let wants = Wants::of(assets, [&instances, &clusters], whole);
        let (home_keys, dr_keys, groups, pitr, daily, opt_in, verdicts, hosts) = tokio::join!(
            self.keys(Side::Home, wants.home_keys.iter()),
            self.keys(Side::Dr, wants.dr_keys.iter().filter(|key| !keys.contains_key(*key))),
            self.groups(&wants.groups),
            self.pitr(wants.pitr),
            self.daily(reported, [&instances, &clusters]),
            Box::pin(self.opt_in(whole)),
            Box::pin(self.read_verdicts(whole)),
            Box::pin(self.hosts(whole)),
        );
        keys.extend(home_keys.into_iter().chain(dr_keys));
        let regions = [policy.home.clone(), policy.dr.clone()];
        let reads = Reads { instances, clusters, keys, groups, pitr, quotas, journal, regions };
        let seen = Seen { backed: vaults.sort(policy, assets), ..reads.sort(assets) };
        let Config { granted, armed, journal, .. } = &self.aws.config;
        let (granted, journal) = (granted.clone(), journal.clone());
        let setup = Some(Setup { granted, armed: *armed, journal });
        Seen { setup, daily, opt_in, verdicts, hosts, asked: self.asked(), ..seen }
    }

    async fn family(&self, family: Family, assets: &[&Asset], only: Option<&Asset>) -> OfFamily {
        if !assets.iter().any(|asset| asset.family() == Some(family)) {
            return OfFamily::nothing();
        }
        let id = only.map(|asset| asset.id.as_str());
        let (databases, points, copies) = tokio::join!(
            self.databases(family, id),
            self.points(self.home(), family, id, None),
            self.points(self.dr(), family, id, Some("manual")),
        );
        OfFamily { databases, points, copies }
    }

    /// While home speaks, that is all.
    async fn watch(&self) -> Seen {
        let shelf = [watch_shelf()];
        let (heartbeat, journal) = tokio::join!(self.read_heartbeat(), self.read_shelves(&shelf));
        let copies = match watch::is_silent(&heartbeat, self.now) {
            true => Some(self.copies_in_dr().await),
            false => None,
        };
        let (heartbeat, asked) = (Some(heartbeat), self.asked());
        Seen { journal, heartbeat, copies, asked, ..Seen::nothing() }
    }

    /// What there is without home: asked of dr alone.
    async fn copies_in_dr(&self) -> BTreeMap<AssetId, Read<InDr>> {
        let policy = self.policy();
        let of = async |family| match policy.has(family) {
            true => self.points(self.dr(), family, None, Some("manual")).await,
            false => Read::Known(Folded::default()),
        };
        let (instances, clusters, vaults) =
            tokio::join!(of(Family::Instance), of(Family::Cluster), Box::pin(self.dr_vaults()));
        Listings { instances, clusters, vaults }.sort(policy)
    }

    /// A named point; `None` when there is no such point (any more).
    async fn point_if_there(
        &self,
        region: &Region,
        family: Family,
        name: &PointName,
    ) -> Result<Option<Point>, Fault> {
        match self.point_named(region, family, name).await {
            Ok(point) => Ok(point),
            Err(fault) if fault.kind == FaultKind::Missing => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    pub(crate) fn rds_of(&self, region: &Region) -> Option<&aws_sdk_rds::Client> {
        let of = [(self.home(), &self.aws.home.rds), (self.dr(), &self.aws.dr.rds)];
        of.into_iter().find(|(known, _)| *known == region).map(|(_, rds)| rds)
    }
}

/// Reads all pages of a listing, handing over each thing as it comes.
async fn all_pages<T>(
    fetch: impl AsyncFn(Option<String>) -> Result<Page<T>, Fault>,
    mut take: impl FnMut(T),
) -> Result<(), Fault> {
    let mut marker = None;
    loop {
        let (page, next) = fetch(marker).await?;
        page.into_iter().for_each(&mut take);
        // An empty marker would start from the first page again, for ever.
        marker = next.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(());
        }
    }
}

/// What came of reading pages.
fn read<T>(outcome: Result<(), Fault>, value: T) -> Read<T> {
    match outcome {
        Ok(()) => Read::Known(value),
        Err(fault) => Read::Unknown(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty marker asks for the first page again: the listing would never end.
    #[tokio::test]
    async fn an_empty_marker_is_the_end() {
        let pages = [(vec![1], Some("m".to_owned())), (vec![2], Some(String::new()))];
        let mut all = Vec::new();
        let fetch = async |marker: Option<String>| match marker.as_deref() {
            None => Ok(pages[0].clone()),
            Some("m") => Ok(pages[1].clone()),
            other => panic!("no page starts at {other:?}"),
        };
        assert_eq!(all_pages(fetch, |one| all.push(one)).await, Ok(()));
        assert_eq!(all, [1, 2]);
    }
}
