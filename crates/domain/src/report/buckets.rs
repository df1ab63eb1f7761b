//! How the buckets stand, in the report: their last verdict, which is not older than an hour.

use super::page::Page;
use super::words::{Words, time};
use crate::finding::Severity;
use crate::health::{Health, Verdict};
use crate::id::AssetId;
use crate::policy::{Language, Policy};
use crate::seen::Seen;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Serialize;

/// A bucket's last verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BucketRow {
    /// Which.
    pub asset: AssetId,
    /// Where its replicas are.
    pub dr_bucket: String,
    /// Its last verdict; nothing where there is none of the last day, or it could not be read.
    pub verdict: Option<Verdict>,
    /// When it was given.
    pub at: Option<Timestamp>,
    /// How far dr was behind at most, in seconds.
    pub latency_seconds: Option<i64>,
    /// How far it may be.
    pub objective_seconds: i64,
    /// How many objects S3 gave up that are not there.
    pub failed: Option<i64>,
}

/// One row per bucket, the worst first.
pub(super) fn rows(policy: &Policy, seen: &Seen) -> Vec<BucketRow> {
    let mut rows: Vec<BucketRow> = policy
        .buckets
        .iter()
        .filter_map(|bucket| {
            let read = seen.verdicts.get(&bucket.id)?;
            let last = read.known().and_then(|health: &Option<Health>| health.as_ref());
            Some(BucketRow {
                asset: bucket.id.clone(),
                dr_bucket: bucket.dr_bucket.clone(),
                verdict: last.map(|health| health.verdict),
                at: last.map(|health| health.at),
                latency_seconds: last.and_then(|health| health.latency_seconds),
                objective_seconds: bucket.lag.as_secs(),
                failed: last.map(|health| {
                    i64::try_from(health.failed).unwrap_or(i64::MAX).saturating_add(health.unnamed)
                }),
            })
        })
        .collect();
    rows.sort_by(|a, b| (b.severity(), &a.asset).cmp(&(a.severity(), &b.asset)));
    rows
}

impl BucketRow {
    /// How bad it is: no verdict is no health.
    pub fn severity(&self) -> Severity {
        match self.verdict {
            Some(Verdict::Healthy | Verdict::Young) => Severity::Info,
            Some(Verdict::Unknown) => Severity::Warning,
            Some(Verdict::Slow | Verdict::Failing | Verdict::NotConfigured) | None => {
                Severity::Critical
            }
        }
    }

    /// One line of the mail.
    pub(super) fn line(&self, policy: &Policy, words: &Words) -> String {
        let number = |of: Option<i64>| of.map_or(words.unknown.to_owned(), |of| of.to_string());
        let (latency, failed) = (number(self.latency_seconds), number(self.failed));
        let (verdict, sep) = (word(policy.language, self.verdict), words.separator);
        let Self { asset, dr_bucket, objective_seconds, .. } = self;
        match policy.language {
            Language::Ja => format!(
                "{verdict} {asset} → {dr_bucket}{sep}遅延 {latency} 秒 (目標 {objective_seconds} 秒), 断念 {failed} 個"
            ),
            Language::En => format!(
                "{verdict} {asset} → {dr_bucket}{sep}{latency} s behind (objective {objective_seconds} s), given up: {failed}"
            ),
        }
    }
}

/// What the part is called.
pub(super) fn title(language: Language) -> &'static str {
    match language {
        Language::Ja => "バケット (S3 レプリケーション)",
        Language::En => "Buckets (S3 replication)",
    }
}

impl Page<'_> {
    pub(super) fn buckets(&self) -> Markup {
        let heads = match self.language {
            Language::Ja => {
                ["バケット", "DR のバケット", "判定", "遅延", "目標", "断念", "判定した時刻"]
            }
            Language::En => {
                ["Bucket", "In DR", "Verdict", "Behind", "Objective", "Given up", "Judged at"]
            }
        };
        html! {
            @if !self.report.buckets.is_empty() {
                section {
                    h2 { (title(self.language)) }
                    table.rows {
                        thead { tr { @for head in heads { th scope="col" { (head) } } } }
                        tbody { @for row in &self.report.buckets { (self.bucket(row, &heads)) } }
                    }
                }
            }
        }
    }

    fn bucket(&self, row: &BucketRow, heads: &[&str; 7]) -> Markup {
        let seconds =
            |of: Option<i64>| of.map_or(self.words.unknown.to_owned(), |of| format!("{of} s"));
        let tone = match row.severity() {
            Severity::Info => "good",
            Severity::Warning => "warn",
            Severity::Critical => "bad",
        };
        let cells = [
            html! { (row.asset.as_str()) },
            html! { (row.dr_bucket) },
            html! { span class=(tone) { (word(self.language, row.verdict)) } },
            html! { (seconds(row.latency_seconds)) },
            html! { (seconds(Some(row.objective_seconds))) },
            html! { (row.failed.map_or(self.words.unknown.to_owned(), |of| of.to_string())) },
            html! { (row.at.map_or("-".to_owned(), |at| time(self.zone, at))) },
        ];
        html! {
            tr {
                @for (cell, head) in cells.iter().zip(heads) {
                    td data-label=(head) { span { (cell) } }
                }
            }
        }
    }
}

fn word(language: Language, verdict: Option<Verdict>) -> &'static str {
    match (language, verdict) {
        (Language::Ja, None) => "判定なし",
        (Language::Ja, Some(Verdict::Healthy)) => "正常",
        (Language::Ja, Some(Verdict::Young)) => "確認中",
        (Language::Ja, Some(Verdict::Slow)) => "遅延",
        (Language::Ja, Some(Verdict::Unknown)) => "不明",
        (Language::Ja, Some(Verdict::Failing)) => "失敗あり",
        (Language::Ja, Some(Verdict::NotConfigured)) => "設定不備",
        (Language::En, None) => "no verdict",
        (Language::En, Some(Verdict::Healthy)) => "healthy",
        (Language::En, Some(Verdict::Young)) => "too new",
        (Language::En, Some(Verdict::Slow)) => "slow",
        (Language::En, Some(Verdict::Unknown)) => "unknown",
        (Language::En, Some(Verdict::Failing)) => "failing",
        (Language::En, Some(Verdict::NotConfigured)) => "not configured",
    }
}
