//! `make invoke`: one event file through the templates' patterns to the real function binary, in an
//! embedded cloud where the event is true.

use crate::routes::Routes;
use crate::runtime::{Function, beside_this, environment};
use crate::server;
use domain::host::event::SOURCE;
use domain::host::run::{End, How, Job};
use domain::id::{AssetId, Family, PointName, Region};
use domain::policy::{Policy, parse};
use domain::seen::{Database, Scope};
use domain::tags::StartedBy;
use jiff::{SignedDuration, Timestamp};
use model::{Account, Agent, Night, Sim};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const POLICY: &str = "policy/policy.toml";
/// The cluster that the cluster events of events/ are of; the shipped policy has none.
pub const CLUSTER: &str = "\n[[asset]]\nkind = \"rds-cluster\"\nid = \"kaigo-subsys-aurora\"\n";
/// The file system that the events of AWS Backup in events/ are of.
pub const FILE_SYSTEM: &str = "
[[asset]]
kind = \"efs\"
id   = \"fs-0123456789abcdef0\"
role = \"arn:aws:iam::123456789012:role/sonae-vault-AwsBackupRole-1A2B3C4D5E6F\"
";
/// The bucket that the notifications of events/ are of.
pub const BUCKET: &str = "
[[asset]]
kind      = \"bucket\"
id        = \"kaigo-files\"
dr_bucket = \"kaigo-files-dr\"
";
/// The PostgreSQL host that the events of `sonae-agent` in events/ are of.
pub const HOST: &str = "
[[asset]]
kind   = \"postgres-host\"
id     = \"dental\"
bucket = \"dental-backups\"
key    = \"arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-777777777777\"
data   = \"/var/lib/postgresql/15/main\"
";
const TIMEOUT: u64 = 300;

/// Runs the function that this event reaches; the outcome as JSON. An event that reaches none, or
/// that its function ignores, is no error.
///
/// # Errors
/// Why it could not be run, or the function's own error.
pub async fn event(file: &Path) -> Result<Value, String> {
    let event = read(file)?;
    let policy_text = text(Path::new(POLICY))? + CLUSTER + FILE_SYSTEM + BUCKET + HOST;
    let policy = parse(&policy_text).map_err(|bad| format!("`{POLICY}`: {bad}"))?;
    let Some((function, rules)) = reached(&event, &policy)? else {
        return Ok(json!({"ignored": "no rule of the templates brings this event to a function"}));
    };
    let now = time(&event)?;
    let account = Arc::new(Mutex::new(stage(&policy, &event, now)));
    let aws = server::serve(Arc::clone(&account)).await.map_err(|error| error.to_string())?;
    let name = function.to_lowercase();
    let binary = beside_this()?.join(&name);
    let scratch = |what: &str| {
        std::env::temp_dir().join(format!("sonae-invoke-{}.{what}", std::process::id()))
    };
    let (log, policy_file) = (scratch("log"), scratch("toml"));
    std::fs::write(&policy_file, &policy_text).map_err(|error| error.to_string())?;
    let env = environment(&policy, &policy_file, TIMEOUT, aws);
    let timeout = Duration::from_secs(TIMEOUT);
    let running = Function::start(&name, &binary, env, timeout, &log).await;
    let running = running.map_err(|error| {
        format!("cannot start `{}`: {error}; build it with `make build`", binary.display())
    })?;
    let answer = running.invoke(now, &event).await;
    for file in [&log, &policy_file] {
        _ = std::fs::remove_file(file);
    }
    let answer = answer.map_err(|error| error.to_string())?;
    let account = account.lock().map_err(|error| error.to_string())?;
    Ok(json!({
        "function": function, "rules": rules, "at": now.to_string(), "answer": answer,
        "dr": points_in(&account, &policy.dr),
    }))
}

