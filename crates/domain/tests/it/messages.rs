//! A notice as SNS and Amazon Q Developer in chat applications take it.

use crate::fixture::{COPY, at, policy};
use crate::notices::{met, written};
use domain::duty::Cause;
use domain::finding::Found;
use domain::id::{AssetId, PointName};
use domain::notice::{Notice, in_chat, message};
use domain::policy::Language;
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::Value;

/// What SNS takes, the attributes and the subject included (API reference, Publish).
const LONGEST: usize = 262_144;

/// A break, which is repaired, too, and good news that is too long for a channel.
fn found() -> Vec<Found> {
    let due = at("2025-01-14T22:30:00Z");
    let copies = vec![PointName::new(COPY)];
    let landed = (1..=40).map(|n| (AssetId::new(format!("kaigo-{n}")), met(n % 9 == 0)));
    vec![
        Found::NotLanded { due, cause: Cause::Failed(copies) },
        Found::NightComplete { landed: landed.collect(), due },
    ]
}

/// The custom notification that is in a notice's message.
fn custom(language: &str, notice: &Notice) -> Value {
    let message: Value = serde_json::from_str(&message(&policy(language), notice)).expect("JSON");
    assert_eq!(message["default"], notice.body, "it fits, and a mail is the whole of it");
    let text = message["https"].as_str().expect("SNS takes a text for each protocol");
    serde_json::from_str(text).expect("JSON in it")
}

/// As it is sent, with the description as a person sees it below.
fn page(language: &str) -> String {
    let pages = written(&policy(language), found()).into_iter().map(|notice| {
        let mut custom = custom(language, &notice);
        let description = custom["content"]["description"].take();
        let rest = serde_json::to_string_pretty(&custom).expect("JSON");
        format!("{rest}\n{}\n", description.as_str().expect("a text"))
    });
    pages.collect::<Vec<_>>().join(&format!("{}\n", "=".repeat(72)))
}

#[test]
fn in_a_chat() {
    assert_snapshot!("chat_ja", page("ja"));
    assert_snapshot!("chat_en", page("en"));
}

/// Amazon Q drops what lacks one of these, and says so to nobody.
#[test]
fn every_notice_has_what_amazon_q_requires() {
    for notice in written(&policy("ja"), found()) {
        let custom = custom("ja", &notice);
        assert_eq!([&custom["version"], &custom["source"]], ["1.0", "custom"]);
        let description = custom["content"]["description"].as_str().expect("a text");
        assert!(description.chars().count() <= 3_010, "{}", description.chars().count());
        assert_eq!(description.matches("```").count(), 2, "one fence: {description}");
    }
}

#[test]
fn a_repair_comes_into_the_thread_of_its_break() {
    let notices = written(&policy("en"), found());
    let threads: Vec<Value> =
        notices.iter().map(|one| custom("en", one)["metadata"]["threadId"].clone()).collect();
    assert_eq!(threads[0], "kaigo-subsys-prod/episodes/kaigo-subsys-prod/not-landed/2025-01-15/1");
    assert_eq!(threads[0], threads[2], "broken, repaired");
    let other = written(&policy("en"), vec![Found::BackupsOff]);
    assert_ne!(custom("en", &other[0])["metadata"]["threadId"], threads[0]);
}

#[test]
fn a_fence_inside_a_body_does_not_end_the_fence_around_it() {
    assert_eq!(in_chat("a ``` b\n", Language::En), "a ''' b");
}

fn with_body(body: String) -> Notice {
    let notice = written(&policy("en"), vec![Found::BackupsOff]).remove(0);
    Notice { body, ..notice }
}

/// What a mail gets of it.
fn mail(notice: &Notice) -> String {
    let message = message(&policy("en"), notice);
    assert!(message.len() <= LONGEST, "{} bytes", message.len());
    let message: Value = serde_json::from_str(&message).expect("JSON");
    message["default"].as_str().expect("a text").to_owned()
}

/// The report of a bad night is too long for SNS: what failed stands first and stays, and the mail says how
/// much it has not.
#[test]
fn story_33_a_long_report_keeps_its_failures_and_counts_what_was_cut() {
    let lines: Vec<String> = (1..=20_000)
        .map(|n| match n {
            1..=3 => format!("失敗 kaigo-{n}: \"not landed\""),
            _ => format!("到着 kaigo-{n}: \"landed\""),
        })
        .collect();
    let mail = mail(&with_body(lines.join("\n") + "\n"));
    assert!(mail.len() > 200_000, "as much as SNS takes: {} bytes", mail.len());
    let kept = mail.lines().count() - 1;
    assert_eq!(mail.lines().take(kept).collect::<Vec<_>>(), lines[..kept], "whole lines");
    let cut = lines.len() - kept;
    let last = format!("… lines left out, since SNS takes no longer message: {cut}");
    assert_eq!(mail.lines().last(), Some(&*last));
}

/// A line of anything: control characters cost six bytes each in JSON, and twice escaped in the chat's.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\"\\\\a/]{0,300}",
        "[\u{1}-\u{8}]{0,300}",
        "[備えの🗻é]{0,300}",
        "[ -~]{0,300}",
        "(`){0,9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn story_33_any_body_fits_and_keeps_its_first_line(
        first in line(), lines in prop::collection::vec(line(), 0..40), times in 1usize..60,
    ) {
        let body = format!("{first}\n{}", format!("{}\n", lines.join("\n")).repeat(times));
        let mail = mail(&with_body(body.clone()));
        prop_assert_eq!(mail.lines().next(), body.lines().next());
        if mail != body {
            let kept = mail.lines().count() - 1;
            let counted = format!(": {}", body.lines().count() - kept);
            prop_assert!(mail.ends_with(&counted), "not `{counted}`");
            prop_assert!(body.lines().zip(mail.lines().take(kept)).all(|(a, b)| a == b));
        }
    }

    /// One line that is too long by itself keeps its beginning.
    #[test]
    fn story_33_a_line_that_is_too_long_keeps_its_beginning(
        piece in line().prop_filter("has something", |line| !line.is_empty()),
    ) {
        let body = piece.repeat(LONGEST / piece.len() + 1);
        let mail = mail(&with_body(body.clone()));
        let first = mail.lines().next().unwrap_or_default().trim_end_matches('…');
        prop_assert!(body.starts_with(first) && first.chars().count() > 10_000);
        prop_assert!(mail.ends_with(": 1"));
    }
}
