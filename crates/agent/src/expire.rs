//! What is past its keeping goes: here by the engine, from the bucket by the mirror, and only what was named.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::logical;
use crate::mirror::{Gone, walk};
use crate::setup::Setup;
use crate::state::write;
use domain::host::mirror::segments;
use domain::host::retention::{Expiry, Hold, expiry};
use domain::host::wal::Segment;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fs;

/// What would go now.
///
/// # Errors
/// The repository cannot be read.
pub async fn plan(setup: &Setup) -> Result<Expiry, Fault> {
    let sets = setup.engine().sets().await?;
    let dumps = logical::dumps(&setup.host.repository);
    Ok(expiry(&setup.host, &sets, &dumps, Timestamp::now()))
}

/// Lets it go. What goes from the bucket is written down before and made exact after, so that a crash between leaves
/// objects too many there, never one too few.
///
/// # Errors
/// The repository cannot be read or written.
pub async fn expire(setup: &Setup) -> Result<String, Fault> {
    let plan = plan(setup).await?;
    if plan.held.is_some() {
        return Ok(said(&plan));
    }
    let path = setup
        .state
        .at("gone")
        .join(format!("{}.json", Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ")));
    let owners: BTreeSet<String> = plan.sets.iter().chain(&plan.dumps).cloned().collect();
    let before = log(setup);
    if !owners.is_empty() {
        write(&path, &Gone { owners: owners.clone(), segments: BTreeSet::new() })?;
    }
    setup.engine().expire(&plan).await?;
    for (part, names) in [("logical", &plan.dumps), ("settings", &plan.sets)] {
        for name in names {
            let old = setup.host.repository.join(part).join(name);
            if old.exists() {
                fs::remove_dir_all(&old)
                    .map_err(|error| Fault::file("cannot remove", &old, &error))?;
            }
        }
    }
    let gone: BTreeSet<Segment> = before.difference(&log(setup)).copied().collect();
    if !gone.is_empty() || !owners.is_empty() {
        write(&path, &Gone { owners, segments: gone })?;
    }
    Ok(said(&plan))
}

fn log(setup: &Setup) -> BTreeSet<Segment> {
    segments(walk(&setup.host.repository, "archive").iter().map(|found| &found.path))
}

/// A plan in words.
pub fn said(plan: &Expiry) -> String {
    match plan.held {
        Some(Hold::Nothing) => "nothing expires: there is no good backup".to_owned(),
        Some(Hold::Stale(newest)) => {
            format!(
                "nothing expires: the newest good backup ended at {newest}, more than two days ago"
            )
        }
        Some(Hold::Ahead(newest)) => {
            format!(
                "nothing expires: the newest backup ended at {newest}, which has not come; see the clock"
            )
        }
        None if plan.sets.is_empty() && plan.dumps.is_empty() => {
            "nothing is past its keeping".to_owned()
        }
        None => {
            let all: Vec<&str> = plan.sets.iter().chain(&plan.dumps).map(String::as_str).collect();
            format!("past its keeping: {}", all.join(", "))
        }
    }
}
