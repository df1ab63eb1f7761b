//! What SNS brings: notices, and alarms of CloudWatch, which come through the same topic.

use domain::event::BadEvent;
use serde_json::Value;

/// One message of the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// SNS's id of it, by which the log names it.
    pub id: String,
    /// One line.
    pub subject: String,
    /// Plain text; empty where there is nothing besides the subject.
    pub body: String,
}

/// The messages of one invocation (Lambda Developer Guide, "Invoking Lambda functions with Amazon SNS"). What
/// the fields hold is shown nowhere, whatever it is.
///
/// # Errors
/// Every field that is not as SNS sends it.
pub fn messages(payload: &Value) -> Result<Vec<Message>, BadEvent> {
    let Some(records) = payload.get("Records").and_then(Value::as_array) else {
        let problem =
            "`Records` is no list; it must be what SNS sends (see events/sns-notice.json)";
        return Err(BadEvent(vec![problem.to_owned()]));
    };
    let mut problems = Vec::new();
    let read = |(n, record): (usize, &Value)| {
        let mut need = |field: &str| {
            let text = record.pointer(&format!("/Sns/{field}")).and_then(Value::as_str);
            if text.is_none() {
                problems.push(format!("`Records[{n}].Sns.{field}` is no text, as SNS sends it"));
            }
            text
        };
        let (id, text) = (need("MessageId"), need("Message"));
        let subject = record.pointer("/Sns/Subject").and_then(Value::as_str);
        Some(message(id?, subject, text?))
    };
    let messages: Option<Vec<Message>> = records.iter().enumerate().map(read).collect();
    messages.ok_or(BadEvent(problems))
}

fn message(id: &str, subject: Option<&str>, text: &str) -> Message {
    let (subject, body) =
        alarm(text).unwrap_or_else(|| (subject.unwrap_or("Sonae").to_owned(), text.to_owned()));
    Message { id: id.to_owned(), subject, body }
}

/// State, name and description of an alarm; its description says what to do, and the mail has the rest
/// (CloudWatch User Guide, "Notify users on alarm changes").
fn alarm(text: &str) -> Option<(String, String)> {
    let alarm: Value = serde_json::from_str(text).ok()?;
    let word = |field: &str| alarm.get(field).and_then(Value::as_str);
    let (state, name) = (word("NewStateValue")?, word("AlarmName")?);
    let description = word("AlarmDescription").unwrap_or_default();
    Some((format!("[{state}] {name}"), description.to_owned()))
}
