//! From what was seen to what is found. Nothing here remembers: the same sight gives the same
//! findings.

use crate::day;
use crate::decide::kind_of;
use crate::duty::{self, Cause, Duty, DutyState, Evidence, Tried, What};
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::fault::Fault;
use crate::finding::{Finding, Found, Rpo};
use crate::id::{AssetId, PointName};
use crate::journal::{Journal, WATCH};
use crate::policy::{Asset, Policy, TakenBy, TellSuccess};
use crate::seen::{AssetSeen, Instance, KeyState, Point, Seen, State};
use crate::tags;
use crate::watch;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What a round found.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Every duty that has begun and is not too old.
    pub duties: Vec<Duty>,
    /// Everything worth telling, good news included.
    pub findings: Vec<Finding>,
}

/// Judges everything in view.
pub fn judge(policy: &Policy, seen: &Seen, tried: &[Tried], now: Timestamp) -> Judgement {
    let mut judgement = Judgement::default();
    for (asset, view) in views(policy, seen) {
        let evidence = Evidence { policy, asset, seen: view, tried, journal: &seen.journal, now };
        let duties = duty::duties(evidence);
        // What was not read is neither there nor missing.
        let read = view.copies.known().is_some();
        let newest = duty::newest_copy(view);
        let rpo = read.then_some(Rpo { newest, objective: asset.rpo });
        judgement.findings.extend(broken(&duties, rpo, now));
        judgement.findings.extend(conditions(policy, asset, view, now));
        judgement.duties.extend(duties);
    }
    judgement.findings.extend(setup(policy, seen, now));
    judgement.findings.extend(unreadable(seen, now));
    judgement.findings.extend(journal_down(seen, now));
    judgement.findings.extend(good_news(policy, seen, &judgement.duties, now));
    judgement
}

impl Judgement {
    /// Whether a thing that was told broken is seen to be whole. Not finding it is not enough: what
    /// could not be looked at is neither broken nor whole.
    pub fn is_clean(&self, seen: &Seen, whole_fleet: bool, key: &EpisodeKey) -> bool {
        if self.findings.iter().any(|finding| finding.key == *key) || key.kind.is_good_news() {
            return false;
        }
        if key.asset.as_ref().is_some_and(|asset| asset.as_str() == WATCH) {
            return watch::is_clean(seen, key.kind);
        }
        match key.kind {
            Kind::NotTaken | Kind::NotLanded => self.holds(key),
            Kind::Unreadable => whole_fleet,
            Kind::JournalDown => seen.journal.known().is_some(),
            Kind::NotGranted | Kind::Unarmed => seen.setup.is_some(),
            _ => {
                key.asset.as_ref().and_then(|id| seen.assets.get(id)).is_some_and(|view| match key
                    .kind
                {
                    Kind::DrKeyUnusable => view.dr_key.known().is_some(),
                    Kind::UnknownState => {
                        view.points.known().is_some() && view.copies.known().is_some()
                    }
                    Kind::InstanceReplaced => {
                        view.points.known().is_some()
                            && matches!(view.instance.known(), Some(Some(_)))
                    }
                    Kind::InstanceMissing => view.instance.known().is_some(),
                    Kind::WindowElsewhere => {
                        let instance = view.instance.known().and_then(Option::as_ref);
                        instance.is_some_and(|db| db.retention_days != Some(0))
                    }
                    _ => matches!(view.instance.known(), Some(Some(_))),
                })
            }
        }
    }

    fn holds(&self, key: &EpisodeKey) -> bool {
        let same = |duty: &&Duty| {
            duty.kind() == key.kind
                && duty.subject == key.subject
                && key.asset.as_ref() == Some(&duty.asset)
        };
        self.duties.iter().filter(same).any(Duty::holds)
    }
}

fn views<'s>(
    policy: &'s Policy,
    seen: &'s Seen,
) -> impl Iterator<Item = (&'s Asset, &'s AssetSeen)> {
    seen.assets.iter().filter_map(|(id, view)| Some((policy.asset(id)?, view)))
}

/// Broken duties. A day without a point has no copy either: that is told once, as not taken.
fn broken(duties: &[Duty], rpo: Option<Rpo>, now: Timestamp) -> Vec<Finding> {
    let untaken: BTreeSet<&Subject> = duties
        .iter()
        .filter(|duty| duty.what == What::Taken && matches!(duty.state, DutyState::Broken(_)))
        .map(|duty| &duty.subject)
        .collect();
    let told =
        duties.iter().filter(|duty| duty.what == What::Taken || !untaken.contains(&duty.subject));
    told.filter_map(|duty| match &duty.state {
        DutyState::Broken(cause) => Some(broken_duty(duty, cause.clone(), rpo, now)),
        _ => None,
    })
    .collect()
}

