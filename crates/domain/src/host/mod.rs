//! A PostgreSQL server of the owner's: what is due, what may go, what is mirrored, how far the bucket is behind. All of it
//! pure; `sonae-agent` does it on the host.
//!
//! An engine (pgBackRest) makes the backups and keeps them in a local repository. The agent mirrors that repository to a
//! bucket, so that an outage of S3 stands in the way of no segment of WAL, and says what came of each run.

pub mod event;
pub mod lag;
pub mod mirror;
pub mod pulse;
pub mod retention;
pub mod run;
pub mod schedule;
pub mod set;
pub mod target;
pub mod wal;
