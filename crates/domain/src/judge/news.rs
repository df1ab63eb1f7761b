//! Good news.

use super::found_of;
use crate::day;
use crate::duty::{Duty, What};
use crate::episode::Subject;
use crate::finding::{Finding, Found};
use crate::journal::Journal;
use crate::policy::{Asset, Policy, TellSuccess};
use crate::seen::Seen;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Good news, as far as the policy wants to hear it.
pub(super) fn good(policy: &Policy, seen: &Seen, duties: &[Duty], now: Timestamp) -> Vec<Finding> {
    match policy.notify.tell_success {
        TellSuccess::Never => Vec::new(),
        TellSuccess::Each => {
            let of = |duty: &Duty| Some(day::of(duty.met()?.created, &policy.zone));
            let is_fresh =
                |duty: &&Duty| of(duty).is_some_and(|day| is_news(policy, seen, day, now));
            duties.iter().filter(is_fresh).filter_map(|duty| point_landed(duty, now)).collect()
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
    if seen.tagged.values().any(|read| read.known().is_none()) {
        return None;
    }
    let owing = policy.assets.iter().filter(|asset| asset.since <= day);
    let of_policy =
        owing.clone().map(|asset| &asset.id).chain(policy.hosts.iter().map(|host| &host.id));
    if of_policy.into_iter().any(|id| !seen.has(id)) {
        return None;
    }
    let of_day = |asset: &Asset| {
        let mut landed = duties.iter().filter(|duty| {
            duty.asset == asset.id && duty.day() == Some(day) && duty.what == What::Landed
        });
        let duty = landed.next()?;
        Some((duty.asset.clone(), duty.met()?.clone()))
    };
    let mut landed: Vec<_> = owing.clone().map(of_day).collect::<Option<_>>()?;
    let due = owing.map(|asset| day::instant(day, asset.landed_by, &policy.zone));
    // A host owes from the day on that it was seen for the first time; what it owes is known by its duties alone.
    let hosted =
        duties.iter().filter(|duty| duty.day() == Some(day) && policy.host(&duty.asset).is_some());
    let due = due.chain(hosted.clone().map(|duty| duty.due)).max()?;
    for duty in hosted {
        landed.push((duty.asset.clone(), duty.met()?.clone()));
    }
    Some(found_of(None, Subject::Day(day), Found::NightComplete { landed, due }, now))
}
