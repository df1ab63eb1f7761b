//! The server's own files, kept beside a set: Debian has them outside of the data directory, where no backup finds them.

use crate::fault::Fault;
use crate::server::Server;
use crate::setup::Setup;
use crate::state::write_bytes;
use std::fs;
use std::path::Path;

/// What each is called where it is kept, which is also its name in a data directory that has its own.
const NAMES: [(&str, &str); 3] = [
    ("config_file", "postgresql.conf"),
    ("hba_file", "pg_hba.conf"),
    ("ident_file", "pg_ident.conf"),
];

/// What the main file includes on Debian; without the directory the server does not start.
const INCLUDED: &str = "conf.d";

/// Files by the path they are kept under.
pub type Settings = Vec<(String, Vec<u8>)>;

/// Reads them.
///
/// # Errors
/// The server does not say where they are, or they cannot be read.
pub async fn read(setup: &Setup) -> Result<Settings, Fault> {
    let server = Server::new(&setup.host.socket, setup.host.port);
    let mut settings = Vec::new();
    for (name, kept) in NAMES {
        let path = server
            .ask("postgres", &format!("select setting from pg_settings where name = '{name}'"))
            .await?;
        settings.push((kept.to_owned(), bytes(&path)?));
    }
    let included =
        "select coalesce(string_agg(distinct sourcefile, E'\\n'), '') from pg_file_settings";
    for path in server.ask("postgres", included).await?.lines() {
        let (directory, name) = path.rsplit_once('/').unwrap_or_default();
        if directory.ends_with(INCLUDED) {
            settings.push((format!("{INCLUDED}/{name}"), bytes(path)?));
        }
    }
    Ok(settings)
}

fn bytes(path: &str) -> Result<Vec<u8>, Fault> {
    fs::read(path).map_err(|error| Fault::file("cannot read", Path::new(path), &error))
}

/// Keeps them beside a set.
///
/// # Errors
/// The disk does not take them.
pub fn keep(repository: &Path, label: &str, settings: &Settings) -> Result<(), Fault> {
    let to = repository.join("settings").join(label);
    settings.iter().try_for_each(|(name, bytes)| write_bytes(&to.join(name), bytes))
}

/// Puts them into a restored data directory that came without.
///
/// # Errors
/// The disk does not give or take them.
pub fn put_back(repository: &Path, label: &str, data: &Path) -> Result<(), Fault> {
    let kept = repository.join("settings").join(label);
    if data.join("postgresql.conf").exists() || !kept.exists() {
        return Ok(());
    }
    for (_, name) in NAMES {
        copy(&kept.join(name), &data.join(name))?;
    }
    let included = data.join(INCLUDED);
    fs::create_dir_all(&included).map_err(|error| Fault::file("cannot make", &included, &error))?;
    for entry in fs::read_dir(kept.join(INCLUDED)).into_iter().flatten().flatten() {
        copy(&entry.path(), &included.join(entry.file_name()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    fs::copy(from, to).map(drop).map_err(|error| Fault::file("cannot write", to, &error))
}
