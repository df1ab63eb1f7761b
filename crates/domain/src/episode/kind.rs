//! What kind of thing is told; each is a word in the journal, in SNS attributes and of a runbook.

/// The kinds of thing that are told; each is a word in the journal and in SNS attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No point was taken.
    NotTaken,
    /// No copy stands in dr.
    NotLanded,
    /// The database does not exist.
    AssetMissing,
    /// The database is another one than the points are of.
    AssetReplaced,
    /// Automated backups are off.
    BackupsOff,
    /// RDS's backup window is not where the policy expects it.
    WindowElsewhere,
    /// The database cannot reach its own key.
    KeyInaccessible,
    /// The dr key cannot be used.
    DrKeyUnusable,
    /// The key that the database is under cannot be used.
    HomeKeyUnusable,
    /// The policy does not name the key that the database is under.
    HomeKeyUnnamed,
    /// The dr key is one that AWS manages.
    DrKeyManaged,
    /// A cluster is not encrypted, and so its copies are not.
    Unencrypted,
    /// A group that a restore in dr needs is not there.
    GroupMissing,
    /// Dr's replicated automated backups are missing, or end too early.
    PitrBehind,
    /// A key that only older points are under cannot be used.
    PointsLocked,
    /// A cluster of a kind whose points AWS does not copy.
    Uncopyable,
    /// A quota of manual points is nearly used up.
    QuotaShort,
    /// A vault of AWS Backup is not there.
    VaultMissing,
    /// A vault of AWS Backup is locked otherwise than the policy says.
    VaultLock,
    /// AWS Backup is not let to protect a type of resource.
    NotOptedIn,
    /// Nothing carries a tag of the policy, or something carries it no more.
    Untagged,
    /// A bucket is not set up to replicate what the policy says.
    BucketUnreplicated,
    /// S3 gave up replicating objects.
    ReplicationFailing,
    /// A bucket's replicas are further behind than the policy allows.
    ReplicationSlow,
    /// Whether a bucket is replicated cannot be told: silence is not health.
    ReplicationUnknown,
    /// Nothing judges the buckets any more; told by the check.
    ReplicationSilent,
    /// The agent of a PostgreSQL host says nothing any more; told by the check.
    HostSilent,
    /// The bucket of a PostgreSQL host is further behind than the policy allows.
    HostBehind,
    /// A run of a PostgreSQL host's agent was not made, or failed.
    HostLate,
    /// A PostgreSQL host works by another policy.
    HostPolicy,
    /// Something could not be read.
    Unreadable,
    /// A point is in a state that this version does not know.
    UnknownState,
    /// The journal cannot be read.
    JournalDown,
    /// The function's role is not given the dr key.
    NotGranted,
    /// The alarm on the check's silence may not send.
    Unarmed,
    /// Nobody listens to a topic; told through both.
    Unheard,
    /// Home gives no sign of life; told by the watcher in dr.
    HomeSilent,
    /// Copies of a day do not stand in dr, and home is silent; told by the watcher in dr.
    CopiesMissing,
    /// Home and dr run different policies; told by the watcher in dr.
    PolicyDiffers,
    /// A sweep was stopped: it would have deleted too much at once.
    SweepStopped,
    /// A sweep was refused a deletion.
    Undeletable,
    /// An asset has left the policy, and its points are still there.
    Orphaned,
    /// News: what was in a bucket before its rule is not replicated.
    BeforeRule,
    /// Good news: everything of a night has landed.
    NightComplete,
    /// Good news: one point of a day has landed.
    PointLanded,
    /// The report of a day.
    Report,
}

