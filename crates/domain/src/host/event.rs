//! What the agent tells: one record, for EventBridge, the journal and a chat.

use super::run::{End, How, Run};
use crate::day;
use crate::id::AssetId;
use crate::policy::Language;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// `source` of every event.
pub const SOURCE: &str = "sonae.agent";
/// `detail-type` of a run's beginning or end.
pub const RUN: &str = "Sonae Agent Run";

/// A run's beginning or end, as told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Version of this record.
    pub schema: u8,
    /// Whose.
    pub host: AssetId,
    /// The protected system.
    pub system: String,
    /// SHA-256 of the policy that the agent works by.
    pub policy: String,
    /// The run.
    pub run: Run,
    /// Its name.
    pub id: String,
    /// Its end; absent at its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

impl Told {
    /// `started`, `succeeded`, `failed` or `killed`.
    pub fn word(&self) -> &'static str {
        self.end.as_ref().map_or("started", |end| end.how.word())
    }

    /// Where the journal keeps it.
    pub fn path(&self, zone: &TimeZone) -> String {
        let day = day::of(self.run.started, zone);
        format!("hosts/{}/{day}/{}/{}.json", self.host, self.id, self.word())
    }

    /// One line for a chat.
    pub fn line(&self, language: Language, zone: &TimeZone) -> String {
        match language {
            Language::En => self.in_english(zone),
            Language::Ja => self.in_japanese(zone),
        }
    }

    fn in_english(&self, zone: &TimeZone) -> String {
        let Self { system, host, run, .. } = self;
        let job = run.job;
        let Some(End { at, how }) = &self.end else {
            return format!("{system} / {host}: {job} started");
        };
        let took = took(*at, run.started, "s", "min");
        match how {
            How::Succeeded { detail } => {
                format!("OK {system} / {host}: {job} succeeded in {took}: {detail}")
            }
            How::Failed { why } => {
                format!("FAILED {system} / {host}: {job} failed after {took}: {why}")
            }
            How::Killed => format!(
                "FAILED {system} / {host}: {job} of {} was killed; see `sonae-agent status`",
                local(run.started, zone)
            ),
        }
    }

    fn in_japanese(&self, zone: &TimeZone) -> String {
        let Self { system, host, run, .. } = self;
        let job = run.job.in_japanese();
        let Some(End { at, how }) = &self.end else {
            return format!("{system} / {host}: {job}を開始しました");
        };
        let took = took(*at, run.started, "秒", "分");
        match how {
            How::Succeeded { detail } => {
                format!("【成功】{system} / {host}: {job}（{took}）: {detail}")
            }
            How::Failed { why } => format!("【失敗】{system} / {host}: {job}（{took}）: {why}"),
            How::Killed => format!(
                "【失敗】{system} / {host}: {} に始まった{job}は途中で止まりました。`sonae-agent status` を確認してください",
                local(run.started, zone)
            ),
        }
    }
}

fn took(at: Timestamp, started: Timestamp, seconds: &str, minutes: &str) -> String {
    let took = at.duration_since(started).max(SignedDuration::ZERO);
    match took.as_secs() {
        ..120 => format!("{:.1} {seconds}", took.as_secs_f64()),
        secs => format!("{} {minutes}", secs / 60),
    }
}

fn local(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}
