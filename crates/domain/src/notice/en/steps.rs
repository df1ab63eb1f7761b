//! Why, and what to do.

use super::{backup, hosts, keys, noun};
use crate::duty::Cause;
use crate::fault::{Fault, FaultKind};
use crate::id::PointName;
use crate::names::ATTEMPTS;
use crate::notice::{Scene, commands};

pub(super) fn because(scene: &Scene<'_>, cause: &Cause) -> String {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    match cause {
        Cause::NothingTaken if scene.sonae_takes() => "Nothing was taken.".into(),
        Cause::NothingTaken => "Nothing was taken. RDS skips a backup when it is busy, during \
             maintenance, or when the window was moved."
            .into(),
        Cause::DatabaseState(state) => {
            format!("The {} is `{state}`; nothing is taken then.", noun(scene))
        }
        Cause::MemberOf(cluster) => format!(
            "It is a member of the cluster `{cluster}`: only the cluster has recovery points."
        ),
        Cause::StillTaking(point) => format!("`{point}` is still being taken."),
        Cause::Failed(names) => {
            format!("Tried {} times and failed: {}", names.len(), list_of(names))
        }
        Cause::PointFailed(point) => format!("`{point}` itself failed: there is nothing to copy."),
        Cause::Refused(fault) => format!("AWS refuses: {fault}"),
        Cause::KeyRefused(fault, keys) => {
            format!("AWS refuses: {fault}\n  It needs these keys:{}", keys::asked(keys))
        }
        Cause::Waiting(fault) => format!("AWS has not accepted it yet: {fault}"),
        Cause::NoPoint => "There is no point to copy.".into(),
        Cause::PointGone => format!(
            "Its point was taken and is gone from {home} (expired or deleted), and no copy of it stands in {dr}."
        ),
        Cause::Flawed(names) => format!(
            "What stands is under another key than `dr_key`, or lacks the tag `sonae:keep-until`: {}",
            list_of(names)
        ),
        Cause::NotStarted(point) => format!("`{point}` is there, but no copy was started."),
        Cause::JustRequested(point) => format!("A copy of `{point}` was requested just now."),
        Cause::StillCopying { copy, state, percent } => {
            format!("`{copy}` is still `{state}` ({percent} %).")
        }
        Cause::Gone => {
            format!("A copy was requested, and now there is none in {dr}: cancelled or deleted.")
        }
        Cause::HomeUnread => "The home Region cannot be read to say why.".into(),
        Cause::Backup(cause) => backup::because(scene, cause),
        Cause::Host(cause) => hosts::because(scene, cause),
    }
}

pub(super) fn not_taken_steps(scene: &Scene<'_>, cause: &Cause) -> Vec<String> {
    if let Cause::Backup(cause) = cause {
        return backup::steps(scene, cause);
    }
    let take = take_by_hand(scene);
    match cause {
        Cause::StillTaking(_) => vec!["Wait: it is under way.".into()],
        Cause::DatabaseState(state) if state == "missing" => {
            vec![format!("See the notice that the {} does not exist.", noun(scene))]
        }
        Cause::DatabaseState(state) if state == "stopped" => {
            vec!["Start it if it should run; a stopped one takes no backups.".into(), take]
        }
        Cause::MemberOf(cluster) => vec![format!(
            "Protect the cluster instead: kind = \"rds-cluster\", id = \"{cluster}\" in policy.toml, and deploy."
        )],
        Cause::Refused(fault) => vec![fault_step(fault), take],
        _ => vec![take],
    }
}

/// A point taken on another day would not count for this one.
fn take_by_hand(scene: &Scene<'_>) -> String {
    if !scene.is_today() {
        return "That day is over and no point of it can be taken any more: see to it that the next one is (runbook).".into();
    }
    format!("Take one by hand; it is copied and counted for this day:\n{}", commands::take(scene))
}

