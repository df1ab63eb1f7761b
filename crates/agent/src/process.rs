//! Other programs: started, waited for, their words kept.

use crate::fault::Fault;
use std::ffi::OsStr;
use std::process::Stdio;
use tokio::process::Command;

/// How much of a program's last words is passed on.
const WORDS: usize = 1500;

/// A program that is started without a shell.
#[derive(Debug)]
pub struct Program {
    name: String,
    command: Command,
}

/// What it printed, having succeeded.
#[derive(Debug)]
pub struct Printed {
    /// On standard output.
    pub out: String,
    /// On standard error.
    pub err: String,
}

impl Program {
    /// A program by name or path. It dies with the agent's own call.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let mut command = Command::new(&name);
        command.stdin(Stdio::null()).kill_on_drop(true);
        Self { name, command }
    }

    /// With an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// With arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// It could not be started, or ended with another code than 0; its last words say why.
    pub async fn run(mut self) -> Result<Printed, Fault> {
        let name = &self.name;
        let missing = |error: std::io::Error| {
            Fault::Failed(format!("`{name}` could not be started: {error}; is it installed?"))
        };
        let output = self.command.output().await.map_err(missing)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let printed = Printed { out: text(&output.stdout), err: text(&output.stderr) };
        if output.status.success() {
            return Ok(printed);
        }
        let words = format!("{}\n{}", printed.out, printed.err);
        Err(Fault::Failed(format!("`{name}` ended with {}: {}", output.status, last(words.trim()))))
    }

    /// Runs it to its end where it leaves a child behind that would hold its output open for ever.
    ///
    /// # Errors
    /// As [`Self::run`], without its words.
    pub async fn detached(mut self) -> Result<(), Fault> {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        let name = &self.name;
        let status = self.command.status().await;
        let status = status
            .map_err(|error| Fault::Failed(format!("`{name}` could not be started: {error}")))?;
        status
            .success()
            .then_some(())
            .ok_or_else(|| Fault::Failed(format!("`{name}` ended with {status}")))
    }
}

fn last(words: &str) -> &str {
    let from = words.len().saturating_sub(WORDS);
    (from..words.len()).find_map(|from| words.get(from..)).unwrap_or(words)
}
