//! What the system may not use, cannot read, or no longer says.

use super::steps::fault_step;
use crate::fault::Fault;
use crate::id::{AssetId, Family, PointName};
use crate::notice::{Scene, Text, commands};
use crate::seen::{Quota, Topic};

pub(super) fn not_granted(scene: &Scene<'_>, keys: &[String]) -> Text {
    let who = scene.who();
    Text {
        headline: format!("the role may not use the keys of {who}"),
        wrong: ["policy.toml names keys that the stack's DrKeyArns and HomeKeyArns do not:".into()]
            .into_iter()
            .chain(keys.iter().cloned())
            .chain(["AWS will refuse every copy that needs them.".into()])
            .collect(),
        tried: None,
        todo: vec!["Deploy the stack again with what `sonae-policy params` prints.".into()],
    }
}

pub(super) fn quota_short(quota: &Quota) -> Text {
    let Quota { family, region, used, max } = quota;
    let name = Quota::name(*family);
    Text {
        headline: format!("{used} of {max} {} used in {region}", counted(*family)),
        wrong: vec![
            format!("The quota {name} of {region} allows {max}; {used} are there."),
            "Copies count as manual snapshots. When none is left, AWS refuses the next copy."
                .into(),
        ],
        tried: None,
        todo: vec![
            format!(
                "Delete manual snapshots that nobody needs in {region}, oldest first, never the newest copy of a database."
            ),
            "Or raise the quota: Service Quotas, Amazon RDS.".into(),
        ],
    }
}

/// What a family's quota counts.
fn counted(family: Family) -> &'static str {
    match family {
        Family::Instance => "manual snapshots",
        Family::Cluster => "manual cluster snapshots",
    }
}

pub(super) fn unarmed() -> Text {
    Text {
        headline: "the alarm on a silent check is off".into(),
        wrong: vec![
            "The stack's parameter Armed has been false for 24 hours or more.".into(),
            "If the check stopped now, nobody would be told.".into(),
        ],
        tried: None,
        todo: vec!["Deploy the stack again with Armed=true (`make deploy`).".into()],
    }
}

pub(super) fn unheard(topic: &Topic) -> Text {
    let Topic { arn, region, pending, .. } = topic;
    let waiting = match pending {
        0 => "None waits for its confirmation.".to_owned(),
        n => format!("{n} of them wait for their confirmation: a link in a mail from AWS."),
    };
    Text {
        headline: format!("nobody listens to the topic in {region}"),
        wrong: vec![
            format!("The SNS topic in {region} has no confirmed subscription:"),
            arn.clone(),
            waiting,
            "Notices and alarms that are sent there reach nobody. This one was sent to both topics.".into(),
        ],
        tried: Some("Looks once a day, at 08:00.".into()),
        todo: vec![format!(
            "Subscribe an address, and confirm the mail that it gets:\n{}",
            commands::subscribe(topic)
        )],
    }
}

pub(super) fn unreadable(fault: &Fault, assets: &[AssetId]) -> Text {
    Text {
        headline: format!("{} in {} cannot be read", fault.op, fault.region),
        wrong: vec![concerned(fault, assets), format!("The answer was: {fault}")],
        tried: Some("Judges everything else as usual and tries again.".into()),
        todo: vec![fault_step(fault)],
    }
}

pub(super) fn unknown_state(scene: &Scene<'_>, point: &PointName, state: &str) -> Text {
    let who = scene.who();
    Text {
        headline: format!("point of {who} in unknown state {state}"),
        wrong: vec![format!("`{point}` is in state `{state}`, which this version does not know.")],
        tried: Some("Does not count it as landed.".into()),
        todo: vec!["Look at it in the console; report the state to the maintainers.".into()],
    }
}

pub(super) fn journal_down(scene: &Scene<'_>, fault: &Fault) -> Text {
    let dr = &scene.policy.dr;
    Text {
        headline: "the journal cannot be read".into(),
        wrong: vec![
            format!("The journal in {dr} does not answer: {fault}"),
            "Copies go on. What was told before is not known, so notices may repeat.".into(),
        ],
        tried: Some("Tells this again every six hours until it answers.".into()),
        todo: vec![fault_step(fault)],
    }
}

/// A read of no asset is of the Region itself.
fn concerned(fault: &Fault, assets: &[AssetId]) -> String {
    match assets {
        [] => format!("Sonae cannot tell how much of the quotas of {} is used.", fault.region),
        assets => format!("Sonae cannot tell whether all is well with:\n  {}", list(assets)),
    }
}

fn list(assets: &[AssetId]) -> String {
    assets.iter().map(AssetId::as_str).collect::<Vec<_>>().join(", ")
}
