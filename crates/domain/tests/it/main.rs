//! The pure rules by table: policies, events, decisions, duties, and every text a person reads.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a wrong fixture may stop the run"
)]

mod backup_events;
mod backup_preflights;
mod bucket_health;
mod bucket_words;
mod decisions;
mod events;
mod fixture;
mod host_keeping;
mod host_mirror;
mod host_schedule;
mod host_told;
mod host_words;
mod leftovers;
mod messages;
mod nights;
mod notices;
mod pages;
mod pings;
mod points_by_hand;
mod policies;
mod preflights;
mod seeing;
mod sweep_words;
mod sweeping;
mod vault_night;
mod vault_settings;
mod vault_words;
mod vaulting;
mod watch_words;
mod watching;