fn broken_duty(duty: &Duty, cause: Cause, rpo: Option<Rpo>, now: Timestamp) -> Finding {
    let due = duty.due;
    let found = match duty.what {
        What::Taken => Found::NotTaken { due, cause },
        What::Landed => Found::NotLanded { due, cause },
    };
    let mut finding = found_of(Some(&duty.asset), duty.subject.clone(), found, due.min(now));
    finding.rpo = rpo;
    finding
}

/// Standing conditions of one asset.
fn conditions(policy: &Policy, asset: &Asset, seen: &AssetSeen, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    match seen.instance.known() {
        None => {}
        Some(None) => {
            found.push(Found::InstanceMissing { renamed_to: seen.renamed_to.clone() });
        }
        Some(Some(instance)) => {
            found.extend(of_instance(policy, asset, instance, now));
            found.extend(replaced(asset, instance, seen));
        }
    }
    if let Some(KeyState::Unusable(state)) = seen.dr_key.known() {
        found.push(Found::DrKeyUnusable { key: asset.dr_key.clone(), state: state.clone() });
    }
    let standing = found.into_iter().map(|found| (Subject::Standing, found));
    let strange = strange_states(asset, seen);
    let all = standing.chain(strange);
    all.map(|(subject, found)| found_of(Some(&asset.id), subject, found, now)).collect()
}

fn of_instance(policy: &Policy, asset: &Asset, instance: &Instance, now: Timestamp) -> Vec<Found> {
    let mut found = Vec::new();
    if instance.status.starts_with("inaccessible-encryption-credentials") {
        found.push(Found::KeyInaccessible { status: instance.status.clone() });
    }
    if asset.take == TakenBy::Sonae {
        return found;
    }
    let expected = day::instant(day::of(now, &policy.zone), asset.at, &policy.zone);
    match (instance.retention_days, &instance.window) {
        (Some(0), _) => found.push(Found::BackupsOff),
        (_, Some(window)) if !day::window_holds(window, expected, &policy.zone) => {
            found.push(Found::WindowElsewhere { window: window.clone(), expected });
        }
        _ => {}
    }
    found
}

/// A name can be given to another database; its DbiResourceId cannot.
fn replaced(asset: &Asset, instance: &Instance, seen: &AssetSeen) -> Option<Found> {
    let points = seen.points.known()?;
    let taken = points.iter().filter(|point| kind_of(asset, point).is_some());
    let newest = taken.max_by_key(|point| point.created)?;
    let differs = !newest.resource_id.is_empty()
        && !instance.resource_id.is_empty()
        && newest.resource_id != instance.resource_id;
    differs.then(|| Found::InstanceReplaced {
        now: instance.resource_id.clone(),
        before: newest.resource_id.clone(),
    })
}

/// Points and copies of ours in a state that this version does not know.
fn strange_states(asset: &Asset, seen: &AssetSeen) -> Vec<(Subject, Found)> {
    let points = seen.points.known().into_iter().flatten();
    let points = points.filter(|point| kind_of(asset, point).is_some());
    let copies = seen.copies.known().into_iter().flatten();
    let copies = copies.filter(|copy| copy.tags.contains_key(tags::ASSET));
    points.chain(copies).filter_map(strange).collect()
}

fn strange(point: &Point) -> Option<(Subject, Found)> {
    let State::Other(state) = &point.state else { return None };
    let (point, state) = (point.name.clone(), state.clone());
    let subject = Subject::Point(PointName::new(point.bare()));
    Some((subject, Found::UnknownState { point, state }))
}

/// A role that lacks a key refuses every copy under it, and an alarm that may not send is none.
fn setup(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let Some(setup) = &seen.setup else { return Vec::new() };
    let lacking = |asset: &Asset| {
        let keys = asset.keys().filter(|key| !setup.granted.contains(*key)).cloned().collect();
        Some(keys).filter(|keys: &Vec<String>| !keys.is_empty())
    };
    let mut findings: Vec<Finding> = views(policy, seen)
        .filter_map(|(asset, _)| {
            let found = Found::NotGranted { keys: lacking(asset)? };
            Some(found_of(Some(&asset.id), Subject::Standing, found, now))
        })
        .collect();
    let oldest = seen.journal.known().and_then(Journal::oldest);
    let a_day = SignedDuration::from_hours(24);
    if !setup.armed && oldest.is_some_and(|oldest| now.duration_since(oldest) >= a_day) {
        findings.push(found_of(None, Subject::Standing, Found::Unarmed, now));
    }
    findings
}

