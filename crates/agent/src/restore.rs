//! From nothing to a server that takes commits, in one command, each phase with its time.

mod fetch;
mod phases;

use crate::engine::{Engine, Order};
use crate::fault::Fault;
use crate::pgbackrest::PgBackRest;
use crate::process::Program;
use crate::server::{self, Server, program};
use crate::setup::Setup;
use crate::{backup, logical};
use clap::ValueEnum;
use domain::host::run::Job;
use domain::host::set::Set;
use domain::host::target::{Target, choose, moment};
use jiff::Timestamp;
use phases::Phases;
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

/// Where the restored server is to stand.
struct Place {
    data: PathBuf,
    port: u16,
    in_place: bool,
}

/// Restores.
///
/// # Errors
/// It could not be done; nothing that was there before is lost.
pub async fn restore(setup: &Setup, wish: &Wish) -> Result<String, Fault> {
    let now = Timestamp::now();
    let target = target(setup, wish)?;
    let place = place(setup, wish, now)?;
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

fn place(setup: &Setup, wish: &Wish, now: Timestamp) -> Result<Place, Fault> {
    let host = &setup.host;
    if let Some(id) = &wish.in_place {
        let right = id == host.id.as_str();
        let place = Place { data: host.data.clone(), port: host.port, in_place: true };
        return right.then_some(place).ok_or_else(|| {
            Fault::Setup(format!(
                "`--in-place` is `{id}`; to replace this server's data it must be its id, `{}`",
                host.id
            ))
        });
    }
    let named = || {
        PathBuf::from(format!(
            "{}.restored-{}",
            host.data.display(),
            now.strftime("%Y%m%dT%H%M%SZ")
        ))
    };
    let data = wish.to.clone().unwrap_or_else(named);
    if !data.is_absolute() || data == host.data {
        return Err(Fault::Setup(format!(
            "`--to` is `{}`; it must be an absolute path, and another one than the present data directory (`--in-place` replaces \
             that)",
            data.display()
        )));
    }
    let port = wish.port.unwrap_or(host.port.wrapping_add(1));
    Ok(Place { data, port, in_place: false })
}

/// A source that fails leaves the next one: a damaged repository does not fall back by itself.
async fn attempt(
    setup: &Setup,
    wish: &Wish,
    target: &Target,
    place: &Place,
) -> Result<String, Fault> {
    let mut phases = Phases::begin();
    let kept = make_room(setup, place).await?;
    let sources: &[From] = match wish.from {
        From::Auto => &[From::Local, From::S3],
        From::Local => &[From::Local],
        From::S3 => &[From::S3],
    };
    let mut failed = Vec::new();
    for source in sources {
        match from(setup, *source, target, place, &mut phases).await {
            Ok(repository) => {
                let serving = serve(setup, wish, place, &mut phases).await;
                if let Some(scratch) = repository {
                    // It only takes room.
                    _ = fs::remove_dir_all(scratch);
                }
                let serving = serving?;
                let kept = kept
                    .map(|kept| {
                        format!("\nthe damaged data directory is kept at {}", kept.display())
                    })
                    .unwrap_or_default();
                return Ok(format!("{serving}{kept}\n{}", phases.text(setup.host.rto)));
            }
            Err(fault) => failed.push(format!("from {}: {fault}", source.word())),
        }
    }
    let kept = kept
        .map(|kept| format!("; the damaged data directory is kept at `{}`", kept.display()))
        .unwrap_or_default();
    Err(Fault::Failed(format!("{}{kept}", failed.join("\n"))))
}

/// The present data directory is put aside, never overwritten; a directory that is not ours is left alone.
async fn make_room(setup: &Setup, place: &Place) -> Result<Option<PathBuf>, Fault> {
    if !place.in_place {
        return Ok(None);
    }
    if !place.data.exists() {
        return Ok(None);
    }
    let pg_ctl = program(setup.programs.as_deref(), &logical::major(&place.data)?, "pg_ctl");
    server::stop(&pg_ctl, &place.data).await?;
    if mark(&place.data).exists() {
        return Ok(None);
    }
    let kept = PathBuf::from(format!(
        "{}.damaged-{}",
        place.data.display(),
        Timestamp::now().strftime("%Y%m%dT%H%M%SZ")
    ));
    fs::rename(&place.data, &kept)
        .map_err(|error| Fault::file("cannot put aside", &place.data, &error))?;
    Ok(Some(kept))
}

/// Says that a data directory is one that a restore has begun; beside it, so that it is never taken for PostgreSQL's.
fn mark(data: &Path) -> PathBuf {
    PathBuf::from(format!("{}.restoring", data.display()))
}

async fn from(
    setup: &Setup,
    source: From,
    target: &Target,
    place: &Place,
    phases: &mut Phases,
) -> Result<Option<PathBuf>, Fault> {
    let scratch = PathBuf::from(format!("{}.repository", place.data.display()));
    let repository = if source == From::S3 { &scratch } else { &setup.host.repository };
    let config = setup.state.at("pgbackrest.conf");
    crate::state::write_bytes(
        &config,
        crate::pgbackrest::config(&setup.host, &setup.state).as_bytes(),
    )?;
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
    put_back(&engine, set, target, place).await?;
    settings(setup, repository, set, place)?;
    phases.end(&format!("restore of {}", set.label));
    Ok((source == From::S3).then_some(scratch))
}

async fn put_back(
    engine: &PgBackRest,
    set: &Set,
    target: &Target,
    place: &Place,
) -> Result<(), Fault> {
    let to = &place.data;
    let begun = mark(to).exists();
    let filled = fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some());
    if filled && !begun {
        return Err(Fault::Setup(format!(
            "`{}` is there and not empty, and no restore of ours began it; choose another with `--to`",
            to.display()
        )));
    }
    crate::state::write_bytes(&mark(to), set.label.as_bytes())?;
    make_directory(to)?;
    let order = Order { set, target, to, resumed: filled, in_place: place.in_place };
    engine.restore(&order).await?;
    fs::remove_file(mark(to)).map_err(|error| Fault::file("cannot remove", &mark(to), &error))
}

