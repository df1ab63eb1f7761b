//! What a round looks at. The reads of one round run side by side, so that one Region without an
//! answer costs the time of one call, not of all.

use crate::config::Config;
use crate::fault;
use crate::session::Session;
use aws_sdk_rds::operation::describe_db_snapshots::DescribeDbSnapshotsOutput;
use aws_sdk_rds::types::{DbInstance, DbSnapshot};
use aws_smithy_types::DateTime;
use domain::fault::{Fault, FaultKind};
use domain::id::{AssetId, PointName, Region};
use domain::journal::watch_shelf;
use domain::policy::Asset;
use domain::seen::{Fold, Instance, KeyState, Point, Read, Reads, Scope, Seen, Setup, State};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// DescribeDBSnapshots and DescribeDBInstances give 20 to 100 records a page.
const PAGE: i32 = 100;

impl Session<'_> {
    pub(crate) async fn look(&self, scope: &Scope) -> Seen {
        let policy = &self.aws.config.policy;
        match scope {
            Scope::Fleet => self.look_at(&policy.assets.iter().collect::<Vec<_>>(), None).await,
            Scope::Watch => self.watch().await,
            Scope::Asset(id) => self.look_at_one(policy.asset(id), None).await,
            Scope::Point(region, name) => match self.named(region, name).await {
                Ok(Some(instance)) => {
                    self.look_at_one(policy.asset_of_instance(&instance), None).await
                }
                Ok(None) => self.look_at_one(policy.asset_named_like(name), None).await,
                Err(fault) => self.look_at_one(policy.asset_named_like(name), Some(fault)).await,
            },
        }
    }

    async fn look_at_one(&self, asset: Option<&Asset>, lost: Option<Fault>) -> Seen {
        let seen = match asset {
            Some(asset) => self.look_at(&[asset], Some(asset)).await,
            None => Seen::nothing(),
        };
        Seen { lost, ..seen }
    }

    /// Looks at assets: at one with filtered reads, at all with unfiltered pages.
    async fn look_at(&self, assets: &[&Asset], only: Option<&Asset>) -> Seen {
        let id = only.map(|asset| asset.id.as_str());
        let (instances, points, copies, keys, journal) = tokio::join!(
            self.instances(id),
            self.points(&self.aws.home.rds, self.home(), id, None),
            self.points(&self.aws.dr.rds, self.dr(), id, Some("manual")),
            self.keys(assets),
            self.read_journal(only),
        );
        let seen = Reads { instances, points, copies, keys, journal }.sort(assets);
        let Config { granted, armed, .. } = &self.aws.config;
        Seen { setup: Some(Setup { granted: granted.clone(), armed: *armed }), ..seen }
    }

    async fn watch(&self) -> Seen {
        let shelf = [watch_shelf()];
        let (heartbeat, journal) = tokio::join!(self.read_heartbeat(), self.read_shelves(&shelf));
        Seen { journal, heartbeat: Some(heartbeat), ..Seen::nothing() }
    }

    /// The instance that a named point is of; `None` when there is no such point (any more).
    async fn named(&self, region: &Region, name: &PointName) -> Result<Option<String>, Fault> {
        let page = match self.rds_of(region) {
            Some(rds) => self.page_named(rds, region, name).await,
            None => return Ok(None),
        };
        match page {
            Ok(page) => Ok(page
                .db_snapshots()
                .iter()
                .find_map(|found| found.db_instance_identifier().map(str::to_owned))),
            Err(fault) if fault.kind == FaultKind::Missing => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// One named point, for settling whose name it is.
    pub(crate) async fn point_named(
        &self,
        region: &Region,
        name: &PointName,
    ) -> Result<Option<Point>, Fault> {
        let Some(rds) = self.rds_of(region) else { return Ok(None) };
        let page = self.page_named(rds, region, name).await?;
        Ok(page.db_snapshots().iter().find_map(point))
    }

    fn rds_of(&self, region: &Region) -> Option<&aws_sdk_rds::Client> {
        let of = [(self.home(), &self.aws.home.rds), (self.dr(), &self.aws.dr.rds)];
        of.into_iter().find(|(known, _)| *known == region).map(|(_, rds)| rds)
    }

    async fn page_named(
        &self,
        rds: &aws_sdk_rds::Client,
        region: &Region,
        name: &PointName,
    ) -> Result<DescribeDbSnapshotsOutput, Fault> {
        // "If this identifier is for an automated snapshot, the SnapshotType parameter must also be
        // specified" (API reference, DescribeDBSnapshots).
        let kind = name.as_str().starts_with("rds:").then(|| "automated".to_owned());
        let call = rds
            .describe_db_snapshots()
            .db_snapshot_identifier(name.as_str())
            .set_snapshot_type(kind)
            .send();
        self.call("rds:DescribeDBSnapshots", region, call).await
    }

    async fn instances(&self, id: Option<&str>) -> Read<Vec<Instance>> {
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let call = self
                .aws
                .home
                .rds
                .describe_db_instances()
                .set_db_instance_identifier(id.map(str::to_owned))
                .set_marker(marker)
                .max_records(PAGE)
                .send();
            match self.call("rds:DescribeDBInstances", self.home(), call).await {
                Ok(page) => {
                    all.extend(page.db_instances().iter().filter_map(instance));
                    marker = next(page.marker());
                }
                Err(fault) if fault.kind == FaultKind::Missing => return Read::Known(all),
                Err(fault) => return Read::Unknown(fault),
            }
            if marker.is_none() {
                return Read::Known(all);
            }
        }
    }

    /// A Region's points, of one instance or of all.
    ///
    /// The API reference wants an instance identifier to "match the identifier of an existing
    /// DBInstance", which in dr, or once it is gone, there is none. Where AWS insists, all are read.
    async fn points(
        &self,
        rds: &aws_sdk_rds::Client,
        region: &Region,
        id: Option<&str>,
        kind: Option<&str>,
    ) -> Read<BTreeMap<AssetId, Vec<Point>>> {
        match self.points_of(rds, region, id, kind).await {
            Read::Unknown(fault) if fault.kind == FaultKind::Missing && id.is_some() => {
                self.points_of(rds, region, None, kind).await
            }
            read => read,
        }
    }

    /// Without a type RDS lists automated and manual points, never AWS Backup's.
    async fn points_of(
        &self,
        rds: &aws_sdk_rds::Client,
        region: &Region,
        id: Option<&str>,
        kind: Option<&str>,
    ) -> Read<BTreeMap<AssetId, Vec<Point>>> {
        let mut fold = Fold::new(&self.aws.config.policy, self.now);
        let mut marker = None;
        loop {
            let call = rds
                .describe_db_snapshots()
                .set_db_instance_identifier(id.map(str::to_owned))
                .set_snapshot_type(kind.map(str::to_owned))
                .set_marker(marker)
                .max_records(PAGE)
                .send();
            match self.call("rds:DescribeDBSnapshots", region, call).await {
                Ok(page) => {
                    page.db_snapshots().iter().filter_map(point).for_each(|point| fold.take(point));
                    marker = next(page.marker());
                }
                Err(fault) => return Read::Unknown(fault),
            }
            if marker.is_none() {
                return Read::Known(fold.kept());
            }
        }
    }

    async fn keys(&self, assets: &[&Asset]) -> BTreeMap<String, Read<KeyState>> {
        let arns: BTreeSet<&String> = assets.iter().map(|asset| &asset.dr_key).collect();
        let mut keys = BTreeMap::new();
        for arn in arns {
            keys.insert(arn.clone(), self.key(arn).await);
        }
        keys
    }

    async fn key(&self, arn: &str) -> Read<KeyState> {
        let call = self.aws.dr.kms.describe_key().key_id(arn).send();
        match self.call("kms:DescribeKey", self.dr(), call).await {
            Ok(answer) => match answer.key_metadata().and_then(|key| key.key_state()) {
                Some(state) => Read::Known(KeyState::parse(state.as_str())),
                None => Read::Unknown(fault::unlike("kms:DescribeKey", self.dr(), arn)),
            },
            Err(fault) if fault.kind == FaultKind::Missing => {
                Read::Known(KeyState::Unusable("Missing".to_owned()))
            }
            Err(fault) => Read::Unknown(fault),
        }
    }
}

