//! Where a notice sends its reader.

use super::Scene;
use crate::policy::Policy;

impl Scene<'_> {
    /// The runbook page and the console.
    pub(super) fn links(&self) -> Vec<String> {
        let Policy { home, dr, .. } = self.policy;
        if let Some(bucket) = self.bucket() {
            let console = |name: &str, region| {
                format!("https://{region}.console.aws.amazon.com/s3/buckets/{name}?region={region}")
            };
            return vec![
                format!("runbook: docs/runbooks/{}.md", self.key.kind.word()),
                format!("home: {}", console(bucket.id.as_str(), home)),
                format!("dr:   {}", console(&bucket.dr_bucket, dr)),
            ];
        }
        if let Some(host) = self.host() {
            let bucket = &host.bucket;
            return vec![
                format!("runbook: docs/runbooks/{}.md", self.key.kind.word()),
                format!(
                    "home: https://{home}.console.aws.amazon.com/s3/buckets/{bucket}?region={home}"
                ),
            ];
        }
        let place = match self.is_of_backup() {
            true => ("backup", "#/backupvaults"),
            false => ("rds", "#snapshots-list:"),
        };
        let console = |region| {
            let (service, page) = place;
            format!("https://{region}.console.aws.amazon.com/{service}/home?region={region}{page}")
        };
        vec![
            format!("runbook: docs/runbooks/{}.md", self.key.kind.word()),
            format!("home: {}", console(home)),
            format!("dr:   {}", console(dr)),
        ]
    }
}
