//! `sonae-agent` がバックアップする PostgreSQL ホスト。

use crate::duty::HostCause;
use crate::episode::Kind;
use crate::host::run::{How, Job};
use crate::host::wal::Segment;
use crate::notice::{Scene, Text, commands, short};
use crate::policy::Host;
use jiff::Timestamp;

/// What is not there: headline and first line.
pub(super) fn not_there(scene: &Scene<'_>, day: &str) -> [String; 2] {
    let (who, bucket) = (scene.who(), bucket(scene));
    [
        format!("{who} の{day}のフルバックアップがバケットにありません"),
        format!("{who} の{day}のフルバックアップが `{bucket}` にありません。"),
    ]
}

pub(super) fn tried() -> &'static str {
    "ホストには何もしません。エージェントが少なくとも1時間ごとに自分でやり直します。15分ごとに確認し、到着したらお知らせします。"
}

fn status() -> String {
    format!("ホストで状態を確認してください:\n{}", commands::see_host())
}

pub(super) fn because(scene: &Scene<'_>, cause: &HostCause) -> String {
    match cause {
        HostCause::Silent(None) => "エージェントからの連絡が一度もありません。".into(),
        HostCause::Silent(Some(last)) => {
            format!("エージェントからの連絡が {} を最後に途絶えています。", scene.time(*last))
        }
        HostCause::NotMade(None) => {
            "エージェントは動いていますが、取得が試みられていません。".into()
        }
        HostCause::NotMade(Some(how)) => format!("取得できませんでした。{}", ended(how)),
        HostCause::NotInBucket(label) => format!(
            "ホストでは `{label}` が取得されていますが、そのマニフェストがバケットにありません。"
        ),
    }
}

pub(super) fn steps(scene: &Scene<'_>, cause: &HostCause) -> Vec<String> {
    match cause {
        HostCause::Silent(_) => silent_steps(scene),
        HostCause::NotMade(_) => vec![
            status(),
            format!("原因を取り除いたら、取得してください:\n{}", commands::run_again(Job::Full)),
        ],
        HostCause::NotInBucket(_) => vec![
            status(),
            format!("バケットへ送れない理由を確認してください:\n{}", commands::see_mirror()),
        ],
    }
}

pub(super) fn silent(scene: &Scene<'_>, last: Option<Timestamp>) -> Text {
    let (who, bucket) = (scene.who(), bucket(scene));
    let since = match last {
        Some(last) => format!(
            "{who} のエージェントからの連絡が {} を最後に途絶えています。",
            scene.time(last)
        ),
        None => format!("{who} のエージェントからの連絡が一度もありません。"),
    };
    Text {
        headline: format!("ホスト {who} から連絡がありません"),
        wrong: vec![
            since,
            format!(
                "バックアップされているかどうか確かめられません。ホストが止まっている間、`{bucket}` には何も届きません。"
            ),
        ],
        tried: Some("15分ごとに確認し、連絡が戻ったらお知らせします。".into()),
        todo: silent_steps(scene),
    }
}

fn silent_steps(scene: &Scene<'_>) -> Vec<String> {
    let mut steps = vec![
        "ホストが動いているか、ネットワークにつながっているか、記録 (ジャーナル) のバケットに書き込めるかを確認してください。".into(),
        format!("エージェントが動いているか確認してください:\n{}", commands::see_agent()),
    ];
    steps.extend(scene.host().map(|host| {
        format!(
            "ホストが失われた場合は、別のホストで復元してください (手順書):\n{}",
            commands::restore_host(host)
        )
    }));
    steps
}

