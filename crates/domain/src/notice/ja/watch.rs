//! dr の監視役が知らせること: home が動いていないこと、そのとき手元にあるもの。

use super::span;
use crate::id::Region;
use crate::notice::{MOST_HELD, Scene, Text, short};
use crate::watch::{Holding, Holdings, Newest};
use jiff::Timestamp;

pub(super) fn home_silent(scene: &Scene<'_>, last: Option<Timestamp>, holdings: &Holdings) -> Text {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    let mut wrong = vec![
        last_check(scene, last),
        format!("{home} での確認が1時間以上止まっています。{dr} から監視しています。"),
        format!(
            "この間、コピーは始まりません。期限は、毎日のコピーの到着だけを {dr} から監視します。"
        ),
        format!("{dr} にある各対象の最新のコピー (悪い順):"),
    ];
    wrong.extend(held(scene, holdings));
    Text {
        headline: format!("{home} の Sonae が動いていません"),
        wrong,
        tried: Some("見守るだけで、何も操作しません。動き始めたらお知らせします。".into()),
        todo: vec![
            format!("{home} で障害が起きていないか AWS Health Dashboard を確認してください。"),
            restore(home),
            "障害がなければ、手順書に従って関数 Check を確認してください。".into(),
        ],
    }
}

pub(super) fn copies_missing(
    scene: &Scene<'_>,
    last: Option<Timestamp>,
    due: Timestamp,
    holdings: &Holdings,
) -> Text {
    let (home, dr, day) = (&scene.policy.home, &scene.policy.dr, &scene.key.subject);
    let who = match holdings.overdue().collect::<Vec<_>>().as_slice() {
        [one] => format!("{} の", one.asset),
        all => format!("対象 {} 件の", all.len()),
    };
    let mut wrong = vec![
        format!("{who} {day} のコピーが {dr} にありません。"),
        format!("期限: {}", scene.time(due)),
        format!("{home} の Sonae は動いていません。{}", last_check(scene, last)),
        "代わりに復元できるもの (悪い順):".into(),
    ];
    wrong.extend(held(scene, holdings));
    Text {
        headline: format!("{who} {day} のコピーがなく、home も動いていません"),
        wrong,
        tried: Some(format!(
            "見守るだけで、何も操作しません。{home} が動き始めれば、その確認が引き継ぎます。"
        )),
        todo: vec![
            restore(home),
            format!(
                "{home} の Sonae だけが止まっている場合は、通知 home-silent に従って直してください。次の確認が、足りないコピーを始めます。"
            ),
        ],
    }
}

/// home が再び動き、その先は home が知らせます。
pub(in crate::notice) fn returned(scene: &Scene<'_>) -> Text {
    let (home, day) = (&scene.policy.home, &scene.key.subject);
    Text {
        headline: format!("{day} のコピーの監視を {home} に戻しました"),
        wrong: vec![
            format!("{home} の Sonae が再び動いています。以後は {home} の確認が引き継ぎます。"),
            format!(
                "{day} の足りないコピーは、{home} が1時間以内に始め (`catch_up` の範囲)、結果をお知らせします。"
            ),
        ],
        tried: None,
        todo: Vec::new(),
    }
}

pub(super) fn policy_differs(scene: &Scene<'_>, theirs: &str, ours: &str) -> Text {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    Text {
        headline: format!("{home} と {dr} の方針 (policy.toml) が異なります"),
        wrong: vec![format!("{home}: {}", short(theirs)), format!("{dr}: {}", short(ours))],
        tried: None,
        todo: vec!["同じ policy.toml で両方のスタックをデプロイしてください。".into()],
    }
}

fn restore(home: &Region) -> String {
    format!(
        "{home} が失われた場合は、上のコピーから復元するか判断してください。手順は `sonae-policy restore` で印刷したページ (docs/emergency-restore.ja.md) です。"
    )
}

fn last_check(scene: &Scene<'_>, last: Option<Timestamp>) -> String {
    match last {
        Some(last) => format!("最後の確認: {}", scene.time(last)),
        None => "確認が一度も動いていません。".into(),
    }
}

fn held(scene: &Scene<'_>, holdings: &Holdings) -> Vec<String> {
    let shown = holdings.known.iter().take(MOST_HELD);
    let mut lines: Vec<String> = shown.map(|holding| line(scene, holding)).collect();
    if holdings.known.len() > MOST_HELD {
        lines.push(format!("ほか {} 件", holdings.known.len() - MOST_HELD));
    }
    if let Some((asset, fault)) = holdings.unread.first() {
        let others = match holdings.unread.len() {
            1 => String::new(),
            n => format!(" ほか {} 件", n - 1),
        };
        lines.push(format!("・読み取れないため不明: {asset}{others}\n    {fault}"));
    }
    lines
}

fn line(scene: &Scene<'_>, holding: &Holding) -> String {
    let Holding { asset, newest, objective, due } = holding;
    let objective = span(*objective);
    let due = due.map(|due| format!("、期限 {}", scene.time(due))).unwrap_or_default();
    match newest {
        None => format!("・{asset}: 復元できるコピーがありません (RPO目標 {objective}){due}"),
        Some(Newest { name, created: None }) => format!(
            "・{asset}: いつのデータか不明 (タグ sonae:created なし、RPO目標 {objective}){due}\n    {name}"
        ),
        Some(Newest { name, created: Some(created) }) => {
            let age = span(scene.now.duration_since(*created));
            let over = if holding.is_too_old(scene.now) { "を超過" } else { "" };
            format!("・{asset}: {age}前のデータ (RPO目標 {objective}{over}){due}\n    {name}")
        }
    }
}
