//! AWS Backup's events, in the shapes of AWS's own samples: best effort, every five minutes. What the dr
//! Region tells of a copy is not documented, so nothing is told there.

use super::night::Scene;
use super::queue::{Slot, Work};
use crate::account::Account;
use domain::id::Region;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Seconds between two rounds of events.
const EVERY: i64 = 300;

/// What is older than so many nights has ended.
const LAST: i64 = 2;

/// Something that an event tells of, and when it happened.
struct Change {
    at: Timestamp,
    detail_type: &'static str,
    resources: Vec<String>,
    detail: Value,
}

impl Account {
    /// When AWS Backup raises its next events, up to a moment.
    pub(crate) fn next_backup_events(&self, to: Timestamp) -> Option<Timestamp> {
        let changes = (0..self.backups.plans.len()).flat_map(|n| self.scene_at(n, to).changes());
        let marks = changes.map(|change| mark(change.at));
        let told = self.backups.told.unwrap_or(Timestamp::MIN);
        marks.filter(|mark| *mark >= self.now && *mark > told && *mark <= to).min()
    }

    /// Raises those of this moment.
    pub(crate) fn raise_backup_events(&mut self) {
        let now = self.now;
        self.backups.told = Some(now);
        for number in 0..self.backups.plans.len() {
            let region = self.backups.plans[number].vault.0.clone();
            let changes = self.scene_at(number, now).changes();
            for change in changes.into_iter().filter(|change| mark(change.at) == now) {
                self.raise_backup(&region, change);
            }
        }
    }

    fn scene_at(&self, number: usize, now: Timestamp) -> Scene<'_> {
        Scene { now, ..self.scene(number) }
    }

    fn raise_backup(&mut self, region: &Region, change: Change) {
        self.serial += 1;
        let Change { detail_type, resources, detail, .. } = change;
        self.events.push(json!({
            "version": "0",
            "id": format!("00000000-0000-4000-8000-{:012}", self.serial),
            "detail-type": detail_type,
            "source": "aws.backup",
            "account": self.id,
            "time": self.now.to_string(),
            "region": region.as_str(),
            "resources": resources,
            "detail": detail,
        }));
    }
}

/// The first of the five-minute marks after a moment.
fn mark(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(EVERY) + EVERY).unwrap_or(at)
}

impl Scene<'_> {
    fn changes(self) -> Vec<Change> {
        let slots = self.plan.slots(self.requests, self.now, LAST);
        let all = slots.into_iter().flat_map(|slot| match slot.work {
            Work::Night(_) | Work::ByHand(_) => self.of_backup(slot),
            Work::PlanCopy(_) | Work::Asked(_) => self.of_copy(slot),
        });
        all.filter(|change| change.at <= self.now).collect()
    }

    fn of_backup(&self, slot: Slot) -> Vec<Change> {
        let (state, _, message) = self.ending(slot);
        let (id, point) = (self.id("b", slot.work), self.arn("p", slot.work));
        let made = json!({
            "backupJobId": id, "state": "CREATED", "creationDate": slot.created.to_string(),
        });
        let kind = "Backup Job State Change";
        let job = |state: &str, message: Option<&str>| {
            let mut detail = self.common(slot);
            detail.insert("backupJobId".into(), id.clone().into());
            detail.insert("backupVaultName".into(), self.plan.vault.1.clone().into());
            detail.insert("bytesTransferred".into(), "0".into());
            detail.insert("percentDone".into(), 0.into());
            said(detail, "state", state, message)
        };
        let resources = if state == "COMPLETED" { vec![point.clone()] } else { Vec::new() };
        let begun = slot.begins.map(|at| change(at, kind, vec![], job("RUNNING", None)));
        let ended = slot.ends.map(|at| change(at, kind, resources, job(state, message)));
        let stands = slot.ends.filter(|_| state == "COMPLETED").map(|at| {
            let mut detail = self.common(slot);
            detail.insert("backupVaultName".into(), self.plan.vault.1.clone().into());
            detail.insert("isEncrypted".into(), "true".into());
            let detail = said(detail, "status", "COMPLETED", None);
            change(at, "Recovery Point State Change", vec![point.clone()], detail)
        });
        let first = change(slot.created, kind, vec![], made);
        [Some(first), begun, ended, stands].into_iter().flatten().collect()
    }

    fn of_copy(&self, slot: Slot) -> Vec<Change> {
        let (state, message) = self.copy_ending(slot);
        let kind = "Copy Job State Change";
        let source = vec![self.source(slot.work)];
        let vaults = [&self.plan.vault, &self.plan.dr_vault].map(|(region, name)| {
            format!("arn:aws:backup:{region}:{}:backup-vault:{name}", self.account)
        });
        let made = json!({
            "creationDate": slot.created.to_string(), "state": "CREATED",
            "sourceBackupVaultArn": vaults[0], "destinationBackupVaultArn": vaults[1],
        });
        let job = |state: &str, message: Option<&str>| {
            let mut detail = self.common(slot);
            detail.insert("copyJobId".into(), self.id("d", slot.work).into());
            detail.insert("backupSizeInBytes".into(), 36048.into());
            detail.insert("sourceBackupVaultArn".into(), vaults[0].clone().into());
            detail.insert("destinationBackupVaultArn".into(), vaults[1].clone().into());
            let copy = match state {
                "COMPLETED" => self.arn("c", slot.work).into(),
                _ => json!({}),
            };
            detail.insert("destinationRecoveryPointArn".into(), copy);
            said(detail, "state", state, message)
        };
        let begun = slot.begins.map(|at| change(at, kind, source.clone(), job("RUNNING", None)));
        let ended = slot.ends.map(|at| change(at, kind, source.clone(), job(state, message)));
        let first = change(slot.created, kind, source.clone(), made);
        [Some(first), begun, ended].into_iter().flatten().collect()
    }

    fn common(&self, slot: Slot) -> Map<String, Value> {
        let kind = match self.plan.resource.split(':').nth(2) {
            Some("elasticfilesystem") => "EFS",
            Some("dynamodb") => "DynamoDB",
            Some("ec2") => "EBS",
            _ => "RDS",
        };
        let mut detail = Map::new();
        detail.insert("creationDate".into(), slot.created.to_string().into());
        detail.insert("resourceArn".into(), self.plan.resource.clone().into());
        detail.insert("resourceType".into(), kind.into());
        if matches!(slot.work, Work::Night(_) | Work::PlanCopy(_)) {
            detail.insert("createdBy".into(), json!({"backupPlanId": "plan"}));
        }
        detail
    }
}

fn said(mut detail: Map<String, Value>, field: &str, state: &str, message: Option<&str>) -> Value {
    detail.insert(field.to_owned(), state.into());
    if let Some(message) = message {
        detail.insert("statusMessage".into(), message.into());
    }
    detail.into()
}

fn change(
    at: Timestamp,
    detail_type: &'static str,
    resources: Vec<String>,
    detail: Value,
) -> Change {
    Change { at, detail_type, resources, detail }
}
