//! Lambda: every quarter of an hour, a round over the whole fleet. It needs no event and no memory
//! to find what is missing.

pub mod handler;
