//! `sonae-sweep` as a person calls it, as far as that goes without AWS.

#![expect(clippy::expect_used, reason = "a wrong fixture may stop the run")]

use std::process::Command;

fn run(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sonae-sweep")).args(args).output();
    let output = output.expect("it starts");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn it_only_plans() {
    let (code, said) = run(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--plan"), "{said}");
}

#[test]
fn a_policy_that_is_not_there_is_named() {
    let (code, said) = run(&["--plan", "--file", "nowhere.toml"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("cannot read `nowhere.toml`"), "{said}");
}

#[test]
fn a_time_of_another_form_is_refused() {
    let (code, said) = run(&["--plan", "--at", "tomorrow"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("'tomorrow' for '--at"), "{said}");
}
