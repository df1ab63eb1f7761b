//! What a round does to RDS: take and copy. Nothing here deletes.

use crate::session::Session;
use aws_sdk_rds::types::Tag;
use domain::fault::{Fault, FaultKind};
use domain::id::PointName;
use domain::seen::Point;
use domain::step::{Copy, Outcome, Take};
use std::collections::BTreeMap;

impl Session<'_> {
    /// CreateDBSnapshot in home.
    pub(crate) async fn take(&self, take: &Take) -> Outcome {
        let rds = &self.aws.home.rds;
        let call = rds
            .create_db_snapshot()
            .db_instance_identifier(&take.instance)
            .db_snapshot_identifier(take.name.as_str())
            .set_tags(Some(tags(&take.tags)))
            .send();
        let Err(fault) = self.call("rds:CreateDBSnapshot", self.home(), call).await else {
            return Outcome::Done;
        };
        self.settled(fault, &take.name, |found| take.is(found)).await
    }

    /// CopyDBSnapshot, called in dr with the source's ARN. No PreSignedUrl: it "applies only to
    /// AWS GovCloud (US) Regions" (API reference, CopyDBSnapshot).
    pub(crate) async fn copy(&self, copy: &Copy) -> Outcome {
        let rds = &self.aws.dr.rds;
        let call = rds
            .copy_db_snapshot()
            .source_db_snapshot_identifier(&copy.source)
            .target_db_snapshot_identifier(copy.target.as_str())
            .kms_key_id(&copy.key)
            .set_tags(Some(tags(&copy.tags)))
            .send();
        let Err(fault) = self.call("rds:CopyDBSnapshot", self.dr(), call).await else {
            return Outcome::Done;
        };
        self.settled(fault, &copy.target, |found| copy.is(found)).await
    }

    /// What a refusal comes to, once it is known what holds the name or what is full.
    async fn settled(
        &self,
        fault: Fault,
        name: &PointName,
        is_ours: impl Fn(&Point) -> bool,
    ) -> Outcome {
        match fault.kind {
            FaultKind::Exists => match self.point_named(&fault.region, name).await {
                Ok(Some(found)) if is_ours(&found) => Outcome::Already,
                Ok(Some(_)) => Outcome::refused(fault),
                // Held, and not to be seen: whose it is cannot be told now; a later round looks again.
                Ok(None) => Outcome::Deferred(fault),
                Err(unread) if unread.kind == FaultKind::Missing => Outcome::Deferred(fault),
                Err(unread) => Outcome::Deferred(unread),
            },
            FaultKind::InFlightFull => Outcome::refused(self.counted(fault).await),
            _ => Outcome::refused(fault),
        }
    }

    /// `SnapshotQuotaExceeded` stands for the quota of manual points, which only a person can
    /// lift, and for copies in progress, which passes. The account's own numbers tell them apart;
    /// without them the milder one is assumed, and the deadline still holds.
    async fn counted(&self, fault: Fault) -> Fault {
        let (rds, region) = match &fault.region {
            region if region == self.home() => (&self.aws.home.rds, self.home()),
            _ => (&self.aws.dr.rds, self.dr()),
        };
        let call = rds.describe_account_attributes().send();
        let answer = self.call("rds:DescribeAccountAttributes", region, call).await;
        let full = answer.is_ok_and(|answer| {
            answer.account_quotas().iter().any(|quota| {
                quota.account_quota_name() == Some("ManualSnapshots")
                    && quota.used().zip(quota.max()).is_some_and(|(used, max)| used >= max)
            })
        });
        Fault { kind: if full { FaultKind::PointsFull } else { FaultKind::InFlightFull }, ..fault }
    }
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
