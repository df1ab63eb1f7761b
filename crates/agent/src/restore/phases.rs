//! The clock of a restore.

use jiff::SignedDuration;
use std::time::{Duration, Instant};

/// Phases and how long each took.
#[derive(Debug)]
pub(super) struct Phases {
    begun: Instant,
    last: Instant,
    done: Vec<(String, Duration)>,
}

impl Phases {
    pub(super) fn begin() -> Self {
        let now = Instant::now();
        Self { begun: now, last: now, done: Vec::new() }
    }

    /// The phase that ends now.
    pub(super) fn end(&mut self, name: &str) {
        self.done.push((name.to_owned(), self.last.elapsed()));
        self.last = Instant::now();
    }

    /// Each with its time, and all held against the objective.
    pub(super) fn text(&self, rto: SignedDuration) -> String {
        let line =
            |(name, took): &(String, Duration)| format!("  {name}: {:.1} s", took.as_secs_f64());
        let lines: Vec<String> = self.done.iter().map(line).collect();
        let all = self.begun.elapsed();
        let word =
            if all.as_secs() > rto.as_secs().unsigned_abs() { "MORE than" } else { "within" };
        format!(
            "{}\n  in all: {:.1} s, {word} the {} min of the policy",
            lines.join("\n"),
            all.as_secs_f64(),
            rto.as_mins()
        )
    }
}
