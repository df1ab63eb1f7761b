//! AWS Backup のボールトと設定が、方針の求めるとおりでない。

use crate::id::{AssetId, Region};
use crate::notice::{Scene, Text, commands};
use crate::policy::LockMode;
use jiff::Timestamp;

pub(super) fn vault_missing(scene: &Scene<'_>, region: &Region, vault: &str) -> Text {
    let template = match *region == scene.policy.home {
        true => "template-vault.yaml",
        false => "template-vault-dr.yaml",
    };
    Text {
        headline: format!("{region} にバックアップボールト {vault} がありません"),
        wrong: vec![
            format!(
                "{region} の AWS Backup にボールト `{vault}` がありません。中の復旧ポイントごと失われたか、作られていません。"
            ),
            "policy.toml でこのボールトに入れるものは、保護されていません。".into(),
        ],
        tried: Some(
            "AWS Backup では何も開始しません。確認を続け、見つかったらお知らせします。".into(),
        ),
        todo: vec![
            format!(
                "{template} をデプロイするか (docs/aws-backup.ja.md)、policy.toml の `vault`、`dr_vault` を正しい名前にしてください。"
            ),
            format!(
                "削除された場合は、誰が削除したかを確認してください ({region} の CloudTrail、DeleteBackupVault)。"
            ),
        ],
    }
}

/// `modes`: 方針の値と、実際の値。
pub(super) fn vault_lock(
    scene: &Scene<'_>,
    (region, vault): (&Region, &str),
    modes: [LockMode; 2],
    date: Option<Timestamp>,
) -> Text {
    let [expected, found] = modes.map(LockMode::word);
    let stricter = modes[1] > modes[0];
    let call = if stricter { "Put" } else { "Delete" };
    let mut todo = vec![format!(
        "心当たりがなければ、誰が変えたかを確認してください ({region} の CloudTrail、{call}BackupVaultLockConfiguration)。"
    )];
    if stricter && date.is_none_or(|date| date > scene.now) {
        todo.push(format!(
            "意図したものでなければ、解除してください:\n{}",
            commands::unlock_vault(region, vault)
        ));
    }
    if !stricter {
        todo.push(format!("意図したものでなければ、ボールトのスタックを Lock={expected} でデプロイしてください (docs/aws-backup.ja.md)。"));
    }
    todo.push(format!("意図したものであれば、policy.toml の [backup] に `lock = \"{found}\"` と書いてデプロイしてください。"));
    Text {
        headline: format!(
            "{region} のバックアップボールト {vault} のロックが {expected} ではなく {found} です"
        ),
        wrong: vec![
            format!("policy.toml は `{expected}`、AWS Backup は `{found}` です。"),
            meaning(scene, modes, date),
        ],
        tried: Some(
            "AWS Backup では何も変更しません。確認を続け、一致したらお知らせします。".into(),
        ),
        todo,
    }
}

fn meaning(scene: &Scene<'_>, [expected, found]: [LockMode; 2], date: Option<Timestamp>) -> String {
    match (found, date) {
        (found, _) if found < expected => {
            "復旧ポイントを期日より前に削除できる人が、方針の前提より多くなっています。".into()
        }
        (LockMode::Compliance, Some(date)) if date > scene.now => format!(
            "{} を過ぎると、AWS を含め誰にも解除できなくなります。復旧ポイントは期日まで削除できず、その分の費用がかかります。",
            scene.time(date)
        ),
        (LockMode::Compliance, _) => {
            "AWS を含め、もう誰にも解除できません。復旧ポイントは期日まで削除できず、その分の費用がかかります。".into()
        }
        _ => "復旧ポイントを期日より前に削除できるのは、ロックを解除できる人だけです。".into(),
    }
}

pub(super) fn not_opted_in(
    scene: &Scene<'_>,
    region: &Region,
    type_name: &str,
    assets: &[AssetId],
) -> Text {
    let ids: Vec<&str> = assets.iter().map(AssetId::as_str).collect();
    let means = match *region == scene.policy.home {
        true => {
            "タグで選ぶプランは、この種類を何も知らせずに飛ばします (ARN で指定したものは対象になることがあります)。"
        }
        false => {
            "このリージョンへのコピーが拒否されることがあり、ここに復元したものは保護されません。"
        }
    };
    Text {
        headline: format!("{region} の AWS Backup で {type_name} が有効になっていません"),
        wrong: vec![
            format!("{region} の ResourceTypeOptInPreference で `{type_name}` が `false` です。"),
            means.into(),
            format!("この種類の対象: {}", ids.join("、")),
        ],
        tried: Some(
            "AWS Backup では何も変更しません。確認を続け、有効になったらお知らせします。".into(),
        ),
        todo: vec![format!(
            "有効にし、ほかに有効だったものがそのままか確認してください (保たれるかは AWS の文書にありません):\n{}\n{}\n{}",
            commands::see_settings_of(region),
            commands::opt_in(region, type_name),
            commands::see_settings_of(region),
        )],
    }
}

pub(super) fn untagged(scene: &Scene<'_>, tag: &str, asset: Option<&AssetId>) -> Text {
    let home = &scene.policy.home;
    let (headline, wrong, todo) = match asset {
        None => (
            format!("{home} にタグ {tag} の付いたリソースがありません"),
            vec![
                format!("policy.toml は `{tag}` の付いたものを保護しますが、1つもありません。このタグでは何も保護されていません。"),
                "AWS Backup のプランも、このタグでは何も見つけられず、それを知らせません。".into(),
            ],
            format!("何に付いているかを確認し、保護するものにタグを付けるか、policy.toml の `tag` を直してください:\n{}", commands::see_tagged(scene, tag)),
        ),
        Some(asset) => (
            format!("{asset} からタグ {tag} がなくなりました"),
            vec![
                format!("{asset} は数日以内に取得されていましたが、今はその名前のものに `{tag}` が付いていません。"),
                "タグが外されたか、リソースが削除されました。タグで選ぶプランは、もう取得しません。".into(),
            ],
            format!("残っているものであれば、タグを付け直してください。廃止したものであれば対応は不要で、数日で自然に終わります:\n{}", commands::see_tagged(scene, tag)),
        ),
    };
    Text {
        headline,
        wrong,
        tried: Some("確認のたびにタグを調べ、付いているものをすべて保護の対象にします。".into()),
        todo: vec![todo],
    }
}
