//! What the command line tools say.

pub mod bucketing;
pub mod command;
pub mod ending;
mod file;
pub mod params;
pub mod reading;
pub mod reporting;
pub mod restoring;
pub mod sweeping;
