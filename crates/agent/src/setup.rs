//! Where the agent works: the policy, its host in it, and what the environment says. All problems at once.

use crate::fault::Fault;
use crate::state::State;
use aws_config::{Region, SdkConfig};
use domain::id::AssetId;
use domain::policy::{self, Host, Policy};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Everything a command works with.
#[derive(Debug)]
pub struct Setup {
    /// What is wanted.
    pub policy: Policy,
    /// This host's part of it.
    pub host: Host,
    /// The agent's own directory.
    pub state: State,
    /// The journal's bucket, in dr, if it was named.
    pub journal: Option<String>,
    /// The file with the URL of a chat's webhook.
    pub webhook: PathBuf,
    /// Where PostgreSQL's programs are, if not where Debian has them.
    pub programs: Option<PathBuf>,
    /// Where the policy was read.
    pub file: PathBuf,
}

/// What the command line and the environment say of it.
#[derive(Clone, Debug, clap::Args)]
pub struct Where {
    /// The policy file, the same that the functions have.
    #[arg(long, env = "SONAE_POLICY", default_value = "/etc/sonae/policy.toml", global = true)]
    pub policy: PathBuf,
    /// The id of this host in the policy; may be left out where it has one only.
    #[arg(long, env = "SONAE_HOST", global = true)]
    pub host: Option<String>,
    /// The agent's own directory.
    #[arg(long, env = "SONAE_STATE", default_value = "/var/lib/sonae", global = true)]
    pub state: PathBuf,
    /// The journal's bucket, an output of the dr stack.
    #[arg(long, env = "SONAE_JOURNAL", global = true)]
    pub journal: Option<String>,
    /// A file with the URL of a chat's webhook, readable by nobody else; without the file nothing is posted.
    #[arg(long, env = "SONAE_WEBHOOK_FILE", default_value = "/etc/sonae/webhook", global = true)]
    pub webhook: PathBuf,
    /// The directory of PostgreSQL's own programs; without it, where Debian has them.
    #[arg(long, env = "SONAE_PG_BIN", global = true)]
    pub programs: Option<PathBuf>,
}

impl Setup {
    /// Reads it.
    ///
    /// # Errors
    /// The policy cannot be read or has problems, or this host is not in it.
    pub fn read(at: Where) -> Result<Self, Fault> {
        let text = fs::read_to_string(&at.policy).map_err(|error| {
            let path = at.policy.display();
            Fault::Setup(format!(
                "`SONAE_POLICY` is `{path}`, which cannot be read: {error}; put there the policy that the functions have"
            ))
        })?;
        let path = at.policy.display();
        let policy = policy::parse(&text)
            .map_err(|bad| Fault::Setup(format!("`SONAE_POLICY` is `{path}`: {bad}")))?;
        let host = host(&policy, at.host.as_deref()).map_err(Fault::Setup)?;
        as_its_user(&host)?;
        let journal = at.journal.filter(|name| !name.is_empty());
        Ok(Self {
            host,
            policy,
            state: State::open(at.state)?,
            journal,
            webhook: at.webhook,
            programs: at.programs,
            file: at.policy,
        })
    }

    /// What the SDK's clients start from, with the Region of home.
    pub async fn sdk(&self) -> SdkConfig {
        let region = Region::new(self.policy.home.as_str().to_owned());
        cloud::clients::loader(cloud::clients::https()).region(region).load().await
    }
}

/// As root, files would come about that PostgreSQL cannot write, and archiving would stop.
fn as_its_user(host: &Host) -> Result<(), Fault> {
    let owner = |path: &Path| fs::metadata(path).ok().map(|data| data.uid());
    let ours = owner(Path::new("/proc/self"));
    let its = owner(&host.data);
    if ours == Some(0) || its.is_some() && its != ours {
        return Err(Fault::Setup(format!(
            "sonae-agent must run as the user that PostgreSQL runs as, the owner of `{}`: sudo -u postgres sonae-agent ..",
            host.data.display()
        )));
    }
    Ok(())
}

fn host(policy: &Policy, asked: Option<&str>) -> Result<Host, String> {
    let known: Vec<String> = policy.hosts.iter().map(|host| format!("`{}`", host.id)).collect();
    let known = known.join(", ");
    match (asked, policy.hosts.as_slice()) {
        (Some(id), _) => policy.host(&AssetId::new(id)).cloned().ok_or_else(|| {
            format!("`SONAE_HOST` is `{id}`, but the policy's hosts are {known}; it must be the id of one of them")
        }),
        (None, [host]) => Ok(host.clone()),
        (None, []) => Err("the policy has no asset of kind \"postgres-host\"; add one for this host".to_owned()),
        (None, _) => Err(format!("`SONAE_HOST` is not set; it must be one of {known}")),
    }
}
