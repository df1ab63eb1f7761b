//! Nights on the model: failure stories, kills at every call, generated scripts.

mod calendar;
mod kills;
mod night;
mod scripts;
mod stories;
