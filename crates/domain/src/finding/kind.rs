//! The kind of episode that something found makes.

use super::Found;
use crate::episode::Kind;

impl Found {
    /// The kind of episode it makes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::NotTaken { .. } => Kind::NotTaken,
            Self::NotLanded { .. } => Kind::NotLanded,
            Self::AssetMissing { .. } => Kind::AssetMissing,
            Self::AssetReplaced { .. } => Kind::AssetReplaced,
            Self::BackupsOff => Kind::BackupsOff,
            Self::WindowElsewhere { .. } => Kind::WindowElsewhere,
            Self::KeyInaccessible { .. } => Kind::KeyInaccessible,
            Self::DrKeyUnusable { .. } => Kind::DrKeyUnusable,
            Self::HomeKeyUnusable { .. } => Kind::HomeKeyUnusable,
            Self::HomeKeyUnnamed { .. } => Kind::HomeKeyUnnamed,
            Self::DrKeyManaged { .. } => Kind::DrKeyManaged,
            Self::Unencrypted => Kind::Unencrypted,
            Self::GroupMissing { .. } => Kind::GroupMissing,
            Self::PitrBehind { .. } => Kind::PitrBehind,
            Self::PointsLocked { .. } => Kind::PointsLocked,
            Self::Uncopyable { .. } => Kind::Uncopyable,
            Self::QuotaShort { .. } => Kind::QuotaShort,
            Self::VaultMissing { .. } => Kind::VaultMissing,
            Self::VaultLock { .. } => Kind::VaultLock,
            Self::NotOptedIn { .. } => Kind::NotOptedIn,
            Self::Untagged { .. } => Kind::Untagged,
            Self::BucketUnreplicated { .. } => Kind::BucketUnreplicated,
            Self::ReplicationFailing { .. } => Kind::ReplicationFailing,
            Self::ReplicationSlow { .. } => Kind::ReplicationSlow,
            Self::ReplicationUnknown { .. } => Kind::ReplicationUnknown,
            Self::ReplicationSilent { .. } => Kind::ReplicationSilent,
            Self::HostSilent { .. } => Kind::HostSilent,
            Self::HostBehind { .. } => Kind::HostBehind,
            Self::HostLate { .. } => Kind::HostLate,
            Self::HostPolicy { .. } => Kind::HostPolicy,
            Self::BeforeRule { .. } => Kind::BeforeRule,
            Self::Unreadable { .. } => Kind::Unreadable,
            Self::UnknownState { .. } => Kind::UnknownState,
            Self::JournalDown { .. } => Kind::JournalDown,
            Self::NotGranted { .. } => Kind::NotGranted,
            Self::Unarmed => Kind::Unarmed,
            Self::Unheard { .. } => Kind::Unheard,
            Self::HomeSilent { .. } => Kind::HomeSilent,
            Self::CopiesMissing { .. } => Kind::CopiesMissing,
            Self::PolicyDiffers { .. } => Kind::PolicyDiffers,
            Self::SweepStopped { .. } => Kind::SweepStopped,
            Self::Undeletable { .. } => Kind::Undeletable,
            Self::Orphaned { .. } => Kind::Orphaned,
            Self::NightComplete { .. } => Kind::NightComplete,
            Self::PointLanded { .. } => Kind::PointLanded,
        }
    }
}
