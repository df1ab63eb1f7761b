//! Who listens.

use crate::id::Region;

/// An SNS topic, by GetTopicAttributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its ARN.
    pub arn: String,
    /// Where it is.
    pub region: Region,
    /// SubscriptionsConfirmed.
    pub confirmed: u64,
    /// SubscriptionsPending: those that nobody has confirmed yet.
    pub pending: u64,
}
