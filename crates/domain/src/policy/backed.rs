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
    /// How both vaults are locked.
    pub lock: LockMode,
    /// The role that points which no plan made are copied with; without one they are neither copied nor
    /// owed.
    pub role: Option<String>,
}

/// How a vault is locked: who may delete its points before their day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    /// Whoever has the right to.
    Off,
    /// Those who may take the lock off.
    Governance,
    /// Nobody, for ever.
    Compliance,
}

impl LockMode {
    /// The policy's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Governance => "governance",
            Self::Compliance => "compliance",
        }
    }
}

/// A resource as the policy names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An EFS file system in home, by its id, which no other account or Region has.
    FileSystem(String),
    /// Anything else, by its ARN.
    Arn(String),
    /// Whatever carries this tag: its key and value. Only stands for the resources themselves.
    Tagged(String, String),
}

impl Resource {
    /// Whether AWS Backup's `ResourceArn` is this.
    pub fn is(&self, arn: &str) -> bool {
        match self {
            Self::FileSystem(id) => {
                arn.rsplit_once(":file-system/").is_some_and(|(_, of)| of == id)
            }
            Self::Arn(own) => own == arn,
            Self::Tagged(..) => false,
        }
    }

    /// What it is called: its ARN, or what its ARN ends in.
    pub fn name(&self) -> &str {
        match self {
            Self::FileSystem(name) | Self::Arn(name) => name,
            Self::Tagged(key, _) => key,
        }
    }

    /// AWS Backup's name for its type, as in the settings of a Region (AWS Backup API reference,
    /// DescribeRegionSettings; API reference of the SDKs, UpdateRegionSettings). Of some ARNs it cannot be
    /// told: `rds:..:cluster:` is Aurora's, DocumentDB's and Neptune's.
    pub fn opt_in_type(&self) -> Option<&'static str> {
        let arn = match self {
            Self::FileSystem(_) => return Some("EFS"),
            Self::Tagged(..) => return None,
            Self::Arn(arn) => arn,
        };
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, name) = (parts.next()?, parts.nth(2)?);
        match service {
            "elasticfilesystem" => Some("EFS"),
            "dynamodb" => Some("DynamoDB"),
            "ec2" if name.starts_with("volume/") => Some("EBS"),
            "ec2" if name.starts_with("instance/") => Some("EC2"),
            "fsx" => Some("FSx"),
            "s3" => Some("S3"),
            "redshift" => Some("Redshift"),
            "redshift-serverless" => Some("Redshift Serverless"),
            "timestream" => Some("Timestream"),
            "cloudformation" => Some("CloudFormation"),
            "storagegateway" => Some("Storage Gateway"),
            "dsql" => Some("DSQL"),
            "backup-gateway" => Some("VirtualMachine"),
            _ => None,
        }
    }

    /// The policy's word for its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FileSystem(_) => "efs",
            Self::Arn(_) | Self::Tagged(..) => "backup",
        }
    }
}
