//! What `sonae-sweep` is asked, and what it answers. It only plans: deleting is the function's.

use crate::file::policy;
use clap::Parser;
use cloud::config::Config;
use cloud::{Aws, Session};
use domain::notice;
use domain::sweep;
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

/// How long reading both Regions may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// Shows what the next sweep would delete, from what AWS shows now, and changes nothing.
///
/// Credentials come from the environment or from a profile, as the AWS CLI has them. Exits 0 when
/// all of the plan would be carried out, 1 when a part of it waits for a person's yes, 2 when
/// something cannot be read.
#[derive(Parser)]
#[command(name = "sonae-sweep", version)]
pub struct Args {
    /// Print the plan. There is nothing else that this tool does.
    #[arg(long, required = true)]
    plan: bool,
    /// Plan as if it were this time, such as `2025-12-01T09:00+09:00`.
    #[arg(long)]
    at: Option<Timestamp>,
    /// The policy file; without it `SONAE_POLICY`, else `policy/policy.toml`.
    #[arg(long)]
    file: Option<PathBuf>,
}

impl Args {
    /// The page to print, and the exit code.
    ///
    /// # Errors
    /// The exit code, and what is wrong in words.
    pub async fn answer(self) -> Result<(String, u8), (u8, String)> {
        let policy = policy(self.file)?;
        let now = self.at.unwrap_or_else(cloud::entry::now);
        let aws = Aws::new(Config::to_look(policy)).await;
        page(&Session::new(&aws, now, PATIENCE)).await
    }
}

/// The plan as a page, and the exit code.
///
/// # Errors
/// When something could not be read: the page says what.
pub async fn page(session: &Session<'_>) -> Result<(String, u8), (u8, String)> {
    let (policy, now) = (session.policy(), session.now);
    let plan = sweep::plan(policy, &session.stock().await, now);
    let page = notice::plan(policy, &plan, now);
    if !plan.unread.is_empty() {
        return Err((2, page));
    }
    let waits = plan.lots.iter().any(|lot| lot.stopped.is_some());
    Ok((page, u8::from(waits)))
}
