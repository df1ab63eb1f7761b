//! `sonae report`: today's report by hand, from what AWS shows now. It only looks.

use crate::file::policy;
use clap::{Parser, Subcommand};
use cloud::config::Config;
use cloud::{Aws, Session};
use domain::finding::Severity;
use domain::report::{self, Report};
use domain::round;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long reading both Regions may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// Looks at what Sonae protects, and changes nothing.
///
/// Credentials come from the environment or from a profile, as the AWS CLI has them.
#[derive(Parser)]
#[command(name = "sonae", version)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the report of today as it would be now. Exits 0 when all is well, 1 when something is wrong
    /// or could not be read, 2 when there is no report to print.
    Report {
        /// The journal's bucket (output `JournalBucketName` of the dr stack): what was told, and the days
        /// before this one.
        #[arg(long, env = "SONAE_JOURNAL", value_parser = bucket)]
        journal: String,
        /// Also writes the page to this file.
        #[arg(long)]
        html: Option<PathBuf>,
        /// Prints JSON (docs/report.schema.json).
        #[arg(long)]
        json: bool,
        /// Look as if it were this time, such as `2025-12-01T08:00+09:00`.
        #[arg(long)]
        at: Option<Timestamp>,
        /// The policy file; without it `SONAE_POLICY`, else `policy/policy.toml`.
        #[arg(long)]
        file: Option<PathBuf>,
    },
}

/// An empty one is what a Makefile or a shell makes of a variable that is not set.
fn bucket(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
    let named = (3..=63).contains(&text.len()) && text.chars().all(plain);
    named.then(|| text.to_owned()).ok_or_else(|| {
        "it must be the name of a bucket, 3 to 63 lower-case letters, digits, hyphens and dots, such as \
         `sonae-dr-journalbucket-1abcdefghijk2`: the output `JournalBucketName` of the dr stack"
            .to_owned()
    })
}

impl Args {
    /// What to print, and the exit code.
    ///
    /// # Errors
    /// The exit code, and what is wrong in words.
    pub async fn answer(self) -> Result<(String, u8), (u8, String)> {
        let Command::Report { journal, html, json, at, file } = self.command;
        let now = at.unwrap_or_else(cloud::entry::now);
        let aws = Aws::new(Config::to_report(policy(file)?, journal)).await;
        let session = Session::new(&aws, now, PATIENCE);
        print(&session, html.as_deref(), json).await
    }
}

/// The report in the shape that was asked for, and the exit code.
///
/// # Errors
/// When the page could not be written.
pub async fn print(
    session: &Session<'_>,
    html: Option<&Path>,
    json: bool,
) -> Result<(String, u8), (u8, String)> {
    let policy = session.policy();
    let report = round::report(session, policy, session.now).await;
    if let Some(file) = html {
        std::fs::write(file, report::page(policy, &report)).map_err(|error| {
            (2, format!("cannot write `{}`: {error}; give the path of a file", file.display()))
        })?;
    }
    let shown = match json {
        true => in_json(&report)?,
        false => report::text(policy, &report),
    };
    Ok((shown, u8::from(report.severity > Severity::Info)))
}

fn in_json(report: &Report) -> Result<String, (u8, String)> {
    let text = serde_json::to_string_pretty(report);
    text.map(|text| text + "\n").map_err(|error| (2, error.to_string()))
}
