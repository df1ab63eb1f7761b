//! What a person reads in the channel.

use crate::stage::sample;
use chat::event::{Message, messages};
use chat::text::payload;
use domain::policy::Language;
use insta::assert_snapshot;
use serde_json::{Value, json};

fn text(message: &Message) -> String {
    let payload: Value = serde_json::from_str(&payload(message, Language::En)).expect("JSON");
    assert_eq!(payload.as_object().expect("an object").len(), 1, "the text and nothing else");
    payload["text"].as_str().expect("a text").to_owned()
}

fn of_event(event: &Value) -> String {
    let messages = messages(event).expect("as SNS sends it");
    messages.iter().map(text).collect::<Vec<_>>().join("\n\n")
}

fn of(subject: &str, body: &str) -> String {
    let (id, subject, body) = ("1".to_owned(), subject.to_owned(), body.to_owned());
    text(&Message { id, subject, body })
}

#[test]
fn a_notice_and_an_alarm() {
    assert_snapshot!("notice", of_event(&sample("sns-notice.json")));
    assert_snapshot!("alarm", of_event(&sample("sns-alarm.json")));
}

/// Slack reads `<..>` as a link or a mention, and `&` as the beginning of an escape.
#[test]
fn what_slack_reads_as_markup_is_escaped() {
    assert_eq!(
        of("a & <b>", "<!channel> &amp; \"x\""),
        "*a &amp; &lt;b&gt;*\n```\n&lt;!channel&gt; &amp;amp; \"x\"\n```"
    );
    assert_eq!(of("2 * 3\nlines", "``` `a` ```"), "*2 ∗ 3 lines*\n```\n''' `a` '''\n```");
}

#[test]
fn a_long_notice_keeps_its_first_lines_and_counts_the_others() {
    let line = "kaigo-subsys-prod: 到着していません";
    let text = of("s", &format!("{line}\n").repeat(500));
    let kept = text.matches(line).count();
    assert!((2_000..3_050).contains(&text.chars().count()), "{}", text.chars().count());
    let last = format!("\n… lines left out here: {} (the mail has them)\n```", 500 - kept);
    assert!(text.ends_with(&last), "{text}");
}

/// An alarm without a description, another JSON, a message without a subject: told as far as they go.
#[test]
fn whatever_comes_through_the_topic_is_told() {
    let event = |subject: Value, message: Value| json!({"Records": [{"Sns": {"MessageId": "1", "Subject": subject, "Message": message}}]});
    let alarm = json!({"AlarmName": "a-b", "NewStateValue": "OK", "AlarmDescription": null});
    assert_eq!(of_event(&event(json!("ALARM"), json!(alarm.to_string()))), "*[OK] a-b*");
    let other = json!("{\"AlarmName\": \"no state\"}");
    assert_eq!(
        of_event(&event(Value::Null, other)),
        "*Sonae*\n```\n{\"AlarmName\": \"no state\"}\n```"
    );
    assert_eq!(of_event(&event(json!("by hand"), json!(""))), "*by hand*");
}
