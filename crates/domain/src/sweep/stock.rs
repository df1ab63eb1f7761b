//! What there is to sweep: the manual points of both Regions that carry our tags.

use crate::decide::source_of;
use crate::id::{Family, PointName, Region};
use crate::names::{self, NAMES};
use crate::policy::Asset;
use crate::seen::{Key, Point, Read, State};
use crate::tags::{self, Kind};
use std::collections::BTreeMap;

/// Everything that sweep looks at.
#[derive(Clone, Debug)]
pub struct Stock {
    /// Of home.
    pub home: Listed,
    /// Of dr.
    pub dr: Listed,
    /// Keys of dr by ARN.
    pub keys: BTreeMap<String, Read<Key>>,
}

/// The points of a Region that matter to sweep, instances' and clusters' apart.
#[derive(Clone, Debug)]
pub struct Listed {
    /// DB snapshots.
    pub instances: Read<Vec<Point>>,
    /// DB cluster snapshots.
    pub clusters: Read<Vec<Point>>,
}

impl Listed {
    /// Those of a family.
    pub fn of(&self, family: Family) -> &Read<Vec<Point>> {
        match family {
            Family::Instance => &self.instances,
            Family::Cluster => &self.clusters,
        }
    }
}

impl Stock {
    /// The point as sweep needs it, if it does: what carries our tags, and copies under way, whose
    /// tags RDS may show only later. Foreign tags are dropped: a Region may have many points.
    pub fn of_use(mut point: Point) -> Option<Point> {
        let wanted = point.tags.contains_key(tags::ASSET) || point.state.may_come();
        point.tags = tags::only_ours(&point);
        wanted.then_some(point)
    }
}

/// Whether what it is copied from is of this Region, as far as is said: another one may have a database
/// of the same name, and a Sonae of its own.
pub(super) fn is_of(home: &Region, copy: &Point) -> bool {
    source_of(copy).is_none_or(|source| source.split(':').nth(3) == Some(home.as_str()))
}

/// A copy that Sonae made of the asset with this id: by its tags, by its name, and by what RDS says it
/// is made from. What only has our tags is a person's.
pub(super) fn is_our_copy(id: &str, copy: &Point) -> bool {
    let tag = |key: &str| copy.tags.get(key);
    let source = source_of(copy).filter(|source| tag(tags::SOURCE_ARN) == Some(*source));
    copy.kind == "manual"
        && copy.database == id
        && tag(tags::KIND).is_some()
        && source.is_some_and(|source| is_named_after(copy, source))
}

fn is_named_after(copy: &Point, source: &str) -> bool {
    let Some(point) = PointName::of_arn(source) else { return false };
    let automated = point.as_str().starts_with("rds:");
    (1..=NAMES).any(|n| names::copy(copy.family, &point, automated, n) == copy.name)
}

/// A point that Sonae took itself, in home.
pub(super) fn is_taken(asset: &Asset, point: &Point) -> bool {
    point.kind == "manual"
        && point.source.is_none()
        && !point.tags.contains_key(tags::SOURCE_ARN)
        && point.database == asset.id.as_str()
        && point.tags.get(tags::KIND).is_some_and(|kind| kind == Kind::Daily.word())
        && names::is_taken(point.family, asset.id.as_str(), &point.name)
}

/// Whether it could be restored from, as far as can be seen without a policy.
pub(super) fn is_whole(copy: &Point) -> bool {
    copy.state == State::Available
        && copy.source.is_some()
        && copy.tags.contains_key(tags::KEEP_UNTIL)
}
