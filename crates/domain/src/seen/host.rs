//! What home sees of a PostgreSQL host: its word of itself, and what stands in its bucket.

use super::Read;
use crate::fault::Fault;
use crate::host::pulse::Pulse;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A pulse comes every five minutes; twelve of them are not lost by chance.
pub const SILENCE: SignedDuration = SignedDuration::from_hours(1);

/// A host as seen from home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSeen {
    /// What the agent last said; `None` when it never did.
    pub pulse: Read<Option<Pulse>>,
    /// When that was written, by the journal's clock: the host's own may be wrong.
    pub heard: Option<Timestamp>,
    /// When the manifests of its full sets were put into the bucket, by label; those that are there.
    pub stored: Read<BTreeMap<String, Timestamp>>,
    /// When the newest segment of the log was put there.
    pub log: Read<Option<Timestamp>>,
}

impl HostSeen {
    /// The agent's last word, if it is young enough to go by.
    pub fn live(&self, now: Timestamp) -> Option<&Pulse> {
        let pulse = self.pulse.known()?.as_ref()?;
        (now.duration_since(self.heard?) <= SILENCE).then_some(pulse)
    }

    /// Up to when everything could be restored from the bucket at the worst moment of late, if that could be read.
    pub fn newest(&self, now: Timestamp) -> Option<Option<Timestamp>> {
        let pulse = self.pulse.known()?.as_ref();
        let Some(live) = self.live(now) else { return Some(pulse.and_then(|pulse| pulse.safe)) };
        let worst = live.worst_seconds.map(|seconds| now - SignedDuration::from_secs(seconds));
        Some(worst.or(live.safe))
    }

    /// The reads that failed.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        [self.pulse.fault(), self.stored.fault(), self.log.fault()].into_iter().flatten()
    }
}
