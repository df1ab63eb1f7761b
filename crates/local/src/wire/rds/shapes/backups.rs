//! Replicated automated backups.

use domain::id::Region;
use jiff::Timestamp;
use model::{AutomatedBackup, Page};
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::wire::rds) struct AutomatedBackups<'a> {
    #[serde(rename = "DBInstanceAutomatedBackups")]
    list: List<'a>,
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
}

#[derive(Serialize)]
struct List<'a> {
    #[serde(rename = "DBInstanceAutomatedBackup")]
    items: Vec<Backup<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Backup<'a> {
    dbi_resource_id: &'a str,
    region: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_window: Option<Window>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Window {
    latest_time: Timestamp,
}

impl<'a> AutomatedBackups<'a> {
    pub(in crate::wire::rds) fn of(page: &'a Page<AutomatedBackup>, region: &'a Region) -> Self {
        let shown = |backup: &'a AutomatedBackup| Backup {
            dbi_resource_id: &backup.resource_id,
            region: region.as_str(),
            status: "active",
            restore_window: backup.latest.map(|latest_time| Window { latest_time }),
        };
        let items = page.items.iter().map(shown).collect();
        Self { list: List { items }, marker: page.marker.as_deref() }
    }
}
