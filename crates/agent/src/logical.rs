//! The weekly dump: every database and the roles, read back in full. A dump cannot be rolled forward; it is for another
//! version of PostgreSQL, and for one table.

use crate::fault::Fault;
use crate::process::Program;
use crate::server::{Server, major, program};
use crate::setup::Setup;
use crate::state::write;
use crate::{backup, mirror};
use domain::host::set::Dump;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

const NAME: &str = "%Y%m%dT%H%M%SZ";

#[derive(Serialize)]
struct Listed {
    schema: u8,
    started: Timestamp,
    version: String,
    databases: Vec<String>,
    /// SHA-256 of each file, after all were read back.
    files: BTreeMap<String, String>,
}

/// Makes one.
///
/// # Errors
/// A database cannot be dumped, or its dump cannot be read back.
pub async fn dump(setup: &Setup) -> Result<String, Fault> {
    let started = Timestamp::now();
    let name = started.strftime(NAME).to_string();
    let to = setup.host.repository.join("logical").join(&name);
    let made = write_dump(setup, &to, started).await;
    if made.is_err() {
        // Half a dump has no list, so it counts for nothing; it only takes room.
        _ = fs::remove_dir_all(&to);
    }
    let databases = made?;
    Ok(format!("{name}, {databases} databases; {}", backup::mirrored(setup).await))
}

async fn write_dump(setup: &Setup, to: &Path, started: Timestamp) -> Result<usize, Fault> {
    let server = Server::new(&setup.host.socket, setup.host.port);
    let databases = server.databases().await?;
    fs::create_dir_all(to).map_err(|error| Fault::file("cannot make", to, &error))?;
    let major = major(&setup.host.data)?;
    let tool = |name: &str| Program::new(program(setup.programs.as_deref(), &major, name));
    let port = setup.host.port.to_string();
    let at = ["-h", &setup.host.socket.display().to_string(), "-p", &port, "-U", "postgres", "-w"]
        .map(str::to_owned);
    let globals = to.join("globals.sql");
    tool("pg_dumpall").args(&at).args(["--globals-only", "-f"]).arg(&globals).run().await?;
    for (n, database) in databases.iter().enumerate() {
        let into = to.join(format!("{n}"));
        let dump = tool("pg_dump").args(&at).args(["-Fd", "-j", "2", "-Z", "1", "-f"]).arg(&into);
        dump.args(["-d", database]).run().await?;
        // `--list` reads the table of contents only; this reads every block.
        tool("pg_restore").args(["-f", "/dev/null"]).arg(&into).run().await?;
    }
    let files = digests(to)?;
    let count = databases.len();
    write(&to.join("dump.json"), &Listed { schema: 1, started, version: major, databases, files })?;
    Ok(count)
}

fn digests(to: &Path) -> Result<BTreeMap<String, String>, Fault> {
    let digest = |path: String| {
        let file = to.join(&path);
        let fault = |error| Fault::file("cannot read", &file, &error);
        let (mut open, mut hash) = (File::open(&file).map_err(fault)?, Sha256::new());
        let mut block = vec![0; 1024 * 1024];
        loop {
            let count = open.read(&mut block).map_err(fault)?;
            let Some(read) = block.get(..count).filter(|read| !read.is_empty()) else { break };
            hash.update(read);
        }
        Ok((path, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
    };
    mirror::walk(to, "").into_iter().map(|found| digest(found.path)).collect()
}

/// The dumps that are whole.
pub fn dumps(repository: &Path) -> Vec<Dump> {
    let read = |name: String| {
        let start = DateTime::strptime(NAME, &name).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Dump { name, start })
    };
    mirror::dumps(repository).into_iter().filter_map(read).collect()
}
