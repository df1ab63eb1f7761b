//! システムの異常: 使えないキー、読み取れないもの、止まった確認。

use super::steps::fault_step;
use crate::fault::Fault;
use crate::id::{AssetId, Family, PointName};
use crate::notice::{Scene, Text, commands};
use crate::seen::{Quota, Topic};

pub(super) fn not_granted(scene: &Scene<'_>, keys: &[String]) -> Text {
    let who = scene.who();
    Text {
        headline: format!("{who} のキーを使う権限が関数にありません"),
        wrong: ["policy.toml の次のキーが、スタックの DrKeyArns、HomeKeyArns にありません:".into()]
            .into_iter()
            .chain(keys.iter().cloned())
            .chain(["これらのキーを使うコピーは AWS に拒否されます。".into()])
            .collect(),
        tried: None,
        todo: vec!["`sonae-policy params` の出力でスタックをデプロイし直してください。".into()],
    }
}

pub(super) fn quota_short(quota: &Quota) -> Text {
    let Quota { family, region, used, max } = quota;
    let name = Quota::name(*family);
    Text {
        headline: format!("{region} の{}が上限 {max} 件中 {used} 件です", counted(*family)),
        wrong: vec![
            format!("{region} の上限 {name} は {max} 件で、現在 {used} 件あります。"),
            "コピーも手動スナップショットとして数えられ、上限に達すると次のコピーが拒否されます。"
                .into(),
        ],
        tried: None,
        todo: vec![
            format!(
                "{region} の不要な手動スナップショットを古いものから削除してください。各データベースの最新のコピーは残してください。"
            ),
            "または Service Quotas (Amazon RDS) で上限を引き上げてください。".into(),
        ],
    }
}

/// 上限が数えるもの。
fn counted(family: Family) -> &'static str {
    match family {
        Family::Instance => "手動スナップショット",
        Family::Cluster => "手動クラスタースナップショット",
    }
}

pub(super) fn unarmed() -> Text {
    Text {
        headline: "「確認が動いていない」アラームが無効のままです".into(),
        wrong: vec![
            "スタックのパラメーター Armed が24時間以上 false のままです。".into(),
            "このまま確認が止まっても、誰にも知らされません。".into(),
        ],
        tried: None,
        todo: vec!["Armed=true でスタックをデプロイし直してください (`make deploy`)。".into()],
    }
}

pub(super) fn unheard(topic: &Topic) -> Text {
    let Topic { arn, region, pending, .. } = topic;
    let waiting = match pending {
        0 => "承認待ちの購読もありません。".to_owned(),
        n => format!("{n} 件が承認待ちです (AWS からのメールのリンク)。"),
    };
    Text {
        headline: format!("{region} のトピックの通知が誰にも届きません"),
        wrong: vec![
            format!("{region} の SNS トピックに、承認済みの購読がありません:"),
            arn.clone(),
            waiting,
            "そこへ送られる通知とアラームは誰にも届きません。この通知は両方のトピックに送りました。".into(),
        ],
        tried: Some("1日1回、08:00 に確認します。".into()),
        todo: vec![format!(
            "宛先を登録し、届いたメールで承認してください:\n{}",
            commands::subscribe(topic)
        )],
    }
}

pub(super) fn unreadable(fault: &Fault, assets: &[AssetId]) -> Text {
    Text {
        headline: format!("{} の {} を読み取れません", fault.region, fault.op),
        wrong: vec![concerned(fault, assets), format!("応答: {fault}")],
        tried: Some("ほかの対象は通常どおり確認し、再試行を続けます。".into()),
        todo: vec![fault_step(fault)],
    }
}

pub(super) fn unknown_state(scene: &Scene<'_>, point: &PointName, state: &str) -> Text {
    let who = scene.who();
    Text {
        headline: format!("{who} の復旧ポイントが未知の状態 {state} です"),
        wrong: vec![format!("`{point}` の状態 `{state}` は、この版では判断できません。")],
        tried: Some("到着済みとは数えません。".into()),
        todo: vec!["コンソールで確認し、この状態を開発元へお知らせください。".into()],
    }
}

pub(super) fn journal_down(scene: &Scene<'_>, fault: &Fault) -> Text {
    let dr = &scene.policy.dr;
    Text {
        headline: "記録 (ジャーナル) を読み取れません".into(),
        wrong: vec![
            format!("{dr} の記録が応答しません: {fault}"),
            "コピーは続けます。通知済みかどうか分からないため、通知が重複することがあります。"
                .into(),
        ],
        tried: Some("応答するまで6時間ごとにお知らせします。".into()),
        todo: vec![fault_step(fault)],
    }
}

/// 対象のない読み取りは、リージョン全体のものです。
fn concerned(fault: &Fault, assets: &[AssetId]) -> String {
    match assets {
        [] => format!("{} の上限をどれだけ使っているか判断できません。", fault.region),
        assets => format!("次の対象が正常かどうか判断できません:\n  {}", list(assets)),
    }
}

fn list(assets: &[AssetId]) -> String {
    assets.iter().map(AssetId::as_str).collect::<Vec<_>>().join(", ")
}
