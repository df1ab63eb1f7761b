//! What there is in all, counted while paging: most of it is too old to be looked at one by one.

use super::{Point, State};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Usable points of one asset in one Region, of whatever age.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub points: u32,
    /// Their AllocatedStorage; RDS does not say how much of it a snapshot really takes.
    pub gib: i64,
    /// When the oldest's data is from.
    pub oldest: Option<Timestamp>,
    /// How many are under which key, by its ARN.
    pub keys: BTreeMap<String, u32>,
}

impl Tally {
    /// Counts a point, if it can be restored.
    pub fn add(&mut self, point: &Point) {
        if point.state != State::Available {
            return;
        }
        self.points += 1;
        self.gib += point.size_gib.map_or(0, i64::from);
        if let Some(key) = &point.key {
            *self.keys.entry(key.clone()).or_default() += 1;
        }
        self.oldest = [self.oldest, point.created].into_iter().flatten().min();
    }
}
