//! What can be found, and what each says of itself: in `kind.rs` its kind, in `weight.rs` how bad it is.

use crate::duty::{Cause, Met};
use crate::failure::Reason;
use crate::fault::Fault;
use crate::health::{Gap, Silence};
use crate::host::run::{How, Job};
use crate::host::wal::Segment;
use crate::id::{AssetId, Family, PointName, Region};
use crate::policy::LockMode;
use crate::seen::{Group, Quota, Topic};
use crate::watch::Holdings;
use jiff::{SignedDuration, Timestamp};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No point by its deadline.
    NotTaken {
        /// The deadline.
        due: Timestamp,
        /// Why.
        cause: Cause,
    },
    /// No copy by its deadline, or none to come.
    NotLanded {
        /// The deadline.
        due: Timestamp,
        /// Why.
        cause: Cause,
    },
    /// The database does not exist.
    AssetMissing {
        /// Its new name, when its resource id was seen under one.
        renamed_to: Option<String>,
    },
    /// The database is not the one that the points are of.
    AssetReplaced {
        /// The database's resource id.
        now: String,
        /// That of its newest point.
        before: String,
    },
    /// BackupRetentionPeriod is 0.
    BackupsOff,
    /// RDS's window does not hold the policy's time.
    WindowElsewhere {
        /// The window, UTC.
        window: String,
        /// The policy's time today.
        expected: Timestamp,
    },
    /// The database's status says that its key is out of reach.
    KeyInaccessible {
        /// DBInstanceStatus.
        status: String,
    },
    /// The dr key's state.
    DrKeyUnusable {
        /// Its ARN.
        key: String,
        /// KMS's word.
        state: String,
    },
    /// The state of the key that the database is under.
    HomeKeyUnusable {
        /// Its ARN.
        key: String,
        /// KMS's word.
        state: String,
    },
    /// The database is under a customer's key that the policy does not name.
    HomeKeyUnnamed {
        /// Its ARN.
        key: String,
    },
    /// The dr key is managed by AWS.
    DrKeyManaged {
        /// Its ARN.
        key: String,
    },
    /// A cluster is not encrypted.
    Unencrypted,
    /// A group that a restore in dr needs is not there.
    GroupMissing {
        /// Which.
        group: Group,
        /// Whose.
        assets: Vec<AssetId>,
    },
    /// Dr's replicated automated backups are missing, or end too early.
    PitrBehind {
        /// Until when they reach, if there are any.
        latest: Option<Timestamp>,
        /// How far back that may be.
        within: SignedDuration,
    },
    /// A key that only older points are under cannot be used.
    PointsLocked {
        /// Where.
        region: Region,
        /// Its ARN.
        key: String,
        /// KMS's word.
        state: String,
        /// How many points of which assets need it.
        points: Vec<(AssetId, u32)>,
    },
    /// A Multi-AZ DB cluster, of which no copy was ever seen.
    Uncopyable {
        /// Its engine.
        engine: String,
    },
    /// Few manual points are left.
    QuotaShort {
        /// How few, and where.
        quota: Quota,
    },
    /// A vault is locked otherwise than the policy says.
    VaultLock {
        /// Where.
        region: Region,
        /// Its name.
        vault: String,
        /// What the policy says.
        expected: LockMode,
        /// What it is.
        found: LockMode,
        /// Since when, or from when on, for ever.
        date: Option<Timestamp>,
    },
    /// AWS Backup passes over a type of resource.
    NotOptedIn {
        /// Where.
        region: Region,
        /// AWS Backup's name for the type.
        type_name: String,
        /// What is of it.
        assets: Vec<AssetId>,
    },
    /// Nothing carries the tag, or one thing carries it no more.
    Untagged {
        /// `key=value`.
        tag: String,
        /// What carried it.
        asset: Option<AssetId>,
    },
    /// A bucket does not replicate as the policy says.
    BucketUnreplicated {
        /// What is missing, the worst first.
        gaps: Vec<Gap>,
        /// The rule that comes nearest.
        rule: Option<String>,
    },
    /// S3 gave up replicating objects.
    ReplicationFailing {
        /// Why.
        reason: Reason,
        /// How many.
        objects: usize,
    },
    /// Dr is further behind than it may be.
    ReplicationSlow {
        /// How far, in seconds.
        seconds: i64,
    },
    /// It cannot be told whether a bucket is replicated.
    ReplicationUnknown {
        /// Why.
        silence: Silence,
    },
    /// Nothing judges a bucket any more.
    ReplicationSilent {
        /// The last verdict, if there ever was one.
        last: Option<Timestamp>,
    },
    /// A host's agent has said nothing for an hour.
    HostSilent {
        /// When it last did, if it ever did.
        last: Option<Timestamp>,
    },
    /// A host's bucket is further behind than it may be, or has a hole in its log.
    HostBehind {
        /// How far, in seconds.
        seconds: i64,
        /// The segment that lacks though later ones are there.
        gap: Option<Segment>,
        /// What the agent says stands in its way.
        trouble: Option<String>,
    },
    /// A run of a host's agent should have been done an hour ago, or failed.
    HostLate {
        /// Of which job.
        job: Job,
        /// How the last try ended; absent where none was made.
        last: Option<How>,
    },
    /// A host works by another policy.
    HostPolicy {
        /// The hash of the host's.
        host: String,
        /// The hash of this function's.
        ours: String,
    },
    /// What was in a bucket before its rule is not replicated.
    BeforeRule {
        /// The rule.
        rule: String,
    },
    /// AWS Backup has no such vault.
    VaultMissing {
        /// Where.
        region: Region,
        /// Its name.
        vault: String,
    },
    /// A read failed.
    Unreadable {
        /// How.
        fault: Fault,
        /// Which assets cannot be judged for it.
        assets: Vec<AssetId>,
    },
    /// A point in an unknown state.
    UnknownState {
        /// The point.
        point: PointName,
        /// AWS's word.
        state: String,
    },
    /// The journal could not be read.
    JournalDown {
        /// How.
        fault: Fault,
    },
    /// Keys of the policy are not among those that the role is given.
    NotGranted {
        /// Their ARNs.
        keys: Vec<String>,
    },
    /// The alarm on the check's silence has been off for a day.
    Unarmed,
    /// A topic has no confirmed subscription.
    Unheard {
        /// Which.
        topic: Topic,
    },
    /// Home gives no sign of life.
    HomeSilent {
        /// The last one, if there ever was one.
        last: Option<Timestamp>,
        /// What dr has of each asset.
        holdings: Holdings,
    },
    /// Copies of a day do not stand in dr, and home, which would tell of it, is silent.
    CopiesMissing {
        /// Home's last sign of life, if there ever was one.
        last: Option<Timestamp>,
        /// The deadline that was missed, the first one where there are several.
        due: Timestamp,
        /// What dr has of the assets that lack theirs.
        holdings: Holdings,
    },
    /// Home and dr run different policies.
    PolicyDiffers {
        /// The hash of home's.
        home: String,
        /// The hash of dr's.
        dr: String,
    },
    /// So many points of an asset were to be deleted at once that a person is asked first.
    SweepStopped {
        /// Where.
        region: Region,
        /// The number to say yes with.
        number: String,
        /// Which, and when their data is from; oldest first.
        gone: Vec<(PointName, Timestamp)>,
        /// How many there are.
        all: usize,
    },
    /// Points that were kept long enough could not be deleted.
    Undeletable {
        /// The first refusal.
        fault: Fault,
        /// Which.
        points: Vec<PointName>,
    },
    /// An asset has left the policy, and its points are still there.
    Orphaned {
        /// Its id.
        asset: String,
        /// An instance's or a cluster's.
        family: Family,
        /// How many.
        points: usize,
        /// When the oldest's data is from.
        oldest: Option<Timestamp>,
        /// AllocatedStorage of all; 0 where RDS shows none.
        gib: i64,
    },
    /// Good news of a night.
    NightComplete {
        /// What landed, per asset.
        landed: Vec<(AssetId, Met)>,
        /// The last deadline.
        due: Timestamp,
    },
    /// Good news of one asset.
    PointLanded {
        /// What landed.
        met: Met,
    },
}
