//! PostgreSQL hosts that `sonae-agent` backs up.

use crate::duty::HostCause;
use crate::episode::Kind;
use crate::host::run::{How, Job};
use crate::host::wal::Segment;
use crate::notice::{Scene, Text, commands, short};
use crate::policy::Host;
use jiff::Timestamp;

const STATUS: &str = "See on the host how it stands:\n  sudo -u postgres sonae-agent status";

pub(super) fn not_landed(scene: &Scene<'_>, day: &str, due: Timestamp, cause: &HostCause) -> Text {
    let (who, bucket) = (scene.who(), bucket(scene));
    Text {
        headline: format!("no full backup of {who} for {day} in its bucket"),
        wrong: vec![
            format!("The full backup of {who} for {day} does not stand in `{bucket}`."),
            format!("Due by {}.", scene.time(due)),
            because(scene, cause),
        ],
        tried: Some(
            "Starts nothing on the host: its agent tries again by itself, each hour at least. Looks every 15 minutes and tells you when it is there."
                .into(),
        ),
        todo: steps(scene, cause),
    }
}

fn because(scene: &Scene<'_>, cause: &HostCause) -> String {
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

fn steps(scene: &Scene<'_>, cause: &HostCause) -> Vec<String> {
    match cause {
        HostCause::Silent(_) => silent_steps(scene),
        HostCause::NotMade(_) => vec![
            STATUS.into(),
            "Make one when the reason is gone:\n  sudo -u postgres sonae-agent backup full".into(),
        ],
        HostCause::NotInBucket(_) => vec![
            STATUS.into(),
            "See why the mirror does not get through:\n  journalctl --unit sonae-agent-mirror --since -1h".into(),
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
        "See whether the agent runs:\n  systemctl status sonae-agent-mirror sonae-agent-due.timer\n  journalctl --unit sonae-agent-mirror --since -1h".into(),
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
            STATUS.into(),
            "If the segment is gone from the host, too, begin anew from a full backup:\n  sudo -u postgres sonae-agent backup full".into(),
        ],
        None => vec![
            STATUS.into(),
            "See what the mirror says:\n  journalctl --unit sonae-agent-mirror --since -1h".into(),
        ],
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
    let again = match job {
        Job::Logical => "sonae-agent backup logical",
        Job::Verify => "sonae-agent verify",
        Job::Expire => "sonae-agent expire",
        Job::Full | Job::Differential | Job::Restore => "sonae-agent backup diff",
    };
    Text {
        headline: format!("{who}: the {job} run has not succeeded"),
        wrong: vec![format!("The {job} run of {who} that was due has not succeeded."), why],
        tried: Some("The agent tries again by itself, each hour at least; you are told when it has succeeded.".into()),
        todo: vec![
            STATUS.into(),
            "See whether its timer runs:\n  systemctl status sonae-agent-due.timer".into(),
            format!("Try it when the reason is gone:\n  sudo -u postgres {again}"),
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
        todo: vec![
            "Put the same policy.toml on the host as was deployed; the agent reads it at its next start:\n  sudo systemctl restart sonae-agent-mirror".into(),
        ],
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
