//! What `sonae-agent` is asked.

use crate::fault::Fault;
use crate::lock::Lock;
use crate::mirror::Mirror;
use crate::restore::{self, Wish};
use crate::said::Said;
use crate::setup::{Setup, Where};
use crate::{backup, doctor, expire, init, status, watch};
use clap::{Parser, Subcommand, ValueEnum};
use domain::host::run::Job;

/// Backs up the PostgreSQL server of this host, mirrors the backups to S3, proves them and tells what came of it. Runs as the
/// user that PostgreSQL runs as. Exits 0 when all is well, 1 when a run failed (it was recorded and is told), 2 when policy,
/// environment or arguments cannot be worked with, 3 when another run holds the lock, 4 when something was found that a
/// person must mend.
#[derive(Debug, Parser)]
#[command(name = "sonae-agent", version)]
pub struct Args {
    #[command(flatten)]
    at: Where,
    /// Prints one JSON object on standard output, whatever comes of it; its `code` is the exit code.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sets the host up: shows its plan, and carries it out with `--yes`.
    Init {
        /// Do it.
        #[arg(long)]
        yes: bool,
    },
    /// Makes a backup now.
    Backup {
        /// Of which kind.
        kind: Kind,
    },
    /// Makes whatever is due by the policy; the timer calls this.
    Due,
    /// Takes to the bucket what lacks there.
    Mirror {
        /// Goes on until stopped, within seconds of each segment of the log, and measures how far the bucket is behind.
        #[arg(long)]
        watch: bool,
    },
    /// Reads the whole repository back, and holds the bucket against it.
    Verify,
    /// Lets go what is past its keeping.
    Expire {
        /// Only say what would go.
        #[arg(long)]
        dry_run: bool,
    },
    /// Restores, to a server that takes commits.
    Restore(Wish),
    /// Says how the host stands.
    Status,
    /// Says whether the host is set up as it should be, part by part, and what to do where it is not.
    Doctor,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Everything.
    Full,
    /// What has changed since the last full one.
    Diff,
    /// A dump of each database, and of the roles.
    Logical,
}

impl Args {
    /// Whether a program reads the answer.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Does it, and says what to print.
    pub async fn answer(self) -> Said {
        // Boxed: the SDK's futures nest so deep that the compiler gives up on their layout.
        let done = async { Box::pin(self.command.run(&Setup::read(self.at)?)).await };
        done.await.unwrap_or_else(Said::from)
    }
}

impl Command {
    async fn run(self, setup: &Setup) -> Result<Said, Fault> {
        let text = match self {
            Self::Init { yes } => init::init(setup, yes).await?,
            Self::Backup { kind } => backup::run(setup, kind.job()).await?,
            Self::Due => backup::due(setup).await?,
            Self::Mirror { watch: true } => watch::watch(setup).await?,
            Self::Mirror { watch: false } => mirror(setup).await?,
            Self::Verify => backup::run(setup, Job::Verify).await?,
            Self::Expire { dry_run: false } => backup::run(setup, Job::Expire).await?,
            Self::Restore(wish) => restore::restore(setup, &wish).await?,
            Self::Expire { dry_run: true } => {
                let plan = expire::plan(setup).await?;
                return Ok(Said::of(expire::said(&plan) + "\n", &plan, false));
            }
            Self::Status => return Ok(status::Status::look(setup).await.said()),
            Self::Doctor => return Ok(doctor::doctor(setup).await),
        };
        Ok(text.into())
    }
}

impl Kind {
    fn job(self) -> Job {
        match self {
            Self::Full => Job::Full,
            Self::Diff => Job::Differential,
            Self::Logical => Job::Logical,
        }
    }
}

async fn mirror(setup: &Setup) -> Result<String, Fault> {
    let _lock = Lock::take(&setup.state.at("mirror.lock"))?;
    let pass = Mirror::open(setup).await?.pass(&setup.engine()).await?;
    let whole = if pass.whole {
        "the bucket has what the repository lists"
    } else {
        "the repository changed meanwhile: run it again"
    };
    Ok(format!(
        "{} objects put, {} bytes, {} taken away; {whole}\n",
        pass.objects, pass.bytes, pass.deleted
    ))
}
