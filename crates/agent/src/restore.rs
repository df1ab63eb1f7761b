//! From nothing to a server that takes commits, in one command, each phase with its time.

mod fetch;
mod phases;
mod place;

use crate::engine::{Engine, Order};
use crate::fault::Fault;
use crate::lock::Lock;
use crate::mirror::walk;
use crate::pgbackrest::PgBackRest;
use crate::process::Program;
use crate::progress;
use crate::server::{self, Server, program};
use crate::setup::Setup;
use crate::state::write_bytes;
use crate::{backup, settings};
use clap::ValueEnum;
use domain::host::mirror::segments;
use domain::host::run::Job;
use domain::host::set::Set;
use domain::host::target::{Target, choose, moment};
use domain::host::wal::held;
use jiff::Timestamp;
use phases::Phases;
use place::{Place, beside, kept, make_room, mark, place, ready, remove};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is wished for.
#[derive(Clone, Debug, clap::Args)]
pub struct Wish {
    /// The moment to go back to, such as `2026-11-24T11:59:59+09:00`, or `2026-11-24 11:59:59` in the policy's zone; without
    /// it, the latest there is.
    #[arg(long)]
    target: Option<String>,
    /// The end of this one backup, by its label, where the log before and after it is gone.
    #[arg(long, conflicts_with = "target")]
    set: Option<String>,
    /// Where from; `auto` tries the local repository, and S3 where that fails.
    #[arg(long, value_enum, default_value = "auto")]
    from: From,
    /// The new data directory; without it, one beside the present one, named by the time.
    #[arg(long)]
    to: Option<PathBuf>,
    /// The port of the restored server; without it, the one after the present server's.
    #[arg(long)]
    port: Option<u16>,
    /// The addresses that the restored server listens on; without it, its socket only.
    #[arg(long, default_value = "")]
    listen: String,
    /// Puts it in the place of the present server, which is stopped; its data directory is kept beside. Takes the host's id.
    #[arg(long, value_name = "HOST", conflicts_with_all = ["to", "port"])]
    in_place: Option<String>,
}

/// Held by a restore: it never waits for a backup, and no backup takes it for killed.
pub const LOCK: &str = "restore.lock";

/// Where from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum From {
    /// Local, then S3.
    Auto,
    /// The repository of this host.
    Local,
    /// The bucket.
    S3,
}

/// Restores.
///
/// # Errors
/// It could not be done; nothing that was there before is lost.
pub async fn restore(setup: &Setup, wish: &Wish) -> Result<String, Fault> {
    let now = Timestamp::now();
    let target = target(setup, wish)?;
    let place = place(setup, wish, now)?;
    let _lock = Lock::take(&setup.state.at(LOCK))?;
    backup::recorded(setup, Job::Restore, attempt(setup, wish, &target, &place)).await
}

fn target(setup: &Setup, wish: &Wish) -> Result<Target, Fault> {
    let at =
        |text: &String| moment(text, &setup.policy.zone).map(Target::Moment).map_err(Fault::Setup);
    match (&wish.target, &wish.set) {
        (Some(text), _) => at(text),
        (None, Some(label)) => Ok(Target::Set(label.clone())),
        (None, None) => Ok(Target::Latest),
    }
}

/// A source that fails leaves the next one: neither a damaged repository nor a damaged log falls back by itself.
async fn attempt(
    setup: &Setup,
    wish: &Wish,
    target: &Target,
    place: &Place,
) -> Result<String, Fault> {
    let mut phases = Phases::begin();
    let sources: &[From] = match wish.from {
        From::Auto => &[From::Local, From::S3],
        From::Local => &[From::Local],
        From::S3 => &[From::S3],
    };
    let mut failed = Vec::new();
    for source in sources {
        match from(setup, wish, *source, target, place, &mut phases).await {
            Ok(serving) => {
                return Ok(format!("{serving}{}\n{}", kept(place), phases.text(setup.host.rto)));
            }
            Err(fault) => failed.push(format!("from {}: {fault}", source.word())),
        }
    }
    let on = match mark(&place.data).exists() {
        true if place.in_place => "\nthe same command goes on from here".to_owned(),
        true => format!(
            "\nto go on from here, add `--to {} --port {}`",
            place.data.display(),
            place.port
        ),
        false => String::new(),
    };
    Err(Fault::Failed(format!("{}{}{on}", failed.join("\n"), kept(place))))
}

