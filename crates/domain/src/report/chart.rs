//! A line of days, as inline SVG: no script, drawn by the page's own colours.

use super::trend::Point;
use super::{Row, Trend};
use crate::id::AssetId;
use jiff::civil::Date;
use maud::{Markup, html};

/// The drawing's own units; the page scales it to its width.
const WIDTH: u32 = 600;
const HEIGHT: u32 = 120;
const TOP: u32 = 12;
const BOTTOM: u32 = 20;
const LEFT: u32 = 8;

/// What one chart is drawn from.
struct Scale {
    days: u32,
    /// The largest age that has room, in minutes.
    most: u32,
}

/// An asset's age by day, with its objective, and a mark for each day that was late or missed.
pub(super) fn ages(trend: &Trend, row: &Row, label: &str) -> Markup {
    let points: Vec<(Date, Point)> = trend.of(&row.asset).collect();
    let objective = u32::try_from(row.objective_minutes).unwrap_or(u32::MAX);
    let oldest = points.iter().filter_map(|(_, point)| point.age).max().unwrap_or_default();
    let most = oldest.max(objective).saturating_add(objective / 4).max(1);
    let scale = Scale { days: u32::try_from(points.len()).unwrap_or(1), most };
    let line = scale.y(objective);
    let numbered = || (0u32..).zip(&points);
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label) {
            title { (label) }
            line.objective x1="0" x2=(WIDTH) y1=(line) y2=(line) {}
            @for run in runs(&points) {
                polyline.age points=(scale.polyline(&run)) {}
            }
            @for (n, (day, point)) in numbered() {
                @if let Some(age) = point.age {
                    circle.age cx=(scale.x(n)) cy=(scale.y(age)) r="3" {
                        title { (day) ": " (age / 60) " h " (format!("{:02}", age % 60)) " min" }
                    }
                }
                @if let Some(class) = mark(point.held) {
                    rect class=(class) x=(scale.x(n).saturating_sub(4)) y=(HEIGHT - BOTTOM + 4) width="8" height="8" {
                        title { (day) }
                    }
                }
            }
            @if let Some((first, _)) = points.first() {
                text x="0" y=(HEIGHT - 2) { (first.strftime("%m-%d")) }
            }
            @if let (true, Some((last, _))) = (points.len() > 1, points.last()) {
                text.end x=(WIDTH) y=(HEIGHT - 2) { (last.strftime("%m-%d")) }
            }
            text.end.objective x=(WIDTH) y=(line.saturating_sub(3)) { (objective / 60) " h" }
        }
    }
}

/// A day without trouble has no mark.
fn mark(held: char) -> Option<&'static str> {
    match held {
        'l' => Some("late"),
        'm' => Some("missed"),
        _ => None,
    }
}

/// A day without a value is a gap, never a line across it.
fn runs(points: &[(Date, Point)]) -> Vec<Vec<(u32, u32)>> {
    let mut runs: Vec<Vec<(u32, u32)>> = vec![Vec::new()];
    for (n, (_, point)) in (0u32..).zip(points) {
        match (point.age, runs.last_mut()) {
            (Some(age), Some(run)) => run.push((n, age)),
            (None, Some(run)) if run.is_empty() => {}
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

impl Scale {
    fn x(&self, n: u32) -> u32 {
        let between = self.days.saturating_sub(1).max(1);
        LEFT + n * (WIDTH - 2 * LEFT) / between
    }

    fn y(&self, minutes: u32) -> u32 {
        let room = u64::from(HEIGHT - TOP - BOTTOM);
        let part = u64::from(minutes.min(self.most)) * room / u64::from(self.most);
        HEIGHT - BOTTOM - u32::try_from(part).unwrap_or_default()
    }

    fn polyline(&self, run: &[(u32, u32)]) -> String {
        let points: Vec<String> =
            run.iter().map(|(n, age)| format!("{},{}", self.x(*n), self.y(*age))).collect();
        points.join(" ")
    }
}

/// Kept out of the page: an id is letters, digits and hyphens, and so a fragment as it is.
pub(super) fn anchor(asset: &AssetId) -> String {
    format!("asset-{asset}")
}
