//! Why what AWS Backup owes does not hold.

use crate::fault::Fault;
use crate::seen::{CopyJob, Job};
use jiff::Timestamp;

/// Why a duty of AWS Backup does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultCause {
    /// No job of the day is there.
    NotStarted,
    /// A job ended badly, or with issues, and no other is under way.
    JobEnded(Ended),
    /// The job is still under way, or in a state that is not known here.
    Running {
        /// BackupJobId.
        id: String,
        /// Its state.
        state: String,
    },
    /// No job is under way, and no good point is there; a point in this state is.
    PointLost {
        /// Its state.
        state: Option<String>,
    },
    /// There is no point to copy.
    NoPoint,
    /// The point was taken and is gone from home, and no copy of it stands.
    PointGone,
    /// No copy job is there.
    CopyNotStarted,
    /// AWS refuses to start one, of a point that no plan copies.
    CopyRefused(Fault),
    /// A copy job ended badly, and no other is under way.
    CopyEnded(Ended),
    /// A copy job does not begin.
    CopyStuck {
        /// CopyJobId.
        id: String,
        /// Since when.
        since: Timestamp,
    },
    /// The copy is still on the way, or its job in a state that is not known here.
    Copying {
        /// CopyJobId.
        id: String,
        /// Its state.
        state: String,
    },
    /// The copy stands under another key than its vault's.
    OtherKey {
        /// RecoveryPointArn.
        copy: String,
        /// Its key.
        key: Option<String>,
    },
    /// A copy was made, and is not there any more, or in this state.
    CopyLost {
        /// Its state.
        state: Option<String>,
    },
}

/// A job that ended badly, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: String,
    /// What AWS says of it.
    pub words: Option<String>,
}

impl Ended {
    pub(super) fn of_job(job: &Job) -> Self {
        let category = job.category.as_ref().filter(|category| !category.trim().is_empty());
        let words: Vec<&str> =
            [category, job.message.as_ref()].into_iter().flatten().map(|one| plain(one)).collect();
        let words = Some(words.join(": ")).filter(|words| !words.is_empty());
        Self { id: job.id.clone(), state: job.state.clone(), words }
    }

    pub(super) fn of_copy_job(job: &CopyJob) -> Self {
        let words = job.message.as_deref().map(plain).filter(|words| !words.is_empty());
        Self { id: job.id.clone(), state: job.state.clone(), words: words.map(str::to_owned) }
    }
}

/// AWS Backup puts some of its messages into quotes of their own.
fn plain(message: &str) -> &str {
    message.trim().trim_matches('"').trim()
}
