//! Who listens to the two topics.

use crate::fault;
use crate::session::Session;
use domain::day;
use domain::fault::Fault;
use domain::id::Region;
use domain::seen::{Read, Topic};
use std::collections::HashMap;

const OP: &str = "sns:GetTopicAttributes";

impl Session<'_> {
    /// Both topics, once a day with a look at everything.
    pub(super) async fn topics(&self, whole: bool) -> Vec<Read<Topic>> {
        let policy = &self.aws.config.policy;
        if !whole || !policy.counts_listeners(day::tick(self.now)) {
            return Vec::new();
        }
        let config = &self.aws.config;
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
        let answer = self.call(OP, region, Box::pin(call)).await?;
        let unlike = || fault::unlike(OP, region, arn);
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
