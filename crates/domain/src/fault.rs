//! Why a call to the outside did not do what was asked.

use crate::id::Region;
use std::fmt;

/// A failed call: what was called, where, which kind of failure, and AWS's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The IAM action, such as `rds:CopyDBSnapshot`: log, alarm and policy speak one language.
    pub op: String,
    /// The Region that was called.
    pub region: Region,
    /// What follows from it.
    pub kind: FaultKind,
    /// The error code and message, for a person.
    pub detail: String,
}

/// The kinds of failure that Sonae treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// AWS asks to slow down.
    Throttled,
    /// The thing is in a state that will pass (a point still creating).
    Busy,
    /// Too many copies in progress in the dr Region; waits for its turn.
    InFlightFull,
    /// The quota of manual points in the dr Region is used up; a person must act.
    PointsFull,
    /// The role may not do this.
    Denied,
    /// A KMS key cannot be used.
    KeyUnusable,
    /// It is not there.
    Missing,
    /// The name is taken by something else.
    Exists,
    /// No answer in the time that was left.
    Late,
    /// AWS does not accept the request as such.
    Invalid,
    /// Anything else; told with AWS's own words.
    Other,
}

/// What AWS's error codes mean here; any other is [`FaultKind::Other`]. `SnapshotQuotaExceeded` stands
/// for two things; it is read as the one that passes until the quota itself was looked at.
const CODES: [(FaultKind, &[&str]); 8] = [
    (
        FaultKind::Throttled,
        &[
            "Throttling",
            "ThrottlingException",
            "Throttled",
            "ThrottledException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "TooManyRequestsException",
            "SlowDown",
            "KMSThrottling",
        ],
    ),
    (
        FaultKind::Busy,
        &[
            "InvalidDBSnapshotState",
            "InvalidDBInstanceState",
            "InvalidDBClusterSnapshotStateFault",
            "InvalidDBClusterStateFault",
            "ConditionalRequestConflict",
            "OperationAborted",
            "InternalFailure",
            "InternalError",
            "InternalServerError",
            "InternalServiceError",
            "InternalServiceException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "DependencyTimeout",
            "KMSInternal",
            "KMSInternalException",
            "DependencyTimeoutException",
        ],
    ),
    (FaultKind::InFlightFull, &["SnapshotQuotaExceeded", "LimitExceededException"]),
    (
        FaultKind::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "UnauthorizedOperation",
            "NotAuthorized",
            "InvalidClientTokenId",
            "ExpiredToken",
            "ExpiredTokenException",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "OptInRequired",
            "InvalidSecurity",
            "KMSAccessDenied",
            "KMS.AccessDeniedException",
        ],
    ),
    (
        FaultKind::KeyUnusable,
        &[
            "DecryptionFailure",
            "KMSKeyNotAccessibleFault",
            "KMSDisabled",
            "KMSInvalidState",
            "KMSNotFound",
            "KMSOptInRequired",
            "KMS.DisabledException",
            "KMS.KMSInvalidStateException",
            "KMS.NotFoundException",
        ],
    ),
    (
        FaultKind::Missing,
        &[
            "DBSnapshotNotFound",
            "DBSnapshotNotFoundFault",
            "DBInstanceAutomatedBackupNotFound",
            "DBInstanceNotFound",
            "DBInstanceNotFoundFault",
            "DBClusterSnapshotNotFoundFault",
            "DBClusterNotFoundFault",
            "NotFound",
            "NotFoundException",
            "ResourceNotFoundException",
            "NoSuchKey",
            "NoSuchBucket",
            "ReplicationConfigurationNotFoundError",
            "ServerSideEncryptionConfigurationNotFoundError",
            "ObjectLockConfigurationNotFoundError",
        ],
    ),
    (
        FaultKind::Exists,
        &["DBSnapshotAlreadyExists", "DBClusterSnapshotAlreadyExistsFault", "PreconditionFailed"],
    ),
    (
        FaultKind::Invalid,
        &[
            "InvalidParameterValue",
            "InvalidParameterCombination",
            "InvalidParameterValueException",
            "MissingParameterValueException",
        ],
    ),
];

impl FaultKind {
    /// Whether trying again later, with nothing changed by a person, can succeed.
    pub fn passes(self) -> bool {
        match self {
            Self::Throttled | Self::Busy | Self::InFlightFull | Self::Late | Self::Other => true,
            Self::PointsFull
            | Self::Denied
            | Self::KeyUnusable
            | Self::Missing
            | Self::Exists
            | Self::Invalid => false,
        }
    }

    /// What an AWS error code means here.
    pub fn of_code(code: &str) -> Self {
        let known = CODES.iter().find(|(_, codes)| codes.contains(&code));
        known.map_or(Self::Other, |(kind, _)| *kind)
    }

    /// A fixed word for logs and error types.
    pub fn word(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Busy => "busy",
            Self::InFlightFull => "in-flight-full",
            Self::PointsFull => "points-full",
            Self::Denied => "denied",
            Self::KeyUnusable => "key-unusable",
            Self::Missing => "missing",
            Self::Exists => "exists",
            Self::Late => "late",
            Self::Invalid => "invalid",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { op, region, kind, detail } = self;
        write!(f, "{op} in `{region}`: {}: {detail}", kind.word())
    }
}

impl std::error::Error for Fault {}
