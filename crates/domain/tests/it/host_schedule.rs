//! A host's policy, and what of it is due.

use domain::host::pulse::last_of_each;
use domain::host::run::{End, How, Job, Past, Run};
use domain::host::schedule::{Due, due, late};
use domain::policy::{Host, Policy, parse};
use jiff::{SignedDuration, Timestamp};

/// A policy with one host, with more lines in it.
pub(crate) fn policy(more: &str) -> Policy {
    parse(&text(more)).expect("a good policy")
}

pub(crate) fn host(more: &str) -> Host {
    policy(more).hosts.remove(0)
}

fn text(more: &str) -> String {
    format!(
        "version = 1\nsystem = \"dental-clinic\"\nhome = \"ap-northeast-1\"\ndr = \"ap-northeast-3\"\nzone = \"Asia/Tokyo\"\n\
         language = \"ja\"\n[notify]\nemail = [\"it@example.com\"]\n[[asset]]\nkind = \"postgres-host\"\nid = \"dental\"\n\
         bucket = \"dental-backups\"\ndata = \"/var/lib/postgresql/15/main\"\n\
         key = \"arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555\"\n{more}"
    )
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn past(job: Job, started: &str, how: How) -> Past {
    let end = End { at: at(started) + SignedDuration::from_mins(1), how };
    Past { run: Run::new(job, at(started)), end: Some(end) }
}

fn done(job: Job, started: &str) -> Past {
    past(job, started, How::Succeeded { detail: String::new() })
}

/// Everything of a week up to Tuesday 2026-11-24, noon in Tokyo.
fn week() -> Vec<Past> {
    vec![
        done(Job::Logical, "2026-11-21T19:00:00Z"),
        done(Job::Full, "2026-11-23T17:00:00Z"),
        done(Job::Verify, "2026-11-23T20:30:00Z"),
        done(Job::Differential, "2026-11-23T23:00:00Z"),
    ]
}

fn check(past: &[Past], now: &str, wanted: Option<(Job, &str)>) {
    let policy = policy("");
    let found = due(&policy.hosts[0], &policy.zone, past, at(now));
    let wanted = wanted.map(|(job, slot)| Due { job, slot: at(slot) });
    assert_eq!(found, wanted, "at {now}");
}

/// The seed's times are meant in Tokyo: 02:00 is 17:00 UTC of the day before (seed error 23).
#[test]
fn what_is_due_is_due_in_the_policys_zone() {
    check(&week(), "2026-11-24T03:00:00Z", None);
    check(&week(), "2026-11-24T04:59:59Z", None);
    check(&week(), "2026-11-24T05:00:00Z", Some((Job::Differential, "2026-11-24T05:00:00Z")));
    check(&week(), "2026-11-24T17:00:00Z", Some((Job::Full, "2026-11-24T17:00:00Z")));
}

#[test]
fn a_host_that_was_off_takes_up_once_what_it_missed() {
    let now = "2026-11-28T03:00:00Z";
    let mut past = week();
    check(&past, now, Some((Job::Full, "2026-11-27T17:00:00Z")));
    past.push(done(Job::Full, now));
    // The full backup meets the differential slot before it, too.
    check(&past, "2026-11-28T03:01:00Z", Some((Job::Verify, "2026-11-27T20:30:00Z")));
    past.push(done(Job::Verify, "2026-11-28T03:01:00Z"));
    check(&past, "2026-11-28T03:02:00Z", None);
}

#[test]
fn a_new_host_begins_with_a_full_backup() {
    check(&[], "2026-11-24T03:00:00Z", Some((Job::Full, "2026-11-23T17:00:00Z")));
}

#[test]
fn a_failure_is_tried_again_later_and_later_and_a_killed_run_like_one() {
    let failed = || How::Failed { why: "no room".to_owned() };
    let slot = Some((Job::Differential, "2026-11-24T05:00:00Z"));
    let mut past_runs = week();
    past_runs.push(past(Job::Differential, "2026-11-24T05:00:00Z", failed()));
    check(&past_runs, "2026-11-24T05:10:59Z", None);
    check(&past_runs, "2026-11-24T05:11:00Z", slot);
    past_runs.push(past(Job::Differential, "2026-11-24T05:11:00Z", How::Killed));
    check(&past_runs, "2026-11-24T05:31:59Z", None);
    check(&past_runs, "2026-11-24T05:32:00Z", slot);
}

/// A record from a clock that ran ahead must not stand in the way of every run until then.
#[test]
fn a_run_of_a_clock_that_was_wrong_meets_nothing() {
    let past = [done(Job::Full, "2031-01-01T00:00:00Z")];
    check(&past, "2026-11-24T03:00:00Z", Some((Job::Full, "2026-11-23T17:00:00Z")));
}

#[test]
fn what_does_not_fit_is_refused_with_all_its_problems() {
    let bad = text(
        "full = { at = \"2 am\", keep = \"30 days\" }\ndifferential = { every = \"5 h\", keep = \"7 days\" }\n\
         socket = \"run\"\nport = 0\nchat = \"all\"\nlogical = { on = \"someday\", at = \"04:00\", keep = \"90 days\" }\n",
    );
    let problems = parse(&bad).expect_err("a bad policy").0;
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    let wanted = ["socket", "port", "full", "differential", "logical", "chat"];
    assert_eq!(paths, wanted.map(|key| format!("asset[0].{key}")));
    let long = text("differential = { every = \"6 h\", keep = \"31 days\" }\n");
    assert!(
        parse(&long).expect_err("longer than its full one").to_string().contains("worth nothing")
    );
    let there = text("").replace("ap-northeast-1:123", "ap-northeast-3:123");
    assert!(parse(&there).expect_err("a key elsewhere").to_string().contains("home Region"));
}

/// A segment that is closed after as long as may be lost would be archived and mirrored too late.
#[test]
fn a_segment_closes_in_half_of_what_may_be_lost() {
    for (rpo, seconds) in [("1 min", 30), ("5 min", 60), ("2 min", 60)] {
        let host = host(&format!("rpo = \"{rpo}\"\n"));
        assert_eq!(host.archive_timeout().as_secs(), seconds, "{rpo}");
    }
}

fn check_late(past: &[Past], now: &str, expected: &[(Job, Option<&str>)]) {
    let policy = policy("");
    let found = late(&policy.hosts[0], &policy.zone, past, at(now));
    let found: Vec<_> = found.iter().map(|l| (l.job, l.last.as_ref().map(How::word))).collect();
    assert_eq!(found, expected, "at {now}");
}

/// A day without its timer: nothing fails, and all of it is late an hour after its time.
#[test]
fn what_was_not_made_is_late_an_hour_after_its_time() {
    check_late(&week(), "2026-11-24T03:00:00Z", &[]);
    check_late(&week(), "2026-11-24T05:59:59Z", &[]);
    check_late(&week(), "2026-11-24T06:00:00Z", &[(Job::Differential, None)]);
    let all = [(Job::Full, None), (Job::Differential, None)];
    check_late(&week(), "2026-11-24T18:00:00Z", &all);
    let killed = [&week()[..], &[past(Job::Full, "2026-11-24T17:00:00Z", How::Killed)]].concat();
    let all = [(Job::Full, Some("killed")), (Job::Differential, None)];
    check_late(&killed, "2026-11-24T18:00:00Z", &all);
}

/// A dump of hours is not late while it goes on; one that left no end long ago does not go on.
#[test]
fn a_run_that_goes_on_is_not_late() {
    let started = Past { end: None, ..done(Job::Differential, "2026-11-24T05:00:00Z") };
    let going = [&week()[..], std::slice::from_ref(&started)].concat();
    check_late(&going, "2026-11-24T06:00:00Z", &[]);
    check_late(&going, "2026-11-24T10:59:59Z", &[]);
    let verify = done(Job::Verify, "2026-11-24T20:30:00Z");
    let full = Past { end: None, ..done(Job::Full, "2026-11-24T17:00:00Z") };
    let stuck = [&week()[..], &[full, verify]].concat();
    let all = [(Job::Full, None), (Job::Differential, None)];
    check_late(&stuck, "2026-11-25T05:00:00Z", &all);
}

/// It has no slot: it follows each backup, and the newest one counts.
#[test]
fn an_expiry_that_failed_is_late_until_one_succeeds() {
    let why = || How::Failed { why: "denied".to_owned() };
    let failed = [&week()[..], &[past(Job::Expire, "2026-11-24T01:00:00Z", why())]].concat();
    check_late(&failed, "2026-11-24T01:02:00Z", &[(Job::Expire, Some("failed"))]);
    let mended = [&failed[..], &[done(Job::Expire, "2026-11-24T02:00:00Z")]].concat();
    check_late(&mended, "2026-11-24T02:02:00Z", &[]);
}

/// What a pulse carries is enough to judge by, however many runs there were.
#[test]
fn the_last_of_each_job_are_judged_like_all_of_them() {
    let why = || How::Failed { why: "denied".to_owned() };
    let mut past = [week(), week()].concat();
    past.extend([past_of_today(why()), past_of_today(How::Killed)]);
    let last = last_of_each(&past);
    assert!(last.len() <= 2 * Job::ALL.len(), "{last:?}");
    let policy = policy("");
    for now in ["2026-11-24T03:00:00Z", "2026-11-24T06:00:00Z", "2026-11-25T20:00:00Z"] {
        let of = |past: &[Past]| late(&policy.hosts[0], &policy.zone, past, at(now));
        assert_eq!(of(&last), of(&past), "{now}");
    }
}

fn past_of_today(how: How) -> Past {
    past(Job::Differential, "2026-11-24T05:00:00Z", how)
}
