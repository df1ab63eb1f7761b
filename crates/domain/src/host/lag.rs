//! How far the bucket is behind the server: what would be lost if the host were gone now.
//!
//! A beat is a commit of the agent's own and the log's position after it. Once every segment up to that position stands in
//! the bucket, everything that was committed before the beat can be restored from there.

use super::wal::Lsn;
use crate::day;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// Beats that are not in the bucket yet; a day of them, one each ten seconds.
const MOST: usize = 8640;

/// The beats of a server.
#[derive(Clone, Debug, Default)]
pub struct Beats {
    waiting: VecDeque<(Timestamp, Lsn)>,
    safe: Option<Timestamp>,
}

/// The worst of the last quarter of an hour, and of what has begun of this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    tick: Timestamp,
    now: Option<i64>,
    before: Option<i64>,
}

impl Worst {
    /// Takes a measure, and says the worst of them.
    pub fn note(&mut self, at: Timestamp, seconds: Option<i64>) -> Option<i64> {
        let tick = day::tick(at);
        if tick != self.tick {
            let follows = tick == self.tick + day::TICK;
            *self = Self { tick, now: None, before: self.now.filter(|_| follows) };
        }
        self.now = self.now.max(seconds);
        self.now.max(self.before)
    }
}

impl Beats {
    /// A commit at this time, and where the log stood after it.
    pub fn beat(&mut self, at: Timestamp, after: Lsn) {
        // What is dropped in an outage of more than a day is not the oldest: that is what the lag is measured by.
        if self.waiting.len() == MOST {
            _ = self.waiting.pop_back();
        }
        self.waiting.push_back((at, after));
    }

    /// Everything before this position stands in the bucket.
    pub fn landed(&mut self, until: Lsn) {
        while let Some((at, _)) = self.waiting.front().filter(|(_, after)| *after <= until) {
            self.safe = Some(self.safe.map_or(*at, |safe| safe.max(*at)));
            _ = self.waiting.pop_front();
        }
    }

    /// Everything committed before this time stands in the bucket; absent until that was seen once.
    pub fn safe(&self) -> Option<Timestamp> {
        self.safe
    }

    /// What would be lost now: the time since the newest beat that stands in the bucket, or since the oldest that waits.
    pub fn lag(&self, now: Timestamp) -> Option<SignedDuration> {
        let from = self.safe.or_else(|| self.waiting.front().map(|(at, _)| *at))?;
        Some(now.duration_since(from).max(SignedDuration::ZERO))
    }
}
