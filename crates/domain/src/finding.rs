//! What is found: one asset, one kind, one subject, how bad, since when.

mod found;
mod kind;
mod weight;

use crate::episode::EpisodeKey;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use found::Found;

/// A finding; what a notice is written from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which episode it belongs to.
    pub key: EpisodeKey,
    /// How bad.
    pub severity: Severity,
    /// What was found.
    pub what: Found,
    /// Since when, as far as this round can say.
    pub since: Timestamp,
    /// What it means for the objective.
    pub rpo: Option<Rpo>,
}

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look at it today.
    Warning,
    /// A restore is at risk: look now.
    Critical,
}

/// How old the newest landed data is, against the objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rpo {
    /// When the newest landed data is from; `None` when nothing ever landed.
    pub newest: Option<Timestamp>,
    /// The objective.
    pub objective: SignedDuration,
}

impl Severity {
    /// The fixed word of SNS attributes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}