/// The function's logical id and the rules on the way; the schedule's input names its own.
fn reached(event: &Value, policy: &Policy) -> Result<Option<(String, Vec<String>)>, String> {
    let schedule = match event.get("kind").and_then(Value::as_str) {
        Some("check") => Some(["Check", "EveryQuarter"]),
        Some("sweep") => Some(["Sweep", "EveryMorning"]),
        Some("replication") => Some(["Replication", "EveryQuarter"]),
        None if is_of_queue(event) => Some(["Replication", "GivenUp"]),
        _ => None,
    };
    if let Some([function, schedule]) = schedule {
        return Ok(Some((function.to_owned(), vec![schedule.to_owned()])));
    }
    let route = Routes::read(policy)?.of(event);
    Ok(route.map(|route| (route.function, route.rules)))
}

/// Whether it is a batch of SQS's.
fn is_of_queue(event: &Value) -> bool {
    event.pointer("/Records/0/eventSource").and_then(Value::as_str) == Some("aws:sqs")
}

/// An account with a night behind it, in which the event is true at its time.
pub fn stage(policy: &Policy, event: &Value, now: Timestamp) -> Account {
    let detail = event.get("detail").unwrap_or(&Value::Null);
    let word = |field: &str| detail.get(field).and_then(Value::as_str).unwrap_or_default();
    let (name, kind) = (word("SourceIdentifier"), word("EventID"));
    let sim = Sim::new(Account::of(policy, now - SignedDuration::from_hours(36)), policy.clone());
    let in_dr = event.get("region").and_then(Value::as_str) == Some(policy.dr.as_str());
    let until = if in_dr {
        now - SignedDuration::from_secs(1)
    } else {
        now - SignedDuration::from_hours(1)
    };
    while sim.account.borrow_mut().step(until) {
        sim.play(Scope::Fleet, StartedBy::Event, None);
    }
    let mut account = sim.account.into_inner();
    if is_of_queue(event) {
        give_up(&mut account, policy);
    }
    if event.get("kind").and_then(Value::as_str) == Some("sweep") {
        put_past(&mut account, policy, now);
    }
    if event.get("source").and_then(Value::as_str) == Some("aws.backup") {
        change_backups(&mut account, policy, event, now);
    }
    if event.get("source").and_then(Value::as_str) == Some(SOURCE) {
        account.advance(now);
        agent_runs(&mut account, policy, detail);
    }
    match kind {
        "RDS-EVENT-0028" => change(&mut account, name, |db| db.retention_days = Some(0)),
        "RDS-EVENT-0419" => change(&mut account, name, |db| {
            db.status = "inaccessible-encryption-credentials-recoverable".to_owned();
        }),
        "RDS-EVENT-0042" => take(&mut account, policy, Family::Instance, name, now),
        "RDS-EVENT-0075" => take(&mut account, policy, Family::Cluster, name, now),
        // A cancelled copy is gone before its event comes.
        "RDS-EVENT-0061" => _ = account.delete_db_snapshot(&policy.dr, name),
        _ => {}
    }
    account.advance(now);
    account
}

/// The host whose agent has told of a run, which ended a moment ago.
fn agent_runs(account: &mut Account, policy: &Policy, detail: &Value) {
    let host = detail.get("host").and_then(Value::as_str).unwrap_or_default();
    let Some(host) = policy.host(&AssetId::new(host)) else { return };
    let mut agent = Agent::new(policy, host, Sim::JOURNAL);
    match serde_json::from_value::<End>(detail.get("end").cloned().unwrap_or_default()) {
        Ok(End { how: How::Succeeded { .. }, .. }) => _ = agent.backs_up(account),
        Ok(End { how, .. }) => agent.ran(account, Job::Expire, how),
        Err(_) => {}
    }
    agent.mirrors(account);
    agent.speaks(account);
}