const KINDS: [Kind; 46] = [
    Kind::NotTaken,
    Kind::NotLanded,
    Kind::AssetMissing,
    Kind::AssetReplaced,
    Kind::BackupsOff,
    Kind::WindowElsewhere,
    Kind::KeyInaccessible,
    Kind::DrKeyUnusable,
    Kind::HomeKeyUnusable,
    Kind::HomeKeyUnnamed,
    Kind::DrKeyManaged,
    Kind::Unencrypted,
    Kind::GroupMissing,
    Kind::PitrBehind,
    Kind::PointsLocked,
    Kind::Uncopyable,
    Kind::QuotaShort,
    Kind::VaultMissing,
    Kind::VaultLock,
    Kind::NotOptedIn,
    Kind::Untagged,
    Kind::BucketUnreplicated,
    Kind::ReplicationFailing,
    Kind::ReplicationSlow,
    Kind::ReplicationUnknown,
    Kind::ReplicationSilent,
    Kind::HostSilent,
    Kind::HostBehind,
    Kind::HostLate,
    Kind::HostPolicy,
    Kind::Unreadable,
    Kind::UnknownState,
    Kind::JournalDown,
    Kind::NotGranted,
    Kind::Unarmed,
    Kind::Unheard,
    Kind::HomeSilent,
    Kind::CopiesMissing,
    Kind::PolicyDiffers,
    Kind::SweepStopped,
    Kind::Undeletable,
    Kind::Orphaned,
    Kind::BeforeRule,
    Kind::NightComplete,
    Kind::PointLanded,
    Kind::Report,
];

impl Kind {
    /// The fixed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotTaken => "not-taken",
            Self::NotLanded => "not-landed",
            Self::AssetMissing => "asset-missing",
            Self::AssetReplaced => "asset-replaced",
            Self::BackupsOff => "backups-off",
            Self::WindowElsewhere => "window-elsewhere",
            Self::KeyInaccessible => "key-inaccessible",
            Self::DrKeyUnusable => "dr-key-unusable",
            Self::HomeKeyUnusable => "home-key-unusable",
            Self::HomeKeyUnnamed => "home-key-unnamed",
            Self::DrKeyManaged => "dr-key-managed",
            Self::Unencrypted => "unencrypted",
            Self::GroupMissing => "group-missing",
            Self::PitrBehind => "pitr-behind",
            Self::PointsLocked => "points-locked",
            Self::Uncopyable => "uncopyable",
            Self::QuotaShort => "quota-short",
            Self::VaultMissing => "vault-missing",
            Self::VaultLock => "vault-lock",
            Self::NotOptedIn => "not-opted-in",
            Self::Untagged => "untagged",
            Self::BucketUnreplicated => "bucket-unreplicated",
            Self::ReplicationFailing => "replication-failing",
            Self::ReplicationSlow => "replication-slow",
            Self::ReplicationUnknown => "replication-unknown",
            Self::ReplicationSilent => "replication-silent",
            Self::HostSilent => "host-silent",
            Self::HostBehind => "host-behind",
            Self::HostLate => "host-late",
            Self::HostPolicy => "host-policy",
            Self::BeforeRule => "before-rule",
            Self::Unreadable => "unreadable",
            Self::UnknownState => "unknown-state",
            Self::JournalDown => "journal-down",
            Self::NotGranted => "not-granted",
            Self::Unarmed => "unarmed",
            Self::Unheard => "unheard",
            Self::HomeSilent => "home-silent",
            Self::CopiesMissing => "copies-missing",
            Self::PolicyDiffers => "policy-differs",
            Self::SweepStopped => "sweep-stopped",
            Self::Undeletable => "undeletable",
            Self::Orphaned => "orphaned",
            Self::NightComplete => "night-complete",
            Self::PointLanded => "point-landed",
            Self::Report => "report",
        }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.into_iter()
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.word() == word)
    }

    /// Found by a sweep's round; any other round leaves it alone.
    pub fn is_of_sweep(self) -> bool {
        matches!(self, Self::SweepStopped | Self::Undeletable | Self::Orphaned)
    }

    /// Found by `replication`; the check leaves it alone.
    pub fn is_of_buckets(self) -> bool {
        matches!(
            self,
            Self::BucketUnreplicated
                | Self::ReplicationFailing
                | Self::ReplicationSlow
                | Self::ReplicationUnknown
        )
    }

    /// Found of a PostgreSQL host.
    pub fn is_of_hosts(self) -> bool {
        matches!(self, Self::HostSilent | Self::HostBehind | Self::HostLate | Self::HostPolicy)
    }

    /// News, good news and a day's report among it, is told once and never repaired.
    pub fn is_news(self) -> bool {
        matches!(self, Self::NightComplete | Self::PointLanded | Self::Report | Self::BeforeRule)
    }
}
