//! The forms that values of a policy may take.

use super::reader::Form;
use super::{Keep, Language, LockMode, Manual, Orphans, PingUrl, Reporting, TakenBy, TellSuccess};
use crate::day;
use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo};
use toml::Value;

pub(super) const VERSION: Form<i64> = Form {
    allowed: "1, the only version there is",
    example: "1",
    parse: |value| value.as_integer().filter(|version| *version == 1),
};

pub(super) const SYSTEM: Form<String> = Form {
    allowed: "a name of 1 to 40 letters, digits, hyphens",
    example: "\"kaigo-subsys-prod\"",
    parse: |value| {
        let name = value.as_str()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        ((1..=40).contains(&name.len()) && name.chars().all(plain)).then(|| name.to_owned())
    },
};

pub(super) const REGION: Form<String> = Form {
    allowed: "an AWS Region of the commercial partition (GovCloud and China are not supported)",
    example: "\"us-east-1\"",
    parse: |value| {
        let name = value.as_str()?;
        let parts: Vec<&str> = name.split('-').collect();
        let [area, place, number] = parts.as_slice() else { return None };
        let lower = |part: &&str| part.chars().all(|c| c.is_ascii_lowercase());
        let real = area.len() == 2 && *area != "cn" && lower(area) && !place.is_empty();
        (real && lower(place) && number.parse::<u8>().is_ok()).then(|| name.to_owned())
    },
};

pub(super) const DR_REGION: Form<String> = Form { example: "\"us-west-2\"", ..REGION };

pub(super) const ZONE: Form<(TimeZone, String)> = Form {
    allowed: "an IANA time zone",
    example: "\"Asia/Tokyo\"",
    parse: |value| {
        let name = value.as_str()?;
        Some((TimeZone::get(name).ok()?, name.to_owned()))
    },
};

pub(super) const LANGUAGE: Form<Language> = Form {
    allowed: "\"ja\" or \"en\"",
    example: "\"ja\"",
    parse: |value| match value.as_str()? {
        "ja" => Some(Language::Ja),
        "en" => Some(Language::En),
        _ => None,
    },
};

pub(super) const TELL_SUCCESS: Form<TellSuccess> = Form {
    allowed: "\"night\" (one notice when a night is complete), \"each\" (one per asset), \"none\"",
    example: "\"night\"",
    parse: |value| match value.as_str()? {
        "night" => Some(TellSuccess::Night),
        "each" => Some(TellSuccess::Each),
        "none" => Some(TellSuccess::Never),
        _ => None,
    },
};

pub(super) const REPORTING: Form<Reporting> = Form {
    allowed: "\"daily\" (every morning, so that its absence is noticed) or \"problems\" (only where \
              something is wrong; it is written every day all the same)",
    example: "\"daily\"",
    parse: |value| match value.as_str()? {
        "daily" => Some(Reporting::Daily),
        "problems" => Some(Reporting::Problems),
        _ => None,
    },
};

pub(super) const TAG: Form<(String, String)> = Form {
    allowed: "a tag, \"key=value\": only databases with it are reported as unprotected",
    example: "\"backup=required\"",
    parse: |value| {
        let (key, value) = value.as_str()?.split_once('=')?;
        (!key.is_empty()).then(|| (key.to_owned(), value.to_owned()))
    },
};

pub(super) const BY_TAG: Form<(String, String)> = Form {
    allowed: "a tag, \"key=value\": each resource in home that carries it is protected",
    example: "\"sonae:backup=yes\"",
    ..TAG
};

pub(super) const IGNORED: Form<Vec<String>> = Form {
    allowed: "a list of identifiers that need no protection; a `*` at the end stands for anything",
    example: "[\"scratch\", \"dev-*\"]",
    parse: |value| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let id = |text: &str| !text.is_empty() && text.chars().all(plain);
        let whole = |text: &&str| id(text.strip_suffix('*').unwrap_or(text));
        let one = |value: &Value| value.as_str().filter(whole).map(str::to_owned);
        value.as_array()?.iter().map(one).collect()
    },
};

pub(super) const GIB: Form<i64> = Form {
    allowed: "a number of GiB, 1 or more: how much all copies may come to, by allocated size",
    example: "2000",
    parse: |value| value.as_integer().filter(|gib| *gib >= 1),
};

