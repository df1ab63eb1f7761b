//! The repository, read back in full, and the bucket held against it.

use crate::bucket::Bucket;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mirror::walk;
use crate::server::{age, segment};
use crate::setup::Setup;
use domain::host::mirror::{Part, owner, part, segments};
use domain::host::set::newest;
use domain::host::wal::held;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A backup may take so long to the bucket on a slow line before it is missing there.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(6);

/// Verifies.
///
/// # Errors
/// Something is wrong, all of it in words, or nothing can be read.
pub async fn verify(setup: &Setup) -> Result<String, Fault> {
    let now = Timestamp::now();
    let engine = setup.engine();
    let verified = engine.verify().await?;
    let sets = engine.sets().await?;
    let local = walk(&setup.host.repository, "");
    let mut bad = verified.bad;
    let newest = newest(&sets).ok_or_else(|| {
        Fault::Failed(
            "there is no good backup in the repository; run `sonae-agent backup full`".to_owned(),
        )
    })?;
    // A segment that lacks between two that are there is found by a restore only, and then too late.
    let log = segments(local.iter().map(|found| &found.path));
    bad.extend(held(&log, newest.wal_start, segment(setup)).gap.map(|gap| {
        format!("segment `{gap}` of the log lacks though later ones are there; run `sonae-agent backup full` now")
    }));
    let bucket = match Bucket::of(setup).await.list().await {
        Ok(bucket) => bucket,
        Err(fault) => {
            return Err(Fault::Failed(join(
                bad,
                &format!("the bucket cannot be looked at: {fault}"),
            )));
        }
    };
    let due: BTreeSet<&str> = sets
        .iter()
        .filter(|set| age(set.stop, now) > ON_ITS_WAY)
        .map(|set| set.label.as_str())
        .collect();
    for found in &local {
        // What lists sets is written again with each backup, and follows within seconds.
        let of_set = owner(&found.path).is_none_or(|owner| due.contains(owner))
            && part(&found.path) != Some(Part::Info);
        match bucket.get(&found.path).filter(|_| of_set) {
            Some(bytes) if *bytes != found.bytes => {
                bad.push(format!(
                    "`{}` has {bytes} bytes in the bucket and {} here",
                    found.path, found.bytes
                ));
            }
            None if of_set && found.path.ends_with("backup.manifest") => {
                bad.push(format!(
                    "`{}` is not in the bucket; see `sonae-agent status`",
                    found.path
                ));
            }
            _ => {}
        }
    }
    if bad.is_empty() {
        let mirrored = local.iter().filter(|found| part(&found.path).is_some()).count();
        return Ok(format!(
            "{} files read back, {mirrored} held against the bucket",
            verified.files
        ));
    }
    Err(Fault::Failed(join(
        bad,
        "restore from the other copy while it is whole, and take a full backup now",
    )))
}

fn join(mut bad: Vec<String>, last: &str) -> String {
    bad.push(last.to_owned());
    bad.join("; ")
}
