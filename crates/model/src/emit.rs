//! RDS events as EventBridge delivers them. A copy's events are raised in the copy's Region; a
//! failed copy raises none, and a cluster's none at all.

use crate::account::Account;
use domain::id::{Family, Region};
use domain::seen::Point;
use serde_json::json;

impl Account {
    pub(crate) fn raise_created(&mut self, region: &Region, point: &Point) {
        let (name, arn) = (point.name.to_string(), point.arn.clone());
        let automated = point.kind == "automated";
        let (id, message) = match (point.family, automated) {
            (Family::Instance, true) => ("RDS-EVENT-0091", "Automated snapshot created"),
            (Family::Instance, false) => ("RDS-EVENT-0042", "Manual snapshot created"),
            (Family::Cluster, true) => ("RDS-EVENT-0169", "Automated cluster snapshot created"),
            (Family::Cluster, false) => ("RDS-EVENT-0075", "Manual cluster snapshot created"),
        };
        let (kind, source, category) = match point.family {
            Family::Instance => ("RDS DB Snapshot Event", "SNAPSHOT", "creation"),
            Family::Cluster => ("RDS DB Cluster Snapshot Event", "CLUSTER_SNAPSHOT", "backup"),
        };
        self.raise(region, kind, source, category, &name, &arn, id, message);
    }

    /// No event tells of a copy of a cluster's snapshot.
    pub(crate) fn raise_copy(&mut self, region: &Region, copy: &Point, id: &str) {
        if copy.family == Family::Cluster {
            return;
        }
        let source = copy.source.clone().unwrap_or_default();
        let from = source.split(':').nth(3).unwrap_or_default().to_owned();
        let source = source.split(":snapshot:").nth(1).unwrap_or_default().to_owned();
        let message = match id {
            "RDS-EVENT-0059" => format!("Started copy of snapshot {source} from region {from}"),
            "RDS-EVENT-0060" => {
                format!("Finished copy of snapshot {source} from region {from} in 13 minutes")
            }
            _ => format!("Canceled snapshot copy request of {source} from region {from}"),
        };
        let (name, arn) = (copy.name.to_string(), copy.arn.clone());
        let kind = "RDS DB Snapshot Event";
        self.raise(region, kind, "SNAPSHOT", "notification", &name, &arn, id, &message);
    }

    /// Raises an event about an instance.
    pub fn raise_instance(&mut self, region: &Region, id: &str, event: &str, message: &str) {
        let arn = format!("arn:aws:rds:{region}:{}:db:{id}", self.id);
        let kind = "RDS DB Instance Event";
        self.raise(region, kind, "DB_INSTANCE", "configuration change", id, &arn, event, message);
    }

    #[expect(clippy::too_many_arguments, reason = "the event's own fields, in its own order")]
    fn raise(
        &mut self,
        region: &Region,
        detail_type: &str,
        source_type: &str,
        category: &str,
        name: &str,
        arn: &str,
        id: &str,
        message: &str,
    ) {
        self.serial += 1;
        self.events.push(json!({
            "version": "0",
            "id": format!("00000000-0000-4000-8000-{:012}", self.serial),
            "detail-type": detail_type,
            "source": "aws.rds",
            "account": self.id,
            "time": self.now.to_string(),
            "region": region.as_str(),
            "resources": [arn],
            "detail": {
                "EventCategories": [category],
                "SourceType": source_type,
                "SourceArn": arn,
                "Date": self.now.to_string(),
                "Message": message,
                "SourceIdentifier": name,
                "EventID": id,
            },
        }));
    }
}
