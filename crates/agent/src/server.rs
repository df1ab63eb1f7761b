//! The PostgreSQL server: asked over its socket, started and stopped by its own programs.

use crate::fault::Fault;
use crate::process::Program;
use crate::setup::Setup;
use crate::state::{read, write};
use domain::host::wal::Lsn;
use jiff::{SignedDuration, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_postgres::{Client, Config, NoTls};

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The table of the agent's own commits: the newest one that a restore brings back says what was lost.
const HEARTBEAT: &str = "create schema if not exists sonae;
    create table if not exists sonae.heartbeat (one boolean primary key default true check (one), at timestamptz not null);
    insert into sonae.heartbeat values (true, clock_timestamp()) on conflict (one) do nothing;";

/// A server, by its socket.
#[derive(Clone, Debug)]
pub struct Server {
    socket: PathBuf,
    port: u16,
}

/// How archiving is set, and how it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archiving {
    /// `archive_mode`, `archive_command`, `archive_timeout` in seconds.
    pub settings: [String; 3],
    /// Whether a setting waits for a restart.
    pub restart: bool,
    /// Segments that wait to be archived.
    pub waiting: u64,
    /// Why the newest try failed, if it did.
    pub failed: Option<String>,
}

impl Server {
    /// By the directory of its socket, and its port.
    pub fn new(socket: &Path, port: u16) -> Self {
        Self { socket: socket.to_owned(), port }
    }

    async fn connect(&self, database: &str) -> Result<Client, Fault> {
        let mut config = Config::new();
        config.host_path(&self.socket).port(self.port).user("postgres").dbname(database);
        config.connect_timeout(PATIENCE).application_name("sonae-agent");
        let at = format!("{}/.s.PGSQL.{}", self.socket.display(), self.port);
        let reached = tokio::time::timeout(PATIENCE, config.connect(NoTls)).await;
        let (client, connection) = match reached {
            Ok(Ok(pair)) => pair,
            Ok(Err(error)) => return Err(unreached(&at, &words(&error))),
            Err(_) => return Err(unreached(&at, "no answer within 5 seconds")),
        };
        // Ends by itself when the client is dropped.
        drop(tokio::spawn(connection));
        Ok(client)
    }

    /// Asks for one value, as text.
    ///
    /// # Errors
    /// The server is not there, refuses, or has no such value.
    pub async fn ask(&self, database: &str, sql: &str) -> Result<String, Fault> {
        let client = self.connect(database).await?;
        let rows = client.query(sql, &[]).await.map_err(|error| refused(sql, &error))?;
        let row = rows.first().ok_or_else(|| Fault::Failed(format!("`{sql}` gave nothing")))?;
        row.try_get(0).map_err(|error| refused(sql, &error))
    }

    /// Does something that has no answer.
    ///
    /// # Errors
    /// The server is not there, or refuses.
    pub async fn tell(&self, sql: &str) -> Result<(), Fault> {
        let client = self.connect("postgres").await?;
        client.batch_execute(sql).await.map_err(|error| refused(sql, &error))
    }

    /// Makes the heartbeat's table.
    ///
    /// # Errors
    /// The server is not there, or refuses.
    pub async fn prepare(&self) -> Result<(), Fault> {
        self.tell(HEARTBEAT).await
    }

    /// A commit of ours: when, and where the log stood after it.
    ///
    /// # Errors
    /// The server is not there, or takes no commits.
    pub async fn beat(&self) -> Result<(Timestamp, Lsn), Fault> {
        let sql = "update sonae.heartbeat set at = clock_timestamp() \
                   returning (extract(epoch from at) * 1000)::bigint::text";
        let at = self.ask("postgres", sql).await?;
        let after = self.ask("postgres", "select pg_current_wal_insert_lsn()::text").await?;
        let moment = at.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        let bad = || Fault::Failed(format!("the server gave `{at}` and `{after}` for a heartbeat"));
        moment.zip(Lsn::parse(&after)).ok_or_else(bad)
    }

    /// The newest commit of ours that the server knows.
    ///
    /// # Errors
    /// The server is not there, or has no such table.
    pub async fn last_beat(&self) -> Result<Timestamp, Fault> {
        let sql = "select (extract(epoch from at) * 1000)::bigint::text from sonae.heartbeat";
        let at = self.ask("postgres", sql).await?;
        let moment = at.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        moment.ok_or_else(|| Fault::Failed(format!("the heartbeat's time is `{at}`")))
    }

    /// How archiving is set, and how it goes.
    ///
    /// # Errors
    /// The server is not there.
    pub async fn archiving(&self) -> Result<Archiving, Fault> {
        let setting = |name: &str| format!("select setting from pg_settings where name = '{name}'");
        let [mode, command, timeout] =
            ["archive_mode", "archive_command", "archive_timeout"].map(setting);
        let restart =
            "select bool_or(pending_restart)::text from pg_settings where name like 'archive%'";
        let waiting =
            "select count(*)::text from pg_ls_archive_statusdir() where name like '%.ready'";
        let failed = "select coalesce(last_failed_wal, '') from pg_stat_archiver \
                      where last_failed_time > coalesce(last_archived_time, '-infinity') union all select '' limit 1";
        let number = |text: String| text.parse::<u64>().unwrap_or_default();
        let failed = self.ask("postgres", failed).await?;
        Ok(Archiving {
            settings: [
                self.ask("postgres", &mode).await?,
                self.ask("postgres", &command).await?,
                self.ask("postgres", &timeout).await?,
            ],
            restart: self.ask("postgres", restart).await? == "true",
            waiting: number(self.ask("postgres", waiting).await?),
            failed: Some(failed).filter(|failed| !failed.is_empty()),
        })
    }

