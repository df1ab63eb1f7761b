//! SNS: one publish, to home's topic, else to dr's. Telling must not hang on one Region.

use crate::config::Side;
use crate::session::Session;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::fault::Fault;
use domain::id::Region;
use domain::notice::{Notice, message};
use std::collections::HashMap;

/// The attribute with [`domain::finding::Severity::word`]; the templates' filters name it.
pub const SEVERITY: &str = "severity";

impl Session<'_> {
    pub(crate) async fn publish_notice(&self, notice: &Notice) -> Result<(), Fault> {
        let config = &self.aws.config;
        if config.side == Side::Dr {
            return self.send(&self.aws.dr.sns, self.dr(), &config.dr_topic, notice).await;
        }
        let home = self.send(&self.aws.home.sns, self.home(), &config.topic, notice).await;
        if let Some(deaf) = &notice.deaf {
            // Taken by a topic to which nobody listens, it would be gone: the other one counts.
            let dr = self.send(&self.aws.dr.sns, self.dr(), &config.dr_topic, notice).await;
            return if deaf == self.home() { dr } else { home };
        }
        match home {
            Ok(()) => Ok(()),
            // The other topic has another key, another Region and other subscriptions.
            Err(fault) => {
                let dr = self.send(&self.aws.dr.sns, self.dr(), &config.dr_topic, notice).await;
                dr.map_err(|_| fault)
            }
        }
    }

    /// SNS takes UTF-8 subjects now, but once took only ASCII: where it refuses, the ASCII one goes.
    async fn send(
        &self,
        sns: &aws_sdk_sns::Client,
        region: &Region,
        topic: &str,
        notice: &Notice,
    ) -> Result<(), Fault> {
        match self.send_as(sns, region, topic, notice, &notice.subject).await {
            Err(fault) if fault.detail.starts_with("InvalidParameter") => {
                self.send_as(sns, region, topic, notice, &notice.ascii_subject).await
            }
            answer => answer,
        }
    }

    async fn send_as(
        &self,
        sns: &aws_sdk_sns::Client,
        region: &Region,
        topic: &str,
        notice: &Notice,
        subject: &str,
    ) -> Result<(), Fault> {
        let episode = &notice.key.episode;
        let asset = episode.asset.as_ref().map_or("-", |asset| asset.as_str());
        let call = sns
            .publish()
            .topic_arn(topic)
            .subject(subject)
            .message_structure("json")
            .message(message(self.policy(), notice))
            .set_message_attributes(Some(attributes(&[
                (SEVERITY, notice.severity.word()),
                ("asset", asset),
                ("kind", episode.kind.word()),
            ])))
            .send();
        self.call("sns:Publish", region, call).await.map(|_| ())
    }
}

/// Subscriptions filter on these. `build` refuses only an attribute without a data type.
fn attributes(pairs: &[(&str, &str)]) -> HashMap<String, MessageAttributeValue> {
    let text = |value: &str| {
        MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()
    };
    pairs.iter().filter_map(|(name, value)| Some(((*name).to_owned(), text(value)?))).collect()
}
