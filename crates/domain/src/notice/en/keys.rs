//! Keys: which one, in which Region, and how to mend it.

use crate::duty::KeyAsked;
use crate::id::Region;
use crate::notice::{Scene, Text, commands};

pub(super) fn dr_key_unusable(scene: &Scene<'_>, key: &str, state: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("copy key of {who} in {dr} is {state}"),
        wrong: vec![
            format!("The KMS key in {dr} is `{state}`:"),
            key.to_owned(),
            "Copies under it can neither be made nor restored.".into(),
        ],
        tried: None,
        todo: mend(dr, key, state, "dr_key"),
    }
}

pub(super) fn home_key_unusable(scene: &Scene<'_>, key: &str, state: &str) -> Text {
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    Text {
        headline: format!("key of {who} in {home} is {state}"),
        wrong: vec![
            format!("{who} is encrypted with a KMS key in {home} that is `{state}`:"),
            key.to_owned(),
            format!(
                "Its points can neither be copied nor restored in {home}, and RDS will stop it."
            ),
            format!("What has landed in {dr} is under another key and can be restored."),
        ],
        tried: None,
        todo: mend(home, key, state, "home_key"),
    }
}

pub(super) fn home_key_unnamed(scene: &Scene<'_>, key: &str) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("policy.toml lacks the key of {who} in {home}"),
        wrong: vec![
            format!("{who} is encrypted with a customer managed KMS key in {home}:"),
            key.to_owned(),
            "The functions' role is given the keys of the policy only, so AWS may refuse the copies."
                .into(),
        ],
        tried: None,
        todo: vec![format!(
            "Put it into the asset in policy.toml and deploy (`make deploy`):\nhome_key = \"{key}\""
        )],
    }
}

pub(super) fn dr_key_managed(scene: &Scene<'_>, key: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("copy key of {who} in {dr} is managed by AWS"),
        wrong: vec![
            format!("`dr_key` is a key of {dr} that AWS manages, as it does aws/rds:"),
            key.to_owned(),
            "Its key policy cannot be changed, and a copy under it can never be shared with another account."
                .into(),
        ],
        tried: None,
        todo: vec![format!(
            "Make a customer managed key in {dr}, name it as `dr_key` and deploy. What is copied from then on is under it."
        )],
    }
}

pub(super) fn key_inaccessible(scene: &Scene<'_>, status: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{who} cannot reach its KMS key"),
        wrong: vec![
            format!("The status of {who} is `{status}`: RDS cannot use its key."),
            format!("The copies in {dr} are under another key and are not touched by this."),
        ],
        tried: None,
        todo: reach_again(scene, status),
    }
}

/// `-recoverable` lasts seven days; after that only a restore helps (RDS User Guide, encryption).
fn reach_again(scene: &Scene<'_>, status: &str) -> Vec<String> {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    if !status.ends_with("-recoverable") {
        return vec![format!(
            "It cannot be started any more. Restore the newest point, or its copy in {dr} (README, emergency restore)."
        )];
    }
    vec![
        format!("Within 7 days, enable the key or cancel its deletion in {home} (KMS console)."),
        format!("Then start the database:\n{}", commands::start(scene)),
    ]
}

pub(super) fn mend(region: &Region, key: &str, state: &str, named: &str) -> Vec<String> {
    match state {
        "Disabled" => vec![format!("Enable it:\n{}", commands::enable_key(region, key))],
        "PendingDeletion" => vec![
            format!("At once, while it still can be:\n{}", commands::cancel_deletion(region, key)),
            format!("Then enable it:\n{}", commands::enable_key(region, key)),
        ],
        "Missing" if named == "home_key" => vec![
            "It was deleted, and nothing under it can be read any more. Restore the newest copy in the other Region (README, emergency restore).".into(),
        ],
        _ => vec![format!(
            "Check `{named}` in policy.toml: it must be a key that exists in {region} and works."
        )],
    }
}

/// The keys that a refused copy needs, as they stand.
pub(super) fn asked(keys: &[KeyAsked]) -> String {
    let line = |key: &KeyAsked| {
        let state = key.state.as_deref().unwrap_or("state not known");
        format!("\n  - {} ({state}):\n    {}", key.region, key.arn)
    };
    keys.iter().map(line).collect()
}

pub(super) fn asked_steps(keys: &[KeyAsked]) -> Vec<String> {
    let mended = keys.iter().filter_map(|key| {
        let state = key.trouble()?;
        Some(mend(&key.region, &key.arn, state, key.named))
    });
    let mended: Vec<String> = mended.flatten().collect();
    if !mended.is_empty() {
        return mended;
    }
    vec![
        "No key is known to be off: then a right is missing. See that policy.toml names both keys (`dr_key`, and `home_key` where that is a customer managed one) and deploy, so that the role may use them.".into(),
        "See that both key policies let IAM policies of the account grant kms:CreateGrant, kms:DescribeKey and kms:Decrypt.".into(),
    ]
}
