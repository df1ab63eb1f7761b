//! How the host stands, for a person and for a program.

use crate::engine::Engine;
use crate::said::Said;
use crate::server::{Server, age};
use crate::setup::Setup;
use crate::state::read;
use crate::watch::{Lag, SILENT};
use crate::{logical, outbox, runs};
use domain::host::run::{How, Past};
use domain::host::schedule::{self, Late};
use domain::host::set::{Set, newest};
use domain::host::target::continuous_from;
use jiff::Timestamp;
use serde::Serialize;

/// More segments than this wait because archiving fails, or nearly.
const WAITING: u64 = 4;

/// How the host stands.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Version of this form.
    pub schema: u8,
    /// The host's id.
    pub host: String,
    /// When.
    pub at: Timestamp,
    /// The newest backup.
    pub newest: Option<Set>,
    /// How many there are.
    pub sets: usize,
    /// How many dumps there are.
    pub dumps: usize,
    /// From when on any moment can be restored.
    pub any_moment_from: Option<Timestamp>,
    /// Backups before that, each of which can be restored to its own end only.
    pub own_end_only: Vec<String>,
    /// How far the bucket is behind.
    pub lag: Option<Lag>,
    /// What waits to be told.
    pub untold: usize,
    /// What is wrong, in words; empty when nothing is.
    pub problems: Vec<String>,
}

impl Status {
    /// Looks.
    pub async fn look(setup: &Setup) -> Self {
        let now = Timestamp::now();
        let mut problems = Vec::new();
        let sets = setup.engine().sets().await.unwrap_or_else(|fault| {
            problems.push(format!("the repository: {fault}"));
            Vec::new()
        });
        let lag = read::<Lag>(&setup.state.at("lag.json")).ok().flatten();
        problems.extend(of_runs(setup, &runs::all(&setup.state), now));
        problems.extend(of_lag(setup, lag.as_ref(), now));
        problems.extend(of_server(setup).await);
        let from = continuous_from(&sets, setup.host.wal_keep, now).map(|set| set.stop);
        let old = sets.iter().filter(|set| Some(set.stop) < from);
        Self {
            schema: 1,
            host: setup.host.id.to_string(),
            at: now,
            newest: newest(&sets).cloned(),
            dumps: logical::dumps(&setup.host.repository).len(),
            any_moment_from: from,
            own_end_only: old.map(|set| set.label.clone()).collect(),
            sets: sets.len(),
            lag,
            untold: outbox::waiting(setup),
            problems,
        }
    }

    /// In words and as data; anything wrong is an exit code of its own.
    pub fn said(&self) -> Said {
        Said::of(self.text(), self, !self.problems.is_empty())
    }

    /// In words.
    pub fn text(&self) -> String {
        let mut text = format!("{} at {}\n", self.host, self.at.strftime("%Y-%m-%d %H:%M:%SZ"));
        match &self.newest {
            Some(set) => {
                text += &format!(
                    "newest backup: {} of {}, {} in all, {} dumps\n",
                    set.label, set.stop, self.sets, self.dumps
                )
            }
            None => text += "newest backup: none\n",
        }
        if let Some(from) = self.any_moment_from {
            text += &format!("any moment can be restored from {from} on\n");
        }
        if !self.own_end_only.is_empty() {
            text += &format!("to their own end only: {}\n", self.own_end_only.join(", "));
        }
        match self.lag.as_ref().and_then(|lag| lag.seconds) {
            Some(seconds) => text += &format!("lost if the host were gone now: {seconds} s\n"),
            None => text += "lost if the host were gone now: not known yet\n",
        }
        text += &format!("waiting to be told: {}\n", self.untold);
        match self.problems.as_slice() {
            [] => text + "all well\n",
            problems => {
                problems.iter().fold(text, |text, problem| text + &format!("PROBLEM {problem}\n"))
            }
        }
    }
}

fn of_runs(setup: &Setup, past: &[Past], now: Timestamp) -> Vec<String> {
    let late = schedule::late(&setup.host, &setup.policy.zone, past, now);
    late.into_iter()
        .map(|Late { job, slot, last }| {
            let why = match last {
                Some(How::Failed { why }) => format!("the last try failed: {why}"),
                Some(How::Killed) => "the last try was killed".to_owned(),
                _ => "it was not tried; does sonae-agent-due.timer run?".to_owned(),
            };
            format!("the {job} run that was due at {slot} has not succeeded: {why}")
        })
        .collect()
}

/// Age and gap are two things: a log that is fresh may have a hole, and one without a hole may have stopped.
fn of_lag(setup: &Setup, lag: Option<&Lag>, now: Timestamp) -> Vec<String> {
    let Some(lag) = lag.filter(|lag| age(lag.at, now) < SILENT) else {
        return vec!["nothing mirrors: `sonae-agent mirror --watch` does not run".to_owned()];
    };
    let behind = lag.seconds.filter(|seconds| *seconds > setup.host.rpo.as_secs());
    let behind = behind.map(|seconds| {
        format!(
            "the bucket is {seconds} s behind, more than the {} s that may be lost",
            setup.host.rpo.as_secs()
        )
    });
    let gap = lag.gap.map(|gap| {
        format!("segment `{gap}` of the log lacks in the bucket though later ones are there")
    });
    behind.into_iter().chain(gap).chain(lag.trouble.clone()).collect()
}

async fn of_server(setup: &Setup) -> Vec<String> {
    let archiving = match Server::new(&setup.host.socket, setup.host.port).archiving().await {
        Ok(archiving) => archiving,
        Err(fault) => return vec![fault.to_string()],
    };
    let [mode, ..] = &archiving.settings;
    let off = (mode != "on").then(|| {
        "archive_mode is off: nothing is backed up since this server was restored; run `sonae-agent init --yes`".to_owned()
    });
    let failed = archiving
        .failed
        .map(|name| format!("archiving segment `{name}` fails; see PostgreSQL's log"));
    let waiting = (archiving.waiting > WAITING)
        .then(|| format!("{} segments wait to be archived", archiving.waiting));
    off.into_iter().chain(failed).chain(waiting).collect()
}
