//! Medians and their spread.

use std::fmt;
use std::time::Duration;

/// A median with its tenth and ninetieth percentiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub(super) median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    /// Of at least one figure.
    pub(super) fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |part: f64| figures[(part * (figures.len() - 1) as f64).round() as usize];
        Self { median: at(0.5), low: at(0.1), high: at(0.9) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, low, high } = self;
        write!(f, "{} [{} - {}]", short(*median), short(*low), short(*high))
    }
}

/// Three digits that matter.
pub(super) fn short(figure: f64) -> String {
    let digits = match figure.abs() {
        big if big >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    format!("{figure:.digits$}")
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
