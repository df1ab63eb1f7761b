//! DR での復元に足りないもの。

use super::span;
use crate::id::{AssetId, Region};
use crate::notice::{MOST_SHOWN, Scene, Text, commands};
use crate::seen::{Group, GroupKind};
use jiff::{SignedDuration, Timestamp};

pub(super) fn group_missing(scene: &Scene<'_>, group: &Group, assets: &[AssetId]) -> Text {
    let dr = &scene.policy.dr;
    let (noun, name) = (noun(group.kind), &group.name);
    let [make, list] = commands::make_group(scene, group);
    let mut todo = vec![format!("必要になる前に {dr} に作成してください:\n{make}")];
    todo.push(match group.kind {
        GroupKind::Subnets => format!(
            "使えるサブネットは次で確認できます:\n{list}\nまたは、{dr} にあるものの名前を policy.toml の `dr_subnet_group` に書いてデプロイしてください。"
        ),
        _ => format!("次で表示される値を設定してください:\n{list}"),
    });
    Text {
        headline: format!("{noun} {name} が {dr} にありません"),
        wrong: vec![
            format!(
                "次の対象の復元には{noun} `{name}` が必要ですが、{dr} に同じ名前のものがありません:"
            ),
            names(assets.iter().map(|asset| asset.to_string()), assets.len()),
            match group.kind {
                GroupKind::Subnets => "これがないと、復元先のネットワークがありません。".into(),
                GroupKind::Options => {
                    "コピーには含まれないため、復元しても必要なオプションが付きません。".into()
                }
                _ => "コピーには含まれないため、そのまま復元すると RDS の既定値で動きます。".into(),
            },
        ],
        tried: None,
        todo,
    }
}

pub(super) fn noun(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::ClusterParameters => "クラスターパラメータグループ",
        GroupKind::Parameters => "パラメータグループ",
        GroupKind::Options => "オプショングループ",
        GroupKind::Subnets => "サブネットグループ",
    }
}

/// 読める数までの名前。
fn names(each: impl Iterator<Item = String>, all: usize) -> String {
    let shown = each.take(MOST_SHOWN).collect::<Vec<_>>().join("、");
    match all.saturating_sub(MOST_SHOWN) {
        0 => shown,
        more => format!("{shown} ほか {more} 件"),
    }
}

pub(super) fn pitr_behind(
    scene: &Scene<'_>,
    latest: Option<Timestamp>,
    within: SignedDuration,
) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let state = match latest {
        Some(latest) => format!(
            "{dr} で {who} を復元できるのは {} の時点までです ({}前。方針の `dr_pitr` は {})。",
            scene.time(latest),
            span(scene.now.duration_since(latest)),
            span(within)
        ),
        None => format!(
            "方針 (`dr_pitr`) では {who} の自動バックアップが {dr} にもあるはずですが、復元できるものがありません。"
        ),
    };
    Text {
        headline: match latest {
            Some(_) => format!("{who} の自動バックアップが {dr} に届かなくなっています"),
            None => format!("{who} の自動バックアップが {dr} にありません"),
        },
        wrong: vec![
            state,
            "キーや権限を失ったときなど、RDS はこのレプリケーションを自ら止めることがあります。"
                .into(),
            "毎日のコピーとは別のもので、そちらは影響を受けません。".into(),
        ],
        tried: None,
        todo: vec![
            format!("RDS の表示を確認してください:\n{}", commands::see_pitr(scene)),
            format!(
                "原因を直してから、レプリケーションを再開してください:\n{}",
                commands::start_pitr(scene)
            ),
            "不要であれば、policy.toml から `dr_pitr` を外してください。".into(),
        ],
    }
}

pub(super) fn points_locked(
    region: &Region,
    key: &str,
    state: &str,
    points: &[(AssetId, u32)],
) -> Text {
    let all: u32 = points.iter().map(|(_, points)| points).sum();
    let each = points.iter().map(|(asset, points)| format!("{asset} ({points} 件)"));
    Text {
        headline: format!("{region} の以前の復旧ポイント {all} 件のキーが {state} です"),
        wrong: vec![
            format!("{region} にある以前の復旧ポイントを暗号化している KMS キーの状態は `{state}` です:"),
            key.to_owned(),
            names(each, points.len()),
            "このままでは復元できません。キーが削除されると、二度と復元できません。".into(),
            "新しい復旧ポイントは別のキーで暗号化されています。".into(),
        ],
        tried: None,
        todo: match state {
            "Missing" => vec![
                "キーは削除されており、これらの復旧ポイントはもう読めません。その旨を記録に残してください。保持期間を過ぎれば削除されます。".into(),
            ],
            "Disabled" | "PendingDeletion" => super::keys::mend(region, key, state, "dr_key"),
            _ => vec![format!(
                "{region} の KMS コンソールで確認してください。`{state}` の意味は KMS 開発者ガイド「Key states」にあります。"
            )],
        },
    }
}
