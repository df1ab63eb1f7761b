//! English.

mod steps;

use super::{Labels, MOST_SHOWN, Scene, Text, hours_minutes, short};
use crate::duty::Met;
use crate::episode::{Kind, Subject};
use crate::finding::{Found, Rpo};
use crate::id::AssetId;
use jiff::{SignedDuration, Timestamp};
use steps::{
    because, dr_key_steps, fault_step, key_steps, not_landed_steps, not_landed_tried,
    not_taken_steps, window_command,
};

pub(super) const LABELS: Labels = Labels {
    critical: "CRITICAL",
    warning: "WARNING",
    info: "OK",
    repaired: "REPAIRED",
    wrong: "What",
    since: "Since",
    meaning: "What it means",
    tried: "What Sonae does",
    todo: "What to do",
    look: "Where to look",
    mended: "Repaired",
    seen_at: "saw this at",
    separator: " ",
};

pub(super) fn broken(scene: &Scene<'_>, found: &Found) -> Text {
    let who = scene.who();
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    match found {
        Found::NotTaken { due, cause } => Text {
            headline: format!("no recovery point of {who} for {}", subject(scene)),
            wrong: vec![
                format!("{who} has no recovery point for {} in {home}.", subject(scene)),
                format!("Due by {}.", scene.time(*due)),
                because(scene, cause),
            ],
            tried: Some("Looks again (every 15 minutes at night, hourly by day) and tells you when it is there.".into()),
            todo: not_taken_steps(scene, cause),
        },
        Found::NotLanded { due, cause } => Text {
            headline: format!("no copy of {who} for {} in {dr}", subject(scene)),
            wrong: vec![
                format!("The copy of {who} for {} does not stand in {dr}.", subject(scene)),
                format!("Due by {}.", scene.time(*due)),
                because(scene, cause),
            ],
            tried: Some(not_landed_tried(cause).into()),
            todo: not_landed_steps(scene, cause),
        },
        Found::InstanceMissing { renamed_to: None } => Text {
            headline: format!("instance {who} does not exist"),
            wrong: vec![format!("There is no DB instance `{who}` in {home}.")],
            tried: None,
            todo: vec![
                "If it was deleted on purpose, remove it from policy.toml and deploy.".into(),
                format!("If not, restore it: its copies are in {dr} (README, emergency restore)."),
            ],
        },
        Found::InstanceMissing { renamed_to: Some(name) } => Text {
            headline: format!("instance {who} is now called {name}"),
            wrong: vec![
                format!("There is no DB instance `{who}` in {home} any more."),
                format!("The same database (DbiResourceId) is now called `{name}`."),
            ],
            tried: None,
            todo: vec![format!(
                "Set id = \"{name}\" in policy.toml and deploy, or rename it back."
            )],
        },
        Found::InstanceReplaced { now, before } => Text {
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
        },
        Found::BackupsOff => Text {
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
        },
        Found::WindowElsewhere { window, expected } => Text {
            headline: format!("backup window of {who} is elsewhere"),
            wrong: vec![
                format!("RDS takes the point of {who} between {window} UTC;"),
                format!("the policy expects it at {}.", scene.time(*expected)),
            ],
            tried: None,
            todo: vec![format!(
                "Move the window (UTC; it must not overlap the maintenance window):\n{}\nor set `at` in policy.toml to match.",
                window_command(scene, *expected)
            )],
        },
        Found::KeyInaccessible { status } => Text {
            headline: format!("{who} cannot reach its KMS key"),
            wrong: vec![
                format!("The status of {who} is `{status}`: RDS cannot use its key."),
                format!("The copies in {dr} are under another key and are not touched by this."),
            ],
            tried: None,
            todo: key_steps(scene, status),
        },
        Found::DrKeyUnusable { key, state } => Text {
            headline: format!("the key for copies of {who} in {dr} is {state}"),
            wrong: vec![
                format!("The KMS key in {dr} is `{state}`:"),
                key.clone(),
                "Copies under it can neither be made nor restored.".into(),
            ],
            tried: None,
            todo: dr_key_steps(scene, key, state),
        },
        Found::Unreadable { fault, assets } => Text {
            headline: format!("{} in {} cannot be read", fault.op, fault.region),
            wrong: vec![
                "Sonae cannot tell whether all is well with:".into(),
                list(assets),
                format!("The answer was: {fault}"),
            ],
            tried: Some("Judges everything else as usual and tries again.".into()),
            todo: vec![fault_step(fault)],
        },
        Found::UnknownState { point, state } => Text {
            headline: format!("point of {who} in unknown state {state}"),
            wrong: vec![format!(
                "`{point}` is in state `{state}`, which this version does not know."
            )],
            tried: Some("Does not count it as landed.".into()),
            todo: vec!["Look at it in the console; report the state to the maintainers.".into()],
        },
        Found::JournalDown { fault } => Text {
            headline: "the journal cannot be read".into(),
            wrong: vec![
                format!("The journal in {dr} does not answer: {fault}"),
                "Copies go on. What was told before is not known, so notices may repeat.".into(),
            ],
            tried: Some("Tells this again every six hours until it answers.".into()),
            todo: vec![fault_step(fault)],
        },
        Found::NotGranted { keys } => Text {
            headline: format!("the role may not use the keys of {who}"),
            wrong: [
                "policy.toml names keys that the stack's DrKeyArns and HomeKeyArns do not:".into(),
            ]
            .into_iter()
            .chain(keys.iter().cloned())
            .chain(["AWS will refuse every copy that needs them.".into()])
            .collect(),
            tried: None,
            todo: vec!["Deploy the stack again with what `sonae-policy params` prints.".into()],
        },
        Found::Unarmed => Text {
            headline: "the alarm on a silent check is off".into(),
            wrong: vec![
                "The stack's parameter Armed has been false for 24 hours or more.".into(),
                "If the check stopped now, nobody would be told.".into(),
            ],
            tried: None,
            todo: vec!["Deploy the stack again with Armed=true (`make deploy`).".into()],
        },
        Found::HomeSilent { last } => Text {
            headline: format!("Sonae in {home} is silent"),
            wrong: vec![
                match last {
                    Some(last) => format!("Its last check was at {}.", scene.time(*last)),
                    None => "Its check has never run.".into(),
                },
                format!("The check in {home} has been silent for over an hour, seen from {dr}."),
                "Meanwhile no copy is started by it, and no deadline is watched.".into(),
            ],
            tried: Some("Only watches; tells you when home speaks again.".into()),
            todo: vec![
                format!("Look for an outage of {home} on the AWS Health Dashboard."),
                "If there is none, go through the runbook for the function Check.".into(),
            ],
        },
        Found::PolicyDiffers { home: theirs, dr: ours } => Text {
            headline: format!("{home} and {dr} run different policies"),
            wrong: vec![format!("{home}: {}", short(theirs)), format!("{dr}: {}", short(ours))],
            tried: None,
            todo: vec!["Deploy both stacks with the same policy.toml.".into()],
        },
        Found::NightComplete { landed, due } => night(scene, landed, *due),
        Found::PointLanded { met } => Text {
            headline: format!("{who} for {} has landed in {dr}", subject(scene)),
            wrong: vec![landed_line(scene, who, met)],
            tried: None,
            todo: Vec::new(),
        },
    }
}

