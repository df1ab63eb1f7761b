//! What makes and restores backups. pgBackRest is the one there is; another would be another module beside it.

use crate::fault::Fault;
use domain::host::retention::Expiry;
use domain::host::set::{Set, SetKind};
use domain::host::target::Target;
use std::path::Path;

/// An engine over one repository.
#[expect(async_fn_in_trait, reason = "only ever used by static dispatch on one thread")]
pub trait Engine {
    /// Makes the repository ready for this server, and proves that a segment of its log arrives there.
    async fn prepare(&self) -> Result<(), Fault>;

    /// Makes a backup.
    async fn backup(&self, kind: SetKind) -> Result<(), Fault>;

    /// The sets that can be restored, oldest first.
    async fn sets(&self) -> Result<Vec<Set>, Fault>;

    /// Reads everything back and compares it with what was written.
    async fn verify(&self) -> Result<Verified, Fault>;

    /// Takes away what a plan lets go.
    async fn expire(&self, expiry: &Expiry) -> Result<(), Fault>;

    /// Restores a set into a directory, ready to be started towards the target.
    async fn restore(&self, order: &Order<'_>) -> Result<(), Fault>;
}

/// A restore.
#[derive(Debug)]
pub struct Order<'a> {
    /// From which set.
    pub set: &'a Set,
    /// To what.
    pub target: &'a Target,
    /// Into which directory.
    pub to: &'a Path,
    /// Whether what stands there is from a restore that was cut off, and may be gone on with.
    pub resumed: bool,
    /// Whether tablespaces go back to where they were; else beside `to`.
    pub in_place: bool,
}

/// What reading everything back came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Files that were read, segments of the log among them.
    pub files: u64,
    /// What is wrong, in words; empty when nothing is.
    pub bad: Vec<String>,
}
