//! The text of a post, as Slack's incoming webhooks take it.

use crate::event::Message;
use domain::notice::in_chat;
use domain::policy::Language;
use serde_json::json;

/// The payload: the subject in bold, below it the body in a fence, so that names and commands stay as they are.
pub fn payload(message: &Message, language: Language) -> String {
    // A line cannot be bold with another asterisk in it.
    let subject = escaped(&message.subject).replace('*', "∗").replace('\n', " ");
    let body = escaped(&in_chat(&message.body, language));
    let text = match body.is_empty() {
        true => format!("*{subject}*"),
        false => format!("*{subject}*\n```\n{body}\n```"),
    };
    json!({"text": text}).to_string()
}

/// The three characters that Slack reads as markup of its own, also in a fence (Slack, "Formatting text for
/// app surfaces", Escaping text).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
