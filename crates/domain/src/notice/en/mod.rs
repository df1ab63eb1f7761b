//! English.

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
    critical: "CRITICAL",
    warning: "WARNING",
    info: "OK",
    repaired: "REPAIRED",
    wrong: "What",
    since: "Since",
    meaning: "What it means",
    tried: "What Sonae does",
    todo: "What to do",
    look: "Where to look",
    mended: "Repaired",
    seen_at: "saw this at",
    separator: " ",
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
    let wrong = vec![format!("Seen: {headline}."), "Nothing is left to do.".into()];
    Text { headline, wrong, tried: None, todo: Vec::new() }
}

fn mended(scene: &Scene<'_>) -> String {
    if scene.host().is_some() && scene.key.kind != Kind::Unreadable {
        return hosts::mended(scene, &item_or_day(scene));
    }
    let (who, home, dr) = (scene.who(), &scene.policy.home, &scene.policy.dr);
    match scene.key.kind {
        Kind::NotTaken => format!("the recovery point of {who} for {} is there", subject(scene)),
        Kind::NotLanded => format!("the copy of {who} for {} stands in {dr}", subject(scene)),
        Kind::AssetMissing => format!("{} {who} is there again", noun(scene)),
        Kind::AssetReplaced => format!("{who} and its recovery points are one database again"),
        Kind::BackupsOff => format!("automated backups of {who} are on"),
        Kind::WindowElsewhere => format!("backup window of {who} is where it should be"),
        Kind::KeyInaccessible => format!("{who} reaches its KMS key again"),
        Kind::DrKeyUnusable => format!("copy key of {who} in {dr} works again"),
        Kind::HomeKeyUnusable => format!("key of {who} in {home} works again"),
        Kind::HomeKeyUnnamed => format!("policy.toml names the key of {who}"),
        Kind::DrKeyManaged => format!("copy key of {who} in {dr} is your own"),
        Kind::Unencrypted => format!("cluster {who} is encrypted"),
        Kind::GroupMissing => format!("{} is in {dr}", group(scene)),
        Kind::PitrBehind => format!("automated backups of {who} reach {dr} again"),
        Kind::PointsLocked => "the key of older points works again".into(),
        Kind::Uncopyable => format!("a copy of {who} stands in {dr}"),
        Kind::QuotaShort => format!("enough of the quota is free ({})", quota(scene)),
        Kind::VaultMissing => format!("backup vault {} is there", group(scene)),
        Kind::Untagged => format!("{} carries its tag again", group(scene)),
        Kind::VaultLock => format!("lock of {} is as the policy says", vault_of_lock(scene)),
        Kind::NotOptedIn => format!("AWS Backup takes {} again", group(scene)),
        Kind::BucketUnreplicated => {
            format!("bucket {who} is set up to replicate as the policy says")
        }
        Kind::ReplicationFailing => {
            format!("{who}: none is missing now ({})", group(scene))
        }
        Kind::ReplicationSlow => format!("replication of bucket {who} is in time again"),
        Kind::ReplicationUnknown => format!("it can be told again how {who} is replicated"),
        Kind::ReplicationSilent => format!("replication of bucket {who} is judged again"),
        Kind::Unreadable => format!("{} can be read again", read(scene)),
        Kind::UnknownState => format!("{} has left its unknown state", scene.key.subject),
        Kind::JournalDown => "the journal can be read again".into(),
        Kind::NotGranted => format!("the role may use the keys of {who}"),
        Kind::Unarmed => "the alarm on a silent check is on".into(),
        Kind::Unheard => format!("somebody listens to the topic in {} again", item(scene)),
        Kind::HomeSilent => format!("Sonae in {home} speaks again"),
        Kind::CopiesMissing => format!("every copy of {} stands in {dr}", subject(scene)),
        Kind::PolicyDiffers => format!("{home} and {dr} run the same policy"),
        Kind::SweepStopped => {
            format!("no deletion of {who} in {} is stopped any more", item(scene))
        }
        Kind::Undeletable => {
            format!("no old point of {who} in {} is refused any more", item(scene))
        }
        Kind::Orphaned => format!("no point of {} is without an asset any more", item(scene)),
        // Of a host that has left the policy nothing is repaired.
        Kind::HostSilent | Kind::HostBehind | Kind::HostLate | Kind::HostPolicy => who.into(),
        Kind::BeforeRule | Kind::NightComplete | Kind::PointLanded | Kind::Report => {
            "all is well".into()
        }
    }
}

pub(super) fn rpo(scene: &Scene<'_>, rpo: &Rpo) -> String {
    let objective = span(rpo.objective);
    let dr = &scene.policy.dr;
    match rpo.age(scene.now) {
        None => format!(
            "A restore in {dr} is impossible: nothing has landed (RPO objective {objective})."
        ),
        Some(age) if age > rpo.objective => format!(
            "A restore in {dr} now would lose {} of data: beyond the RPO objective of {objective}.",
            span(age)
        ),
        Some(age) => format!(
            "A restore in {dr} now would lose {} of data (RPO objective {objective}).",
            span(age)
        ),
    }
}

/// What the asset is.
fn noun(scene: &Scene<'_>) -> &'static str {
    match scene.family() {
        Family::Instance => "instance",
        Family::Cluster => "cluster",
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
        Subject::Day(day) => day.to_string(),
        Subject::Manual(point) => format!("manual point {}", point.name),
        other => other.to_string(),
    }
}

/// The Region, or the asset that has left the policy.
fn item(scene: &Scene<'_>) -> String {
    let subject = scene.key.subject.to_string();
    let item = subject.trim_start_matches("item:");
    item.split_once('.').map_or(item, |(item, _)| item).to_owned()
}

/// `parameters:kaigo`, `us-west-2.sonae-dr`, as the subject has it.
fn group(scene: &Scene<'_>) -> String {
    scene.key.subject.to_string().trim_start_matches("item:").to_owned()
}

/// `us-west-2.sonae-dr`, of a lock's subject.
fn vault_of_lock(scene: &Scene<'_>) -> String {
    let subject = group(scene);
    subject.rsplit_once('.').map_or(subject.clone(), |(vault, _)| vault.to_owned())
}

/// `us-west-2, ManualSnapshots`.
fn quota(scene: &Scene<'_>) -> String {
    let subject = scene.key.subject.to_string();
    subject.trim_start_matches("quota:").replacen('.', ", ", 1)
}

/// `rds:DescribeDBSnapshots in us-west-2`.
fn read(scene: &Scene<'_>) -> String {
    let read = scene.read();
    read.split_once('.').map_or(read.clone(), |(region, op)| format!("{op} in {region}"))
}

fn span(span: SignedDuration) -> String {
    match hours_minutes(span) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The last line of a mail that was cut.
pub(super) fn too_long(lines: usize) -> String {
    format!("… lines left out, since SNS takes no longer message: {lines}")
}

/// The last line of what a channel gets of a long notice.
pub(super) fn rest_in_mail(lines: usize) -> String {
    format!("… lines left out here: {lines} (the mail has them)")
}
