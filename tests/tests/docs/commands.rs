//! Every AWS CLI command that a document or a notice gives is one that the CLI would take: its options
//! are those of AWS's own models (tests/data/aws-cli.json, written by `make cli-flags`).

use crate::{documents, read, root};
use serde_json::Value;
use std::collections::BTreeSet;

/// Options of every command (AWS CLI reference, global options), and of those that list.
const GLOBAL: [&str; 12] = [
    "cli-binary-format",
    "cli-input-json",
    "cli-read-timeout",
    "max-items",
    "no-cli-pager",
    "no-paginate",
    "output",
    "page-size",
    "profile",
    "query",
    "region",
    "starting-token",
];

#[test]
fn every_command_is_one_that_the_cli_takes() {
    let known: Value = serde_json::from_str(&read("tests/data/aws-cli.json")).expect("it is JSON");
    let mut seen = BTreeSet::new();
    for (place, text) in texts() {
        for words in commands(&text) {
            seen.extend(check(&known["commands"], &place, &words));
        }
    }
    assert!(seen.len() > 50, "{seen:?}");
}

/// Holds one command against the models; its name, where it is one.
#[track_caller]
fn check(known: &Value, place: &str, words: &[String]) -> Option<String> {
    let (service, operation) = (words.get(1)?, words.get(2)?);
    let name = match (operation.as_str(), words.get(3)) {
        ("wait", Some(waiter)) => format!("{service} wait {waiter}"),
        _ => format!("{service} {operation}"),
    };
    let command = &known[&name];
    assert!(!command.is_null(), "{place}: `aws {name}` is not known; run `make cli-flags`");
    let of = |field: &str| -> BTreeSet<&str> {
        command[field].as_array().expect(field).iter().filter_map(Value::as_str).collect()
    };
    let given: BTreeSet<&str> =
        words.iter().filter_map(|word| word.strip_prefix("--")).map(without_value).collect();
    let allowed: BTreeSet<&str> = of("options").into_iter().chain(GLOBAL).collect();
    let strange: Vec<_> = given.difference(&allowed).collect();
    assert!(strange.is_empty(), "{place}: `aws {name}` has no {strange:?}");
    let required = of("required");
    let missing: Vec<_> = required.difference(&given).collect();
    // What the CLI takes as a word of its own, such as the file of an answer.
    let plain = missing.iter().all(|word| **word == "function-name" && words.len() > 3);
    assert!(missing.is_empty() || plain, "{place}: `aws {name}` lacks {missing:?}");
    Some(name)
}

fn without_value(option: &str) -> &str {
    option.split_once('=').map_or(option, |(name, _)| name)
}

/// The code blocks of the documents, and the notices.
fn texts() -> Vec<(String, String)> {
    let blocks = |path: String| {
        let code = read(&path).split("```").skip(1).step_by(2).collect::<Vec<_>>().join("\n");
        (path, code)
    };
    let folder = "crates/domain/tests/it/snapshots";
    let entries = std::fs::read_dir(root().join(folder)).expect("snapshots");
    let names =
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"));
    let notices = names.map(|name| {
        let path = format!("{folder}/{name}");
        let text = read(&path);
        (path, text)
    });
    let restores = ["ja", "en"].map(|language| {
        format!("crates/cli/tests/snapshots/sonae_policy__restore_named_{language}.snap")
    });
    documents().into_iter().chain(restores).map(blocks).chain(notices).collect()
}

/// The words of each command that begins with `aws`, as a shell would split them.
fn commands(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ");
    let starts = text.match_indices("aws ").map(|(at, _)| at).filter(|at| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || c == '(')
    });
    let all = starts.map(|at| words(&text[at..]));
    all.filter(|words| {
        words.len() > 2
            && words[1].chars().all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit())
    })
    .collect()
}

/// Up to the end of the command: a line's end, a pipe, a bracket, a redirection.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        let redirects = c == '>' && word.is_empty();
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.push(c),
            None if c == '\'' || c == '"' => quote = Some(c),
            None if "\n|;)&".contains(c) || redirects => break,
            None if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            None => word.push(c),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[test]
fn commands_are_split_as_a_shell_does() {
    let of =
        |text: &str| commands(text).into_iter().map(|words| words.join("·")).collect::<Vec<_>>();
    assert_eq!(
        of("x=$(aws rds a --b \\\n  'c d' --e \"f)g\") | tail"),
        ["aws·rds·a·--b·c d·--e·f)g"]
    );
    assert_eq!(
        of("aws s3 ls > out\naws rds b --name <NAME> && echo"),
        ["aws·s3·ls", "aws·rds·b·--name·<NAME>"]
    );
    assert!(of("laws rds a; to aws, say").is_empty());
}