/// PostgreSQL starts in a directory of its own user's only.
fn make_directory(to: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    let fault = |error| Fault::file("cannot make", to, &error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(to).map_err(fault)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).map_err(fault)
}

/// Where a distribution keeps PostgreSQL's own files elsewhere, those that were kept beside the set stand in.
fn settings(setup: &Setup, repository: &Path, set: &Set, place: &Place) -> Result<(), Fault> {
    if place.in_place && setup.host.data.join("postgresql.conf").exists() {
        return Ok(());
    }
    let names = [
        ("config_file", "postgresql.conf"),
        ("hba_file", "pg_hba.conf"),
        ("ident_file", "pg_ident.conf"),
    ];
    for (kept, name) in names {
        let to = place.data.join(name);
        let kept = repository.join("settings").join(&set.label).join(kept);
        if to.exists() || !kept.exists() {
            continue;
        }
        fs::copy(&kept, &to).map_err(|error| Fault::file("cannot write", &to, &error))?;
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
    let major = logical::major(&place.data)?;
    let pg_ctl = program(setup.programs.as_deref(), &major, "pg_ctl");
    let log = PathBuf::from(format!("{}.log", place.data.display()));
    // Nobody reaches a server beside the present one by accident, and none of them archives.
    let listen = if place.in_place {
        String::new()
    } else {
        format!(" -c listen_addresses='{}'", wish.listen)
    };
    let options = format!(
        "-c archive_mode=off -c port={} -c unix_socket_directories='{}' -c data_directory='{}' -c hba_file='{data}/pg_hba.conf' \
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
    server.promoted(limit, &log, &place.data).await?;
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
