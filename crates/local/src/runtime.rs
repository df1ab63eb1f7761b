//! A Lambda Runtime API for one real function binary. It owns the function's clock: the deadline
//! that an invocation carries is virtual, and a function started with `SONAE_CLOCK=<timeout seconds>`
//! reads the time from it.

mod desk;
mod environment;

use crate::server::listen;
use desk::{Desk, Invocation};
use jiff::Timestamp;
use serde_json::Value;
use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::task::AbortHandle;

pub use environment::{beside_this, environment};

/// Whose functions these are; the model's account.
const ACCOUNT: &str = "123456789012";
/// Where a function runs whose environment names no `AWS_REGION`.
const REGION: &str = "us-east-1";
/// How much of the log an error shows.
const TAIL_LINES: usize = 20;

/// A running function. Dropped, its process is killed.
#[derive(Debug)]
pub struct Function {
    name: String,
    arn: String,
    timeout: Duration,
    log: PathBuf,
    desk: Arc<Desk>,
    /// Held for a whole invocation: a Lambda environment does one at a time.
    child: Mutex<Child>,
    /// Its process.
    pid: Option<u32>,
    listener: AbortHandle,
}

/// Why an invocation brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The handler answered with an error.
    #[error("function `{function}` failed: {kind}: {message}")]
    Failed {
        /// The function.
        function: String,
        /// `errorType`.
        kind: String,
        /// `errorMessage`.
        message: String,
    },
    /// The process ended, or could not be watched; nothing can be invoked any more.
    #[error("function `{function}` exited: {how}; its log ends with:\n{tail}")]
    Exited {
        /// The function.
        function: String,
        /// What it reported while starting, else its exit status.
        how: String,
        /// The last lines of its log.
        tail: String,
    },
    /// No answer within the timeout, in real time; the process was killed, as Lambda would.
    #[error("function `{function}` did not answer in {timeout:?}; its log ends with:\n{tail}")]
    TimedOut {
        /// The function.
        function: String,
        /// Its timeout.
        timeout: Duration,
        /// The last lines of its log.
        tail: String,
    },
}

impl Function {
    /// Starts the binary with only this environment and what Lambda adds to it; what it prints is
    /// appended to `log`. `AWS_REGION` is given or `us-east-1`.
    ///
    /// # Errors
    /// When loopback, the log or the binary cannot be had.
    pub async fn start(
        name: &str,
        binary: &Path,
        env: Vec<(String, String)>,
        timeout: Duration,
        log: &Path,
    ) -> io::Result<Self> {
        Self::launch(name, Command::new(binary), env, timeout, log).await
    }

    /// The same for a function that is a command with arguments, such as an interpreter's.
    ///
    /// # Errors
    /// When loopback, the log or the command cannot be had.
    pub async fn launch(
        name: &str,
        command: Command,
        env: Vec<(String, String)>,
        timeout: Duration,
        log: &Path,
    ) -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let front = Arc::clone(&desk);
        let (at, listener) = listen(move |request| {
            let desk = Arc::clone(&front);
            async move { desk.serve(request).await }
        })
        .await?;
        let region = env.iter().find(|(key, _)| key == "AWS_REGION").map(|(_, region)| &**region);
        let arn = format!("arn:aws:lambda:{}:{ACCOUNT}:function:{name}", region.unwrap_or(REGION));
        let child = spawn(name, command, env, at, log)?;
        let pid = child.id();
        let (name, log, child) = (name.to_owned(), log.to_owned(), Mutex::new(child));
        Ok(Self { name, arn, timeout, log, desk, child, pid, listener })
    }

    /// Its process, as long as it was running when it was started.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Waits until it asks for its first invocation: its init is over then.
    ///
    /// # Errors
    /// [`InvokeError::Exited`].
    pub async fn ready(&self) -> Result<(), InvokeError> {
        let mut child = self.child.lock().await;
        tokio::select! {
            biased;
            () = self.desk.asked() => Ok(()),
            status = child.wait() => Err(self.exited(self.last_words(status))),
        }
    }

    /// Ends its process and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn stop(&self) -> io::Result<()> {
        self.child.lock().await.kill().await
    }

    /// Invokes it at a virtual time and waits for its answer.
    ///
    /// # Errors
    /// [`InvokeError`].
    pub async fn invoke(&self, now: Timestamp, event: &Value) -> Result<Value, InvokeError> {
        let mut child = self.child.lock().await;
        let deadline_ms = now.as_millisecond() + self.timeout.as_millis() as i64;
        let (id, answer) = self.desk.put(Invocation {
            deadline_ms,
            arn: self.arn.clone(),
            event: event.to_string(),
        });
        tokio::select! {
            // In this order: an answer given just before the process ended is an answer.
            biased;
            answer = answer => match answer {
                Ok(answer) => answer.map_err(|error| self.failed(&error)),
                Err(_) => Err(self.exited("its answer slot was lost".to_owned())),
            },
            status = child.wait() => Err(self.exited(self.last_words(status))),
            () = tokio::time::sleep(self.timeout) => {
                self.desk.withdraw(&id);
                let _already_gone = child.kill().await;
                Err(self.timed_out())
            }
        }
    }

    fn failed(&self, error: &Value) -> InvokeError {
        let field = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let (kind, message) = (field("errorType"), field("errorMessage"));
        InvokeError::Failed { function: self.name.clone(), kind, message }
    }

    fn exited(&self, how: String) -> InvokeError {
        InvokeError::Exited { function: self.name.clone(), how, tail: self.tail() }
    }

    fn timed_out(&self) -> InvokeError {
        let (function, timeout, tail) = (self.name.clone(), self.timeout, self.tail());
        InvokeError::TimedOut { function, timeout, tail }
    }

    fn last_words(&self, status: io::Result<ExitStatus>) -> String {
        match (self.desk.init_error(), status) {
            (Some(error), _) => format!("init error {error}"),
            (None, Ok(status)) => status.to_string(),
            (None, Err(error)) => error.to_string(),
        }
    }

    fn tail(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn spawn(
    name: &str,
    mut command: Command,
    env: Vec<(String, String)>,
    api: SocketAddr,
    log: &Path,
) -> io::Result<Child> {
    let out = File::options().create(true).append(true).open(log)?;
    let child = command
        .env_clear()
        .env("AWS_REGION", REGION)
        .envs(env)
        .env("AWS_LAMBDA_RUNTIME_API", api.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
        .stdin(Stdio::null())
        .stderr(out.try_clone()?)
        .stdout(out)
        .kill_on_drop(true)
        .spawn();
    let named = |error: io::Error| {
        let program = command.as_std().get_program().display();
        io::Error::new(error.kind(), format!("cannot start `{program}`: {error}"))
    };
    child.map_err(named)
}
