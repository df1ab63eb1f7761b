//! していただくことと、その理由。

use super::{backup, hosts, keys, noun};
use crate::duty::Cause;
use crate::fault::{Fault, FaultKind};
use crate::id::PointName;
use crate::names::ATTEMPTS;
use crate::notice::{Scene, commands};

pub(super) fn because(scene: &Scene<'_>, cause: &Cause) -> String {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    match cause {
        Cause::NothingTaken if scene.sonae_takes() => "取得された形跡がありません。".into(),
        Cause::NothingTaken => "取得された形跡がありません。RDS は高負荷時やメンテナンス中、\
             時間帯の変更時に自動バックアップを見送ることがあります。"
            .into(),
        Cause::DatabaseState(state) => {
            format!("{}の状態が `{state}` のため、取得されません。", noun(scene))
        }
        Cause::MemberOf(cluster) => format!(
            "クラスター `{cluster}` のメンバーです。復旧ポイントはクラスターにしかありません。"
        ),
        Cause::StillTaking(point) => format!("`{point}` はまだ取得中です。"),
        Cause::Failed(names) => {
            format!("{}回試みて失敗しました: {}", names.len(), list_of(names))
        }
        Cause::PointFailed(point) => {
            format!("`{point}` の取得そのものが失敗しており、コピーできません。")
        }
        Cause::Refused(fault) => format!("AWS が拒否しました: {fault}"),
        Cause::KeyRefused(fault, keys) => {
            format!("AWS が拒否しました: {fault}\n  必要なキー:{}", keys::asked(keys))
        }
        Cause::Waiting(fault) => format!("AWS にまだ受け付けられていません: {fault}"),
        Cause::NoPoint => "コピーする復旧ポイントがありません。".into(),
        Cause::PointGone => format!(
            "復旧ポイントは取得されましたが、{home} からなくなり (期限切れまたは削除)、{dr} にもコピーがありません。"
        ),
        Cause::Flawed(names) => format!(
            "{dr} にあるコピーは `dr_key` と別のキーか、タグ `sonae:keep-until` がありません: {}",
            list_of(names)
        ),
        Cause::NotStarted(point) => format!("`{point}` はありますが、コピーが始まっていません。"),
        Cause::JustRequested(point) => format!("`{point}` のコピーをたった今依頼しました。"),
        Cause::StillCopying { copy, state, percent } => {
            format!("`{copy}` はまだ `{state}` です ({percent} %)。")
        }
        Cause::Gone => {
            format!("コピーを依頼しましたが {dr} にありません。取り消されたか削除されています。")
        }
        Cause::HomeUnread => "元のリージョンを読み取れないため、理由は分かりません。".into(),
        Cause::Backup(cause) => backup::because(scene, cause),
        Cause::Host(cause) => hosts::because(scene, cause),
    }
}

pub(super) fn not_taken_steps(scene: &Scene<'_>, cause: &Cause) -> Vec<String> {
    if let Cause::Backup(cause) = cause {
        return backup::steps(scene, cause);
    }
    let take = take_by_hand(scene);
    match cause {
        Cause::StillTaking(_) => vec!["取得中です。お待ちください。".into()],
        Cause::DatabaseState(state) if state == "missing" => {
            vec![format!("{}が見つからないという通知の手順に従ってください。", noun(scene))]
        }
        Cause::DatabaseState(state) if state == "stopped" => {
            vec!["停止中は取得されません。稼働すべきであれば起動してください。".into(), take]
        }
        Cause::MemberOf(cluster) => vec![format!(
            "policy.toml でクラスターを対象にし (kind = \"rds-cluster\"、id = \"{cluster}\")、デプロイしてください。"
        )],
        Cause::Refused(fault) => vec![fault_step(fault), take],
        _ => vec![take],
    }
}

/// 別の日に取得したものは、この日の分になりません。
fn take_by_hand(scene: &Scene<'_>) -> String {
    if !scene.is_today() {
        return "この日の分はもう取得できません。次の分が確実に取得されるようにしてください (手順書を参照)。".into();
    }
    format!(
        "手動で取得してください。この日の分としてコピーされ、数えられます:\n{}",
        commands::take(scene)
    )
}

