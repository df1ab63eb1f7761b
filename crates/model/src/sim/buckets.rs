//! `replication`'s outside: the same reads as on AWS.

use super::{Sim, fault};
use crate::account::Account;
use crate::replication::MetricQuery;
use crate::script::ApiError;
use domain::event::Notified;
use domain::failure::{self, Batch, Failure, Stand};
use domain::fault::FaultKind;
use domain::health::Health;
use domain::id::{AssetId, Region};
use domain::journal::{bucket_shelf, episode_shelf, failure_shelf, verdict_shelf};
use domain::policy::Bucket;
use domain::round::{Round, replicate};
use domain::seen::{BucketSeen, Canary, Metrics, Probe, Read, Replication, Seen, Series};
use domain::step::{Job, Outcome};
use jiff::SignedDuration;
use std::collections::BTreeMap;

const NAMES: [&str; 3] =
    ["ReplicationLatency", "BytesPendingReplication", "OperationsPendingReplication"];

impl Sim {
    /// Plays `replication` at a tick; it is then, too, that S3's notifications come.
    pub fn replicate(&self) -> Round {
        let now = self.account.borrow().now;
        self.run(replicate(self, &self.policy, None, now), None).expect("nobody kills it")
    }

    /// Plays `replication` over what S3 has notified of since the last time.
    pub fn notify(&self) -> Round {
        let bodies = self.account.borrow_mut().notifications();
        let mut all = Notified::default();
        for body in bodies {
            let one = domain::event::notified(&self.policy, &body.to_string()).expect("S3's form");
            all.buckets.extend(one.buckets);
            all.failures.extend(one.failures);
        }
        let now = self.account.borrow().now;
        self.run(replicate(self, &self.policy, Some(&all), now), None).expect("nobody kills it")
    }

    pub(super) fn look_at_buckets(&self, account: &mut Account, only: Option<&AssetId>) -> Seen {
        let shelf = only.map_or_else(episode_shelf, bucket_shelf);
        let journal = self.listed(account, &[shelf]);
        let wanted = |bucket: &&Bucket| only.is_none_or(|only| *only == bucket.id);
        let buckets = self.policy.buckets.iter().filter(wanted);
        let seen = buckets.map(|bucket| (bucket.id.clone(), self.see(account, bucket)));
        Seen { journal, buckets: Some(seen.collect()), ..Seen::nothing() }
    }

    fn see(&self, account: &mut Account, bucket: &Bucket) -> BucketSeen {
        let (home, id) = (&self.policy.home, bucket.id.as_str());
        let setup = match account.get_bucket_replication(home, id) {
            Ok(rules) => Read::Known(Replication::Rules(rules)),
            Err(error) if error.code == "NoSuchBucket" => Read::Known(Replication::NoBucket),
            Err(error) => match fault(error, "s3:GetReplicationConfiguration", home) {
                fault if fault.kind == FaultKind::Missing => Read::Known(Replication::NoRules),
                fault => Read::Unknown(fault),
            },
        };
        let rule = setup.known().and_then(|setup| setup.rule_for(bucket)).cloned();
        let kms = rule.as_ref().filter(|rule| !rule.kms).map(|_| {
            match account.get_bucket_encryption(home, id) {
                Ok(kms) => Read::Known(kms),
                Err(error) => Read::Unknown(fault(error, "s3:GetEncryptionConfiguration", home)),
            }
        });
        let metrics =
            rule.filter(|rule| rule.metrics).map(|rule| self.measure(account, bucket, &rule.id));
        let canary = bucket.canary.then(|| self.canary(account, bucket));
        let (failures, probed) = self.failures(account, bucket);
        BucketSeen { setup, kms, metrics, canary, failures, probed }
    }

    fn measure(&self, account: &mut Account, bucket: &Bucket, rule: &str) -> Metrics {
        let to = account.now;
        let query = |name: &str, hours, period| MetricQuery {
            name: name.to_owned(),
            source: bucket.id.to_string(),
            destination: bucket.dr_bucket.clone(),
            rule: rule.to_owned(),
            from: to - SignedDuration::from_hours(hours),
            to,
            period,
        };
        let mut read =
            |region: &Region, query: MetricQuery| match account.get_metric_data(region, &[query]) {
                Ok(mut all) => Read::Known(all.pop().unwrap_or_default()),
                Err(error) => Read::Unknown(fault(error, "cloudwatch:GetMetricData", region)),
            };
        let [latency, bytes, pending] = NAMES.map(|name| read(&self.policy.dr, query(name, 1, 60)));
        let failed: Read<Series> =
            read(&self.policy.home, query("OperationsFailedReplication", 24, 3600));
        Metrics { latency, bytes, pending, failed }
    }