pub(super) const PING_URL: Form<PingUrl> = Form {
    allowed: "the URL of a dead man's switch: one of https (of http only to 127.0.0.1), without user \
              and fragment",
    example: "\"https://hc-ping.com/your-uuid\"",
    parse: |value| PingUrl::parse(value.as_str()?),
};

pub(super) const EMAIL: Form<Vec<String>> = Form {
    allowed: "a list of at least one address",
    example: "[\"ops@example.com\"]",
    parse: |value| {
        let list = value.as_array().filter(|list| !list.is_empty())?;
        list.iter().map(|one| address(one.as_str()?)).collect()
    },
};

pub(super) const ADDRESS: Form<String> = Form {
    allowed: "one address, which hears of what is critical only",
    example: "\"boss@example.com\"",
    parse: |value| address(value.as_str()?),
};

pub(super) const DATABASE_ID: Form<String> = Form {
    allowed: "a DB instance or DB cluster identifier: 1 to 63 lower-case letters, digits, hyphens; a letter \
              first, no hyphen last, no two hyphens together; not `watch`, which the journal uses",
    example: "\"kaigo-subsys-prod\"",
    parse: |value| {
        let id = value.as_str()?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let shaped = id.starts_with(|c: char| c.is_ascii_lowercase())
            && !id.ends_with('-')
            && !id.contains("--");
        let free = id != crate::journal::WATCH;
        (shaped && free && id.len() <= 63 && id.chars().all(plain)).then(|| id.to_owned())
    },
};

pub(super) const FILE_SYSTEM: Form<String> = Form {
    allowed: "an EFS file system's id: fs- and 8 to 40 digits and letters a to f",
    example: "\"fs-0123456789abcdef0\"",
    parse: |value| {
        let id = value.as_str()?;
        let hex = id.strip_prefix("fs-")?;
        let plain = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        ((8..=40).contains(&hex.len()) && hex.chars().all(plain)).then(|| id.to_owned())
    },
};

pub(super) const NAME: Form<String> = Form {
    allowed: "a name of yours for it: 1 to 63 lower-case letters, digits, hyphens; a letter first, no hyphen \
              last, no two hyphens together; not `watch`, which the journal uses",
    example: "\"orders\"",
    ..DATABASE_ID
};

pub(super) const RESOURCE_ARN: Form<String> = Form {
    allowed: "the ARN of a resource that AWS Backup protects, or a `tag` in its place",
    example: "\"arn:aws:dynamodb:us-east-1:123456789012:table/orders\"",
    parse: |value| {
        let arn = value.as_str()?;
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", "aws", service, _, account, name] = parts.as_slice() else { return None };
        let numbered = account.is_empty()
            || account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let shaped = !service.is_empty() && !name.is_empty() && !arn.contains(char::is_whitespace);
        (numbered && shaped).then(|| arn.to_owned())
    },
};

pub(super) const VAULT: Form<String> = Form {
    allowed: "a backup vault's name: 2 to 50 letters, digits, hyphens, underscores; not EFS's own \
              `aws/efs/automatic-backup-vault`, from which nothing is copied",
    example: "\"sonae\"",
    parse: |value| {
        let name = value.as_str()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        ((2..=50).contains(&name.len()) && name.chars().all(plain)).then(|| name.to_owned())
    },
};

pub(super) const LOCK: Form<LockMode> = Form {
    allowed: "\"off\", \"governance\" or \"compliance\", as the vaults' stacks have it (`Lock`)",
    example: "\"governance\"",
    parse: |value| match value.as_str()? {
        "off" => Some(LockMode::Off),
        "governance" => Some(LockMode::Governance),
        "compliance" => Some(LockMode::Compliance),
        _ => None,
    },
};

/// AWS Backup takes its default role and those whose name has one of the two words in it (API reference,
/// ListBackupJobs, IamRoleArn).
pub(super) const BACKUP_ROLE: Form<String> = Form {
    allowed: "the ARN of a role that AWS Backup works under; its name has AwsBackup or AWSBackup in it",
    example: "\"arn:aws:iam::123456789012:role/sonae-vault-AwsBackupRole-1A2B3C4D5E6F\"",
    parse: |value| {
        let arn = value.as_str()?;
        let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
        let digits = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let name = path.rsplit('/').next()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        let named = name.contains("AwsBackup") || name.contains("AWSBackup");
        (digits && named && name.chars().all(plain)).then(|| arn.to_owned())
    },
};

