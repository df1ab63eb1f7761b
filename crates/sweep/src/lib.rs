//! Lambda: once a day, deletes the points that have been kept long enough, and nothing else.

pub mod handler;
