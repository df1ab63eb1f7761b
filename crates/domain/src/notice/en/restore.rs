//! What a restore in dr would lack.

use super::span;
use crate::id::{AssetId, Region};
use crate::notice::{MOST_SHOWN, Scene, Text, commands};
use crate::seen::{Group, GroupKind};
use jiff::{SignedDuration, Timestamp};

pub(super) fn group_missing(scene: &Scene<'_>, group: &Group, assets: &[AssetId]) -> Text {
    let dr = &scene.policy.dr;
    let (noun, name) = (noun(group.kind), &group.name);
    let [make, list] = commands::make_group(scene, group);
    let mut todo = vec![format!("Make it in {dr} before it is needed:\n{make}")];
    todo.push(match group.kind {
        GroupKind::Subnets => format!(
            "Which subnets there are:\n{list}\nOr name one that is there in policy.toml (`dr_subnet_group`) and deploy."
        ),
        _ => format!("Set in it what this lists:\n{list}"),
    });
    Text {
        headline: format!("{dr} lacks the {noun} {name}"),
        wrong: vec![
            format!("A restore of these needs the {noun} `{name}`; {dr} has none of that name:"),
            names(assets.iter().map(|asset| asset.to_string()), assets.len()),
            match group.kind {
                GroupKind::Subnets => "Without it there is no network to restore into.".into(),
                GroupKind::Options => {
                    "A copy does not carry it: a restore there would lack its options.".into()
                }
                _ => {
                    "A copy does not carry it: a restore there would run with RDS's default values."
                        .into()
                }
            },
        ],
        tried: None,
        todo,
    }
}

pub(super) fn noun(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::ClusterParameters => "cluster parameter group",
        GroupKind::Parameters => "parameter group",
        GroupKind::Options => "option group",
        GroupKind::Subnets => "subnet group",
    }
}

/// A line of names, as many as a person reads.
fn names(each: impl Iterator<Item = String>, all: usize) -> String {
    let shown = each.take(MOST_SHOWN).collect::<Vec<_>>().join(", ");
    match all.saturating_sub(MOST_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(super) fn pitr_behind(
    scene: &Scene<'_>,
    latest: Option<Timestamp>,
    within: SignedDuration,
) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let state = match latest {
        Some(latest) => format!(
            "{dr} can restore {who} to moments until {}, {} ago; the policy allows {} (`dr_pitr`).",
            scene.time(latest),
            span(scene.now.duration_since(latest)),
            span(within)
        ),
        None => format!(
            "The policy expects automated backups of {who} in {dr} (`dr_pitr`); there are none that can be restored."
        ),
    };
    Text {
        headline: match latest {
            Some(_) => format!("automated backups of {who} no longer reach {dr}"),
            None => format!("no automated backups of {who} in {dr}"),
        },
        wrong: vec![
            state,
            "RDS stops replicating them by itself, for instance when it loses a key or a right."
                .into(),
            "The daily copies are another thing: they are not touched by this.".into(),
        ],
        tried: None,
        todo: vec![
            format!("See what RDS says of them:\n{}", commands::see_pitr(scene)),
            format!(
                "Mend what it names, then start the replication again:\n{}",
                commands::start_pitr(scene)
            ),
            "Or take `dr_pitr` out of policy.toml, if they are not wanted.".into(),
        ],
    }
}

pub(super) fn points_locked(
    region: &Region,
    key: &str,
    state: &str,
    points: &[(AssetId, u32)],
) -> Text {
    let all: u32 = points.iter().map(|(_, points)| points).sum();
    let each = points.iter().map(|(asset, points)| format!("{asset} ({points})"));
    Text {
        headline: format!("{state} key holds {all} old points in {region}"),
        wrong: vec![
            format!("Older points in {region} are under a KMS key that is `{state}`:"),
            key.to_owned(),
            names(each, points.len()),
            "They cannot be restored while it is, and never again once it is deleted.".into(),
            "What is new is under another key.".into(),
        ],
        tried: None,
        todo: match state {
            "Missing" => vec![
                "It was deleted: nothing will read these points any more. Note it in your records; they are deleted when they have been kept long enough.".into(),
            ],
            "Disabled" | "PendingDeletion" => super::keys::mend(region, key, state, "dr_key"),
            _ => vec![format!(
                "Look at it in the KMS console of {region}; the KMS Developer Guide (Key states) says what `{state}` means."
            )],
        },
    }
}
