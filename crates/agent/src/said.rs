//! What a command says at its end, to a person or to a program.

use crate::fault::Fault;
use serde::Serialize;
use serde_json::{Value, json};

/// An answer and its exit code.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    text: String,
    data: Value,
    code: u8,
}

impl Said {
    /// The same thing in words and as data; `found` where a person must mend something.
    pub fn of(text: String, data: &impl Serialize, found: bool) -> Self {
        let data = serde_json::to_value(data).unwrap_or_default();
        Self { text, data, code: if found { 4 } else { 0 } }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// In words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// One object: its `code` is the exit code.
    pub fn json(&self) -> String {
        let mut data = self.data.clone();
        if let Some(object) = data.as_object_mut() {
            object.insert("code".to_owned(), self.code.into());
        }
        format!("{data:#}\n")
    }
}

/// Of what is said in words only.
impl From<String> for Said {
    fn from(text: String) -> Self {
        let data = json!({"schema": 1, "said": text.trim_end()});
        Self { text, data, code: 0 }
    }
}

impl From<Fault> for Said {
    fn from(fault: Fault) -> Self {
        let text = format!("{fault}\n");
        let data = json!({"schema": 1, "said": text.trim_end()});
        Self { text, data, code: fault.code() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &Said, code: u8, json: &Value) {
        assert_eq!(said.code(), code);
        assert_eq!(serde_json::from_str::<Value>(&said.json()).expect("JSON"), *json);
    }

    #[test]
    fn every_answer_is_one_object_with_its_exit_code() {
        let done = Said::from("full succeeded in 1.0 s\n".to_owned());
        check(&done, 0, &json!({"schema": 1, "said": "full succeeded in 1.0 s", "code": 0}));
        let held = Said::from(Fault::Held("another run".to_owned()));
        check(&held, 3, &json!({"schema": 1, "said": "another run", "code": 3}));
        let found = Said::of("PROBLEM x".to_owned(), &json!({"problems": ["x"]}), true);
        check(&found, 4, &json!({"problems": ["x"], "code": 4}));
    }
}
