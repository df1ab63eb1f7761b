//! The report of a day: made, written down, sent.

use super::{Round, Turn};
use crate::finding::Severity;
use crate::judge::judge;
use crate::policy::{Policy, Reporting};
use crate::record::{Record, Shape};
use crate::report::{self, Report};
use crate::seen::{Scope, Seen};
use crate::step::Action;
use crate::tell::Say;
use crate::world::World;
use jiff::Timestamp;

/// The report as it would be now, for a person who asks: nothing is done, written down or told.
pub async fn report(world: &impl World, policy: &Policy, now: Timestamp) -> Report {
    let seen = world.observe(&Scope::Day).await;
    let grown = seen.grown.clone();
    let policy = grown.as_ref().unwrap_or(policy);
    let judgement = judge(policy, &seen, &[], now);
    report::compose(policy, &seen, &judgement.duties, &judgement.findings, now)
}

impl Round {
    /// Where it is due, which the look has decided: it has looked at what only the report needs. Written
    /// first, so that the mail points at what is there; a journal that cannot be written to keeps no
    /// mail from going out.
    pub(super) async fn report(&mut self, turn: &Turn<'_, impl World>, seen: &Seen) {
        if seen.daily.is_none() {
            return;
        }
        let Turn { world, policy, now, .. } = *turn;
        let report = report::compose(policy, seen, &self.duties, &self.findings, now);
        // One that does not go on from those before it would be where the next one begins.
        if report.number.is_some() {
            self.keep(turn, &report).await;
        }
        let notice = report::mail(policy, &report);
        match is_wanted(policy.notify.report, &report) {
            true => self.say(turn, Say::Notice(notice)).await,
            false => world.mark(&notice.key).await,
        }
        self.report = Some(report);
    }

    async fn keep(&mut self, turn: &Turn<'_, impl World>, report: &Report) {
        // One at a time: of ten thousand assets each is several megabytes.
        for shape in [Shape::Json, Shape::Html] {
            let content = match shape {
                Shape::Json => serde_json::to_string(report).unwrap_or_default(),
                Shape::Html => report::page(turn.policy, report),
            };
            let record = Record::Report { day: report.day, shape, content };
            if let Some(fault) = turn.world.act(&Action::Record(record)).await.fault() {
                return self.undone.push(fault.clone());
            }
        }
    }
}

fn is_wanted(when: Reporting, report: &Report) -> bool {
    when == Reporting::Daily || report.severity > Severity::Info
}
