//! The mail: at most forty lines, the worst first, and where the whole report is.

use super::buckets;
use super::words::{Words, time, words};
use super::{Report, Row, key, path};
use crate::finding::Severity;
use crate::notice::{Notice, line, severity_word};
use crate::policy::Policy;
use jiff::{Timestamp, ToSpan};

/// Mail is read on a phone.
const LINES: usize = 40;

/// How many problems and how many rows are named.
const PROBLEMS: usize = 3;
const ROWS: usize = 3;

/// How many of anything else.
const FEW: usize = 3;

/// The notice of a report.
pub fn mail(policy: &Policy, report: &Report) -> Notice {
    let words = words(policy.language);
    let headline = format!(
        "{} {}{}{} ({})",
        words.title,
        report.day,
        words.separator,
        conclusion(words, report),
        (words.number)(report.number)
    );
    let word = severity_word(policy.language, report.severity);
    let ascii = format!(
        "[{}] {}: report {} ({} of {} landed, {})",
        report.severity.word(),
        policy.system,
        report.day,
        report.proven.dr,
        report.proven.expected,
        report.number.map_or("unnumbered".to_owned(), |number| format!("no. {number}"))
    );
    Notice {
        key: key(report.day),
        severity: report.severity,
        due: None,
        deaf: report.shrunk().map(|topic| topic.region.clone()),
        subject: line(policy, word, &headline),
        ascii_subject: ascii,
        body: text(policy, report),
    }
}

/// What it comes to, in a few words.
fn conclusion(words: &Words, report: &Report) -> String {
    let landed = (words.landed_of)(report.proven.dr, report.proven.expected);
    let rows = report.troubled().count();
    match report.problems.len().max(rows) {
        0 if report.severity == Severity::Info => {
            format!("{landed}{}{}", words.comma, words.all_well)
        }
        0 => format!("{landed}{}{}", words.comma, words.see_below),
        n => format!("{landed}{}{}", words.comma, (words.wrong)(n)),
    }
}

/// The report as plain text.
pub fn text(policy: &Policy, report: &Report) -> String {
    let page = Page { policy, report, words: words(policy.language) };
    let mut lines = page.head();
    lines.extend(page.problems());
    lines.extend(page.duties());
    lines.extend(page.buckets());
    lines.extend(page.month());
    lines.extend(page.rest());
    let tail = page.tail();
    lines.truncate(LINES - tail.len());
    lines.extend(tail);
    lines.join("\n") + "\n"
}

struct Page<'a> {
    policy: &'a Policy,
    report: &'a Report,
    words: &'a Words,
}

