//! What is told of a PostgreSQL host by the check, in both languages.

use crate::fixture::at;
use crate::host_schedule::policy as clinic;
use crate::notices::book;
use domain::duty::{Cause, HostCause, Met};
use domain::episode::{EpisodeKey, Kind, NoticeKey, Subject, Word};
use domain::finding::{Finding, Found};
use domain::host::lag::Worst;
use domain::host::run::{How, Job};
use domain::host::wal::Segment;
use domain::id::{AssetId, PointName};
use domain::notice::{self, Notice};
use domain::policy::{Language, Policy};
use insta::assert_snapshot;
use jiff::civil::date;
use std::collections::BTreeSet;

fn policy(language: Language) -> Policy {
    let mut policy = clinic("");
    policy.language = language;
    policy
}

fn failed() -> How {
    How::Failed { why: "pgBackRest ended with 82: a segment was not archived in 60 s".to_owned() }
}

fn all() -> Vec<Finding> {
    let due = at("2026-11-23T22:30:00Z");
    let last = Some(at("2026-11-23T16:00:00Z"));
    let of_day = |cause| Found::NotLanded { due, cause: Cause::Host(cause) };
    let late = |job, last| Found::HostLate { job, last };
    let causes = [
        HostCause::Silent(last),
        HostCause::Silent(None),
        HostCause::NotMade(None),
        HostCause::NotMade(Some(failed())),
        HostCause::NotMade(Some(How::Killed)),
        HostCause::NotInBucket("20261124-020003F".to_owned()),
    ];
    let others = [
        Found::HostSilent { last },
        Found::HostSilent { last: None },
        Found::HostBehind {
            seconds: 912,
            gap: None,
            trouble: Some("S3 is not reached".to_owned()),
        },
        Found::HostBehind {
            seconds: 0,
            gap: Segment::parse("000000010000000000000005"),
            trouble: None,
        },
        late(Job::Differential, None),
        late(Job::Logical, Some(failed())),
        late(Job::Verify, Some(How::Killed)),
        late(Job::Verify, Some(failed())),
        late(Job::Expire, Some(failed())),
        Found::HostPolicy { host: "a".repeat(64), ours: "b".repeat(64) },
    ];
    causes.map(of_day).into_iter().chain(others).map(finding).collect()
}

fn finding(what: Found) -> Finding {
    let subject = match &what {
        Found::NotLanded { .. } => Subject::Day(date(2026, 11, 24)),
        Found::HostLate { job, .. } => Subject::item(job.word()),
        _ => Subject::Standing,
    };
    let key = EpisodeKey { asset: Some(AssetId::new("dental")), kind: what.kind(), subject };
    let since = at("2026-11-23T20:30:00Z");
    Finding { key, severity: what.severity(), what, since, rpo: None }
}

fn notices(language: Language) -> Vec<Notice> {
    let (policy, now) = (policy(language), at("2026-11-23T22:30:00Z"));
    let key = |finding: &Finding, word| NoticeKey { episode: finding.key.clone(), n: 1, word };
    let broken = all();
    let said = broken.iter().map(|f| notice::broken(&policy, key(f, Word::Said), f, now));
    let kinds: BTreeSet<Kind> = broken.iter().map(|f| f.key.kind).collect();
    let ended = kinds.into_iter().map(|kind| {
        let finding = broken.iter().find(|f| f.key.kind == kind).expect("one of each");
        notice::repaired(&policy, key(finding, Word::Repaired), now)
    });
    said.chain(ended).collect()
}

#[test]
fn every_notice_of_a_host_in_japanese() {
    assert_snapshot!("of_hosts_ja", book(&notices(Language::Ja)));
}

#[test]
fn every_notice_of_a_host_in_english() {
    assert_snapshot!("of_hosts_en", book(&notices(Language::En)));
}

/// A host's backup is no copy in dr, and is not counted as one.
fn complete(language: Language, more: &[&str]) -> String {
    let met = |name: &str| Met {
        name: PointName::new(name),
        source: "arn".to_owned(),
        created: at("2026-11-23T17:00:03Z"),
        stored: None,
        size_gib: None,
        recovered: false,
    };
    let mut landed: Vec<_> = more.iter().map(|id| (AssetId::new(*id), met("copy-dr"))).collect();
    landed.push((AssetId::new("dental"), met("20261124-020003F")));
    let what = Found::NightComplete { landed, due: at("2026-11-23T22:30:00Z") };
    let key =
        EpisodeKey { asset: None, kind: what.kind(), subject: Subject::Day(date(2026, 11, 24)) };
    let now = at("2026-11-23T17:15:00Z");
    let found =
        Finding { key: key.clone(), severity: what.severity(), what, since: now, rpo: None };
    let key = NoticeKey { episode: key, n: 1, word: Word::Said };
    notice::broken(&policy(language), key, &found, now).body
}

#[test]
fn a_night_says_what_stands_where() {
    let texts = [Language::En, Language::Ja]
        .map(|language| [complete(language, &[]), complete(language, &["kaigo"])].join("\n"));
    assert_snapshot!("night_with_a_host", texts.join("\n"));
}

/// A moment in which nobody looked is told, too: a check comes every quarter of an hour.
#[test]
fn the_worst_lag_is_remembered_for_a_quarter_of_an_hour() {
    let mut worst = Worst::default();
    let mut check = |time: &str, seconds: Option<i64>, expected: Option<i64>| {
        assert_eq!(worst.note(at(time), seconds), expected, "{time}");
    };
    check("2026-11-23T20:00:00Z", None, None);
    check("2026-11-23T20:01:00Z", Some(20), Some(20));
    check("2026-11-23T20:02:00Z", Some(95), Some(95));
    check("2026-11-23T20:03:00Z", Some(10), Some(95));
    check("2026-11-23T20:15:00Z", Some(12), Some(95));
    check("2026-11-23T20:29:59Z", Some(11), Some(95));
    check("2026-11-23T20:30:00Z", Some(11), Some(12));
    check("2026-11-23T22:00:00Z", Some(7), Some(7));
}
