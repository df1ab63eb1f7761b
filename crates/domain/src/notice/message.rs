//! A notice as SNS takes it: one text for each protocol.

use super::chat;
use super::fit::first_lines;
use super::{Notice, en, ja};
use crate::policy::{Language, Policy};
use serde_json::json;

/// "At most 256 KiB in size (262,144 bytes, not 262,144 characters)" (SNS API reference, Publish), of which
/// the message's attributes and its subject are a part, some hundred bytes.
const LONGEST: usize = 262_144 - 4_096;

/// The message of a publish with `MessageStructure` `json`. Amazon Q Developer in chat applications
/// subscribes by `https`; every other subscriber, a mail's too, gets `default`.
pub fn message(policy: &Policy, notice: &Notice) -> String {
    let chat = chat::custom(policy, notice).to_string();
    let of = |body: &str| json!({"default": body, "https": chat}).to_string();
    let note = match policy.language {
        Language::Ja => ja::too_long,
        Language::En => en::too_long,
    };
    let room = LONGEST.saturating_sub(of("").len());
    of(&first_lines(&notice.body, room, in_json, note))
}

/// How many bytes a text takes between its quotes; escapes make more of some.
fn in_json(text: &str) -> usize {
    json!(text).to_string().len() - 2
}
