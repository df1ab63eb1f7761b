//! What of a day counts as standing in dr while home is silent, and how it is shown.

use crate::night::{Drive, ID, KEY, asset, at, dr, home, policy_over, policy_with, sim, sim_of};
use crate::watching::{SILENT, both_until, mails_of, missing, told};
use domain::tags;
use jiff::SignedDuration;
use model::{ApiError, Scripted};

/// Landed before home fell silent; or its copy, on its way then, lands by itself.
#[test]
fn what_has_landed_is_not_missing() {
    for last in ["2025-01-14T18:15:00Z", "2025-01-14T21:00:00Z"] {
        let sim = sim();
        both_until(&sim, last, true);
        both_until(&sim, "2025-01-15T12:00:00Z", false);
        assert_eq!(told(&sim), [SILENT], "{last}");
    }
}

/// A failed read is unknown: it is told as that, never as missing.
#[test]
fn copies_that_cannot_be_read_are_not_missing() {
    let late = || Scripted::Refuse(ApiError::new(503, "ServiceUnavailable", "later"));
    let denied = || Scripted::Refuse(ApiError::denied("rds:DescribeDBSnapshots"));
    let unread = "[WARNING] kaigo-subsys-prod: rds:DescribeDBSnapshots in us-west-2 cannot be read";
    for (refusal, first) in [(late(), 15), (denied(), 0)] {
        let sim = sim();
        both_until(&sim, "2025-01-14T18:00:00Z", true);
        let op = "rds:DescribeDBSnapshots";
        sim.account.borrow_mut().script(op, Some(&dr()), "", u32::MAX, refusal);
        both_until(&sim, "2025-01-15T03:00:00Z", false);
        assert_eq!(told(&sim), [SILENT, unread]);
        let mails = mails_of(&sim, &dr());
        let waited = mails[1].at.duration_since(mails[0].at);
        assert_eq!(waited, SignedDuration::from_mins(first), "one that may pass has two looks");
        assert!(mails[0].body.contains("cannot be read: kaigo-subsys-prod"), "{}", mails[0].body);
        sim.account.borrow_mut().unscript(op);
        both_until(&sim, "2025-01-15T06:00:00Z", false);
        let again =
            "[REPAIRED] kaigo-subsys-prod: rds:DescribeDBSnapshots in us-west-2 can be read again";
        assert_eq!(told(&sim)[2..], [missing(ID, "2025-01-15"), again.to_owned()]);
    }
}

/// Nothing of a day before `since` is owed.
#[test]
fn an_asset_that_has_not_begun_owes_nothing() {
    let sim = sim_of(policy_with("since = 2025-01-16"));
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    both_until(&sim, "2025-01-15T14:00:00Z", false);
    assert_eq!(told(&sim), [SILENT]);
    both_until(&sim, "2025-01-15T23:00:00Z", false);
    assert_eq!(told(&sim)[1..], [missing(ID, "2025-01-16")]);
}

/// Beside one that owes, one that does not yet is not in the day's notice.
#[test]
fn an_asset_that_has_not_begun_is_not_listed_with_the_others() {
    let later = asset("rds-instance", "kaigo-later", "since = 2025-01-16");
    let sim = sim_of(policy_over("", &(asset("rds-instance", ID, "") + &later)));
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    both_until(&sim, "2025-01-15T14:00:00Z", false);
    assert_eq!(told(&sim), [SILENT.to_owned(), missing(ID, "2025-01-15")]);
    assert!(!mails_of(&sim, &dr())[1].body.contains("kaigo-later"));
}

/// Of both families, in one notice of the day; one that has landed is not in it.
#[test]
fn instances_and_clusters_are_one_notice_of_the_day() {
    let assets = [
        asset("rds-instance", ID, ""),
        asset("rds-cluster", "kaigo-aurora", ""),
        asset("rds-cluster", "kaigo-late", "landed_by = \"09:00\""),
        asset("rds-instance", "kaigo-done", ""),
    ];
    let policy = policy_over("", &assets.concat());
    let done = policy.assets[3].clone();
    let sim = sim_of(policy.clone());
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    sim.account.borrow_mut().put_night(&policy, &done, at("2025-01-14T18:05:00Z"));
    both_until(&sim, "2025-01-15T06:00:00Z", false);
    assert_eq!(told(&sim), [SILENT.to_owned(), missing("2 assets", "2025-01-15")]);
    let body = &mails_of(&sim, &dr())[1].body;
    for who in ["- kaigo-subsys-prod: none", "- kaigo-aurora: none", "- kaigo-late: none"] {
        assert!(body.contains(who), "{who}: {body}");
    }
    assert!(body.contains("due by 2025-01-15 09:00 JST"), "not overdue, but told: {body}");
    assert!(!body.contains("kaigo-done"), "{body}");
}

/// What dr has, worst first, each asset's newest.
#[test]
fn the_worst_of_what_is_left_comes_first() {
    let assets = ["a-fresh", "b-old", "c-none", "d-older"];
    let policy = policy_over("", &assets.map(|id| asset("rds-instance", id, "")).concat());
    let sim = sim_of(policy.clone());
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    let nights = [(0, "14"), (0, "13"), (1, "12"), (1, "13"), (3, "10"), (3, "11")];
    for (n, day) in nights {
        let taken = at(&format!("2025-01-{day}T18:05:00Z"));
        sim.account.borrow_mut().put_night(&policy, &policy.assets[n], taken);
    }
    both_until(&sim, "2025-01-14T20:00:00Z", false);
    let body = &mails_of(&sim, &dr())[0].body;
    let lines: Vec<&str> = body.lines().filter(|line| line.starts_with("  - ")).collect();
    let expected = [
        "  - c-none: none that can be restored (RPO 24 h)",
        "  - d-older: 73 h 2 min old (beyond the RPO of 24 h)",
        "  - b-old: 25 h 2 min old (beyond the RPO of 24 h)",
        "  - a-fresh: 1 h 2 min old (RPO 24 h)",
    ];
    assert_eq!(lines, expected);
}

/// A manual point's copy is data, and no copy of the day.
#[test]
fn a_manual_points_copy_is_not_the_days() {
    let sim = sim();
    both_until(&sim, "2025-01-14T18:00:00Z", true);
    let tags = [("Purpose".to_owned(), "PreRelease".to_owned())].into();
    let created = sim.account.borrow_mut().create_db_snapshot(&home(), ID, "before", tags);
    created.expect("created");
    sim.until("2025-01-14T18:14:00Z");
    // One event's round copies it; then home is gone.
    sim.event(home(), "before");
    both_until(&sim, "2025-01-15T03:00:00Z", false);
    assert_eq!(told(&sim), [SILENT.to_owned(), missing(ID, "2025-01-15")]);
    let body = &mails_of(&sim, &dr())[1].body;
    assert!(body.contains("before-m-dr"), "it can be restored: {body}");
}

/// A copy that lost its tags, or is under a key of before, gives the data back all the same.
#[test]
fn a_copy_that_home_would_call_flawed_is_not_missing() {
    let sim = sim();
    both_until(&sim, "2025-01-14T18:45:00Z", true);
    for snapshot in sim.account.borrow_mut().snapshots.values_mut() {
        if snapshot.point.source.is_some() {
            snapshot.point.key = Some(KEY.replace("11111111", "22222222"));
            snapshot.point.tags.remove(tags::KIND);
            snapshot.point.tags.remove(tags::KEEP_UNTIL);
        }
    }
    both_until(&sim, "2025-01-15T03:00:00Z", false);
    assert_eq!(told(&sim), [SILENT]);
}
