//! Good and bad policies; bad ones get all of their problems at once.

use domain::policy::{FLOOR, Keep, Language, Manual, Periods, Rule, TakenBy, TellSuccess, parse};
use insta::assert_snapshot;
use jiff::SignedDuration;
use proptest::prelude::*;

const SHIPPED: &str = include_str!("../../../../policy/policy.toml");

#[test]
fn the_shipped_policy_is_the_seeds_system() {
    let policy = parse(SHIPPED).expect("it is shipped");
    assert_eq!(policy.system, "kaigo-subsys-prod");
    assert_eq!((policy.home.as_str(), policy.dr.as_str()), ("us-east-1", "us-west-2"));
    assert_eq!((policy.language, policy.notify.tell_success), (Language::Ja, TellSuccess::Night));
    let asset = &policy.assets[0];
    assert_eq!((asset.take, asset.manual), (TakenBy::Window, Manual::Tagged));
    assert_eq!((asset.catch_up, asset.rpo.as_hours(), asset.keep.days()), (2, 24, 30));
    assert_eq!(policy.hash.len(), 64);
}

/// The shipped policy with one line replaced.
fn changed(from: &str, to: &str) -> String {
    assert!(SHIPPED.contains(from), "`{from}` is in the shipped policy");
    SHIPPED.replace(from, to)
}

fn problems(text: &str) -> String {
    parse(text).expect_err("a bad policy").to_string()
}

#[test]
fn every_problem_is_told_at_once() {
    let text = "version = 2\nsystem = \"a b\"\nhome = \"us-east-1\"\ndr = \"us-east-1\"\n\
                zone = \"Tokyo\"\nlangauge = \"ja\"\n\
                [notify]\ntell_success = \"always\"\nemail = []\n\
                [defaults]\nsince = \"2025-11-05\"\ndr_key = \"alias/dr\"\ncatch_up = \"36 h\"\n\
                [[asset]]\nkind = \"rds-instance\"\nid = \"Kaigo--Prod-\"\nat = \"3:00\"\n\
                [[asset]]\nkind = \"bucket\"\nid = \"fs-1\"\n\
                [[asset]]\nkind = \"rds-instance\"\nid = \"kaigo\"\nat = \"06:00\"\n\
                keep = { weekly = 5 }\nretention = 7\n";
    assert_snapshot!("all_problems", problems(text));
}

#[test]
fn an_empty_policy_says_what_it_needs() {
    assert_snapshot!("empty", problems(""));
}

#[test]
fn what_is_not_toml_is_one_problem() {
    assert_snapshot!("not_toml", problems("version = = 1"));
}

/// An alias means another key in each Region, and can be moved without a word.
#[test]
fn story_09_an_alias_is_refused() {
    for alias in ["alias/dr", "arn:aws:kms:us-west-2:123456789012:alias/dr", "aws/rds", "None"] {
        let key = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555";
        let bad = problems(&changed(key, alias));
        assert!(bad.contains("not an alias"), "{alias}: {bad}");
    }
}

#[test]
fn story_09_a_key_of_the_wrong_region_is_refused() {
    let bad = problems(&changed("arn:aws:kms:us-west-2", "arn:aws:kms:us-east-1"));
    assert!(bad.contains("a key in the dr Region (`us-west-2`)"), "{bad}");
    assert!(bad.starts_with("1 problem in the policy"), "{bad}");
    let dr = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-777777777777";
    let bad = problems(&changed("[defaults] ", &format!("[defaults]\nhome_key = \"{dr}\"\n")));
    assert!(bad.contains("`defaults.home_key`"), "{bad}");
    assert!(bad.contains("a key in the home Region (`us-east-1`)"), "{bad}");
}

/// A manual point is judged for `catch_up` days: a later deadline would never be seen to pass.
#[test]
fn a_manual_deadline_that_nobody_would_see_is_refused() {
    let with = |within: &str| {
        let shipped = SHIPPED.lines().filter(|line| !line.starts_with("manual_within"));
        let text: Vec<&str> = shipped.collect();
        let within = format!("[defaults]\nmanual_within = \"{within}\"");
        parse(&text.join("\n").replace("[defaults]", &within))
    };
    with("48 h").expect("as long as `catch_up`");
    let bad = with("49 h").expect_err("longer").to_string();
    assert!(
        bad.contains("`defaults.manual_within`") && bad.contains("at most `catch_up`"),
        "{bad}"
    );
}

/// A copy that may be deleted while its point is still copied would be copied again.
#[test]
fn copies_are_kept_longer_than_points_are_copied() {
    let bad = problems(&changed("{ days = 30, floor = 3 }", "{ days = 2, floor = 3 }"));
    assert!(bad.contains("`defaults.keep`") && bad.contains("longer than `catch_up`"), "{bad}");
}

