//! RDS: describe, create, copy, delete, with the refusals that botocore's model and the RDS User
//! Guide document.

use crate::account::{Account, Db, Snapshot};
use crate::script::{ApiError, Scripted};
use domain::id::{PointName, Region};
use domain::seen::{Point, State};
use std::collections::BTreeMap;
use std::ops::Bound;

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts.
    pub marker: Option<String>,
}

/// DescribeDBSnapshots's parameters.
#[derive(Clone, Debug, Default)]
pub struct SnapshotQuery {
    /// DBSnapshotIdentifier.
    pub name: Option<String>,
    /// DBInstanceIdentifier.
    pub instance: Option<String>,
    /// SnapshotType; none = automated and manual.
    pub kind: Option<String>,
    /// Marker.
    pub marker: Option<String>,
    /// MaxRecords, 20 to 100.
    pub max: Option<usize>,
}

/// CopyDBSnapshot's parameters.
#[derive(Clone, Debug, Default)]
pub struct CopyRequest {
    /// SourceDBSnapshotIdentifier: an ARN.
    pub source: String,
    /// TargetDBSnapshotIdentifier.
    pub target: String,
    /// KmsKeyId.
    pub key: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Account {
    /// DescribeDBInstances.
    ///
    /// # Errors
    /// DBInstanceNotFound for a named one.
    pub fn describe_db_instances(
        &mut self,
        region: &Region,
        id: Option<&str>,
        marker: Option<&str>,
        max: Option<usize>,
    ) -> Result<Page<Db>, ApiError> {
        self.enter("rds:DescribeDBInstances", region, id.unwrap_or("*"))?;
        let here = after(&self.instances, region, marker);
        let page = page(here.filter(|(name, _)| id.is_none_or(|id| id == *name)), max);
        match id {
            Some(id) if page.items.is_empty() => {
                Err(ApiError::new(404, "DBInstanceNotFound", format!("DBInstance {id} not found.")))
            }
            _ => Ok(page),
        }
    }

    /// DescribeDBSnapshots. An automated name is only found with SnapshotType `automated` or none;
    /// `awsbackup` ones only when asked for.
    ///
    /// # Errors
    /// DBSnapshotNotFound for a named one.
    pub fn describe_db_snapshots(
        &mut self,
        region: &Region,
        query: &SnapshotQuery,
    ) -> Result<Page<Point>, ApiError> {
        let resource = query.name.as_deref().or(query.instance.as_deref()).unwrap_or("*");
        self.enter("rds:DescribeDBSnapshots", region, resource)?;
        let wanted = |point: &Point| {
            let kind = match query.kind.as_deref() {
                Some(kind) => point.kind == kind,
                None => matches!(point.kind.as_str(), "automated" | "manual"),
            };
            kind && query.name.as_deref().is_none_or(|name| point.name.as_str() == name)
                && query.instance.as_deref().is_none_or(|id| point.instance == id)
        };
        let here = after(&self.snapshots, region, query.marker.as_deref());
        let points = here.map(|(name, snapshot)| (name, &snapshot.point));
        let page = page(points.filter(|(_, point)| wanted(point)), query.max);
        match &query.name {
            Some(name) if page.items.is_empty() => Err(ApiError::new(
                404,
                "DBSnapshotNotFound",
                format!("DBSnapshot {name} not found."),
            )),
            _ => Ok(page),
        }
    }

    /// CreateDBSnapshot.
    ///
    /// # Errors
    /// DBInstanceNotFound, InvalidDBInstanceState, DBSnapshotAlreadyExists, SnapshotQuotaExceeded.
    pub fn create_db_snapshot(
        &mut self,
        region: &Region,
        instance: &str,
        name: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<Point, ApiError> {
        let scripted = self.enter("rds:CreateDBSnapshot", region, name)?;
        let db = self.instances.get(&(region.clone(), instance.to_owned())).cloned();
        let db = db.ok_or_else(|| {
            ApiError::new(404, "DBInstanceNotFound", format!("DBInstance {instance} not found."))
        })?;
        self.refuse_taken_name(region, name)?;
        self.refuse_full(region)?;
        if !matches!(db.instance.status.as_str(), "available" | "storage-optimization") {
            let message = format!("Instance {instance} is not in the available state.");
            return Err(ApiError::new(400, "InvalidDBInstanceState", message));
        }
        let point = self.new_point(region, name, "manual", &db, tags);
        let (ends, dies) = (self.now + db.takes, scripted == Some(Scripted::CopyDies));
        self.insert(region, Snapshot { point: point.clone(), starts: None, ends, dies });
        Ok(point)
    }

    /// CopyDBSnapshot, called in the destination Region with the source's ARN.
    ///
    /// # Errors
    /// Those of the operation, by its documented codes.
    pub fn copy_db_snapshot(
        &mut self,
        region: &Region,
        request: CopyRequest,
    ) -> Result<Point, ApiError> {
        let scripted = self.enter("rds:CopyDBSnapshot", region, &request.target)?;
        let source = self.source_of(&request.source)?;
        self.refuse_taken_name(region, &request.target)?;
        self.refuse_bad_key(region, &source, request.key.as_deref())?;
        self.refuse_full(region)?;
        if request.tags.keys().any(|key| key.starts_with("aws:") || key.starts_with("rds:")) {
            let message = "Tag keys may not start with aws: or rds:";
            return Err(ApiError::new(400, "InvalidParameterValue", message));
        }
        let starts = self.now + self.copy_plan.waits;
        let point = Point {
            name: PointName::new(request.target.to_ascii_lowercase()),
            arn: self.snapshot_arn(region, &request.target),
            kind: "manual".to_owned(),
            state: State::Pending,
            stored: Some(self.now),
            percent: 0,
            key: request.key.or(source.key.clone()),
            source: Some(request.source),
            tags: request.tags,
            ..source
        };
        let snapshot = Snapshot {
            point: point.clone(),
            starts: Some(starts),
            ends: starts + self.copy_plan.copies,
            dies: scripted == Some(Scripted::CopyDies),
        };
        self.insert(region, snapshot);
        Ok(point)
    }

    /// DeleteDBSnapshot. Deleting a copy under way cancels it, and RDS says so.
    ///
    /// # Errors
    /// DBSnapshotNotFound; InvalidDBSnapshotState for an automated one, which only RDS expires.
    pub fn delete_db_snapshot(&mut self, region: &Region, name: &str) -> Result<Point, ApiError> {
        self.enter("rds:DeleteDBSnapshot", region, name)?;
        if name.starts_with("rds:") {
            let message = format!("{name} is not a manual snapshot.");
            return Err(ApiError::new(400, "InvalidDBSnapshotState", message));
        }
        let gone = self.snapshots.remove(&(region.clone(), name.to_owned()));
        let gone = gone.ok_or_else(|| {
            ApiError::new(404, "DBSnapshotNotFound", format!("DBSnapshot {name} not found."))
        })?;
        if gone.point.source.is_some() && gone.point.state.underway() {
            self.raise_copy(region, &gone.point, "RDS-EVENT-0061");
        }
        Ok(gone.point)
    }

    /// Retention deletes an automated point; RDS raises no event for that.
    pub fn expire(&mut self, region: &Region, name: &str) {
        self.snapshots.remove(&(region.clone(), name.to_owned()));
    }

    /// DescribeAccountAttributes, of which ManualSnapshots: used and max.
    ///
    /// # Errors
    /// Only scripted ones.
    pub fn describe_account_attributes(
        &mut self,
        region: &Region,
    ) -> Result<(usize, usize), ApiError> {
        self.enter("rds:DescribeAccountAttributes", region, "*")?;
        Ok((self.manual_points(region), self.manual_quota))
    }

    fn source_of(&self, arn: &str) -> Result<Point, ApiError> {
        let missing = || {
            ApiError::new(404, "DBSnapshotNotFound", format!("The snapshot {arn} was not found."))
        };
        let (front, name) = arn.split_once(":snapshot:").ok_or_else(missing)?;
        let region = Region::new(front.split(':').nth(3).unwrap_or_default());
        let source = self.snapshots.get(&(region, name.to_owned())).ok_or_else(missing)?;
        if source.point.state != State::Available {
            let message = format!("Snapshot {name} is in {} state.", source.point.state.word());
            return Err(ApiError::new(400, "InvalidDBSnapshotState", message));
        }
        Ok(source.point.clone())
    }

    fn refuse_taken_name(&self, region: &Region, name: &str) -> Result<(), ApiError> {
        let taken = self.snapshots.contains_key(&(region.clone(), name.to_ascii_lowercase()));
        let message = format!(
            "Cannot create the snapshot because one with the identifier {name} already exists."
        );
        if taken { Err(ApiError::new(400, "DBSnapshotAlreadyExists", message)) } else { Ok(()) }
    }

    /// An encrypted source needs a usable key of the destination Region; nothing else will do.
    fn refuse_bad_key(
        &self,
        region: &Region,
        source: &Point,
        key: Option<&str>,
    ) -> Result<(), ApiError> {
        let refuse = |message: String| Err(ApiError::new(400, "KMSKeyNotAccessibleFault", message));
        let enabled = |key: &str| self.keys.get(key).is_some_and(|state| state == "Enabled");
        match (&source.key, key) {
            (Some(home), _) if !enabled(home) => {
                refuse(format!("The source key {home} is not accessible."))
            }
            (Some(_), None) => Err(ApiError::new(
                400,
                "InvalidParameterCombination",
                "KmsKeyId is required to copy an encrypted snapshot across Regions.",
            )),
            (_, Some(key)) if key.split(':').nth(3) != Some(region.as_str()) || !enabled(key) => {
                refuse(format!(
                    "The target snapshot KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
                ))
            }
            _ => Ok(()),
        }
    }

    /// One code for two things: the quota of manual points, and copies in progress.
    fn refuse_full(&self, region: &Region) -> Result<(), ApiError> {
        let message = if is_full(self.manual_quota, || self.manual_points(region)) {
            format!("Cannot create more than {} manual snapshots", self.manual_quota)
        } else if is_full(self.in_flight_limit, || self.copying(region)) {
            format!("Cannot copy more than {} snapshots across regions", self.in_flight_limit)
        } else {
            return Ok(());
        };
        Err(ApiError::new(400, "SnapshotQuotaExceeded", message))
    }

    fn manual_points(&self, region: &Region) -> usize {
        let here = after(&self.snapshots, region, None);
        here.filter(|(_, s)| s.point.kind == "manual").count()
    }

    fn copying(&self, region: &Region) -> usize {
        let here = after(&self.snapshots, region, None);
        here.filter(|(_, s)| s.point.source.is_some() && s.point.state.underway()).count()
    }
}

/// `usize::MAX` is no limit: nothing is counted then, which a fleet's night would do for each copy.
fn is_full(limit: usize, used: impl Fn() -> usize) -> bool {
    limit < usize::MAX && used() >= limit
}

/// What a Region has after a marker, which is the last name of the page before. A page costs what is
/// on it, not what came before it.
fn after<'m, T>(
    all: &'m BTreeMap<(Region, String), T>,
    region: &Region,
    marker: Option<&str>,
) -> impl Iterator<Item = (&'m String, &'m T)> {
    let from = match marker {
        Some(marker) => Bound::Excluded((region.clone(), marker.to_owned())),
        None => Bound::Included((region.clone(), String::new())),
    };
    let here = all.range((from, Bound::Unbounded)).take_while(move |((r, _), _)| r == region);
    here.map(|((_, name), item)| (name, item))
}

fn page<'m, T: Clone + 'm>(
    mut found: impl Iterator<Item = (&'m String, &'m T)>,
    max: Option<usize>,
) -> Page<T> {
    let shown: Vec<_> = found.by_ref().take(max.unwrap_or(100)).collect();
    let more = found.next().is_some();
    Page {
        items: shown.iter().map(|(_, item)| (*item).clone()).collect(),
        marker: shown.last().filter(|_| more).map(|(name, _)| (*name).clone()),
    }
}
