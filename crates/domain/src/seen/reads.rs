//! From the reads of a round to what is seen of each asset.

use super::wants::locks;
use super::{AssetSeen, Database, Group, GroupKind, Key, Point, Quota, Read, Seen, State, Tally};
use crate::id::{AssetId, Family, Region};
use crate::journal::Journal;
use crate::policy::{Asset, Policy};
use crate::tags;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Folds a Region's points into what the policy's assets need, while paging, so that a fleet with
/// tens of thousands of old points costs no memory.
#[derive(Debug)]
pub struct Fold<'a> {
    policy: &'a Policy,
    now: Timestamp,
    folded: Folded,
}

/// A Region's points of one family.
#[derive(Debug, Default)]
pub struct Folded {
    /// Those that are looked at, by asset.
    pub points: BTreeMap<AssetId, Vec<Point>>,
    /// All copies that are kept and can be restored, by asset.
    pub tallies: BTreeMap<AssetId, Tally>,
    /// Those with our tags whose asset is in no policy, by the tag's word.
    pub strays: BTreeMap<String, Tally>,
}

impl<'a> Fold<'a> {
    /// Starts with nothing.
    pub fn new(policy: &'a Policy, now: Timestamp) -> Self {
        Self { policy, now, folded: Folded::default() }
    }

    /// Keeps a point of one of our assets if it is young enough to matter, and each asset's newest.
    pub fn take(&mut self, point: Point) {
        let Some(asset) = self.policy.asset_of(point.family, &point.database) else {
            return self.count_stray(&point);
        };
        if self.is_of_another_region(&point) {
            return;
        }
        if is_kept(&point) {
            self.folded.tallies.entry(asset.id.clone()).or_default().add(&point);
        }
        let horizon = self.policy.horizon(asset, self.now);
        let kept = self.folded.points.entry(asset.id.clone()).or_default();
        if point.created.is_some_and(|created| created < horizon) {
            keep_newest(kept, point, horizon);
        } else {
            kept.push(point);
        }
    }

    /// A database of another Region may have the same name, and its copies the same tags.
    fn is_of_another_region(&self, point: &Point) -> bool {
        let sources = || point.source.iter().chain(point.tags.get(tags::SOURCE_ARN));
        let ours = |arn: &String| arn.split(':').nth(3) == Some(self.policy.home.as_str());
        sources().next().is_some() && !sources().any(ours)
    }

    fn count_stray(&mut self, point: &Point) {
        let ours = point.tags.get(tags::SYSTEM) == Some(&self.policy.system);
        if let Some(asset) = point.tags.get(tags::ASSET).filter(|_| ours) {
            self.folded.strays.entry(asset.clone()).or_default().add(point);
        }
    }

    /// What was kept.
    pub fn folded(self) -> Folded {
        self.folded
    }
}

/// A copy that is kept: what else is there is a person's.
fn is_kept(point: &Point) -> bool {
    point.source.is_some() && point.tags.contains_key(tags::KEEP_UNTIL)
}

/// Of the old points only the newest that is of use stays: the RPO needs it. Of copies that is one
/// that is kept, under whatever key, so that a stranger's newer snapshot cannot hide it.
fn keep_newest(kept: &mut Vec<Point>, point: Point, horizon: Timestamp) {
    let copied = point.source.is_some();
    if point.state != State::Available || copied && !is_kept(&point) {
        return;
    }
    let old = kept.iter().position(|rival| {
        rival.source.is_some() == copied && rival.created.is_some_and(|created| created < horizon)
    });
    match old.and_then(|at| kept.get_mut(at)) {
        Some(rival) if rival.created < point.created => *rival = point,
        Some(_) => {}
        None => kept.push(point),
    }
}

/// What was read of one family of databases.
#[derive(Debug)]
pub struct OfFamily {
    /// The databases of home by identifier; for one asset, that one or none.
    pub databases: Read<BTreeMap<String, Database>>,
    /// Points of home.
    pub points: Read<Folded>,
    /// Points of dr.
    pub copies: Read<Folded>,
}

/// The points of ours in dr whose asset is in no policy.
pub fn strays(families: [&OfFamily; 2]) -> BTreeMap<String, Tally> {
    let folded = families.into_iter().filter_map(|family| family.copies.known());
    folded.flat_map(|folded| folded.strays.clone()).collect()
}

