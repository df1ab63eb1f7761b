//! The report of a day: once a morning, numbered, the worst first, of what was seen.

use crate::night::{Drive, ID, KEY, asset, at, dr, home, policy_over, policy_with, sim, sim_of};
use domain::finding::Severity;
use domain::policy::parse;
use domain::report::{Report, Verdict};
use insta::assert_snapshot;
use model::{ApiError, Scripted, Sim};
use serde_json::Value;

/// The report that the look of a morning makes.
fn report_at(sim: &Sim, time: &str) -> Report {
    let before = at(time) - domain::day::TICK;
    sim.check_until(&before.to_string());
    sim.until(time);
    sim.check().report.expect("a report is due")
}

fn json(sim: &Sim, day: &str) -> Value {
    let account = sim.account.borrow();
    let key = (Sim::JOURNAL.to_owned(), format!("reports/{day}.json"));
    serde_json::from_slice(&account.objects[&key].body).expect("JSON")
}

/// The whole policy of the nights, with sections of its own.
fn sim_with(language: &str, sections: &str) -> Sim {
    let text = format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"{language}\"\n{sections}\n\
         [defaults]\nsince = 2025-01-15\ndr_key = \"{KEY}\"\n{}",
        asset("rds-instance", ID, "")
    );
    sim_of(parse(&text).expect("a good policy"))
}

#[test]
fn a_quiet_morning_in_english() {
    let sim = sim();
    sim.check_until("2025-01-15T23:30:00Z");
    let reports = sim.reports();
    assert_eq!(reports.len(), 2, "one a morning");
    assert_snapshot!(format!("{}\n\n{}", reports[1].subject, reports[1].body));
}

#[test]
fn a_quiet_morning_in_japanese() {
    let sim =
        sim_with("ja", "[notify]\nemail = [\"ops@example.com\"]\n[budget]\nstorage_gib = 2000");
    sim.check_until("2025-01-15T23:30:00Z");
    let reports = sim.reports();
    assert_snapshot!(format!("{}\n\n{}", reports[1].subject, reports[1].body));
}

#[test]
fn a_bad_morning_in_japanese() {
    let sim = sim_with("ja", "[notify]\nemail = [\"ops@example.com\"]");
    sim.check_until("2025-01-15T12:00:00Z");
    let refused = Scripted::Refuse(ApiError::denied("rds:CopyDBSnapshot"));
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, refused);
    sim.account.borrow_mut().add_instance(&home(), "new-orders", "18:00-18:30");
    sim.check_until("2025-01-15T23:30:00Z");
    let reports = sim.reports();
    assert_snapshot!(format!("{}\n\n{}", reports[1].subject, reports[1].body));
}

/// What is told is written down first, as a page and for machines.
#[test]
fn the_page_and_the_record_lie_in_the_journal() {
    let sim = sim();
    let report = report_at(&sim, "2025-01-14T23:00:00Z");
    assert_eq!((report.proven.expected, report.proven.home, report.proven.dr), (1, 1, 1));
    assert_eq!(report.severity, Severity::Info);
    let written = json(&sim, "2025-01-15");
    assert_eq!(written["schema"], 1);
    assert_eq!(written["duties"][0]["verdict"], "held");
    assert_eq!(written["trend"]["assets"][ID]["held"], "h");
    let account = sim.account.borrow();
    let page = &account.objects[&(Sim::JOURNAL.to_owned(), "reports/2025-01-15.html".to_owned())];
    let page = std::str::from_utf8(&page.body).expect("UTF-8");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg"), "{page}");
    for outside in ["<script", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(outside), "the page needs nothing outside of it: {outside}");
    }
}

/// PageSpace, GitLab: an alert that nobody sends is noticed by its absence only, so every morning one
/// goes the whole way, with a number.
#[test]
fn story_25_every_morning_a_numbered_mail_goes_the_whole_way() {
    let sim = sim();
    sim.check_until("2025-01-18T23:30:00Z");
    let numbers: Vec<bool> = sim
        .reports()
        .iter()
        .zip(1..)
        .map(|(mail, n)| mail.subject.ends_with(&format!("(No. {n})")))
        .collect();
    assert_eq!(numbers, [true; 5]);
}

