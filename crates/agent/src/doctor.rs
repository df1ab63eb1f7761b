//! Whether the host is set up as it should be: every part looked at, each with what to do. It changes nothing but the
//! pulse in the journal, which says the same again.

use crate::bucket::Bucket;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::init;
use crate::pgbackrest::PgBackRest;
use crate::process::Program;
use crate::said::Said;
use crate::server::{Server, age};
use crate::setup::Setup;
use crate::state::read;
use crate::watch::{Lag, SILENT};
use crate::{outbox, pulse};
use domain::policy::Chat;
use jiff::Timestamp;
use serde::Serialize;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// One part of the setup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Part {
    /// Which.
    name: &'static str,
    /// Whether it is as it should be.
    fine: bool,
    /// What was seen, or what is wrong and what to do.
    said: String,
}

/// Looks at every part.
pub async fn doctor(setup: &Setup) -> Said {
    let server = Server::new(&setup.host.socket, setup.host.port);
    let parts = vec![
        part("pgbackrest", pgbackrest().await),
        part("postgresql", postgresql(&server).await),
        part("settings", init::undone(setup, &server).await),
        part("repository", repository(setup).await),
        part("disks", disks(setup)),
        part("bucket", bucket(setup).await),
        part("journal", journal(setup).await),
        part("outbox", untold(setup)),
        part("chat", chat(setup)),
        part("mirror", mirror(setup)),
        part("timer", timer().await),
    ];
    let bad = parts.iter().any(|part| !part.fine);
    let line = |part: &Part| {
        format!("{} {}: {}\n", if part.fine { "ok     " } else { "PROBLEM" }, part.name, part.said)
    };
    let text = parts.iter().map(line).collect();
    Said::of(text, &serde_json::json!({"schema": 1, "parts": parts}), bad)
}

fn part(name: &'static str, seen: Result<String, Fault>) -> Part {
    let fine = seen.is_ok();
    let said = seen.unwrap_or_else(|fault| fault.to_string());
    Part { name, fine, said: said.trim_end().replace('\n', "; ") }
}

fn found<T>(said: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Found(said.into()))
}

async fn pgbackrest() -> Result<String, Fault> {
    let version = PgBackRest::version().await?;
    init::new_enough(&version).map(|()| version)
}

/// Without page checksums a damaged page is backed up like any other, and nobody hears of it.
async fn postgresql(server: &Server) -> Result<String, Fault> {
    let setting = |name: &str| format!("select current_setting('{name}')");
    let version = server.ask("postgres", &setting("server_version")).await?;
    match server.ask("postgres", &setting("data_checksums")).await?.as_str() {
        "on" => Ok(format!("{version}, page checksums on")),
        _ => found(format!(
            "{version} has no page checksums, so damage is backed up unseen; stop it and run pg_checksums --enable"
        )),
    }
}

async fn repository(setup: &Setup) -> Result<String, Fault> {
    let sets = setup.engine().sets().await?;
    match sets.len() {
        0 => found("no backup yet; run `sonae-agent backup full`"),
        backups => Ok(format!("{backups} backups")),
    }
}

/// What the disk of the data takes with it is no backup of it.
fn disks(setup: &Setup) -> Result<String, Fault> {
    let device = |path: &Path| fs::metadata(path).map(|data| data.dev());
    let (data, repository) = (&setup.host.data, &setup.host.repository);
    let of = |path| device(path).map_err(|error| Fault::file("cannot look at", path, &error));
    match of(data)? == of(repository)? {
        false => Ok("the repository is on a disk of its own".to_owned()),
        true => found(format!(
            "`{}` and `{}` are on one disk: when it is lost, only the bucket is left; put the repository on another one",
            data.display(),
            repository.display()
        )),
    }
}

async fn bucket(setup: &Setup) -> Result<String, Fault> {
    let held = Bucket::of(setup).await.list().await?;
    Ok(format!("{} objects in `{}`", held.len(), setup.host.bucket))
}

async fn journal(setup: &Setup) -> Result<String, Fault> {
    let Some(name) = &setup.journal else {
        return found(
            "`SONAE_JOURNAL` is not set, so home cannot see this host; give it the journal's bucket",
        );
    };
    pulse::tell(setup).await.map_err(Fault::Failed)?;
    Ok(format!("`{name}` took a pulse"))
}

fn untold(setup: &Setup) -> Result<String, Fault> {
    match outbox::waiting(setup) {
        0 => Ok("nothing waits to be told".to_owned()),
        waiting => found(format!(
            "{waiting} wait to be told; journalctl --unit sonae-agent-mirror says who does not take them"
        )),
    }
}

/// Whoever has the URL can write into the chat.
fn chat(setup: &Setup) -> Result<String, Fault> {
    let path = setup.webhook.display();
    match fs::metadata(&setup.webhook) {
        Ok(data) if data.permissions().mode() & 0o077 != 0 => {
            found(format!("`{path}` can be read by others; chmod 600 {path}"))
        }
        Ok(_) => Ok(format!("`{path}`")),
        Err(_) if setup.host.chat == Chat::Never => Ok("none, as the policy says".to_owned()),
        Err(_) => Ok(format!("none: there is no `{path}`, so nothing is posted")),
    }
}

fn mirror(setup: &Setup) -> Result<String, Fault> {
    let lag = read::<Lag>(&setup.state.at("lag.json"))?;
    match lag.filter(|lag| age(lag.at, Timestamp::now()) < SILENT) {
        None => found("it does not run; systemctl enable --now sonae-agent-mirror"),
        Some(Lag { trouble: Some(trouble), .. }) => found(trouble),
        Some(Lag { seconds: None, .. }) => Ok("runs; nothing measured yet".to_owned()),
        Some(Lag { seconds: Some(seconds), .. }) => Ok(format!("runs, {seconds} s behind")),
    }
}

/// On a host without systemd (sd_booted(3) knows it by this directory) somebody else calls `due`.
async fn timer() -> Result<String, Fault> {
    if !Path::new("/run/systemd/system").exists() {
        return Ok(
            "no systemd here; see that something calls `sonae-agent due` every five minutes"
                .to_owned(),
        );
    }
    let asked = Program::new("systemctl").args(["is-active", "sonae-agent-due.timer"]).run().await;
    match asked {
        Ok(_) => Ok("runs".to_owned()),
        Err(_) => found("it does not run; systemctl enable --now sonae-agent-due.timer"),
    }
}
