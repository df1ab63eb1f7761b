//! One AWS account in two Regions as a pure model: states over virtual time, quotas, keys, events
//! and scripted faults. No HTTP, no SDK, no clock of its own.
//!
//! Each public function on [`Account`] is one AWS operation with its documented refusals. [`Sim`]
//! plays the domain's rounds against it directly; the `local` crate puts it on the wire.

mod account;
mod backup;
pub mod campaign;
mod emit;
mod host;
mod keys;
mod past;
mod rds;
mod replication;
mod script;
mod secrets;
mod setup;
mod sim;
mod storage;
mod time;
mod topics;

pub use account::{Account, Call, CopyPlan, Db, Place, Replicated, Snapshot};
pub use backup::{
    BackupPage, Backups, JobQuery, Night, Plan, PointCopyRequest, PointQuery, Request,
};
pub use host::Agent;
pub use rds::{AutomatedBackup, CopyRequest, Page, SnapshotQuery};
pub use replication::{MetricQuery, Pair, Sent};
pub use script::{ApiError, Scripted};
pub use sim::{Kill, Sim};
pub use storage::{Listing, Object};
pub use topics::Mail;
