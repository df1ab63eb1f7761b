//! What a round on the model looks at: the same reads, folded the same way, as on AWS.

use super::{Sim, fault};
use crate::account::{Account, Db};
use crate::rds::{Page, SnapshotQuery, Words, operation};
use crate::script::ApiError;
use domain::fault::FaultKind;
use domain::id::{Family, PointName, Region};
use domain::journal;
use domain::policy::{Asset, Policy, Tagged};
use domain::report;
use domain::seen::{
    Daily, Database, Fold, Folded, GroupKind, Key, KeyState, OfFamily, Point, Quota, Read, Reads,
    Seen, Setup, Topic, Wants, strays,
};
use domain::sweep::{Listed, Stock};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

impl Sim {
    pub(super) fn look_at_named(
        &self,
        account: &mut Account,
        region: &Region,
        family: Family,
        name: &PointName,
    ) -> Seen {
        let query = SnapshotQuery { name: Some(name.to_string()), ..SnapshotQuery::default() };
        let like = self.policy.asset_named_like(family, name);
        match account.describe_snapshots(region, family, &query) {
            Ok(page) => {
                let named = page.items.into_iter().next();
                let id = named.as_ref().map(|point| point.database.clone()).unwrap_or_default();
                let asset = self.policy.asset_of(family, &id);
                Seen { named, ..self.look_at_one(account, asset) }
            }
            Err(error) => {
                let found = fault(error, Words::of(family).describe, region);
                let lost = Some(found).filter(|fault| fault.kind != FaultKind::Missing);
                Seen { lost, ..self.look_at_one(account, like) }
            }
        }
    }

    pub(super) fn look_at_one(&self, account: &mut Account, asset: Option<&Asset>) -> Seen {
        match asset {
            Some(asset) => self.look(account, Some(asset), false),
            None => Seen::nothing(),
        }
    }

    pub(super) fn look(&self, account: &mut Account, only: Option<&Asset>, reported: bool) -> Seen {
        let tagged = if only.is_none() { self.tagged(account) } else { Tagged::new() };
        if tagged.is_empty() {
            return self.look_at(account, only, reported);
        }
        let grown = self.policy.grown(&tagged);
        let with_all = Sim::new(Account::new(account.now), grown.clone());
        let seen = with_all.look_at(account, only, reported);
        Seen { tagged, grown: Some(grown), ..seen }
    }

    fn look_at(&self, account: &mut Account, only: Option<&Asset>, reported: bool) -> Seen {
        let policy = &self.policy;
        let assets: Vec<&Asset> = match only {
            Some(asset) => vec![asset],
            None => policy.assets.iter().collect(),
        };
        let instances = self.family(account, Family::Instance, &assets, only);
        let clusters = self.family(account, Family::Cluster, &assets, only);
        let wants = Wants::of(&assets, [&instances, &clusters], only.is_none());
        let databases = assets.iter().filter(|asset| asset.family().is_some());
        let dr: BTreeSet<&String> =
            databases.map(|asset| &asset.dr_key).chain(&wants.dr_keys).collect();
        let home = wants.home_keys.iter().map(|arn| (&policy.home, arn));
        let keys = home.chain(dr.into_iter().map(|arn| (&policy.dr, arn)));
        let keys = keys.map(|(region, arn)| (arn.clone(), key(account, region, arn))).collect();
        let reads = Reads {
            groups: self.groups(account, &wants.groups),
            pitr: wants.pitr.then(|| self.pitr(account)),
            regions: [policy.home.clone(), policy.dr.clone()],
            quotas: if only.is_none() { self.quotas(account) } else { Vec::new() },
            journal: self.listed(account, &journal::shelves(policy, only, account.now)),
            instances,
            clusters,
            keys,
        };
        let due = only.is_none() && report::is_due(policy, &reads.journal, account.now);
        let daily = (reported || due).then(|| self.daily(account, &reads));
        let granted = policy.assets.iter().flat_map(|asset| asset.keys().cloned()).collect();
        let setup = Setup { granted, armed: true, journal: Self::JOURNAL.to_owned() };
        let backed = self.vaults(account, &assets).sort(policy, &assets);
        let opt_in = self.opt_in(account, only.is_none());
        let verdicts = self.verdicts(account, only.is_none());
        let hosts = self.hosts(account, only.is_none());
        Seen { setup: Some(setup), daily, backed, opt_in, verdicts, hosts, ..reads.sort(&assets) }
    }

