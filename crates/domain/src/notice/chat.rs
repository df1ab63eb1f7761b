//! A notice in a chat: short, since the mail has the whole.

use super::fit::first_lines;
use super::{Notice, en, ja};
use crate::policy::{Language, Policy};
use serde_json::{Value, json};

/// More is scrolled past on a phone.
const LONGEST: usize = 3_000;

/// A body for a channel: the first lines, and how many the mail has besides. It can stand in a fence of
/// three backticks, as it has none itself.
pub fn in_chat(body: &str, language: Language) -> String {
    let note = match language {
        Language::Ja => ja::rest_in_mail,
        Language::En => en::rest_in_mail,
    };
    let characters = |text: &str| text.chars().count();
    first_lines(body.trim_end(), LONGEST, characters, note).replace("```", "'''")
}

/// The custom notification of Amazon Q Developer in chat applications, which drops without a word what has
/// another form (administrator guide, "Custom notifications"). Break and repair come into one thread.
pub(super) fn custom(policy: &Policy, notice: &Notice) -> Value {
    let episode = notice.key.prefix();
    let body = in_chat(&notice.body, policy.language);
    json!({
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": notice.subject,
            // A fence keeps names with `_` and `*`, and the commands' lines, as they are.
            "description": format!("```\n{body}\n```"),
            "keywords": [policy.system, notice.key.episode.kind.word()],
        },
        "metadata": {
            "threadId": format!("{}/{}", policy.system, episode.trim_end_matches('/')),
            "summary": notice.subject,
        },
    })
}