/// The check was dead for two mornings: the next report says so, and its number goes on.
#[test]
fn story_24_mornings_without_a_report_are_named_by_the_next() {
    let sim = sim();
    sim.check_until("2025-01-15T00:00:00Z");
    sim.until("2025-01-17T22:45:00Z");
    let report = report_at(&sim, "2025-01-17T23:00:00Z");
    assert_eq!(
        (report.number, report.before.map(|day| day.to_string())),
        (Some(2), Some("2025-01-15".to_owned()))
    );
    let mail = sim.reports().pop().expect("a mail");
    assert!(
        mail.body.contains("No report was made between 2025-01-15 and 2025-01-18"),
        "{}",
        mail.body
    );
}

/// "Failed since the last success" is silent where there never was one.
#[test]
fn story_26_a_database_that_never_landed_is_never_zero() {
    let sim = sim();
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, Scripted::CopyDies);
    let report = report_at(&sim, "2025-01-14T23:00:00Z");
    assert_eq!(report.severity, Severity::Critical);
    let row = &report.duties[0];
    assert_eq!((row.verdict, row.age_minutes), (Verdict::Broken, None));
    assert_eq!((report.month.owed, report.month.held, report.month.missed), (1, 0, 1));
    assert_eq!(json(&sim, "2025-01-15")["duties"][0]["age_minutes"], Value::Null);
}

