//! A reader over TOML tables that goes on after a problem, so that all are told at once.

use std::fmt;
use toml::{Table, Value};

/// Every problem of a policy, in the order of the file's structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPolicy(pub Vec<Problem>);

/// One problem: where, what was found, what is allowed, and an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path in the file, such as `asset[0].take`.
    pub path: String,
    /// The value found, as written; empty when nothing was there.
    pub found: String,
    /// The allowed form.
    pub allowed: String,
    /// A line that would do.
    pub example: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, found, allowed, example } = self;
        match found.as_str() {
            "" => write!(f, "`{path}` is missing")?,
            found => write!(f, "`{path}` is {found}")?,
        }
        write!(f, "\n    allowed: {allowed}\n    example: {example}")
    }
}

impl fmt::Display for BadPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} problem{} in the policy", if count == 1 { "" } else { "s" })?;
        self.0.iter().enumerate().try_for_each(|(n, problem)| write!(f, "\n{}. {problem}", n + 1))
    }
}

impl std::error::Error for BadPolicy {}

/// Reads one table, with the defaults to fall back on.
pub(super) struct Reader<'a> {
    path: String,
    table: &'a Table,
    fallback: Option<&'a Table>,
    problems: &'a mut Vec<Problem>,
    shown: Shown,
}

/// Whether a value that was found is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// As it is written.
    AsFound,
    /// Not at all: problems go to logs, and it may be as good as a password.
    Never,
}

/// How one value is written: its form in words, an example line, and its parser.
pub(super) struct Form<T> {
    pub(super) allowed: &'static str,
    pub(super) example: &'static str,
    pub(super) parse: fn(&Value) -> Option<T>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        path: impl Into<String>,
        table: &'a Table,
        fallback: Option<&'a Table>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self { path: path.into(), table, fallback, problems, shown: Shown::AsFound }
    }

    /// The same, of a table whose values no problem may show.
    pub(super) fn of_secrets(self) -> Self {
        Self { shown: Shown::Never, ..self }
    }

    /// Refuses keys that no reader will ask for: a misspelt key must not be silently ignored.
    pub(super) fn only(&mut self, known: &[&str]) {
        for (key, value) in self.table.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let allowed = format!("one of {}", known.join(", "));
            let found = format!("not a key that is known here (its value: {})", self.show(value));
            let example = nearest(key, known).map_or_else(
                || "remove it".to_owned(),
                |near| format!("perhaps `{near}` was meant; else remove it"),
            );
            let path = self.at(key);
            self.problems.push(Problem { path, found, allowed, example });
        }
    }

    /// A value that must be there.
    pub(super) fn need<T>(&mut self, key: &str, form: &Form<T>) -> Option<T> {
        if self.value(key).is_none() {
            self.report(key, String::new(), form);
            return None;
        }
        self.parsed(key, form)
    }

    /// A value that may be left out.
    pub(super) fn maybe<T>(&mut self, key: &str, form: &Form<T>) -> Option<Option<T>> {
        match self.value(key) {
            None => Some(None),
            Some(_) => self.parsed(key, form).map(Some),
        }
    }

    /// A value that has a default.
    pub(super) fn or<T>(&mut self, key: &str, form: &Form<T>, default: T) -> Option<T> {
        match self.value(key) {
            None => Some(default),
            Some(_) => self.parsed(key, form),
        }
    }

    /// Reports a problem that concerns how values fit together.
    pub(super) fn conflict(&mut self, key: &str, allowed: &str, example: &str) {
        let found = self.value(key).map_or_else(String::new, |value| self.show(value));
        let (allowed, example) = (allowed.to_owned(), example.to_owned());
        let path = self.at(key);
        self.problems.push(Problem { path, found, allowed, example });
    }

    fn parsed<T>(&mut self, key: &str, form: &Form<T>) -> Option<T> {
        let value = self.value(key)?;
        let parsed = (form.parse)(value);
        if parsed.is_none() {
            let found = self.show(value);
            self.report(key, found, form);
        }
        parsed
    }

    fn report<T>(&mut self, key: &str, found: String, form: &Form<T>) {
        let problem = Problem {
            path: self.at(key),
            found,
            allowed: form.allowed.to_owned(),
            example: format!("{key} = {}", form.example),
        };
        self.problems.push(problem);
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key).or_else(|| self.fallback?.get(key))
    }

    fn show(&self, value: &Value) -> String {
        match self.shown {
            Shown::AsFound => format!("`{}`", value.to_string().trim()),
            Shown::Never => "a value that is not shown, since it may be a secret".to_owned(),
        }
    }

    /// Where a value stands; one that came from `[defaults]` is named there.
    fn at(&self, key: &str) -> String {
        let inherited = !self.table.contains_key(key)
            && self.fallback.is_some_and(|defaults| defaults.contains_key(key));
        match self.path.as_str() {
            _ if inherited => format!("defaults.{key}"),
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }
}

/// The known key that shares the most leading letters, at least two.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let shared = |other: &str| key.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    known.iter().copied().max_by_key(|other| shared(other)).filter(|other| shared(other) >= 2)
}
