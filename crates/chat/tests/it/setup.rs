//! The setup: every problem at once, and never the URL.

use chat::config::{NEEDED, Setup};
use domain::policy::Language;
use insta::assert_snapshot;
use std::process::Command;

fn setup(secret: &str, language: &str) -> Result<Setup, String> {
    let get = |name: &str| match name {
        "SONAE_CHAT_SECRET" => Some(secret.to_owned()),
        "SONAE_LANGUAGE" => Some(language.to_owned()),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        _ => None,
    };
    Setup::from_vars(get).map_err(|bad| bad.to_string())
}

#[test]
fn a_name_or_an_arn_is_taken() {
    let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:sonae/chat-a1B2c3";
    for name in ["sonae/chat", "a", arn] {
        let setup = setup(name, "en").expect("a good setup");
        assert_eq!((setup.secret.as_str(), setup.language), (name, Language::En));
    }
    assert_eq!(setup("sonae/chat", "ja").expect("a good setup").language, Language::Ja);
}

#[test]
fn everything_wrong_is_told_at_once_and_the_url_is_not() {
    let said = setup("https://hooks.example.com/services/key-of-the-channel", "de");
    let said = said.expect_err("a bad setup");
    assert!(!said.contains("key-of-the-channel"), "{said}");
    assert_snapshot!("wrong", said);
    let arn = setup("arn:aws:sns:us-east-1:123456789012:sonae", "en").expect_err("another ARN");
    assert!(arn.contains("SONAE_CHAT_SECRET"), "{arn}");
}

#[test]
fn the_binary_does_not_start_without_a_setup() {
    let run = Command::new(env!("CARGO_BIN_EXE_chat"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
        .output()
        .expect("the binary runs");
    assert!(!run.status.success());
    let said = String::from_utf8_lossy(&run.stdout);
    for name in NEEDED.into_iter().chain(["AWS_REGION"]) {
        assert!(said.contains(&format!("`{name}` is not set")), "`{name}` is missing in: {said}");
    }
}
