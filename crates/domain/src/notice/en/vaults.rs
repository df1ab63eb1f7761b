//! AWS Backup's vaults and settings are not as the policy needs them.

use crate::id::{AssetId, Region};
use crate::notice::{Scene, Text, commands};
use crate::policy::LockMode;
use jiff::Timestamp;

pub(super) fn vault_missing(scene: &Scene<'_>, region: &Region, vault: &str) -> Text {
    let template = match *region == scene.policy.home {
        true => "template-vault.yaml",
        false => "template-vault-dr.yaml",
    };
    Text {
        headline: format!("no backup vault {vault} in {region}"),
        wrong: vec![
            format!(
                "AWS Backup has no vault `{vault}` in {region}: what was in it is gone, or it was never made."
            ),
            "Nothing that policy.toml puts there is protected.".into(),
        ],
        tried: Some(
            "Starts nothing in AWS Backup. Looks again and tells you when it is there.".into(),
        ),
        todo: vec![
            format!(
                "Deploy {template} (docs/aws-backup.md), or name the right vault in policy.toml (`vault`, `dr_vault`)."
            ),
            format!("If it was deleted: who did it (CloudTrail in {region}, DeleteBackupVault)?"),
        ],
    }
}

/// `modes`: the policy's, and what it is.
pub(super) fn vault_lock(
    scene: &Scene<'_>,
    (region, vault): (&Region, &str),
    modes: [LockMode; 2],
    date: Option<Timestamp>,
) -> Text {
    let [expected, found] = modes.map(LockMode::word);
    let stricter = modes[1] > modes[0];
    let call = if stricter { "Put" } else { "Delete" };
    let mut todo = vec![format!(
        "If nobody of you did this, find out who (CloudTrail in {region}, {call}BackupVaultLockConfiguration)."
    )];
    if stricter && date.is_none_or(|date| date > scene.now) {
        todo.push(format!(
            "If it is not meant, take it off:\n{}",
            commands::unlock_vault(region, vault)
        ));
    }
    if !stricter {
        todo.push(format!("If it is not meant, deploy the vault's stack with Lock={expected} (docs/aws-backup.md)."));
    }
    todo.push(format!(
        "If it is meant, write `lock = \"{found}\"` under [backup] in policy.toml, and deploy."
    ));
    Text {
        headline: format!("lock of backup vault {vault} in {region}: {found}, not {expected}"),
        wrong: vec![
            format!("policy.toml says `{expected}`, AWS Backup says `{found}`."),
            meaning(scene, modes, date),
        ],
        tried: Some(
            "Changes nothing in AWS Backup. Looks again and tells you when the two agree.".into(),
        ),
        todo,
    }
}

fn meaning(scene: &Scene<'_>, [expected, found]: [LockMode; 2], date: Option<Timestamp>) -> String {
    match (found, date) {
        (found, _) if found < expected => {
            "Points in it can be deleted before their day, by more people than the policy counts on.".into()
        }
        (LockMode::Compliance, Some(date)) if date > scene.now => format!(
            "From {} on nobody can take this lock off, not even AWS: every point is kept, and paid for, until its day.",
            scene.time(date)
        ),
        (LockMode::Compliance, _) => {
            "Nobody can take this lock off any more, not even AWS: every point is kept, and paid for, until its day.".into()
        }
        _ => "Points in it can be deleted before their day only by who may take the lock off.".into(),
    }
}

pub(super) fn not_opted_in(
    scene: &Scene<'_>,
    region: &Region,
    type_name: &str,
    assets: &[AssetId],
) -> Text {
    let ids: Vec<&str> = assets.iter().map(AssetId::as_str).collect();
    let means = match *region == scene.policy.home {
        true => {
            "A plan that selects by tag passes over this type without a word; what it names by ARN it may take all the same."
        }
        false => {
            "Copies into this Region may be refused, and what is restored here is not protected."
        }
    };
    Text {
        headline: format!("AWS Backup is not let to protect {type_name} in {region}"),
        wrong: vec![
            format!("ResourceTypeOptInPreference says `false` for `{type_name}` in {region}."),
            means.into(),
            format!("Of this type: {}", ids.join(", ")),
        ],
        tried: Some(
            "Changes nothing in AWS Backup. Looks again and tells you when it is on.".into(),
        ),
        todo: vec![format!(
            "Turn it on, and see that all that was on still is (whether AWS keeps the others is not documented):\n{}\n{}\n{}",
            commands::see_settings_of(region),
            commands::opt_in(region, type_name),
            commands::see_settings_of(region),
        )],
    }
}

pub(super) fn untagged(scene: &Scene<'_>, tag: &str, asset: Option<&AssetId>) -> Text {
    let home = &scene.policy.home;
    let (headline, wrong, todo) = match asset {
        None => (
            format!("nothing in {home} carries the tag {tag}"),
            vec![
                format!("policy.toml protects what carries `{tag}`, and nothing does: nothing is protected by it."),
                "AWS Backup's plan finds nothing by it either, and says nothing.".into(),
            ],
            format!("See what carries it, tag what is to be protected, or mend `tag` in policy.toml:\n{}", commands::see_tagged(scene, tag)),
        ),
        Some(asset) => (
            format!("{asset} carries the tag {tag} no more"),
            vec![
                format!("{asset} had a point within the last days, and nothing of that name carries `{tag}` now."),
                "Its tag was taken away, or the resource was deleted. A plan that selects by tag takes no more points of it.".into(),
            ],
            format!("If it is still there, tag it again. If it was given up, nothing is to be done: this ends by itself after some days:\n{}", commands::see_tagged(scene, tag)),
        ),
    };
    Text {
        headline,
        wrong,
        tried: Some("Looks for the tag with every look, and protects whatever carries it.".into()),
        todo: vec![todo],
    }
}