pub(super) fn repaired(scene: &Scene<'_>) -> Text {
    let who = scene.who();
    let dr = &scene.policy.dr;
    let headline = match scene.key.kind {
        Kind::NotTaken => format!("the recovery point of {who} for {} is there", subject(scene)),
        Kind::NotLanded => format!("the copy of {who} for {} stands in {dr}", subject(scene)),
        Kind::InstanceMissing => format!("instance {who} is there again"),
        Kind::InstanceReplaced => format!("{who} and its recovery points are one database again"),
        Kind::BackupsOff => format!("automated backups of {who} are on"),
        Kind::WindowElsewhere => format!("backup window of {who} is where it should be"),
        Kind::KeyInaccessible => format!("{who} reaches its KMS key again"),
        Kind::DrKeyUnusable => format!("the key for copies of {who} in {dr} works again"),
        Kind::Unreadable => format!("{} can be read again", read(scene)),
        Kind::UnknownState => format!("{} has left its unknown state", scene.key.subject),
        Kind::JournalDown => "the journal can be read again".into(),
        Kind::NotGranted => format!("the role may use the keys of {who}"),
        Kind::Unarmed => "the alarm on a silent check is on".into(),
        Kind::HomeSilent => format!("Sonae in {} speaks again", scene.policy.home),
        Kind::PolicyDiffers => format!("{} and {dr} run the same policy", scene.policy.home),
        Kind::NightComplete | Kind::PointLanded => "all is well".into(),
    };
    let wrong = vec![format!("Seen: {headline}."), "Nothing is left to do.".into()];
    Text { headline, wrong, tried: None, todo: Vec::new() }
}

