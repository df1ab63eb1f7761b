//! 日本語。

mod steps;

use super::{Labels, MOST_SHOWN, Scene, Text, hours_minutes, short};
use crate::duty::Met;
use crate::episode::{Kind, Subject};
use crate::finding::{Found, Rpo};
use crate::id::AssetId;
use jiff::{SignedDuration, Timestamp};
use steps::{
    because, dr_key_steps, fault_step, key_steps, not_landed_steps, not_landed_tried,
    not_taken_steps, window_command,
};

pub(super) const LABELS: Labels = Labels {
    critical: "重大",
    warning: "警告",
    info: "正常",
    repaired: "復旧",
    wrong: "内容",
    since: "いつから",
    meaning: "影響",
    tried: "Sonaeの対応",
    todo: "していただくこと",
    look: "確認先",
    mended: "復旧しました",
    seen_at: "確認日時",
    separator: ": ",
};

pub(super) fn broken(scene: &Scene<'_>, found: &Found) -> Text {
    let who = scene.who();
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    match found {
        Found::NotTaken { due, cause } => Text {
            headline: format!("{who} の{}の復旧ポイントがありません", subject(scene)),
            wrong: vec![
                format!("{who} の{}の復旧ポイントが {home} にありません。", subject(scene)),
                format!("期限: {}", scene.time(*due)),
                because(scene, cause),
            ],
            tried: Some(
                "確認を続け (夜間は15分、日中は1時間ごと)、取得できたらお知らせします。".into(),
            ),
            todo: not_taken_steps(scene, cause),
        },
        Found::NotLanded { due, cause } => Text {
            headline: format!("{who} の{}のコピーが {dr} にありません", subject(scene)),
            wrong: vec![
                format!("{who} の{}のコピーが {dr} に到着していません。", subject(scene)),
                format!("期限: {}", scene.time(*due)),
                because(scene, cause),
            ],
            tried: Some(not_landed_tried(cause).into()),
            todo: not_landed_steps(scene, cause),
        },
        Found::InstanceMissing { renamed_to: None } => Text {
            headline: format!("インスタンス {who} が見つかりません"),
            wrong: vec![format!("{home} に DB インスタンス `{who}` がありません。")],
            tried: None,
            todo: vec![
                "意図した削除であれば、policy.toml から外してデプロイしてください。".into(),
                format!(
                    "意図していなければ、{dr} のコピーから復元してください (README「緊急時の復元」)。"
                ),
            ],
        },
        Found::InstanceMissing { renamed_to: Some(name) } => Text {
            headline: format!("インスタンス {who} の名前が {name} に変わっています"),
            wrong: vec![
                format!("{home} に DB インスタンス `{who}` はもうありません。"),
                format!("同じデータベース (DbiResourceId) が `{name}` という名前で存在します。"),
            ],
            tried: None,
            todo: vec![format!(
                "policy.toml の id を \"{name}\" に変えてデプロイするか、名前を元に戻してください。"
            )],
        },
        Found::InstanceReplaced { now, before } => Text {
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
        },
        Found::BackupsOff => Text {
            headline: format!("{who} の自動バックアップが無効です"),
            wrong: vec![
                format!("{who} のバックアップ保持期間が 0 日になっています。"),
                "RDS は自動の復旧ポイントを削除し、新しく取得しません。".into(),
            ],
            tried: None,
            todo: vec![format!(
                "有効にしてください。0 日からの変更ではデータベースが一時停止するため、利用の少ない時間に行ってください:\naws rds modify-db-instance --region {home} \\\n  \
                 --db-instance-identifier {who} \\\n  \
                 --backup-retention-period 7 --apply-immediately"
            )],
        },
        Found::WindowElsewhere { window, expected } => Text {
            headline: format!("{who} のバックアップ時間帯が方針と異なります"),
            wrong: vec![
                format!("RDS は {who} の復旧ポイントを {window} (UTC) の時間帯に取得します。"),
                format!("方針の時刻: {}", scene.time(*expected)),
            ],
            tried: None,
            todo: vec![format!(
                "時間帯を変更してください (RDS の指定は UTC。メンテナンス時間帯と重ねないこと):\n{}\nまたは policy.toml の `at` を実際の時間帯に合わせてください。",
                window_command(scene, *expected)
            )],
        },
        Found::KeyInaccessible { status } => Text {
            headline: format!("{who} が KMS キーを使えません"),
            wrong: vec![
                format!("{who} の状態は `{status}` です。RDS がキーを使えません。"),
                format!("{dr} のコピーは別のキーで暗号化されているため、影響を受けません。"),
            ],
            tried: None,
            todo: key_steps(scene, status),
        },
        Found::DrKeyUnusable { key, state } => Text {
            headline: format!("{dr} の {who} 用コピーの KMS キーが {state} です"),
            wrong: vec![
                format!("{dr} の KMS キーの状態は `{state}` です:"),
                key.clone(),
                "このキーではコピーの作成も復元もできません。".into(),
            ],
            tried: None,
            todo: dr_key_steps(scene, key, state),
        },
        Found::Unreadable { fault, assets } => Text {
            headline: format!("{} の {} を読み取れません", fault.region, fault.op),
            wrong: vec![
                "次の対象が正常かどうか判断できません:".into(),
                list(assets),
                format!("応答: {fault}"),
            ],
            tried: Some("ほかの対象は通常どおり確認し、再試行を続けます。".into()),
            todo: vec![fault_step(fault)],
        },
        Found::UnknownState { point, state } => Text {
            headline: format!("{who} の復旧ポイントが未知の状態 {state} です"),
            wrong: vec![format!("`{point}` の状態 `{state}` は、この版では判断できません。")],
            tried: Some("到着済みとは数えません。".into()),
            todo: vec!["コンソールで確認し、この状態を開発元へお知らせください。".into()],
        },
        Found::JournalDown { fault } => Text {
            headline: "記録 (ジャーナル) を読み取れません".into(),
            wrong: vec![
                format!("{dr} の記録が応答しません: {fault}"),
                "コピーは続けます。通知済みかどうか分からないため、通知が重複することがあります。"
                    .into(),
            ],
            tried: Some("応答するまで6時間ごとにお知らせします。".into()),
            todo: vec![fault_step(fault)],
        },
        Found::NotGranted { keys } => Text {
            headline: format!("{who} のキーを使う権限が関数にありません"),
            wrong: [
                "policy.toml の次のキーが、スタックの DrKeyArns、HomeKeyArns にありません:".into(),
            ]
            .into_iter()
            .chain(keys.iter().cloned())
            .chain(["これらのキーを使うコピーは AWS に拒否されます。".into()])
            .collect(),
            tried: None,
            todo: vec![
                "`sonae-policy params` の出力でスタックをデプロイし直してください。".into(),
            ],
        },
        Found::Unarmed => Text {
            headline: "「確認が動いていない」アラームが無効のままです".into(),
            wrong: vec![
                "スタックのパラメーター Armed が24時間以上 false のままです。".into(),
                "このまま確認が止まっても、誰にも知らされません。".into(),
            ],
            tried: None,
            todo: vec!["Armed=true でスタックをデプロイし直してください (`make deploy`)。".into()],
        },
        Found::HomeSilent { last } => Text {
            headline: format!("{home} の Sonae が動いていません"),
            wrong: vec![
                match last {
                    Some(last) => format!("最後の確認: {}", scene.time(*last)),
                    None => "確認が一度も動いていません。".into(),
                },
                format!("{home} での確認が1時間以上止まっています。{dr} から監視しています。"),
                "この間、コピーは始まらず、期限切れも通知されません。".into(),
            ],
            tried: Some("見守るだけで、何も操作しません。動き始めたらお知らせします。".into()),
            todo: vec![
                format!("{home} で障害が起きていないか AWS Health Dashboard を確認してください。"),
                "障害がなければ、手順書に従って関数 Check を確認してください。".into(),
            ],
        },
        Found::PolicyDiffers { home: theirs, dr: ours } => Text {
            headline: format!("{home} と {dr} の方針 (policy.toml) が異なります"),
            wrong: vec![
                format!("{home}: {}", short(theirs)),
                format!("{dr}: {}", short(ours)),
            ],
            tried: None,
            todo: vec!["同じ policy.toml で両方のスタックをデプロイしてください。".into()],
        },
        Found::NightComplete { landed, due } => night(scene, landed, *due),
        Found::PointLanded { met } => Text {
            headline: format!("{who} の{}のコピーが {dr} に到着しました", subject(scene)),
            wrong: vec![landed_line(scene, who, met)],
            tried: None,
            todo: Vec::new(),
        },
    }
}

