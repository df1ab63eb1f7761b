//! What is wrong with the instance itself.

use super::steps::{key_steps, window_command};
use crate::notice::{Scene, Text};
use jiff::Timestamp;

pub(super) fn missing(scene: &Scene<'_>) -> Text {
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    Text {
        headline: format!("instance {who} does not exist"),
        wrong: vec![format!("There is no DB instance `{who}` in {home}.")],
        tried: None,
        todo: vec![
            "If it was deleted on purpose, remove it from policy.toml and deploy.".into(),
            format!("If not, restore it: its copies are in {dr} (README, emergency restore)."),
        ],
    }
}

pub(super) fn renamed(scene: &Scene<'_>, name: &str) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("instance {who} is now called {name}"),
        wrong: vec![
            format!("There is no DB instance `{who}` in {home} any more."),
            format!("The same database (DbiResourceId) is now called `{name}`."),
        ],
        tried: None,
        todo: vec![format!("Set id = \"{name}\" in policy.toml and deploy, or rename it back.")],
    }
}

pub(super) fn replaced(scene: &Scene<'_>, now: &str, before: &str) -> Text {
    let who = scene.who();
    Text {
        headline: format!("{who} is another database than its recovery points"),
        wrong: vec![
            format!("The instance called {who} is `{now}`;"),
            format!("its newest recovery point is of `{before}`."),
            "It was restored, swapped or recreated under the same name.".into(),
        ],
        tried: Some("Settles by itself when the first point of the new one is taken.".into()),
        todo: vec![
            "If you did this, nothing. Take a manual point now if you want one today.".into(),
            "If not, find out who did, and keep the old recovery points.".into(),
        ],
    }
}

pub(super) fn backups_off(scene: &Scene<'_>) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("automated backups of {who} are off"),
        wrong: vec![
            format!("The backup retention period of {who} is 0 days."),
            "RDS deletes its automated recovery points and takes no new ones.".into(),
        ],
        tried: None,
        todo: vec![format!(
            "Turn them on. From 0 days this stops the database for a moment: choose a quiet time.\naws rds modify-db-instance --region {home} \\\n  \
             --db-instance-identifier {who} \\\n  \
             --backup-retention-period 7 --apply-immediately"
        )],
    }
}

pub(super) fn window_elsewhere(scene: &Scene<'_>, window: &str, expected: Timestamp) -> Text {
    let who = scene.who();
    Text {
        headline: format!("backup window of {who} is elsewhere"),
        wrong: vec![
            format!("RDS takes the point of {who} between {window} UTC;"),
            format!("the policy expects it at {}.", scene.time(expected)),
        ],
        tried: None,
        todo: vec![format!(
            "Move the window (UTC; it must not overlap the maintenance window):\n{}\nor set `at` in policy.toml to match.",
            window_command(scene, expected)
        )],
    }
}

pub(super) fn key_inaccessible(scene: &Scene<'_>, status: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{who} cannot reach its KMS key"),
        wrong: vec![
            format!("The status of {who} is `{status}`: RDS cannot use its key."),
            format!("The copies in {dr} are under another key and are not touched by this."),
        ],
        tried: None,
        todo: key_steps(scene, status),
    }
}
