//! What to do about each point of an asset. Sync, total, without memory: a refusal to act is a
//! value with its reason.

mod backup;

use crate::day;
use crate::id::{Family, PointName};
use crate::names::{self, ATTEMPTS, NAMES};
use crate::policy::{Asset, Manual, Policy, TakenBy};
use crate::seen::{AssetSeen, Database, Point, Read, State};
use crate::step::{Action, Copy, Rest, Step, Take};
use crate::tags::{self, Kind, StartedBy};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

pub use backup::of_vault;

/// A step for every point in home, and for today's point where Sonae takes it.
pub fn decide(
    policy: &Policy,
    asset: &Asset,
    seen: &AssetSeen,
    by: StartedBy,
    now: Timestamp,
) -> Vec<(PointName, Step)> {
    let Some(points) = seen.points.known() else { return Vec::new() };
    let mut steps: Vec<_> = points
        .iter()
        .map(|point| (point.name.clone(), about(policy, asset, seen, point, by, now)))
        .collect();
    steps.extend(take(policy, asset, seen, points, now));
    steps
}

/// Which duty a home point serves, if any of ours.
pub fn kind_of(asset: &Asset, point: &Point) -> Option<Kind> {
    if point.source.is_some() || point.name.as_str().starts_with("awsbackup:") {
        return None;
    }
    let tagged = point.tags.get(tags::KIND).is_some_and(|kind| kind == Kind::Daily.word())
        && point.tags.contains_key(tags::ASSET);
    // RDS may show the tags only later than the point.
    let id = asset.id.as_str();
    let named = asset.take == TakenBy::Sonae && names::is_taken(point.family, id, &point.name);
    match point.kind.as_str() {
        "automated" if asset.take == TakenBy::Window => Some(Kind::Daily),
        // Sonae's own, or one that a person took in place of a missing one.
        "manual" if tagged || named => Some(Kind::Daily),
        "manual" if selected(asset, point) => Some(Kind::Manual),
        _ => None,
    }
}

/// How a point's copies stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// One stands in dr and passed every check.
    Landed(&'a Point),
    /// One is on the way, or cannot be told yet from one that is.
    Underway(&'a Point),
    /// None of either; these attempts came to nothing.
    Absent(Vec<&'a Point>),
}

/// Looks at all copies of a point, by their source and not by their name: a copy that a person
/// made with our tags counts too.
pub fn standing<'a>(asset: &Asset, point: &Point, copies: &'a [Point]) -> Standing<'a> {
    let of_point: Vec<&Point> = copies.iter().filter(|copy| is_copy_of(copy, point)).collect();
    if let Some(copy) = of_point.iter().find(|copy| landed(asset, copy)) {
        return Standing::Landed(copy);
    }
    let tried: Vec<&Point> = attempts(asset, point, of_point).collect();
    match tried.iter().find(|copy| may_land(copy)) {
        Some(copy) => Standing::Underway(copy),
        None => Standing::Absent(tried),
    }
}

/// The copies of a point that were begun as the policy wants them now; those under a former key are
/// no attempts.
pub fn attempts<'a>(
    asset: &Asset,
    point: &Point,
    copies: impl IntoIterator<Item = &'a Point>,
) -> impl Iterator<Item = &'a Point> {
    let fits = move |copy: &&Point| {
        is_copy_of(copy, point) && could_land(asset, copy, number_of(point, copy).is_some())
    };
    copies.into_iter().filter(fits)
}

/// Landed: available, under the expected key, and carrying the day until which it must stay.
pub fn landed(asset: &Asset, copy: &Point) -> bool {
    copy.state == State::Available
        && copy.source.is_some()
        && (copy.key.as_ref() == Some(&asset.dr_key) || stays_plain(copy))
        && copy.tags.contains_key(tags::KEEP_UNTIL)
}

/// The point of a cluster that is not encrypted has a copy that is not either: RDS cannot encrypt it
/// in copying (Aurora User Guide, DB cluster snapshot copying). That is a finding of its own.
fn stays_plain(point: &Point) -> bool {
    point.family == Family::Cluster && point.is_plain()
}

/// Whether it was begun as the policy wants it. RDS may show key and tags only later than the copy
/// itself; a name of ours (`named`) is there from the start.
pub fn could_land(asset: &Asset, copy: &Point, named: bool) -> bool {
    let keyed = copy.key.as_deref().is_none_or(|key| key == asset.dr_key);
    keyed && (copy.tags.contains_key(tags::KEEP_UNTIL) || named)
}

