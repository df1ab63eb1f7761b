//! The templates are code: what the linters cannot see is tested here, on the templates as written.

mod alarms;
mod buckets;
mod chat;
mod dashboard;
mod delivery;
mod events;
mod hosts;
mod iam;
mod permissions;
mod reach;
mod recorded;
mod stack;
mod standing;
mod translated;
mod urgent;
mod vaults;
