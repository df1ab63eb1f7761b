//! Instances and their snapshots.

use super::TagList;
use super::groups::{ItsOptions, ItsParameters, ItsSubnets};
use domain::id::Region;
use domain::seen::{Point, State};
use jiff::Timestamp;
use model::{Db, Page};
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::wire::rds) struct Instances<'a> {
    #[serde(rename = "DBInstances")]
    list: InstanceList<'a>,
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
}

#[derive(Serialize)]
struct InstanceList<'a> {
    #[serde(rename = "DBInstance")]
    items: Vec<Instance<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Instance<'a> {
    #[serde(rename = "DBInstanceIdentifier")]
    id: &'a str,
    #[serde(rename = "DBInstanceArn")]
    arn: String,
    #[serde(rename = "DbiResourceId")]
    resource_id: &'a str,
    #[serde(rename = "DBInstanceStatus")]
    status: &'a str,
    engine: &'a str,
    #[serde(rename = "DBClusterIdentifier", skip_serializing_if = "Option::is_none")]
    member_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_backup_window: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_retention_period: Option<i32>,
    allocated_storage: i32,
    storage_encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<&'a str>,
    #[serde(rename = "DBParameterGroups")]
    parameters: ItsParameters<'a>,
    #[serde(rename = "OptionGroupMemberships")]
    options: ItsOptions<'a>,
    #[serde(rename = "DBSubnetGroup", skip_serializing_if = "Option::is_none")]
    subnets: Option<ItsSubnets<'a>>,
    tag_list: TagList<'a>,
}

#[derive(Serialize)]
pub(in crate::wire::rds) struct Snapshots<'a> {
    #[serde(rename = "DBSnapshots")]
    list: SnapshotList<'a>,
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
}

#[derive(Serialize)]
struct SnapshotList<'a> {
    #[serde(rename = "DBSnapshot")]
    items: Vec<Snapshot<'a>>,
}

#[derive(Serialize)]
pub(in crate::wire::rds) struct OneSnapshot<'a> {
    #[serde(rename = "DBSnapshot")]
    snapshot: Snapshot<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Snapshot<'a> {
    #[serde(rename = "DBSnapshotIdentifier")]
    name: &'a str,
    #[serde(rename = "DBSnapshotArn")]
    arn: &'a str,
    #[serde(rename = "DBInstanceIdentifier")]
    instance: &'a str,
    dbi_resource_id: &'a str,
    snapshot_type: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot_create_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_snapshot_create_time: Option<Timestamp>,
    percent_progress: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    allocated_storage: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<&'a str>,
    #[serde(rename = "SourceDBSnapshotIdentifier", skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_region: Option<&'a str>,
    tag_list: TagList<'a>,
}

impl<'a> Instances<'a> {
    pub(in crate::wire::rds) fn of(page: &'a Page<Db>, region: &Region, account: &str) -> Self {
        let items = page.items.iter().map(|db| Instance::of(db, region, account)).collect();
        Self { list: InstanceList { items }, marker: page.marker.as_deref() }
    }
}

impl<'a> Instance<'a> {
    fn of(db: &'a Db, region: &Region, account: &str) -> Self {
        let seen = &db.shown;
        Self {
            id: &seen.id,
            arn: format!("arn:aws:rds:{region}:{account}:db:{}", seen.id),
            resource_id: &seen.resource_id,
            status: &seen.status,
            engine: &seen.engine,
            member_of: seen.member_of.as_deref(),
            preferred_backup_window: seen.window.as_deref(),
            backup_retention_period: seen.retention_days,
            allocated_storage: db.size_gib,
            storage_encrypted: seen.encrypted == Some(true),
            kms_key_id: seen.key.as_deref(),
            parameters: ItsParameters::of(seen),
            options: ItsOptions::of(seen),
            subnets: ItsSubnets::of(seen),
            tag_list: TagList::of(&db.tags),
        }
    }
}

impl<'a> Snapshots<'a> {
    pub(in crate::wire::rds) fn of(page: &'a Page<Point>) -> Self {
        let items = page.items.iter().map(Snapshot::of).collect();
        Self { list: SnapshotList { items }, marker: page.marker.as_deref() }
    }
}

impl<'a> OneSnapshot<'a> {
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
            instance: &point.database,
            dbi_resource_id: &point.resource_id,
            snapshot_type: &point.kind,
            status: point.state.word(),
            snapshot_create_time: point.stored.filter(|_| dated),
            original_snapshot_create_time: point.created.filter(|_| dated),
            percent_progress: point.percent,
            allocated_storage: point.size_gib,
            encrypted: point.encrypted,
            kms_key_id: point.key.as_deref(),
            source: point.source.as_deref(),
            source_region: point.source.as_deref().and_then(|arn| arn.split(':').nth(3)),
            tag_list: TagList::of(&point.tags),
        }
    }
}
