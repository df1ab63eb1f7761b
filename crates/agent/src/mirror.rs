//! The bucket follows the local repository: data before what lists it.

use crate::bucket::Bucket;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::progress::Count;
use crate::setup::Setup;
use crate::state::read;
use domain::host::mirror::{Found, Part, going, lacking, owner, part, segments};
use domain::host::wal::Segment;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

/// Objects on their way at a time.
const LANES: usize = 4;

/// What expiry has taken away here, and is still to go from the bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Labels of sets, names of dumps.
    pub owners: BTreeSet<String>,
    /// Segments of the log.
    pub segments: BTreeSet<Segment>,
}

/// The mirror, and what it knows of the bucket. Its clones know the same: one takes the log along while another is at a
/// backup's data.
#[derive(Clone, Debug)]
pub struct Mirror<'a> {
    setup: &'a Setup,
    bucket: Bucket,
    held: Rc<RefCell<BTreeMap<String, u64>>>,
    infos: BTreeMap<String, [u8; 32]>,
}

/// What one pass did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Objects put.
    pub objects: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Objects taken away.
    pub deleted: usize,
    /// Whether the bucket now lists what the repository lists.
    pub whole: bool,
}

impl<'a> Mirror<'a> {
    /// Lists the bucket.
    ///
    /// # Errors
    /// S3 does not say what is there.
    pub async fn open(setup: &'a Setup) -> Result<Self, Fault> {
        let bucket = Bucket::of(setup).await;
        let held = Rc::new(RefCell::new(bucket.list().await?));
        Ok(Self { setup, bucket, held, infos: BTreeMap::new() })
    }

    /// Puts the segments of the log that lack: the part that must not wait for a backup's data.
    ///
    /// # Errors
    /// S3 or the disk refuse.
    pub async fn log(&mut self) -> Result<Pass, Fault> {
        let local = walk(&self.setup.host.repository, "archive");
        let mut pass = Pass::default();
        let lacks = lacking(&local, &self.held.borrow(), &BTreeSet::new());
        self.put(lacks.get(&Part::Wal).map(Vec::as_slice).unwrap_or_default(), &mut pass).await?;
        Ok(pass)
    }

    /// Puts everything that lacks, and at last what lists it, if that has not changed meanwhile: then all it lists is there.
    ///
    /// # Errors
    /// S3 or the disk refuse; what was put stays, and the next pass goes on from there.
    pub async fn pass(&mut self, engine: &impl Engine) -> Result<Pass, Fault> {
        let repository = &self.setup.host.repository;
        let infos = read_infos(repository);
        let sets: BTreeSet<String> =
            engine.sets().await?.into_iter().map(|set| set.label).collect();
        let whole: BTreeSet<String> = sets.iter().cloned().chain(dumps(repository)).collect();
        let local = walk(repository, "");
        let mut pass = Pass { whole: true, ..Pass::default() };
        let lacks = lacking(&local, &self.held.borrow(), &whole);
        for files in lacks.values() {
            self.put(files, &mut pass).await?;
        }
        pass.whole &=
            sets.iter().all(|label| self.has_manifest(label)) && read_infos(repository) == infos;
        self.no_strangers(&sets)?;
        if pass.whole {
            self.put_infos(infos, &mut pass).await?;
            pass.deleted = self.take_away(&whole).await?;
        }
        Ok(pass)
    }

    async fn put(&mut self, files: &[Found], pass: &mut Pass) -> Result<(), Fault> {
        let count = Count::new("mirror", files.len(), files.iter().map(|found| found.bytes).sum());
        let before = (pass.objects, pass.bytes);
        let mut waiting = files.iter().cloned();
        let mut lanes = tokio::task::JoinSet::new();
        loop {
            while lanes.len() < LANES {
                let Some(found) = waiting.next() else { break };
                if self.held.borrow().get(&found.path) == Some(&found.bytes) {
                    continue;
                }
                let bucket = self.bucket.clone();
                _ = lanes.spawn(async move {
                    let put = bucket.put_file(&found, Timestamp::now()).await;
                    (found, put)
                });
            }
            let Some(done) = lanes.join_next().await else { return Ok(()) };
            let (found, put) = done.map_err(|error| Fault::Failed(error.to_string()))?;
            match put? {
                true => {
                    pass.objects += 1;
                    pass.bytes += found.bytes;
                    count.note(pass.objects - before.0, pass.bytes - before.1);
                    _ = self.held.borrow_mut().insert(found.path, found.bytes);
                }
                // Expiry took it away meanwhile: what lists it has changed too.
                false => pass.whole = false,
            }
        }
    }

    async fn put_infos(
        &mut self,
        infos: BTreeMap<String, Vec<u8>>,
        pass: &mut Pass,
    ) -> Result<(), Fault> {
        for (path, bytes) in infos {
            let digest: [u8; 32] = Sha256::digest(&bytes).into();
            if self.infos.get(&path) == Some(&digest) {
                continue;
            }
            let size = u64::try_from(bytes.len()).unwrap_or_default();
            self.bucket.put_bytes(&path, bytes, Timestamp::now()).await?;
            pass.objects += 1;
            pass.bytes += size;
            _ = self.held.borrow_mut().insert(path.clone(), size);
            _ = self.infos.insert(path, digest);
        }
        Ok(())
    }