    fn daily(&self, account: &mut Account, reads: &Reads) -> Daily {
        let policy = &self.policy;
        let mut strangers = |family, read: &OfFamily| match policy.has(family) {
            true => read.databases.read(|all| policy.strangers(all)),
            false => self.databases(account, family, None).map(|all| policy.strangers(&all)),
        };
        let strangers = vec![
            strangers(Family::Instance, &reads.instances),
            strangers(Family::Cluster, &reads.clusters),
        ];
        Daily {
            topics: self.topics(account),
            before: self.past(account),
            strangers,
            strays: strays([&reads.instances, &reads.clusters]),
        }
    }

    fn topics(&self, account: &mut Account) -> Vec<Read<Topic>> {
        let mut of = |region: &Region| {
            let arn = account.topic(region);
            match account.get_topic_attributes(region, &arn) {
                Ok((confirmed, pending)) => {
                    Read::Known(Topic { arn, region: region.clone(), confirmed, pending })
                }
                Err(error) => Read::Unknown(fault(error, "sns:GetTopicAttributes", region)),
            }
        };
        [&self.policy.home, &self.policy.dr].map(&mut of).into()
    }

    fn family(
        &self,
        account: &mut Account,
        family: Family,
        assets: &[&Asset],
        only: Option<&Asset>,
    ) -> OfFamily {
        if !assets.iter().any(|asset| asset.family() == Some(family)) {
            return OfFamily::nothing();
        }
        let id = only.map(|asset| asset.id.as_str());
        OfFamily {
            databases: self.databases(account, family, id),
            points: self.points(account, &self.policy.home, family, id, None),
            copies: self.points(account, &self.policy.dr, family, id, Some("manual")),
        }
    }

    fn databases(
        &self,
        account: &mut Account,
        family: Family,
        id: Option<&str>,
    ) -> Read<BTreeMap<String, Database>> {
        let home = &self.policy.home;
        let pages = all_pages(|marker| {
            account.describe_databases(home, family, id, marker.as_deref(), Some(100))
        });
        let by_id = |db: Db| (db.shown.id.clone(), Database { tags: db.tags, ..db.shown });
        match pages {
            Ok(found) => Read::Known(found.into_iter().map(by_id).collect()),
            Err(error) => match fault(error, Words::of(family).describe_databases, home) {
                fault if fault.kind == FaultKind::Missing => Read::Known(BTreeMap::new()),
                fault => Read::Unknown(fault),
            },
        }
    }

    pub(super) fn points(
        &self,
        account: &mut Account,
        region: &Region,
        family: Family,
        id: Option<&str>,
        kind: Option<&str>,
    ) -> Read<Folded> {
        let query = SnapshotQuery {
            database: id.map(str::to_owned),
            kind: kind.map(str::to_owned),
            max: Some(100),
            ..SnapshotQuery::default()
        };
        let pages = all_pages(|marker| {
            account.describe_snapshots(region, family, &SnapshotQuery { marker, ..query.clone() })
        });
        match pages {
            Ok(points) => Read::Known(folded(&self.policy, points, account.now)),
            Err(error) => Read::Unknown(fault(error, Words::of(family).describe, region)),
        }
    }

    fn groups(
        &self,
        account: &mut Account,
        kinds: &BTreeSet<GroupKind>,
    ) -> BTreeMap<GroupKind, Read<BTreeSet<String>>> {
        let dr = &self.policy.dr;
        let of = |kind: &GroupKind| {
            let pages = all_pages(|marker| {
                account.describe_groups(dr, *kind, marker.as_deref(), Some(100))
            });
            let read = match pages {
                Ok(names) => Read::Known(names.into_iter().collect()),
                Err(error) => Read::Unknown(fault(error, operation(*kind), dr)),
            };
            (*kind, read)
        };
        kinds.iter().map(of).collect()
    }

