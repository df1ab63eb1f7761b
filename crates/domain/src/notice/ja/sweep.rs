//! 削除するもの、しないもの、誰も必要としないもの。

use super::steps::fault_step;
use crate::fault::Fault;
use crate::id::{Family, PointName, Region};
use crate::notice::plan::Words;
use crate::notice::{MOST_SHOWN, Scene, Text, commands};
use crate::policy::Orphans;
use crate::sweep::{Kept, Why, cost_at_most};
use jiff::Timestamp;

pub(super) fn stopped(
    scene: &Scene<'_>,
    region: &Region,
    number: &str,
    gone: &[(PointName, Timestamp)],
    all: usize,
) -> Text {
    let (who, count) = (scene.who(), gone.len());
    let mut wrong = vec![
        format!("{region} にある {who} の復旧ポイント {all} 件のうち {count} 件が保持期限を過ぎています。"),
        "全体の4分の1を超えるため、1件も削除していません。`keep` を変えた直後や、\n  しばらく削除が動いていなかった後なら正しい場合があります。対象:".into(),
    ];
    wrong.extend(
        gone.iter().take(MOST_SHOWN).map(|(name, at)| format!("- {name} ({})", scene.time(*at))),
    );
    wrong.extend((count > MOST_SHOWN).then(|| format!("- ほか {} 件", count - MOST_SHOWN)));
    Text {
        headline: format!("{region} の {who} の {all} 件中 {count} 件の削除を止めました"),
        wrong,
        tried: Some("ほかの対象は通常どおり削除し、この対象は承認を待ちます。".into()),
        todo: vec![
            stay(scene).into(),
            format!(
                "削除してよい場合は、次のコマンドで承認してください。番号はこの一覧だけに有効です。その日の番号は `sonae-sweep --plan` で分かります。\n{}",
                commands::approve(scene, number)
            ),
        ],
    }
}

/// 残す方法。
fn stay(scene: &Scene<'_>) -> &'static str {
    match scene.asset() {
        Some(_) => "残す場合は、policy.toml でこの対象の `keep` を長くしてデプロイしてください。",
        None => {
            "残す場合は、対象を policy.toml に戻すか、`[sweep]` に `orphans = \"report\"` と書いてデプロイしてください。"
        }
    }
}

pub(super) fn undeletable(scene: &Scene<'_>, fault: &Fault, points: &[PointName]) -> Text {
    let (who, count, region) = (scene.who(), points.len(), &fault.region);
    let mut wrong = vec![format!("保持期限を過ぎた復旧ポイントを削除できませんでした: {fault}")];
    wrong.extend(points.iter().take(MOST_SHOWN).map(|name| format!("- {name}")));
    wrong.extend((count > MOST_SHOWN).then(|| format!("- ほか {} 件", count - MOST_SHOWN)));
    Text {
        headline: format!("{region} の {who} の古い復旧ポイント {count} 件を削除できません"),
        wrong,
        tried: Some(
            "毎日再試行します。それまでは料金がかかり、上限の件数にも数えられます。".into(),
        ),
        todo: vec![fault_step(fault)],
    }
}

pub(super) fn orphaned(
    scene: &Scene<'_>,
    (asset, family): (&str, Family),
    points: usize,
    oldest: Option<Timestamp>,
    gib: i64,
) -> Text {
    let noun = match family {
        Family::Instance => "インスタンス",
        Family::Cluster => "クラスター",
    };
    let mut wrong = vec![format!(
        "タグ `sonae:asset = {asset}` の復旧ポイントが {points} 件ありますが、policy.toml に{noun} `{asset}` はありません。"
    )];
    wrong.extend(oldest.map(|at| format!("最も古いデータの時刻: {}", scene.time(at))));
    wrong.extend((gib > 0).then(|| {
        format!(
            "費用は多くて月 {} USD です (割り当て {gib} GiB。スナップショットは増分です)。",
            cost_at_most(gib)
        )
    }));
    let (tried, rid) = match scene.policy.orphans {
        Orphans::Report => (
            "削除しません (方針が `orphans = \"report\"`、または未指定のため)。",
            "不要な場合は手で削除するか、`[sweep]` に `orphans = \"delete\"` を書いてください。",
        ),
        Orphans::Delete => (
            "最新のコピーから2週間たつと、dr のコピーのうち期限を過ぎたものを削除します。最新の3件は残ります。",
            "残る3件も不要な場合は、手で削除してください。",
        ),
    };
    Text {
        headline: format!("policy.toml にない {asset} の復旧ポイントが {points} 件あります"),
        wrong,
        tried: Some(tried.into()),
        todo: vec![
            "誤って方針から外した場合は、元に戻してください。".into(),
            rid.into(),
            "一覧は `sonae-sweep --plan` で確認できます。".into(),
        ],
    }
}

pub(in crate::notice) const PLAN: Words = Words {
    title: "削除計画",
    lot: |all, gone| format!("{all} 件のうち {gone} 件を削除"),
    stopped: "。4分の1を超えるため、承認されるまで削除しません:",
    delete: "削除",
    keep: "保持",
    kept: |kept| match kept {
        Kept::Until(_) => "保持期限内",
        Kept::Last(_) => "日・週・月の最後の1件",
        Kept::Floor => "最新のもの (`floor`)",
        Kept::CatchUp => "消すと再びコピーされる新しさ (`catch_up`)",
        Kept::Needed => "進行中のコピーに必要",
        Kept::NoNewer => "これより新しいコピーが dr にない",
        Kept::State(_) => "利用可能な状態でない",
        Kept::Unclear => "時刻または `sonae:keep-until` を読み取れない",
        Kept::Key => "dr のキーが使えない、または確認できない",
    },
    why: |why| match why {
        Why::NotInPolicy => "policy.toml にない",
        Why::Failed => "失敗したコピー",
        Why::OfAnotherSystem => "別の `system` のもの",
        Why::Replaced => "以前この名前だったデータベースのもの",
        Why::ByHand => "Sonae のタグを付けて手で作られた",
    },
    orphans: "どの対象にも属さない、Sonae のタグの付いた復旧ポイント:",
    left_alone: "削除しません (`orphans = \"report\"`)",
    may_be_deleted: "上の一覧にあるものだけ削除します (`orphans = \"delete\"`)",
    no_time: "時刻不明",
    unread: "読み取れないため計画できません:",
    nothing: "Sonae の復旧ポイントはありません",
    sum: |gone, stopped, orphans, usd| {
        format!("削除 {gone} 件、停止 {stopped} 件、対象なし {orphans} 件 (多くて月 {usd} USD)")
    },
};
