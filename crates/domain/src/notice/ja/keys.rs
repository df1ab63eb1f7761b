//! キー: どのリージョンのどのキーか、どう直すか。

use crate::duty::KeyAsked;
use crate::id::Region;
use crate::notice::{Scene, Text, commands};

pub(super) fn dr_key_unusable(scene: &Scene<'_>, key: &str, state: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{dr} の {who} 用コピーの KMS キーが {state} です"),
        wrong: vec![
            format!("{dr} の KMS キーの状態は `{state}` です:"),
            key.to_owned(),
            "このキーではコピーの作成も復元もできません。".into(),
        ],
        tried: None,
        todo: mend(dr, key, state, "dr_key"),
    }
}

pub(super) fn home_key_unusable(scene: &Scene<'_>, key: &str, state: &str) -> Text {
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    Text {
        headline: format!("{home} の {who} の KMS キーが {state} です"),
        wrong: vec![
            format!("{who} を暗号化している {home} の KMS キーの状態は `{state}` です:"),
            key.to_owned(),
            format!(
                "復旧ポイントのコピーも {home} での復元もできず、いずれ RDS がデータベースを止めます。"
            ),
            format!("{dr} に到着済みのコピーは別のキーで暗号化されており、復元できます。"),
        ],
        tried: None,
        todo: mend(home, key, state, "home_key"),
    }
}

pub(super) fn home_key_unnamed(scene: &Scene<'_>, key: &str) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("{home} の {who} のキーが policy.toml に書かれていません"),
        wrong: vec![
            format!("{who} は {home} のカスタマー管理キーで暗号化されています:"),
            key.to_owned(),
            "関数のロールに許可されるのは方針に書かれたキーだけなので、コピーが拒否されるおそれがあります。".into(),
        ],
        tried: None,
        todo: vec![format!(
            "policy.toml の対象に次の行を加え、デプロイしてください (`make deploy`):\nhome_key = \"{key}\""
        )],
    }
}

pub(super) fn dr_key_managed(scene: &Scene<'_>, key: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{dr} の {who} のコピーが AWS 管理のキーで暗号化されています"),
        wrong: vec![
            format!("`dr_key` は {dr} の AWS 管理のキーです (aws/rds など):"),
            key.to_owned(),
            "キーポリシーを変更できず、このキーのコピーは別のアカウントと共有できません。".into(),
        ],
        tried: None,
        todo: vec![format!(
            "{dr} にカスタマー管理キーを作成し、`dr_key` に書いてデプロイしてください。以後のコピーから使われます。"
        )],
    }
}

pub(super) fn key_inaccessible(scene: &Scene<'_>, status: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{who} が KMS キーを使えません"),
        wrong: vec![
            format!("{who} の状態は `{status}` です。RDS がキーを使えません。"),
            format!("{dr} のコピーは別のキーで暗号化されているため、影響を受けません。"),
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
            "この状態からは起動できません。最新の復旧ポイントまたは {dr} のコピーから復元してください (README「緊急時の復元」)。"
        )];
    }
    vec![
        format!("7日以内に {home} の KMS で、キーを有効にするか、削除予定を取り消してください。"),
        format!("その後データベースを起動してください:\n{}", commands::start(scene)),
    ]
}

pub(super) fn mend(region: &Region, key: &str, state: &str, named: &str) -> Vec<String> {
    match state {
        "Disabled" => vec![format!("有効にしてください:\n{}", commands::enable_key(region, key))],
        "PendingDeletion" => vec![
            format!(
                "削除される前に、すぐ取り消してください:\n{}",
                commands::cancel_deletion(region, key)
            ),
            format!("その後、有効にしてください:\n{}", commands::enable_key(region, key)),
        ],
        "Missing" if named == "home_key" => vec![
            "削除されており、このキーで暗号化されたものはもう読めません。もう一方のリージョンの最新のコピーから復元してください (README「緊急時の復元」)。".into(),
        ],
        _ => vec![format!(
            "policy.toml の `{named}` が、{region} に存在し使えるキーであることを確認してください。"
        )],
    }
}

/// 拒否されたコピーに必要なキーと、その状態。
pub(super) fn asked(keys: &[KeyAsked]) -> String {
    let line = |key: &KeyAsked| {
        let state = key.state.as_deref().unwrap_or("状態は不明");
        format!("\n  ・{} ({state}):\n    {}", key.region, key.arn)
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
        "使えないと分かったキーはないため、権限の不足が考えられます。policy.toml に両方のキー (`dr_key` と、カスタマー管理キーなら `home_key`) を書いてデプロイし、ロールに許可してください。".into(),
        "両方のキーポリシーが、アカウントの IAM ポリシーによる kms:CreateGrant、kms:DescribeKey、kms:Decrypt の許可を認めているか確認してください。".into(),
    ]
}
