//! What is looked at once a day, where the report is due: who listens to the two topics, the report
//! before it, databases that nobody protects.

use crate::fault;
use crate::session::Session;
use domain::fault::Fault;
use domain::id::{Family, Region};
use domain::seen::{Daily, Database, OfFamily, Read, Topic, strays};
use std::collections::HashMap;

impl Session<'_> {
    /// Nothing where no report is to be made.
    pub(super) async fn daily(
        &self,
        reported: bool,
        [instances, clusters]: [&OfFamily; 2],
    ) -> Option<Daily> {
        if !reported {
            return None;
        }
        let (topics, before, instances_left, clusters_left) = tokio::join!(
            self.topics(),
            self.read_past(),
            self.strangers(Family::Instance, instances),
            self.strangers(Family::Cluster, clusters),
        );
        Some(Daily {
            topics,
            before,
            strangers: vec![instances_left, clusters_left],
            strays: strays([instances, clusters]),
        })
    }

    /// A family of which there is no asset was not read yet.
    async fn strangers(&self, family: Family, read: &OfFamily) -> Read<Vec<Database>> {
        let policy = self.policy();
        match policy.has(family) {
            true => read.databases.read(|all| policy.strangers(all)),
            false => self.databases(family, None).await.map(|all| policy.strangers(&all)),
        }
    }

    /// A tool of a person's knows no topics.
    async fn topics(&self) -> Vec<Read<Topic>> {
        let config = &self.aws.config;
        if config.topic.is_empty() {
            return Vec::new();
        }
        let (home, dr) = tokio::join!(
            self.topic(&self.aws.home.sns, self.home(), &config.topic),
            self.topic(&self.aws.dr.sns, self.dr(), &config.dr_topic),
        );
        [home, dr].into_iter().map(|read| read.map_or_else(Read::Unknown, Read::Known)).collect()
    }

    async fn topic(
        &self,
        sns: &aws_sdk_sns::Client,
        region: &Region,
        arn: &str,
    ) -> Result<Topic, Fault> {
        let call = sns.get_topic_attributes().topic_arn(arn).send();
        let answer = self.call("sns:GetTopicAttributes", region, Box::pin(call)).await?;
        let unlike = || fault::unlike("sns:GetTopicAttributes", region, arn);
        let attributes = answer.attributes().ok_or_else(unlike)?;
        let count = |name: &str| number(attributes, name).ok_or_else(unlike);
        let (confirmed, pending) =
            (count("SubscriptionsConfirmed")?, count("SubscriptionsPending")?);
        Ok(Topic { arn: arn.to_owned(), region: region.clone(), confirmed, pending })
    }
}

fn number(attributes: &HashMap<String, String>, name: &str) -> Option<u64> {
    attributes.get(name)?.parse().ok()
}
