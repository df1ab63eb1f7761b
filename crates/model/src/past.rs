//! The past of an account: points and copies that are there without having been played.

use crate::account::{Account, Snapshot};
use domain::id::{PointName, Region};
use domain::names;
use domain::policy::{Asset, Policy};
use domain::seen::{Point, State};
use domain::tags::{self, Kind, StartedBy};
use jiff::{SignedDuration, Timestamp};

impl Account {
    /// The automated point that RDS took of an asset then, whole.
    ///
    /// # Panics
    /// When the account has no such database.
    pub fn past_point(&self, policy: &Policy, asset: &Asset, at: Timestamp) -> Point {
        let family = asset.family().expect("a database");
        let db = &self.databases[&(policy.home.clone(), family, asset.id.to_string())];
        let name = format!("rds:{}-{}", asset.id, at.strftime("%Y-%m-%d-%H-%M"));
        let point = self.new_point(&policy.home, &name, "automated", db, db.tags.clone());
        let (created, stored) = (Some(at), Some(at));
        Point { state: State::Available, percent: 100, created, stored, ..point }
    }

    /// The copy of a point that Sonae made ten minutes later, at its n-th attempt.
    pub fn past_copy(
        &self,
        policy: &Policy,
        asset: &Asset,
        point: &Point,
        attempt: u8,
        state: State,
    ) -> Point {
        let automated = point.kind == "automated";
        let kind = if automated { Kind::Daily } else { Kind::Manual };
        let name = names::copy(point.family, &point.name, automated, attempt);
        let created = point.created.unwrap_or(self.now);
        Point {
            arn: self.snapshot_arn(&policy.dr, point.family, name.as_str()),
            name,
            kind: "manual".to_owned(),
            state,
            stored: Some(created + SignedDuration::from_mins(10)),
            key: Some(asset.dr_key.clone()),
            source: Some(point.arn.clone()),
            tags: tags::of_copy(policy, asset, point, kind, created, StartedBy::Event),
            ..point.clone()
        }
    }

    /// Puts a finished snapshot there.
    pub fn put_snapshot(&mut self, region: &Region, point: Point) -> PointName {
        let (name, ends) = (point.name.clone(), point.stored.unwrap_or(self.now));
        self.insert(region, Snapshot { point, starts: None, ends, dies: false });
        name
    }

    /// Puts the landed copy of the night in which a point was taken then; the point itself is gone.
    pub fn put_night(&mut self, policy: &Policy, asset: &Asset, at: Timestamp) -> PointName {
        let point = self.past_point(policy, asset, at);
        let copy = self.past_copy(policy, asset, &point, 1, State::Available);
        self.put_snapshot(&policy.dr, copy)
    }
}
