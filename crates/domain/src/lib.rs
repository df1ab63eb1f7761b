//! What must hold, what to do about it, and what to tell a person: pure.
//!
//! This crate is told everything (policy, event, what AWS shows, the time) and returns data. It
//! never does I/O, never asks the time, never reads the environment. Start reading at
//! [`round::round`]: observe, decide, act, judge, tell.

pub mod admit;
pub mod day;
pub mod decide;
pub mod duty;
pub mod episode;
pub mod event;
pub mod facts;
pub mod failure;
pub mod fault;
pub mod finding;
pub mod health;
pub mod host;
pub mod id;
pub mod journal;
pub mod judge;
pub mod names;
pub mod notice;
pub mod policy;
pub mod record;
pub mod report;
pub mod round;
pub mod seen;
pub mod step;
pub mod sweep;
pub mod tags;
pub mod tell;
pub mod watch;
pub mod world;
