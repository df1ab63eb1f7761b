//! AWS Backup's events. Its own samples spell one thing in several ways: `state` and `status`, `{}` for an
//! ARN that is not there yet, a job that is CREATED without its resource (AWS Backup Developer Guide,
//! Monitoring events). Only the place is read, and the state for the log.

use super::{BadEvent, Event, ignored, missing};
use crate::id::Region;
use serde_json::Value;

/// Of one resource.
const OF_RESOURCES: [&str; 3] =
    ["Backup Job State Change", "Copy Job State Change", "Recovery Point State Change"];

/// A job of these states may not say yet what it is of; there is nothing to see of it either.
const BEFORE_ANYTHING: [&str; 2] = ["CREATED", "PENDING"];

pub(super) fn parse(
    detail_type: &str,
    region: Option<&str>,
    resources: &[String],
    detail: &Value,
) -> Result<Event, BadEvent> {
    let state = text(detail, "state").or_else(|| text(detail, "status"));
    let kind = format!("{detail_type}/{}", state.unwrap_or("-"));
    if OF_RESOURCES.contains(&detail_type) {
        let resource = text(detail, "resourceArn");
        let early = state.is_none_or(|state| BEFORE_ANYTHING.contains(&state));
        return match (region, resource) {
            (Some(region), Some(resource)) => {
                let (region, resource) = (Region::new(region), resource.to_owned());
                Ok(Event::Backed { region, resource, kind })
            }
            (_, None) if early => Ok(ignored("aws.backup", detail_type, state)),
            (region, resource) => Err(BadEvent(missing(&[
                ("region", "a Region such as `us-east-1`", region.is_some()),
                ("detail.resourceArn", "the ARN of what is backed up", resource.is_some()),
            ]))),
        };
    }
    let names = vault_names(resources, detail);
    match (detail_type, region) {
        ("Backup Vault State Change", Some(region)) if !names.is_empty() => {
            Ok(Event::Vault { region: Region::new(region), names, kind })
        }
        ("Backup Vault State Change", region) => Err(BadEvent(missing(&[
            ("region", "a Region such as `us-east-1`", region.is_some()),
            ("detail.backupVaultName", "the vault's name", !names.is_empty()),
        ]))),
        (detail_type, _) => Ok(ignored("aws.backup", detail_type, state)),
    }
}

/// By its name, and by its ARN: AWS's sample of a vault that changed has another name in each.
fn vault_names(resources: &[String], detail: &Value) -> Vec<String> {
    let of_arn = |arn: &String| arn.rsplit_once(":backup-vault:").map(|(_, name)| name.to_owned());
    let name = text(detail, "backupVaultName").map(str::to_owned);
    name.into_iter().chain(resources.iter().filter_map(of_arn)).collect()
}

/// A field that is a text with something in it, whatever the case of its name.
fn text<'v>(detail: &'v Value, field: &str) -> Option<&'v str> {
    let mut fields = detail.as_object()?.iter();
    let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case(field))?;
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}
