//! Enough of IAM to ask a role of the template what it allows.

use crate::stack::{Stack, list, texts};
use serde_json::Value;

/// One question: an action on a resource, with the values of condition keys.
pub(crate) struct Ask<'a> {
    pub(crate) action: &'a str,
    pub(crate) on: &'a str,
    pub(crate) with: &'a [(&'a str, &'a str)],
}

/// All statements of a function's role: its own, and those of policies that are put into it.
pub(crate) fn statements(stack: &Stack, function: &str) -> Vec<Value> {
    let role = stack.properties(function)["Role"]["Fn::GetAtt"][0].as_str().unwrap();
    let own = list(&stack.properties(role)["Policies"]);
    let shared =
        stack.of_type("AWS::IAM::Policy").into_iter().map(|(_, policy)| &policy["Properties"]);
    let shared = shared.filter(|policy| {
        texts(&stack.resolved(&policy["Roles"])).contains(&format!("arn:of:{role}"))
    });
    let documents = own.iter().cloned().chain(shared.cloned());
    documents
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
        .map(|statement| stack.resolved(&statement))
        .collect()
}

/// Whether any statement allows it; a deny is refused, as nothing here needs one.
pub(crate) fn allows(statements: &[Value], ask: &Ask<'_>) -> bool {
    assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"));
    statements.iter().any(|statement| {
        let any = |field: &str, value: &str| {
            texts(&statement[field]).iter().any(|pattern| like(pattern, value))
        };
        any("Action", ask.action) && any("Resource", ask.on) && holds(&statement["Condition"], ask)
    })
}

fn holds(condition: &Value, ask: &Ask<'_>) -> bool {
    let operators = crate::stack::object(condition);
    operators.into_iter().all(|(operator, keys)| {
        let fits: fn(&str, &str) -> bool = match operator {
            "StringEquals" | "Bool" => |allowed, value| allowed == value,
            "StringLike" => like,
            other => panic!("`{other}` is not known here"),
        };
        crate::stack::object(keys).all(|(key, allowed)| {
            let given = ask.with.iter().find(|(name, _)| *name == key);
            given.is_some_and(|(_, value)| texts(allowed).iter().any(|one| fits(one, value)))
        })
    })
}

/// `*` stands for anything and `?` for one character, as in IAM.
fn like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match (rest.next(), text.chars().next()) {
        (None, first) => first.is_none(),
        (Some('*'), None) => like(rest.as_str(), text),
        (Some('*'), Some(first)) => {
            like(rest.as_str(), text) || like(pattern, &text[first.len_utf8()..])
        }
        (Some(wanted), Some(first)) => {
            (wanted == '?' || wanted == first) && like(rest.as_str(), &text[first.len_utf8()..])
        }
        (Some(_), None) => false,
    }
}

#[test]
fn wildcards_are_those_of_iam() {
    for (pattern, text, expected) in [
        ("a:b", "a:b", true),
        ("a:b", "a:bc", false),
        ("a:*", "a:", true),
        ("*-dr", "x-2-dr", true),
        ("*-dr", "x-dr-2", false),
        ("*-dr-?", "x-dr-2", true),
        ("*-dr-?", "x-dr-22", false),
        ("*-dr-?", "x-dr-", false),
        ("a*-sonae-*", "ab-sonae-2025", true),
        ("a*-sonae-*", "ab-sonae", false),
    ] {
        assert_eq!(like(pattern, text), expected, "`{pattern}` on `{text}`");
    }
}
