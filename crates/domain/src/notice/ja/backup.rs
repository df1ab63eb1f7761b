//! AWS Backup が行わなかったこと。

use crate::duty::{Ended, VaultCause};
use crate::notice::{Scene, commands};
use crate::policy::{Asset, Backed};

pub(super) fn because(scene: &Scene<'_>, cause: &VaultCause) -> String {
    let Some(Backed { vault, dr_vault, .. }) = scene.asset().and_then(Asset::backed) else {
        return String::new();
    };
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    match cause {
        VaultCause::NotStarted => {
            format!("`{vault}` へのこの日のバックアップジョブが AWS Backup にありません。")
        }
        VaultCause::JobEnded(ended) if ended.state == "COMPLETED" => format!(
            "バックアップジョブが問題を残して完了したため、その復旧ポイントは数えません: {}",
            words(ended)
        ),
        VaultCause::JobEnded(ended) => {
            format!("バックアップジョブが正常に終わりませんでした: {}", words(ended))
        }
        VaultCause::Running { id, state } => {
            format!("バックアップジョブ `{id}` はまだ `{state}` です。")
        }
        VaultCause::PointLost { state: Some(state) } => {
            format!("進行中のジョブはなく、`{vault}` の復旧ポイントは `{state}` です。")
        }
        VaultCause::PointLost { state: None } => {
            format!("ジョブは終わりましたが、`{vault}` にこの日の復旧ポイントがありません。")
        }
        VaultCause::NoPoint => {
            format!("`{vault}` にコピーできるこの日の復旧ポイントがありません。")
        }
        VaultCause::PointGone => format!(
            "復旧ポイントは取得されましたが、`{vault}` ({home}) からなくなり、{dr} にもコピーがありません。"
        ),
        VaultCause::CopyNotStarted => {
            format!("復旧ポイントはありますが、`{dr_vault}` へのコピージョブがありません。")
        }
        VaultCause::CopyRefused(fault) => {
            format!("手動で取得した復旧ポイントのコピージョブを、AWS が受け付けません: {fault}")
        }
        VaultCause::CopyEnded(ended) => {
            format!("コピージョブが正常に終わりませんでした: {}", words(ended))
        }
        VaultCause::CopyStuck { id, since } => format!(
            "コピージョブ `{id}` が {} から2時間以上 `CREATED` のままです。",
            scene.time(*since)
        ),
        VaultCause::Copying { id, state } => {
            format!("コピージョブ `{id}` はまだ `{state}` です。")
        }
        VaultCause::OtherKey { copy, key } => format!(
            "`{copy}` は `{dr_vault}` にありますが、ボールトのキーで暗号化されていません: {}",
            key.as_deref().unwrap_or("キーなし")
        ),
        VaultCause::CopyLost { state: Some(state) } => {
            format!("コピーは作られましたが、`{dr_vault}` で `{state}` になっています。")
        }
        VaultCause::CopyLost { state: None } => {
            format!("コピージョブは完了していますが、`{dr_vault}` にそのコピーがありません。")
        }
    }
}

pub(super) fn tried() -> &'static str {
    "AWS Backup では取得を行わず、コピーも手動で取得したもの (policy.toml の `role`) に限ります。確認を続け (夜間は15分、日中は1時間ごと)、到着したらお知らせします。"
}

pub(super) fn steps(scene: &Scene<'_>, cause: &VaultCause) -> Vec<String> {
    let Some(backed) = scene.asset().and_then(Asset::backed) else { return Vec::new() };
    let copy = format!(
        "そのうえで、{} の最新の復旧ポイントを手動でコピーしてください (失敗したコピージョブは自動ではやり直されません):\n{}",
        backed.vault,
        commands::copy_backup(scene, backed)
    );
    match cause {
        VaultCause::NotStarted => vec![
            format!(
                "プランがあり、実行されたかを確認してください:\n{}",
                commands::list_plans(scene)
            ),
            format!(
                "リソースの種類が有効か (ResourceTypeOptInPreference) を確認してください:\n{}",
                commands::see_settings(scene)
            ),
            by_hand(scene, backed),
        ],
        VaultCause::JobEnded(ended) => vec![
            format!(
                "AWS Backup の記録を確認してください:\n{}",
                commands::see_backup_job(scene, &ended.id)
            ),
            by_hand(scene, backed),
        ],
        VaultCause::Running { id, .. } => vec![format!(
            "お待ちください。最初のバックアップは数時間かかることがあります。進まない場合は確認してください:\n{}",
            commands::see_backup_job(scene, id)
        )],
        VaultCause::CopyEnded(Ended { id, .. }) | VaultCause::CopyStuck { id, .. } => vec![
            format!(
                "AWS Backup の記録を確認し、原因を取り除いてください (キーと権限は docs/runbooks/backup-jobs.md):\n{}",
                commands::see_copy_job(scene, id)
            ),
            copy,
        ],
        VaultCause::CopyRefused(_) => vec![
            "権限が足りない場合は、home をもう一度デプロイしてください。policy.toml の `role` がパラメーター BackupRoleArns になります。確認のたびにやり直します。"
                .into(),
        ],
        VaultCause::Copying { id, .. } => vec![format!(
            "お待ちください。最初のコピーは全量のため数時間かかることがあります。進まない場合は確認してください:\n{}",
            commands::see_copy_job(scene, id)
        )],
        VaultCause::OtherKey { .. } => {
            vec!["このコピーは削除しないでください。キーが使える限り復元できます。".into(), copy]
        }
        VaultCause::PointLost { .. } | VaultCause::NoPoint | VaultCause::PointGone => vec![
            format!(
                "ボールトの中身を確認してください:\n{}",
                commands::see_points(&scene.policy.home, &backed.vault)
            ),
            by_hand(scene, backed),
        ],
        VaultCause::CopyNotStarted | VaultCause::CopyLost { .. } => vec![
            format!(
                "ボールトの中身を確認してください:\n{}",
                commands::see_points(&scene.policy.dr, &backed.dr_vault)
            ),
            copy,
        ],
    }
}

/// 別の日に取得したものは、この日の分になりません。
fn by_hand(scene: &Scene<'_>, backed: &Backed) -> String {
    if !scene.is_today() {
        return "この日の分はもう取得できません。次の分が確実に取得されるようにしてください (docs/runbooks/backup-jobs.md)。".into();
    }
    let copied = match backed.role {
        Some(_) => "コピーは Sonae が行います",
        None => {
            "プランはコピーしないので、コピーも手動で行ってください (docs/runbooks/backup-jobs.md)"
        }
    };
    format!(
        "手動で取得してください。この日の分として数えられます。{copied}:\n{}",
        commands::start_backup(scene, backed)
    )
}

fn words(ended: &Ended) -> String {
    let Ended { id, state, words } = ended;
    let words = words.as_deref().unwrap_or("AWS からの説明はありません");
    format!("`{state}`: {words} (ジョブ `{id}`)")
}