    fn pitr(&self, account: &mut Account) -> Read<BTreeMap<String, Timestamp>> {
        let dr = &self.policy.dr;
        let pages = all_pages(|marker| {
            account.describe_db_instance_automated_backups(dr, marker.as_deref(), Some(100))
        });
        match pages {
            Ok(all) => {
                let until = all.into_iter().filter_map(|one| Some((one.resource_id, one.latest?)));
                Read::Known(until.collect())
            }
            Err(error) => match fault(error, "rds:DescribeDBInstanceAutomatedBackups", dr) {
                fault if fault.kind == FaultKind::Missing => Read::Known(BTreeMap::new()),
                fault => Read::Unknown(fault),
            },
        }
    }

    fn quotas(&self, account: &mut Account) -> Vec<Read<Quota>> {
        let of = |region: &Region| match account.describe_account_attributes(region) {
            Ok(quotas) => {
                let ours = quotas.into_iter().filter(|quota| self.policy.has(quota.family));
                ours.map(Read::Known).collect()
            }
            Err(error) => {
                vec![Read::Unknown(fault(error, "rds:DescribeAccountAttributes", region))]
            }
        };
        [&self.policy.home, &self.policy.dr].into_iter().flat_map(of).collect()
    }

    pub(super) fn look_at_stock(&self, account: &mut Account) -> Seen {
        let stock = Some(self.stock_of(account));
        let journal = self.listed(account, &[journal::episode_shelf()]);
        Seen { stock, journal, ..Seen::nothing() }
    }

    pub(super) fn stock_of(&self, account: &mut Account) -> Stock {
        let Policy { home, dr, assets, .. } = &self.policy;
        let databases = assets.iter().filter(|asset| asset.family().is_some());
        let keys: BTreeSet<&String> = databases.map(|asset| &asset.dr_key).collect();
        let keys = keys.into_iter().map(|arn| (arn.clone(), key(account, dr, arn))).collect();
        Stock { home: tagged(account, home), dr: tagged(account, dr), keys }
    }
}

/// A Region's manual points with our tags.
fn tagged(account: &mut Account, region: &Region) -> Listed {
    let mut of = |family: Family| {
        let query = SnapshotQuery {
            kind: Some("manual".to_owned()),
            max: Some(100),
            ..SnapshotQuery::default()
        };
        let pages = all_pages(|marker| {
            account.describe_snapshots(region, family, &SnapshotQuery { marker, ..query.clone() })
        });
        match pages {
            Ok(points) => Read::Known(points.into_iter().filter_map(Stock::of_use).collect()),
            Err(error) => Read::Unknown(fault(error, Words::of(family).describe, region)),
        }
    };
    Listed { instances: of(Family::Instance), clusters: of(Family::Cluster) }
}

fn key(account: &mut Account, region: &Region, arn: &str) -> Read<Key> {
    match account.describe_key(region, arn) {
        Ok((state, by_aws)) => Read::Known(Key { state: KeyState::parse(&state), by_aws }),
        Err(error) => match fault(error, "kms:DescribeKey", region) {
            fault if fault.kind == FaultKind::Missing => Read::Known(Key::missing()),
            fault => Read::Unknown(fault),
        },
    }
}

fn all_pages<T>(
    mut fetch: impl FnMut(Option<String>) -> Result<Page<T>, ApiError>,
) -> Result<Vec<T>, ApiError> {
    let mut all = Vec::new();
    let mut marker = None;
    loop {
        let page = fetch(marker)?;
        all.extend(page.items);
        marker = page.marker;
        if marker.is_none() {
            return Ok(all);
        }
    }
}

fn folded(policy: &Policy, points: Vec<Point>, now: Timestamp) -> Folded {
    let mut fold = Fold::new(policy, now);
    points.into_iter().for_each(|point| fold.take(point));
    fold.folded()
}
