//! What must hold by when, per asset and day (or manual point), and whether it does.
//!
//! A duty is met only by what was seen; past its deadline, absence breaks it. Before the deadline
//! it breaks only when nothing can mend it without a person: attempts spent, or refused for good.

mod copied;
mod days;
mod deadline;
mod evidence;
mod hosted;
mod landing;
mod manual;
mod vault_cause;
mod vaulted;

use crate::episode::{Kind, Subject};
use crate::fault::Fault;
use crate::id::{AssetId, PointName, Region};
use crate::journal::FactKind;
use crate::seen::{AssetSeen, Point, State};
use crate::step::Outcome;
use jiff::Timestamp;
use jiff::civil::Date;

pub use evidence::Evidence;
pub use hosted::{HostCause, Hosted};
pub use vault_cause::{Ended, VaultCause};
pub use vaulted::Vaulted;

/// One promise and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Whose.
    pub asset: AssetId,
    /// Of which day, or of which manual point.
    pub subject: Subject,
    /// What must hold.
    pub what: What,
    /// By when.
    pub due: Timestamp,
    /// How it stands.
    pub state: DutyState,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A point of the day is available in home.
    Taken,
    /// A copy stands in dr, checked.
    Landed,
}

/// How a duty stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DutyState {
    /// It holds; by this.
    Met(Met),
    /// It held, as the journal says; what met it is gone.
    Recorded,
    /// Not yet, and not yet due.
    Pending,
    /// It does not hold, because of this.
    Broken(Cause),
    /// It cannot be told; the unreadable read is a finding of its own.
    Unknown,
}

/// What meets a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The point in home, or the copy in dr.
    pub name: PointName,
    /// The ARN of what it is a copy of, or its own.
    pub source: String,
    /// When its data is from.
    pub created: Timestamp,
    /// For a copy: when the copying began.
    pub stored: Option<Timestamp>,
    /// Its allocated size, where it has a fixed one.
    pub size_gib: Option<i32>,
    /// For a copy: whether the check had to start it.
    pub recovered: bool,
}

/// Why a duty does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing was taken, and nothing seen says why.
    NothingTaken,
    /// The database was in a state in which nothing is taken, such as `stopped`.
    DatabaseState(String),
    /// The instance is a member of this cluster, and only that has points.
    MemberOf(String),
    /// The point is still being taken.
    StillTaking(PointName),
    /// Taking or copying was tried so often, and these names are dead.
    Failed(Vec<PointName>),
    /// The manual point itself failed.
    PointFailed(PointName),
    /// AWS refused, and will until a person acts.
    Refused(Fault),
    /// AWS refused for a key, and does not say which.
    KeyRefused(Fault, Vec<KeyAsked>),
    /// AWS put it off; it is tried again.
    Waiting(Fault),
    /// There is no point to copy.
    NoPoint,
    /// The point was taken and is gone from home, and no copy of it stands.
    PointGone,
    /// These stand, but under another key or without the day to keep them until.
    Flawed(Vec<PointName>),
    /// A copy was never started.
    NotStarted(PointName),
    /// A copy was requested in this very round.
    JustRequested(PointName),
    /// The copy is still on the way.
    StillCopying {
        /// The copy.
        copy: PointName,
        /// Its state, by AWS's word.
        state: String,
        /// PercentProgress.
        percent: i32,
    },
    /// A copy was requested, and now there is none: cancelled or deleted.
    Gone,
    /// No copy stands in dr, and home cannot be read to say why.
    HomeUnread,
    /// Of what AWS Backup protects.
    Backup(VaultCause),
    /// Of a PostgreSQL host.
    Host(HostCause),
}

/// A key that a copy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAsked {
    /// Its ARN.
    pub arn: String,
    /// Its Region.
    pub region: Region,
    /// The policy's word for it, `home_key` or `dr_key`.
    pub named: &'static str,
    /// KMS's word for its state, where it was looked at.
    pub state: Option<String>,
}

impl KeyAsked {
    /// The state in which it is known to be of no use.
    pub fn trouble(&self) -> Option<&str> {
        self.state.as_deref().filter(|state| *state != "Enabled")
    }
}

/// An action of this round, and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Whose.
    pub asset: AssetId,
    /// The point that was to be taken or copied.
    pub point: PointName,
    /// How it went.
    pub outcome: Outcome,
}

/// All duties of one asset that have begun and are not too old to judge, oldest first.
pub fn duties(evidence: Evidence<'_>) -> Vec<Duty> {
    let mut duties = evidence.of_days();
    duties.extend(evidence.of_manual_points());
    duties
}

/// When the newest data in dr is from, whatever key it is under: what a restore in dr would give back right now.
pub fn newest_copy(seen: &AssetSeen) -> Option<Timestamp> {
    whole_copies(seen).filter_map(|copy| data_of(copy, seen)).max()
}

/// What can be restored in dr.
pub fn whole_copies(seen: &AssetSeen) -> impl Iterator<Item = &Point> {
    let copies = seen.copies.known().into_iter().flatten();
    copies.filter(|copy| copy.state == State::Available && copy.source.is_some())
}

/// When a copy's data is from: a cluster's does not say so without our tag, but its point does.
fn data_of(copy: &Point, seen: &AssetSeen) -> Option<Timestamp> {
    let points = || seen.points.known().into_iter().flatten();
    let source = || points().find(|point| copy.source.as_ref() == Some(&point.arn));
    copy.created.or_else(|| source()?.created)
}

impl Duty {
    /// The day it is of, if of a day.
    pub fn day(&self) -> Option<Date> {
        self.subject.day()
    }

    /// What is told when it is broken.
    pub fn kind(&self) -> Kind {
        match self.what {
            What::Taken => Kind::NotTaken,
            What::Landed => Kind::NotLanded,
        }
    }

    /// What it is recorded as once it is met.
    pub fn fact(&self) -> FactKind {
        match self.what {
            What::Taken => FactKind::Taken,
            What::Landed => FactKind::Landed,
        }
    }

    /// Whether it holds, or held.
    pub fn holds(&self) -> bool {
        matches!(self.state, DutyState::Met(_) | DutyState::Recorded)
    }

    /// What meets it, if it is met.
    pub fn met(&self) -> Option<&Met> {
        match &self.state {
            DutyState::Met(met) => Some(met),
            _ => None,
        }
    }
}