pub(super) const TAKE: Form<TakenBy> = Form {
    allowed: "\"automated\" (RDS's own backup window) or \"scheduled\" (Sonae takes it)",
    example: "\"automated\"",
    parse: |value| match value.as_str()? {
        "automated" => Some(TakenBy::Window),
        "scheduled" => Some(TakenBy::Sonae),
        _ => None,
    },
};

pub(super) const MANUAL: Form<Manual> = Form {
    allowed: "\"tagged\" (Purpose=PreRelease or sonae:copy=yes), \"all\", \"none\"",
    example: "\"tagged\"",
    parse: |value| match value.as_str()? {
        "tagged" => Some(Manual::Tagged),
        "all" => Some(Manual::All),
        "none" => Some(Manual::Never),
        _ => None,
    },
};

pub(super) const CLOCK: Form<Time> = Form {
    allowed: "a time of the policy's zone, \"hh:mm\" in quotes",
    example: "\"03:00\"",
    parse: |value| day::clock(value.as_str()?),
};

pub(super) const SINCE: Form<Date> = Form {
    allowed: "a date without quotes; nothing of an earlier day is ever copied",
    example: "2025-11-05",
    parse: |value| value.as_datetime()?.to_string().parse().ok(),
};

pub(super) const DAYS: Form<i32> = Form {
    allowed: "\"1 day\" to \"14 days\"",
    example: "\"2 days\"",
    parse: |value| {
        let hours = duration(value.as_str()?)?.as_hours();
        let days = i32::try_from(hours / 24).ok()?;
        (hours % 24 == 0 && (1..=14).contains(&days)).then_some(days)
    },
};

pub(super) const DURATION: Form<SignedDuration> = Form {
    allowed: "a time span of at least a minute: minutes, hours or days",
    example: "\"24 h\"",
    parse: |value| duration(value.as_str()?).filter(|span| span.as_mins() >= 1),
};

pub(super) const PITR: Form<SignedDuration> = Form {
    allowed: "a time span of at least 15 minutes: how far back dr's replicated automated backups may \
              end (RDS ships transaction logs every five minutes); leave it out where there are none",
    example: "\"1 h\"",
    parse: |value| duration(value.as_str()?).filter(|span| span.as_mins() >= 15),
};

pub(super) const GROUP: Form<String> = Form {
    allowed: "the name of a DB subnet group in the dr Region, in lower case",
    example: "\"kaigo-dr\"",
    parse: |value| {
        let name = value.as_str()?;
        let plain = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || ['-', '.', '_', ' '].contains(&c)
        };
        ((1..=255).contains(&name.len()) && name.chars().all(plain)).then(|| name.to_owned())
    },
};

pub(super) const KEEP: Form<Keep> = Form {
    allowed: "{ days = 1 to 3650 } or { daily = 1 to 366, weekly = 0 to 520, monthly = 0 to 120 }, not \
              both; either with floor = 1 to 100, which is 3 when left out",
    example: "{ days = 30, floor = 3 }",
    parse: Keep::parse,
};

pub(super) const ORPHANS: Form<Orphans> = Form {
    allowed: "\"report\" (told and left alone), \"delete\" (deleted once past their day, the newest never)",
    example: "\"report\"",
    parse: |value| match value.as_str()? {
        "report" => Some(Orphans::Report),
        "delete" => Some(Orphans::Delete),
        _ => None,
    },
};

pub(super) const HOME_KEY_ARN: Form<String> = Form {
    allowed: "the ARN of the customer managed KMS key in the home Region that the database is \
              encrypted with, not an alias; leave it out for the key aws/rds and for none",
    example: "\"arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-777777777777\"",
    ..KEY_ARN
};

pub(super) const KEY_ARN: Form<String> = Form {
    allowed: "the ARN of a KMS key in the dr Region, not an alias: an alias can be moved to \
              another key without anyone being told",
    example: "\"arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555\"",
    parse: |value| {
        let arn = value.as_str()?;
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", "aws", "kms", _, account, key] = parts.as_slice() else { return None };
        let numbered = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let id = key.strip_prefix("key/")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let shaped = id.len() >= 36 && id.chars().all(plain);
        (numbered && shaped).then(|| arn.to_owned())
    },
};

pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

fn address(text: &str) -> Option<String> {
    let (name, host) = text.split_once('@')?;
    let fine = !name.is_empty() && host.contains('.') && !text.contains(char::is_whitespace);
    fine.then(|| text.to_owned())
}
