//! A function's setup: every problem at once, in words that say what to do.

#![expect(clippy::expect_used, reason = "a wrong fixture may stop the run")]

use cloud::config::{Config, NEEDED, Side};
use insta::assert_snapshot;
use std::time::Duration;

const POLICY: &str = include_str!("../../../policy/policy.toml");

const GOOD: [(&str, &str); 8] = [
    ("SONAE_SIDE", "home"),
    (
        "SONAE_GRANTED",
        "arn:aws:kms:us-west-2:123456789012:key/1,arn:aws:kms:us-east-1:123456789012:key/2",
    ),
    ("SONAE_ARMED", "false"),
    ("SONAE_POLICY", "/opt/policy.toml"),
    ("SONAE_JOURNAL", "journal"),
    ("SONAE_TOPIC", "arn:aws:sns:us-east-1:123456789012:sonae"),
    ("SONAE_DR_TOPIC", "arn:aws:sns:us-west-2:123456789012:sonae"),
    ("AWS_REGION", "us-east-1"),
];

/// The good setup with these variables changed; an empty name removes nothing.
fn setup(changes: &[(&str, Option<&str>)], policy: &str) -> Result<Config, String> {
    let get = |name: &str| match changes.iter().find(|(changed, _)| *changed == name) {
        Some((_, value)) => value.map(str::to_owned),
        None => GOOD.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()),
    };
    let read = |path: &str| match path {
        "/opt/policy.toml" => Ok(policy.to_owned()),
        _ => Err("no such file".to_owned()),
    };
    Config::from_vars(get, read).map_err(|bad| bad.to_string())
}

fn problems(changes: &[(&str, Option<&str>)], policy: &str) -> String {
    setup(changes, policy).expect_err("a bad setup")
}

#[test]
fn a_good_setup() {
    let config = setup(&[], POLICY).expect("a good setup");
    assert_eq!(config.journal, "journal");
    assert_eq!(config.clock, None);
    assert!(!config.elsewhere);
    let local = [("AWS_ENDPOINT_URL", Some("http://127.0.0.1:1")), ("SONAE_CLOCK", Some("60"))];
    let config = setup(&local, POLICY).expect("a good setup");
    assert_eq!(config.clock, Some(Duration::from_secs(60)));
    assert!(config.elsewhere);
}

#[test]
fn the_watchers_setup_needs_no_home() {
    let home = ["SONAE_TOPIC", "SONAE_GRANTED", "SONAE_ARMED"].map(|name| (name, None));
    let dr = [("SONAE_SIDE", Some("dr")), ("AWS_REGION", Some("us-west-2"))];
    let config = setup(&[&home[..], &dr[..]].concat(), POLICY).expect("a good setup");
    assert_eq!(config.side, Side::Dr);
    let here = setup(&[&home[..], &[("SONAE_SIDE", Some("dr"))]].concat(), POLICY);
    assert!(here.expect_err("in home").contains("the policy's dr is `us-west-2`"));
}

#[test]
fn nothing_set_names_everything() {
    let nothing: Vec<_> = GOOD.iter().map(|(name, _)| (*name, None)).collect();
    let text = problems(&nothing, POLICY);
    assert!(NEEDED.iter().all(|name| text.contains(name)), "{text}");
    assert_snapshot!("nothing_set", text);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let wrong = [
        ("SONAE_JOURNAL", Some("")),
        ("SONAE_TOPIC", Some("sonae")),
        ("SONAE_DR_TOPIC", Some("arn:aws:sns:us-east-1:123456789012:sonae")),
        ("SONAE_CLOCK", Some("soon")),
        ("SONAE_ARMED", Some("yes")),
        ("SONAE_SIDE", Some("left")),
        ("AWS_REGION", Some("us-west-2")),
        ("AWS_ENDPOINT_URL_RDS", Some("")),
    ];
    let bad = POLICY.replace("version  = 1", "version = 9").replace("[notify]", "[notfy]");
    assert_snapshot!("everything_wrong", problems(&wrong, &bad));
    let misplaced = problems(&wrong, POLICY);
    assert_snapshot!("everything_wrong_but_the_policy", misplaced);
}

#[test]
fn a_missing_policy_file_names_its_path() {
    let text = problems(&[("SONAE_POLICY", Some("/opt/other.toml"))], POLICY);
    assert_snapshot!("missing_policy_file", text);
}
