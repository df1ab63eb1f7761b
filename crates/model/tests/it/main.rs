//! Nights on the model: failure stories, kills at every call, generated scripts.

mod kills;
mod night;
mod scripts;
mod stories;
