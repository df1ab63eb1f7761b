//! The measured figures: each goal has its row.

use crate::read;

#[test]
fn the_benchmarks_have_a_row_for_each_goal() {
    let text = read("docs/benchmarks.md");
    let goals = [
        "init | >= 30 x faster",
        "peak RSS | <= 1/5",
        "CPU of a warm call | <= 1/4",
        "zip | <= 4 MB",
        "10,000 instances, time | <= 60 s",
        "10,000 instances, memory | <= 128 MiB",
        "calls per point | constant",
    ];
    for goal in goals {
        assert!(text.contains(&format!("\n| {goal}")), "no row for `{goal}`");
    }
}

/// Between the markers that `make bench-host` writes between, each said to be held or missed.
#[test]
fn the_benchmarks_of_the_agent_have_a_row_for_each_goal() {
    let text = read("docs/benchmarks-host.md");
    let (_, measured) = text.split_once("<!-- measured -->").expect("its beginning");
    let (measured, _) = measured.split_once("<!-- /measured -->").expect("its end");
    for goal in [
        "restore, local, beside pg_restore",
        "restore, S3, beside pg_restore",
        "backup, beside bare pgBackRest",
        "lost after kill -9, worst of the runs, seconds",
    ] {
        let row = measured.lines().find(|line| line.starts_with(&format!("| {goal} |")));
        let row = row.unwrap_or_else(|| panic!("no row for `{goal}`"));
        assert!(row.contains("| held |") || row.contains("| **missed** |"), "{row}");
    }
    for what in
        ["seed: pg_dump -Z9", "agent: backup full", "seed: pg_restore", "agent: restore --from s3"]
    {
        assert!(measured.contains(&format!("\n| {what} |")), "no row for `{what}`");
    }
}
