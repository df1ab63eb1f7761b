//! Lambda: RDS events to a round over one asset. It decides nothing; losing all of its events
//! costs time, never a copy.

pub mod handler;
