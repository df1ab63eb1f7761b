//! The AWS edge: the domain's `World` over the real SDK clients.
//!
//! It translates and never judges. Only this crate knows the SDK, the environment and the clock.
//! Start reading at [`entry`]; [`session`] is one invocation, [`read`] what it looks at.

pub mod act;
pub mod buckets;
pub mod clients;
pub mod config;
mod delete;
pub mod entry;
pub mod fault;
pub mod journal;
mod log;
pub mod metrics;
pub mod notify;
pub mod read;
pub mod session;
mod watchdog;
pub mod web;
pub mod webhook;

pub use buckets::Buckets;
pub use clients::Aws;
pub use session::Session;