pub(super) fn rpo(scene: &Scene<'_>, rpo: &Rpo) -> String {
    let objective = span(rpo.objective);
    let dr = &scene.policy.dr;
    match rpo.age(scene.now) {
        None => format!(
            "A restore in {dr} is impossible: nothing has landed (RPO objective {objective})."
        ),
        Some(age) if age > rpo.objective => format!(
            "A restore in {dr} now would lose {} of data: beyond the RPO objective of {objective}.",
            span(age)
        ),
        Some(age) => format!(
            "A restore in {dr} now would lose {} of data (RPO objective {objective}).",
            span(age)
        ),
    }
}

fn subject(scene: &Scene<'_>) -> String {
    match &scene.key.subject {
        Subject::Day(day) => day.to_string(),
        Subject::Manual(point) => format!("manual point {}", point.name),
        other => other.to_string(),
    }
}

/// `rds:DescribeDBSnapshots in us-west-2`.
fn read(scene: &Scene<'_>) -> String {
    let read = scene.read();
    read.split_once('.').map_or(read.clone(), |(region, op)| format!("{op} in {region}"))
}

fn night(scene: &Scene<'_>, landed: &[(AssetId, Met)], due: Timestamp) -> Text {
    let day = subject(scene);
    let recovered = landed.iter().filter(|(_, met)| met.recovered).count();
    let mut wrong = vec![format!(
        "Every daily point of {day} was taken in {} and stands in {}: {} of {}.",
        scene.policy.home,
        scene.policy.dr,
        landed.len(),
        landed.len()
    )];
    if scene.now > due {
        wrong.push(format!("Late: it was due by {}.", scene.time(due)));
    }
    if recovered > 0 {
        wrong.push(format!("{recovered} recovered by the check: an event was late or lost, or an attempt had failed."));
    }
    let shown = landed.iter().take(MOST_SHOWN);
    wrong.extend(shown.map(|(id, met)| landed_line(scene, id.as_str(), met)));
    if landed.len() > MOST_SHOWN {
        wrong.push(format!("and {} more", landed.len() - MOST_SHOWN));
    }
    Text { headline: format!("night of {day} complete"), wrong, tried: None, todo: Vec::new() }
}

fn landed_line(scene: &Scene<'_>, who: &str, met: &Met) -> String {
    let recovered = if met.recovered { ", recovered by the check" } else { "" };
    format!(
        "- {who}: data of {}, {} GiB{recovered}\n    {}",
        scene.time(met.created),
        met.size_gib,
        met.name
    )
}

fn list(assets: &[AssetId]) -> String {
    assets.iter().map(AssetId::as_str).collect::<Vec<_>>().join(", ")
}

fn span(span: SignedDuration) -> String {
    match hours_minutes(span) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