/// On the way; or whole, but RDS does not show yet what it is a copy of, or how long it stays.
pub fn may_land(copy: &Point) -> bool {
    let shown = copy.source.is_some() && !copy.tags.is_empty();
    copy.state.may_come() || copy.state == State::Available && !shown
}

/// The ARN that a copy was made from. RDS may show it only later than the copy; our own tag says it
/// from the start.
pub fn source_of(copy: &Point) -> Option<&String> {
    copy.source.as_ref().or_else(|| copy.tags.get(tags::SOURCE_ARN))
}

/// Whether it was made from this very point, and not from an older one of its name. Before RDS shows
/// source and tags, our name says so.
pub fn is_copy_of(copy: &Point, point: &Point) -> bool {
    let source = source_of(copy);
    let earlier = copy.stored.zip(point.created).is_some_and(|(copied, taken)| copied < taken);
    let bare = source.is_none() && copy.tags.is_empty() && copy.state.may_come();
    let ours = bare && number_of(point, copy).is_some();
    (ours || source == Some(&point.arn)) && !earlier
}

/// Which of the point's copy names this is, if one of them.
pub fn number_of(point: &Point, copy: &Point) -> Option<u8> {
    let automated = point.kind == "automated";
    (1..=NAMES).find(|n| names::copy(point.family, &point.name, automated, *n) == copy.name)
}

fn about(
    policy: &Policy,
    asset: &Asset,
    seen: &AssetSeen,
    point: &Point,
    by: StartedBy,
    now: Timestamp,
) -> Step {
    let Some(kind) = kind_of(asset, point) else { return Step::Rest(rest_of_others(point)) };
    let copies = match &seen.copies {
        Read::Known(copies) => copies,
        Read::Unknown(fault) => return Step::Rest(Rest::Unsure(fault.clone())),
    };
    let tried = match standing(asset, point, copies) {
        Standing::Landed(copy) => return Step::Rest(Rest::Landed(copy.name.clone())),
        Standing::Underway(copy) => return Step::Rest(Rest::Underway(copy.name.clone())),
        Standing::Absent(tried) => tried.len(),
    };
    let created = match ready(policy, asset, point, now) {
        Ok(created) => created,
        Err(rest) => return Step::Rest(rest),
    };
    let free = free_name(point, seen, copies).filter(|_| tried < usize::from(ATTEMPTS));
    let Some((attempt, target)) = free else { return Step::Rest(Rest::AttemptsSpent) };
    Step::Do(Action::Copy(Copy {
        asset: asset.id.clone(),
        family: point.family,
        point: point.name.clone(),
        source: point.arn.clone(),
        created,
        due: due(policy, asset, kind, created),
        attempt,
        target,
        key: (!stays_plain(point)).then(|| asset.dr_key.clone()),
        tags: tags::of_copy(policy, asset, point, kind, created, by),
    }))
}

/// By when the copy must stand.
fn due(policy: &Policy, asset: &Asset, kind: Kind, created: Timestamp) -> Timestamp {
    match kind {
        Kind::Daily => day::instant(day::of(created, &policy.zone), asset.landed_by, &policy.zone),
        Kind::Manual => created + asset.manual_within,
    }
}

/// When the point's data is from, if the point may be copied now.
fn ready(policy: &Policy, asset: &Asset, point: &Point, now: Timestamp) -> Result<Timestamp, Rest> {
    match (&point.state, point.created) {
        (State::Available, Some(created)) => match too_early(policy, asset, created, now) {
            Some(rest) => Err(rest),
            None => Ok(created),
        },
        (State::Failed, _) => Err(Rest::PointFailed),
        (state, _) => Err(Rest::NotReady(state.word().to_owned())),
    }
}

/// Why nothing of this time is copied any more.
fn too_early(policy: &Policy, asset: &Asset, created: Timestamp, now: Timestamp) -> Option<Rest> {
    let day = day::of(created, &policy.zone);
    let oldest = day::of(now, &policy.zone).saturating_sub(asset.catch_up.days());
    match day {
        day if day < asset.since => Some(Rest::BeforeSince),
        day if day < oldest => Some(Rest::TooOld),
        _ => None,
    }
}

/// The first name that nothing holds. A failed copy keeps its name until it is deleted, and so do a
/// stranger and a copy under a former key.
fn free_name(point: &Point, seen: &AssetSeen, copies: &[Point]) -> Option<(u8, PointName)> {
    let automated = point.kind == "automated";
    let name = |attempt| names::copy(point.family, &point.name, automated, attempt);
    (1..=NAMES).map(|attempt| (attempt, name(attempt))).find(|(_, name)| {
        !seen.held.contains(name) && !copies.iter().any(|copy| copy.name == *name)
    })
}

