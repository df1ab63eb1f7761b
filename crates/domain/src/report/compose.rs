//! From what a round saw and judged to the page of the day.

use super::buckets;
use super::preflight::preflight;
use super::rows::{Source, day_of};
use super::{
    BucketRow, Listeners, Month, Orphan, Over, Past, Problem, Proven, QuotaLine, Report, Row,
    Stranger, Trend, Verdict,
};
use crate::day;
use crate::duty::{Duty, newest_copy};
use crate::episode::Subject;
use crate::finding::{Finding, Severity};
use crate::id::{AssetId, Family};
use crate::journal::Journal;
use crate::notice;
use crate::policy::Policy;
use crate::seen::{BackedSeen, Daily, Database, Quota, Read, Seen, Tally, Topic};
use crate::sweep::cost_at_most;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Makes the report of today.
pub fn compose(
    policy: &Policy,
    seen: &Seen,
    duties: &[Duty],
    findings: &[Finding],
    now: Timestamp,
) -> Report {
    let today = day::of(now, &policy.zone);
    let before = seen.daily.as_ref().map(|daily| &daily.before);
    let past = before.and_then(|before| before.known()?.as_ref());
    let preflight = preflight(policy, seen, duties, findings, now);
    let (duties, trend) = rows(policy, seen, duties, past, now);
    let views = || seen.assets.values();
    let kept = (
        views().map(|view| u64::from(view.in_dr.points)).sum(),
        views().map(|view| view.in_dr.gib).sum(),
    );
    let month = Month::of(&trend, kept, policy);
    let days = duties.iter().filter(|row| row.subject.parse::<Date>().is_ok());
    let mut report = Report {
        schema: 1,
        system: policy.system.clone(),
        day: today,
        at: now,
        zone: policy.zone_name.clone(),
        home: policy.home.clone(),
        dr: policy.dr.clone(),
        policy: policy.hash.clone(),
        number: before.and_then(Read::known).map(number),
        before: past.map(|past| past.day),
        severity: Severity::Info,
        unread: seen.daily.as_ref().map(unread).unwrap_or_default(),
        problems: problems(policy, seen, findings, now),
        buckets: buckets::rows(policy, seen),
        preflight,
        proven: Proven::of(days),
        month,
        unprotected: seen.daily.as_ref().and_then(strangers),
        quotas: seen.quotas.iter().filter_map(Read::known).map(quota).collect(),
        orphans: seen.daily.as_ref().map(orphans).unwrap_or_default(),
        topics: listeners(seen, past),
        trend,
        duties,
        journal: seen.setup.as_ref().map(|setup| setup.journal.clone()).unwrap_or_default(),
    };
    report.severity = severity(&report, past);
    report
}

fn number(past: &Option<Past>) -> u32 {
    past.as_ref().map_or(1, |past| past.number.saturating_add(1))
}

/// The topics' are findings of their own.
fn unread(daily: &Daily) -> Vec<String> {
    let strangers = daily.strangers.iter().filter_map(Read::fault);
    daily.before.fault().into_iter().chain(strangers).map(ToString::to_string).collect()
}

/// The rows of each asset's newest day and of its manual points, worst first, and the trend.
fn rows(
    policy: &Policy,
    seen: &Seen,
    duties: &[Duty],
    past: Option<&Past>,
    now: Timestamp,
) -> (Vec<Row>, Trend) {
    let today = day::of(now, &policy.zone);
    let of_assets = policy.assets.iter().map(|asset| (&asset.id, asset.rpo));
    let of_hosts = policy.hosts.iter().map(|host| (&host.id, host.rpo));
    let owing: Vec<(&AssetId, SignedDuration)> = of_assets.chain(of_hosts).collect();
    let ids: Vec<&AssetId> = owing.iter().map(|(id, _)| *id).collect();
    let mut trend = Trend::until(past.map(|past| &past.trend), today, &ids);
    let mut of_asset: BTreeMap<&AssetId, Vec<&Duty>> = BTreeMap::new();
    for duty in duties {
        of_asset.entry(&duty.asset).or_default().push(duty);
    }
    let mut shown = Vec::new();
    for (id, rpo) in owing {
        if !seen.has(id) {
            continue;
        }
        let newest = match seen.hosts.get(id) {
            Some(host) => host.newest(now),
            None => newest_in_dr(seen, id),
        };
        let source = Source { id, rpo, newest, journal: seen.journal.known(), now };
        let all = source.rows(of_asset.get(id).map(Vec::as_slice).unwrap_or_default());
        for (day, row) in all.iter().filter_map(|(subject, row)| Some((subject.day()?, row))) {
            trend.note(id, day, day_of(row, day == today));
        }
        let newest = all.keys().filter_map(Subject::day).max();
        let is_shown = |subject: &Subject| match subject {
            Subject::Day(day) => Some(*day) == newest,
            _ => true,
        };
        if newest.is_none() {
            shown.push(source.idle());
        }
        shown.extend(all.into_iter().filter(|(subject, _)| is_shown(subject)).map(|(_, row)| row));
    }
    shown.sort_by(|a, b| (a.verdict, &a.asset, &a.subject).cmp(&(b.verdict, &b.asset, &b.subject)));
    (shown, trend)
}

