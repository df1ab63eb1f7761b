//! A bucket that S3 replicates to dr, and reading one.

use super::reader::{Form, Reader};
use super::{Policy, form};
use crate::id::AssetId;
use jiff::SignedDuration;

const KEYS: [&str; 9] =
    ["kind", "id", "dr_bucket", "prefix", "rule", "lag", "canary", "repair", "repair_role"];

/// What Replication Time Control promises, and the only number that it takes.
const LAG: SignedDuration = SignedDuration::from_mins(15);

/// A pair of buckets. S3 copies what is written to one into the other; Sonae judges whether it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The name of the bucket in home.
    pub id: AssetId,
    /// The name of the one in dr.
    pub dr_bucket: String,
    /// What a rule must cover; empty is everything.
    pub prefix: String,
    /// The ID of the rule, where only one of that name will do.
    pub rule: Option<String>,
    /// How far dr may be behind.
    pub lag: SignedDuration,
    /// Whether Sonae writes an object of its own every hour and sees it arrive.
    pub canary: bool,
    /// What is done about objects that S3 gave up.
    pub repair: Repair,
    /// The role that S3 Batch Operations repairs with.
    pub repair_role: Option<String>,
}

/// What is done about objects that S3 gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// A job is written out for a person to start.
    Report,
    /// Sonae starts it.
    Auto,
}

impl Bucket {
    /// The key of the canary: below the prefix, so that the rule covers it.
    pub fn canary_key(&self) -> String {
        format!("{}sonae-canary", self.prefix)
    }

    /// The ARN of the bucket in home; a bucket's names neither Region nor account.
    pub fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.id)
    }

    /// The ARN of the bucket in dr.
    pub fn dr_arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.dr_bucket)
    }
}

impl Policy {
    /// The bucket with this id.
    pub fn bucket(&self, id: &AssetId) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.id == *id)
    }
}

/// Reads one. Nothing of `[defaults]` is meant for it: a bucket has no days.
pub(super) fn bucket(reader: &mut Reader<'_>) -> Option<Bucket> {
    reader.only(&KEYS);
    let id = reader.need("id", &BUCKET);
    let dr_bucket = reader.need("dr_bucket", &DR_BUCKET);
    if id.is_some() && id == dr_bucket {
        let example = "dr_bucket = \"kaigo-files-dr\"";
        reader.conflict("dr_bucket", "another bucket than `id`, in the dr Region", example);
    }
    let prefix = reader.or("prefix", &PREFIX, String::new());
    let rule = reader.maybe("rule", &RULE);
    let lag = reader.or("lag", &form::DURATION, LAG);
    let canary = reader.or("canary", &YES_OR_NO, false);
    let repair = reader.or("repair", &REPAIR, Repair::Report);
    let repair_role = reader.maybe("repair_role", &REPAIR_ROLE);
    if repair == Some(Repair::Auto) && repair_role == Some(None) {
        let allowed = "\"report\" where there is no `repair_role`";
        reader.conflict("repair", allowed, "repair_role = \"arn:aws:iam::123456789012:role/..\"");
    }
    Some(Bucket {
        id: AssetId::new(id?),
        dr_bucket: dr_bucket?,
        prefix: prefix?,
        rule: rule?,
        lag: lag?,
        canary: canary?,
        repair: repair?,
        repair_role: repair_role?,
    })
}

pub(super) const BUCKET: Form<String> = Form {
    allowed: "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots, hyphens",
    example: "\"kaigo-files\"",
    parse: |value| {
        let name = value.as_str()?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let fine = (3..=63).contains(&name.len()) && name.chars().all(plain);
        (fine && name.starts_with(ends) && name.ends_with(ends)).then(|| name.to_owned())
    },
};

const DR_BUCKET: Form<String> = Form {
    allowed: "the name of the S3 bucket in the dr Region that the replicas are in",
    example: "\"kaigo-files-dr\"",
    ..BUCKET
};

const PREFIX: Form<String> = Form {
    allowed: "the start of the keys that must be replicated, without a slash before it; left out, that \
              is every key",
    example: "\"documents/\"",
    parse: |value| {
        let prefix = value.as_str()?;
        let fine = prefix.len() <= 512 && !prefix.starts_with('/');
        (fine && !prefix.chars().any(char::is_control)).then(|| prefix.to_owned())
    },
};

const RULE: Form<String> = Form {
    allowed: "the ID of the replication rule; left out, any rule that replicates the prefix to `dr_bucket` \
              will do",
    example: "\"sonae\"",
    parse: |value| {
        let id = value.as_str()?;
        ((1..=255).contains(&id.len()) && !id.chars().any(char::is_control)).then(|| id.to_owned())
    },
};

const YES_OR_NO: Form<bool> =
    Form { allowed: "true or false", example: "true", parse: toml::Value::as_bool };

const REPAIR: Form<Repair> = Form {
    allowed: "\"report\" (the notice has the job to start) or \"auto\" (Sonae starts it)",
    example: "\"report\"",
    parse: |value| match value.as_str()? {
        "report" => Some(Repair::Report),
        "auto" => Some(Repair::Auto),
        _ => None,
    },
};

pub(super) const REPAIR_ROLE: Form<String> = Form {
    allowed: "the ARN of the role that S3 Batch Operations replicates with, an output of template-bucket.yaml",
    example: "\"arn:aws:iam::123456789012:role/sonae-bucket-RepairRole-1A2B3C4D5E6F\"",
    parse: |value| {
        let arn = value.as_str()?;
        let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
        let digits = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_/-".contains(c);
        (digits && !path.is_empty() && path.chars().all(plain)).then(|| arn.to_owned())
    },
};
