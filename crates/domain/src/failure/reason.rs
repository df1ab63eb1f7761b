//! Why S3 gave an object up, and what mends that.

/// S3's `failureReason`. The set is open: AWS has renamed some.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason(String);

/// What mends a reason. Many reasons are one right, of one role, that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fix {
    /// S3 may not take on the role of the replication.
    Trust,
    /// The role lacks this right on the bucket in home or its objects.
    RightInHome(&'static str),
    /// The role lacks this right on the objects in dr, or dr's bucket denies it.
    RightInDr(&'static str),
    /// Whoever started the batch job lacks this right.
    RightOfBatch(&'static str),
    /// The bucket in dr is not there, or no more.
    DrBucketGone,
    /// The bucket in dr, or in home, is in another Region than its name was resolved to.
    OtherRegion,
    /// The bucket in dr has no versioning.
    Unversioned,
    /// The object has a lock and the bucket in dr cannot have one.
    NoLockInDr,
    /// The key in dr does not exist, or the role may not see it.
    DrKeyMissing,
    /// The key in dr is disabled, or about to be deleted.
    DrKeyState,
    /// The key in home is disabled, or about to be deleted.
    HomeKeyState,
    /// The bucket in home is gone.
    HomeBucketGone,
    /// The rules are gone.
    NoRules,
    /// The object, or its version, was deleted in home or in dr before it was replicated.
    ObjectGone,
    /// A batch job met an object that no rule covers, or that waits for nothing.
    NotEligible,
    /// S3 could not sort out what it is.
    Unknown,
}

/// Amazon S3 User Guide, Amazon S3 replication failure reasons.
const REASONS: [(&str, Fix); 36] = [
    ("AssumeRoleNotPermitted", Fix::Trust),
    ("DstBucketInvalidRegion", Fix::OtherRegion),
    ("DstBucketNotFound", Fix::DrBucketGone),
    ("DstBucketObjectLockConfigMissing", Fix::NoLockInDr),
    ("DstBucketUnversioned", Fix::Unversioned),
    ("DstDelObjNotPermitted", Fix::RightInDr("s3:ReplicateDelete")),
    ("DstKmsKeyInvalidState", Fix::DrKeyState),
    ("DstKmsKeyNotFound", Fix::DrKeyMissing),
    ("DstMultipartCompleteNotPermitted", Fix::RightInDr("s3:ReplicateObject")),
    ("DstMultipartInitNotPermitted", Fix::RightInDr("s3:ReplicateObject")),
    ("DstMultipartPartUploadNotPermitted", Fix::RightInDr("s3:ReplicateObject")),
    ("DstMultipartUploadNotPermitted", Fix::RightInDr("s3:ReplicateObject")),
    ("DstObjectHardDeleted", Fix::ObjectGone),
    ("DstPutAclNotPermitted", Fix::RightInDr("s3:ReplicateObject")),
    ("DstPutLegalHoldNotPermitted", Fix::RightInDr("s3:PutObjectLegalHold")),
    ("DstPutObjectNotPermitted", Fix::RightInDr("s3:ReplicateObject")),
    ("DstPutRetentionNotPermitted", Fix::RightInDr("s3:PutObjectRetention")),
    ("DstPutTaggingNotPermitted", Fix::RightInDr("s3:ReplicateTags")),
    ("DstVersionNotFound", Fix::ObjectGone),
    ("InitiateReplicationNotPermitted", Fix::RightOfBatch("s3:InitiateReplication")),
    ("SrcBucketInvalidRegion", Fix::OtherRegion),
    ("SrcBucketNotFound", Fix::HomeBucketGone),
    ("SrcBucketReplicationConfigMissing", Fix::NoRules),
    ("SrcGetAclNotPermitted", Fix::RightInHome("s3:GetObjectVersionAcl")),
    ("SrcGetLegalHoldNotPermitted", Fix::RightInHome("s3:GetObjectLegalHold")),
    ("SrcGetObjectNotPermitted", Fix::RightInHome("s3:GetObjectVersionForReplication")),
    ("SrcGetRetentionNotPermitted", Fix::RightInHome("s3:GetObjectRetention")),
    ("SrcGetTaggingNotPermitted", Fix::RightInHome("s3:GetObjectVersionTagging")),
    ("SrcHeadObjectNotPermitted", Fix::RightInHome("s3:GetObjectVersionForReplication")),
    ("SrcKeyNotFound", Fix::ObjectGone),
    ("SrcKmsKeyInvalidState", Fix::HomeKeyState),
    ("SrcObjectNotEligible", Fix::NotEligible),
    ("SrcObjectNotFound", Fix::ObjectGone),
    ("SrcReplicationNotPending", Fix::NotEligible),
    ("SrcVersionNotFound", Fix::ObjectGone),
    ("Unknown", Fix::Unknown),
];

/// Failures that only a metric counts: no notification named them.
const UNNAMED: &str = "unnamed";
/// The canary did not arrive.
const CANARY: &str = "canary";

impl Reason {
    /// S3's word, as far as it may stand in a key of the journal.
    pub fn new(word: &str) -> Self {
        let plain: String = word.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        Self(if plain.is_empty() { "Unknown".to_owned() } else { plain })
    }

    /// Of failures that no notification named.
    pub fn unnamed() -> Self {
        Self(UNNAMED.to_owned())
    }

    /// Of the canary.
    pub fn canary() -> Self {
        Self(CANARY.to_owned())
    }

    /// The word.
    pub fn word(&self) -> &str {
        &self.0
    }

    /// Whether only a metric knows of it.
    pub fn is_unnamed(&self) -> bool {
        self.0 == UNNAMED
    }

    /// Whether it is the canary's.
    pub fn is_canary(&self) -> bool {
        self.0 == CANARY
    }

    /// What mends it; a reason that AWS added since is as good as unknown.
    pub fn fix(&self) -> Fix {
        let known = REASONS.iter().find(|(word, _)| *word == self.0);
        known.map_or(Fix::Unknown, |(_, fix)| *fix)
    }

    /// All that AWS documents.
    pub fn all() -> impl Iterator<Item = Self> {
        REASONS.iter().map(|(word, _)| Self::new(word))
    }
}