pub(super) fn behind(
    scene: &Scene<'_>,
    seconds: i64,
    gap: Option<Segment>,
    trouble: Option<&str>,
) -> Text {
    let (who, bucket) = (scene.who(), bucket(scene));
    let objective = scene.host().map_or(0, |host| host.rpo.as_secs());
    let headline = match gap {
        Some(_) => format!("{who} のバケットの WAL が途中で欠けています"),
        None => format!("{who} のバケットが {seconds} 秒遅れています"),
    };
    let mut wrong = vec![format!(
        "今ホストが失われると、直近 {seconds} 秒のコミットが失われます (RPO目標 {objective} 秒)。"
    )];
    if let Some(gap) = gap {
        wrong = vec![format!(
            "WAL のセグメント `{gap}` が `{bucket}` になく、後のものはあります。これより後の時点には、バケットから復元できません。"
        )];
    }
    wrong.extend(trouble.map(|trouble| format!("エージェントの報告: {trouble}")));
    let todo = match gap {
        Some(_) => vec![
            status(),
            format!(
                "ホストにもそのセグメントがない場合は、フルバックアップからやり直してください:\n{}",
                commands::run_again(Job::Full)
            ),
        ],
        None => {
            vec![status(), format!("ミラーのログを確認してください:\n{}", commands::see_mirror())]
        }
    };
    let tried =
        Some("エージェントが自分で続けます。15分ごとに確認し、追いついたらお知らせします。".into());
    Text { headline, wrong, tried, todo }
}

pub(super) fn late(scene: &Scene<'_>, job: Job, last: Option<&How>) -> Text {
    let (who, name) = (scene.who(), job.in_japanese());
    let why = match last {
        Some(how) => ended(how),
        None => "試みられていません。タイマーが止まっている可能性があります。".into(),
    };
    Text {
        headline: format!("{who} の{name}が成功していません"),
        wrong: vec![format!("予定の時刻を過ぎても、{who} の{name}が成功していません。"), why],
        tried: Some(
            "エージェントが少なくとも1時間ごとに自分でやり直します。成功したらお知らせします。"
                .into(),
        ),
        todo: vec![
            status(),
            "タイマーが動いているか確認してください:\n  systemctl status sonae-agent-due.timer"
                .into(),
            format!("原因を取り除いたら、実行してください:\n{}", commands::run_again(job)),
        ],
    }
}

fn ended(how: &How) -> String {
    match how {
        How::Succeeded { detail } => format!("前回は成功しました ({detail})。"),
        How::Failed { why } => format!("前回の失敗の理由: {why}"),
        How::Killed => "前回は途中で止められました。".into(),
    }
}

pub(super) fn policy(scene: &Scene<'_>, host: &str, ours: &str) -> Text {
    let (who, home) = (scene.who(), &scene.policy.home);
    Text {
        headline: format!("{who} の方針が Sonae のものと違います"),
        wrong: vec![
            format!("{who} の policy.toml が、{home} の Sonae のものと一致しません。"),
            format!("{who}: {}、{home}: {}", short(host), short(ours)),
        ],
        tried: Some("ホストは関数の方針で判定しています。".into()),
        todo: vec![format!(
            "デプロイしたものと同じ policy.toml をホストに置いてください。エージェントは次の起動時に読み込みます:\n{}",
            commands::restart_mirror()
        )],
    }
}

pub(super) fn mended(scene: &Scene<'_>, subject: &str) -> String {
    let (who, bucket) = (scene.who(), bucket(scene));
    match scene.key.kind {
        Kind::HostSilent => format!("{who} のエージェントから再び連絡がありました"),
        Kind::HostBehind => format!("{who} のバケットが追いつきました"),
        Kind::HostLate => {
            let job = Job::ALL.into_iter().find(|job| job.word() == subject);
            let name: &str = job.map_or(subject, |job| job.in_japanese());
            format!("{who} の{name}が成功しました")
        }
        Kind::HostPolicy => format!("{who} の方針が一致しました"),
        _ => format!("{who} の{subject}のフルバックアップが `{bucket}` に到着しました"),
    }
}

fn bucket<'s>(scene: &'s Scene<'_>) -> &'s str {
    scene.host().map_or("-", |host: &Host| host.bucket.as_str())
}

/// ホストのフルバックアップがバケットに揃っていること。
pub(super) fn all_stand(count: usize) -> Option<String> {
    (count > 0).then(|| {
        format!("PostgreSQL ホストのフルバックアップはすべてバケットに揃っています ({count} 件中 {count} 件)。")
    })
}