#[test]
fn keep_is_days_or_periods_and_never_both() {
    let with = |keep: &str| parse(&changed("{ days = 30, floor = 3 }", keep));
    let periods = Rule::Periods(Periods { daily: 7, weekly: 5, monthly: 12 });
    let keep = |keep: &str| with(keep).map(|policy| policy.assets[0].keep);
    let all = "{ daily = 7, weekly = 5, monthly = 12, floor = 4 }";
    assert_eq!(keep(all).expect("good"), Keep { rule: periods, floor: 4 });
    let daily = Rule::Periods(Periods { daily: 7, weekly: 0, monthly: 0 });
    assert_eq!(keep("{ daily = 7 }").expect("good"), Keep { rule: daily, floor: FLOOR });
    for bad in [
        "{ }",
        "{ weekly = 5 }",
        "{ days = 30, daily = 7 }",
        "{ days = 0 }",
        "{ days = -1 }",
        "{ days = 30, floor = 0 }",
        "{ daily = 7, yearly = 1 }",
        "{ daily = 367 }",
        "\"30 days\"",
    ] {
        let problem = with(bad).expect_err(bad).to_string();
        assert!(problem.contains("{ days = 1 to 3650 } or { daily = 1 to 366"), "{bad}: {problem}");
    }
    let short = with("{ daily = 2, monthly = 12 }").expect_err("shorter than `catch_up`");
    assert!(short.to_string().contains("`days` or `daily` longer than `catch_up`"), "{short}");
}

/// RDS replicates no cluster's automated backups: a default is of the instances, a cluster's own is a
/// mistake.
#[test]
fn replicated_backups_are_of_instances() {
    let with = |place: &str| {
        let cluster = "\n[[asset]]\nkind = \"rds-cluster\"\nid = \"aurora\"\n";
        let text = format!("{SHIPPED}{cluster}");
        parse(&text.replace(place, &format!("{place}\ndr_pitr = \"1 h\" #")))
    };
    let policy = with("[defaults] ").expect("meant for the instance");
    let hour = Some(SignedDuration::from_hours(1));
    let within: Vec<_> = policy.assets.iter().map(|asset| asset.dr_pitr).collect();
    assert_eq!(within, [hour, None]);
    let bad = with("id = \"aurora\"").expect_err("of a cluster").to_string();
    assert!(bad.contains("`asset[1].dr_pitr`") && bad.contains("\"rds-instance\" only"), "{bad}");
    let bad = problems(&changed("# dr_pitr = \"1 h\"", "dr_pitr = \"10 min\""));
    assert!(bad.contains("at least 15 minutes"), "{bad}");
    let bad = problems(&changed("# dr_subnet_group = \"kaigo-dr\"", "dr_subnet_group = \"Kaigo\""));
    assert!(bad.contains("in lower case"), "{bad}");
}

/// SNS keeps one subscription per address: who hears everything cannot hear the critical only.
#[test]
fn the_urgent_address_is_one_that_hears_nothing_else() {
    let with =
        |urgent: &str| parse(&changed("[notify]\n", &format!("[notify]\nurgent = {urgent}\n")));
    let good = with("\"boss@example.com\"").expect("another address").notify.urgent;
    assert_eq!(good.as_deref(), Some("boss@example.com"));
    assert_eq!(parse(SHIPPED).expect("it is shipped").notify.urgent, None);
    for (bad, why) in [
        ("\"ops@example.com\"", "another address than those of `email`"),
        ("\"boss\"", "one address, which hears of what is critical only"),
        ("[\"boss@example.com\"]", "one address, which hears of what is critical only"),
    ] {
        let problem = with(bad).expect_err(bad).to_string();
        assert!(
            problem.starts_with("1 problem") && problem.contains("`notify.urgent`"),
            "{problem}"
        );
        assert!(
            problem.contains(why) && problem.contains("urgent = \"boss@example.com\""),
            "{problem}"
        );
    }
}

#[test]
fn one_id_names_one_asset() {
    let twice =
        format!("{SHIPPED}\n[[asset]]\nkind = \"rds-instance\"\nid = \"kaigo-subsys-prod\"\n");
    assert!(problems(&twice).contains("an id that no other asset has"));
}

#[test]
fn other_partitions_are_refused() {
    for region in ["us-gov-west-1", "cn-north-1", "tokyo"] {
        let bad = problems(&changed("home     = \"us-east-1\"", &format!("home = \"{region}\"")));
        assert!(bad.contains("commercial partition"), "{bad}");
    }
}

#[test]
fn looks_follow_the_night() {
    let policy = parse(SHIPPED).expect("it is shipped");
    let looks = |time: &str| policy.looks_at(time.parse().expect("a time"));
    assert!(looks("2025-01-14T18:00:00Z"), "03:00 JST");
    assert!(looks("2025-01-14T18:15:00Z"));
    assert!(looks("2025-01-14T22:45:00Z"), "07:45 JST: the tick after the last deadline");
    assert!(!looks("2025-01-14T23:15:00Z"));
    assert!(looks("2025-01-15T03:00:00Z"), "hourly by day");
    assert!(!looks("2025-01-14T17:45:00Z"));
    let before = policy.previous_look("2025-01-15T03:00:00Z".parse().expect("a time"));
    assert_eq!(before.to_string(), "2025-01-15T02:00:00Z");
}

proptest! {
    /// Nothing that a person types makes the reader panic, and a refusal always says something.
    #[test]
    fn garbage_is_refused_in_words(line in 0usize..30, junk in "[ -~]{0,40}") {
        let mut lines: Vec<&str> = SHIPPED.lines().collect();
        let at = line.min(lines.len() - 1);
        lines[at] = &junk;
        if let Err(bad) = parse(&lines.join("\n")) {
            prop_assert!(!bad.0.is_empty());
            prop_assert!(bad.to_string().contains("allowed:"));
        }
    }
}
