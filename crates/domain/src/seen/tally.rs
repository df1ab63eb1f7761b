//! What there is in all, counted while paging: most of it is too old to be looked at one by one.

use super::{Point, State};
use jiff::Timestamp;

/// Usable points of one asset in one Region, of whatever age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub points: u32,
    /// Their AllocatedStorage; RDS does not say how much of it a snapshot really takes.
    pub gib: i64,
    /// When the oldest's data is from.
    pub oldest: Option<Timestamp>,
}

impl Tally {
    /// Counts a point, if it can be restored.
    pub fn add(&mut self, point: &Point) {
        if point.state != State::Available {
            return;
        }
        self.points += 1;
        self.gib += point.size_gib.map_or(0, i64::from);
        self.oldest = [self.oldest, point.created].into_iter().flatten().min();
    }
}