/// RDS skips a backup under load and raises no event.
#[test]
fn story_28_a_skipped_backup_is_a_row_and_a_problem() {
    let sim = sim();
    sim.check_until("2025-01-15T12:00:00Z");
    let skipped = at("2025-01-15T18:00:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    crate::night::each_db(&sim, |db| _ = db.skips.insert(skipped));
    let report = report_at(&sim, "2025-01-15T23:00:00Z");
    assert_eq!((report.proven.home, report.proven.dr), (0, 0));
    assert_eq!(report.duties[0].verdict, Verdict::Broken);
    assert_eq!(report.duties[0].age_minutes, Some(28 * 60 + 55), "of the night before");
    assert_eq!(report.problems[0].kind, "not-taken");
}

/// A mail of a thousand lines is cut by SNS or by the reader: failures first, the rest counted.
#[test]
fn story_33_a_thousand_assets_make_forty_lines_the_worst_first() {
    let many: String =
        (0..1000).map(|n| asset("rds-instance", &format!("db-{n:04}"), "")).collect();
    let sim = sim_of(policy_over("", &many));
    {
        let mut account = sim.account.borrow_mut();
        (account.in_flight_limit, account.manual_quota) = (2000, 2000);
        let dies = Scripted::CopyDies;
        account.script("rds:CopyDBSnapshot", None, "db-0777", u32::MAX, dies);
    }
    let report = report_at(&sim, "2025-01-14T23:00:00Z");
    let mail = sim.reports().pop().expect("a mail");
    assert!(mail.body.lines().count() <= 40, "{}", mail.body);
    assert!(mail.body.contains("MISSED db-0777"), "{}", mail.body);
    assert!(mail.body.contains(".. and 997 more"), "{}", mail.body);
    assert!(mail.subject.contains("999 of 1000 landed"), "{}", mail.subject);
    assert_eq!(report.duties.len(), 1000);
}

/// Copies that nobody needs any more cost money until somebody sees them.
#[test]
fn story_15_copies_without_an_asset_are_reported_with_their_cost() {
    let sim = sim();
    let gone =
        policy_over("", &(asset("rds-instance", ID, "") + &asset("rds-instance", "retired", "")));
    {
        let mut account = sim.account.borrow_mut();
        account.add_instance(&home(), "retired", "18:00-18:30");
        let asset = gone.asset_of(domain::id::Family::Instance, "retired").expect("there");
        account.put_night(&gone, asset, at("2024-12-01T18:05:00Z"));
        account.databases.retain(|(.., id), _| id != "retired");
    }
    let report = report_at(&sim, "2025-01-14T23:00:00Z");
    let [orphan] = report.orphans.as_slice() else { panic!("{:?}", report.orphans) };
    assert_eq!((orphan.asset.as_str(), orphan.points), ("retired", 1));
    assert!(orphan.usd_at_most > 0, "{orphan:?}");
    assert_eq!(report.month.copies, 1, "no copy of ours");
}

#[test]
fn databases_in_no_policy_are_reported() {
    let found = |discover: &str| {
        let notify = "[notify]\nemail = [\"ops@example.com\"]";
        let sim = sim_with("en", &format!("{notify}\n{discover}"));
        {
            let mut account = sim.account.borrow_mut();
            account.add_instance(&home(), "scratch-1", "18:00-18:30");
            account.add_instance(&home(), "member", "18:00-18:30").shown.member_of =
                Some("orders".to_owned());
            let tags = &mut account.add_cluster(&home(), "orders", "18:00-18:30").tags;
            tags.insert("backup".to_owned(), "required".to_owned());
        }
        let report = report_at(&sim, "2025-01-14T23:00:00Z");
        let ids = report.unprotected.iter().flatten().map(|one| one.id.clone());
        (ids.collect::<Vec<_>>().join(" "), report.severity)
    };
    let (warning, info) = (Severity::Warning, Severity::Info);
    assert_eq!(found(""), ("scratch-1 orders".to_owned(), warning));
    assert_eq!(found("[discover]\nignore = [\"scratch-*\"]"), ("orders".to_owned(), warning));
    assert_eq!(found("[discover]\ntag = \"backup=required\""), ("orders".to_owned(), warning));
    assert_eq!(found("[discover]\nignore = [\"scratch-1\", \"orders\"]"), (String::new(), info));
}

/// What was not read is neither empty nor fine.
#[test]
fn databases_that_could_not_be_listed_are_unread() {
    let sim = sim();
    let denied = Scripted::Refuse(ApiError::denied("rds:DescribeDBClusters"));
    sim.account.borrow_mut().script("rds:DescribeDBClusters", None, "", u32::MAX, denied);
    assert_eq!(report_at(&sim, "2025-01-14T23:00:00Z").unprotected, None);
    assert!(sim.reports()[0].body.contains("In no policy: could not be read"));
}

/// A colleague left, and with the address went half of who hears.
#[test]
fn fewer_listeners_are_told_through_both_topics() {
    let sim = sim();
    let listen = |confirmed| {
        let mut account = sim.account.borrow_mut();
        let topic = account.topic(&home());
        account.listeners.insert(topic, (confirmed, 0));
    };
    listen(2);
    sim.check_until("2025-01-15T12:00:00Z");
    listen(1);
    let report = report_at(&sim, "2025-01-15T23:00:00Z");
    assert_eq!(report.severity, Severity::Warning);
    let account = sim.account.borrow();
    let through_dr = &account.outbox[&account.topic(&dr())];
    assert_eq!(through_dr.len(), 1);
    assert!(through_dr[0].body.contains("us-east-1 1 listening, yesterday 2"), "{through_dr:?}");
}

/// Without the journal nothing says whether it went out: once, at its hour, and not every quarter.
#[test]
fn without_the_journal_it_goes_out_at_its_hour_only() {
    let sim = sim();
    let denied = Scripted::Refuse(ApiError::denied("s3:ListBucket"));
    sim.account.borrow_mut().script("s3:ListBucket", None, "", u32::MAX, denied);
    sim.check_until("2025-01-15T14:00:00Z");
    assert_eq!(sim.reports().len(), 1);
    assert!(sim.reports()[0].body.contains("the journal cannot be read"));
}

#[test]
fn a_missed_hour_is_made_up_for() {
    let sim = sim();
    sim.check_until("2025-01-14T22:45:00Z");
    sim.until("2025-01-15T01:50:00Z");
    sim.check_until("2025-01-15T05:00:00Z");
    assert_eq!(sim.reports().len(), 1, "at the first look after it");
}

#[test]
fn only_bad_mornings_are_told_where_the_policy_wants_it() {
    let sim = sim_with("en", "[notify]\nemail = [\"ops@example.com\"]\nreport = \"problems\"");
    sim.check_until("2025-01-15T12:00:00Z");
    assert!(sim.reports().is_empty());
    assert_eq!(json(&sim, "2025-01-15")["number"], 1, "written all the same, once");
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, Scripted::CopyDies);
    sim.check_until("2025-01-15T23:30:00Z");
    assert_eq!(sim.reports().len(), 1);
    assert!(sim.reports()[0].subject.contains("(No. 2)"));
}

