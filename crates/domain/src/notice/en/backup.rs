//! What AWS Backup did not do.

use crate::duty::{Ended, VaultCause};
use crate::notice::{Scene, commands};
use crate::policy::{Asset, Backed};

pub(super) fn because(scene: &Scene<'_>, cause: &VaultCause) -> String {
    let Some(Backed { vault, dr_vault, .. }) = scene.asset().and_then(Asset::backed) else {
        return String::new();
    };
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    match cause {
        VaultCause::NotStarted => format!("AWS Backup has no job of that day into `{vault}`."),
        VaultCause::JobEnded(ended) if ended.state == "COMPLETED" => {
            format!(
                "The backup job completed with issues, so its point is not relied on: {}",
                words(ended)
            )
        }
        VaultCause::JobEnded(ended) => format!("The backup job ended: {}", words(ended)),
        VaultCause::Running { id, state } => format!("The backup job `{id}` is still `{state}`."),
        VaultCause::PointLost { state: Some(state) } => {
            format!("There is no job under way, and the point in `{vault}` is `{state}`.")
        }
        VaultCause::PointLost { state: None } => {
            format!("The job ended, and `{vault}` has no point of that day.")
        }
        VaultCause::NoPoint => format!("`{vault}` has no point of that day to copy."),
        VaultCause::PointGone => format!(
            "The point was there and is gone from `{vault}` ({home}), and no copy of it stands in {dr}."
        ),
        VaultCause::CopyNotStarted => {
            format!("The point is there, and no copy job into `{dr_vault}` is.")
        }
        VaultCause::CopyRefused(fault) => {
            format!("AWS refuses to start the copy job of a point taken by hand: {fault}")
        }
        VaultCause::CopyEnded(ended) => format!("The copy job ended: {}", words(ended)),
        VaultCause::CopyStuck { id, since } => format!(
            "The copy job `{id}` has been in `CREATED` since {}: more than two hours.",
            scene.time(*since)
        ),
        VaultCause::Copying { id, state } => format!("The copy job `{id}` is still `{state}`."),
        VaultCause::OtherKey { copy, key } => format!(
            "`{copy}` stands in `{dr_vault}`, but not under that vault's key: {}",
            key.as_deref().unwrap_or("under none")
        ),
        VaultCause::CopyLost { state: Some(state) } => {
            format!("A copy was made, and is `{state}` in `{dr_vault}`.")
        }
        VaultCause::CopyLost { state: None } => {
            format!("The copy job says that it is done, and `{dr_vault}` has no such copy.")
        }
    }
}

pub(super) fn tried() -> &'static str {
    "Takes nothing in AWS Backup, and copies only what was taken by hand (`role` in policy.toml). Looks again (every 15 minutes at night, hourly by day) and tells you when it is there."
}

pub(super) fn steps(scene: &Scene<'_>, cause: &VaultCause) -> Vec<String> {
    let Some(backed) = scene.asset().and_then(Asset::backed) else { return Vec::new() };
    let copy = format!(
        "Then copy the newest point of {} by hand (a copy job that failed is not tried again by itself):\n{}",
        backed.vault,
        commands::copy_backup(scene, backed)
    );
    match cause {
        VaultCause::NotStarted => vec![
            format!("Is the plan there, and did it run?\n{}", commands::list_plans(scene)),
            format!(
                "Is its type of resource let in (ResourceTypeOptInPreference)?\n{}",
                commands::see_settings(scene)
            ),
            by_hand(scene, backed),
        ],
        VaultCause::JobEnded(ended) => vec![
            format!("See what AWS Backup says:\n{}", commands::see_backup_job(scene, &ended.id)),
            by_hand(scene, backed),
        ],
        VaultCause::Running { id, .. } => vec![format!(
            "Wait; a first backup can take hours. If it does not move:\n{}",
            commands::see_backup_job(scene, id)
        )],
        VaultCause::CopyEnded(Ended { id, .. }) | VaultCause::CopyStuck { id, .. } => vec![
            format!(
                "See what AWS Backup says, and mend it (keys and rights: docs/runbooks/backup-jobs.md):\n{}",
                commands::see_copy_job(scene, id)
            ),
            copy,
        ],
        VaultCause::CopyRefused(_) => vec![
            "Where a right is missing, deploy home again: `role` of policy.toml is its parameter BackupRoleArns. It is tried again with every look."
                .into(),
        ],
        VaultCause::Copying { id, .. } => vec![format!(
            "Wait; a first copy is a full one and can take hours. If it does not move:\n{}",
            commands::see_copy_job(scene, id)
        )],
        VaultCause::OtherKey { .. } => {
            vec!["Do not delete it: it can be restored as long as its key works.".into(), copy]
        }
        VaultCause::PointLost { .. } | VaultCause::NoPoint | VaultCause::PointGone => vec![
            format!(
                "See what is there:\n{}",
                commands::see_points(&scene.policy.home, &backed.vault)
            ),
            by_hand(scene, backed),
        ],
        VaultCause::CopyNotStarted | VaultCause::CopyLost { .. } => vec![
            format!(
                "See what is there:\n{}",
                commands::see_points(&scene.policy.dr, &backed.dr_vault)
            ),
            copy,
        ],
    }
}

/// A point taken on another day would not count for this one.
fn by_hand(scene: &Scene<'_>, backed: &Backed) -> String {
    if !scene.is_today() {
        return "That day is over and no point of it can be taken any more: see to it that the next one is (docs/runbooks/backup-jobs.md).".into();
    }
    let copied = match backed.role {
        Some(_) => "Sonae copies it",
        None => "No plan copies it: copy it, too (docs/runbooks/backup-jobs.md)",
    };
    format!(
        "Take one by hand; it counts for this day. {copied}:\n{}",
        commands::start_backup(scene, backed)
    )
}

fn words(ended: &Ended) -> String {
    let Ended { id, state, words } = ended;
    let words = words.as_deref().unwrap_or("AWS says no more");
    format!("`{state}`: {words} (job `{id}`)")
}
