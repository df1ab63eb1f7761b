//! RDS: describe, create, copy, delete, with the refusals that botocore's model and the RDS User
//! Guide document.

use crate::account::{Account, Db, Snapshot};
use crate::script::{ApiError, Scripted};
use domain::id::{PointName, Region};
use domain::seen::{Point, State};
use std::collections::BTreeMap;

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
    /// DBInstanceNotFound for a named one; InvalidParameterValue for a strange marker.
    pub fn describe_db_instances(
        &mut self,
        region: &Region,
        id: Option<&str>,
        marker: Option<&str>,
        max: Option<usize>,
    ) -> Result<Page<Db>, ApiError> {
        self.enter("rds:DescribeDBInstances", region, id.unwrap_or("*"))?;
        let here = self.instances.iter().filter(|((r, _), _)| r == region);
        let all: Vec<Db> = here
            .filter(|((_, name), _)| id.is_none_or(|id| id.eq_ignore_ascii_case(name)))
            .map(|(_, db)| db.clone())
            .collect();
        match id {
            Some(id) if all.is_empty() => {
                Err(ApiError::new(404, "DBInstanceNotFound", format!("DBInstance {id} not found.")))
            }
            _ => page(all, marker, max),
        }
    }

    /// DescribeDBSnapshots. An automated name is only found with SnapshotType `automated` or none;
    /// `awsbackup` ones only when asked for.
    ///
    /// # Errors
    /// DBSnapshotNotFound for a named one; InvalidParameterValue for a strange marker.
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
            let of = |asked: &Option<String>, is: &str| {
                asked.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(is))
            };
            kind && of(&query.name, point.name.as_str()) && of(&query.instance, &point.instance)
        };
        let here = self.snapshots.iter().filter(|((r, _), _)| r == region);
        let all: Vec<Point> =
            here.map(|(_, s)| s.point.clone()).filter(|point| wanted(point)).collect();
        match &query.name {
            Some(name) if all.is_empty() => Err(ApiError::new(
                404,
                "DBSnapshotNotFound",
                format!("DBSnapshot {name} not found."),
            )),
            _ => page(all, query.marker.as_deref(), query.max),
        }
    }

    /// CreateDBSnapshot.
    ///
    /// # Errors
    /// DBInstanceNotFound, InvalidDBInstanceState, DBSnapshotAlreadyExists, SnapshotQuotaExceeded;
    /// InvalidParameterValue for a name or a tag that RDS does not allow.
    pub fn create_db_snapshot(
        &mut self,
        region: &Region,
        instance: &str,
        name: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<Point, ApiError> {
        let scripted = self.enter("rds:CreateDBSnapshot", region, name)?;
        let name = legal_name(name)?;
        refuse_reserved_tags(&tags)?;
        let db = self.instances.get(&(region.clone(), instance.to_ascii_lowercase())).cloned();
        let db = db.ok_or_else(|| {
            ApiError::new(404, "DBInstanceNotFound", format!("DBInstance {instance} not found."))
        })?;
        self.refuse_taken_name(region, &name)?;
        self.refuse_full(region)?;
        if !matches!(db.instance.status.as_str(), "available" | "storage-optimization") {
            let message = format!("Instance {instance} is not in the available state.");
            return Err(ApiError::new(400, "InvalidDBInstanceState", message));
        }
        let point = self.new_point(region, &name, "manual", &db, tags);
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
        let target = legal_name(&request.target)?;
        refuse_reserved_tags(&request.tags)?;
        let source = self.source_of(&request.source)?;
        self.refuse_taken_name(region, &target)?;
        self.refuse_bad_key(region, &source, request.key.as_deref())?;
        self.refuse_full(region)?;
        let starts = self.now + self.copy_plan.waits;
        let point = Point {
            arn: self.snapshot_arn(region, &target),
            name: PointName::new(target),
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
    /// DBSnapshotNotFound; InvalidDBSnapshotState for an automated one, which only RDS expires, and
    /// for one that is still being taken.
    pub fn delete_db_snapshot(&mut self, region: &Region, name: &str) -> Result<Point, ApiError> {
        self.enter("rds:DeleteDBSnapshot", region, name)?;
        let at = (region.clone(), name.to_ascii_lowercase());
        let found = self.snapshots.get(&at).ok_or_else(|| {
            ApiError::new(404, "DBSnapshotNotFound", format!("DBSnapshot {name} not found."))
        })?;
        if found.point.kind != "manual" || found.point.state == State::Creating {
            let (kind, state) = (&found.point.kind, found.point.state.word());
            let message = format!("{name} is {kind} and {state}: it cannot be deleted.");
            return Err(ApiError::new(400, "InvalidDBSnapshotState", message));
        }
        let gone = found.clone();
        self.snapshots.remove(&at);
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
        let taken = self.snapshots.contains_key(&(region.clone(), name.to_owned()));
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
        let here = self.snapshots.iter().filter(|((r, _), _)| r == region);
        let copying = here.filter(|(_, s)| s.point.source.is_some() && s.point.state.underway());
        let message = if self.manual_points(region) >= self.manual_quota {
            format!("Cannot create more than {} manual snapshots", self.manual_quota)
        } else if copying.count() >= self.in_flight_limit {
            format!("Cannot copy more than {} snapshots across regions", self.in_flight_limit)
        } else {
            return Ok(());
        };
        Err(ApiError::new(400, "SnapshotQuotaExceeded", message))
    }

    fn manual_points(&self, region: &Region) -> usize {
        let here = self.snapshots.iter().filter(|((r, _), _)| r == region);
        here.filter(|(_, s)| s.point.kind == "manual").count()
    }
}

/// A name as RDS stores it: "1 to 255 letters, numbers, or hyphens", a letter first, no hyphen last
/// and no two together (API reference, CreateDBSnapshot), in lower case (DescribeDBSnapshots).
fn legal_name(asked: &str) -> Result<String, ApiError> {
    let legal = asked.len() <= 255
        && asked.starts_with(|first: char| first.is_ascii_alphabetic())
        && asked.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !asked.ends_with('-')
        && !asked.contains("--");
    let message = format!("The parameter {asked} is not a valid identifier.");
    if legal { Ok(asked.to_ascii_lowercase()) } else { Err(invalid(message)) }
}

fn refuse_reserved_tags(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let reserved = tags.keys().any(|key| key.starts_with("aws:") || key.starts_with("rds:"));
    if reserved { Err(invalid("Tag keys may not start with aws: or rds:")) } else { Ok(()) }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterValue", message)
}

fn page<T>(all: Vec<T>, marker: Option<&str>, max: Option<usize>) -> Result<Page<T>, ApiError> {
    let strange = |_| invalid("The marker is of no earlier answer.");
    let from: usize = marker.unwrap_or("0").parse().map_err(strange)?;
    let max = max.unwrap_or(100);
    let more = all.len() > from + max;
    Ok(Page {
        items: all.into_iter().skip(from).take(max).collect(),
        marker: more.then(|| (from + max).to_string()),
    })
}
