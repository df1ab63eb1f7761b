//! RDS's events. `EventID` is matched, never `Message`, whose wording differs from the documentation.

use super::{BadEvent, Event, ignored, missing};
use crate::id::{Family, PointName, Region};
use serde_json::Value;

/// Created (0091 automated, 0042 manual), and a copy started, finished, cancelled (0059, 0060,
/// 0061; those are raised in the Region of the copy).
const POINT_EVENTS: [&str; 5] =
    ["RDS-EVENT-0042", "RDS-EVENT-0059", "RDS-EVENT-0060", "RDS-EVENT-0061", "RDS-EVENT-0091"];

/// Created (0169 automated, 0075 manual). No event tells of a copy of a cluster's point.
const CLUSTER_POINT_EVENTS: [&str; 2] = ["RDS-EVENT-0075", "RDS-EVENT-0169"];

/// Automated backups off (0028), KMS key inaccessible (0419).
const INSTANCE_EVENTS: [&str; 2] = ["RDS-EVENT-0028", "RDS-EVENT-0419"];

pub(super) fn parse(
    detail_type: &str,
    region: Option<&str>,
    detail: &Value,
) -> Result<Event, BadEvent> {
    let id = detail.get("EventID").and_then(Value::as_str);
    match (detail_type, id) {
        ("RDS DB Snapshot Event", None) => point(region, Family::Instance, detail, "-"),
        ("RDS DB Snapshot Event", Some(id)) if POINT_EVENTS.contains(&id) => {
            point(region, Family::Instance, detail, id)
        }
        ("RDS DB Cluster Snapshot Event", None) => point(region, Family::Cluster, detail, "-"),
        ("RDS DB Cluster Snapshot Event", Some(id)) if CLUSTER_POINT_EVENTS.contains(&id) => {
            point(region, Family::Cluster, detail, id)
        }
        ("RDS DB Instance Event", Some(id)) if INSTANCE_EVENTS.contains(&id) => {
            instance(detail, id)
        }
        (detail_type, id) => Ok(ignored("aws.rds", detail_type, id)),
    }
}

fn point(
    region: Option<&str>,
    family: Family,
    detail: &Value,
    kind: &str,
) -> Result<Event, BadEvent> {
    let name = identifier(detail);
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
