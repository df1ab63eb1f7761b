//! Failure stories have their tests, and mutants still fit the code.

use crate::{read, root};
use std::path::PathBuf;

/// A story without its test is only a story.
#[test]
fn every_failure_story_names_tests_that_exist() {
    let mut sources = String::new();
    for file in sources_of_tests() {
        sources += &std::fs::read_to_string(file).expect("a source file");
    }
    let text = read("docs/failure-stories.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let named: Vec<&str> = rows
        .flat_map(|row| row.rsplit('|').nth(1).expect("a last cell").split('`'))
        .filter(|word| word.contains('_') && !word.contains('.'))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for name in &named {
        assert!(sources.contains(&format!("fn {name}(")), "no test is called `{name}`");
    }
    let numbered = sources.split("fn story_").skip(1).map(|rest| rest.split('(').next().unwrap());
    for name in numbered {
        assert!(named.contains(&format!("story_{name}").as_str()), "`story_{name}` is not listed");
    }
}

fn sources_of_tests() -> Vec<PathBuf> {
    let folders = [
        "crates/domain/src",
        "crates/domain/tests/it",
        "crates/model/tests/it",
        "tests/tests/wire",
        "tests/tests/template",
    ];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

/// `make mutants` takes too long for every day; that its patches still fit the code is seen here.
#[test]
fn every_mutant_still_applies() {
    let mut hunks = 0;
    let entries = std::fs::read_dir(root().join("tests/mutants")).expect("mutants");
    for entry in entries {
        let path = entry.expect("readable").path();
        let patch = std::fs::read_to_string(&path).expect("a patch");
        let file = patch.lines().find_map(|line| line.strip_prefix("--- a/")).expect("a file");
        let code = read(file);
        for hunk in patch.split("\n@@").skip(1) {
            let lines = hunk.lines().skip(1).filter(|line| !line.starts_with('+'));
            let before: Vec<&str> = lines.map(|line| line.get(1..).unwrap_or_default()).collect();
            let before = before.join("\n");
            assert_eq!(code.matches(&before).count(), 1, "{}: not in {file}", path.display());
            hunks += 1;
        }
    }
    assert!(hunks >= 30, "{hunks} hunks");
}
