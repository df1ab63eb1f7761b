//! How much something that was found weighs: how bad it is, whether it may pass, what it is measured by.

use super::{Found, Severity};
use crate::duty::Cause;
use crate::health::{Gap, Silence};
use crate::host::run::{How, Job};
use jiff::Timestamp;

impl Found {
    /// Whether it may be over within minutes: told when two looks in a row have found it.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreadable { fault, .. } | Self::Undeletable { fault, .. } => fault.kind.passes(),
            Self::NotLanded { cause: Cause::HomeUnread, .. } => true,
            // A notification may be minutes behind the metric.
            Self::ReplicationFailing { reason, .. } => reason.is_unnamed(),
            Self::ReplicationUnknown { .. } | Self::ReplicationSilent { .. } => true,
            // A segment on its way for a minute too long.
            Self::HostBehind { gap: None, .. } => true,
            // Between two deployments: of dr's stack, then home's; of one side's policy, then the other's.
            Self::PolicyDiffers { .. }
            | Self::HostPolicy { .. }
            | Self::HomeSilent { last: None, .. }
            | Self::CopiesMissing { last: None, .. } => true,
            _ => false,
        }
    }

    /// Whether only a look at everything can tell it: a database that an event's round does not find
    /// may be there under another name.
    pub fn wants_everything(&self) -> bool {
        matches!(self, Self::AssetMissing { .. })
    }

    /// The deadline that was missed.
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::NotTaken { due, .. }
            | Self::NotLanded { due, .. }
            | Self::CopiesMissing { due, .. } => Some(*due),
            _ => None,
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::NotTaken { .. }
            | Self::NotLanded { .. }
            | Self::AssetMissing { .. }
            | Self::VaultMissing { .. }
            | Self::VaultLock { .. }
            | Self::NotOptedIn { .. }
            | Self::Untagged { .. }
            | Self::ReplicationFailing { .. }
            | Self::ReplicationSlow { .. }
            | Self::ReplicationUnknown { silence: Silence::NoData }
            | Self::ReplicationSilent { .. }
            | Self::HostSilent { .. }
            | Self::HostBehind { .. }
            | Self::BackupsOff
            | Self::KeyInaccessible { .. }
            | Self::DrKeyUnusable { .. }
            | Self::HomeKeyUnusable { .. }
            | Self::PitrBehind { .. }
            | Self::PointsLocked { .. }
            | Self::JournalDown { .. }
            | Self::NotGranted { .. }
            | Self::Unheard { .. }
            | Self::HomeSilent { .. }
            | Self::CopiesMissing { .. } => Severity::Critical,
            // What was backed up may be damaged.
            Self::HostLate { job: Job::Verify, last: Some(How::Failed { .. }) } => {
                Severity::Critical
            }
            Self::BucketUnreplicated { gaps, .. } if gaps.iter().any(Gap::matters) => {
                Severity::Critical
            }
            Self::BucketUnreplicated { .. }
            | Self::ReplicationUnknown { .. }
            | Self::AssetReplaced { .. }
            | Self::WindowElsewhere { .. }
            | Self::HomeKeyUnnamed { .. }
            | Self::DrKeyManaged { .. }
            | Self::Unencrypted
            | Self::GroupMissing { .. }
            | Self::Uncopyable { .. }
            | Self::QuotaShort { .. }
            | Self::Unreadable { .. }
            | Self::UnknownState { .. }
            | Self::Unarmed
            | Self::PolicyDiffers { .. }
            | Self::HostLate { .. }
            | Self::HostPolicy { .. }
            | Self::SweepStopped { .. }
            | Self::Undeletable { .. }
            | Self::Orphaned { .. } => Severity::Warning,
            Self::NightComplete { .. } | Self::PointLanded { .. } | Self::BeforeRule { .. } => {
                Severity::Info
            }
        }
    }
}
