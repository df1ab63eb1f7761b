//! What a database runs with and no copy carries: groups of parameters, options and subnets.

use std::fmt;

/// A group of RDS, by its kind and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// What it groups.
    pub kind: GroupKind,
    /// Its name, which RDS keeps in lower case.
    pub name: String,
}

/// What a group groups. Each kind is listed by a call of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKind {
    /// DB cluster parameter group.
    ClusterParameters,
    /// DB parameter group of an instance.
    Parameters,
    /// Option group of an instance.
    Options,
    /// DB subnet group.
    Subnets,
}

impl GroupKind {
    /// The fixed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::ClusterParameters => "cluster-parameters",
            Self::Parameters => "parameters",
            Self::Options => "options",
            Self::Subnets => "subnets",
        }
    }

    /// Whether RDS makes groups of this name by itself, in every Region: nobody has to.
    fn is_made_by_rds(self, name: &str) -> bool {
        match self {
            Self::ClusterParameters | Self::Parameters => name.starts_with("default."),
            Self::Options => name.starts_with("default:"),
            // The console makes `default-vpc-..` of a VPC's id, which no other Region has.
            Self::Subnets => name == "default" || name.starts_with("default-vpc-"),
        }
    }
}

impl Group {
    /// A group of this name.
    pub fn new(kind: GroupKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// One that somebody made: nothing makes its like in another Region.
    pub fn is_own(&self) -> bool {
        !self.kind.is_made_by_rds(&self.name)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.name)
    }
}