pub(super) fn not_landed_tried(cause: &Cause) -> &'static str {
    match cause {
        Cause::Failed(names) if names.len() < usize::from(ATTEMPTS) => {
            "次の名前でやり直し、到着したらお知らせします。"
        }
        Cause::Failed(_) => {
            "試行回数を使い切りました。失敗したコピーが削除されれば、次の確認で再開します。"
        }
        Cause::Backup(_) => backup::tried(),
        Cause::Host(_) => hosts::tried(),
        Cause::PointFailed(_) => "取り直されれば、それをコピーします。",
        Cause::PointGone => "コピーできるものが残っていません。",
        Cause::Flawed(_) => "試行回数が残っていればコピーし直し、到着したらお知らせします。",
        Cause::JustRequested(_) | Cause::StillCopying { .. } => {
            "確認を続け、到着したらお知らせします。"
        }
        _ => "再試行を続け (夜間は15分、日中は1時間ごと)、到着したらお知らせします。",
    }
}

pub(super) fn not_landed_steps(scene: &Scene<'_>, cause: &Cause) -> Vec<String> {
    let dr = &scene.policy.dr;
    match cause {
        Cause::Failed(names) => vec![
            format!("原因を確認してください ({dr} の RDS コンソール「イベント」)。"),
            format!(
                "失敗したコピーを削除してください。次の確認 (夜間15分、日中1時間以内) で自動でやり直します:\n{}",
                commands::delete(scene, dr, names)
            ),
        ],
        Cause::PointFailed(point) => vec![format!(
            "失敗したポイントを削除し、取り直してください:\n{}",
            commands::delete(scene, &scene.policy.home, std::slice::from_ref(point))
        )],
        Cause::PointGone => vec![
            format!("次の回までに、コピーが失敗した原因を確認してください ({dr} の RDS コンソール「イベント」)。"),
            take_by_hand(scene),
        ],
        Cause::Flawed(_) => vec![
            "`dr_key` を意図して変えた場合は、お待ちください。新しいキーでの全量コピーに数時間かかります。".into(),
            format!(
                "タグが外された場合は、付け直せば到着済みと数えます:\n{}",
                commands::keep_until(scene)
            ),
            "これらのコピーは削除しないでください。キーが使える限り復元できます。".into(),
        ],
        Cause::Backup(cause) => backup::steps(scene, cause),
        Cause::Host(cause) => hosts::steps(scene, cause),
        Cause::Refused(fault) => vec![fault_step(fault)],
        Cause::KeyRefused(_, keys) => keys::asked_steps(keys),
        Cause::JustRequested(_) | Cause::StillCopying { .. } => vec![
            "お待ちください。最初のコピーや、キーを変えた後のコピーは全量のため数時間かかることがあります。".into(),
            "2時間たっても進まない場合は AWS サポートへお問い合わせください。".into(),
        ],
        Cause::Gone => vec![format!(
            "誰が取り消したかを確認してください ({dr} の CloudTrail、DeleteDBSnapshot)。"
        )],
        _ => vec![format!("復旧ポイントと {dr} の RDS イベントを確認してください (手順書を参照)。")],
    }
}

fn list_of(names: &[PointName]) -> String {
    names.iter().map(PointName::as_str).collect::<Vec<_>>().join(", ")
}

pub(super) fn fault_step(fault: &Fault) -> String {
    let Fault { op, region, .. } = fault;
    match fault.kind {
        FaultKind::Denied => format!(
            "関数のロールに {region} の `{op}` を許可するか (template.yaml)、拒否している設定を探してください。"
        ),
        FaultKind::KeyUnusable => format!(
            "元のキーとコピー用のキー ({region}) を確認してください: 有効か、削除予定でないか、付与 (grant) が許可されているか。"
        ),
        FaultKind::PointsFull => format!(
            "{region} の不要な手動スナップショットを削除するか、上限を引き上げてください (Service Quotas, RDS, Manual DB instance snapshots または Manual DB cluster snapshots)。"
        ),
        FaultKind::Exists => {
            format!("{region} で同じ名前を別のものが使っています。名前を変えるか削除してください。")
        }
        FaultKind::Throttled | FaultKind::Busy | FaultKind::InFlightFull | FaultKind::Late => {
            format!(
                "一時的であれば、対応は不要です。続く場合は {region} の AWS Health Dashboard を確認してください。"
            )
        }
        FaultKind::Invalid => format!(
            "依頼そのものが受け付けられません。上の応答を確認してください。オプショングループに関する応答であれば、同じオプションのグループを {region} に作成し、この復旧ポイントを一度だけ --option-group-name を付けて手動でコピーしてください。外せる永続オプションは外してください。"
        ),
        FaultKind::Missing | FaultKind::Other => {
            format!("上の応答を確認し、{region} で `{op}` を手動で試してください。")
        }
    }
}
