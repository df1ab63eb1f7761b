//! A policy read aloud: what it means, not how it is written.

use domain::day;
use domain::id::Family;
use domain::policy::{
    Asset, Backed, Bucket, Host, Keep, Manual, Orphans, Periods, Policy, Repair, Reporting,
    Resource, Rule, TakenBy, TellSuccess,
};
use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::fmt::Write;

/// The policy's meaning, a few lines per asset.
pub fn aloud(policy: &Policy) -> String {
    let Policy { system, home, dr, zone_name, notify, assets, hash, .. } = policy;
    let mut text = format!("{system}: {home} -> {dr}, times in {zone_name}\n");
    let told = match notify.tell_success {
        TellSuccess::Night => "one notice when a night is complete",
        TellSuccess::Each => "one notice per asset and night",
        TellSuccess::Never => "no good news",
    };
    let people = notify.email.join(", ");
    _ = writeln!(
        text,
        "tells {people} (the template subscribes the first): every break and repair, {told}"
    );
    if let Some(urgent) = &notify.urgent {
        _ = writeln!(
            text,
            "tells {urgent} what is critical: no repair, no warning, no alarm of CloudWatch"
        );
    }
    _ = writeln!(text, "{}", reported(policy));
    if let Some(watchdog) = &policy.watchdog {
        _ = writeln!(
            text,
            "pings the watchdog at {} after every look that left nothing undone (period 1 hour, grace 30 minutes)",
            watchdog.host()
        );
    }
    for asset in assets {
        _ = writeln!(text, "\n{}", of_asset(policy, asset));
    }
    for bucket in &policy.buckets {
        _ = writeln!(text, "\n{}", of_bucket(policy, bucket));
    }
    for host in &policy.hosts {
        _ = writeln!(text, "\n{}", of_host(host));
    }
    for family in [Family::Instance, Family::Cluster] {
        text.push_str(&steady(policy, family));
    }
    let orphans = match policy.orphans {
        Orphans::Report => "told and left alone",
        Orphans::Delete => "deleted once past their day, but for the newest three of each",
    };
    _ = writeln!(text, "copies of what has left this policy are {orphans}");
    let short: String = hash.chars().take(12).collect();
    _ = writeln!(
        text,
        "\n{} asset(s), no problems (policy {short})",
        assets.len() + policy.buckets.len() + policy.hosts.len()
    );
    text
}

fn of_host(host: &Host) -> String {
    let days = |span: SignedDuration| span.as_hours() / 24;
    let Host { id, bucket, full, differential, logical, .. } = host;
    format!(
        "{id} (postgres-host)\n  full at {} kept {} days, differential every {} h kept {} days, {} fulls are left whatever \
         their age\n  dumps on {:?} at {} kept {} days; verified at {}\n  any moment of the last {} days can be restored; before \
         that the end of each backup\n  the bucket {bucket} may be {} s behind (segments close after {} s); a restore may take \
         {} min\n  sonae-agent backs it up; the check sees each day's full in the bucket by {}, and tells when the host is silent for \
         an hour",
        full.at.strftime("%H:%M"),
        days(full.keep),
        differential.hours,
        days(differential.keep),
        host.floor,
        logical.on,
        logical.at.strftime("%H:%M"),
        days(logical.keep),
        host.verify.strftime("%H:%M"),
        days(host.wal_keep),
        host.rpo.as_secs(),
        host.archive_timeout().as_secs(),
        host.rto.as_mins(),
        host.landed_by.strftime("%H:%M"),
    )
}

/// What the report of a day looks for beside the assets.
fn reported(policy: &Policy) -> String {
    let when = match policy.notify.report {
        Reporting::Daily => "a report every day at 08:00",
        Reporting::Problems => "a report of 08:00 where something is wrong",
    };
    let strangers = match &policy.discover.tag {
        Some((key, value)) => format!("databases with the tag {key}={value}"),
        None => "all databases".to_owned(),
    };
    format!("{when}; it names {strangers} of {} that are not below", policy.home)
}

fn of_asset(policy: &Policy, asset: &Asset) -> String {
    match asset.backed() {
        Some(backed) => of_backup(policy, asset, backed),
        None => of_database(policy, asset),
    }
}

fn of_backup(policy: &Policy, asset: &Asset, backed: &Backed) -> String {
    let Asset { id, since, catch_up, .. } = asset;
    let Backed { resource, vault, dr_vault, started_by, lock, role } = backed;
    let Policy { home, dr, .. } = policy;
    let arn = match resource {
        Resource::FileSystem(_) => String::new(),
        Resource::Arn(arn) => format!("\n  {arn}"),
        Resource::Tagged(key, value) => {
            format!("\n  each resource in {home} that carries the tag {key}={value}")
        }
    };
    let by_hand = match role {
        Some(role) => format!(
            "points taken by hand are copied with {role}\n  and must land within {}",
            span(asset.manual_within)
        ),
        None => "points taken by hand are not copied (no `role`)".to_owned(),
    };
    format!(
        "{id} ({}){arn}\n  \
         taken by AWS Backup at {} into {vault} in {home}, begun by {}; its plan copies them\n  \
         there by {}, copy landed in {dr_vault} in {dr} by {}, under that vault's key; RPO {}\n  \
         {by_hand}\n  \
         both vaults locked: {}\n  \
         nothing before {since}; a day is looked at for {catch_up} day(s) more",
        asset.kind(),
        both(policy, *since, asset.at),
        started_by.strftime("%H:%M"),
        asset.taken_by.strftime("%H:%M"),
        asset.landed_by.strftime("%H:%M"),
        span(asset.rpo),
        lock.word(),
    )
}

