//! SNS: Publish, GetTopicAttributes.

use super::Call;
use super::query::{self, Form};
use http::Response;
use model::{Account, ApiError};
use serde::Serialize;
use serde_json::{Map, Value};

/// "At most 256 KiB in size (262,144 bytes, not 262,144 characters)", the body and the attributes
/// (API reference, Publish).
const LONGEST: usize = 262_144;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Published {
    message_id: String,
}

pub(super) fn answer(
    account: &mut Account,
    call: &Call<'_>,
) -> Result<Response<Vec<u8>>, ApiError> {
    let form = Form::parse(call.request.body());
    match form.action() {
        "Publish" => publish(account, call, &form),
        "GetTopicAttributes" => attributes(account, call, &form),
        _ => Err(query::unknown_action(&form)),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Got {
    attributes: Attributes,
}

#[derive(Serialize)]
struct Attributes {
    entry: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    key: &'static str,
    value: String,
}

fn attributes(
    account: &mut Account,
    call: &Call<'_>,
    form: &Form,
) -> Result<Response<Vec<u8>>, ApiError> {
    form.only(&["TopicArn"])?;
    let topic = form.need("TopicArn")?;
    let (confirmed, pending) = account.get_topic_attributes(&call.region, topic)?;
    let entry = |key, value: String| Entry { key, value };
    let entries = vec![
        entry("SubscriptionsConfirmed", confirmed.to_string()),
        entry("SubscriptionsPending", pending.to_string()),
        entry("TopicArn", topic.to_owned()),
    ];
    Ok(query::success(call, form, Got { attributes: Attributes { entry: entries } }))
}

fn publish(
    account: &mut Account,
    call: &Call<'_>,
    form: &Form,
) -> Result<Response<Vec<u8>>, ApiError> {
    form.only(&["TopicArn", "Subject", "Message", "MessageStructure", "MessageAttributes"])?;
    let (topic, subject) = (form.need("TopicArn")?, form.get("Subject").unwrap_or_default());
    let body = mail_body(form)?;
    let mut attributes = form.pairs("MessageAttributes.entry", "Name", "Value.StringValue");
    // The SDK sends them out of a hash map; the outbox shall not differ from run to run.
    attributes.sort();
    let sizes = attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len());
    if form.need("Message")?.len() + sizes.sum::<usize>() > LONGEST {
        return Err(invalid("Message too long"));
    }
    let message_id = account.publish(&call.region, topic, subject, &body, attributes)?;
    Ok(query::success(call, form, Published { message_id }))
}

/// What an e-mail subscriber gets of the message.
fn mail_body(form: &Form) -> Result<String, ApiError> {
    let message = form.need("Message")?;
    match form.get("MessageStructure") {
        Some("json") => of_structure(message),
        Some(_) => Err(invalid("MessageStructure")),
        None => Ok(message.to_owned()),
    }
}

fn of_structure(message: &str) -> Result<String, ApiError> {
    let parsed: Map<String, Value> = serde_json::from_str(message)
        .map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
    let text = |protocol: &str| parsed.get(protocol).and_then(Value::as_str).map(str::to_owned);
    let Some(default) = text("default") else {
        return Err(invalid("Message Structure - No default entry in JSON message body"));
    };
    Ok(text("email").unwrap_or(default))
}

fn invalid(what: &str) -> ApiError {
    ApiError::new(400, "InvalidParameter", format!("Invalid parameter: {what}"))
}