/// The object that the notification speaks of, which did not arrive.
fn give_up(account: &mut Account, policy: &Policy) {
    let Some(pair) = account.pairs.get_mut("kaigo-files") else { return };
    pair.fails = Some("DstPutObjectNotPermitted".to_owned());
    let key = "documents/記録 1.pdf";
    _ = account.put_object(&policy.home, "kaigo-files", key, b"data".to_vec(), false);
    let pair = account.pairs.get_mut("kaigo-files");
    if let Some(sent) = pair.and_then(|pair| pair.sent.last_mut()) {
        sent.version = "v000001".to_owned();
    }
}

/// What an event of AWS Backup says, made true.
fn change_backups(account: &mut Account, policy: &Policy, event: &Value, now: Timestamp) {
    let resource = "fs-0123456789abcdef0";
    let day = domain::day::of(now, &policy.zone);
    let detail = event.get("detail").unwrap_or(&Value::Null);
    let state = detail.get("state").or_else(|| detail.get("status")).and_then(Value::as_str);
    match (event.get("detail-type").and_then(Value::as_str), state) {
        (Some("Backup Job State Change"), Some("FAILED")) => {
            account.script_night(resource, day, Night::Job("FAILED", "It could not be read."));
        }
        (Some("Copy Job State Change"), Some("FAILED")) => {
            account.script_night(resource, day, Night::Copy("FAILED", "The key cannot be used."));
        }
        (Some("Recovery Point State Change"), _) => {
            account.advance(now - SignedDuration::from_mins(55));
            account.take_by_hand(resource);
        }
        (Some("Backup Vault State Change"), Some("DELETED")) => {
            account.backups.vaults.retain(|(region, _), _| *region != policy.dr);
        }
        _ => {}
    }
}

/// Three copies of each asset more than are kept.
fn put_past(account: &mut Account, policy: &Policy, now: Timestamp) {
    for asset in policy.assets.iter().filter(|asset| asset.family().is_some()) {
        let nights = i64::from(asset.keep.days()) + 3;
        for back in 2..nights {
            account.put_night(policy, asset, now - SignedDuration::from_hours(24 * back + 6));
        }
    }
}

fn change(account: &mut Account, id: &str, change: impl Fn(&mut Database)) {
    let named = account.databases.values_mut().filter(|db| db.shown.id == id);
    named.for_each(|db| change(&mut db.shown));
}

/// The manual point that the event speaks of, as the seed's release script takes it.
fn take(account: &mut Account, policy: &Policy, family: Family, name: &str, now: Timestamp) {
    account.advance(now - SignedDuration::from_mins(10));
    if let Some(asset) = policy.asset_named_like(family, &PointName::new(name)) {
        let tags = [("Purpose".to_owned(), "PreRelease".to_owned())].into();
        _ = account.create_snapshot(&policy.home, family, asset.id.as_str(), name, tags);
    }
}

fn points_in(account: &Account, region: &Region) -> Vec<String> {
    let here = account.snapshots.iter().filter(|((r, ..), _)| r == region);
    here.map(|((.., name), snapshot)| format!("{name} {}", snapshot.point.state.word())).collect()
}

/// When the event was raised, or the tick was meant.
///
/// # Errors
/// Neither is there.
pub fn time(event: &Value) -> Result<Timestamp, String> {
    let fields = ["scheduled_time", "time"];
    let found = fields.iter().find_map(|field| event.get(field)?.as_str());
    let sent = event.pointer("/Records/0/attributes/SentTimestamp").and_then(Value::as_str);
    let sent = sent.and_then(|ms| Timestamp::from_millisecond(ms.parse().ok()?).ok());
    let time = found.and_then(|found| found.parse().ok()).or(sent);
    time.ok_or_else(|| {
        "the event has no `time` (or `scheduled_time`) such as `2025-11-05T18:11:02Z`".to_owned()
    })
}

fn read(file: &Path) -> Result<Value, String> {
    serde_json::from_str(&text(file)?)
        .map_err(|error| format!("`{}` is not JSON: {error}", file.display()))
}

fn text(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| {
        format!("cannot read `{}`: {error}; run this from the project's root", file.display())
    })
}
