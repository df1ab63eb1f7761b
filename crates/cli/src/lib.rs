//! What the command line tools say.

pub mod command;
pub mod params;
pub mod reading;
