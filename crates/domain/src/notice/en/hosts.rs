//! PostgreSQL hosts that `sonae-agent` backs up.

use crate::duty::HostCause;
use crate::episode::Kind;
use crate::host::run::{How, Job};
use crate::host::wal::Segment;
use crate::notice::{Scene, Text, commands, short};
use crate::policy::Host;
use jiff::Timestamp;

/// What is not there: headline and first line.
pub(super) fn not_there(scene: &Scene<'_>, day: &str) -> [String; 2] {
    let (who, bucket) = (scene.who(), bucket(scene));
    [
        format!("no full backup of {who} for {day} in its bucket"),
        format!("The full backup of {who} for {day} does not stand in `{bucket}`."),
    ]
}

pub(super) fn tried() -> &'static str {
    "Starts nothing on the host: its agent tries again by itself, each hour at least. Looks every 15 minutes and tells you when it is there."
}

fn status() -> String {
    format!("See on the host how it stands:\n{}", commands::see_host())
}

pub(super) fn because(scene: &Scene<'_>, cause: &HostCause) -> String {
    match cause {
        HostCause::Silent(None) => "Its agent has never spoken.".into(),
        HostCause::Silent(Some(last)) => {
            format!("Its agent has not spoken since {}.", scene.time(*last))
        }
        HostCause::NotMade(None) => "Its agent speaks, but has not tried.".into(),
        HostCause::NotMade(Some(how)) => format!("None was made: {}", ended(how)),
        HostCause::NotInBucket(label) => {
            format!("`{label}` was made on the host, and its manifest is not in the bucket.")
        }
    }
}

pub(super) fn steps(scene: &Scene<'_>, cause: &HostCause) -> Vec<String> {
    match cause {
        HostCause::Silent(_) => silent_steps(scene),
        HostCause::NotMade(_) => vec![
            status(),
            format!("Make one when the reason is gone:\n{}", commands::run_again(Job::Full)),
        ],
        HostCause::NotInBucket(_) => vec![
            status(),
            format!("See why the mirror does not get through:\n{}", commands::see_mirror()),
        ],
    }
}

pub(super) fn silent(scene: &Scene<'_>, last: Option<Timestamp>) -> Text {
    let (who, bucket) = (scene.who(), bucket(scene));
    let since = match last {
        Some(last) => format!("The agent of {who} has not spoken since {}.", scene.time(last)),
        None => format!("The agent of {who} has never spoken."),
    };
    Text {
        headline: format!("host {who} is silent"),
        wrong: vec![
            since,
            format!(
                "Whether it is backed up cannot be told. `{bucket}` gets nothing new while the host is down."
            ),
        ],
        tried: Some("Looks every 15 minutes and tells you when it speaks again.".into()),
        todo: silent_steps(scene),
    }
}

fn silent_steps(scene: &Scene<'_>) -> Vec<String> {
    let mut steps = vec![
        "Is the host up, is it on the network, may it write to the journal's bucket?".into(),
        format!("See whether the agent runs:\n{}", commands::see_agent()),
    ];
    steps.extend(scene.host().map(|host| {
        format!(
            "If the host is lost, restore on another one (runbook):\n{}",
            commands::restore_host(host)
        )
    }));
    steps
}

pub(super) fn behind(
    scene: &Scene<'_>,
    seconds: i64,
    gap: Option<Segment>,
    trouble: Option<&str>,
) -> Text {
    let (who, bucket) = (scene.who(), bucket(scene));
    let objective = scene.host().map_or(0, |host| host.rpo.as_secs());
    let headline = match gap {
        Some(_) => format!("the log of {who} has a hole in its bucket"),
        None => format!("the bucket of {who} is {seconds} s behind"),
    };
    let mut wrong = vec![format!(
        "Were the host lost now, {seconds} s of commits would be (RPO objective {objective} s)."
    )];
    if let Some(gap) = gap {
        wrong = vec![format!(
            "Segment `{gap}` of the log lacks in `{bucket}` though later ones are there: no moment after it can be restored from there."
        )];
    }
    wrong.extend(trouble.map(|trouble| format!("The agent says: {trouble}")));
    let todo = match gap {
        Some(_) => vec![
            status(),
            format!(
                "If the segment is gone from the host, too, begin anew from a full backup:\n{}",
                commands::run_again(Job::Full)
            ),
        ],
        None => vec![status(), format!("See what the mirror says:\n{}", commands::see_mirror())],
    };
    let tried = Some("The agent goes on by itself. Looks every 15 minutes and tells you when the bucket has caught up.".into());
    Text { headline, wrong, tried, todo }
}

pub(super) fn late(scene: &Scene<'_>, job: Job, last: Option<&How>) -> Text {
    let who = scene.who();
    let why = match last {
        Some(how) => ended(how),
        None => "It was not tried; the timer may be off.".into(),
    };
    Text {
        headline: format!("{who}: the {job} run has not succeeded"),
        wrong: vec![format!("The {job} run of {who} that was due has not succeeded."), why],
        tried: Some("The agent tries again by itself, each hour at least; you are told when it has succeeded.".into()),
        todo: vec![
            status(),
            format!("See whether its timer runs:\n{}", commands::see_timer()),
            format!("Try it when the reason is gone:\n{}", commands::run_again(job)),
        ],
    }
}

fn ended(how: &How) -> String {
    match how {
        How::Succeeded { detail } => format!("the last try ended well ({detail})."),
        How::Failed { why } => format!("the last try failed: {why}"),
        How::Killed => "the last try was killed.".into(),
    }
}

pub(super) fn policy(scene: &Scene<'_>, host: &str, ours: &str) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("{who} works by another policy"),
        wrong: vec![
            format!("The policy.toml of {who} is not the one that Sonae runs by in {home}."),
            format!("{who}: {}, {home}: {}", short(host), short(ours)),
        ],
        tried: Some("Judges the host by the policy of the functions.".into()),
        todo: vec![format!(
            "Put the same policy.toml on the host as was deployed; the agent reads it at its next start:\n{}",
            commands::restart_mirror()
        )],
    }
}

pub(super) fn mended(scene: &Scene<'_>, subject: &str) -> String {
    let (who, bucket) = (scene.who(), bucket(scene));
    match scene.key.kind {
        Kind::HostSilent => format!("the agent of {who} speaks again"),
        Kind::HostBehind => format!("bucket of {who} has caught up"),
        Kind::HostLate => format!("{who}: the {subject} run has succeeded"),
        Kind::HostPolicy => format!("{who} works by the same policy"),
        _ => format!("the full backup of {who} for {subject} stands in `{bucket}`"),
    }
}

fn bucket<'s>(scene: &'s Scene<'_>) -> &'s str {
    scene.host().map_or("-", |host: &Host| host.bucket.as_str())
}

/// That a night's full backups of hosts stand in their buckets.
pub(super) fn all_stand(count: usize) -> Option<String> {
    (count > 0).then(|| {
        format!("Every full backup of a PostgreSQL host stands in its bucket: {count} of {count}.")
    })
}
