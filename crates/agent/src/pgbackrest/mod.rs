//! pgBackRest, 2.45 and later, over a repository on disk.

mod config;
mod info;
mod verified;

use crate::engine::{Engine, Order, Verified};
use crate::fault::Fault;
use crate::process::{Printed, Program};
use domain::host::retention::Expiry;
use domain::host::set::{Set, SetKind};
use domain::host::target::Target;
use std::path::{Path, PathBuf};

pub use config::{archive_command, config};

/// So many sets are never reached: what goes is named by us, set by set.
const NEVER: &str = "9999999";

/// pgBackRest with a configuration, over a repository that may be another than the configuration's.
#[derive(Clone, Debug)]
pub struct PgBackRest {
    config: PathBuf,
    stanza: String,
    repository: PathBuf,
}

impl PgBackRest {
    /// Over a repository.
    pub fn new(config: PathBuf, stanza: &str, repository: &Path) -> Self {
        Self { config, stanza: stanza.to_owned(), repository: repository.to_owned() }
    }

    /// Its version, such as `2.45`.
    ///
    /// # Errors
    /// It is not installed.
    pub async fn version() -> Result<String, Fault> {
        let printed = Program::new("pgbackrest").arg("version").run().await?;
        Ok(printed.out.trim_start_matches("pgBackRest ").to_owned())
    }

    async fn run<S: AsRef<str>>(&self, args: &[S]) -> Result<Printed, Fault> {
        let config = format!("--config={}", self.config.display());
        let stanza = format!("--stanza={}", self.stanza);
        let repository = format!("--repo1-path={}", self.repository.display());
        let own = [config, stanza, repository];
        Program::new("pgbackrest").args(own).args(args.iter().map(AsRef::as_ref)).run().await
    }
}

impl Engine for PgBackRest {
    async fn prepare(&self) -> Result<(), Fault> {
        self.run(&["stanza-create"]).await?;
        self.run(&["check"]).await.map(drop)
    }

    async fn backup(&self, kind: SetKind) -> Result<(), Fault> {
        let kind = match kind {
            SetKind::Full => "--type=full",
            SetKind::Differential => "--type=diff",
            SetKind::Incremental => "--type=incr",
        };
        self.run(&["backup", kind]).await.map(drop)
    }

    async fn sets(&self) -> Result<Vec<Set>, Fault> {
        let printed = self.run(&["info", "--output=json"]).await?;
        info::sets(&printed.out).map_err(Fault::Failed)
    }

    async fn verify(&self) -> Result<Verified, Fault> {
        // Its exit code is 0 whatever it finds (pgbackrest#2502), so its words decide.
        let printed = self.run(&["verify", "--output=text", "--verbose"]).await?;
        verified::read(&printed.out).map_err(Fault::Failed)
    }

    async fn expire(&self, expiry: &Expiry) -> Result<(), Fault> {
        for label in &expiry.sets {
            self.run(&["expire", &format!("--set={label}")]).await?;
        }
        let continuous = format!("--repo1-retention-archive={}", expiry.continuous);
        let diff = format!("--repo1-retention-diff={NEVER}");
        let log = ["expire", "--repo1-retention-archive-type=diff", &continuous, &diff];
        self.run(&log).await.map(drop)
    }

    async fn restore(&self, order: &Order<'_>) -> Result<(), Fault> {
        self.run(&restore(order)).await.map(drop)
    }
}

/// A backup leaves room for the server that it is made of. A restore has nobody to leave any to, and each of its processes
/// waits for the disk at times.
fn hands() -> usize {
    std::thread::available_parallelism().map_or(2, |all| all.get() * 2).clamp(2, 16)
}

/// Never with archiving on: the new server would write its own history into the repository it came from.
fn restore(order: &Order<'_>) -> Vec<String> {
    let mut args = vec![
        "restore".to_owned(),
        format!("--pg1-path={}", order.to.display()),
        format!("--set={}", order.set.label),
        "--archive-mode=off".to_owned(),
        format!("--process-max={}", hands()),
    ];
    match order.target {
        Target::Latest => args.push("--type=default".to_owned()),
        Target::Set(_) => args.push("--type=immediate".to_owned()),
        Target::Moment(moment) => {
            args.push("--type=time".to_owned());
            args.push(format!("--target={}", moment.strftime("%Y-%m-%d %H:%M:%S%.6f+00")));
        }
    }
    if *order.target != Target::Latest {
        args.push("--target-action=promote".to_owned());
    }
    if !order.in_place {
        args.push(format!("--tablespace-map-all={}.tablespaces", order.to.display()));
    }
    if order.resumed {
        args.push("--delta".to_owned());
    }
    args
}
