//! RDS: create, copy, delete.

use super::{CopyRequest, Words, invalid};
use crate::account::{Account, Snapshot};
use crate::script::ApiError;
use domain::id::{Family, PointName, Region};
use domain::seen::{Point, State};
use std::collections::BTreeMap;

impl Account {
    /// CreateDBSnapshot.
    ///
    /// # Errors
    /// Those of [`Account::create_snapshot`].
    pub fn create_db_snapshot(
        &mut self,
        region: &Region,
        instance: &str,
        name: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<Point, ApiError> {
        self.create_snapshot(region, Family::Instance, instance, name, tags)
    }

    /// CreateDBSnapshot or CreateDBClusterSnapshot.
    ///
    /// # Errors
    /// No such database, or in another state; the name is taken; SnapshotQuotaExceeded; an instance
    /// that is a cluster's member; InvalidParameterValue for a name or a tag that RDS does not allow.
    pub fn create_snapshot(
        &mut self,
        region: &Region,
        family: Family,
        database: &str,
        name: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<Point, ApiError> {
        let words = Words::of(family);
        self.enter(words.create, region, name)?;
        let name = legal_name(family, name)?;
        refuse_reserved_tags(&tags)?;
        let place = (region.clone(), family, database.to_ascii_lowercase());
        let db = self.databases.get(&place).cloned();
        let db = db.ok_or_else(|| {
            ApiError::new(404, words.no_database, format!("Database {database} not found."))
        })?;
        if let Some(cluster) = &db.shown.member_of {
            let message = format!("{database} is a member of the cluster {cluster}.");
            return Err(ApiError::new(400, "InvalidParameterValue", message));
        }
        self.refuse_taken_name(region, family, &name)?;
        self.refuse_full(region, family)?;
        let optimizing = family == Family::Instance && db.shown.status == "storage-optimization";
        if db.shown.status != "available" && !optimizing {
            let message = format!("{database} is not in the available state.");
            return Err(ApiError::new(400, words.database_state, message));
        }
        let point = self.new_point(region, &name, "manual", &db, tags);
        let (ends, dies) = (self.now + db.takes, self.dies(words.create, region, &name));
        self.insert(region, Snapshot { point: point.clone(), starts: None, ends, dies });
        Ok(point)
    }

    /// CopyDBSnapshot.
    ///
    /// # Errors
    /// Those of [`Account::copy_snapshot`].
    pub fn copy_db_snapshot(
        &mut self,
        region: &Region,
        request: CopyRequest,
    ) -> Result<Point, ApiError> {
        self.copy_snapshot(region, Family::Instance, request)
    }

    /// CopyDBSnapshot or CopyDBClusterSnapshot, called in the destination Region with the source's
    /// ARN.
    ///
    /// # Errors
    /// Those of the operation, by its documented codes.
    pub fn copy_snapshot(
        &mut self,
        region: &Region,
        family: Family,
        request: CopyRequest,
    ) -> Result<Point, ApiError> {
        let words = Words::of(family);
        self.enter(words.copy, region, &request.target)?;
        let target = legal_name(family, &request.target)?;
        refuse_reserved_tags(&request.tags)?;
        let source = self.source_of(family, &request.source)?;
        self.refuse_taken_name(region, family, &target)?;
        self.refuse_bad_key(region, &source, request.key.as_deref())?;
        self.refuse_full(region, family)?;
        let starts = self.now + self.copy_plan.waits;
        // A cluster's copy shows when it was made, not when its data is from; our tag does.
        let created = match family {
            Family::Instance => source.created,
            Family::Cluster => Point::data_from(None, Some(self.now), true, &request.tags),
        };
        let point = Point {
            created,
            arn: self.snapshot_arn(region, family, &target),
            name: PointName::new(target),
            kind: "manual".to_owned(),
            state: State::Pending,
            stored: Some(self.now),
            percent: 0,
            encrypted: Some(request.key.is_some() || source.key.is_some()),
            key: request.key.or(source.key.clone()),
            source: Some(request.source),
            tags: request.tags,
            ..source
        };
        let snapshot = Snapshot {
            point: point.clone(),
            starts: Some(starts),
            ends: starts + self.copy_plan.copies,
            dies: self.dies(words.copy, region, point.name.as_str()),
        };
        self.insert(region, snapshot);
        Ok(point)
    }

    /// DeleteDBSnapshot.
    ///
    /// # Errors
    /// Those of [`Account::delete_snapshot`].
    pub fn delete_db_snapshot(&mut self, region: &Region, name: &str) -> Result<Point, ApiError> {
        self.delete_snapshot(region, Family::Instance, name)
    }

    /// DeleteDBSnapshot or DeleteDBClusterSnapshot. Deleting a copy under way cancels it, and RDS
    /// says so of an instance's.
    ///
    /// # Errors
    /// No such snapshot; an automated one, which only RDS expires; one that is still being taken.
    pub fn delete_snapshot(
        &mut self,
        region: &Region,
        family: Family,
        name: &str,
    ) -> Result<Point, ApiError> {
        let words = Words::of(family);
        self.enter(words.delete, region, name)?;
        let place = (region.clone(), family, name.to_ascii_lowercase());
        let found = self.snapshots.get(&place).ok_or_else(|| {
            ApiError::new(404, words.no_snapshot, format!("Snapshot {name} not found."))
        })?;
        if found.point.kind != "manual" || found.point.state == State::Creating {
            let (kind, state) = (&found.point.kind, found.point.state.word());
            let message = format!("{name} is {kind} and {state}: it cannot be deleted.");
            return Err(ApiError::new(400, words.snapshot_state, message));
        }
        let gone = found.clone();
        self.snapshots.remove(&place);
        if gone.point.source.is_some() && gone.point.state.underway() {
            self.raise_copy(region, &gone.point, "RDS-EVENT-0061");
        }
        Ok(gone.point)
    }

    /// Retention deletes an automated point; RDS raises no event for that.
    pub fn expire(&mut self, region: &Region, name: &str) {
        self.snapshots.retain(|(r, _, n), _| r != region || n != name);
    }

    fn source_of(&self, family: Family, arn: &str) -> Result<Point, ApiError> {
        let words = Words::of(family);
        let missing =
            || ApiError::new(404, words.no_snapshot, format!("The snapshot {arn} was not found."));
        let name = PointName::of_arn(arn).ok_or_else(missing)?.to_string();
        let region = Region::new(arn.split(':').nth(3).unwrap_or_default());
        let source = self.snapshots.get(&(region, family, name.clone())).ok_or_else(missing)?;
        if source.point.state != State::Available {
            let message = format!("Snapshot {name} is in {} state.", source.point.state.word());
            return Err(ApiError::new(400, words.snapshot_state, message));
        }
        Ok(source.point.clone())
    }

    fn refuse_taken_name(
        &self,
        region: &Region,
        family: Family,
        name: &str,
    ) -> Result<(), ApiError> {
        let taken = self.snapshots.contains_key(&(region.clone(), family, name.to_owned()));
        let message = format!(
            "Cannot create the snapshot because one with the identifier {name} already exists."
        );
        if taken { Err(ApiError::new(400, Words::of(family).exists, message)) } else { Ok(()) }
    }

    /// An encrypted source needs a usable key of the destination Region; nothing else will do. The
    /// unencrypted one of a cluster takes none.
    fn refuse_bad_key(
        &self,
        region: &Region,
        source: &Point,
        key: Option<&str>,
    ) -> Result<(), ApiError> {
        let refuse = |message: String| Err(ApiError::new(400, "KMSKeyNotAccessibleFault", message));
        let combination =
            |message: &str| Err(ApiError::new(400, "InvalidParameterCombination", message));
        let enabled = |key: &str| self.keys.get(key).is_some_and(|state| state == "Enabled");
        match (&source.key, key) {
            (None, Some(_)) if source.family == Family::Cluster => {
                combination("KmsKeyId cannot be given for an unencrypted cluster snapshot.")
            }
            (Some(home), _) if !enabled(home) => {
                refuse(format!("The source key {home} is not accessible."))
            }
            (Some(_), None) => {
                combination("KmsKeyId is required to copy an encrypted snapshot across Regions.")
            }
            (_, Some(key)) if key.split(':').nth(3) != Some(region.as_str()) || !enabled(key) => {
                refuse(format!(
                    "The target snapshot KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
                ))
            }
            _ => Ok(()),
        }
    }

    /// One code for two things: the quota of manual points, and copies in progress.
    fn refuse_full(&self, region: &Region, family: Family) -> Result<(), ApiError> {
        let limit = match family {
            Family::Instance => self.in_flight_limit,
            Family::Cluster => self.cluster_in_flight_limit,
        };
        let here = || self.here(region, family);
        let manual = || here().filter(|one| one.point.kind == "manual").count();
        let underway = |one: &&Snapshot| one.point.source.is_some() && one.point.state.underway();
        let message = if is_full(self.manual_quota, manual) {
            format!("Cannot create more than {} manual snapshots", self.manual_quota)
        } else if is_full(limit, || here().filter(underway).count()) {
            format!("Cannot copy more than {limit} snapshots across regions")
        } else {
            return Ok(());
        };
        Err(ApiError::new(400, "SnapshotQuotaExceeded", message))
    }
}

/// `usize::MAX` is no limit: nothing is counted then, which a fleet's night would do for each copy.
fn is_full(limit: usize, used: impl Fn() -> usize) -> bool {
    limit < usize::MAX && used() >= limit
}

/// A name as RDS stores it: "1 to 255 letters, numbers, or hyphens", for a cluster 1 to 63, a letter
/// first, no hyphen last and no two together (API reference, CreateDBSnapshot and
/// CreateDBClusterSnapshot), in lower case (DescribeDBSnapshots).
fn legal_name(family: Family, asked: &str) -> Result<String, ApiError> {
    let longest = match family {
        Family::Instance => 255,
        Family::Cluster => 63,
    };
    let legal = asked.len() <= longest
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
