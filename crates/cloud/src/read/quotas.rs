//! Quotas of manual points. Copies count as such.

use crate::fault;
use crate::session::Session;
use domain::fault::Fault;
use domain::id::{Family, Region};
use domain::seen::{Quota, Read};

impl Session<'_> {
    /// Those of both Regions, where everything is looked at.
    pub(super) async fn quotas(&self, whole: bool) -> Vec<Read<Quota>> {
        if !whole {
            return Vec::new();
        }
        let (home, dr) = tokio::join!(self.quotas_of(self.home()), self.quotas_of(self.dr()));
        home.into_iter().chain(dr).collect()
    }

    async fn quotas_of(&self, region: &Region) -> Vec<Read<Quota>> {
        let policy = self.policy();
        let families = [Family::Instance, Family::Cluster].into_iter();
        let wanted = families.filter(|family| policy.has(*family));
        match Box::pin(self.all_quotas(region)).await {
            Ok(all) => wanted.map(|family| of(&all, family, region)).collect(),
            Err(fault) => vec![Read::Unknown(fault)],
        }
    }

    /// The quota of a family's manual points in a Region.
    pub(crate) async fn quota(&self, family: Family, region: &Region) -> Read<Quota> {
        match Box::pin(self.all_quotas(region)).await {
            Ok(all) => of(&all, family, region),
            Err(fault) => Read::Unknown(fault),
        }
    }

    async fn all_quotas(&self, region: &Region) -> Result<Vec<Quota>, Fault> {
        let Some(rds) = self.rds_of(region) else { return Ok(Vec::new()) };
        let call = rds.describe_account_attributes().send();
        let answer = self.call("rds:DescribeAccountAttributes", region, call).await?;
        let families = [Family::Instance, Family::Cluster];
        let quotas = families.into_iter().filter_map(|family| {
            let mut named = answer.account_quotas().iter();
            let quota =
                named.find(|quota| quota.account_quota_name() == Some(Quota::name(family)))?;
            let (used, max) = quota.used().zip(quota.max())?;
            Some(Quota { family, region: region.clone(), used, max })
        });
        Ok(quotas.collect())
    }
}

fn of(all: &[Quota], family: Family, region: &Region) -> Read<Quota> {
    let found = all.iter().find(|quota| quota.family == family).cloned();
    let unlike = || {
        Read::Unknown(fault::unlike("rds:DescribeAccountAttributes", region, Quota::name(family)))
    };
    found.map_or_else(unlike, Read::Known)
}
