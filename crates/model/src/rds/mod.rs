//! RDS, of instances and of clusters: what it shows, with the refusals that botocore's model and the
//! RDS User Guide document.

mod change;
mod restore;

use crate::account::{Account, Db, Place, Snapshot};
use crate::script::ApiError;
use domain::id::{Family, Region};
use domain::seen::{Point, Quota, State};
use std::collections::BTreeMap;
use std::ops::Bound;

pub use restore::AutomatedBackup;
pub(crate) use restore::operation;

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts.
    pub marker: Option<String>,
}

/// Parameters of DescribeDBSnapshots and DescribeDBClusterSnapshots.
#[derive(Clone, Debug, Default)]
pub struct SnapshotQuery {
    /// Its identifier.
    pub name: Option<String>,
    /// DBInstanceIdentifier or DBClusterIdentifier.
    pub database: Option<String>,
    /// SnapshotType; none = automated and manual.
    pub kind: Option<String>,
    /// Marker.
    pub marker: Option<String>,
    /// MaxRecords, 20 to 100.
    pub max: Option<usize>,
}

/// Parameters of CopyDBSnapshot and CopyDBClusterSnapshot.
#[derive(Clone, Debug, Default)]
pub struct CopyRequest {
    /// The source's ARN.
    pub source: String,
    /// The copy's identifier.
    pub target: String,
    /// KmsKeyId.
    pub key: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// The names of a family's operations and errors on the wire.
pub(crate) struct Words {
    pub(crate) describe_databases: &'static str,
    pub(crate) describe: &'static str,
    pub(crate) create: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) no_database: &'static str,
    pub(crate) database_state: &'static str,
    pub(crate) no_snapshot: &'static str,
    pub(crate) snapshot_state: &'static str,
    pub(crate) exists: &'static str,
}

impl Words {
    pub(crate) fn of(family: Family) -> &'static Self {
        match family {
            Family::Instance => &INSTANCE,
            Family::Cluster => &CLUSTER,
        }
    }
}

const INSTANCE: Words = Words {
    describe_databases: "rds:DescribeDBInstances",
    describe: "rds:DescribeDBSnapshots",
    create: "rds:CreateDBSnapshot",
    copy: "rds:CopyDBSnapshot",
    delete: "rds:DeleteDBSnapshot",
    no_database: "DBInstanceNotFound",
    database_state: "InvalidDBInstanceState",
    no_snapshot: "DBSnapshotNotFound",
    snapshot_state: "InvalidDBSnapshotState",
    exists: "DBSnapshotAlreadyExists",
};

const CLUSTER: Words = Words {
    describe_databases: "rds:DescribeDBClusters",
    describe: "rds:DescribeDBClusterSnapshots",
    create: "rds:CreateDBClusterSnapshot",
    copy: "rds:CopyDBClusterSnapshot",
    delete: "rds:DeleteDBClusterSnapshot",
    no_database: "DBClusterNotFoundFault",
    database_state: "InvalidDBClusterStateFault",
    no_snapshot: "DBClusterSnapshotNotFoundFault",
    snapshot_state: "InvalidDBClusterSnapshotStateFault",
    exists: "DBClusterSnapshotAlreadyExistsFault",
};

impl Account {
    /// DescribeDBInstances or DescribeDBClusters.
    ///
    /// # Errors
    /// DBInstanceNotFound or DBClusterNotFoundFault for a named one; InvalidParameterValue for a
    /// strange marker.
    pub fn describe_databases(
        &mut self,
        region: &Region,
        family: Family,
        id: Option<&str>,
        marker: Option<&str>,
        max: Option<usize>,
    ) -> Result<Page<Db>, ApiError> {
        let words = Words::of(family);
        self.enter(words.describe_databases, region, id.unwrap_or("*"))?;
        let here = after(&self.databases, region, family, marker)?;
        let named = here.filter(|(name, _)| id.is_none_or(|id| id.eq_ignore_ascii_case(name)));
        let page = page(named, self.page_size(max), Db::clone);
        match id {
            Some(id) if page.items.is_empty() => {
                Err(ApiError::new(404, words.no_database, format!("Database {id} not found.")))
            }
            _ => Ok(page),
        }
    }

    /// DescribeDBSnapshots.
    ///
    /// # Errors
    /// DBSnapshotNotFound for a named one.
    pub fn describe_db_snapshots(
        &mut self,
        region: &Region,
        query: &SnapshotQuery,
    ) -> Result<Page<Point>, ApiError> {
        self.describe_snapshots(region, Family::Instance, query)
    }