    fn canary(&self, account: &mut Account, bucket: &Bucket) -> Read<Canary> {
        let (home, id) = (&self.policy.home, bucket.id.as_str());
        match account.get_object_lock(home, id) {
            Ok(()) => return Read::Known(Canary::Locked),
            Err(error) if error.code == "ObjectLockConfigurationNotFoundError" => {}
            Err(error) => {
                return Read::Unknown(fault(error, "s3:GetBucketObjectLockConfiguration", home));
            }
        }
        match account.head_object(home, id, &bucket.canary_key(), None) {
            Ok((at, status)) => Read::Known(Canary::Written { at, status }),
            Err(error) if error.status == 404 => Read::Known(Canary::None),
            Err(error) => Read::Unknown(fault(error, "s3:GetObject", home)),
        }
    }

    fn failures(
        &self,
        account: &mut Account,
        bucket: &Bucket,
    ) -> (Read<Vec<Batch>>, Option<Probe>) {
        let dr = &self.policy.dr;
        let shelf = failure_shelf(&bucket.id);
        let listed = account.list_objects(dr, Self::JOURNAL, &shelf.prefix, None, 1000);
        let batches = match listed {
            Ok(page) => failure::read(&bucket.id, page.keys.iter().map(|(key, ..)| key.as_str())),
            Err(error) => return (Read::Unknown(fault(error, "s3:ListBucket", dr)), None),
        };
        let probed = failure::turn(&batches, account.now)
            .map(|batch| (batch.name.clone(), self.probe(account, bucket, batch)));
        (Read::Known(batches), probed)
    }

    fn probe(&self, account: &mut Account, bucket: &Bucket, batch: &Batch) -> Read<bool> {
        let (home, dr) = (&self.policy.home, &self.policy.dr);
        let key = format!("{}{}/objects.json", failure::shelf(&bucket.id), batch.name);
        let objects: Vec<Failure> = match account.get_object(dr, Self::JOURNAL, &key) {
            Ok(object) => failure::objects(&object.body).expect("as it was written"),
            Err(error) => return Read::Unknown(fault(error, "s3:GetObject", dr)),
        };
        let now = account.now;
        for object in objects {
            let mut head =
                |version| match account.head_object(home, bucket.id.as_str(), &object.key, version)
                {
                    Ok((at, status)) => Ok(Stand::There { at, status }),
                    Err(error) if error.status == 404 => Ok(Stand::Gone),
                    Err(error) => Err(fault(error, "s3:GetObject", home)),
                };
            match (head(object.version.as_deref()), head(None)) {
                (Ok(own), Ok(current)) => {
                    if !object.is_settled(own, now) && !object.is_overtaken(current) {
                        return Read::Known(false);
                    }
                }
                (Err(fault), _) | (_, Err(fault)) => return Read::Unknown(fault),
            }
        }
        Read::Known(true)
    }

    pub(super) fn write_canary(&self, account: &mut Account, bucket: &Bucket) -> Outcome {
        let (home, key) = (&self.policy.home, bucket.canary_key());
        match account.put_object(home, bucket.id.as_str(), &key, b".".to_vec(), false) {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::refused(fault(error, "s3:PutObject", home)),
        }
    }

    pub(super) fn start_job(&self, account: &mut Account, job: &Job) -> Outcome {
        let home = &self.policy.home;
        match account.create_job(home, job.bucket.id.as_str(), &job.token) {
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::refused(fault(error, "s3:CreateJob", home)),
        }
    }

    /// What `replication` last wrote of each bucket.
    pub(super) fn verdicts(
        &self,
        account: &mut Account,
        whole: bool,
    ) -> BTreeMap<AssetId, Read<Option<Health>>> {
        let dr = &self.policy.dr;
        let mut of = |bucket: &Bucket| -> Result<Option<Health>, ApiError> {
            let shelf = verdict_shelf(&bucket.id, account.now);
            let after = shelf.after.as_deref();
            let page = account.list_objects(dr, Self::JOURNAL, &shelf.prefix, after, 1000)?;
            let Some((key, ..)) = page.keys.last() else { return Ok(None) };
            let object = account.get_object(dr, Self::JOURNAL, key)?;
            Ok(Health::parse(&object.body))
        };
        let buckets = self.policy.buckets.iter().filter(|_| whole);
        let read = |bucket: &Bucket| match of(bucket) {
            Ok(health) => (bucket.id.clone(), Read::Known(health)),
            Err(error) => (bucket.id.clone(), Read::Unknown(fault(error, "s3:ListBucket", dr))),
        };
        buckets.map(read).collect()
    }
}
