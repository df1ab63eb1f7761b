//! Nights on the model: failure stories, kills at every call, generated scripts.

mod admission;
mod calendar;
mod changes;
mod clusters;
mod copies;
mod errors;
mod excuses;
mod generate;
mod hands;
mod holdings;
mod inventories;
mod inventory;
mod keys;
mod kills;
mod listeners;
mod night;
mod once;
mod pings;
mod reports;
mod restores;
mod scheduled;
mod scripts;
mod stories;
mod sweeps;
mod vaults;
mod watching;