impl Page<'_> {
    fn head(&self) -> Vec<String> {
        let Self { report, words, .. } = self;
        let proven = (words.proven)(
            report.proven.expected,
            report.proven.home,
            report.home.as_str(),
            report.proven.dr,
            report.dr.as_str(),
        );
        let mut lines = vec![conclusion(words, report), proven];
        lines.extend(gap(words, report));
        let all = report.unread.len();
        lines.extend((all > 0).then(|| {
            let first = report.unread.first().map_or("", String::as_str);
            let more = self.more(all, 1).unwrap_or_default();
            format!("! {}{}{first} {more}", words.unread, words.separator).trim_end().to_owned()
        }));
        lines
    }

    fn problems(&self) -> Vec<String> {
        let Self { report, words, .. } = self;
        let mut lines = Vec::new();
        for problem in report.problems.iter().take(PROBLEMS) {
            let severity = severity_word(self.policy.language, problem.severity);
            lines.push(format!("[{severity}] {}", problem.headline));
            let (since, kind) = (self.time(problem.since), &problem.kind);
            lines.push(format!("    {} {since}, docs/runbooks/{kind}.md", words.since));
            let fix = problem.fix.as_deref().and_then(|fix| fix.lines().next());
            lines.extend(fix.map(|fix| format!("    → {fix}")));
        }
        lines.extend(self.more(report.problems.len(), PROBLEMS));
        self.part(words.problems, lines)
    }

    fn duties(&self) -> Vec<String> {
        let Self { report, words, .. } = self;
        let mut lines: Vec<String> =
            report.duties.iter().take(ROWS).map(|row| self.row(row)).collect();
        lines.extend(self.more(report.duties.len(), ROWS));
        self.part(words.duties, lines)
    }

    fn buckets(&self) -> Vec<String> {
        let Self { policy, report, words } = self;
        let all = &report.buckets;
        let mut lines: Vec<String> =
            all.iter().take(ROWS).map(|row| row.line(policy, words)).collect();
        lines.extend(self.more(all.len(), ROWS));
        self.part(buckets::title(policy.language), lines)
    }

    fn row(&self, row: &Row) -> String {
        let words = self.words;
        let clock = |at: Option<Timestamp>| {
            at.map_or("-".to_owned(), |at| {
                at.to_zoned(self.policy.zone.clone()).strftime("%H:%M").to_string()
            })
        };
        let minutes = row.minutes.map(|minutes| format!(" ({})", (words.span)(minutes)));
        let size = row.allocated_gib.map(|gib| format!(", {gib} GiB"));
        let age = row.age_minutes.map_or(words.unknown.to_owned(), words.span);
        format!(
            "{} {} {}{sep}{} {}, {} {}{}{}, {} {age} ({} {})",
            (words.word)(row.verdict),
            row.asset,
            row.subject,
            words.taken,
            clock(row.taken),
            words.landed,
            clock(row.landed),
            minutes.unwrap_or_default(),
            size.unwrap_or_default(),
            words.age,
            words.objective,
            (words.span)(row.objective_minutes),
            sep = words.separator,
        )
    }

    fn month(&self) -> Vec<String> {
        let Self { report, words, .. } = self;
        let month = &report.month;
        let figures = words.figures(month);
        let mut lines: Vec<String> =
            figures.iter().map(|(label, value)| self.pair(label, value)).collect();
        let over: Vec<&str> = month.over.iter().map(|over| (words.over)(*over)).collect();
        lines.extend((!over.is_empty()).then(|| format!("! {}", over.join(words.comma))));
        self.part(words.month, lines)
    }

    /// One line each, so that all of them find room.
    fn rest(&self) -> Vec<String> {
        let Self { report, words, .. } = self;
        let unprotected = match &report.unprotected {
            None => words.unread.to_owned(),
            Some(all) => self.list(all.iter().map(|one| one.id.clone()), all.len()),
        };
        let quota = |quota: &super::QuotaLine| {
            let mark = if quota.short { "! " } else { "" };
            format!("{mark}{} {} {}/{}", quota.region, quota.name, quota.used, quota.max)
        };
        let quotas = self.list(report.quotas.iter().map(quota), report.quotas.len());
        let orphan = |orphan: &super::Orphan| {
            let about = (words.orphan)(orphan.points, orphan.allocated_gib, orphan.usd_at_most);
            format!("{} ({about})", orphan.asset)
        };
        let orphans = self.list(report.orphans.iter().map(orphan), report.orphans.len());
        let topic = |topic: &super::Listeners| {
            let mark = if topic.before > Some(topic.confirmed) { "! " } else { "" };
            format!("{mark}{} {}", topic.region, (words.listens)(topic.confirmed, topic.before))
        };
        let topics = self.list(report.topics.iter().map(topic), report.topics.len());
        let lines = vec![
            self.pair(words.preflight, &self.preflight()),
            self.pair(words.unprotected, &unprotected),
            self.pair(words.quotas, &quotas),
            self.pair(words.orphans, &orphans),
            self.pair(words.listeners, &topics),
        ];
        self.part(words.account, lines)
    }

    fn preflight(&self) -> String {
        let Self { report, words, .. } = self;
        let all = report.preflight.len();
        let lacking = |one: &&super::Preflight| one.lacking().next().is_some();
        let unready: Vec<_> = report.preflight.iter().filter(lacking).collect();
        let ready = (words.ready_of)(all - unready.len(), all);
        if unready.is_empty() {
            return ready;
        }
        let one = |one: &&super::Preflight| {
            let items: Vec<&str> = one.lacking().map(words.item).collect();
            format!("{} ({})", one.asset, items.join(words.comma))
        };
        let named = self.list(unready.iter().map(one), unready.len());
        format!("! {ready}{}{named}", words.comma)
    }

    fn tail(&self) -> Vec<String> {
        let Self { report, words, .. } = self;
        let (bucket, dr, path) = (&report.journal, &report.dr, path(report.day));
        let mut lines = vec![String::new(), format!("■ {}", words.whole)];
        if !bucket.is_empty() {
            lines.push(format!("  aws s3 cp --region {dr} s3://{bucket}/{path}.html ."));
            lines.push(format!(
                "  https://{dr}.console.aws.amazon.com/s3/object/{bucket}?region={dr}&prefix={path}.html"
            ));
        }
        let number = (words.number)(report.number);
        lines.push(format!("-- Sonae {} {number}, {}", words.title, self.time(report.at)));
        lines
    }

    fn part(&self, label: &str, lines: Vec<String>) -> Vec<String> {
        if lines.is_empty() {
            return lines;
        }
        let head = [String::new(), format!("■ {label}")];
        head.into_iter().chain(lines.into_iter().map(|line| format!("  {line}"))).collect()
    }

    fn pair(&self, label: &str, value: &str) -> String {
        format!("{label}{}{value}", self.words.separator)
    }

    fn list(&self, items: impl Iterator<Item = String>, all: usize) -> String {
        let shown: Vec<String> = items.take(FEW).chain(self.more(all, FEW)).collect();
        match shown.is_empty() {
            true => self.words.none.to_owned(),
            false => shown.join(self.words.comma),
        }
    }

    fn more(&self, all: usize, shown: usize) -> Option<String> {
        (all > shown).then(|| (self.words.more)(all - shown))
    }

    fn time(&self, moment: Timestamp) -> String {
        time(&self.policy.zone, moment)
    }
}

/// What an earlier run did not do is said by the next one.
pub(super) fn gap(words: &Words, report: &Report) -> Option<String> {
    match report.before {
        _ if report.number.is_none() => Some(words.past_unread.to_owned()),
        None => Some(words.first_report.to_owned()),
        Some(before) if before.saturating_add(1.day()) < report.day => {
            Some((words.no_report_between)(&before.to_string(), &report.day.to_string()))
        }
        Some(_) => None,
    }
}
