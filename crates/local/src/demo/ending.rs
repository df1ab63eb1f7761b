//! What is left of the night: the notices as a person gets them, the duty table, the journal.

use super::{words, write};
use domain::policy::{Language, Policy};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use model::Account;
use serde_json::Value;
use std::path::Path;

/// The night's day.
const DAY: Date = date(2025, 11, 6);

/// Prints and keeps every notice.
pub(super) fn mails(account: &Account, policy: &Policy, out: &Path) -> Result<(), String> {
    let mails = account.outbox.get(&account.topic(&policy.home)).cloned().unwrap_or_default();
    let title = words(policy.language, "届いた通知", "the notices");
    println!("\n===== {title}: {}", mails.len());
    for (n, mail) in mails.iter().enumerate() {
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.body);
        println!("\n----- {}\n{text}", n + 1);
        write(&out.join(format!("mail/{}.txt", n + 1)), text.as_bytes())?;
    }
    Ok(())
}

/// The duties of the day, from the journal alone: what an auditor reads.
pub(super) fn duties(account: &Account, policy: &Policy) {
    let head = match policy.language {
        Language::Ja => ["対象", "取得 (データの時刻)", "到着を確認", "失敗", "開始"],
        Language::En => ["asset", "taken (data of)", "seen landed", "failed", "started by"],
    };
    println!("===== {DAY}\n{}", row(&head));
    for asset in &policy.assets {
        let fact = |what: &str| fact(account, &format!("duties/{DAY}/{}/{what}.json", asset.id));
        let local = |what: &str, field: &str| {
            let time = fact(what).and_then(|fact| fact.get(field)?.as_str()?.parse().ok());
            let local = |time: Timestamp| time.to_zoned(policy.zone.clone());
            time.map_or("-".to_owned(), |time| local(time).strftime("%H:%M:%S").to_string())
        };
        let failed = (1..=3).filter(|n| fact(&format!("failed-{n}")).is_some()).count();
        let requested = (1..=3).rev().find_map(|n| fact(&format!("requested-{n}")));
        let by = requested.and_then(|fact| Some(fact.get("by")?.as_str()?.to_owned()));
        let cells = [
            asset.id.to_string(),
            local("taken", "created"),
            local("landed", "seen_at"),
            failed.to_string(),
            by.unwrap_or_default(),
        ];
        println!("{}", row(&cells.each_ref().map(String::as_str)));
    }
}

/// Writes the journal's objects out as files.
pub(super) fn journal(account: &Account, out: &Path, language: Language) -> Result<(), String> {
    let objects = account.objects.iter().filter(|((bucket, _), _)| bucket == "journal");
    let mut count = 0;
    for ((_, key), object) in objects {
        write(&out.join("journal").join(key), &object.body)?;
        count += 1;
    }
    let lies = words(language, "記録", "the journal");
    println!("\n{lies}: {}/journal/ ({count} objects)", out.display());
    Ok(())
}

/// Where the page of the day lies.
pub(super) fn report(out: &Path, language: Language) {
    let lies = words(language, "日次報告", "the report");
    println!("{lies}: {}/journal/reports/{DAY}.html", out.display());
}

fn fact(account: &Account, key: &str) -> Option<Value> {
    let object = account.objects.get(&("journal".to_owned(), key.to_owned()))?;
    serde_json::from_slice(&object.body).ok()
}

/// Columns by display width: Japanese characters are two wide.
fn row(cells: &[&str; 5]) -> String {
    let widths = [24, 22, 14, 8, 10];
    let pad = |(cell, width): (&&str, usize)| {
        let wide: usize = cell.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        format!("{cell}{}", " ".repeat(width.saturating_sub(wide)))
    };
    cells.iter().zip(widths).map(pad).collect::<String>().trim_end().to_owned()
}