/// One source, from choosing a set to a server that takes commits. What is there now is left as it is until there is
/// something to put in its place.
async fn from(
    setup: &Setup,
    wish: &Wish,
    source: From,
    target: &Target,
    place: &Place,
    phases: &mut Phases,
) -> Result<String, Fault> {
    let scratch = beside(&place.data, "repository");
    let repository = if source == From::S3 { &scratch } else { &setup.host.repository };
    let config = setup.state.at("pgbackrest.conf");
    write_bytes(&config, crate::pgbackrest::config(&setup.host, &setup.state).as_bytes())?;
    let engine = PgBackRest::new(config, setup.host.id.as_str(), repository);
    let fetch = match source {
        From::S3 => Some(fetch::Fetch::open(setup, &scratch).await?),
        From::Auto | From::Local => None,
    };
    let sets = engine.sets().await?;
    let set = choose(&sets, target, &setup.host, Timestamp::now())
        .map_err(|why| Fault::Failed(why.to_string()))?;
    phases.end("choose");
    if let Some(fetch) = fetch {
        let bytes = fetch.get(set).await?;
        phases.end(&format!("download, {} MiB", bytes / (1024 * 1024)));
    }
    make_room(setup, place).await?;
    put_back(&engine, set, target, place).await?;
    settings::put_back(repository, &set.label, &place.data)?;
    phases.end(&format!("restore of {}", set.label));
    let serving = serve(setup, wish, place, phases).await;
    let whole = match serving {
        Ok(serving) if *target == Target::Latest => {
            reached_the_end(setup, repository, set, place).map(|()| serving)
        }
        serving => serving,
    };
    if whole.is_err() {
        server::stop(setup, &place.data).await?;
        return whole;
    }
    remove(&mark(&place.data))?;
    if source == From::S3 {
        // It only takes room.
        _ = fs::remove_dir_all(scratch);
    }
    whole
}

async fn put_back(
    engine: &PgBackRest,
    set: &Set,
    target: &Target,
    place: &Place,
) -> Result<(), Fault> {
    let resumed = ready(place, &set.label)?;
    let order = Order { set, target, to: &place.data, resumed, in_place: place.in_place };
    progress::during("restore", engine.restore(&order)).await
}

/// A segment that lacks or is damaged ends a recovery without a target as if it were the log's end, and the server says
/// nothing: where it stopped is held against what there is.
fn reached_the_end(
    setup: &Setup,
    repository: &Path,
    set: &Set,
    place: &Place,
) -> Result<(), Fault> {
    let log = segments(walk(repository, "archive").iter().map(|found| &found.path));
    let bytes = server::segment(setup);
    let held = held(&log, set.wal_start, bytes);
    if let Some(gap) = held.gap {
        return Err(Fault::Failed(format!(
            "segment `{gap}` of the log lacks though later ones are there: what came after it is not restored"
        )));
    }
    let stopped = server::switched(&place.data)?;
    if stopped.0 + bytes < held.until.0 {
        return Err(Fault::Failed(format!(
            "recovery stopped at {:X}/{:X} although the log goes on to {:X}/{:X}: a segment between is damaged, and what came after \
             it is not restored",
            stopped.0 >> 32,
            stopped.0 & 0xFFFF_FFFF,
            held.until.0 >> 32,
            held.until.0 & 0xFFFF_FFFF
        )));
    }
    Ok(())
}

/// Starts it and waits until it takes commits: then, and not before, it is restored.
async fn serve(
    setup: &Setup,
    wish: &Wish,
    place: &Place,
    phases: &mut Phases,
) -> Result<String, Fault> {
    let pg_ctl = program(setup.programs.as_deref(), &server::major(&place.data)?, "pg_ctl");
    let log = beside(&place.data, "log");
    // What it says is read below, and its words are of the server's language else.
    _ = fs::remove_file(&log);
    // Nobody reaches a server beside the present one by accident, and none of them archives.
    let listen = if place.in_place {
        String::new()
    } else {
        format!(" -c listen_addresses='{}'", wish.listen)
    };
    let options = format!(
        "-c archive_mode=off -c lc_messages=C -c port={} -c unix_socket_directories='{}' -c data_directory='{}' -c hba_file='{data}/pg_hba.conf' \
         -c ident_file='{data}/pg_ident.conf' -c external_pid_file=''{listen}",
        place.port,
        setup.host.socket.display(),
        place.data.display(),
        data = place.data.display(),
    );
    let start = Program::new(pg_ctl)
        .args(["start", "-W", "-s"])
        .arg("-D")
        .arg(&place.data)
        .arg("-l")
        .arg(&log);
    start.arg("-o").arg(options).detached().await?;
    let server = Server::new(&setup.host.socket, place.port);
    let limit = Duration::from_secs(setup.host.rto.as_secs().unsigned_abs() * 4);
    progress::during("recovery", server.promoted(limit, &log, &place.data)).await?;
    phases.end("recovery");
    let newest = server.last_beat().await;
    let databases = server.databases().await?.len();
    phases.end("check");
    let newest = newest.map_or_else(
        |fault| format!("no heartbeat in it ({fault})"),
        |at| format!("newest commit of the heartbeat: {at}"),
    );
    Ok(format!(
        "serving on {}/.s.PGSQL.{}, data in {}, {databases} databases; {newest}\n\
         archiving is off: it is not backed up until `sonae-agent init --yes` was run for it",
        setup.host.socket.display(),
        place.port,
        place.data.display()
    ))
}

impl From {
    fn word(self) -> &'static str {
        match self {
            Self::Auto | Self::Local => "the local repository",
            Self::S3 => "S3",
        }
    }
}
