//! The outside of `replication`: buckets, their metrics, their failures. Its clients are no other function's,
//! so that no other function carries them.

mod act;
mod failures;
mod metrics;
mod rules;

use crate::session::Session;
use aws_sdk_s3::config::Builder;
use domain::episode::NoticeKey;
use domain::fault::Fault;
use domain::id::AssetId;
use domain::journal::{Shelf, bucket_shelf, episode_shelf};
use domain::notice::Notice;
use domain::policy::Bucket;
use domain::seen::{BucketSeen, Metrics, Read, Replication, Scope, Seen};
use domain::step::{Action, Outcome};
use domain::world::{Claim, World};
use std::collections::BTreeMap;

/// One invocation of `replication`.
#[derive(Debug)]
pub struct Buckets<'s> {
    session: &'s Session<'s>,
    s3: aws_sdk_s3::Client,
    batch: aws_sdk_s3control::Client,
    home: aws_sdk_cloudwatch::Client,
    dr: aws_sdk_cloudwatch::Client,
}

impl<'s> Buckets<'s> {
    /// With the session's credentials and HTTP client.
    pub fn new(session: &'s Session<'s>) -> Self {
        let [home, dr] = &session.aws.regions;
        let s3 = Builder::from(home).force_path_style(session.aws.config.elsewhere).build();
        Self {
            session,
            s3: aws_sdk_s3::Client::from_conf(s3),
            batch: aws_sdk_s3control::Client::new(home),
            home: aws_sdk_cloudwatch::Client::new(home),
            dr: aws_sdk_cloudwatch::Client::new(dr),
        }
    }

    async fn look(&self, buckets: &[&Bucket], shelf: Shelf) -> Seen {
        let journal = self.session.read_shelves(&[shelf]).await;
        let mut seen = BTreeMap::new();
        for bucket in buckets {
            seen.insert(bucket.id.clone(), self.see(bucket).await);
        }
        for (id, metrics) in self.measure(buckets, &seen).await {
            if let Some(view) = seen.get_mut(&id) {
                view.metrics = Some(metrics);
            }
        }
        Seen { journal, buckets: Some(seen), asked: self.session.asked(), ..Seen::nothing() }
    }

    async fn see(&self, bucket: &Bucket) -> BucketSeen {
        let setup = self.rules(bucket).await;
        let rule = setup.known().and_then(|setup: &Replication| setup.rule_for(bucket));
        let kms = match rule {
            Some(rule) if !rule.kms => Some(self.kms(bucket).await),
            _ => None,
        };
        let canary = match bucket.canary {
            true => Some(self.canary(bucket).await),
            false => None,
        };
        let (failures, probed) = self.failures(bucket).await;
        BucketSeen { setup, kms, metrics: None, canary, failures, probed }
    }

    /// Of those that have a rule: each metric is of one rule.
    async fn measure(
        &self,
        buckets: &[&Bucket],
        seen: &BTreeMap<AssetId, BucketSeen>,
    ) -> BTreeMap<AssetId, Metrics> {
        let ruled = buckets.iter().filter_map(|bucket| {
            let Read::Known(setup) = &seen.get(&bucket.id)?.setup else { return None };
            Some((*bucket, setup.rule_for(bucket)?))
        });
        let ruled: Vec<_> = ruled.filter(|(_, rule)| rule.metrics).collect();
        Box::pin(self.metrics(&ruled)).await
    }
}

impl World for Buckets<'_> {
    async fn observe(&self, scope: &Scope) -> Seen {
        let policy = self.session.policy();
        match scope {
            Scope::Buckets => {
                let all: Vec<&Bucket> = policy.buckets.iter().collect();
                Box::pin(self.look(&all, episode_shelf())).await
            }
            Scope::Bucket(id) => {
                let one: Vec<&Bucket> = policy.bucket(id).into_iter().collect();
                Box::pin(self.look(&one, bucket_shelf(id))).await
            }
            _ => Seen::nothing(),
        }
    }

    async fn act(&self, action: &Action) -> Outcome {
        match action {
            Action::Canary(bucket) => Box::pin(self.write_canary(bucket)).await,
            Action::Repair(job) => Box::pin(self.start(job)).await,
            Action::Record(record) => Box::pin(self.session.record(record)).await,
            other => self.session.act(other).await,
        }
    }

    async fn claim(&self, key: &NoticeKey) -> Claim {
        self.session.claim(key).await
    }

    async fn publish(&self, notice: &Notice) -> Result<(), Fault> {
        self.session.publish(notice).await
    }

    async fn mark(&self, key: &NoticeKey) {
        self.session.mark(key).await;
    }
}
