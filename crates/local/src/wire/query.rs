//! The AWS query protocol: a form in, XML out. RDS and SNS speak it.

use super::{Call, not_modelled, xml};
use http::Response;
use model::ApiError;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::str::FromStr;

/// A request's parameters.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn action(&self) -> &str {
        self.get("Action").unwrap_or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, ApiError> {
        let message = format!("The request must contain the parameter {name}.");
        self.get(name).ok_or_else(|| ApiError::new(400, "MissingParameter", message))
    }

    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let message = format!("Invalid value {text} for {name}.");
        text.parse().map(Some).map_err(|_| ApiError::new(400, "InvalidParameterValue", message))
    }

    /// The numbered pairs `<list>.N.<key>` = `<list>.N.<value>`.
    pub(super) fn pairs(&self, list: &str, key: &str, value: &str) -> Vec<(String, String)> {
        let pair = |n: usize| {
            let value = self.owned(&format!("{list}.{n}.{value}"));
            Some((self.owned(&format!("{list}.{n}.{key}"))?, value.unwrap_or_default()))
        };
        (1..).map_while(pair).collect()
    }

    /// Refuses any parameter besides these, by its first word.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let word = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let known = |word: &str| matches!(word, "Action" | "Version") || known.contains(&word);
        match self.0.iter().find(|(name, _)| !known(&word(name))) {
            Some((name, _)) => Err(not_modelled(name)),
            None => Ok(()),
        }
    }
}

/// `<{Action}Response><{Action}Result>..</..><ResponseMetadata>..`
pub(super) fn success(call: &Call<'_>, form: &Form, result: impl Serialize) -> Response<Vec<u8>> {
    let action = form.action();
    let metadata = Metadata { request_id: &call.id };
    let body = Body { name: format!("{action}Result"), result, metadata };
    call.reply(200, "text/xml", xml(&format!("{action}Response"), &body))
}

pub(super) fn refusal(error: &ApiError, call: &Call<'_>) -> Response<Vec<u8>> {
    let kind = if error.status < 500 { "Sender" } else { "Receiver" };
    let error_xml = ErrorXml { kind, code: &error.code, message: &error.message };
    let body = ErrorBody { error: error_xml, request_id: &call.id };
    call.reply(error.status, "text/xml", xml("ErrorResponse", &body))
}

pub(super) fn unknown_action(form: &Form) -> ApiError {
    let message = format!("Could not find operation `{}`.", form.action());
    ApiError::new(400, "InvalidAction", message)
}

struct Body<'a, T> {
    name: String,
    result: T,
    metadata: Metadata<'a>,
}

/// By hand because the result's tag carries the action's name.
impl<T: Serialize> Serialize for Body<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(&self.name, &self.result)?;
        map.serialize_entry("ResponseMetadata", &self.metadata)?;
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    error: ErrorXml<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorXml<'a> {
    #[serde(rename = "Type")]
    kind: &'a str,
    code: &'a str,
    message: &'a str,
}
