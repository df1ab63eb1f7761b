//! データベースそのものの異常。

use super::noun;
use crate::notice::{Scene, Text, commands};
use jiff::Timestamp;

pub(super) fn missing(scene: &Scene<'_>) -> Text {
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    Text {
        headline: format!("{} {who} が見つかりません", noun(scene)),
        wrong: vec![format!("{home} に DB {} `{who}` がありません。", noun(scene))],
        tried: None,
        todo: vec![
            "意図した削除であれば、policy.toml から外してデプロイしてください。".into(),
            format!(
                "意図していなければ、{dr} のコピーから復元してください (README「緊急時の復元」)。"
            ),
        ],
    }
}

pub(super) fn renamed(scene: &Scene<'_>, name: &str) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("{} {who} の名前が {name} に変わっています", noun(scene)),
        wrong: vec![
            format!("{home} に DB {} `{who}` はもうありません。", noun(scene)),
            format!(
                "同じデータベース (リソース ID が同じもの) が `{name}` という名前で存在します。"
            ),
        ],
        tried: None,
        todo: vec![format!(
            "policy.toml の id を \"{name}\" に変えてデプロイするか、名前を元に戻してください。"
        )],
    }
}

pub(super) fn replaced(scene: &Scene<'_>, now: &str, before: &str) -> Text {
    let who = scene.who();
    Text {
        headline: format!("{who} は復旧ポイントと別のデータベースです"),
        wrong: vec![
            format!("現在の {who} は `{now}` ですが、"),
            format!("最新の復旧ポイントは `{before}` のものです。"),
            "同じ名前で復元、入れ替え、または再作成されています。".into(),
        ],
        tried: Some("新しいデータベースの最初の復旧ポイントが取得されれば解消します。".into()),
        todo: vec![
            "意図した操作であれば、対応は不要です。今日の分が必要なら手動で取得してください。".into(),
            "意図していなければ、誰が行ったかを確認し、以前の復旧ポイントを削除せずに残してください。"
                .into(),
        ],
    }
}

pub(super) fn backups_off(scene: &Scene<'_>) -> Text {
    let who = scene.who();
    Text {
        headline: format!("{who} の自動バックアップが無効です"),
        wrong: vec![
            format!("{who} のバックアップ保持期間が 0 日になっています。"),
            "RDS は自動の復旧ポイントを削除し、新しく取得しません。".into(),
        ],
        tried: None,
        todo: vec![format!(
            "有効にしてください。0 日からの変更ではデータベースが一時停止するため、利用の少ない時間に行ってください:\n{}",
            commands::backups_on(scene)
        )],
    }
}

pub(super) fn window_elsewhere(scene: &Scene<'_>, window: &str, expected: Timestamp) -> Text {
    let who = scene.who();
    Text {
        headline: format!("{who} のバックアップ時間帯が方針と異なります"),
        wrong: vec![
            format!("RDS は {who} の復旧ポイントを {window} (UTC) の時間帯に取得します。"),
            format!("方針の時刻: {}", scene.time(expected)),
        ],
        tried: None,
        todo: vec![format!(
            "時間帯を変更してください (RDS の指定は UTC。メンテナンス時間帯と重ねないこと):\n{}\nまたは policy.toml の `at` を実際の時間帯に合わせてください。",
            commands::move_window(scene, expected)
        )],
    }
}

pub(super) fn unencrypted(scene: &Scene<'_>) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("クラスター {who} が暗号化されていません"),
        wrong: vec![
            format!("{who} が暗号化されていないため、復旧ポイントも {dr} のコピーも暗号化されません。"),
            "RDS はクラスターのスナップショットをコピー時に暗号化できません。`dr_key` は使われません。"
                .into(),
        ],
        tried: Some("キーなしでコピーを続け、到着したものとして数えます。".into()),
        todo: vec![
            "スナップショットを、KMS キーを指定して新しいクラスターに復元し、そちらへ移行してください。"
                .into(),
        ],
    }
}

pub(super) fn uncopyable(scene: &Scene<'_>, engine: &str) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{who} の復旧ポイントは AWS がコピーできない可能性があります"),
        wrong: vec![
            format!("{who} は Aurora ではない、マルチ AZ DB クラスターです (エンジン `{engine}`)。"),
            "RDS ユーザーガイドでは、スナップショットのコピーは非対応の機能に挙げられています。".into(),
        ],
        tried: Some(format!(
            "それでもコピーを依頼し、{dr} に到着すればこの警告を取り下げます。拒否されたときはお知らせします。"
        )),
        todo: vec![
            format!("コピーが到着するまで、{who} は {dr} で復元できません。"),
            "別の方法 (レプリケーションされるバケットへの論理ダンプなど) で守るか、マルチ AZ DB インスタンスまたは Aurora への移行を検討してください。".into(),
        ],
    }
}
