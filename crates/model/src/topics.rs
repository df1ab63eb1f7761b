//! SNS: Publish with an outbox to read it back, and how many listen.

use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;
use jiff::Timestamp;

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// When.
    pub at: Timestamp,
    /// Subject.
    pub subject: String,
    /// The text for e-mail.
    pub body: String,
    /// Message attributes, by name.
    pub attributes: Vec<(String, String)>,
}

impl Account {
    /// GetTopicAttributes: how many subscriptions are confirmed, and how many wait for it.
    ///
    /// # Errors
    /// NotFound.
    pub fn get_topic_attributes(
        &mut self,
        region: &Region,
        topic: &str,
    ) -> Result<(u64, u64), ApiError> {
        self.enter("sns:GetTopicAttributes", region, topic)?;
        match self.outbox.contains_key(topic) {
            true => Ok(self.listeners.get(topic).copied().unwrap_or((1, 0))),
            false => Err(ApiError::new(404, "NotFound", "Topic does not exist")),
        }
    }

    /// Publish to a topic of the called Region.
    ///
    /// # Errors
    /// NotFound; InvalidParameter for a Subject of 100 characters or more, or with control
    /// characters.
    pub fn publish(
        &mut self,
        region: &Region,
        topic: &str,
        subject: &str,
        body: &str,
        attributes: Vec<(String, String)>,
    ) -> Result<String, ApiError> {
        self.enter("sns:Publish", region, topic)?;
        let invalid = |what: &str| {
            Err(ApiError::new(400, "InvalidParameter", format!("Invalid parameter: {what}")))
        };
        if topic.split(':').nth(3) != Some(region.as_str()) {
            return invalid("TopicArn");
        }
        if subject.chars().count() >= 100 || subject.chars().any(char::is_control) {
            return invalid("Subject");
        }
        let (subject, body) = (subject.to_owned(), body.to_owned());
        let mail = Mail { at: self.now, subject, body, attributes };
        let Some(box_) = self.outbox.get_mut(topic) else {
            return Err(ApiError::new(404, "NotFound", "Topic does not exist"));
        };
        box_.push(mail);
        self.serial += 1;
        Ok(format!("00000000-0000-4000-9000-{:012}", self.serial))
    }
}