/// One missed night is critical on its morning, and a figure of the month for thirty days.
#[test]
fn a_missed_night_makes_one_morning_critical_and_stays_in_the_month() {
    let sim = sim_of(policy_with("catch_up = \"1 day\""));
    sim.check_until("2025-01-15T12:00:00Z");
    let skipped = at("2025-01-15T18:00:00Z").to_zoned(jiff::tz::TimeZone::UTC).date();
    crate::night::each_db(&sim, |db| _ = db.skips.insert(skipped));
    assert_eq!(report_at(&sim, "2025-01-15T23:00:00Z").severity, Severity::Critical);
    let next = report_at(&sim, "2025-01-25T23:00:00Z");
    assert_eq!((next.month.owed, next.month.held, next.month.missed), (12, 11, 1));
    assert_eq!(next.month.over.len(), 1);
    assert_eq!(next.severity, Severity::Info, "{:?}", next.problems);
    let last = report_at(&sim, "2025-02-20T23:00:00Z");
    assert_eq!((last.trend.days.len(), last.month.owed, last.month.missed), (30, 30, 0));
    assert_eq!(last.number, Some(38));
}

/// A copy that landed at nine is late for ever, and landed.
#[test]
fn a_late_copy_is_late_in_the_trend() {
    let sim = sim();
    sim.account.borrow_mut().in_flight_limit = 0;
    sim.check_until("2025-01-15T00:00:00Z");
    sim.account.borrow_mut().in_flight_limit = 20;
    let report = report_at(&sim, "2025-01-15T23:00:00Z");
    assert_eq!(report.trend.assets[&domain::id::AssetId::new(ID)].held, "lh");
    assert_eq!((report.month.late, report.month.held), (1, 1));
}

/// With a night that ends after eight the report says "not due yet", and the next one how it ended.
#[test]
fn what_is_not_due_is_neither_landed_nor_missed() {
    let sim = sim_of(policy_with("landed_by = \"10:00\""));
    sim.account.borrow_mut().in_flight_limit = 0;
    let report = report_at(&sim, "2025-01-14T23:00:00Z");
    assert_eq!(report.duties[0].verdict, Verdict::NotDue);
    assert_eq!((report.month.owed, report.severity), (0, Severity::Info));
    sim.account.borrow_mut().in_flight_limit = 20;
    let next = report_at(&sim, "2025-01-15T23:00:00Z");
    assert_eq!((next.month.owed, next.month.held), (2, 2));
}

/// A report that does not go on from those before it must not be where the next one begins.
#[test]
fn a_past_that_cannot_be_read_costs_no_history() {
    let sim = sim();
    sim.check_until("2025-01-17T12:00:00Z");
    let denied = Scripted::Refuse(ApiError::denied("s3:GetObject"));
    sim.account.borrow_mut().script("s3:GetObject", None, "reports", u32::MAX, denied);
    let blind = report_at(&sim, "2025-01-17T23:00:00Z");
    assert_eq!((blind.number, blind.severity), (None, Severity::Warning));
    let mail = sim.reports().pop().expect("it is sent all the same");
    let told = ["it has no number", "s3:GetObject"].iter().all(|word| mail.body.contains(word));
    assert!(told, "{}", mail.body);
    sim.account.borrow_mut().unscript("s3:GetObject");
    let next = report_at(&sim, "2025-01-18T23:00:00Z");
    assert_eq!((next.number, next.month.owed), (Some(4), 5), "the days between are judged again");
}

