//! RDS events, turned at once into one closed enum. An event only says where to look.
//!
//! RDS delivers them best effort, late, twice, out of order or not at all (EventBridge reference,
//! events-ref-rds), so nothing is believed but the place they point at. `EventID` is matched, never
//! `Message`, whose wording differs from the documentation.

use crate::id::{Family, PointName, Region};
use crate::policy::Policy;
use crate::seen::Scope;
use serde_json::Value;
use thiserror::Error;

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

/// Created (0091 automated, 0042 manual), and a copy started, finished, cancelled (0059, 0060,
/// 0061; those are raised in the Region of the copy).
const POINT_EVENTS: [&str; 5] =
    ["RDS-EVENT-0042", "RDS-EVENT-0059", "RDS-EVENT-0060", "RDS-EVENT-0061", "RDS-EVENT-0091"];

/// Created (0169 automated, 0075 manual). No event tells of a copy of a cluster's point.
const CLUSTER_POINT_EVENTS: [&str; 2] = ["RDS-EVENT-0075", "RDS-EVENT-0169"];

/// Automated backups off (0028), KMS key inaccessible (0419).
const INSTANCE_EVENTS: [&str; 2] = ["RDS-EVENT-0028", "RDS-EVENT-0419"];

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
            Self::Ignored { kind } => Err(kind),
        }
    }
}

/// Reads an EventBridge event.
///
/// # Errors
/// An RDS event of a kind that we handle, without what is needed to look.
pub fn parse(
    source: &str,
    detail_type: &str,
    region: Option<&str>,
    detail: &Value,
) -> Result<Event, BadEvent> {
    let id = detail.get("EventID").and_then(Value::as_str);
    match (source, detail_type, id) {
        ("aws.rds", "RDS DB Snapshot Event", None) => point(region, Family::Instance, detail, "-"),
        ("aws.rds", "RDS DB Snapshot Event", Some(id)) if POINT_EVENTS.contains(&id) => {
            point(region, Family::Instance, detail, id)
        }
        ("aws.rds", "RDS DB Cluster Snapshot Event", None) => {
            point(region, Family::Cluster, detail, "-")
        }
        ("aws.rds", "RDS DB Cluster Snapshot Event", Some(id))
            if CLUSTER_POINT_EVENTS.contains(&id) =>
        {
            point(region, Family::Cluster, detail, id)
        }
        ("aws.rds", "RDS DB Instance Event", Some(id)) if INSTANCE_EVENTS.contains(&id) => {
            instance(detail, id)
        }
        (source, detail_type, id) => {
            Ok(Event::Ignored { kind: format!("{source}/{detail_type}/{}", id.unwrap_or("-")) })
        }
    }
}

fn point(
    region: Option<&str>,
    family: Family,
    detail: &Value,
    kind: &str,
) -> Result<Event, BadEvent> {
    let name = identifier(detail);
    let region = region.filter(|region| !region.is_empty());
    match (region, name) {
        // AWS Backup keeps its own points under this prefix and copies them by its own plans.
        (_, Some(name)) if name.starts_with("awsbackup:") => {
            Ok(Event::Ignored { kind: format!("awsbackup point/{kind}") })
        }
        (Some(region), Some(name)) => Ok(Event::Point {
            region: Region::new(region),
            family,
            name: PointName::new(name),
            kind: kind.to_owned(),
        }),
        (region, name) => Err(BadEvent(missing(&[
            ("region", "a Region such as `us-east-1`", region.is_some()),
            ("detail.SourceIdentifier", "the snapshot's name", name.is_some()),
        ]))),
    }
}

fn instance(detail: &Value, kind: &str) -> Result<Event, BadEvent> {
    match identifier(detail) {
        // One of AWS's own samples writes an instance as `rds:name`.
        Some(id) => Ok(Event::Instance {
            id: id.strip_prefix("rds:").unwrap_or(id).to_owned(),
            kind: kind.to_owned(),
        }),
        None => {
            Err(BadEvent(missing(&[("detail.SourceIdentifier", "the instance's name", false)])))
        }
    }
}

fn identifier(detail: &Value) -> Option<&str> {
    detail.get("SourceIdentifier").and_then(Value::as_str).filter(|name| !name.is_empty())
}

fn missing(fields: &[(&str, &str, bool)]) -> Vec<String> {
    let absent = fields.iter().filter(|(_, _, there)| !there);
    absent
        .map(|(name, form, _)| format!("`{name}` is missing or empty, it must be {form}"))
        .collect()
}
