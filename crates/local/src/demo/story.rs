//! The night, a line per step, in virtual time.

use super::cast::Fate;
use super::{morning, words};
use domain::id::Region;
use domain::policy::{Language, Policy};
use domain::seen::{Point, State};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Account, Place};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) struct Story {
    language: Language,
    zone: TimeZone,
    home: Region,
    dr: Region,
    seen: BTreeMap<Place, State>,
}

impl Story {
    pub(super) fn new(policy: &Policy) -> Self {
        let Policy { language, zone, home, dr, .. } = policy.clone();
        Self { language, zone, home, dr, seen: BTreeMap::new() }
    }

    /// What is there already is nothing new.
    pub(super) fn begin_with(&mut self, account: &Account) {
        let all = account.snapshots.iter();
        self.seen.extend(all.map(|(at, snapshot)| (at.clone(), snapshot.point.state.clone())));
    }

    pub(super) fn opening(&self) {
        let (home, dr) = (&self.home, &self.dr);
        let title = self.pick("介護サブシステムの夜", "the night of the kaigo subsystem");
        println!("{title}: {home} -> {dr}\n");
    }

    /// Points and copies that are new or changed state.
    pub(super) fn changes(&mut self, account: &Account) {
        for (at, snapshot) in &account.snapshots {
            let point = &snapshot.point;
            if self.seen.get(at) != Some(&point.state) {
                self.seen.insert(at.clone(), point.state.clone());
                self.line(account.now, at.0.as_str(), &self.change(point));
            }
        }
        let gone: Vec<_> =
            self.seen.keys().filter(|at| !account.snapshots.contains_key(*at)).cloned().collect();
        for at in gone {
            self.seen.remove(&at);
            let deleted = self.pick("削除", "deleted");
            self.line(account.now, at.0.as_str(), &format!("{} {deleted}", at.2));
        }
    }

    fn change(&self, point: &Point) -> String {
        let (name, state) = (&point.name, point.state.word());
        let under = match (&point.state, &point.source, &point.key) {
            (State::Pending, Some(_), Some(key)) => {
                format!("  {} {}", self.pick("鍵を掛け替え", "re-keyed to"), short(key))
            }
            _ => String::new(),
        };
        format!("{name} {state}{under}")
    }

    pub(super) fn event(&self, now: Timestamp, event: &Value, route: &str, fate: Fate) {
        let detail = event.get("detail").unwrap_or(&Value::Null);
        let text = |field: &str| detail.get(field).and_then(Value::as_str).unwrap_or_default();
        let what = match event.get("source").and_then(Value::as_str) {
            Some("aws.backup") => of_backup(event, detail),
            _ => format!("{} {}", text("EventID"), text("SourceIdentifier")),
        };
        let fate = match fate {
            Fate::Once => String::new(),
            Fate::Twice => self.pick("  (2回届く)", "  (delivered twice)").to_owned(),
            Fate::Lost => self.pick("  (届かない)", "  (lost)").to_owned(),
        };
        self.line(now, "event", &format!("{what}  [{route}]{fate}"));
    }

    /// Tells what a function did, unless it was nothing; `quiet` such answers went before.
    pub(super) fn answer(
        &self,
        function: &str,
        now: Timestamp,
        answer: &Value,
        quiet: u32,
    ) -> bool {
        let number = |field: &str| answer.get(field).and_then(Value::as_u64).unwrap_or(0);
        let said = answer.get("said").and_then(Value::as_array).cloned().unwrap_or_default();
        let (accepted, waiting) = (number("accepted"), number("waiting"));
        let (duties, met) = (number("duties"), number("met"));
        if function == "check" && accepted + waiting == 0 && said.is_empty() {
            return false;
        }
        if quiet > 0 {
            let looked = self.pick("回の確認では変化なし", "looks found nothing new");
            println!("             {:<9}  {quiet} {looked}", "..");
        }
        let line = match self.language {
            language if function == "sweep" => morning::swept(language, accepted),
            Language::Ja => {
                let queue = queue(waiting, |n| format!("、順番待ち {n} 件"));
                format!("コピー依頼 {accepted} 件{queue}、義務 {duties} 件中 {met} 件を達成")
            }
            Language::En => {
                let queue = queue(waiting, |n| format!(", waiting for their turn: {n}"));
                format!("copies requested: {accepted}{queue}, duties met: {met} of {duties}")
            }
        };
        self.line(now, function, &line);
        for subject in said.iter().filter_map(Value::as_str) {
            self.line(now, "mail", subject);
        }
        true
    }

    /// What S3 gave up, as its queue brings it.
    pub(super) fn notified(&self, now: Timestamp, messages: usize) {
        let what = self.pick("件のオブジェクトを S3 が断念", "objects given up by S3");
        self.line(now, "event", &format!("{messages} {what}  [ReplicationGivenUp]"));
    }

    /// What `replication` told.
    pub(super) fn judged(&self, now: Timestamp, subjects: &[String]) {
        for subject in subjects {
            self.line(now, "mail", subject);
        }
    }

    /// The operator has given the role its right back, and run the job of the notice.
    pub(super) fn mended(&self, now: Timestamp) {
        let what = self.pick(
            "ロールの権限を戻し、通知のジョブを実行",
            "role mended, and the notice's job run",
        );
        self.line(now, "operator", what);
    }

    /// The failed copies that the operator is told to delete.
    pub(super) fn failed(&self, account: &Account) -> Vec<Place> {
        let here = account.snapshots.iter().filter(|((region, ..), _)| *region == self.dr);
        let failed = here.filter(|(_, snapshot)| snapshot.point.state == State::Failed);
        failed.map(|(place, _)| place.clone()).collect()
    }

    pub(super) fn by_hand(&self, now: Timestamp, failed: &[Place]) {
        let what = self.pick(
            "件の失敗したコピーを、通知の指示どおりに削除",
            "failed copies deleted, as the notice says",
        );
        self.line(now, "operator", &format!("{} {what}", failed.len()));
    }

    fn line(&self, now: Timestamp, who: &str, what: &str) {
        let local = now.to_zoned(self.zone.clone());
        println!("{}  {who:<9}  {what}", local.strftime("%H:%M:%S %Z"));
    }

    fn pick<'w>(&self, ja: &'w str, en: &'w str) -> &'w str {
        words(self.language, ja, en)
    }
}

/// An event of AWS Backup: what changed, how, of what.
fn of_backup(event: &Value, detail: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = text(event.get("detail-type")).replace(" State Change", "");
    let state = text(detail.get("state").or_else(|| detail.get("status")));
    let resource = text(detail.get("resourceArn"));
    let name = resource.rsplit('/').next().unwrap_or_default();
    format!("{kind} {state} {name}")
}

/// Copies that AWS has no room for yet; said only where there are some.
fn queue(waiting: u64, words: impl Fn(u64) -> String) -> String {
    if waiting == 0 { String::new() } else { words(waiting) }
}

fn short(key: &str) -> String {
    let region = key.split(':').nth(3).unwrap_or_default();
    let id = key.split("key/").nth(1).unwrap_or_default();
    format!("{region} key/{}..", id.chars().take(8).collect::<String>())
}