/// Failed reads, one finding per call and Region, naming every asset that cannot be judged for it.
fn unreadable(seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let mut reads: BTreeMap<String, (Fault, BTreeSet<AssetId>)> = BTreeMap::new();
    for (id, view) in &seen.assets {
        for fault in view.faults() {
            let read = format!("{}.{}", fault.region, fault.op);
            let (_, assets) = reads.entry(read).or_insert_with(|| (fault.clone(), BTreeSet::new()));
            assets.insert(id.clone());
        }
    }
    let found = reads.into_iter().map(|(read, (fault, assets))| {
        let assets = assets.into_iter().collect();
        found_of(None, Subject::Read(read), Found::Unreadable { fault, assets }, now)
    });
    found.collect()
}

fn journal_down(seen: &Seen, now: Timestamp) -> Option<Finding> {
    let fault = seen.journal.fault()?.clone();
    Some(found_of(None, Subject::Standing, Found::JournalDown { fault }, now))
}

/// Good news, as far as the policy wants to hear it.
fn good_news(policy: &Policy, seen: &Seen, duties: &[Duty], now: Timestamp) -> Vec<Finding> {
    match policy.notify.tell_success {
        TellSuccess::Never => Vec::new(),
        TellSuccess::Each => {
            let fresh = duties
                .iter()
                .filter(|duty| duty.day().is_none_or(|day| is_news(policy, seen, day, now)));
            fresh.filter_map(|duty| point_landed(duty, now)).collect()
        }
        TellSuccess::Night => {
            let days: BTreeSet<Date> = duties.iter().filter_map(Duty::day).collect();
            let days = days.into_iter().filter(|day| is_news(policy, seen, *day, now));
            days.filter_map(|day| night(policy, seen, duties, day, now)).collect()
        }
    }
}

/// A past day is news only if it was watched while it lasted: a new or a lost journal must not bring
/// days of mail again.
fn is_news(policy: &Policy, seen: &Seen, day: Date, now: Timestamp) -> bool {
    let oldest = seen.journal.known().and_then(Journal::oldest);
    let watched = oldest.is_some_and(|oldest| day::of(oldest, &policy.zone) <= day);
    watched || day == day::of(now, &policy.zone)
}

fn point_landed(duty: &Duty, now: Timestamp) -> Option<Finding> {
    if duty.what != What::Landed {
        return None;
    }
    let met = duty.met()?.clone();
    let found = Found::PointLanded { met };
    Some(found_of(Some(&duty.asset), duty.subject.clone(), found, now))
}

/// A night is complete when every asset of the policy that owes this day has landed it.
fn night(
    policy: &Policy,
    seen: &Seen,
    duties: &[Duty],
    day: Date,
    now: Timestamp,
) -> Option<Finding> {
    let owing = policy.assets.iter().filter(|asset| asset.since <= day);
    if owing.clone().any(|asset| !seen.assets.contains_key(&asset.id)) {
        return None;
    }
    let of_day = |asset: &Asset| {
        let mut landed = duties.iter().filter(|duty| {
            duty.asset == asset.id && duty.day() == Some(day) && duty.what == What::Landed
        });
        let duty = landed.next()?;
        Some((duty.asset.clone(), duty.met()?.clone()))
    };
    let landed: Vec<_> = owing.clone().map(of_day).collect::<Option<_>>()?;
    let due = owing.map(|asset| day::instant(day, asset.landed_by, &policy.zone)).max()?;
    Some(found_of(None, Subject::Day(day), Found::NightComplete { landed, due }, now))
}

fn found_of(asset: Option<&AssetId>, subject: Subject, what: Found, since: Timestamp) -> Finding {
    let key = EpisodeKey { asset: asset.cloned(), kind: what.kind(), subject };
    Finding { key, severity: what.severity(), what, since, rpo: None }
}

impl AssetSeen {
    /// The reads of this asset that failed.
    pub fn faults(&self) -> Vec<&Fault> {
        let Self { instance, points, copies, dr_key, .. } = self;
        let faults = [instance.fault(), points.fault(), copies.fault(), dr_key.fault()];
        faults.into_iter().flatten().collect()
    }
}