/// When an asset's newest data in dr is from, if dr could be read.
fn newest_in_dr(seen: &Seen, id: &AssetId) -> Option<Option<Timestamp>> {
    let copies = seen.assets.get(id).filter(|view| view.copies.known().is_some()).map(newest_copy);
    let backed = seen.backed.get(id).filter(|view| view.copies.known().is_some());
    copies.or_else(|| backed.map(BackedSeen::newest_copy))
}

/// What this round found, and what is still open of what others found.
fn problems(policy: &Policy, seen: &Seen, findings: &[Finding], now: Timestamp) -> Vec<Problem> {
    let bad = findings.iter().filter(|finding| finding.severity > Severity::Info);
    let journal = seen.journal.known();
    let mut problems: Vec<Problem> =
        bad.clone().map(|finding| found(policy, journal, finding, now)).collect();
    let known: BTreeSet<_> = bad.map(|finding| &finding.key).collect();
    let open = journal.into_iter().flat_map(Journal::all_open);
    let others = open.filter(|(key, ..)| !key.kind.is_news() && !known.contains(key));
    problems.extend(others.map(|(key, _, episode)| Problem {
        severity: Severity::Warning,
        kind: key.kind.word().to_owned(),
        asset: key.asset.clone(),
        subject: key.subject.to_string(),
        headline: notice::still_open(policy, key),
        fix: None,
        since: episode.since().unwrap_or(now),
    }));
    problems.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.since.cmp(&b.since)));
    problems
}

fn found(policy: &Policy, journal: Option<&Journal>, finding: &Finding, now: Timestamp) -> Problem {
    let (headline, fix) = notice::headline(policy, finding, now);
    let told = journal.and_then(|journal| journal.open(&finding.key)?.1.since());
    Problem {
        severity: finding.severity,
        kind: finding.key.kind.word().to_owned(),
        asset: finding.key.asset.clone(),
        subject: finding.key.subject.to_string(),
        headline,
        fix,
        since: told.map_or(finding.since, |told| told.min(finding.since)),
    }
}

/// `None` where they could not all be read.
fn strangers(daily: &Daily) -> Option<Vec<Stranger>> {
    let all: Option<Vec<&Vec<Database>>> = daily.strangers.iter().map(Read::known).collect();
    let stranger = |database: &Database| Stranger {
        kind: match database.family {
            Family::Instance => "rds-instance",
            Family::Cluster => "rds-cluster",
        },
        id: database.id.clone(),
        engine: database.engine.clone(),
    };
    Some(all?.into_iter().flatten().map(stranger).collect())
}

fn quota(quota: &Quota) -> QuotaLine {
    QuotaLine {
        region: quota.region.clone(),
        name: Quota::name(quota.family),
        used: quota.used,
        max: quota.max,
        short: quota.is_short(),
    }
}

fn orphans(daily: &Daily) -> Vec<Orphan> {
    let orphan = |(asset, tally): (&String, &Tally)| Orphan {
        asset: asset.clone(),
        points: tally.points,
        allocated_gib: tally.gib,
        oldest: tally.oldest,
        usd_at_most: cost_at_most(tally.gib),
    };
    daily.strays.iter().map(orphan).collect()
}

fn listeners(seen: &Seen, past: Option<&Past>) -> Vec<Listeners> {
    let before = |region| {
        let known = past.into_iter().flat_map(|past| &past.topics);
        known.filter(|topic| topic.region == region).map(|topic| topic.confirmed).next()
    };
    let one = |topic: &Topic| Listeners {
        region: topic.region.clone(),
        confirmed: topic.confirmed,
        before: before(topic.region.clone()),
    };
    seen.topics().map(one).collect()
}

/// The worst of what is wrong today. A month's figure counts on the day that it passes its threshold:
/// one missed night must not make thirty mornings critical.
fn severity(report: &Report, past: Option<&Past>) -> Severity {
    let was_over = |word: &str| past.is_some_and(|past| past.month.over.iter().any(|w| w == word));
    let passed = report.month.over.iter().filter(|over| !was_over(over.word()));
    let of_month = passed.map(|over| match over {
        Over::Success => Severity::Critical,
        Over::Duration | Over::Storage => Severity::Warning,
    });
    let unsafe_ones = report.unprotected.as_ref().is_some_and(|all| !all.is_empty());
    let warned = unsafe_ones || report.shrunk().is_some() || !report.unread.is_empty();
    let rows = report.duties.iter().map(|row: &Row| Verdict::severity(row.verdict));
    let problems = report.problems.iter().map(|problem| problem.severity);
    let warned = if warned { Severity::Warning } else { Severity::Info };
    let buckets = report.buckets.iter().map(BucketRow::severity);
    rows.chain(buckets)
        .chain(problems)
        .chain(of_month)
        .chain([warned])
        .max()
        .unwrap_or(Severity::Info)
}