/// The reads of one round, before they are sorted by asset.
#[derive(Debug)]
pub struct Reads {
    /// Of instances; nothing where no asset is one.
    pub instances: OfFamily,
    /// Of clusters; nothing where no asset is one.
    pub clusters: OfFamily,
    /// Keys of both Regions by ARN.
    pub keys: BTreeMap<String, Read<Key>>,
    /// Names of dr's groups by kind, where they were asked for.
    pub groups: BTreeMap<GroupKind, Read<BTreeSet<String>>>,
    /// Until when dr's replicated automated backups reach, by resource id, where they were asked for.
    pub pitr: Option<Read<BTreeMap<String, Timestamp>>>,
    /// Home and dr.
    pub regions: [Region; 2],
    /// Quotas of manual points, where they were asked for.
    pub quotas: Vec<Read<Quota>>,
    /// The journal.
    pub journal: Read<Journal>,
}

impl OfFamily {
    /// Of a family of which there is no asset in view.
    pub fn nothing() -> Self {
        Self {
            databases: Read::Known(BTreeMap::new()),
            points: Read::Known(Folded::default()),
            copies: Read::Known(Folded::default()),
        }
    }

    /// An asset's database, if it was found.
    pub fn database(&self, asset: &Asset) -> Option<&Database> {
        self.databases.known()?.get(asset.id.as_str())
    }

    /// The ARNs of the keys that the databases are under.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        let databases = self.databases.known().into_iter().flat_map(BTreeMap::values);
        databases.filter_map(|database| database.key.as_ref())
    }

    /// The name under which another database carries the resource id of these points.
    fn renamed(&self, points: &Read<Vec<Point>>) -> Option<String> {
        let named = |point: &&Point| !point.resource_id.is_empty();
        let newest = points.known()?.iter().filter(named).max_by_key(|point| point.created)?;
        let same = |one: &&Database| one.resource_id == newest.resource_id;
        self.databases.known()?.values().find(same).map(|one| one.id.clone())
    }
}

impl Reads {
    /// Sorts the reads by asset: a read that failed is unknown for each of them.
    pub fn sort(mut self, assets: &[&Asset]) -> Seen {
        let views = assets.iter().filter_map(|asset| Some((asset.id.clone(), self.of(asset)?)));
        let assets = views.collect();
        Seen { assets, journal: self.journal, quotas: self.quotas, ..Seen::nothing() }
    }

    fn of(&mut self, asset: &Asset) -> Option<AssetSeen> {
        let of_family = match asset.family()? {
            Family::Instance => &mut self.instances,
            Family::Cluster => &mut self.clusters,
        };
        let (points, _) = moved(&mut of_family.points, &asset.id);
        let (copies, in_dr) = moved(&mut of_family.copies, &asset.id);
        let database = of_family.databases.read(|all| all.get(asset.id.as_str()).cloned());
        let missing = matches!(database, Read::Known(None));
        let renamed_to = missing.then(|| of_family.renamed(&points)).flatten();
        let found = database.known().and_then(Option::as_ref);
        let groups = found.into_iter().flat_map(|found| asset.groups(found));
        let groups =
            groups.filter_map(|group| Some((group.clone(), self.group(&group)?))).collect();
        let view = AssetSeen {
            home_key: found.and_then(|found| self.key(found.key.as_ref()?)),
            pitr: asset.dr_pitr.and(found).and_then(|found| self.pitr(found)),
            groups,
            locks: Vec::new(),
            dr_key: self.key(&asset.dr_key).unwrap_or(Read::Known(Key::missing())),
            renamed_to,
            points,
            copies,
            database,
            in_dr,
            held: BTreeSet::new(),
        };
        let [home, dr] = &self.regions;
        Some(AssetSeen { locks: locks(asset, [home, dr], &view, |arn| self.key(arn)), ..view })
    }

    fn key(&self, arn: &str) -> Option<Read<Key>> {
        self.keys.get(arn).cloned()
    }

    fn group(&self, group: &Group) -> Option<Read<bool>> {
        let names = self.groups.get(&group.kind)?;
        Some(names.read(|names| names.contains(&group.name)))
    }

    fn pitr(&self, database: &Database) -> Option<Read<Option<Timestamp>>> {
        let latest = self.pitr.as_ref()?;
        Some(latest.read(|latest| latest.get(&database.resource_id).copied()))
    }
}

/// An asset's points, no longer among the others: a fleet's are too many to have them twice.
fn moved(folded: &mut Read<Folded>, id: &AssetId) -> (Read<Vec<Point>>, Tally) {
    match folded {
        Read::Known(all) => (
            Read::Known(all.points.remove(id).unwrap_or_default()),
            all.tallies.remove(id).unwrap_or_default(),
        ),
        Read::Unknown(fault) => (Read::Unknown(fault.clone()), Tally::default()),
    }
}
