//! The kinds of asset that a policy may have.

use super::reader::Reader;
use crate::id::Family;
use toml::{Table, Value};

/// A kind of asset.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Rds(Family),
    FileSystem,
    Resource,
    Bucket,
    Host,
}

/// A kind that is not known is refused by name: silence would look like protection.
pub(super) fn read_kind(reader: &mut Reader<'_>, table: &Table) -> Option<Kind> {
    let allowed = match table.get("kind").and_then(Value::as_str) {
        Some("rds-instance") => return Some(Kind::Rds(Family::Instance)),
        Some("rds-cluster") => return Some(Kind::Rds(Family::Cluster)),
        Some("efs") => return Some(Kind::FileSystem),
        Some("backup") => return Some(Kind::Resource),
        Some("bucket") => return Some(Kind::Bucket),
        Some("postgres-host") => return Some(Kind::Host),
        _ => {
            "\"rds-instance\", \"rds-cluster\" (Aurora, Multi-AZ DB clusters), \"efs\", \"backup\" \
             (anything else that AWS Backup protects, by its ARN), \"bucket\" (replicated by S3) or \
             \"postgres-host\" (a PostgreSQL server of your own, with sonae-agent)"
        }
    };
    reader.conflict("kind", allowed, "kind = \"rds-instance\"");
    None
}