fn rest_of_others(point: &Point) -> Rest {
    let copy = point.source.is_some() || point.name.as_str().starts_with("awsbackup:");
    if point.kind == "manual" && !copy { Rest::NotSelected } else { Rest::NotOurs }
}

fn selected(asset: &Asset, point: &Point) -> bool {
    let has = |key: &str, value: &str| point.tags.get(key).is_some_and(|found| found == value);
    match asset.manual {
        Manual::All => true,
        Manual::Tagged => has("Purpose", "PreRelease") || has("sonae:copy", "yes"),
        Manual::Never => false,
    }
}

/// Today's point, where Sonae takes it and it is not there.
fn take(
    policy: &Policy,
    asset: &Asset,
    seen: &AssetSeen,
    points: &[Point],
    now: Timestamp,
) -> Option<(PointName, Step)> {
    let family = asset.family()?;
    let today = day::of(now, &policy.zone);
    let due = day::instant(today, asset.at, &policy.zone);
    if asset.take != TakenBy::Sonae || today < asset.since || now < due {
        return None;
    }
    let tried: Vec<&Point> =
        points.iter().filter(|point| attempt_of(asset, today, point).is_some()).collect();
    let of_today = daily(policy, asset, points, today, now);
    let alive = |point: &&Point| point.state == State::Available || point.state.may_come();
    // Deleted in home after it landed: it was taken all the same.
    let copies = seen.copies.known().map(Vec::as_slice).unwrap_or_default();
    let stands = |copy: &Point| is_of_day(policy, copy, today) && landed(asset, copy);
    if tried.iter().chain(&of_today).any(alive) || copies.iter().any(stands) {
        return None;
    }
    let name = |attempt| names::taken(family, asset.id.as_str(), today, attempt);
    let mut free =
        (1..=ATTEMPTS).map(name).filter(|name| !tried.iter().any(|point| point.name == *name));
    let Some(free) = free.find(|name| !seen.held.contains(name)) else {
        return Some((name(ATTEMPTS), Step::Rest(Rest::AttemptsSpent)));
    };
    let step = match &seen.database {
        Read::Known(Some(database)) if can_snapshot(database) => Step::Do(Action::Take(Take {
            asset: asset.id.clone(),
            family,
            database: database.id.clone(),
            name: free.clone(),
            tags: tags::of_taken(policy, asset, today),
        })),
        Read::Known(Some(database)) => Step::Rest(Rest::DatabaseNotReady(database.status.clone())),
        Read::Known(None) => Step::Rest(Rest::DatabaseNotReady("missing".to_owned())),
        Read::Unknown(fault) => Step::Rest(Rest::Unsure(fault.clone())),
    };
    Some((free, step))
}

/// The home points that serve a day. One that is still being created has no time yet, and counts
/// for today; one that died before it had one, for none.
pub fn daily<'p>(
    policy: &Policy,
    asset: &Asset,
    points: &'p [Point],
    day: Date,
    now: Timestamp,
) -> Vec<&'p Point> {
    let time = |point: &Point| point.created.or_else(|| point.state.may_come().then_some(now));
    let of = |point: &Point| time(point).is_some_and(|time| day::of(time, &policy.zone) == day);
    let serves = |point: &&Point| kind_of(asset, point) == Some(Kind::Daily) && of(point);
    points.iter().filter(serves).collect()
}

/// Whether a copy is of a day's point, by its tag.
pub fn is_of_day(policy: &Policy, copy: &Point, day: Date) -> bool {
    copy.tags.get(tags::KIND).is_some_and(|kind| kind == Kind::Daily.word())
        && copy.created.is_some_and(|created| day::of(created, &policy.zone) == day)
}

/// Which attempt at a day's point this is, by its name.
pub fn attempt_of(asset: &Asset, day: Date, point: &Point) -> Option<u8> {
    let family = asset.family()?;
    let name = |attempt| names::taken(family, asset.id.as_str(), day, attempt);
    (1..=ATTEMPTS).find(|attempt| name(*attempt) == point.name)
}

/// CreateDBSnapshot wants one of these two (API reference, CreateDBSnapshot,
/// InvalidDBInstanceState), CreateDBClusterSnapshot the first. A member of a cluster has no points
/// of its own.
fn can_snapshot(database: &Database) -> bool {
    let optimizing = database.status == "storage-optimization";
    let ready = database.status == "available";
    database.member_of.is_none() && (ready || optimizing && database.family == Family::Instance)
}
