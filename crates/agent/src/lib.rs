//! `sonae-agent`: on the host of a PostgreSQL server, has pgBackRest make backups, mirrors them to a bucket, proves them
//! and tells what came of it.
//!
//! What is due, what may go and what is mirrored is decided in [`domain::host`]; here are processes, files, SQL and S3.

pub mod args;
pub mod backup;
pub mod bucket;
pub mod compare;
pub mod doctor;
pub mod engine;
pub mod expire;
pub mod fault;
pub mod init;
pub mod lock;
pub mod logical;
pub mod mirror;
pub mod outbox;
pub mod pgbackrest;
pub mod process;
pub mod progress;
pub mod pulse;
pub mod restore;
pub mod runs;
pub mod said;
pub mod server;
pub mod settings;
pub mod setup;
pub mod state;
pub mod status;
pub mod verify;
pub mod watch;