    /// The databases that take connections.
    ///
    /// # Errors
    /// The server is not there.
    pub async fn databases(&self) -> Result<Vec<String>, Fault> {
        let sql = "select string_agg(datname, E'\\n' order by datname) from pg_database where datallowconn and not datistemplate";
        let names = self.ask("postgres", sql).await?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Waits until the server takes commits: a server that recovers takes connections long before (hot standby), so
    /// `pg_ctl -w` says "started" too early.
    ///
    /// # Errors
    /// It did not, within the time; `log` says why.
    pub async fn promoted(&self, within: Duration, log: &Path, data: &Path) -> Result<(), Fault> {
        let begun = tokio::time::Instant::now();
        let mut came = false;
        loop {
            let recovering = self.ask("postgres", "select pg_is_in_recovery()::text").await;
            if recovering.as_deref() == Ok("false") {
                return Ok(());
            }
            let there = data.join("postmaster.pid").exists();
            came |= there;
            let gone = !there && (came || begun.elapsed() > PATIENCE);
            if gone || begun.elapsed() > within {
                return Err(Fault::Failed(why_not(log)));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// What PostgreSQL wrote when it gave up.
fn why_not(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let fatal = text.lines().rev().find(|line| line.contains("FATAL"));
    let reached = text
        .lines()
        .rev()
        .find_map(|line| line.split("last completed transaction was at log time ").nth(1));
    let shown = log.display();
    match fatal {
        Some(line) if line.contains("before configured recovery target was reached") => {
            let last = reached
                .map(|at| format!(": its last transaction was at `{at}`"))
                .unwrap_or_default();
            format!(
                "the log that is kept ends before the moment that was asked for{last}; choose an earlier one, or leave \
                 `--target` out to get everything there is"
            )
        }
        Some(line) => format!("the restored server ended: {line}; the whole log is in `{shown}`"),
        None => format!("the restored server takes no commits; its log is in `{shown}`"),
    }
}

/// PostgreSQL's own programs of a major version.
pub fn program(programs: Option<&Path>, major: &str, name: &str) -> String {
    let debian = || PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
    programs.map_or_else(debian, Path::to_owned).join(name).display().to_string()
}

/// PostgreSQL's major version, as its data directory has it.
///
/// # Errors
/// It is no data directory.
pub fn major(data: &Path) -> Result<String, Fault> {
    let file = data.join("PG_VERSION");
    let text =
        fs::read_to_string(&file).map_err(|error| Fault::file("cannot read", &file, &error))?;
    Ok(text.trim().to_owned())
}

/// Stops the server of a data directory, if one runs; the directory may be damaged.
///
/// # Errors
/// It does not stop.
pub async fn stop(setup: &Setup, data: &Path) -> Result<(), Fault> {
    if !data.join("postmaster.pid").exists() {
        return Ok(());
    }
    let pg_ctl = program(setup.programs.as_deref(), &major(data)?, "pg_ctl");
    let status = Program::new(&pg_ctl).arg("status").arg("-D").arg(data).run().await;
    if status.is_err() {
        return Ok(());
    }
    let stop = Program::new(&pg_ctl).args(["stop", "-w", "-m", "fast"]).arg("-D").arg(data);
    stop.run().await.map(drop)
}

/// Where a promoted server left the timeline it recovered along: the last line of its newest history (PostgreSQL manual,
/// "Timelines").
///
/// # Errors
/// It has none.
pub fn switched(data: &Path) -> Result<Lsn, Fault> {
    let directory = data.join("pg_wal");
    let entries =
        fs::read_dir(&directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = entries.filter(|path| path.extension().is_some_and(|end| end == "history")).max();
    let text = newest.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    let last = text.lines().rev().find(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let at = last.and_then(|line| line.split('\t').nth(1)).and_then(Lsn::parse);
    at.ok_or_else(|| {
        Fault::Failed(format!(
            "`{}` has no history of a timeline: the server was not promoted",
            directory.display()
        ))
    })
}

/// Bytes of a segment, as the server last said; where it never did, what PostgreSQL's own default is.
pub fn segment(setup: &Setup) -> u64 {
    read(&setup.state.at("segment.json")).ok().flatten().unwrap_or(16 * 1024 * 1024)
}

/// Asks the server for the bytes of a segment, and keeps them for when it is gone.
///
/// # Errors
/// It is not there, or the disk does not take it.
pub async fn learn_segment(setup: &Setup) -> Result<(), Fault> {
    let server = Server::new(&setup.host.socket, setup.host.port);
    let sql = "select setting from pg_settings where name = 'wal_segment_size'";
    let said = server.ask("postgres", sql).await?;
    let bytes: u64 =
        said.parse().map_err(|_| Fault::Failed(format!("`wal_segment_size` is `{said}`")))?;
    write(&setup.state.at("segment.json"), &bytes)
}

/// How old a moment is, never less than nothing.
pub fn age(at: Timestamp, now: Timestamp) -> SignedDuration {
    now.duration_since(at).max(SignedDuration::ZERO)
}

fn unreached(at: &str, why: &str) -> Fault {
    Fault::Failed(format!(
        "PostgreSQL was not reached at `{at}`: {why}; see that it runs, that `socket` and `port` of the policy are its own, and \
         that pg_hba.conf lets the user postgres in (peer)"
    ))
}

fn refused(sql: &str, error: &tokio_postgres::Error) -> Fault {
    let first = sql.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    Fault::Failed(format!("PostgreSQL refused `{first} ..`: {}", words(error)))
}

fn words(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}