    /// A new, empty repository must not be listed over the backups that the bucket holds of a lost one.
    fn no_strangers(&self, sets: &BTreeSet<String>) -> Result<(), Fault> {
        let held = self.held.borrow();
        let manifests = held.keys().filter(|key| key.ends_with("/backup.manifest"));
        let gone = self.gone();
        let strange = |label: &&str| !sets.contains(*label) && !gone.contains(*label);
        let labels: Vec<&str> = manifests.filter_map(|key| owner(key)).filter(strange).collect();
        if labels.is_empty() {
            return Ok(());
        }
        Err(Fault::Found(format!(
            "the bucket holds {} backups that the local repository does not have and that were not expired, `{}` the newest; \
             nothing that lists them was written over. If the repository was lost, bring it back with `sonae-agent restore \
             --from s3`, or give this server an id of its own in the policy",
            labels.len(),
            labels.iter().max().copied().unwrap_or_default()
        )))
    }

    fn gone(&self) -> BTreeSet<String> {
        let state = &self.setup.state;
        let read = |name: &String| read::<Gone>(&state.at("gone").join(name)).ok().flatten();
        state.names("gone").iter().filter_map(read).flat_map(|gone| gone.owners).collect()
    }

    fn has_manifest(&self, label: &str) -> bool {
        let stanza = &self.setup.host.id;
        self.held.borrow().contains_key(&format!("backup/{stanza}/{label}/backup.manifest"))
    }

    /// Takes from the bucket what expiry named, and nothing else: a local repository that was lost takes nothing with it.
    async fn take_away(&mut self, whole: &BTreeSet<String>) -> Result<usize, Fault> {
        let Some(role) = &self.setup.host.expire_role else { return Ok(0) };
        let names = self.setup.state.names("gone");
        let mut deleted = 0;
        for name in names {
            let path = self.setup.state.at("gone").join(name);
            let Some(gone) = read::<Gone>(&path)? else { continue };
            // An expiry that runs, or was cut off before it began: what stands here is not gone.
            if !gone.owners.is_disjoint(whole) {
                continue;
            }
            let keys = going(&self.held.borrow(), &gone.owners, &gone.segments);
            if !keys.is_empty() {
                let bucket =
                    Bucket::with(&assumed(&self.setup.sdk().await, role).await, &self.setup.host);
                bucket.delete(&keys).await?;
                deleted += keys.len();
                self.held.borrow_mut().retain(|key, _| !keys.contains(key));
            }
            fs::remove_file(&path).map_err(|error| Fault::file("cannot remove", &path, &error))?;
        }
        Ok(deleted)
    }

    /// The newest segment in the bucket, by its path.
    pub fn newest_log(&self) -> Option<String> {
        let held = self.held.borrow();
        let mut paths = held.keys().rev().filter(|path| part(path) == Some(Part::Wal));
        paths.find(|path| path.rsplit('/').next().and_then(Segment::parse).is_some()).cloned()
    }

    /// The segments that the bucket holds.
    pub fn segments(&self) -> BTreeSet<Segment> {
        segments(self.held.borrow().keys())
    }
}

/// What may delete is another role than what writes; it is taken on for this alone.
async fn assumed(sdk: &aws_config::SdkConfig, role: &str) -> aws_config::SdkConfig {
    let provider = aws_config::sts::AssumeRoleProvider::builder(role);
    let provider = provider.session_name("sonae-agent-expire").configure(sdk).build().await;
    let credentials = aws_sdk_s3::config::SharedCredentialsProvider::new(provider);
    sdk.to_builder().credentials_provider(credentials).build()
}

/// The files that list what is there; `archive.info` before `backup.info`.
fn read_infos(repository: &Path) -> BTreeMap<String, Vec<u8>> {
    let infos =
        walk(repository, "").into_iter().filter(|found| part(&found.path) == Some(Part::Info));
    infos
        .filter_map(|found| Some((found.path.clone(), fs::read(repository.join(found.path)).ok()?)))
        .collect()
}

/// The dumps that are whole: those that have their list.
pub fn dumps(repository: &Path) -> Vec<String> {
    let entries = fs::read_dir(repository.join("logical")).into_iter().flatten().flatten();
    let whole = entries.filter(|entry| entry.path().join("dump.json").exists());
    whole.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Every file below a directory of the repository, by its path from there; links are not followed.
pub fn walk(repository: &Path, below: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut open = vec![repository.join(below)];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file()
                && let (Ok(data), Ok(path)) = (entry.metadata(), path.strip_prefix(repository))
                && let Some(path) = path.to_str()
            {
                found.push(Found { path: path.to_owned(), bytes: data.len() });
            }
        }
    }
    found.sort();
    found
}
