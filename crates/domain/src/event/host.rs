//! What `sonae-agent` tells of its runs. It says that something changed; what came of it is looked at.

use super::{BadEvent, Event, ignored, missing};
use crate::host::event::{RUN, SOURCE};
use serde_json::Value;

pub(super) fn parse(detail_type: &str, detail: &Value) -> Result<Event, BadEvent> {
    let word = |name| detail.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
    let id = word("id");
    if detail_type != RUN {
        return Ok(ignored(SOURCE, detail_type, id));
    }
    match word("host") {
        Some(host) => Ok(Event::Host { id: host.to_owned(), kind: id.unwrap_or("-").to_owned() }),
        None => {
            let form = "the id of a \"postgres-host\" of the policy";
            Err(BadEvent(missing(&[("detail.host", form, false)])))
        }
    }
}
