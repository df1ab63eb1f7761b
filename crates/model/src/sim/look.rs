//! What a round on the model looks at: the same reads, folded the same way, as on AWS.

use super::{Sim, fault};
use crate::account::Account;
use crate::rds::{Page, SnapshotQuery};
use crate::script::ApiError;
use domain::fault::Fault;
use domain::id::{AssetId, Region};
use domain::journal::{self, Journal, Shelf};
use domain::policy::{Asset, Policy};
use domain::record::{HEARTBEAT, Heartbeat};
use domain::seen::{Fold, Instance, KeyState, Point, Read, Reads, Scope, Seen, Setup};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

impl Sim {
    pub(super) fn asset_of(
        &self,
        account: &mut Account,
        scope: &Scope,
        lost: &mut Option<Fault>,
    ) -> Option<AssetId> {
        let (region, name) = match scope {
            Scope::Asset(id) => return self.policy.asset(id).map(|asset| asset.id.clone()),
            Scope::Fleet | Scope::Watch => return None,
            Scope::Point(region, name) => (region, name),
        };
        let query = SnapshotQuery { name: Some(name.to_string()), ..SnapshotQuery::default() };
        let found = account.describe_db_snapshots(region, &query);
        let asset = match found {
            Ok(page) => {
                let point = page.items.into_iter().next()?;
                self.policy.asset_of_instance(&point.instance)
            }
            Err(error) if error.code == "DBSnapshotNotFound" => self.policy.asset_named_like(name),
            Err(error) => {
                *lost = Some(fault(error, "rds:DescribeDBSnapshots", region));
                self.policy.asset_named_like(name)
            }
        };
        asset.map(|asset| asset.id.clone())
    }

    pub(super) fn look(&self, account: &mut Account, only: Option<&Asset>) -> Seen {
        let policy = &self.policy;
        let now = account.now;
        let id = only.map(|asset| asset.id.as_str());
        let instances: Read<Vec<Instance>> = match all_pages(|marker| {
            account.describe_db_instances(&policy.home, id, marker.as_deref(), Some(100))
        }) {
            Ok(found) => Read::Known(found.into_iter().map(|db| db.instance).collect()),
            Err(error) if error.code == "DBInstanceNotFound" => Read::Known(Vec::new()),
            Err(error) => Read::Unknown(fault(error, "rds:DescribeDBInstances", &policy.home)),
        };
        let points = |account: &mut Account, region: &Region, kind: Option<&str>| {
            let query = SnapshotQuery {
                instance: id.map(str::to_owned),
                kind: kind.map(str::to_owned),
                max: Some(100),
                ..SnapshotQuery::default()
            };
            let pages = all_pages(|marker| {
                account.describe_db_snapshots(region, &SnapshotQuery { marker, ..query.clone() })
            });
            match pages {
                Ok(points) => Read::Known(points),
                Err(error) => Read::Unknown(fault(error, "rds:DescribeDBSnapshots", region)),
            }
        };
        let home = points(account, &policy.home, None);
        let dr = points(account, &policy.dr, Some("manual"));
        let assets: Vec<&Asset> = match only {
            Some(asset) => vec![asset],
            None => policy.assets.iter().collect(),
        };
        let arns: BTreeSet<&String> = assets.iter().map(|asset| &asset.dr_key).collect();
        let reads = Reads {
            instances,
            points: home.map(|points| folded(policy, points, now)),
            copies: dr.map(|points| folded(policy, points, now)),
            keys: arns.into_iter().map(|arn| (arn.clone(), self.key(account, arn))).collect(),
            journal: self.listed(account, &journal::shelves(policy, only, now)),
        };
        let granted = assets.iter().flat_map(|asset| asset.keys().cloned()).collect();
        Seen { setup: Some(Setup { granted, armed: true }), ..reads.sort(&assets) }
    }

    pub(super) fn watch(&self, account: &mut Account) -> Seen {
        let dr = &self.policy.dr;
        let heartbeat = match account.get_object(dr, Self::JOURNAL, HEARTBEAT) {
            Ok(object) => match Heartbeat::parse(&object.body) {
                Some(heartbeat) => Read::Known(Some(heartbeat)),
                None => {
                    let error = ApiError::new(200, "unlike", "it cannot be understood");
                    Read::Unknown(fault(error, "s3:GetObject", dr))
                }
            },
            Err(error) if error.code == "NoSuchKey" => Read::Known(None),
            Err(error) => Read::Unknown(fault(error, "s3:GetObject", dr)),
        };
        let journal = self.listed(account, &[journal::watch_shelf()]);
        Seen { journal, heartbeat: Some(heartbeat), ..Seen::nothing() }
    }

    fn key(&self, account: &mut Account, arn: &str) -> Read<KeyState> {
        match account.describe_key(&self.policy.dr, arn) {
            Ok(state) => Read::Known(KeyState::parse(&state)),
            Err(error) if error.code == "NotFoundException" => {
                Read::Known(KeyState::Unusable("Missing".to_owned()))
            }
            Err(error) => Read::Unknown(fault(error, "kms:DescribeKey", &self.policy.dr)),
        }
    }

    fn listed(&self, account: &mut Account, shelves: &[Shelf]) -> Read<Journal> {
        let dr = &self.policy.dr;
        let mut keys = Vec::new();
        for shelf in shelves {
            let mut after = shelf.after.clone();
            loop {
                let listed =
                    account.list_objects(dr, Self::JOURNAL, &shelf.prefix, after.as_deref(), 1000);
                match listed {
                    Ok(page) => {
                        keys.extend(page.keys.into_iter().map(|(key, at, _)| (key, at)));
                        after = page.next;
                    }
                    Err(error) => return Read::Unknown(fault(error, "s3:ListBucket", dr)),
                }
                if after.is_none() {
                    break;
                }
            }
        }
        Read::Known(Journal::from_keys(keys.iter().map(|(key, at)| (key.as_str(), *at))))
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

fn folded(policy: &Policy, points: Vec<Point>, now: Timestamp) -> BTreeMap<AssetId, Vec<Point>> {
    let mut fold = Fold::new(policy, now);
    points.into_iter().for_each(|point| fold.take(point));
    fold.kept()
}