pub(super) fn repaired(scene: &Scene<'_>) -> Text {
    let who = scene.who();
    let dr = &scene.policy.dr;
    let headline = match scene.key.kind {
        Kind::NotTaken => format!("{who} の{}の復旧ポイントを確認しました", subject(scene)),
        Kind::NotLanded => format!("{who} の{}のコピーが {dr} に到着しました", subject(scene)),
        Kind::InstanceMissing => format!("インスタンス {who} を再び確認しました"),
        Kind::InstanceReplaced => format!("{who} と復旧ポイントのデータベースが一致しました"),
        Kind::BackupsOff => format!("{who} の自動バックアップが有効になりました"),
        Kind::WindowElsewhere => format!("{who} のバックアップ時間帯が方針と一致しました"),
        Kind::KeyInaccessible => format!("{who} が KMS キーを再び使えるようになりました"),
        Kind::DrKeyUnusable => format!("{dr} の {who} 用コピーの KMS キーが使えるようになりました"),
        Kind::Unreadable => format!("{} を再び読み取れるようになりました", read(scene)),
        Kind::UnknownState => format!("{} が未知の状態ではなくなりました", scene.key.subject),
        Kind::JournalDown => "記録 (ジャーナル) を再び読み取れるようになりました".into(),
        Kind::NotGranted => format!("関数が {who} のキーを使えるようになりました"),
        Kind::Unarmed => "「確認が動いていない」アラームが有効になりました".into(),
        Kind::HomeSilent => format!("{} の Sonae が動いています", scene.policy.home),
        Kind::PolicyDiffers => format!("{} と {dr} の方針が一致しました", scene.policy.home),
        Kind::NightComplete | Kind::PointLanded => "正常です".into(),
    };
    let wrong = vec![format!("{headline}。"), "対応は不要です。".into()];
    Text { headline, wrong, tried: None, todo: Vec::new() }
}

