//! 足りない復旧ポイントとコピー、そして到着。

use super::steps::{because, not_landed_steps, not_landed_tried, not_taken_steps};
use super::{hosts, subject};
use crate::duty::{Cause, Met};
use crate::id::AssetId;
use crate::notice::{MOST_SHOWN, Scene, Text};
use jiff::Timestamp;

pub(super) fn not_taken(scene: &Scene<'_>, due: Timestamp, cause: &Cause) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("{who} の{}の復旧ポイントがありません", subject(scene)),
        wrong: vec![
            format!("{who} の{}の復旧ポイントが {home} にありません。", subject(scene)),
            format!("期限: {}", scene.time(due)),
            because(scene, cause),
        ],
        tried: Some(
            "確認を続け (夜間は15分、日中は1時間ごと)、取得できたらお知らせします。".into(),
        ),
        todo: not_taken_steps(scene, cause),
    }
}

pub(super) fn not_landed(scene: &Scene<'_>, due: Timestamp, cause: &Cause) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let [headline, not_there] = match scene.host() {
        Some(_) => hosts::not_there(scene, &subject(scene)),
        None => [
            format!("{who} の{}のコピーが {dr} にありません", subject(scene)),
            format!("{who} の{}のコピーが {dr} に到着していません。", subject(scene)),
        ],
    };
    Text {
        headline,
        wrong: vec![not_there, format!("期限: {}", scene.time(due)), because(scene, cause)],
        tried: Some(not_landed_tried(cause).into()),
        todo: not_landed_steps(scene, cause),
    }
}

pub(super) fn night_complete(scene: &Scene<'_>, landed: &[(AssetId, Met)], due: Timestamp) -> Text {
    let day = subject(scene);
    let day = day.trim();
    let hosts = scene.of_hosts(landed);
    let mut wrong = Vec::from_iter(all_landed(scene, day, landed.len() - hosts));
    wrong.extend(hosts::all_stand(hosts));
    wrong.extend(late(scene, due));
    wrong.extend(recovered(landed));
    wrong.extend(landed_lines(scene, landed));
    Text {
        headline: format!("{day} の夜間バックアップ完了"), wrong, tried: None, todo: Vec::new()
    }
}

pub(super) fn point_landed(scene: &Scene<'_>, met: &Met) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    Text {
        headline: format!("{who} の{}のコピーが {dr} に到着しました", subject(scene)),
        wrong: vec![landed_line(scene, who, met)],
        tried: None,
        todo: Vec::new(),
    }
}

fn all_landed(scene: &Scene<'_>, day: &str, count: usize) -> Option<String> {
    let (home, dr) = (&scene.policy.home, &scene.policy.dr);
    (count > 0).then(|| {
        format!(
            "{day} の日次の復旧ポイントはすべて {home} で取得され、{dr} に揃っています ({count} 件中 {count} 件)。"
        )
    })
}

fn late(scene: &Scene<'_>, due: Timestamp) -> Option<String> {
    (scene.now > due).then(|| format!("期限 {} を過ぎて揃いました。", scene.time(due)))
}

fn recovered(landed: &[(AssetId, Met)]) -> Option<String> {
    let recovered = landed.iter().filter(|(_, met)| met.recovered).count();
    (recovered > 0).then(|| {
        format!(
            "うち {recovered} 件のコピーは定期確認が始めました (イベントの遅れや消失、または再試行)。"
        )
    })
}

fn landed_lines(scene: &Scene<'_>, landed: &[(AssetId, Met)]) -> Vec<String> {
    let shown = landed.iter().take(MOST_SHOWN);
    let mut lines: Vec<String> =
        shown.map(|(id, met)| landed_line(scene, id.as_str(), met)).collect();
    if landed.len() > MOST_SHOWN {
        lines.push(format!("ほか {} 件", landed.len() - MOST_SHOWN));
    }
    lines
}

fn landed_line(scene: &Scene<'_>, who: &str, met: &Met) -> String {
    let size = met.size_gib.map(|gib| format!("、{gib} GiB")).unwrap_or_default();
    let recovered = if met.recovered { "、定期確認で回復" } else { "" };
    format!("・{who}: {} のデータ{size}{recovered}\n    {}", scene.time(met.created), met.name)
}
