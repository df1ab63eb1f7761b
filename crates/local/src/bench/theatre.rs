//! One account on loopback, and functions of either language on it.

use super::Options;
use super::process;
use super::scene::Scene;
use crate::runtime::{Function, environment};
use crate::server;
use jiff::Timestamp;
use model::Account;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::process::Command;

/// The functions of both, in the order in which they take turns.
pub(super) const LANGUAGES: [Language; 2] = [Language::Rust, Language::Python];

/// Where the twins lie.
const TWINS: &str = "bench";

/// Where distributions keep all certificate authorities in one file. Named by `SSL_CERT_FILE`, it
/// is all that a function reads, as on Lambda's Amazon Linux; Debian also has a folder with each of
/// them once more, which would be read too.
const AUTHORITIES: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// In what a function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    Python,
}

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    React,
    Check,
}

/// An invocation: the account that it meets, the time and the event.
pub(super) struct Act {
    pub(super) part: Part,
    pub(super) account: Account,
    pub(super) now: Timestamp,
    pub(super) event: Value,
}

/// How often each operation was called in each Region.
pub(super) type Calls = BTreeMap<String, usize>;

/// What an invocation came to.
pub(super) struct Played {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    pub(super) calls: Calls,
    /// The account after it.
    pub(super) account: Account,
}

/// The embedded cloud, and how to start a function on it.
pub(super) struct Theatre {
    account: Arc<Mutex<Account>>,
    aws: SocketAddr,
    options: Options,
    out: PathBuf,
}

/// A function's process that has ended its init.
pub(super) struct Actor<'t> {
    theatre: &'t Theatre,
    function: Function,
    pid: u32,
    pub(super) init: Duration,
    pub(super) init_cpu: Duration,
}

impl Theatre {
    pub(super) async fn open(options: &Options, out: &Path) -> Result<Self, String> {
        let account = Arc::new(Mutex::new(Account::new(Timestamp::UNIX_EPOCH)));
        let served = server::serve(Arc::clone(&account)).await;
        let aws = served.map_err(|error| format!("no port on loopback: {error}"))?;
        Ok(Self { account, aws, options: options.clone(), out: out.to_path_buf() })
    }

    /// Starts a process and waits until it asks for work.
    pub(super) async fn start(
        &self,
        language: Language,
        part: Part,
        scene: &Scene,
    ) -> Result<Actor<'_>, String> {
        let timeout = part.timeout(language);
        let mut env = environment(&scene.policy, &scene.file, timeout, self.aws);
        let authorities = AUTHORITIES.iter().find(|file| Path::new(file).exists());
        env.extend(authorities.map(|file| ("SSL_CERT_FILE".to_owned(), (*file).to_owned())));
        let log = self.out.join(format!("{part}-{language}.log"));
        let (name, timeout) = (part.to_string(), Duration::from_secs(timeout));
        let command = self.command(language, part)?;
        let began = Instant::now();
        let function = Function::launch(&name, command, env, timeout, &log).await;
        let function = function.map_err(|error| error.to_string())?;
        function.ready().await.map_err(|error| error.to_string())?;
        let init = began.elapsed();
        let pid = function.pid().ok_or_else(|| format!("{name} has no process"))?;
        let init_cpu = process::cpu(pid)?;
        Ok(Actor { theatre: self, function, pid, init, init_cpu })
    }

    fn command(&self, language: Language, part: Part) -> Result<Command, String> {
        let Options { functions, python, .. } = &self.options;
        match language {
            Language::Rust => Ok(Command::new(functions.join(part.to_string()))),
            Language::Python => {
                // Not canonical: resolved, the link would lead out of the virtual environment.
                let python = std::path::absolute(python).map_err(|error| error.to_string())?;
                let mut command = Command::new(python);
                let handler = format!("{part}.handler");
                command.args(["-m", "awslambdaric", &handler]).current_dir(TWINS);
                Ok(command)
            }
        }
    }

    /// Whatever was left on stage is swapped for another account.
    fn swap(&self, account: Account) -> Account {
        let mut here = self.account.lock().expect("no call panicked on the account");
        std::mem::replace(&mut here, account)
    }
}

impl Actor<'_> {
    /// Invokes it once.
    pub(super) async fn play(&self, act: Act) -> Result<Played, String> {
        let now = act.now;
        self.theatre.swap(act.account);
        let before = process::cpu(self.pid)?;
        let began = Instant::now();
        let answer = self.function.invoke(now, &act.event).await;
        let wall = began.elapsed();
        answer.map_err(|error| error.to_string())?;
        let cpu = process::cpu(self.pid)?.saturating_sub(before);
        let account = self.theatre.swap(Account::new(now));
        Ok(Played { wall, cpu, calls: counted(&account), account })
    }

    /// Ends it and tells the most memory that it ever had, in MiB. It is gone before the next one
    /// starts: taking down a large process would slow the start of a small one.
    pub(super) async fn leave(self) -> Result<f64, String> {
        let peak = process::peak(self.pid)?;
        self.function.stop().await.map_err(|error| error.to_string())?;
        Ok(peak)
    }
}

impl Part {
    /// The template's; the twin may take as long as Lambda lets anything take.
    fn timeout(self, language: Language) -> u64 {
        match (self, language) {
            (_, Language::Python) => 900,
            (Self::React, _) => 60,
            (Self::Check, _) => 300,
        }
    }
}

fn counted(account: &Account) -> Calls {
    let mut calls = Calls::new();
    for call in &account.calls {
        *calls.entry(format!("{} {}", call.op, call.region)).or_default() += 1;
    }
    calls
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::React => "react",
            Self::Check => "check",
        })
    }
}
