//! Keys that points are under beside the two that everything new is under: a key that was given up can
//! still be what old points need.

use super::{Key, Read};
use crate::id::Region;

/// A key and how many points of an asset need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Where the points are.
    pub region: Region,
    /// Its ARN.
    pub key: String,
    /// How many points.
    pub points: u32,
    /// What it is like.
    pub state: Read<Key>,
}
