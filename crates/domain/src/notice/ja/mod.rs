//! 日本語。

mod backup;
mod buckets;
mod database;
mod duties;
mod hosts;
mod keys;
mod restore;
mod steps;
mod sweep;
mod system;
mod vaults;
mod watch;

use super::{Labels, Scene, Text, hours_minutes};
use crate::episode::{Kind, Subject};
use crate::finding::{Found, Rpo};
use crate::id::Family;
use jiff::SignedDuration;

pub(super) use sweep::PLAN;
pub(super) use watch::returned;

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
    match found {
        Found::NotTaken { due, cause } => duties::not_taken(scene, *due, cause),
        Found::NotLanded { due, cause } => duties::not_landed(scene, *due, cause),
        Found::AssetMissing { renamed_to: None } => database::missing(scene),
        Found::AssetMissing { renamed_to: Some(name) } => database::renamed(scene, name),
        Found::AssetReplaced { now, before } => database::replaced(scene, now, before),
        Found::BackupsOff => database::backups_off(scene),
        Found::WindowElsewhere { window, expected } => {
            database::window_elsewhere(scene, window, *expected)
        }
        Found::KeyInaccessible { status } => keys::key_inaccessible(scene, status),
        Found::DrKeyUnusable { key, state } => keys::dr_key_unusable(scene, key, state),
        Found::HomeKeyUnusable { key, state } => keys::home_key_unusable(scene, key, state),
        Found::HomeKeyUnnamed { key } => keys::home_key_unnamed(scene, key),
        Found::DrKeyManaged { key } => keys::dr_key_managed(scene, key),
        Found::Unencrypted => database::unencrypted(scene),
        Found::GroupMissing { group, assets } => restore::group_missing(scene, group, assets),
        Found::PitrBehind { latest, within } => restore::pitr_behind(scene, *latest, *within),
        Found::PointsLocked { region, key, state, points } => {
            restore::points_locked(region, key, state, points)
        }
        Found::Uncopyable { engine } => database::uncopyable(scene, engine),
        Found::QuotaShort { quota } => system::quota_short(quota),
        Found::Untagged { tag, asset } => vaults::untagged(scene, tag, asset.as_ref()),
        Found::VaultMissing { region, vault } => vaults::vault_missing(scene, region, vault),
        Found::VaultLock { region, vault, expected, found, date } => {
            vaults::vault_lock(scene, (region, vault), [*expected, *found], *date)
        }
        Found::NotOptedIn { region, type_name, assets } => {
            vaults::not_opted_in(scene, region, type_name, assets)
        }
        Found::BucketUnreplicated { gaps, rule } => {
            buckets::unreplicated(scene, gaps, rule.as_deref())
        }
        Found::ReplicationFailing { reason, objects } => buckets::failing(scene, reason, *objects),
        Found::ReplicationSlow { seconds } => buckets::slow(scene, *seconds),
        Found::ReplicationUnknown { silence } => buckets::unknown(scene, silence),
        Found::ReplicationSilent { last } => buckets::silent(scene, *last),
        Found::HostSilent { last } => hosts::silent(scene, *last),
        Found::HostBehind { seconds, gap, trouble } => {
            hosts::behind(scene, *seconds, *gap, trouble.as_deref())
        }
        Found::HostLate { job, last } => hosts::late(scene, *job, last.as_ref()),
        Found::HostPolicy { host, ours } => hosts::policy(scene, host, ours),
        Found::BeforeRule { rule } => buckets::before_rule(scene, rule),
        Found::Unreadable { fault, assets } => system::unreadable(fault, assets),
        Found::UnknownState { point, state } => system::unknown_state(scene, point, state),
        Found::JournalDown { fault } => system::journal_down(scene, fault),
        Found::NotGranted { keys } => system::not_granted(scene, keys),
        Found::Unarmed => system::unarmed(),
        Found::Unheard { topic } => system::unheard(topic),
        Found::HomeSilent { last, holdings } => watch::home_silent(scene, *last, holdings),
        Found::CopiesMissing { last, due, holdings } => {
            watch::copies_missing(scene, *last, *due, holdings)
        }
        Found::PolicyDiffers { home, dr } => watch::policy_differs(scene, home, dr),
        Found::SweepStopped { region, number, gone, all } => {
            sweep::stopped(scene, region, number, gone, *all)
        }
        Found::Undeletable { fault, points } => sweep::undeletable(scene, fault, points),
        Found::Orphaned { asset, family, points, oldest, gib } => {
            sweep::orphaned(scene, (asset, *family), *points, *oldest, *gib)
        }
        Found::NightComplete { landed, due } => duties::night_complete(scene, landed, *due),
        Found::PointLanded { met } => duties::point_landed(scene, met),
    }
}

