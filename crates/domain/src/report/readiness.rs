//! The part of the page that says whether a restore in dr would find what it needs.

use super::page::{CHARTS, Page};
use super::{Item, Preflight, Ready};
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn preflight(&self) -> Markup {
        let Self { report, words, .. } = self;
        let left_out = report.preflight.len().saturating_sub(CHARTS);
        let shown = || report.preflight.iter().take(CHARTS);
        html! {
            section {
                h2 { (words.preflight) }
                (self.readiness(&Item::OF_RDS, shown().filter(|one| !one.is_of_backup())))
                (self.readiness(&Item::OF_BACKUP, shown().filter(|one| one.is_of_backup())))
                @if left_out > 0 { p.soft { ((words.more_ready)(left_out)) } }
            }
        }
    }

    /// A table of those that need the same things.
    fn readiness<'r>(&self, items: &[Item], rows: impl Iterator<Item = &'r Preflight>) -> Markup {
        let words = self.words;
        let rows: Vec<&Preflight> = rows.collect();
        html! {
            @if !rows.is_empty() {
                table.rows {
                    thead { tr {
                        th scope="col" { (words.asset) }
                        @for item in items { th scope="col" { ((words.item)(*item)) } }
                    } }
                    tbody {
                        @for one in rows { (self.ready(one)) }
                    }
                }
            }
        }
    }

    fn ready(&self, one: &Preflight) -> Markup {
        let words = self.words;
        html! {
            tr {
                td data-label=(words.asset) { span { (one.asset.as_str()) } }
                @for (item, ready) in &one.items {
                    td data-label=((words.item)(*item)) {
                        span class=(tone_of_ready(*ready)) { ((words.ready)(*ready)) }
                    }
                }
            }
        }
    }
}

fn tone_of_ready(ready: Ready) -> &'static str {
    match ready {
        Ready::Failing => "bad",
        Ready::Unread => "warn",
        Ready::Ready => "good",
        Ready::NotNeeded => "soft",
    }
}
