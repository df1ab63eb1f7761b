//! What the watcher in dr tells: home is silent, and what there is without it.

use super::{span, subject};
use crate::id::Region;
use crate::notice::{MOST_HELD, Scene, Text, short};
use crate::watch::{Holding, Holdings, Newest};
use jiff::Timestamp;

pub(super) fn home_silent(scene: &Scene<'_>, last: Option<Timestamp>, holdings: &Holdings) -> Text {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    let mut wrong = vec![
        last_check(scene, last),
        format!("The check in {home} has been silent for over an hour, seen from {dr}."),
        format!(
            "Meanwhile it starts no copy. Of its deadlines {dr} watches only that of each day's copies."
        ),
        format!("The newest copy of each asset in {dr}, the worst first:"),
    ];
    wrong.extend(held(scene, holdings));
    Text {
        headline: format!("Sonae in {home} is silent"),
        wrong,
        tried: Some("Only watches; tells you when home speaks again.".into()),
        todo: vec![
            format!("Look for an outage of {home} on the AWS Health Dashboard."),
            restore(home),
            "If there is no outage, go through the runbook for the function Check.".into(),
        ],
    }
}

pub(super) fn copies_missing(
    scene: &Scene<'_>,
    last: Option<Timestamp>,
    due: Timestamp,
    holdings: &Holdings,
) -> Text {
    let (home, dr, day) = (&scene.policy.home, &scene.policy.dr, subject(scene));
    let who = match holdings.overdue().collect::<Vec<_>>().as_slice() {
        [one] => one.asset.to_string(),
        all => format!("{} assets", all.len()),
    };
    let mut wrong = vec![
        format!("No copy of {who} for {day} stands in {dr}."),
        format!("Due by {}.", scene.time(due)),
        format!("Sonae in {home} is silent. {}", last_check(scene, last)),
        "What can be restored instead, the worst first:".into(),
    ];
    wrong.extend(held(scene, holdings));
    Text {
        headline: format!("no copy of {who} for {day}, and home is silent"),
        wrong,
        tried: Some(format!("Only watches. When {home} speaks again, its check takes over.")),
        todo: vec![
            restore(home),
            format!(
                "If only Sonae in {home} has stopped, mend it: see the notice home-silent. Its next check copies what is missing."
            ),
        ],
    }
}

/// Home speaks again; what it finds it tells itself.
pub(in crate::notice) fn returned(scene: &Scene<'_>) -> Text {
    let (home, day) = (&scene.policy.home, subject(scene));
    Text {
        headline: format!("{home} watches the copies of {day} again"),
        wrong: vec![
            format!("Sonae in {home} speaks again, and its check takes over from here."),
            format!(
                "What is still missing of {day} it copies (within `catch_up`) and tells itself, within an hour."
            ),
        ],
        tried: None,
        todo: Vec::new(),
    }
}

pub(super) fn policy_differs(scene: &Scene<'_>, theirs: &str, ours: &str) -> Text {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    Text {
        headline: format!("{home} and {dr} run different policies"),
        wrong: vec![format!("{home}: {}", short(theirs)), format!("{dr}: {}", short(ours))],
        tried: None,
        todo: vec!["Deploy both stacks with the same policy.toml.".into()],
    }
}

fn restore(home: &Region) -> String {
    format!(
        "If {home} is lost, decide whether to restore from these copies, by the page that `sonae-policy restore` printed (docs/emergency-restore.md)."
    )
}

fn last_check(scene: &Scene<'_>, last: Option<Timestamp>) -> String {
    match last {
        Some(last) => format!("Its last check was at {}.", scene.time(last)),
        None => "Its check has never run.".into(),
    }
}

fn held(scene: &Scene<'_>, holdings: &Holdings) -> Vec<String> {
    let shown = holdings.known.iter().take(MOST_HELD);
    let mut lines: Vec<String> = shown.map(|holding| line(scene, holding)).collect();
    if holdings.known.len() > MOST_HELD {
        lines.push(format!("and {} more", holdings.known.len() - MOST_HELD));
    }
    if let Some((asset, fault)) = holdings.unread.first() {
        let others = match holdings.unread.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        lines.push(format!("- not known, since it cannot be read: {asset}{others}\n    {fault}"));
    }
    lines
}

fn line(scene: &Scene<'_>, holding: &Holding) -> String {
    let Holding { asset, newest, objective, due } = holding;
    let objective = span(*objective);
    let due = due.map(|due| format!("; due by {}", scene.time(due))).unwrap_or_default();
    match newest {
        None => format!("- {asset}: none that can be restored (RPO {objective}){due}"),
        Some(Newest { name, created: None }) => format!(
            "- {asset}: of unknown age, without the tag sonae:created (RPO {objective}){due}\n    {name}"
        ),
        Some(Newest { name, created: Some(created) }) => {
            let age = span(scene.now.duration_since(*created));
            let rpo = match holding.is_too_old(scene.now) {
                true => format!("beyond the RPO of {objective}"),
                false => format!("RPO {objective}"),
            };
            format!("- {asset}: {age} old ({rpo}){due}\n    {name}")
        }
    }
}