/// An object that nobody understands is no reason to keep no report ever after.
#[test]
fn a_past_that_is_not_understood_is_begun_anew() {
    let sim = sim();
    sim.check_until("2025-01-15T12:00:00Z");
    let key = (Sim::JOURNAL.to_owned(), "reports/2025-01-15.json".to_owned());
    sim.account.borrow_mut().objects.get_mut(&key).expect("there").body = b"{}".to_vec();
    assert_eq!(report_at(&sim, "2025-01-15T23:00:00Z").number, Some(1));
    assert_eq!(report_at(&sim, "2025-01-16T23:00:00Z").number, Some(2));
}

/// A key that waits for its deletion makes every copy under it unreadable, and says nothing by itself: it
/// stands in each morning's report until it is taken back.
#[test]
fn story_10_a_key_that_waits_for_its_deletion_is_in_every_report() {
    let sim = sim();
    sim.check_until("2025-01-15T12:00:00Z");
    sim.account.borrow_mut().keys.insert(KEY.to_owned(), "PendingDeletion".to_owned());
    for morning in ["2025-01-15T23:00:00Z", "2025-01-16T23:00:00Z"] {
        let report = report_at(&sim, morning);
        let key = report.problems.iter().find(|problem| problem.kind == "dr-key-unusable");
        let key = key.expect("it is a problem of the morning");
        assert_eq!(key.severity, Severity::Critical);
        assert!(key.since < at("2025-01-15T14:00:00Z"), "since it was first told: {}", key.since);
        assert!(key.fix.as_ref().is_some_and(|fix| fix.contains("cancel-key-deletion")), "{key:?}");
    }
    sim.account.borrow_mut().keys.insert(KEY.to_owned(), "Enabled".to_owned());
    let report = report_at(&sim, "2025-01-17T23:00:00Z");
    assert!(report.problems.iter().all(|problem| problem.kind != "dr-key-unusable"));
}

/// What was seen stays seen: a morning without dr does not take back the days before it.
#[test]
fn a_morning_that_cannot_look_takes_back_nothing() {
    let sim = sim();
    sim.check_until("2025-01-16T12:00:00Z");
    let silent = Scripted::Silence;
    sim.account.borrow_mut().script("rds:DescribeDBSnapshots", Some(&dr()), "", u32::MAX, silent);
    let report = report_at(&sim, "2025-01-16T23:00:00Z");
    assert_eq!(report.trend.assets[&domain::id::AssetId::new(ID)].held, "hh-");
    assert_eq!((report.month.owed, report.month.held), (2, 2));
}

/// That today's copy is missing makes yesterday's late one no better.
#[test]
fn a_late_day_stays_late_when_the_next_one_is_missed() {
    let sim = sim();
    sim.account.borrow_mut().in_flight_limit = 0;
    sim.check_until("2025-01-15T00:00:00Z");
    sim.account.borrow_mut().in_flight_limit = 20;
    sim.check_until("2025-01-15T12:00:00Z");
    sim.account.borrow_mut().script("rds:CopyDBSnapshot", None, "", u32::MAX, Scripted::CopyDies);
    let report = report_at(&sim, "2025-01-15T23:00:00Z");
    assert_eq!(report.duties[0].verdict, Verdict::Broken);
    assert_eq!(report.trend.assets[&domain::id::AssetId::new(ID)].held, "lm");
}

/// When it landed, only the journal knows; that it did, is seen.
#[test]
fn without_the_journal_a_landed_copy_is_landed_and_not_late() {
    let sim = sim();
    sim.check_until("2025-01-14T22:45:00Z");
    let denied = Scripted::Refuse(ApiError::denied("s3:ListBucket"));
    sim.account.borrow_mut().script("s3:ListBucket", None, "", u32::MAX, denied);
    let report = report_at(&sim, "2025-01-14T23:00:00Z");
    let row = &report.duties[0];
    assert_eq!((row.verdict, row.landed, report.proven.dr), (Verdict::Held, None, 1));
}

/// An asset that joins by day owes its copy from then on: its first report calls nothing late.
#[test]
fn a_first_day_that_begins_at_noon_is_not_late() {
    let sim = sim();
    sim.until("2025-01-15T03:00:00Z");
    sim.check_until("2025-01-15T12:00:00Z");
    let report = report_at(&sim, "2025-01-15T23:00:00Z");
    assert_eq!(report.trend.assets[&domain::id::AssetId::new(ID)].held, "hh");
}