pub(super) fn not_landed_tried(cause: &Cause) -> &'static str {
    match cause {
        Cause::Failed(names) if names.len() < usize::from(ATTEMPTS) => {
            "Tries again under the next name and tells you when it has landed."
        }
        Cause::Failed(_) => {
            "Has no attempt left. The next check after a failed copy is deleted tries again."
        }
        Cause::Backup(_) => backup::tried(),
        Cause::Host(_) => hosts::tried(),
        Cause::PointFailed(_) => "Copies another point as soon as it is there.",
        Cause::PointGone => "Has nothing left to copy of it.",
        Cause::Flawed(_) => {
            "Copies it anew while it has attempts left, and tells you when one has landed."
        }
        Cause::JustRequested(_) | Cause::StillCopying { .. } => {
            "Watches it and tells you when it has landed."
        }
        _ => {
            "Tries again (every 15 minutes at night, hourly by day) and tells you when it has landed."
        }
    }
}

pub(super) fn not_landed_steps(scene: &Scene<'_>, cause: &Cause) -> Vec<String> {
    let dr = &scene.policy.dr;
    match cause {
        Cause::Failed(names) => vec![
            format!("Find out why (RDS console in {dr}, Events)."),
            format!(
                "Delete the failed copies; the next check (15 minutes at night, an hour by day) starts anew:\n{}",
                commands::delete(scene, dr, names)
            ),
        ],
        Cause::PointFailed(point) => vec![format!(
            "Delete the failed point and take it again:\n{}",
            commands::delete(scene, &scene.policy.home, std::slice::from_ref(point))
        )],
        Cause::PointGone => vec![
            format!(
                "Find out why its copies failed (RDS console in {dr}, Events), before the next one is due."
            ),
            take_by_hand(scene),
        ],
        Cause::Flawed(_) => vec![
            "If `dr_key` was changed on purpose, wait: a full copy under the new key takes hours."
                .into(),
            format!(
                "If somebody took the tag off, put it back, and the copy counts again:\n{}",
                commands::keep_until(scene)
            ),
            "Do not delete these copies: they can be restored as long as their key works.".into(),
        ],
        Cause::Backup(cause) => backup::steps(scene, cause),
        Cause::Host(cause) => hosts::steps(scene, cause),
        Cause::Refused(fault) => vec![fault_step(fault)],
        Cause::KeyRefused(_, keys) => keys::asked_steps(keys),
        Cause::JustRequested(_) | Cause::StillCopying { .. } => vec![
            "Wait: a first copy, or one under a new key, is a full one and can take hours.".into(),
            "If the percentage does not move for two hours, open a case with AWS.".into(),
        ],
        Cause::Gone => {
            vec![format!("Find out who cancelled it (CloudTrail in {dr}, DeleteDBSnapshot).")]
        }
        _ => vec![format!("Look at the point and at the RDS events of {dr}; see the runbook.")],
    }
}

fn list_of(names: &[PointName]) -> String {
    names.iter().map(PointName::as_str).collect::<Vec<_>>().join(", ")
}

pub(super) fn fault_step(fault: &Fault) -> String {
    let Fault { op, region, .. } = fault;
    match fault.kind {
        FaultKind::Denied => format!(
            "Give the function's role `{op}` in {region} (template.yaml), or find what denies it."
        ),
        FaultKind::KeyUnusable => format!(
            "Check the source's key and the copy's key ({region}): enabled, not pending deletion, grants allowed."
        ),
        FaultKind::PointsFull => format!(
            "Delete manual snapshots that nobody needs in {region}, or raise the quota (Service Quotas, RDS, Manual DB instance snapshots or Manual DB cluster snapshots)."
        ),
        FaultKind::Exists => {
            format!("Something else holds the names in {region}: rename or delete it.")
        }
        FaultKind::Throttled | FaultKind::Busy | FaultKind::InFlightFull | FaultKind::Late => {
            format!("Nothing if it passes; else look at the AWS Health Dashboard for {region}.")
        }
        FaultKind::Invalid => format!(
            "AWS does not accept the request itself: read its answer above. If it speaks of an option group, make one with the same options in {region} and copy this point once by hand with --option-group-name; take persistent options off if you can."
        ),
        FaultKind::Missing | FaultKind::Other => {
            format!("Read the answer above; try the call `{op}` in {region} by hand.")
        }
    }
}
