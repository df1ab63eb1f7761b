//! What a duty lacks, and what has landed.

use super::steps::{because, not_landed_steps, not_landed_tried, not_taken_steps};
use super::{hosts, subject};
use crate::duty::{Cause, Met};
use crate::id::AssetId;
use crate::notice::{MOST_SHOWN, Scene, Text};
use jiff::Timestamp;

pub(super) fn not_taken(scene: &Scene<'_>, due: Timestamp, cause: &Cause) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("no recovery point of {who} for {}", subject(scene)),
        wrong: vec![
            format!("{who} has no recovery point for {} in {home}.", subject(scene)),
            format!("Due by {}.", scene.time(due)),
            because(scene, cause),
        ],
        tried: Some("Looks again (every 15 minutes at night, hourly by day) and tells you when it is there.".into()),
        todo: not_taken_steps(scene, cause),
    }
}

pub(super) fn not_landed(scene: &Scene<'_>, due: Timestamp, cause: &Cause) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let [headline, not_there] = match scene.host() {
        Some(_) => hosts::not_there(scene, &subject(scene)),
        None => [
            format!("no copy of {who} for {} in {dr}", subject(scene)),
            format!("The copy of {who} for {} does not stand in {dr}.", subject(scene)),
        ],
    };
    Text {
        headline,
        wrong: vec![not_there, format!("Due by {}.", scene.time(due)), because(scene, cause)],
        tried: Some(not_landed_tried(cause).into()),
        todo: not_landed_steps(scene, cause),
    }
}

pub(super) fn night_complete(scene: &Scene<'_>, landed: &[(AssetId, Met)], due: Timestamp) -> Text {
    let day = subject(scene);
    let hosts = scene.of_hosts(landed);
    let mut wrong = Vec::from_iter(all_landed(scene, &day, landed.len() - hosts));
    wrong.extend(hosts::all_stand(hosts));
    wrong.extend(late(scene, due));
    wrong.extend(recovered(landed));
    wrong.extend(landed_lines(scene, landed));
    Text { headline: format!("night of {day} complete"), wrong, tried: None, todo: Vec::new() }
}

pub(super) fn point_landed(scene: &Scene<'_>, met: &Met) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{who} for {} has landed in {dr}", subject(scene)),
        wrong: vec![landed_line(scene, who, met)],
        tried: None,
        todo: Vec::new(),
    }
}

fn all_landed(scene: &Scene<'_>, day: &str, count: usize) -> Option<String> {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    (count > 0).then(|| {
        format!(
            "Every daily point of {day} was taken in {home} and stands in {dr}: {count} of {count}."
        )
    })
}

fn late(scene: &Scene<'_>, due: Timestamp) -> Option<String> {
    (scene.now > due).then(|| format!("Late: it was due by {}.", scene.time(due)))
}

fn recovered(landed: &[(AssetId, Met)]) -> Option<String> {
    let recovered = landed.iter().filter(|(_, met)| met.recovered).count();
    (recovered > 0).then(|| {
        format!(
            "{recovered} recovered by the check: an event was late or lost, or an attempt had failed."
        )
    })
}

fn landed_lines(scene: &Scene<'_>, landed: &[(AssetId, Met)]) -> Vec<String> {
    let shown = landed.iter().take(MOST_SHOWN);
    let mut lines: Vec<String> =
        shown.map(|(id, met)| landed_line(scene, id.as_str(), met)).collect();
    if landed.len() > MOST_SHOWN {
        lines.push(format!("and {} more", landed.len() - MOST_SHOWN));
    }
    lines
}

fn landed_line(scene: &Scene<'_>, who: &str, met: &Met) -> String {
    let size = met.size_gib.map(|gib| format!(", {gib} GiB")).unwrap_or_default();
    let recovered = if met.recovered { ", recovered by the check" } else { "" };
    format!("- {who}: data of {}{size}{recovered}\n    {}", scene.time(met.created), met.name)
}
