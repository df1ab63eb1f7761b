//! The page: one HTML file with nothing outside of it, for a phone, paper and a dark room.

use super::chart::{Chart, mark};
use super::text::gap;
use super::words::{Words, time, words};
use super::{Problem, Report, Row, Verdict};
use crate::finding::Severity;
use crate::notice::severity_word;
use crate::policy::{Language, Policy};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeSet;

const STYLE: &str = include_str!("page.css");

/// A chart is half a screen; more of them are not looked at.
pub(super) const CHARTS: usize = 60;

/// The report as a page.
pub fn page(policy: &Policy, report: &Report) -> String {
    let page = Page {
        report,
        words: words(policy.language),
        zone: &policy.zone,
        language: policy.language,
    };
    page.whole().into_string()
}

pub(super) struct Page<'a> {
    pub(super) report: &'a Report,
    pub(super) words: &'a Words,
    pub(super) zone: &'a TimeZone,
    pub(super) language: Language,
}

impl Page<'_> {
    fn whole(&self) -> Markup {
        let Self { report, words, .. } = self;
        let title = format!("{} {} {}", report.system, words.title, report.day);
        html! {
            (DOCTYPE)
            html lang=(words.lang) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.head(&title))
                    (self.problems())
                    (self.duties())
                    (self.buckets())
                    (self.preflight())
                    (self.month())
                    (self.charts())
                    (self.rest())
                }
            }
        }
    }

    fn head(&self, title: &str) -> Markup {
        let Self { report, words, .. } = self;
        let proven = &report.proven;
        let (home, dr) = (report.home.as_str(), report.dr.as_str());
        let verdict = severity_word(self.language, report.severity);
        html! {
            header {
                h1 { (title) }
                p class=(tone(report.severity)) { (verdict) }
                p { ((words.proven)(proven.expected, proven.home, home, proven.dr, dr)) }
                @if let Some(gap) = gap(words, report) { p.soft { (gap) } }
                @for fault in &report.unread { p.warn { (words.unread) (words.separator) (fault) } }
                p.soft { ((words.number)(report.number)) ", " (self.time(report.at)) }
            }
        }
    }

    fn problems(&self) -> Markup {
        let Self { report, words, .. } = self;
        html! {
            section {
                h2 { (words.problems) }
                @if report.problems.is_empty() { p { (words.none) } }
                @for problem in &report.problems { (self.problem(problem)) }
            }
        }
    }

    fn problem(&self, problem: &Problem) -> Markup {
        let words = self.words;
        let severity = severity_word(self.language, problem.severity);
        html! {
            div.problem.critical[problem.severity == Severity::Critical] {
                p { span class=(tone(problem.severity)) { (severity) } " " (problem.headline) }
                p.soft {
                    (words.since) " " (self.time(problem.since)) ", "
                    (words.runbook) ": docs/runbooks/" (problem.kind) ".md"
                }
                @if let Some(fix) = &problem.fix {
                    p { (words.fix) (words.separator) }
                    pre { (fix) }
                }
            }
        }
    }

    fn duties(&self) -> Markup {
        let Self { report, words, .. } = self;
        let heads = [
            words.asset,
            words.of,
            words.verdict,
            words.taken,
            words.landed,
            words.took,
            words.size,
            words.age,
            words.objective,
        ];
        html! {
            section {
                h2 { (words.duties) }
                table.rows {
                    thead { tr { @for head in heads { th scope="col" { (head) } } } }
                    tbody { @for row in &report.duties { (self.row(row, &heads)) } }
                }
            }
        }
    }

    fn row(&self, row: &Row, heads: &[&str; 9]) -> Markup {
        let words = self.words;
        let span = |minutes: Option<i64>| minutes.map_or("-".to_owned(), words.span);
        let clock = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| self.time(at));
        let cells = [
            html! { (row.asset.as_str()) },
            html! { (row.subject) },
            html! { span class=(tone_of(row.verdict)) { ((words.word)(row.verdict)) } },
            html! { (clock(row.taken)) },
            html! { (clock(row.landed)) },
            html! { (span(row.minutes)) },
            html! { (row.allocated_gib.map_or("-".to_owned(), |gib| format!("{gib} GiB"))) },
            html! { (row.age_minutes.map_or(words.unknown.to_owned(), words.span)) },
            html! { ((words.span)(row.objective_minutes)) },
        ];
        html! {
            tr {
                @for (cell, head) in cells.iter().zip(heads) {
                    td data-label=(head) { span { (cell) } }
                }
            }
        }
    }

    /// Ten thousand rows that are all well help nobody.
    fn month(&self) -> Markup {
        let Self { report, words, .. } = self;
        let month = &report.month;
        html! {
            section {
                h2 { (words.month) }
                (table(&words.figures(month)))
                @for over in &month.over { p.warn { ((words.over)(*over)) } }
            }
        }
    }

    fn charts(&self) -> Markup {
        let Self { report, words, .. } = self;
        let mut seen = BTreeSet::new();
        let rows: Vec<&Row> = report.duties.iter().filter(|row| seen.insert(&row.asset)).collect();
        let left_out = rows.len().saturating_sub(CHARTS);
        html! {
            section {
                h2 { (words.success) }
                div.charts { figure { (self.success().draw()) } }
            }
            section {
                h2 { (words.charts) }
                div.charts { @for row in rows.iter().take(CHARTS) { (self.of_asset(row)) } }
                @if left_out > 0 { p.soft { ((words.not_shown)(left_out)) } }
            }
        }
    }

    /// How many in a hundred landed in time, by day.
    fn success(&self) -> Chart<'_> {
        let trend = &self.report.trend;
        let of_day = |day: &Date| {
            let letters = trend.assets.keys().filter_map(|id| trend.letter(id, *day));
            let (held, owed) = letters.fold((0u32, 0u32), |(held, owed), letter| match letter {
                'h' => (held + 1, owed + 1),
                'l' | 'm' => (held, owed + 1),
                _ => (held, owed),
            });
            (*day, (held * 100).checked_div(owed), mark(if held < owed { 'm' } else { 'h' }))
        };
        let days = trend.days.iter().map(of_day).collect();
        Chart { label: self.words.success, days, limit: 99, show: |value| format!("{value} %") }
    }

    fn of_asset(&self, row: &Row) -> Markup {
        let Self { report, words, .. } = self;
        let days: Vec<_> = report.trend.of(&row.asset).collect();
        let number = |minutes: i64| u32::try_from(minutes).unwrap_or(u32::MAX);
        let age = Chart {
            label: &format!("{}{}{}", words.charts, words.separator, row.asset),
            days: days.iter().map(|(day, point)| (*day, point.age, mark(point.held))).collect(),
            limit: number(row.objective_minutes),
            show: words.span,
        };
        let took = Chart {
            label: &format!("{}{}{}", words.took, words.separator, row.asset),
            days: days.iter().map(|(day, point)| (*day, point.took, None)).collect(),
            limit: number(report.month.longest_allowed_minutes),
            show: words.span,
        };
        html! {
            figure {
                figcaption { (row.asset.as_str()) " " span.soft { (words.age) " / " (words.objective) } }
                (age.draw())
                figcaption.soft { (words.took) }
                (took.draw())
            }
        }
    }

    fn rest(&self) -> Markup {
        let Self { report, words, .. } = self;
        let quotas = report.quotas.iter().map(|quota| {
            (format!("{} {}", quota.region, quota.name), format!("{} / {}", quota.used, quota.max))
        });
        let orphans = report.orphans.iter().map(|orphan| {
            let about = (words.orphan)(orphan.points, orphan.allocated_gib, orphan.usd_at_most);
            (orphan.asset.clone(), about)
        });
        let topics = report.topics.iter().map(|topic| {
            (topic.region.to_string(), (words.listens)(topic.confirmed, topic.before))
        });
        let unprotected = report.unprotected.as_ref().map(|all| {
            let one =
                |one: &super::Stranger| (one.id.clone(), format!("{}, {}", one.kind, one.engine));
            all.iter().map(one).collect()
        });
        html! {
            (self.list(words.unprotected, unprotected))
            (self.list(words.quotas, Some(quotas.collect())))
            (self.list(words.orphans, Some(orphans.collect())))
            (self.list(words.listeners, Some(topics.collect())))
        }
    }

    fn list(&self, head: &str, pairs: Option<Vec<(String, String)>>) -> Markup {
        let words = self.words;
        html! {
            section {
                h2 { (head) }
                @match pairs {
                    None => p.warn { (words.unread) },
                    Some(pairs) if pairs.is_empty() => p { (words.none) },
                    Some(pairs) => (table(&pairs)),
                }
            }
        }
    }

    fn time(&self, moment: Timestamp) -> String {
        time(self.zone, moment)
    }
}

fn table<K: AsRef<str>>(pairs: &[(K, String)]) -> Markup {
    html! {
        table { tbody {
            @for (key, value) in pairs {
                tr { th scope="row" { (key.as_ref()) } td { (value) } }
            }
        } }
    }
}

fn tone(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "bad",
        Severity::Warning => "warn",
        Severity::Info => "good",
    }
}

fn tone_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Late => "warn",
        Verdict::NotDue | Verdict::NotOwed => "soft",
        verdict => tone(verdict.severity()),
    }
}
