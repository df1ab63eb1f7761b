//! Stories over the wire: the real handlers and SDK clients against the model, in this process.
//! Time is an argument or tokio's paused clock; nothing sleeps, nothing leaves the process.

mod calls;
mod hosting;
mod kills;
mod outcomes;
mod pings;
mod refusals;
mod replicating;
mod reporting;
mod silence;
mod stage;
mod sweeping;
mod telling;
mod vaulting;
mod watching;