pub(super) fn repaired(scene: &Scene<'_>) -> Text {
    let headline = mended(scene);
    let wrong = vec![format!("{headline}。"), "対応は不要です。".into()];
    Text { headline, wrong, tried: None, todo: Vec::new() }
}

fn mended(scene: &Scene<'_>) -> String {
    if scene.host().is_some() && scene.key.kind != Kind::Unreadable {
        return hosts::mended(scene, &item_or_day(scene));
    }
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    match scene.key.kind {
        Kind::NotTaken => format!("{who} の{}の復旧ポイントを確認しました", subject(scene)),
        Kind::NotLanded => format!("{who} の{}のコピーが {dr} に到着しました", subject(scene)),
        Kind::AssetMissing => format!("{} {who} を再び確認しました", noun(scene)),
        Kind::AssetReplaced => format!("{who} と復旧ポイントのデータベースが一致しました"),
        Kind::BackupsOff => format!("{who} の自動バックアップが有効になりました"),
        Kind::WindowElsewhere => format!("{who} のバックアップ時間帯が方針と一致しました"),
        Kind::KeyInaccessible => format!("{who} が KMS キーを再び使えるようになりました"),
        Kind::DrKeyUnusable => format!("{dr} の {who} 用コピーの KMS キーが使えるようになりました"),
        Kind::HomeKeyUnusable => format!("{home} の {who} の KMS キーが使えるようになりました"),
        Kind::HomeKeyUnnamed => format!("policy.toml に {who} のキーが書かれました"),
        Kind::DrKeyManaged => format!("{dr} の {who} 用コピーがカスタマー管理キーになりました"),
        Kind::Unencrypted => format!("クラスター {who} が暗号化されました"),
        Kind::GroupMissing => format!("{} が {dr} に用意されました", group(scene)),
        Kind::PitrBehind => format!("{who} の自動バックアップが再び {dr} に届いています"),
        Kind::PointsLocked => "以前の復旧ポイントのキーが使えるようになりました".into(),
        Kind::Uncopyable => format!("{who} のコピーが {dr} に到着しました"),
        Kind::QuotaShort => {
            format!("手動スナップショットの上限に余裕が戻りました ({})", quota(scene))
        }
        Kind::VaultMissing => {
            format!("バックアップボールト {} を確認しました", group(scene))
        }
        Kind::Untagged => format!("{} に再びタグが付きました", group(scene)),
        Kind::VaultLock => format!("{} のロックが方針のとおりになりました", vault_of_lock(scene)),
        Kind::NotOptedIn => {
            format!("AWS Backup で {} が有効になりました", group(scene).replacen('.', " の ", 1))
        }
        Kind::BucketUnreplicated => {
            format!("バケット {who} のレプリケーションの設定が方針のとおりになりました")
        }
        Kind::ReplicationFailing => {
            format!(
                "バケット {who} に S3 が断念したオブジェクトはなくなりました ({})",
                group(scene)
            )
        }
        Kind::ReplicationSlow => format!("バケット {who} のレプリケーションが追いつきました"),
        Kind::ReplicationUnknown => {
            format!("バケット {who} のレプリケーションを再び確かめられるようになりました")
        }
        Kind::ReplicationSilent => {
            format!("バケット {who} のレプリケーションが再び判定されています")
        }
        Kind::Unreadable => format!("{} を再び読み取れるようになりました", read(scene)),
        Kind::UnknownState => format!("{} が未知の状態ではなくなりました", scene.key.subject),
        Kind::JournalDown => "記録 (ジャーナル) を再び読み取れるようになりました".into(),
        Kind::NotGranted => format!("関数が {who} のキーを使えるようになりました"),
        Kind::Unarmed => "「確認が動いていない」アラームが有効になりました".into(),
        Kind::Unheard => format!("{} のトピックに、承認済みの購読があります", item(scene)),
        Kind::HomeSilent => format!("{home} の Sonae が動いています"),
        Kind::CopiesMissing => {
            format!("{} のコピーがすべて {dr} に到着しました", scene.key.subject)
        }
        Kind::PolicyDiffers => format!("{home} と {dr} の方針が一致しました"),
        Kind::SweepStopped => {
            format!("{} の {who} の削除対象は4分の1以下になりました", item(scene))
        }
        Kind::Undeletable => format!("{} の {who} で拒否される削除はなくなりました", item(scene)),
        Kind::Orphaned => format!("対象のない {} の復旧ポイントはなくなりました", item(scene)),
        // Of a host that has left the policy nothing is repaired.
        Kind::HostSilent | Kind::HostBehind | Kind::HostLate | Kind::HostPolicy => who.into(),
        Kind::BeforeRule | Kind::NightComplete | Kind::PointLanded | Kind::Report => {
            "正常です".into()
        }
    }
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

/// 対象の種類。
fn noun(scene: &Scene<'_>) -> &'static str {
    match scene.family() {
        Family::Instance => "インスタンス",
        Family::Cluster => "クラスター",
    }
}

fn item_or_day(scene: &Scene<'_>) -> String {
    match &scene.key.subject {
        Subject::Item(_) => item(scene),
        _ => subject(scene),
    }
}

fn subject(scene: &Scene<'_>) -> String {
    match &scene.key.subject {
        Subject::Day(day) => format!(" {day} "),
        Subject::Manual(point) => format!("手動ポイント {} ", point.name),
        other => other.to_string(),
    }
}

/// リージョン、または方針にない対象。
fn item(scene: &Scene<'_>) -> String {
    let subject = scene.key.subject.to_string();
    let item = subject.trim_start_matches("item:");
    item.split_once('.').map_or(item, |(item, _)| item).to_owned()
}

/// 件名の対象そのまま: `parameters:kaigo`。
fn group(scene: &Scene<'_>) -> String {
    scene.key.subject.to_string().trim_start_matches("item:").to_owned()
}

/// ロックの対象から: `us-west-2.sonae-dr`。
fn vault_of_lock(scene: &Scene<'_>) -> String {
    let subject = group(scene);
    subject.rsplit_once('.').map_or(subject.clone(), |(vault, _)| vault.to_owned())
}

/// `us-west-2 の ManualSnapshots`.
fn quota(scene: &Scene<'_>) -> String {
    let subject = scene.key.subject.to_string();
    subject.trim_start_matches("quota:").replacen('.', " の ", 1)
}

/// `us-west-2 の rds:DescribeDBSnapshots`.
fn read(scene: &Scene<'_>) -> String {
    scene.read().replacen('.', " の ", 1)
}

fn span(span: SignedDuration) -> String {
    match hours_minutes(span) {
        (0, minutes) => format!("{minutes}分"),
        (hours, 0) => format!("{hours}時間"),
        (hours, minutes) => format!("{hours}時間{minutes}分"),
    }
}

/// 長すぎるメールの最終行。
pub(super) fn too_long(lines: usize) -> String {
    format!("… 以下 {lines} 行は、SNS の上限を超えるため省略しました")
}

/// チャットで省いた分。
pub(super) fn rest_in_mail(lines: usize) -> String {
    format!("… 以下 {lines} 行は省略しました (全文はメールにあります)")
}