    /// DescribeDBSnapshots or DescribeDBClusterSnapshots. `awsbackup` ones only when asked for.
    ///
    /// # Errors
    /// DBSnapshotNotFound or DBClusterSnapshotNotFoundFault for a named one; InvalidParameterValue
    /// for a strange marker.
    pub fn describe_snapshots(
        &mut self,
        region: &Region,
        family: Family,
        query: &SnapshotQuery,
    ) -> Result<Page<Point>, ApiError> {
        let words = Words::of(family);
        let resource = query.name.as_deref().or(query.database.as_deref()).unwrap_or("*");
        self.enter(words.describe, region, resource)?;
        let wanted = |point: &Point| {
            let kind = match query.kind.as_deref() {
                Some(kind) => point.kind == kind,
                None => matches!(point.kind.as_str(), "automated" | "manual"),
            };
            let of = |asked: &Option<String>, is: &str| {
                asked.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(is))
            };
            kind && of(&query.name, point.name.as_str()) && of(&query.database, &point.database)
        };
        let here = after(&self.snapshots, region, family, query.marker.as_deref())?;
        let points = here.map(|(name, snapshot)| (name, &snapshot.point));
        let size = self.page_size(query.max);
        let page = page(points.filter(|(_, point)| wanted(point)), size, shown);
        match &query.name {
            Some(name) if page.items.is_empty() => {
                Err(ApiError::new(404, words.no_snapshot, format!("Snapshot {name} not found.")))
            }
            _ => Ok(page),
        }
    }

    /// DescribeAccountAttributes, of which the quotas of manual snapshots.
    ///
    /// # Errors
    /// Only scripted ones.
    pub fn describe_account_attributes(&mut self, region: &Region) -> Result<[Quota; 2], ApiError> {
        self.enter("rds:DescribeAccountAttributes", region, "*")?;
        Ok([Family::Instance, Family::Cluster].map(|family| self.quota(region, family)))
    }

    pub(crate) fn page_size(&self, asked: Option<usize>) -> usize {
        asked.unwrap_or(100).min(self.most_a_page)
    }

    /// The snapshots of a family in a Region.
    pub(crate) fn here(&self, region: &Region, family: Family) -> impl Iterator<Item = &Snapshot> {
        let from = (region.clone(), family, String::new());
        let region = region.clone();
        let all = self.snapshots.range(from..);
        let here = all.take_while(move |((r, f, _), _)| *r == region && *f == family);
        here.map(|(_, snapshot)| snapshot)
    }

    pub(crate) fn quota(&self, region: &Region, family: Family) -> Quota {
        let here = self.here(region, family);
        let used = here.filter(|snapshot| snapshot.point.kind == "manual").count();
        let number = |n| i64::try_from(n).unwrap_or(i64::MAX);
        let (used, max) = (number(used), number(self.manual_quota));
        Quota { family, region: region.clone(), used, max }
    }
}

/// RDS shows no time of a snapshot that is still being taken.
fn shown(point: &Point) -> Point {
    match point.state {
        State::Creating => Point { created: None, stored: None, ..point.clone() },
        _ => point.clone(),
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterValue", message)
}

/// What a Region has of a family after a marker, which is the last name of the page before. A page
/// costs what is on it, not what came before it.
fn after<'m, T>(
    all: &'m BTreeMap<Place, T>,
    region: &Region,
    family: Family,
    marker: Option<&str>,
) -> Result<impl Iterator<Item = (&'m String, &'m T)>, ApiError> {
    let at = |name: &str| (region.clone(), family, name.to_owned());
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':';
    let from = match marker {
        Some(marker) if !marker.chars().all(known) => {
            return Err(invalid("The marker is of no earlier answer."));
        }
        Some(marker) => Bound::Excluded(at(marker)),
        None => Bound::Included(at("")),
    };
    let region = region.clone();
    let here = all.range((from, Bound::Unbounded));
    let here = here.take_while(move |((r, f, _), _)| *r == region && *f == family);
    Ok(here.map(|((.., name), item)| (name, item)))
}

pub(crate) fn page<'m, T: 'm, U>(
    mut found: impl Iterator<Item = (&'m String, &'m T)>,
    size: usize,
    show: impl Fn(&T) -> U,
) -> Page<U> {
    let shown: Vec<_> = found.by_ref().take(size).collect();
    let more = found.next().is_some();
    Page {
        items: shown.iter().map(|(_, item)| show(item)).collect(),
        marker: shown.last().filter(|_| more).map(|(name, _)| (*name).clone()),
    }
}