pub(super) fn rpo(scene: &Scene<'_>, rpo: &Rpo) -> String {
    let objective = span(rpo.objective);
    let dr = &scene.policy.dr;
    match rpo.age(scene.now) {
        None => {
            format!("到着したコピーが一つもなく、{dr} で復元できません (RPO目標 {objective})。")
        }
        Some(age) if age > rpo.objective => format!(
            "今 {dr} で復元すると、直近 {} のデータが失われます。RPO目標 {objective} を超えています。",
            span(age)
        ),
        Some(age) => format!(
            "今 {dr} で復元すると、直近 {} のデータが失われます (RPO目標 {objective})。",
            span(age)
        ),
    }
}

fn subject(scene: &Scene<'_>) -> String {
    match &scene.key.subject {
        Subject::Day(day) => format!(" {day} "),
        Subject::Manual(point) => format!("手動ポイント {} ", point.name),
        other => other.to_string(),
    }
}

/// `us-west-2 の rds:DescribeDBSnapshots`.
fn read(scene: &Scene<'_>) -> String {
    scene.read().replacen('.', " の ", 1)
}

fn night(scene: &Scene<'_>, landed: &[(AssetId, Met)], due: Timestamp) -> Text {
    let day = subject(scene);
    let day = day.trim();
    let count = landed.len();
    let recovered = landed.iter().filter(|(_, met)| met.recovered).count();
    let mut wrong = vec![format!(
        "{day} の日次の復旧ポイントはすべて {} で取得され、{} に揃っています ({count} 件中 {count} 件)。",
        scene.policy.home, scene.policy.dr,
    )];
    if scene.now > due {
        wrong.push(format!("期限 {} を過ぎて揃いました。", scene.time(due)));
    }
    if recovered > 0 {
        wrong.push(format!(
            "うち {recovered} 件のコピーは定期確認が始めました (イベントの遅れや消失、または再試行)。"
        ));
    }
    let shown = landed.iter().take(MOST_SHOWN);
    wrong.extend(shown.map(|(id, met)| landed_line(scene, id.as_str(), met)));
    if landed.len() > MOST_SHOWN {
        wrong.push(format!("ほか {} 件", landed.len() - MOST_SHOWN));
    }
    Text {
        headline: format!("{day} の夜間バックアップ完了"), wrong, tried: None, todo: Vec::new()
    }
}

fn landed_line(scene: &Scene<'_>, who: &str, met: &Met) -> String {
    let recovered = if met.recovered { "、定期確認で回復" } else { "" };
    format!(
        "・{who}: {} のデータ、{} GiB{recovered}\n    {}",
        scene.time(met.created),
        met.size_gib,
        met.name
    )
}

fn list(assets: &[AssetId]) -> String {
    assets.iter().map(AssetId::as_str).collect::<Vec<_>>().join(", ")
}

fn span(span: SignedDuration) -> String {
    match hours_minutes(span) {
        (0, minutes) => format!("{minutes}分"),
        (hours, 0) => format!("{hours}時間"),
        (hours, minutes) => format!("{hours}時間{minutes}分"),
    }
}
