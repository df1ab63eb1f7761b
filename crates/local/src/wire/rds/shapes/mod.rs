//! RDS: what its answers look like.

mod backups;
mod clusters;
mod groups;
mod instances;

use domain::seen;
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) use backups::AutomatedBackups;
pub(super) use clusters::{ClusterSnapshots, Clusters, OneClusterSnapshot};
pub(super) use groups::Groups;
pub(super) use instances::{Instances, OneSnapshot, Snapshots};

#[derive(Serialize)]
struct TagList<'a> {
    #[serde(rename = "Tag")]
    tags: Vec<Tag<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attributes {
    account_quotas: Quotas,
}

#[derive(Serialize)]
struct Quotas {
    #[serde(rename = "AccountQuota")]
    quotas: [Quota; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Quota {
    account_quota_name: &'static str,
    used: i64,
    max: i64,
}

impl<'a> TagList<'a> {
    fn of(tags: &'a BTreeMap<String, String>) -> Self {
        Self { tags: tags.iter().map(|(key, value)| Tag { key, value }).collect() }
    }
}

impl Attributes {
    pub(super) fn of(quotas: &[seen::Quota; 2]) -> Self {
        let quotas = quotas.each_ref().map(|quota| Quota {
            account_quota_name: seen::Quota::name(quota.family),
            used: quota.used,
            max: quota.max,
        });
        Self { account_quotas: Quotas { quotas } }
    }
}