/// Where the next page starts. An empty marker would start from the first one again, for ever.
fn next(marker: Option<&str>) -> Option<String> {
    marker.filter(|marker| !marker.is_empty()).map(str::to_owned)
}

fn instance(found: &DbInstance) -> Option<Instance> {
    Some(Instance {
        id: found.db_instance_identifier()?.to_owned(),
        resource_id: found.dbi_resource_id().unwrap_or_default().to_owned(),
        status: found.db_instance_status().unwrap_or("unknown").to_owned(),
        window: found.preferred_backup_window().map(str::to_owned),
        retention_days: found.backup_retention_period(),
    })
}

fn point(found: &DbSnapshot) -> Option<Point> {
    let tags = found.tag_list().iter().filter_map(|tag| {
        Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))
    });
    let tags: BTreeMap<String, String> = tags.collect();
    let original = found.original_snapshot_create_time().and_then(timestamp);
    let source = found.source_db_snapshot_identifier().map(str::to_owned);
    let stored = found.snapshot_create_time().and_then(timestamp);
    Some(Point {
        name: PointName::new(found.db_snapshot_identifier()?),
        arn: found.db_snapshot_arn()?.to_owned(),
        instance: found.db_instance_identifier()?.to_owned(),
        resource_id: found.dbi_resource_id().unwrap_or_default().to_owned(),
        kind: found.snapshot_type().unwrap_or_default().to_owned(),
        state: State::parse(found.status().unwrap_or("no status")),
        created: Point::data_from(original, stored, source.is_some(), &tags),
        stored,
        percent: found.percent_progress().unwrap_or(0),
        size_gib: found.allocated_storage().unwrap_or(0),
        key: found.kms_key_id().map(str::to_owned),
        source,
        tags,
    })
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty marker asks for the first page again: the listing would never end.
    #[test]
    fn an_empty_marker_is_the_end() {
        assert_eq!(next(Some("")), None);
        assert_eq!(next(None), None);
        assert_eq!(next(Some("m")), Some("m".to_owned()));
    }

    #[test]
    fn what_rds_leaves_out_is_not_zero() {
        let bare = DbInstance::builder().db_instance_identifier("db").build();
        let read = instance(&bare).map(|db| (db.window, db.retention_days));
        assert_eq!(read, Some((None, None)));
    }
}
