//! Who plays: the shipped policy with three more instances, an Aurora cluster, a file system and a bucket,
//! and the four function binaries.

use super::write;
use crate::invoke::{BUCKET, CLUSTER, FILE_SYSTEM};
use crate::runtime::{Function, beside_this, environment};
use domain::policy::{Policy, parse};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) struct Cast {
    pub(super) policy: Policy,
    pub(super) out: PathBuf,
    pub(super) file: PathBuf,
    pub(super) binaries: PathBuf,
}

/// What happens to an event on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Once,
    Twice,
    Lost,
}

impl Cast {
    /// Its event is lost.
    const UNHEARD: &'static str = "kaigo-subsys-master";
    /// Its event comes twice.
    const TWICE: &'static str = "kaigo-subsys-audit";
    /// How many copies of instances dr takes at once: others wait for their turn.
    pub(super) const PLACES: usize = 2;
    /// It has a month of copies behind it.
    pub(super) const OLD: &'static str = "kaigo-subsys-prod";
    /// Nothing of it was deleted for weeks.
    pub(super) const UNSWEPT: &'static str = Self::TWICE;
    /// Its copies fail.
    pub(super) const FAILING: &'static str = "kaigo-subsys-report";

    /// Reads the shipped policy, adds the cast, and clears the stage.
    pub(super) fn gather(out: &Path) -> Result<Self, String> {
        let shipped = read(Path::new("policy/policy.toml"))?;
        let text = Self::with_more(&in_language(&shipped)?);
        let policy = parse(&text).map_err(|bad| format!("the demo's policy: {bad}"))?;
        if out.exists() {
            let cleared = std::fs::remove_dir_all(out);
            cleared.map_err(|error| format!("cannot clear `{}`: {error}", out.display()))?;
        }
        let file = out.join("policy.toml");
        write(&file, text.as_bytes())?;
        Ok(Self { policy, out: out.to_path_buf(), file, binaries: beside_this()? })
    }

    fn with_more(shipped: &str) -> String {
        // The embedded account has thirty nights.
        let shipped = shipped.replace("2025-11-05 ", "2025-10-07 ");
        // What a restore needs besides, asked for by every look.
        let shipped = shipped.replace("# dr_subnet", "dr_subnet").replace("# dr_pitr", "dr_pitr");
        let more = [Self::UNHEARD, Self::TWICE, Self::FAILING];
        let table = |kind: &str, id| format!("\n[[asset]]\nkind = \"{kind}\"\nid = \"{id}\"\n");
        let instances = more.map(|id| table("rds-instance", id)).concat();
        format!("{shipped}{instances}{CLUSTER}{FILE_SYSTEM}{BUCKET}")
    }

    /// Starts one function as Lambda would, with time, AWS and journal of the embedded cloud.
    pub(super) async fn start(
        &self,
        name: &str,
        timeout: u64,
        aws: SocketAddr,
    ) -> Result<Function, String> {
        let binary = self.binaries.join(name);
        let log = self.out.join(format!("{name}.log"));
        let env = environment(&self.policy, &self.file, timeout, aws);
        let started = Function::start(name, &binary, env, Duration::from_secs(timeout), &log).await;
        started.map_err(|error| {
            format!("cannot start `{}`: {error}; build it with `make build`", binary.display())
        })
    }

    /// What happens to an event: only the first one of each database has a fate.
    pub(super) fn fate(event: &Value) -> Fate {
        let detail = event.get("detail").unwrap_or(&Value::Null);
        let text = |field: &str| detail.get(field).and_then(Value::as_str).unwrap_or_default();
        let of = |instance: &str| text("SourceIdentifier").contains(instance);
        match text("EventID") {
            "RDS-EVENT-0091" if of(Self::UNHEARD) => Fate::Lost,
            "RDS-EVENT-0091" if of(Self::TWICE) => Fate::Twice,
            _ => Fate::Once,
        }
    }
}

/// `NOTICE_LANG=en` asks for English.
fn in_language(shipped: &str) -> Result<String, String> {
    match std::env::var("NOTICE_LANG").as_deref() {
        Err(_) | Ok("" | "ja") => Ok(shipped.to_owned()),
        Ok("en") => Ok(shipped.replace("language = \"ja\"", "language = \"en\"")),
        Ok(other) => Err(format!("`NOTICE_LANG` is `{other}`; it must be `ja` or `en`")),
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| {
        format!("cannot read `{}`: {error}; run the demo from the project's root", path.display())
    })
}
