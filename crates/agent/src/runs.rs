//! The records of runs: one before, one after. A run without its end, while nobody holds the lock, was killed.

use crate::fault::Fault;
use crate::state::{State, read, write};
use domain::host::run::{End, How, Job, Past, Run};
use jiff::Timestamp;
use std::fs;

/// So many records are kept.
const KEPT: usize = 400;

/// Every run that is recorded, oldest first.
pub fn all(state: &State) -> Vec<Past> {
    let names = state.names("runs");
    names.iter().filter_map(|name| past(state, name)).collect()
}

fn past(state: &State, name: &str) -> Option<Past> {
    let run: Run = read(&state.at("runs").join(name).join("run.json")).ok()??;
    let end = read(&state.at("runs").join(name).join("end.json")).ok()?;
    Some(Past { run, end })
}

/// Records that a run begins.
///
/// # Errors
/// It cannot be recorded, so it must not begin: killed, nobody would know.
pub fn begin(state: &State, job: Job, now: Timestamp) -> Result<Run, Fault> {
    let run = Run::new(job, now);
    write(&state.at("runs").join(run.id()).join("run.json"), &run)?;
    prune(state);
    Ok(run)
}

/// Records how it ended.
///
/// # Errors
/// It cannot be recorded; the next run takes this one for killed.
pub fn end(state: &State, run: &Run, end: &End) -> Result<(), Fault> {
    write(&state.at("runs").join(run.id()).join("end.json"), end)
}

/// Closes the runs that left no end, but for those that are live; to be called with the lock held.
///
/// # Errors
/// It cannot be recorded.
pub fn close_killed(
    state: &State,
    now: Timestamp,
    is_live: impl Fn(Job) -> bool,
) -> Result<Vec<(Run, End)>, Fault> {
    let open = all(state).into_iter().filter(|past| past.end.is_none() && !is_live(past.run.job));
    open.map(|past| {
        let closed = End { at: now, how: How::Killed };
        end(state, &past.run, &closed)?;
        Ok((past.run, closed))
    })
    .collect()
}

fn prune(state: &State) {
    let names = state.names("runs");
    for name in names.iter().take(names.len().saturating_sub(KEPT)) {
        // An old record that stays harms nobody.
        _ = fs::remove_dir_all(state.at("runs").join(name));
    }
}
