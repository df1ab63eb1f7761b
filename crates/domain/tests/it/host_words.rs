//! What a chat is told of a run, in both languages.

use crate::host_schedule::{at, policy};
use domain::host::event::Told;
use domain::host::run::{End, How, Job, Run};
use domain::policy::Language;
use insta::assert_snapshot;
use jiff::tz::TimeZone;

fn told(end: Option<How>) -> Told {
    let policy = policy("");
    let run = Run::new(Job::Full, at("2026-11-23T17:00:00Z"));
    let end = end.map(|how| End { at: at("2026-11-23T17:00:12.500Z"), how });
    let id = run.id();
    Told {
        schema: 1,
        host: policy.hosts[0].id.clone(),
        system: policy.system,
        policy: policy.hash,
        run,
        id,
        end,
    }
}

fn tokyo() -> TimeZone {
    TimeZone::get("Asia/Tokyo").expect("bundled")
}

#[test]
fn each_end_of_a_run_has_its_line() {
    let detail = "20261124-020000F (35 MiB, 7 MiB stored); in the bucket, 20 objects".to_owned();
    let why = "PostgreSQL was not reached at `/var/run/postgresql/.s.PGSQL.5432`: no answer within 5 seconds".to_owned();
    let ends =
        [None, Some(How::Succeeded { detail }), Some(How::Failed { why }), Some(How::Killed)];
    let lines = [Language::En, Language::Ja].map(|language| {
        let lines = ends.iter().map(|end| told(end.clone()).line(language, &tokyo()));
        lines.collect::<Vec<_>>().join("\n")
    });
    assert_snapshot!(lines.join("\n\n"));
}

/// 02:00 in Tokyo is of the day that Tokyo has.
#[test]
fn the_journal_keeps_a_run_under_its_day() {
    let path = told(Some(How::Killed)).path(&tokyo());
    assert_eq!(path, "hosts/dental/2026-11-24/20261123T170000000Z-full/killed.json");
}
