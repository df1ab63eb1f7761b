//! The log, in the form and from the level that Lambda's advanced logging controls ask for
//! (Lambda Developer Guide, "Configuring advanced logging controls").
//!
//! The runtime crate's own subscriber also takes filter expressions; the regular expressions that it
//! needs for them are 4 % of the zip, and nobody here writes any.

use tracing::level_filters::LevelFilter;

/// Starts it. A level that is none is INFO.
pub(crate) fn start() {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let lines = tracing_subscriber::fmt()
        .with_max_level(level(&var("AWS_LAMBDA_LOG_LEVEL")))
        .with_target(false)
        .without_time();
    match var("AWS_LAMBDA_LOG_FORMAT").eq_ignore_ascii_case("json") {
        true => lines.json().init(),
        false => lines.init(),
    }
}

/// Lambda has a word that `tracing` does not know, FATAL; and `tracing` takes none at all for ERROR.
fn level(word: &str) -> LevelFilter {
    match word {
        "" => LevelFilter::INFO,
        "FATAL" => LevelFilter::ERROR,
        word => word.parse().unwrap_or(LevelFilter::INFO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_words_are_understood() {
        let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", ""].map(level);
        let expected = [
            LevelFilter::TRACE,
            LevelFilter::DEBUG,
            LevelFilter::INFO,
            LevelFilter::WARN,
            LevelFilter::ERROR,
            LevelFilter::ERROR,
            LevelFilter::INFO,
        ];
        assert_eq!(levels, expected);
    }
}
