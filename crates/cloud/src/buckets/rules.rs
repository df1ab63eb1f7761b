//! How a bucket is set up, and how its canary stands.

use super::Buckets;
use crate::fault;
use aws_sdk_s3::types::{
    MetricsStatus, ReplicationRule as Rule, ReplicationRuleStatus, ReplicationTimeStatus,
    ServerSideEncryption, SseKmsEncryptedObjectsStatus,
};
use domain::failure::Stand;
use domain::fault::{Fault, FaultKind};
use domain::policy::Bucket;
use domain::seen::{Arrival, Canary, Read, Replication, ReplicationRule};
use jiff::Timestamp;
use std::cell::Cell;

impl Buckets<'_> {
    pub(super) async fn rules(&self, bucket: &Bucket) -> Read<Replication> {
        let op = "s3:GetReplicationConfiguration";
        let call = self.s3.get_bucket_replication().bucket(bucket.id.as_str()).send();
        match self.session.call(op, self.session.home(), Box::pin(call)).await {
            Ok(answer) => {
                let rules = answer.replication_configuration().map(|all| all.rules());
                Read::Known(Replication::Rules(rules.into_iter().flatten().map(rule).collect()))
            }
            Err(fault) if fault.detail.starts_with("NoSuchBucket") => {
                Read::Known(Replication::NoBucket)
            }
            Err(fault) if fault.kind == FaultKind::Missing => Read::Known(Replication::NoRules),
            Err(fault) => Read::Unknown(fault),
        }
    }

    /// Whether it puts objects under KMS keys by default.
    pub(super) async fn kms(&self, bucket: &Bucket) -> Read<bool> {
        let op = "s3:GetEncryptionConfiguration";
        let call = self.s3.get_bucket_encryption().bucket(bucket.id.as_str()).send();
        match self.session.call(op, self.session.home(), Box::pin(call)).await {
            Ok(answer) => {
                let rules = answer.server_side_encryption_configuration().map(|all| all.rules());
                let of_kms = [ServerSideEncryption::AwsKms, ServerSideEncryption::AwsKmsDsse];
                let mut defaults = rules.into_iter().flatten().filter_map(|rule| {
                    Some(rule.apply_server_side_encryption_by_default()?.sse_algorithm())
                });
                Read::Known(defaults.any(|algorithm| of_kms.contains(algorithm)))
            }
            Err(fault) if fault.kind == FaultKind::Missing => Read::Known(false),
            Err(fault) => Read::Unknown(fault),
        }
    }

    pub(super) async fn canary(&self, bucket: &Bucket) -> Read<Canary> {
        match self.is_locked(bucket).await {
            Err(fault) => return Read::Unknown(fault),
            Ok(true) => return Read::Known(Canary::Locked),
            Ok(false) => {}
        }
        match self.head(bucket, &bucket.canary_key(), None).await {
            Ok(Stand::There { at, status }) => Read::Known(Canary::Written { at, status }),
            Ok(Stand::Gone | Stand::Marker) => Read::Known(Canary::None),
            Err(fault) => Read::Unknown(fault),
        }
    }

    async fn is_locked(&self, bucket: &Bucket) -> Result<bool, Fault> {
        let op = "s3:GetBucketObjectLockConfiguration";
        let call = self.s3.get_object_lock_configuration().bucket(bucket.id.as_str()).send();
        match self.session.call(op, self.session.home(), Box::pin(call)).await {
            Ok(answer) => Ok(answer.object_lock_configuration().is_some()),
            Err(fault) if fault.kind == FaultKind::Missing => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// It has no body and so no code: only the status says what is wrong.
    /// Needs s3:GetObject, although nothing of the content is read (API reference, HeadObject).
    pub(super) async fn head(
        &self,
        bucket: &Bucket,
        key: &str,
        version: Option<&str>,
    ) -> Result<Stand, Fault> {
        let (home, status) = (self.session.home(), Cell::new(0));
        let send = self
            .s3
            .head_object()
            .bucket(bucket.id.as_str())
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .send();
        let call = async {
            let answer = send.await;
            let refused = answer.as_ref().err().and_then(|error| error.raw_response());
            status.set(refused.map_or(0, |response| response.status().as_u16()));
            answer
        };
        match self.session.call("s3:GetObject", home, Box::pin(call)).await {
            Ok(answer) => {
                let at =
                    answer.last_modified().and_then(|at| Timestamp::from_second(at.secs()).ok());
                let at =
                    at.ok_or_else(|| fault::unlike("s3:GetObject", home, bucket.id.as_str()))?;
                let status = answer.replication_status().map(|status| status.as_str());
                Ok(Stand::There { at, status: status.and_then(Arrival::of) })
            }
            Err(_) if status.get() == 404 => Ok(Stand::Gone),
            Err(_) if status.get() == 405 => Ok(Stand::Marker),
            Err(fault) if status.get() == 403 => Err(Fault { kind: FaultKind::Denied, ..fault }),
            Err(fault) => Err(fault),
        }
    }
}

/// Both forms of a rule: the older one has its prefix at its top and says nothing of delete markers.
fn rule(rule: &Rule) -> ReplicationRule {
    let filter = rule.filter();
    let both = filter.and_then(|filter| filter.and());
    let of_filter = filter.and_then(|filter| filter.prefix().or(both.and_then(|and| and.prefix())));
    #[expect(deprecated, reason = "rules that were made in the first version still have it")]
    let prefix = of_filter.or(rule.prefix()).unwrap_or_default();
    let tags = filter.is_some_and(|filter| filter.tag().is_some());
    let destination = rule.destination();
    let time = destination.and_then(|to| to.replication_time());
    let metrics = destination.and_then(|to| to.metrics());
    let criteria = rule.source_selection_criteria();
    let kms = criteria.and_then(|criteria| criteria.sse_kms_encrypted_objects());
    ReplicationRule {
        id: rule.id().unwrap_or_default().to_owned(),
        enabled: *rule.status() == ReplicationRuleStatus::Enabled,
        prefix: prefix.to_owned(),
        by_tags: tags || both.is_some_and(|and| !and.tags().is_empty()),
        destination: destination.map(|to| to.bucket().to_owned()).unwrap_or_default(),
        time_control: time.is_some_and(|time| *time.status() == ReplicationTimeStatus::Enabled),
        metrics: metrics.is_some_and(|metrics| *metrics.status() == MetricsStatus::Enabled),
        kms: kms.is_some_and(|kms| *kms.status() == SseKmsEncryptedObjectsStatus::Enabled),
    }
}
