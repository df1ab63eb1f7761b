//! What is wrong with the database itself.

use super::noun;
use crate::notice::{Scene, Text, commands};
use jiff::Timestamp;

pub(super) fn missing(scene: &Scene<'_>) -> Text {
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    Text {
        headline: format!("{} {who} does not exist", noun(scene)),
        wrong: vec![format!("There is no DB {} `{who}` in {home}.", noun(scene))],
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
        headline: format!("{} {who} is now called {name}", noun(scene)),
        wrong: vec![
            format!("There is no DB {} `{who}` in {home} any more.", noun(scene)),
            format!("The same database (by its resource id) is now called `{name}`."),
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
            format!("The {} called {who} is `{now}`;", noun(scene)),
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
    let who = scene.who();
    Text {
        headline: format!("automated backups of {who} are off"),
        wrong: vec![
            format!("The backup retention period of {who} is 0 days."),
            "RDS deletes its automated recovery points and takes no new ones.".into(),
        ],
        tried: None,
        todo: vec![format!(
            "Turn them on. From 0 days this stops the database for a moment: choose a quiet time.\n{}",
            commands::backups_on(scene)
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
            commands::move_window(scene, expected)
        )],
    }
}

pub(super) fn unencrypted(scene: &Scene<'_>) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("cluster {who} is not encrypted"),
        wrong: vec![
            format!("{who} is not encrypted, so its points and their copies in {dr} are not either:"),
            "RDS cannot encrypt a cluster's point in copying. `dr_key` has no effect on them.".into(),
        ],
        tried: Some("Copies them all the same, without a key, and counts them as landed.".into()),
        todo: vec![
            "Restore a cluster snapshot into a new, encrypted cluster (the restore takes a KMS key) and move to it."
                .into(),
        ],
    }
}

pub(super) fn uncopyable(scene: &Scene<'_>, engine: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("AWS may not copy the points of {who}"),
        wrong: vec![
            format!("{who} is a Multi-AZ DB cluster (engine `{engine}`, not Aurora)."),
            "The RDS User Guide lists copying a snapshot among what such clusters do not support."
                .into(),
        ],
        tried: Some(format!(
            "Asks for copies all the same; if one lands in {dr}, this is withdrawn. If AWS refuses, you are told."
        )),
        todo: vec![
            format!("Until a copy has landed, nothing of {who} can be restored in {dr}."),
            "Protect it in another way (logical dumps to a bucket that is replicated), or run it as a Multi-AZ DB instance or on Aurora.".into(),
        ],
    }
}
