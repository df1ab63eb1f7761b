//! What a restore in dr needs: groups, and how far RDS's replicated automated backups reach.

use super::points::timestamp;
use super::{PAGE, Page, all_pages, read};
use crate::session::Session;
use domain::fault::{Fault, FaultKind};
use domain::seen::{GroupKind, Read};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

impl Session<'_> {
    /// The names of dr's groups of these kinds.
    pub(super) async fn groups(
        &self,
        kinds: &BTreeSet<GroupKind>,
    ) -> BTreeMap<GroupKind, Read<BTreeSet<String>>> {
        let mut groups = BTreeMap::new();
        for kind in kinds {
            groups.insert(*kind, self.groups_of(*kind).await);
        }
        groups
    }

    async fn groups_of(&self, kind: GroupKind) -> Read<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        let fetch = async |marker| match kind {
            GroupKind::ClusterParameters => Box::pin(self.cluster_parameters(marker)).await,
            GroupKind::Parameters => Box::pin(self.parameters(marker)).await,
            GroupKind::Options => Box::pin(self.options(marker)).await,
            GroupKind::Subnets => Box::pin(self.subnets(marker)).await,
        };
        let outcome = all_pages(fetch, |name| _ = names.insert(name)).await;
        read(outcome, names)
    }

    async fn cluster_parameters(&self, marker: Option<String>) -> Result<Page<String>, Fault> {
        let rds = &self.aws.dr.rds;
        let call =
            rds.describe_db_cluster_parameter_groups().set_marker(marker).max_records(PAGE).send();
        let page = self.call("rds:DescribeDBClusterParameterGroups", self.dr(), call).await?;
        let groups = page.db_cluster_parameter_groups().iter();
        let names = groups.filter_map(|group| group.db_cluster_parameter_group_name());
        Ok((names.map(str::to_owned).collect(), page.marker().map(str::to_owned)))
    }

    async fn parameters(&self, marker: Option<String>) -> Result<Page<String>, Fault> {
        let rds = &self.aws.dr.rds;
        let call = rds.describe_db_parameter_groups().set_marker(marker).max_records(PAGE).send();
        let page = self.call("rds:DescribeDBParameterGroups", self.dr(), call).await?;
        let groups = page.db_parameter_groups().iter();
        let names = groups.filter_map(|group| group.db_parameter_group_name());
        Ok((names.map(str::to_owned).collect(), page.marker().map(str::to_owned)))
    }

    async fn options(&self, marker: Option<String>) -> Result<Page<String>, Fault> {
        let rds = &self.aws.dr.rds;
        let call = rds.describe_option_groups().set_marker(marker).max_records(PAGE).send();
        let page = self.call("rds:DescribeOptionGroups", self.dr(), call).await?;
        let groups = page.option_groups_list().iter();
        let names = groups.filter_map(|group| group.option_group_name());
        Ok((names.map(str::to_owned).collect(), page.marker().map(str::to_owned)))
    }

    async fn subnets(&self, marker: Option<String>) -> Result<Page<String>, Fault> {
        let rds = &self.aws.dr.rds;
        let call = rds.describe_db_subnet_groups().set_marker(marker).max_records(PAGE).send();
        let page = self.call("rds:DescribeDBSubnetGroups", self.dr(), call).await?;
        let groups = page.db_subnet_groups().iter();
        let names = groups.filter_map(|group| group.db_subnet_group_name());
        Ok((names.map(str::to_owned).collect(), page.marker().map(str::to_owned)))
    }

    /// Until when dr's replicated automated backups reach, by the resource id of the instance.
    pub(super) async fn pitr(&self, wanted: bool) -> Option<Read<BTreeMap<String, Timestamp>>> {
        if !wanted {
            return None;
        }
        let mut latest = BTreeMap::new();
        let fetch = async |marker| Box::pin(self.automated_backups(marker)).await;
        match all_pages(fetch, |(id, until)| _ = latest.insert(id, until)).await {
            Err(fault) if fault.kind == FaultKind::Missing => Some(Read::Known(latest)),
            outcome => Some(read(outcome, latest)),
        }
    }

    async fn automated_backups(
        &self,
        marker: Option<String>,
    ) -> Result<Page<(String, Timestamp)>, Fault> {
        let rds = &self.aws.dr.rds;
        let call = rds
            .describe_db_instance_automated_backups()
            .set_marker(marker)
            .max_records(PAGE)
            .send();
        let page = self.call("rds:DescribeDBInstanceAutomatedBackups", self.dr(), call).await?;
        let reach = page.db_instance_automated_backups().iter().filter_map(|backup| {
            let until = backup.restore_window()?.latest_time()?;
            Some((backup.dbi_resource_id()?.to_owned(), timestamp(until)?))
        });
        Ok((reach.collect(), page.marker().map(str::to_owned)))
    }
}
