//! A line of days, as inline SVG: no script, drawn by the page's own colours.

use jiff::civil::Date;
use maud::{Markup, html};

/// The drawing's own units; the page scales it to its width, which on a phone is about the same.
const WIDTH: u32 = 360;
const HEIGHT: u32 = 110;
const TOP: u32 = 16;
const BOTTOM: u32 = 20;
const LEFT: u32 = 6;

/// One value a day, against a line that it should keep to.
pub(super) struct Chart<'a> {
    /// What is drawn, in words, for who cannot see it.
    pub(super) label: &'a str,
    /// Oldest first; a day without a value is a gap. The class marks a day in trouble.
    pub(super) days: Vec<(Date, Option<u32>, Option<&'static str>)>,
    /// The line.
    pub(super) limit: u32,
    /// A value in words.
    pub(super) show: fn(i64) -> String,
}

impl Chart<'_> {
    pub(super) fn draw(&self) -> Markup {
        let line = self.y(self.limit);
        let shown = |value: u32| (self.show)(i64::from(value));
        html! {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(self.label) {
                title { (self.label) }
                line.limit x1="0" x2=(WIDTH) y1=(line) y2=(line) {}
                @for run in self.runs() {
                    polyline.value points=(self.polyline(&run)) {}
                }
                @for (n, (day, value, mark)) in (0u32..).zip(&self.days) {
                    @if let Some(value) = value {
                        circle.value cx=(self.x(n)) cy=(self.y(*value)) r="2.5" {
                            title { (day) ": " (shown(*value)) }
                        }
                    }
                    @if let Some(class) = mark {
                        rect class=(class) x=(self.x(n).saturating_sub(3)) y=(HEIGHT - BOTTOM + 2) width="6" height="6" {
                            title { (day) }
                        }
                    }
                }
                @if let Some((first, ..)) = self.days.first() {
                    text x="0" y=(HEIGHT - 2) { (first.strftime("%m-%d")) }
                }
                @if let (true, Some((last, ..))) = (self.days.len() > 1, self.days.last()) {
                    text.end x=(WIDTH) y=(HEIGHT - 2) { (last.strftime("%m-%d")) }
                }
                text.end.limit x=(WIDTH) y=(line.saturating_sub(3)) { (shown(self.limit)) }
            }
        }
    }

    /// A day without a value is a gap, never a line across it.
    fn runs(&self) -> Vec<Vec<(u32, u32)>> {
        let mut runs: Vec<Vec<(u32, u32)>> = vec![Vec::new()];
        for (n, (_, value, _)) in (0u32..).zip(&self.days) {
            match (value, runs.last_mut()) {
                (Some(value), Some(run)) => run.push((n, *value)),
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| run.len() > 1);
        runs
    }

    fn x(&self, n: u32) -> u32 {
        let days = u32::try_from(self.days.len()).unwrap_or(1);
        LEFT + n * (WIDTH - 2 * LEFT) / days.saturating_sub(1).max(1)
    }

    fn y(&self, value: u32) -> u32 {
        let highest = self.days.iter().filter_map(|(_, value, _)| *value).max().unwrap_or_default();
        let most = u64::from(highest.max(self.limit).max(1));
        let room = u64::from(HEIGHT - TOP - BOTTOM);
        let part = u64::from(value) * room / most;
        HEIGHT - BOTTOM - u32::try_from(part).unwrap_or_default()
    }

    fn polyline(&self, run: &[(u32, u32)]) -> String {
        let points: Vec<String> =
            run.iter().map(|(n, value)| format!("{},{}", self.x(*n), self.y(*value))).collect();
        points.join(" ")
    }
}

/// A day without trouble has no mark.
pub(super) fn mark(held: char) -> Option<&'static str> {
    match held {
        'l' => Some("late"),
        'm' => Some("missed"),
        _ => None,
    }
}
