//! An event pattern: what it may say, and whether an event fits it.

use super::BadTemplate;
use serde_json::Value;

/// Refuses what [`fits`] would silently take for "does not match".
pub(super) fn understood(path: &str, pattern: &Value) -> Result<(), BadTemplate> {
    match pattern {
        Value::Object(map) if !map.is_empty() => {
            map.iter().try_for_each(|(key, inner)| understood(&format!("{path}.{key}"), inner))
        }
        Value::Array(matchers) if !matchers.is_empty() => {
            let unknown = matchers.iter().find(|matcher| !is_known(matcher));
            unknown.map_or(Ok(()), |matcher| {
                Err(BadTemplate(format!("`{path}`: operator {matcher} is not known")))
            })
        }
        other => Err(BadTemplate(format!("`{path}` is {other}, it must be a list of values"))),
    }
}

fn is_known(matcher: &Value) -> bool {
    let Value::Object(operator) = matcher else { return !matcher.is_array() };
    let mut operators = operator.iter();
    match (operators.next(), operators.next()) {
        (Some((name, of)), None) => match name.as_str() {
            "prefix" => of.is_string(),
            "exists" => of.is_boolean(),
            "anything-but" => match of {
                Value::Object(but) => but.len() == 1 && but.get("prefix").is_some_and(is_texts),
                Value::Array(values) => values.iter().all(|value| text(value).is_some()),
                value => text(value).is_some(),
            },
            _ => false,
        },
        _ => false,
    }
}

fn is_texts(value: &Value) -> bool {
    one_or_more(value).iter().all(Value::is_string)
}

pub(super) fn fits(pattern: &Value, found: Option<&Value>) -> bool {
    match pattern {
        Value::Object(fields) => {
            fields.iter().all(|(key, inner)| fits(inner, found.and_then(|found| found.get(key))))
        }
        Value::Array(matchers) => matchers.iter().any(|matcher| accepts(matcher, found)),
        _ => false,
    }
}

fn accepts(matcher: &Value, found: Option<&Value>) -> bool {
    if let Some(wanted) = matcher.get("exists").and_then(Value::as_bool) {
        return found.is_some() == wanted;
    }
    match (found, matcher.get("prefix"), matcher.get("anything-but")) {
        (None, _, _) => false,
        (Some(Value::Array(items)), _, _) => items.iter().any(|item| accepts(matcher, Some(item))),
        (Some(found), Some(prefix), _) => begins(found, prefix),
        (Some(found), _, Some(but)) => match but.get("prefix") {
            Some(prefixes) => !one_or_more(prefixes).iter().any(|prefix| begins(found, prefix)),
            None => !one_or_more(but).contains(found),
        },
        (Some(found), None, None) => found == matcher,
    }
}

fn begins(found: &Value, prefix: &Value) -> bool {
    found.as_str().zip(prefix.as_str()).is_some_and(|(found, prefix)| found.starts_with(prefix))
}

fn one_or_more(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
