//! What the command line tools say.

pub mod params;
pub mod reading;
