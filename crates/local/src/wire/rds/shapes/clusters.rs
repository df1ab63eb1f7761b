//! Clusters and their snapshots.

use super::TagList;
use super::groups::name_of;
use domain::id::Region;
use domain::seen::{GroupKind, Point, State};
use jiff::Timestamp;
use model::{Db, Page};
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::wire::rds) struct Clusters<'a> {
    #[serde(rename = "DBClusters")]
    list: ClusterList<'a>,
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
}

#[derive(Serialize)]
struct ClusterList<'a> {
    #[serde(rename = "DBCluster")]
    items: Vec<Cluster<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Cluster<'a> {
    #[serde(rename = "DBClusterIdentifier")]
    id: &'a str,
    #[serde(rename = "DBClusterArn")]
    arn: String,
    #[serde(rename = "DbClusterResourceId")]
    resource_id: &'a str,
    engine: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_backup_window: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_retention_period: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_encrypted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<&'a str>,
    #[serde(rename = "DBClusterParameterGroup", skip_serializing_if = "Option::is_none")]
    parameter_group: Option<&'a str>,
    #[serde(rename = "DBSubnetGroup", skip_serializing_if = "Option::is_none")]
    subnet_group: Option<&'a str>,
    tag_list: TagList<'a>,
}

#[derive(Serialize)]
pub(in crate::wire::rds) struct ClusterSnapshots<'a> {
    #[serde(rename = "DBClusterSnapshots")]
    list: SnapshotList<'a>,
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
}

#[derive(Serialize)]
struct SnapshotList<'a> {
    #[serde(rename = "DBClusterSnapshot")]
    items: Vec<Snapshot<'a>>,
}

#[derive(Serialize)]
pub(in crate::wire::rds) struct OneClusterSnapshot<'a> {
    #[serde(rename = "DBClusterSnapshot")]
    snapshot: Snapshot<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Snapshot<'a> {
    #[serde(rename = "DBClusterSnapshotIdentifier")]
    name: &'a str,
    #[serde(rename = "DBClusterSnapshotArn")]
    arn: &'a str,
    #[serde(rename = "DBClusterIdentifier")]
    cluster: &'a str,
    db_cluster_resource_id: &'a str,
    engine: &'a str,
    snapshot_type: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot_create_time: Option<Timestamp>,
    percent_progress: i32,
    allocated_storage: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_encrypted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<&'a str>,
    #[serde(rename = "SourceDBClusterSnapshotArn", skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    tag_list: TagList<'a>,
}

impl<'a> Clusters<'a> {
    pub(in crate::wire::rds) fn of(page: &'a Page<Db>, region: &Region, account: &str) -> Self {
        let items = page.items.iter().map(|db| Cluster::of(db, region, account)).collect();
        Self { list: ClusterList { items }, marker: page.marker.as_deref() }
    }
}

impl<'a> Cluster<'a> {
    fn of(db: &'a Db, region: &Region, account: &str) -> Self {
        let seen = &db.shown;
        Self {
            id: &seen.id,
            arn: format!("arn:aws:rds:{region}:{account}:cluster:{}", seen.id),
            resource_id: &seen.resource_id,
            engine: &seen.engine,
            status: &seen.status,
            preferred_backup_window: seen.window.as_deref(),
            backup_retention_period: seen.retention_days,
            storage_encrypted: seen.encrypted,
            kms_key_id: seen.key.as_deref(),
            parameter_group: name_of(seen, GroupKind::ClusterParameters),
            subnet_group: name_of(seen, GroupKind::Subnets),
            tag_list: TagList::of(&db.tags),
        }
    }
}

impl<'a> ClusterSnapshots<'a> {
    pub(in crate::wire::rds) fn of(page: &'a Page<Point>) -> Self {
        let items = page.items.iter().map(Snapshot::of).collect();
        Self { list: SnapshotList { items }, marker: page.marker.as_deref() }
    }
}

impl<'a> OneClusterSnapshot<'a> {
    pub(in crate::wire::rds) fn of(point: &'a Point) -> Self {
        Self { snapshot: Snapshot::of(point) }
    }
}

impl<'a> Snapshot<'a> {
    fn of(point: &'a Point) -> Self {
        // RDS shows no time of a snapshot that is still being taken.
        let dated = point.state != State::Creating;
        Self {
            name: point.name.as_str(),
            arn: &point.arn,
            cluster: &point.database,
            db_cluster_resource_id: &point.resource_id,
            // The model keeps a size of all but Aurora.
            engine: if point.size_gib.is_some() { "postgres" } else { "aurora-postgresql" },
            snapshot_type: &point.kind,
            status: point.state.word(),
            snapshot_create_time: point.stored.filter(|_| dated),
            percent_progress: point.percent,
            allocated_storage: point.size_gib.unwrap_or(1),
            storage_encrypted: point.encrypted,
            kms_key_id: point.key.as_deref(),
            source: point.source.as_deref(),
            tag_list: TagList::of(&point.tags),
        }
    }
}
