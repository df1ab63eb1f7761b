//! Points and copies, of instances and of clusters.

use super::{PAGE, Page, all_pages, read};
use crate::session::Session;
use aws_sdk_rds::types::{DbClusterSnapshot, DbSnapshot, Tag};
use aws_smithy_types::DateTime;
use domain::fault::{Fault, FaultKind};
use domain::id::{Family, PointName, Region};
use domain::seen::{Fold, Folded, Point, Read, State};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What to list of a Region: of one name, of one database, of one type, or of all.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted<'a> {
    name: Option<&'a str>,
    database: Option<&'a str>,
    kind: Option<&'a str>,
}

impl Session<'_> {
    /// One named point.
    pub(crate) async fn point_named(
        &self,
        region: &Region,
        family: Family,
        name: &PointName,
    ) -> Result<Option<Point>, Fault> {
        let name = name.as_str();
        // "If this identifier is for an automated snapshot, the SnapshotType parameter must also be
        // specified" (API reference, DescribeDBSnapshots and DescribeDBClusterSnapshots).
        let kind = name.starts_with("rds:").then_some("automated");
        let wanted = Wanted { name: Some(name), kind, ..Wanted::default() };
        let (page, _) = self.page(region, family, wanted, None).await?;
        Ok(page.into_iter().next())
    }

    /// A Region's points, of one database or of all.
    ///
    /// The API reference wants a database's identifier to "match the identifier of an existing
    /// DBInstance" or "DBCluster", which in dr, or once it is gone, there is none. Where AWS
    /// insists, all are read.
    pub(super) async fn points(
        &self,
        region: &Region,
        family: Family,
        database: Option<&str>,
        kind: Option<&str>,
    ) -> Read<Folded> {
        let wanted = Wanted { database, kind, ..Wanted::default() };
        match self.folded(region, family, wanted).await {
            Read::Unknown(fault) if fault.kind == FaultKind::Missing && database.is_some() => {
                self.folded(region, family, Wanted { database: None, ..wanted }).await
            }
            read => read,
        }
    }

    /// Without a type RDS lists automated and manual points, never AWS Backup's.
    async fn folded(&self, region: &Region, family: Family, wanted: Wanted<'_>) -> Read<Folded> {
        let mut fold = Fold::new(self.policy(), self.now);
        let fetch = async |marker| self.page(region, family, wanted, marker).await;
        let outcome = all_pages(fetch, |point| fold.take(point)).await;
        read(outcome, fold.folded())
    }

    /// One page of a Region's manual points; copies are manual points, too.
    pub(super) async fn manual_page(
        &self,
        region: &Region,
        family: Family,
        marker: Option<String>,
    ) -> Result<Page<Point>, Fault> {
        let wanted = Wanted { kind: Some("manual"), ..Wanted::default() };
        self.page(region, family, wanted, marker).await
    }

    async fn page(
        &self,
        region: &Region,
        family: Family,
        wanted: Wanted<'_>,
        marker: Option<String>,
    ) -> Result<Page<Point>, Fault> {
        let Some(rds) = self.rds_of(region) else { return Ok((Vec::new(), None)) };
        match family {
            Family::Instance => Box::pin(self.instance_points(rds, region, wanted, marker)).await,
            Family::Cluster => Box::pin(self.cluster_points(rds, region, wanted, marker)).await,
        }
    }

    async fn instance_points(
        &self,
        rds: &aws_sdk_rds::Client,
        region: &Region,
        wanted: Wanted<'_>,
        marker: Option<String>,
    ) -> Result<Page<Point>, Fault> {
        let call = rds
            .describe_db_snapshots()
            .set_db_snapshot_identifier(wanted.name.map(str::to_owned))
            .set_db_instance_identifier(wanted.database.map(str::to_owned))
            .set_snapshot_type(wanted.kind.map(str::to_owned))
            .set_marker(marker)
            .max_records(PAGE)
            .send();
        let page = self.call("rds:DescribeDBSnapshots", region, call).await?;
        let points = page.db_snapshots().iter().filter_map(of_instance).collect();
        Ok((points, page.marker().map(str::to_owned)))
    }

    async fn cluster_points(
        &self,
        rds: &aws_sdk_rds::Client,
        region: &Region,
        wanted: Wanted<'_>,
        marker: Option<String>,
    ) -> Result<Page<Point>, Fault> {
        let call = rds
            .describe_db_cluster_snapshots()
            .set_db_cluster_snapshot_identifier(wanted.name.map(str::to_owned))
            .set_db_cluster_identifier(wanted.database.map(str::to_owned))
            .set_snapshot_type(wanted.kind.map(str::to_owned))
            .set_marker(marker)
            .max_records(PAGE)
            .send();
        let page = self.call("rds:DescribeDBClusterSnapshots", region, call).await?;
        let points = page.db_cluster_snapshots().iter().filter_map(of_cluster).collect();
        Ok((points, page.marker().map(str::to_owned)))
    }
}

fn of_instance(found: &DbSnapshot) -> Option<Point> {
    let tags = tags(found.tag_list());
    let original = found.original_snapshot_create_time().and_then(timestamp);
    let source = found.source_db_snapshot_identifier().map(str::to_owned);
    let stored = found.snapshot_create_time().and_then(timestamp);
    Some(Point {
        family: Family::Instance,
        name: PointName::new(found.db_snapshot_identifier()?),
        arn: found.db_snapshot_arn()?.to_owned(),
        database: found.db_instance_identifier()?.to_owned(),
        resource_id: found.dbi_resource_id().unwrap_or_default().to_owned(),
        kind: found.snapshot_type().unwrap_or_default().to_owned(),
        state: State::parse(found.status().unwrap_or("no status")),
        created: Point::data_from(original, stored, source.is_some(), &tags),
        stored,
        percent: found.percent_progress().unwrap_or(0),
        size_gib: found.allocated_storage(),
        encrypted: found.encrypted(),
        key: found.kms_key_id().map(str::to_owned),
        source,
        tags,
    })
}

/// A cluster's snapshot has no OriginalSnapshotCreateTime: a copy's own tag says when its data is from.
fn of_cluster(found: &DbClusterSnapshot) -> Option<Point> {
    let tags = tags(found.tag_list());
    let source = found.source_db_cluster_snapshot_arn().map(str::to_owned);
    let stored = found.snapshot_create_time().and_then(timestamp);
    // "For Aurora, AllocatedStorage always returns 1" (API reference, DBCluster).
    let aurora = found.engine().is_some_and(|engine| engine.starts_with("aurora"));
    Some(Point {
        family: Family::Cluster,
        name: PointName::new(found.db_cluster_snapshot_identifier()?),
        arn: found.db_cluster_snapshot_arn()?.to_owned(),
        database: found.db_cluster_identifier()?.to_owned(),
        resource_id: found.db_cluster_resource_id().unwrap_or_default().to_owned(),
        kind: found.snapshot_type().unwrap_or_default().to_owned(),
        state: State::parse(found.status().unwrap_or("no status")),
        created: Point::data_from(None, stored, source.is_some(), &tags),
        stored,
        percent: found.percent_progress().unwrap_or(0),
        size_gib: found.allocated_storage().filter(|_| !aurora),
        encrypted: found.storage_encrypted(),
        key: found.kms_key_id().map(str::to_owned),
        source,
        tags,
    })
}

pub(super) fn tags(list: &[Tag]) -> BTreeMap<String, String> {
    let pair =
        |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    list.iter().filter_map(pair).collect()
}

pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}
