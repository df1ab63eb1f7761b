//! Instances and clusters of home.

use super::points::tags;
use super::{PAGE, Page, all_pages, read};
use crate::session::Session;
use aws_sdk_rds::types::{DbCluster, DbInstance};
use domain::fault::{Fault, FaultKind};
use domain::id::Family;
use domain::seen::{Database, Group, GroupKind, Read};
use std::collections::BTreeMap;

impl Session<'_> {
    /// The databases of home by identifier: one or none where one is named, else all.
    pub(super) async fn databases(
        &self,
        family: Family,
        id: Option<&str>,
    ) -> Read<BTreeMap<String, Database>> {
        let mut all = BTreeMap::new();
        let fetch = async |marker| match family {
            Family::Instance => Box::pin(self.instances(id, marker)).await,
            Family::Cluster => Box::pin(self.clusters(id, marker)).await,
        };
        let take = |database: Database| _ = all.insert(database.id.clone(), database);
        match all_pages(fetch, take).await {
            Err(fault) if fault.kind == FaultKind::Missing => Read::Known(all),
            outcome => read(outcome, all),
        }
    }

    async fn instances(
        &self,
        id: Option<&str>,
        marker: Option<String>,
    ) -> Result<Page<Database>, Fault> {
        let rds = &self.aws.home.rds;
        let call = rds
            .describe_db_instances()
            .set_db_instance_identifier(id.map(str::to_owned))
            .set_marker(marker)
            .max_records(PAGE)
            .send();
        let page = self.call("rds:DescribeDBInstances", self.home(), call).await?;
        let all = page.db_instances().iter().filter_map(instance).collect();
        Ok((all, page.marker().map(str::to_owned)))
    }

    async fn clusters(
        &self,
        id: Option<&str>,
        marker: Option<String>,
    ) -> Result<Page<Database>, Fault> {
        let rds = &self.aws.home.rds;
        let call = rds
            .describe_db_clusters()
            .set_db_cluster_identifier(id.map(str::to_owned))
            .set_marker(marker)
            .max_records(PAGE)
            .send();
        let page = self.call("rds:DescribeDBClusters", self.home(), call).await?;
        let all = page.db_clusters().iter().filter_map(cluster).collect();
        Ok((all, page.marker().map(str::to_owned)))
    }
}

fn instance(found: &DbInstance) -> Option<Database> {
    Some(Database {
        family: Family::Instance,
        id: found.db_instance_identifier()?.to_owned(),
        resource_id: found.dbi_resource_id().unwrap_or_default().to_owned(),
        engine: found.engine().unwrap_or_default().to_owned(),
        status: found.db_instance_status().unwrap_or("unknown").to_owned(),
        window: found.preferred_backup_window().map(str::to_owned),
        retention_days: found.backup_retention_period(),
        encrypted: found.storage_encrypted(),
        key: found.kms_key_id().map(str::to_owned),
        member_of: found.db_cluster_identifier().map(str::to_owned),
        groups: groups_of_instance(found),
        tags: tags(found.tag_list()),
    })
}

fn cluster(found: &DbCluster) -> Option<Database> {
    Some(Database {
        family: Family::Cluster,
        id: found.db_cluster_identifier()?.to_owned(),
        resource_id: found.db_cluster_resource_id().unwrap_or_default().to_owned(),
        engine: found.engine().unwrap_or_default().to_owned(),
        status: found.status().unwrap_or("unknown").to_owned(),
        window: found.preferred_backup_window().map(str::to_owned),
        retention_days: found.backup_retention_period(),
        encrypted: found.storage_encrypted(),
        key: found.kms_key_id().map(str::to_owned),
        member_of: None,
        groups: groups_of_cluster(found),
        tags: tags(found.tag_list()),
    })
}

fn groups_of_instance(found: &DbInstance) -> Vec<Group> {
    let parameters = found.db_parameter_groups().iter();
    let parameters = parameters.filter_map(|group| group.db_parameter_group_name());
    let options = found.option_group_memberships().iter();
    let options = options.filter_map(|group| group.option_group_name());
    let subnets = found.db_subnet_group().and_then(|group| group.db_subnet_group_name());
    let parameters = parameters.map(|name| Group::new(GroupKind::Parameters, name));
    let options = options.map(|name| Group::new(GroupKind::Options, name));
    let subnets = subnets.map(|name| Group::new(GroupKind::Subnets, name));
    parameters.chain(options).chain(subnets).collect()
}

fn groups_of_cluster(found: &DbCluster) -> Vec<Group> {
    let parameters = found.db_cluster_parameter_group();
    let parameters = parameters.map(|name| Group::new(GroupKind::ClusterParameters, name));
    let subnets = found.db_subnet_group().map(|name| Group::new(GroupKind::Subnets, name));
    parameters.into_iter().chain(subnets).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rds_leaves_out_is_not_zero() {
        let bare = DbInstance::builder().db_instance_identifier("db").build();
        let read = instance(&bare).map(|db| (db.window, db.retention_days, db.encrypted));
        assert_eq!(read, Some((None, None, None)));
        let bare = DbCluster::builder().db_cluster_identifier("db").build();
        let read = cluster(&bare).map(|db| (db.window, db.retention_days, db.encrypted));
        assert_eq!(read, Some((None, None, None)));
    }
}
