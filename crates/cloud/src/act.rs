//! What a round does to RDS and AWS Backup: take and copy. What deletes is in `delete.rs`, and only sweep's role may.

use crate::session::Session;
use aws_sdk_rds::types::Tag;
use domain::fault::{Fault, FaultKind};
use domain::id::{Family, PointName};
use domain::seen::Point;
use domain::step::{Copy, Outcome, PointCopy, Take};
use std::collections::BTreeMap;

impl Session<'_> {
    /// CreateDBSnapshot or CreateDBClusterSnapshot, in home.
    pub(crate) async fn take(&self, take: &Take) -> Outcome {
        let taken = match take.family {
            Family::Instance => Box::pin(self.take_instance(take)).await,
            Family::Cluster => Box::pin(self.take_cluster(take)).await,
        };
        match taken {
            Ok(()) => Outcome::Done,
            Err(fault) => {
                self.settled(fault, take.family, &take.name, |found| take.is(found)).await
            }
        }
    }

    async fn take_instance(&self, take: &Take) -> Result<(), Fault> {
        let rds = &self.aws.home.rds;
        let call = rds
            .create_db_snapshot()
            .db_instance_identifier(&take.database)
            .db_snapshot_identifier(take.name.as_str())
            .set_tags(Some(tags(&take.tags)))
            .send();
        self.call("rds:CreateDBSnapshot", self.home(), call).await.map(drop)
    }

    async fn take_cluster(&self, take: &Take) -> Result<(), Fault> {
        let rds = &self.aws.home.rds;
        let call = rds
            .create_db_cluster_snapshot()
            .db_cluster_identifier(&take.database)
            .db_cluster_snapshot_identifier(take.name.as_str())
            .set_tags(Some(tags(&take.tags)))
            .send();
        self.call("rds:CreateDBClusterSnapshot", self.home(), call).await.map(drop)
    }

    /// CopyDBSnapshot or CopyDBClusterSnapshot, called in dr with the source's ARN. No PreSignedUrl:
    /// it "applies only to AWS GovCloud (US) Regions" (API reference, CopyDBSnapshot).
    pub(crate) async fn copy(&self, copy: &Copy) -> Outcome {
        let asked = match copy.family {
            Family::Instance => Box::pin(self.copy_instance(copy)).await,
            Family::Cluster => Box::pin(self.copy_cluster(copy)).await,
        };
        match asked {
            Ok(()) => Outcome::Done,
            Err(fault) => {
                self.settled(fault, copy.family, &copy.target, |found| copy.is(found)).await
            }
        }
    }

    async fn copy_instance(&self, copy: &Copy) -> Result<(), Fault> {
        let rds = &self.aws.dr.rds;
        let call = rds
            .copy_db_snapshot()
            .source_db_snapshot_identifier(&copy.source)
            .target_db_snapshot_identifier(copy.target.as_str())
            .set_kms_key_id(copy.key.clone())
            .set_tags(Some(tags(&copy.tags)))
            .send();
        self.call("rds:CopyDBSnapshot", self.dr(), call).await.map(drop)
    }

    async fn copy_cluster(&self, copy: &Copy) -> Result<(), Fault> {
        let rds = &self.aws.dr.rds;
        let call = rds
            .copy_db_cluster_snapshot()
            .source_db_cluster_snapshot_identifier(&copy.source)
            .target_db_cluster_snapshot_identifier(copy.target.as_str())
            .set_kms_key_id(copy.key.clone())
            .set_tags(Some(tags(&copy.tags)))
            .send();
        self.call("rds:CopyDBClusterSnapshot", self.dr(), call).await.map(drop)
    }

    /// StartCopyJob, in home. The same token again gets the job that there is (API reference, StartCopyJob).
    pub(crate) async fn copy_point(&self, copy: &PointCopy) -> Outcome {
        let call = self
            .aws
            .home
            .backup
            .start_copy_job()
            .recovery_point_arn(&copy.point)
            .source_backup_vault_name(&copy.from)
            .destination_backup_vault_arn(&copy.into)
            .iam_role_arn(&copy.role)
            .idempotency_token(copy.token())
            .send();
        match self.call("backup:StartCopyJob", self.home(), Box::pin(call)).await {
            Ok(_) => Outcome::Done,
            Err(fault) => Outcome::refused(fault),
        }
    }

    /// What a refusal comes to, once it is known what holds the name or what is full.
    async fn settled(
        &self,
        fault: Fault,
        family: Family,
        name: &PointName,
        is_ours: impl Fn(&Point) -> bool,
    ) -> Outcome {
        match fault.kind {
            FaultKind::Exists => match self.point_named(&fault.region, family, name).await {
                Ok(Some(found)) if is_ours(&found) => Outcome::Already,
                Ok(Some(_)) => Outcome::refused(fault),
                // Held, and not to be seen: whose it is cannot be told now; a later round looks again.
                Ok(None) => Outcome::Deferred(fault),
                Err(unread) if unread.kind == FaultKind::Missing => Outcome::Deferred(fault),
                Err(unread) => Outcome::Deferred(unread),
            },
            FaultKind::InFlightFull => Outcome::refused(self.counted(fault, family).await),
            _ => Outcome::refused(fault),
        }
    }

    /// `SnapshotQuotaExceeded` stands for the quota of manual points, which only a person can
    /// lift, and for copies in progress, which passes. The account's own numbers tell them apart;
    /// without them the milder one is assumed, and the deadline still holds.
    async fn counted(&self, fault: Fault, family: Family) -> Fault {
        let quota = self.quota(family, &fault.region).await;
        let full = quota.known().is_some_and(|quota| quota.used >= quota.max);
        Fault { kind: if full { FaultKind::PointsFull } else { FaultKind::InFlightFull }, ..fault }
    }
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
