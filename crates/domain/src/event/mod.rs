//! Events of RDS, of AWS Backup and of `sonae-agent`, turned at once into one closed enum. An event only says where to look.
//!
//! AWS delivers them best effort, late, twice, out of order or not at all (EventBridge reference,
//! events-ref-rds; AWS Backup Developer Guide, Monitoring events), so nothing is believed but the place
//! they point at.

mod backup;
mod host;
mod rds;
mod s3;

use crate::host::event::SOURCE;
use crate::id::{AssetId, Family, PointName, Region};
use crate::policy::Policy;
use crate::seen::Scope;
use serde_json::Value;
use thiserror::Error;

pub use s3::{Notified, notified};

/// What an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Look at this point.
    Point {
        /// The Region it is in.
        region: Region,
        /// Of an instance or of a cluster.
        family: Family,
        /// Its name.
        name: PointName,
        /// The EventID, or `-` where AWS sent none.
        kind: String,
    },
    /// Look at this instance.
    Instance {
        /// DBInstanceIdentifier.
        id: String,
        /// The EventID.
        kind: String,
    },
    /// Look at this resource of AWS Backup.
    Backed {
        /// The Region it was told in.
        region: Region,
        /// ResourceArn.
        resource: String,
        /// The event and the state it tells.
        kind: String,
    },
    /// Look at this vault.
    Vault {
        /// The Region it is in.
        region: Region,
        /// What the event calls it: AWS's own sample has two names of one vault.
        names: Vec<String>,
        /// The event and the state it tells.
        kind: String,
    },
    /// Look at this PostgreSQL host.
    Host {
        /// Its id in the policy.
        id: String,
        /// The job and how it went.
        kind: String,
    },
    /// Nothing for us; not an error.
    Ignored {
        /// What it was, for the log.
        kind: String,
    },
}

/// An event that cannot be used, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unusable event: {}; see events/README.md for the forms that are handled", .0.join("; "))]
pub struct BadEvent(pub Vec<String>);

impl Event {
    /// Where a round looks for it.
    ///
    /// # Errors
    /// Why nothing of ours is meant, for the log.
    pub fn scope(self, policy: &Policy) -> Result<Scope, String> {
        match self {
            Self::Point { region, family, name, .. }
                if region == policy.home || region == policy.dr =>
            {
                Ok(Scope::Point(region, family, name))
            }
            Self::Point { region, kind, .. } => {
                Err(format!("{kind} of `{region}`, not one of ours"))
            }
            Self::Instance { id, kind } => match policy.asset_of(Family::Instance, &id) {
                Some(asset) => Ok(Scope::Asset(asset.id.clone())),
                None => Err(format!("{kind} of `{id}`, not in the policy")),
            },
            Self::Backed { region, resource, kind } => {
                let ours = region == policy.home || region == policy.dr;
                match policy.backed_as(&resource).next().filter(|_| ours) {
                    Some(asset) => Ok(Scope::Asset(asset.id.clone())),
                    None => Err(format!("{kind} of `{resource}`, not in the policy")),
                }
            }
            Self::Vault { region, names, kind } => match policy.kept_in(&region, &names) {
                Some(asset) => Ok(Scope::Asset(asset.id.clone())),
                None => Err(format!("{kind} of `{}`, not in the policy", names.join("`, `"))),
            },
            Self::Host { id, kind } => match policy.host(&AssetId::new(&id)) {
                Some(host) => Ok(Scope::Host(host.id.clone())),
                None => Err(format!("{kind} of `{id}`, not in the policy")),
            },
            Self::Ignored { kind } => Err(kind),
        }
    }
}

/// Reads an EventBridge event.
///
/// # Errors
/// An event of a kind that we handle, without what is needed to look.
pub fn parse(
    source: &str,
    detail_type: &str,
    region: Option<&str>,
    resources: &[String],
    detail: &Value,
) -> Result<Event, BadEvent> {
    let region = region.filter(|region| !region.is_empty());
    match source {
        "aws.rds" => rds::parse(detail_type, region, detail),
        "aws.backup" => backup::parse(detail_type, region, resources, detail),
        SOURCE => host::parse(detail_type, detail),
        source => Ok(ignored(source, detail_type, None)),
    }
}

/// Not ours: what it is, and its id or state.
fn ignored(source: &str, detail_type: &str, word: Option<&str>) -> Event {
    Event::Ignored { kind: format!("{source}/{detail_type}/{}", word.unwrap_or("-")) }
}

fn missing(fields: &[(&str, &str, bool)]) -> Vec<String> {
    let absent = fields.iter().filter(|(_, _, there)| !there);
    absent
        .map(|(name, form, _)| format!("`{name}` is missing or empty, it must be {form}"))
        .collect()
}
