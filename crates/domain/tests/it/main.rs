//! The pure rules by table: policies, events, decisions, duties, and every text a person reads.

mod decisions;
mod events;
mod fixture;
mod notices;
mod policies;
