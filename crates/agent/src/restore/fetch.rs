//! What a restore needs of the bucket, and no more: a set, those it stands on, and the log from there on.

use crate::bucket::Bucket;
use crate::fault::Fault;
use crate::progress::Count;
use crate::setup::Setup;
use domain::host::mirror::{Part, needs, part};
use domain::host::set::Set;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Objects on their way at a time.
const LANES: usize = 8;

/// A download into a directory.
pub(super) struct Fetch {
    bucket: Bucket,
    held: BTreeMap<String, u64>,
    to: PathBuf,
}

impl Fetch {
    /// Gets what lists the sets: anew each time, since it is the only thing that changes.
    pub(super) async fn open(setup: &Setup, to: &Path) -> Result<Self, Fault> {
        let bucket = Bucket::of(setup).await;
        let held = bucket.list().await?;
        let fetch = Self { bucket, held, to: to.to_owned() };
        let infos = fetch.held.keys().filter(|path| part(path) == Some(Part::Info));
        let infos: Vec<&String> = infos.collect();
        if infos.is_empty() {
            return Err(Fault::Failed(format!(
                "the bucket `{}` holds no repository below `{}`; see `bucket` and `id` in the policy",
                setup.host.bucket,
                setup.host.prefix()
            )));
        }
        for info in infos {
            fetch.bucket.get_file(info, &fetch.to.join(info)).await?;
        }
        Ok(fetch)
    }

    /// Gets what a set needs; what an earlier try has got is left.
    pub(super) async fn get(&self, set: &Set) -> Result<u64, Fault> {
        let wanted = self.held.iter().filter(|(path, _)| needs(set, path));
        let lacks = |(path, bytes): &(&String, &u64)| {
            let there = std::fs::metadata(self.to.join(path));
            !there.is_ok_and(|there| there.len() == **bytes)
        };
        let lacking: Vec<(&String, &u64)> = wanted.filter(lacks).collect();
        let count =
            Count::new("download", lacking.len(), lacking.iter().map(|(_, bytes)| **bytes).sum());
        let mut waiting = lacking.into_iter().map(|(path, _)| path.clone());
        let mut lanes = tokio::task::JoinSet::new();
        let (mut objects, mut bytes) = (0, 0);
        loop {
            while lanes.len() < LANES {
                let Some(path) = waiting.next() else { break };
                let (bucket, to) = (self.bucket.clone(), self.to.join(&path));
                _ = lanes.spawn(async move { get(&bucket, &path, &to).await });
            }
            let Some(done) = lanes.join_next().await else { return Ok(bytes) };
            bytes += done.map_err(|error| Fault::Failed(error.to_string()))??;
            objects += 1;
            count.note(objects, bytes);
        }
    }
}

/// Aside first: a file that is there by its name is whole.
async fn get(bucket: &Bucket, path: &str, to: &Path) -> Result<u64, Fault> {
    let aside = PathBuf::from(format!("{}.part", to.display()));
    let bytes = bucket.get_file(path, &aside).await?;
    std::fs::rename(&aside, to).map_err(|error| Fault::file("cannot put in place", to, &error))?;
    Ok(bytes)
}
