//! What AWS Backup shows: vaults, recovery points, the jobs that make them and the jobs that copy them.
//! States are kept as AWS's words; one that is not known here is never good.

use super::Read;
use crate::id::{ManualPoint, PointName, Region};
use crate::names;
use crate::policy::LockMode;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One asset of AWS Backup, in both Regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedSeen {
    /// The vault in home; `None` where home answers that there is none.
    pub vault: Read<Option<Vault>>,
    /// The vault in dr.
    pub dr_vault: Read<Option<Vault>>,
    /// Its points in the home vault, unordered.
    pub points: Read<Vec<RecoveryPoint>>,
    /// Its points in the dr vault, unordered.
    pub copies: Read<Vec<RecoveryPoint>>,
    /// The backup jobs into the home vault.
    pub jobs: Read<Vec<Job>>,
    /// The copy jobs from home, into whatever vault.
    pub copy_jobs: Read<Vec<CopyJob>>,
}

/// A vault, by DescribeBackupVault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// BackupVaultArn.
    pub arn: Option<String>,
    /// EncryptionKeyArn.
    pub key: Option<String>,
    /// Locked, and since when for ever (LockDate), if it is in compliance mode.
    pub lock: Option<Option<Timestamp>>,
}

/// Whether AWS Backup is let to protect a type of resource, by the type (ResourceTypeOptInPreference).
pub type OptIn = BTreeMap<String, bool>;

/// A recovery point in a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryPoint {
    /// RecoveryPointArn; its shape differs by the type of resource.
    pub arn: String,
    /// ResourceArn.
    pub resource: String,
    /// CreationDate, which a copy has of its source.
    pub created: Timestamp,
    /// CompletionDate.
    pub done: Option<Timestamp>,
    /// Status.
    pub state: String,
    /// EncryptionKeyArn.
    pub key: Option<String>,
    /// Whether a plan made it (CreatedBy); its copy is the plan's business.
    pub planned: bool,
}

/// A backup job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// BackupJobId.
    pub id: String,
    /// ResourceArn.
    pub resource: String,
    /// CreationDate.
    pub created: Timestamp,
    /// State.
    pub state: String,
    /// MessageCategory.
    pub category: Option<String>,
    /// StatusMessage.
    pub message: Option<String>,
    /// RecoveryPointArn.
    pub point: Option<String>,
    /// Whether a plan made it (CreatedBy).
    pub planned: bool,
}

/// A copy job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyJob {
    /// CopyJobId.
    pub id: String,
    /// ResourceArn.
    pub resource: String,
    /// CreationDate.
    pub created: Timestamp,
    /// State.
    pub state: String,
    /// StatusMessage.
    pub message: Option<String>,
    /// SourceRecoveryPointArn.
    pub source: Option<String>,
    /// DestinationBackupVaultArn.
    pub vault: String,
    /// DestinationRecoveryPointArn.
    pub copy: Option<String>,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It may still end well; so may one in a state that AWS has added.
    Alive,
    /// It ended well.
    Done,
    /// It ended, and what it was to make is missing or incomplete.
    Bad,
}

impl Vault {
    /// How it is locked. Governance mode has no LockDate (API reference, DescribeBackupVault).
    pub fn mode(&self) -> LockMode {
        match self.lock {
            None => LockMode::Off,
            Some(None) => LockMode::Governance,
            Some(Some(_)) => LockMode::Compliance,
        }
    }
}

impl RecoveryPoint {
    /// Whether it can be restored. EXPIRED, DELETING, STOPPED, PARTIAL and states not known here are not
    /// (API reference, RecoveryPointByBackupVault).
    pub fn is_good(&self) -> bool {
        matches!(self.state.as_str(), "COMPLETED" | "AVAILABLE")
    }

    /// Whether it may become so.
    pub fn may_come(&self) -> bool {
        self.state == "CREATING"
    }

    /// Whether it goes on with its resource. Such a one has no end, and StartCopyJob takes none (API
    /// reference, StartCopyJob).
    pub fn is_continuous(&self) -> bool {
        self.state == "AVAILABLE"
    }

    /// What it is called where an ARN cannot stand.
    pub fn name(&self) -> PointName {
        names::of_arn(&self.arn)
    }

    /// How the journal knows one that no plan made.
    pub fn manual(&self) -> ManualPoint {
        ManualPoint::new(self.name(), Some(self.created))
    }
}

impl Job {
    /// How it stands. "Completed with issues" is a COMPLETED job whose message has another category than
    /// SUCCESS (AWS Backup Developer Guide, Monitoring with EventBridge; API reference, BackupJob).
    pub fn stand(&self) -> Stand {
        match self.state.as_str() {
            "COMPLETED" if self.has_issues() => Stand::Bad,
            "COMPLETED" => Stand::Done,
            "FAILED" | "ABORTED" | "ABORTING" | "EXPIRED" | "PARTIAL" => Stand::Bad,
            _ => Stand::Alive,
        }
    }

    fn has_issues(&self) -> bool {
        let category = self.category.as_deref().unwrap_or_default().trim();
        !category.is_empty() && !category.eq_ignore_ascii_case("SUCCESS")
    }
}

impl CopyJob {
    /// Whether it copies into this vault.
    pub fn is_into(&self, region: &Region, vault: &str) -> bool {
        let name = self.vault.rsplit_once(":backup-vault:").map(|(_, name)| name);
        self.vault.contains(&format!(":{region}:")) && name == Some(vault)
    }

    /// How it stands.
    pub fn stand(&self) -> Stand {
        match self.state.as_str() {
            "COMPLETED" => Stand::Done,
            "FAILED" | "PARTIAL" => Stand::Bad,
            _ => Stand::Alive,
        }
    }
}

impl BackedSeen {
    /// Whether a copy is this point's: a job says so, or both have one resource and one time. It keeps the
    /// source's (AWS Backup Developer Guide, Creating backup copies), to the second.
    pub fn is_copy_of(&self, copy: &RecoveryPoint, point: &RecoveryPoint) -> bool {
        let made = |job: &CopyJob| {
            job.copy.as_ref() == Some(&copy.arn) && job.source.as_ref() == Some(&point.arn)
        };
        let said = self.copy_jobs.known().into_iter().flatten().any(made);
        let same_time = point.created.as_second() == copy.created.as_second();
        said || point.resource == copy.resource && same_time
    }

    /// Whether somebody took a point by hand: neither it nor its job names a plan. One without a job was put
    /// there in another way; with the jobs unread, not known.
    pub fn is_by_hand(&self, point: &RecoveryPoint) -> Option<bool> {
        let mut jobs = self.jobs.known()?.iter();
        let job = jobs.find(|job| job.point.as_ref() == Some(&point.arn));
        Some(!point.planned && job.is_some_and(|job| !job.planned))
    }

    /// Whether the job that made a point left something out; with the jobs unread, not known.
    pub fn is_flawed(&self, point: &RecoveryPoint) -> Option<bool> {
        let bad = self.jobs.known()?.iter().filter(|job| job.stand() == Stand::Bad);
        Some(bad.filter_map(|job| job.point.as_ref()).any(|arn| *arn == point.arn))
    }

    /// When the newest data that can be restored in dr is from.
    pub fn newest_copy(&self) -> Option<Timestamp> {
        let copies = self.copies.known().into_iter().flatten();
        copies.filter(|copy| copy.is_good()).map(|copy| copy.created).max()
    }
}
