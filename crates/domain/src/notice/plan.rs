//! A sweep's plan as a page of text: what goes, what stays and why, what nobody needs.

use super::{Scene, commands};
use crate::episode::{EpisodeKey, Kind, Subject};
use crate::policy::{Language, Orphans, Policy};
use crate::sweep::{Kept, Lot, Orphan, Plan, Why, cost_at_most};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The words of one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) lot: fn(all: usize, gone: usize) -> String,
    pub(super) stopped: &'static str,
    pub(super) delete: &'static str,
    pub(super) keep: &'static str,
    pub(super) kept: fn(&Kept) -> &'static str,
    pub(super) why: fn(Why) -> &'static str,
    pub(super) orphans: &'static str,
    pub(super) left_alone: &'static str,
    pub(super) may_be_deleted: &'static str,
    pub(super) no_time: &'static str,
    pub(super) unread: &'static str,
    pub(super) nothing: &'static str,
    pub(super) sum: fn(gone: usize, stopped: usize, orphans: usize, usd: i64) -> String,
}

/// The page. It ends with one line of sums.
pub fn plan(policy: &Policy, plan: &Plan, now: Timestamp) -> String {
    let words = match policy.language {
        Language::Ja => &super::ja::PLAN,
        Language::En => &super::en::PLAN,
    };
    let page = Page { policy, words, now };
    let mut lines =
        vec![format!("{}: {} {}", policy.system, words.title, page.time(now)), String::new()];
    plan.lots.iter().for_each(|lot| page.lot(lot, &mut lines));
    page.orphans(&plan.orphans, &mut lines);
    lines.extend(plan.unread.iter().map(|fault| format!("{} {fault}", words.unread)));
    if plan.lots.is_empty() {
        lines.push(words.nothing.to_owned());
    }
    let stopped = plan.lots.iter().filter(|lot| lot.stopped.is_some());
    let usd = cost_at_most(plan.orphans.iter().filter_map(|one| one.size_gib).map(i64::from).sum());
    let (gone, stopped) = (plan.deletions().len(), stopped.map(|lot| lot.gone.len()).sum());
    lines.push((words.sum)(gone, stopped, plan.orphans.len(), usd));
    lines.join("\n") + "\n"
}

struct Page<'a> {
    policy: &'a Policy,
    words: &'a Words,
    now: Timestamp,
}

impl Page<'_> {
    fn lot(&self, lot: &Lot, lines: &mut Vec<String>) {
        let (gone, all) = (lot.gone.len(), lot.gone.len() + lot.kept.len());
        let stopped = if lot.stopped.is_some() { self.words.stopped } else { "" };
        let counted = (self.words.lot)(all, gone);
        lines.push(format!("{} ({}): {counted}{stopped}", lot.asset, lot.region));
        lines.extend(lot.gone.iter().map(|delete| {
            format!("  {}  {}  {}", self.words.delete, self.time(delete.created), delete.name)
        }));
        let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, why) in &lot.kept {
            *kept.entry((self.words.kept)(why)).or_default() += 1;
        }
        lines.extend(kept.iter().map(|(why, n)| format!("  {}  {n:>3}  {why}", self.words.keep)));
        if let Some(number) = &lot.stopped {
            let command = commands::approve(&self.scene(&self.key_of(lot)), number);
            lines.extend(command.lines().map(|line| format!("  $ {line}").replace("$   ", "    ")));
        }
        lines.push(String::new());
    }

    fn orphans(&self, orphans: &[Orphan], lines: &mut Vec<String>) {
        if orphans.is_empty() {
            return;
        }
        let Words { left_alone, may_be_deleted, .. } = self.words;
        let fate = match self.policy.orphans {
            Orphans::Report => left_alone,
            Orphans::Delete => may_be_deleted,
        };
        lines.push(format!("{} {fate}", self.words.orphans));
        for orphan in orphans {
            let (region, why) = (orphan.region(), (self.words.why)(orphan.why));
            let age = orphan.created.map_or(self.words.no_time.to_owned(), |at| self.time(at));
            let size = orphan
                .size_gib
                .map(|gib| format!(", {gib} GiB, <= {} USD", cost_at_most(i64::from(gib))));
            let size = size.unwrap_or_default();
            lines.push(format!(
                "  {region}  {age}  {} ({}: {why}{size})",
                orphan.name, orphan.asset
            ));
        }
        lines.push(String::new());
    }

    fn time(&self, moment: Timestamp) -> String {
        moment.to_zoned(self.policy.zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
    }

    fn key_of(&self, lot: &Lot) -> EpisodeKey {
        let subject = Subject::item(lot.region.as_str());
        EpisodeKey { asset: Some(lot.asset.clone()), kind: Kind::SweepStopped, subject }
    }

    fn scene<'s>(&'s self, key: &'s EpisodeKey) -> Scene<'s> {
        Scene { policy: self.policy, key, now: self.now }
    }
}
