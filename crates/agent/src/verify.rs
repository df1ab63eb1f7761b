//! The repository, read back in full, and the bucket held against it.

use crate::compare::compare;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mirror::walk;
use crate::progress;
use crate::server::segment;
use crate::setup::Setup;
use domain::host::mirror::{Found, part, segments};
use domain::host::set::{Set, newest};
use domain::host::wal::held;

/// So many things that are wrong are named; a lost disk has thousands.
const NAMED: usize = 10;

/// Verifies.
///
/// # Errors
/// Something is wrong, in words, or nothing can be read.
pub async fn verify(setup: &Setup) -> Result<String, Fault> {
    let engine = setup.engine();
    let verified = progress::during("verify", engine.verify()).await?;
    let sets = engine.sets().await?;
    let local = walk(&setup.host.repository, "");
    let newest = newest(&sets).ok_or_else(|| {
        Fault::Failed(
            "there is no good backup in the repository; run `sonae-agent backup full`".to_owned(),
        )
    })?;
    let mut bad = verified.bad;
    bad.extend(hole(setup, newest, &local));
    bad.extend(compare(setup, &sets, newest, &local).await);
    if bad.is_empty() {
        let mirrored = local.iter().filter(|found| part(&found.path).is_some()).count();
        return Ok(format!(
            "{} files read back, {mirrored} held against the bucket",
            verified.files
        ));
    }
    Err(Fault::Failed(named(bad)))
}

/// A segment that lacks between two that are there is found by a restore only, and then too late.
fn hole(setup: &Setup, newest: &Set, local: &[Found]) -> Option<String> {
    let log = segments(local.iter().map(|found| &found.path));
    let gap = held(&log, newest.wal_start, segment(setup)).gap?;
    Some(format!(
        "segment `{gap}` of the log lacks though later ones are there; run `sonae-agent backup full` now"
    ))
}

fn named(mut bad: Vec<String>) -> String {
    let more = bad.len().saturating_sub(NAMED);
    bad.truncate(NAMED);
    if more > 0 {
        bad.push(format!("and {more} more"));
    }
    bad.push(
        "restore from the other copy while it is whole, and take a full backup now".to_owned(),
    );
    bad.join("; ")
}
