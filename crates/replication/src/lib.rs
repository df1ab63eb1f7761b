//! Lambda: judges what S3 replicates, keeps what it gives up, writes a verdict every quarter of an hour.

pub mod handler;
