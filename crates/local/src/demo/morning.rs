//! The morning after: the report, by the function and by hand, the plan as `sonae-sweep` shows it, the
//! sweep. One database has more than a month of copies behind it; of another one nothing was deleted
//! for weeks, which is too much to do unasked.

use super::cast::Cast;
use super::{Night, OUT, time, words};
use crate::runtime::environment;
use domain::policy::Policy;
use jiff::SignedDuration;
use model::Account;
use serde_json::json;
use std::net::SocketAddr;
use tokio::process::Command;

/// 09:00 on 6 November 2025 in Tokyo.
const MORNING: &str = "2025-11-06T00:00:00Z";
/// When the points of the night before this one are from.
const LAST_NIGHT: &str = "2025-11-04T18:05:00Z";

/// When the day is reported.
const REPORTED: &str = "2025-11-05T23:00:00Z";

/// The copies that stand in dr when the night begins, beside those of the nights that were played.
pub(super) fn put_past(account: &mut Account, policy: &Policy) {
    let nights = |id| if id == Cast::UNSWEPT { 40..52 } else { 30..32 };
    for asset in &policy.assets {
        let id = asset.id.as_str();
        if ![Cast::OLD, Cast::UNSWEPT].contains(&id) {
            continue;
        }
        for back in nights(id) {
            let taken = time(LAST_NIGHT) - SignedDuration::from_hours(24 * back);
            account.put_night(policy, asset, taken);
        }
    }
}

impl Night {
    /// Shows the plan, carries it out, and lets what was stopped be.
    pub(super) async fn morning(&mut self, cast: &Cast, aws: SocketAddr) -> Result<(), String> {
        self.pass_until(time(REPORTED)).await?;
        self.tick(time(REPORTED)).await?;
        println!("\n$ sonae report\n{}", reported(cast, aws).await?);
        self.pass_until(time(MORNING)).await?;
        println!("$ sonae-sweep --plan\n{}", shown(cast, aws).await?);
        let input = json!({"kind": "sweep", "scheduled_time": MORNING});
        let answer = self.sweep.invoke(time(MORNING), &input).await;
        self.answered("sweep", time(MORNING), answer)
    }
}

/// The report as the real tool prints it; all is well, so it ends with 0.
async fn reported(cast: &Cast, aws: SocketAddr) -> Result<String, String> {
    asked(cast, aws, "sonae", &["report", "--at", REPORTED, "--file"], 0).await
}

/// The plan as the real tool prints it; 1 means that a part of it waits for a person's yes.
async fn shown(cast: &Cast, aws: SocketAddr) -> Result<String, String> {
    let page = asked(cast, aws, "sonae-sweep", &["--plan", "--at", MORNING, "--file"], 1).await?;
    super::write(&cast.out.join("plan.txt"), page.as_bytes())?;
    Ok(page)
}

async fn asked(
    cast: &Cast,
    aws: SocketAddr,
    tool: &str,
    args: &[&str],
    code: i32,
) -> Result<String, String> {
    let binary = cast.binaries.join(tool);
    let mut command = Command::new(&binary);
    command.args(args).arg(&cast.file);
    command.env_clear().envs(environment(&cast.policy, &cast.file, 900, aws));
    let shown = command.output().await.map_err(|error| {
        format!("cannot start `{}`: {error}; build it with `make build`", binary.display())
    })?;
    let (page, problem) = (text(&shown.stdout), text(&shown.stderr));
    match shown.status.code() {
        Some(found) if found == code && !page.is_empty() => Ok(page),
        _ => Err(format!("{tool} ended with {}: {page}{problem}", shown.status)),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a sweep did, in one line.
pub(super) fn swept(language: domain::policy::Language, deleted: u64) -> String {
    let words = words(language, "期限を過ぎた復旧ポイントの削除", "points past their day deleted");
    format!("{words}: {deleted}  ({OUT}/plan.txt)")
}
