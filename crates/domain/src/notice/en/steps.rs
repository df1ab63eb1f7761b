//! Why, and what to do.

use crate::duty::Cause;
use crate::fault::{Fault, FaultKind};
use crate::names::ATTEMPTS;
use crate::notice::Scene;
use jiff::{SignedDuration, Timestamp};

pub(super) fn because(scene: &Scene<'_>, cause: &Cause) -> String {
    let dr = &scene.policy.dr;
    match cause {
        Cause::NothingTaken => "Nothing was taken. RDS skips a backup when it is busy, during \
             maintenance, or when the window was moved."
            .into(),
        Cause::InstanceState(state) => format!("The instance is `{state}`; nothing is taken then."),
        Cause::StillTaking(point) => format!("`{point}` is still being taken."),
        Cause::Failed(names) => {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            format!("Tried {} times and failed: {}", names.len(), names.join(", "))
        }
        Cause::Refused(fault) => format!("AWS refuses: {fault}"),
        Cause::Waiting(fault) => format!("It waits for its turn: {fault}"),
        Cause::NoPoint => "There is no point to copy.".into(),
        Cause::NotStarted(point) => format!("`{point}` is there, but no copy was started."),
        Cause::JustRequested(point) => format!("A copy of `{point}` was requested just now."),
        Cause::StillCopying { copy, state, percent } => {
            format!("`{copy}` is still `{state}` ({percent} %).")
        }
        Cause::Gone => {
            format!("A copy was requested, and now there is none in {dr}: cancelled or deleted.")
        }
        Cause::HomeUnread => "The home Region cannot be read to say why.".into(),
    }
}

pub(super) fn not_taken_steps(scene: &Scene<'_>, cause: &Cause) -> Vec<String> {
    let (who, home) = (scene.who(), &scene.policy.home);
    let take = format!(
        "Take one by hand; it is copied and counted for this day:\naws rds create-db-snapshot --region {home} \\\n  \
         --db-instance-identifier {who} \\\n  --db-snapshot-identifier {who}-manual-{} \\\n  \
         --tags Key=sonae:kind,Value=daily Key=sonae:asset,Value={who}",
        scene.now.strftime("%Y%m%d%H%M")
    );
    match cause {
        Cause::StillTaking(_) => vec!["Wait: it is under way.".into()],
        Cause::InstanceState(state) if state == "stopped" => {
            vec![
                "Start the instance if it should run; a stopped one takes no backups.".into(),
                take,
            ]
        }
        Cause::Refused(fault) => vec![fault_step(fault), take],
        _ => vec![take],
    }
}

pub(super) fn not_landed_tried(cause: &Cause) -> String {
    match cause {
        Cause::Failed(names) if names.len() < usize::from(ATTEMPTS) => {
            "Tries again under the next name and tells you when it has landed.".into()
        }
        Cause::Failed(_) => {
            "Has no attempt left. The next check after a failed copy is deleted tries again.".into()
        }
        Cause::JustRequested(_) | Cause::StillCopying { .. } => "Watches it and tells you when it has landed.".into(),
        _ => "Tries again (every 15 minutes at night, hourly by day) and tells you when it has landed.".into(),
    }
}

pub(super) fn not_landed_steps(scene: &Scene<'_>, cause: &Cause) -> Vec<String> {
    let dr = &scene.policy.dr;
    match cause {
        Cause::Failed(names) => vec![
            format!("Find out why (RDS console in {dr}, Events)."),
            format!(
                "Delete the failed copies; the next check (15 minutes at night, an hour by day) starts anew:\n{}",
                delete_commands(dr.as_str(), names.iter().map(|name| name.as_str()))
            ),
        ],
        Cause::Refused(fault) => vec![fault_step(fault)],
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

/// `-recoverable` lasts seven days; after that only a restore helps (RDS User Guide, encryption).
pub(super) fn key_steps(scene: &Scene<'_>, status: &str) -> Vec<String> {
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    if !status.ends_with("-recoverable") {
        return vec![format!(
            "It cannot be started any more. Restore the newest point, or its copy in {dr} (README, emergency restore)."
        )];
    }
    vec![
        format!("Within 7 days, enable the key or cancel its deletion in {home} (KMS console)."),
        format!(
            "Then start the instance:\naws rds start-db-instance --region {home} \\\n  --db-instance-identifier {who}"
        ),
    ]
}

pub(super) fn dr_key_steps(scene: &Scene<'_>, key: &str, state: &str) -> Vec<String> {
    let dr = &scene.policy.dr;
    match state {
        "Disabled" => {
            vec![format!("Enable it:\naws kms enable-key --region {dr} --key-id \\\n  {key}")]
        }
        "PendingDeletion" => vec![
            format!(
                "At once, while it still can be:\naws kms cancel-key-deletion --region {dr} --key-id \\\n  {key}"
            ),
            format!("Then enable it:\naws kms enable-key --region {dr} --key-id \\\n  {key}"),
        ],
        _ => vec!["Check `dr_key` in policy.toml: it must be a key that exists and works.".into()],
    }
}

fn delete_commands<'n>(region: &str, names: impl Iterator<Item = &'n str>) -> String {
    let command = |name| {
        format!(
            "aws rds delete-db-snapshot --region {region} \\\n  --db-snapshot-identifier {name}"
        )
    };
    names.map(command).collect::<Vec<_>>().join("\n")
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
            "Delete manual snapshots that nobody needs in {region}, or raise the quota (Service Quotas, RDS, Manual DB instance snapshots)."
        ),
        FaultKind::Exists => {
            format!("Something else holds the copy's names in {region}: rename or delete it.")
        }
        FaultKind::Throttled | FaultKind::Busy | FaultKind::InFlightFull | FaultKind::Late => {
            format!("Nothing if it passes; else look at the AWS Health Dashboard for {region}.")
        }
        FaultKind::Missing | FaultKind::Other => {
            format!("Read the answer above; try the call `{op}` in {region} by hand.")
        }
    }
}

pub(super) fn window_command(scene: &Scene<'_>, expected: Timestamp) -> String {
    let end = expected + SignedDuration::from_mins(30);
    format!(
        "aws rds modify-db-instance --region {} \\\n  --db-instance-identifier {} \\\n  \
         --preferred-backup-window {}-{} --apply-immediately",
        scene.policy.home,
        scene.who(),
        expected.strftime("%H:%M"),
        end.strftime("%H:%M")
    )
}
