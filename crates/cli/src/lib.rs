//! What the command line tools say.

pub mod reading;