fn of_bucket(policy: &Policy, bucket: &Bucket) -> String {
    let Bucket { id, dr_bucket, prefix, rule, lag, .. } = bucket;
    let Policy { home, dr, .. } = policy;
    let what = if prefix.is_empty() { "everything".to_owned() } else { format!("`{prefix}`") };
    let rule =
        rule.as_ref().map_or("any rule will do".to_owned(), |id| format!("rule `{id}` only"));
    let canary = match bucket.canary {
        true => format!("{} is written every hour, and seen to arrive", bucket.canary_key()),
        false => "no canary".to_owned(),
    };
    let repair = match bucket.repair {
        Repair::Report => "the notice has the job that replicates it again",
        Repair::Auto => "Sonae starts the job that replicates it again",
    };
    format!(
        "{id} (bucket)\n  \
         {what} replicated by S3 from {home} to {dr_bucket} in {dr}, {rule}\n  \
         at most {} behind, judged every 15 minutes; {canary}\n  \
         what S3 gives up is told; {repair}",
        span(*lag),
    )
}

fn of_database(policy: &Policy, asset: &Asset) -> String {
    let Asset { id, since, catch_up, keep, dr_key, .. } = asset;
    let kind = asset.kind();
    let taken = match asset.take {
        TakenBy::Window => "taken by RDS in its window, which must hold",
        TakenBy::Sonae => "taken by Sonae at",
    };
    let manual = match asset.manual {
        Manual::Tagged => "manual points tagged Purpose=PreRelease or sonae:copy=yes are copied",
        Manual::All => "all manual points are copied",
        Manual::Never => "manual points are not copied",
    };
    let source = asset.home_key.as_ref().map(|key| format!("\n  from {key}")).unwrap_or_default();
    let subnets = asset.dr_subnet_group.as_ref();
    let subnets = subnets.map(|name| format!("\n  restored into the subnet group {name}"));
    let pitr = asset.dr_pitr.map(|within| {
        format!("\n  automated backups replicated by RDS, restorable to within {}", span(within))
    });
    let besides = [subnets, pitr].into_iter().flatten().collect::<String>();
    format!(
        "{id} ({kind})\n  \
         {taken} {}\n  \
         available by {}, copy landed by {}; RPO {}\n  \
         {manual}, landed within {}\n  \
         nothing before {since}; a missed point is copied up to {catch_up} day(s) later\n  \
         copies kept {}, and never fewer than {}\n  \
         under {dr_key}{source}{besides}",
        both(policy, *since, asset.at),
        asset.taken_by.strftime("%H:%M"),
        asset.landed_by.strftime("%H:%M"),
        span(asset.rpo),
        span(asset.manual_within),
        kept(*keep),
        keep.floor,
    )
}

fn kept(keep: Keep) -> String {
    match keep.rule {
        Rule::Days(days) => format!("{days} days"),
        Rule::Periods(Periods { daily, weekly, monthly }) => format!(
            "{daily} days at least; the last of each of {daily} days, {weekly} weeks, {monthly} months"
        ),
    }
}

/// How many copies there will be, to hold against RDS's quota of manual points (RDS User Guide,
/// Quotas and constraints).
fn steady(policy: &Policy, family: Family) -> String {
    let all = policy.assets.iter().filter(|asset| asset.family() == Some(family));
    let copies: i64 = all.map(|asset| nights(asset.keep)).sum();
    let dr = &policy.dr;
    let noun = match family {
        Family::Instance => "instances",
        Family::Cluster => "clusters",
    };
    match copies {
        0 => String::new(),
        copies if copies >= 80 => format!(
            "\nnote: about {copies} copies of {noun} will stand in {dr}, and AWS allows 100 manual \
             snapshots of them unless you raise that (Service Quotas)\n"
        ),
        copies => format!(
            "\nabout {copies} copies of {noun} will stand in {dr}, manual ones aside (AWS allows 100)\n"
        ),
    }
}

/// How many copies of nights an asset has once the oldest of them go.
fn nights(keep: Keep) -> i64 {
    let nights = match keep.rule {
        Rule::Days(days) => i64::from(days),
        Rule::Periods(Periods { daily, weekly, monthly }) => {
            i64::from(daily) + i64::from(weekly) + i64::from(monthly)
        }
    };
    nights.max(i64::from(keep.floor))
}

fn span(span: SignedDuration) -> String {
    match (span.as_hours(), span.as_mins() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The time in the policy's zone and in UTC, since RDS's windows and names are UTC.
fn both(policy: &Policy, day: Date, time: Time) -> String {
    let moment = day::instant(day, time, &policy.zone);
    let utc = moment.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string();
    format!("{} ({utc} UTC)", time.strftime("%H:%M"))
}
