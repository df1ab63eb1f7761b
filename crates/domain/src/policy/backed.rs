//! What AWS Backup protects, and where.

use crate::id::Family;
use jiff::civil::Time;

/// Who protects an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protected {
    /// Sonae, with RDS: an instance or a cluster.
    Rds(Family),
    /// AWS Backup, by a plan of its own; Sonae only looks.
    Backup(Backed),
}

/// One resource in AWS Backup's vaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backed {
    /// What it is.
    pub resource: Resource,
    /// The vault in home that its points are in.
    pub vault: String,
    /// The vault in dr that their copies are in.
    pub dr_vault: String,
    /// By when a job of the day must be there, policy time.
    pub started_by: Time,
    /// The role that points which no plan made are copied with; without one they are neither copied nor
    /// owed.
    pub role: Option<String>,
}

/// A resource as the policy names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An EFS file system in home, by its id, which no other account or Region has.
    FileSystem(String),
    /// Anything else, by its ARN.
    Arn(String),
}

impl Resource {
    /// Whether AWS Backup's `ResourceArn` is this.
    pub fn is(&self, arn: &str) -> bool {
        match self {
            Self::FileSystem(id) => {
                arn.rsplit_once(":file-system/").is_some_and(|(_, of)| of == id)
            }
            Self::Arn(own) => own == arn,
        }
    }

    /// What it is called: its ARN, or what its ARN ends in.
    pub fn name(&self) -> &str {
        match self {
            Self::FileSystem(name) | Self::Arn(name) => name,
        }
    }

    /// The policy's word for its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FileSystem(_) => "efs",
            Self::Arn(_) => "backup",
        }
    }
}
