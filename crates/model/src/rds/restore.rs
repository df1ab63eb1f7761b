//! RDS: what a restore in a Region finds there, beside the snapshots.

use super::{Page, page};
use crate::account::{Account, Replicated};
use crate::script::ApiError;
use domain::id::Region;
use domain::seen::GroupKind;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// DBInstanceAutomatedBackup, of those that are replicated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomatedBackup {
    /// DbiResourceId.
    pub resource_id: String,
    /// RestoreWindow.LatestTime, once there is one.
    pub latest: Option<Timestamp>,
}

impl Account {
    /// DescribeDBParameterGroups and its like, by name.
    ///
    /// # Errors
    /// Only scripted ones.
    pub fn describe_groups(
        &mut self,
        region: &Region,
        kind: GroupKind,
        marker: Option<&str>,
        max: Option<usize>,
    ) -> Result<Page<String>, ApiError> {
        self.enter(operation(kind), region, "*")?;
        let here = self.groups.iter().filter(|(r, group)| r == region && group.kind == kind);
        let names = here.map(|(_, group)| &group.name);
        let rest = names.filter(|name| marker.is_none_or(|marker| name.as_str() > marker));
        Ok(page(rest.map(|name| (name, name)), self.page_size(max), String::clone))
    }

    /// DescribeDBInstanceAutomatedBackups, of those that come from another Region. Each is called
    /// `active` whether anything arrives or not, as long as the instance is there.
    ///
    /// # Errors
    /// Only scripted ones.
    pub fn describe_db_instance_automated_backups(
        &mut self,
        region: &Region,
        marker: Option<&str>,
        max: Option<usize>,
    ) -> Result<Page<AutomatedBackup>, ApiError> {
        self.enter("rds:DescribeDBInstanceAutomatedBackups", region, "*")?;
        let all = self.automated_backups(region);
        let rest = all.iter().filter(|(id, _)| marker.is_none_or(|marker| id.as_str() > marker));
        Ok(page(rest, self.page_size(max), AutomatedBackup::clone))
    }

    fn automated_backups(&self, region: &Region) -> BTreeMap<String, AutomatedBackup> {
        let here = self.replicated.iter().filter(|((r, _), _)| r == region);
        let shown = |((_, id), replicated): (&(Region, String), &Replicated)| {
            let until = replicated.stopped.map_or(self.now, |stopped| stopped.min(self.now));
            let latest = Some(until - replicated.lag);
            (id.clone(), AutomatedBackup { resource_id: id.clone(), latest })
        };
        here.map(shown).collect()
    }
}

/// The operation that lists them.
pub(crate) fn operation(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::ClusterParameters => "rds:DescribeDBClusterParameterGroups",
        GroupKind::Parameters => "rds:DescribeDBParameterGroups",
        GroupKind::Options => "rds:DescribeOptionGroups",
        GroupKind::Subnets => "rds:DescribeDBSubnetGroups",
    }
}
