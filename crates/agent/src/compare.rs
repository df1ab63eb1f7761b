//! The bucket against the repository: that everything is there in its size, and what a restore of today needs by the
//! checksums that S3 keeps, so that nothing is downloaded.

use crate::bucket::{Bucket, Kept, PART};
use crate::fault::Fault;
use crate::progress::Count;
use crate::server::age;
use crate::setup::Setup;
use aws_smithy_types::base64;
use domain::host::mirror::{Found, Part, needs, owner, part};
use domain::host::set::Set;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A backup may take so long to the bucket on a slow line before it is missing there.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(6);

/// Objects that are asked for at a time.
const LANES: usize = 8;

/// Says what differs, or why nothing can be said.
pub async fn compare(setup: &Setup, sets: &[Set], newest: &Set, local: &[Found]) -> Vec<String> {
    let bucket = Bucket::of(setup).await;
    let held = match bucket.list().await {
        Ok(held) => held,
        Err(fault) => return vec![format!("the bucket cannot be looked at: {fault}")],
    };
    let mut bad = sizes(sets, local, &held);
    match checksums(&bucket, newest, local).await {
        Ok(different) => bad.extend(different),
        Err(fault) => bad.push(fault.to_string()),
    }
    bad
}

fn sizes(sets: &[Set], local: &[Found], held: &BTreeMap<String, u64>) -> Vec<String> {
    let now = Timestamp::now();
    let due = sets.iter().filter(|set| age(set.stop, now) > ON_ITS_WAY);
    let due: BTreeSet<&str> = due.map(|set| set.label.as_str()).collect();
    // What lists sets is written again with each backup, and follows within seconds.
    let stays = |found: &&Found| part(&found.path) != Some(Part::Info);
    let of_due = |found: &&Found| owner(&found.path).is_none_or(|owner| due.contains(owner));
    let all = local.iter().filter(stays).filter(of_due);
    all.filter_map(|found| match held.get(&found.path) {
        Some(bytes) if *bytes != found.bytes => Some(format!(
            "`{}` has {bytes} bytes in the bucket and {} here",
            found.path, found.bytes
        )),
        None if found.path.ends_with("backup.manifest") => {
            Some(format!("`{}` is not in the bucket; see `sonae-agent status`", found.path))
        }
        _ => None,
    })
    .collect()
}

/// Of what a set needs, the log after it included.
async fn checksums(bucket: &Bucket, set: &Set, local: &[Found]) -> Result<Vec<String>, Fault> {
    let needed: Vec<&Found> = local.iter().filter(|found| needs(set, &found.path)).collect();
    let count = Count::new("compare", needed.len(), needed.iter().map(|found| found.bytes).sum());
    let (mut bad, mut objects, mut bytes) = (Vec::new(), 0, 0);
    let mut waiting = needed.into_iter();
    let mut lanes = tokio::task::JoinSet::new();
    loop {
        while lanes.len() < LANES {
            let Some(found) = waiting.next() else { break };
            let (bucket, found) = (bucket.clone(), found.clone());
            _ = lanes.spawn(async move { (differs(&bucket, &found).await, found.bytes) });
        }
        let Some(done) = lanes.join_next().await else { return Ok(bad) };
        let (differs, size) = done.map_err(|error| Fault::Failed(error.to_string()))?;
        bad.extend(differs?);
        objects += 1;
        bytes += size;
        count.note(objects, bytes);
    }
}

/// What is not in the bucket yet is no difference: the mirror's lag tells of that.
async fn differs(bucket: &Bucket, found: &Found) -> Result<Option<String>, Fault> {
    let kept = match bucket.checksum(&found.path).await? {
        Kept::Nothing => return Ok(None),
        Kept::Without => {
            return Ok(Some(format!("`{}` in the bucket was not put by this agent", found.path)));
        }
        Kept::Sum(sum) => sum,
    };
    let at = bucket.local(&found.path);
    let ours = tokio::task::spawn_blocking(move || checksum(&at, PART)).await;
    match ours.map_err(|error| Fault::Failed(error.to_string()))? {
        Ok(ours) if ours == kept => Ok(None),
        Ok(_) => Ok(Some(format!("`{}` is another one in the bucket than here", found.path))),
        // Expired meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::file("cannot read", &bucket.local(&found.path), &error)),
    }
}

/// As S3 keeps it: of one piece its SHA-256, of parts that of theirs (S3 User Guide, "Checking object integrity", composite
/// checksums).
fn checksum(path: &Path, size: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let parts = file.metadata()?.len().div_ceil(size).max(1);
    if parts == 1 {
        return Ok(base64::encode(of_part(&mut file, size)?));
    }
    let mut whole = Sha256::new();
    for _ in 0..parts {
        whole.update(of_part(&mut file, size)?);
    }
    Ok(base64::encode(whole.finalize()))
}

fn of_part(file: &mut File, size: u64) -> io::Result<Vec<u8>> {
    let (mut digest, mut left) = (Sha256::new(), size);
    let mut buffer = vec![0; 1024 * 1024];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = file.read(buffer.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            break;
        }
        digest.update(buffer.get(..read).unwrap_or_default());
        left -= u64::try_from(read).unwrap_or_default();
    }
    Ok(digest.finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::checksum;

    fn check(bytes: &[u8], size: u64, expected: &str) {
        let file = std::env::temp_dir().join(format!("sonae-sum-{}-{size}", std::process::id()));
        std::fs::write(&file, bytes).expect("written");
        let found = checksum(&file, size).expect("read");
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(found, expected, "{bytes:?} in parts of {size}");
    }

    /// Taken from `printf abcdef | sha256sum`, and of the sums of `abcd` and `ef`.
    #[test]
    fn a_sum_is_as_s3_keeps_it() {
        check(b"abcdef", 6, "vvV+x/U6bUC+tkCngKY5yDvCmsipgW8fxsXG3Nk8RyE=");
        check(b"", 9, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        check(b"abcdef", 4, "tfpHWTM702pDfiUnGB1sp9ACq1d2tQNXX+d69WCKfHk=");
    }
}
