//! The embedded cloud as a process of its own, for `make deploy-local`: an account as the policy
//! expects it, with its last nights behind it, in real time and with copies that take seconds. Its
//! first line on stdout is where it is and which point it took last. It runs until it is ended.

use domain::policy::{Policy, parse};
use domain::seen::{Point, State};
use jiff::{SignedDuration, Timestamp};
use local::server;
use model::{Account, CopyPlan};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often time moves on.
const STEP: Duration = Duration::from_millis(100);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [file] = files.as_slice() else {
        eprintln!("usage: embedded policy/policy.toml");
        return ExitCode::from(2);
    };
    match serve(Path::new(file)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("embedded: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    let policy = parse(&text).map_err(|bad| format!("`{}`: {bad}", file.display()))?;
    let account = stage(&policy, Timestamp::now());
    let point = newest(&account).ok_or_else(|| "the account has no available point".to_owned())?;
    let account = Arc::new(Mutex::new(account));
    let at = server::serve(Arc::clone(&account)).await.map_err(|error| error.to_string())?;
    let url = format!("http://{at}");
    println!("{}", json!({"url": url, "point": point.name.to_string(), "arn": point.arn}));
    loop {
        tokio::time::sleep(STEP).await;
        account.lock().expect("no call panicked on the account").advance(Timestamp::now());
    }
}

/// 30 hours always hold an automated point that is available.
fn stage(policy: &Policy, now: Timestamp) -> Account {
    let mut account = Account::of(policy, now - SignedDuration::from_hours(30));
    account.advance(now);
    account.copy_plan =
        CopyPlan { waits: SignedDuration::from_secs(1), copies: SignedDuration::from_secs(2) };
    account
}

fn newest(account: &Account) -> Option<Point> {
    let points = account.snapshots.values().map(|snapshot| &snapshot.point);
    let available = points.filter(|point| point.state == State::Available);
    available.max_by_key(|point| point.created).cloned()
}
