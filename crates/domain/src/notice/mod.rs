//! What a person reads. A notice answers, in this order: what is wrong, since when, what it means
//! for the objective, what was tried, what to do, where to look.
//!
//! The words of each language are functions over typed values, so a missing translation does not
//! compile; both are held by snapshot tests.

mod chat;
mod commands;
mod en;
mod fit;
mod ja;
mod links;
mod message;
mod plan;

use crate::day;
use crate::duty::Met;
use crate::episode::{EpisodeKey, Kind, NoticeKey, Subject};
use crate::finding::{Finding, Rpo, Severity};
use crate::id::{AssetId, Family, Region};
use crate::policy::{Asset, Bucket, Host, Language, Policy, TakenBy};
use jiff::{SignedDuration, Timestamp};

pub use chat::in_chat;
pub use message::message;
pub use plan::plan;

/// SNS takes fewer than 100 characters (API reference, Publish, Subject).
const LONGEST_SUBJECT: usize = 99;

/// A notice is read on a phone: more than this many assets are only counted.
const MOST_SHOWN: usize = 30;

/// Of what dr has, in a mail that a person reads in an outage.
const MOST_HELD: usize = 10;

/// One message to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about; also what keeps it from being said twice.
    pub key: NoticeKey,
    /// How bad.
    pub severity: Severity,
    /// The deadline that was missed, if one was.
    pub due: Option<Timestamp>,
    /// The Region of a topic that it says is not, or less, listened to: it has to go through the other
    /// one, too.
    pub deaf: Option<Region>,
    /// One line in the policy's language, at most 99 characters, no control characters.
    pub subject: String,
    /// The same in ASCII, for an endpoint that refuses the other.
    pub ascii_subject: String,
    /// Plain text.
    pub body: String,
}

/// The Region of the topic that is called unheard.
fn deaf(key: &EpisodeKey) -> Option<Region> {
    match key {
        EpisodeKey { kind: Kind::Unheard, subject: Subject::Item(region), .. } => {
            Some(Region::new(region))
        }
        _ => None,
    }
}

/// The parts of a notice's text in one language.
struct Text {
    /// The subject, without system and severity.
    headline: String,
    /// What is wrong.
    wrong: Vec<String>,
    /// What was tried, or what Sonae does now.
    tried: Option<String>,
    /// What to do, one step a line; empty for good news.
    todo: Vec<String>,
}

/// What the words need besides the finding.
struct Scene<'a> {
    policy: &'a Policy,
    key: &'a EpisodeKey,
    now: Timestamp,
}

/// The notice that something broke, or good news.
pub fn broken(policy: &Policy, key: NoticeKey, finding: &Finding, now: Timestamp) -> Notice {
    let scene = Scene { policy, key: &key.episode, now };
    let (text, labels) = match policy.language {
        Language::Ja => (ja::broken(&scene, &finding.what), &ja::LABELS),
        Language::En => (en::broken(&scene, &finding.what), &en::LABELS),
    };
    let mut body = Body::new(labels);
    body.part(labels.wrong, &text.wrong);
    if finding.severity > Severity::Info {
        body.part(labels.since, &[scene.time(finding.since)]);
    }
    if let Some(rpo) = &finding.rpo {
        body.part(
            labels.meaning,
            &[match policy.language {
                Language::Ja => ja::rpo(&scene, rpo),
                Language::En => en::rpo(&scene, rpo),
            }],
        );
    }
    body.part(labels.tried, text.tried.as_slice());
    body.steps(labels.todo, &text.todo);
    if finding.severity > Severity::Info {
        body.part(labels.look, &scene.links());
    }
    Notice {
        subject: scene.subject(finding.severity, labels, &text.headline),
        ascii_subject: scene.ascii_subject(finding.severity.word()),
        severity: finding.severity,
        due: finding.what.due(),
        deaf: deaf(&key.episode),
        body: body.close(&scene),
        key,
    }
}

/// The notice that something is whole again.
pub fn repaired(policy: &Policy, key: NoticeKey, now: Timestamp) -> Notice {
    ended(policy, key, now, [ja::repaired, en::repaired])
}

/// The notice that home speaks again, and judges itself what the watcher told.
pub fn returned(policy: &Policy, key: NoticeKey, now: Timestamp) -> Notice {
    ended(policy, key, now, [ja::returned, en::returned])
}

fn ended(
    policy: &Policy,
    key: NoticeKey,
    now: Timestamp,
    [ja, en]: [fn(&Scene<'_>) -> Text; 2],
) -> Notice {
    let scene = Scene { policy, key: &key.episode, now };
    let (text, labels) = match policy.language {
        Language::Ja => (ja(&scene), &ja::LABELS),
        Language::En => (en(&scene), &en::LABELS),
    };
    let mut body = Body::new(labels);
    body.part(labels.mended, &text.wrong);
    let subject = line(policy, labels.repaired, &text.headline);
    let ascii_subject = scene.ascii_subject("repaired");
    let (severity, body) = (Severity::Info, body.close(&scene));
    let deaf = deaf(&key.episode);
    Notice { key, severity, due: None, deaf, subject, ascii_subject, body }
}

/// A finding in one line, and what to do about it first.
pub fn headline(policy: &Policy, finding: &Finding, now: Timestamp) -> (String, Option<String>) {
    let scene = Scene { policy, key: &finding.key, now };
    let text = match policy.language {
        Language::Ja => ja::broken(&scene, &finding.what),
        Language::En => en::broken(&scene, &finding.what),
    };
    (text.headline, text.todo.into_iter().next())
}

/// An episode that is open and was not looked at now, in one line.
pub fn still_open(policy: &Policy, key: &EpisodeKey) -> String {
    let (kind, who) = (key.kind.word(), key.asset.as_ref().map_or("", |asset| asset.as_str()));
    let parts = [kind.to_owned(), who.to_owned(), key.subject.to_string()];
    let words: Vec<String> =
        parts.into_iter().filter(|part| !["", "-"].contains(&part.as_str())).collect();
    match policy.language {
        Language::Ja => format!("通知済みで、まだ直っていません: {}", words.join(" ")),
        Language::En => format!("told and not whole yet: {}", words.join(" ")),
    }
}

/// The word for a severity in subjects.
pub fn severity_word(language: Language, severity: Severity) -> &'static str {
    let labels = match language {
        Language::Ja => &ja::LABELS,
        Language::En => &en::LABELS,
    };
    labels.severity(severity)
}

/// A subject: at most 99 characters, no control characters.
pub fn line(policy: &Policy, word: &str, headline: &str) -> String {
    shorten(&format!("[{word}] {}: {headline}", policy.system))
}

/// The fixed words of a language.
struct Labels {
    critical: &'static str,
    warning: &'static str,
    info: &'static str,
    repaired: &'static str,
    wrong: &'static str,
    since: &'static str,
    meaning: &'static str,
    tried: &'static str,
    todo: &'static str,
    look: &'static str,
    mended: &'static str,
    seen_at: &'static str,
    separator: &'static str,
}

impl Labels {
    fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => self.critical,
            Severity::Warning => self.warning,
            Severity::Info => self.info,
        }
    }
}

struct Body<'a> {
    labels: &'a Labels,
    lines: Vec<String>,
}

impl<'a> Body<'a> {
    fn new(labels: &'a Labels) -> Self {
        Self { labels, lines: Vec::new() }
    }

    fn part(&mut self, label: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.lines.push(format!("■ {label}"));
        self.lines.extend(lines.iter().map(|line| format!("  {line}")));
        self.lines.push(String::new());
    }

    fn steps(&mut self, label: &str, steps: &[String]) {
        let numbered = steps
            .iter()
            .enumerate()
            .map(|(n, step)| format!("{}. {}", n + 1, step.replace('\n', "\n     ")));
        self.part(label, &numbered.collect::<Vec<_>>());
    }

    fn close(mut self, scene: &Scene<'_>) -> String {
        let Labels { seen_at, separator, .. } = self.labels;
        self.lines.push(format!("-- Sonae {seen_at}{separator}{}", scene.time(scene.now)));
        self.lines.join("\n") + "\n"
    }
}

impl Scene<'_> {
    /// `2025-01-15 07:30 JST (01-14 22:30 UTC)`.
    fn time(&self, moment: Timestamp) -> String {
        let local = moment.to_zoned(self.policy.zone.clone()).strftime("%Y-%m-%d %H:%M %Z");
        format!("{local} ({})", moment.strftime("%m-%d %H:%M UTC"))
    }

    /// Whose it is: the asset, or the whole system.
    fn who(&self) -> &str {
        self.key.asset.as_ref().map_or(self.policy.system.as_str(), |asset| asset.as_str())
    }

    /// Which of the two its asset is.
    fn family(&self) -> Family {
        self.asset().map_or(Family::Instance, |asset| asset.family().unwrap_or(Family::Instance))
    }

    fn asset(&self) -> Option<&Asset> {
        self.key.asset.as_ref().and_then(|id| self.policy.asset(id))
    }

    fn bucket(&self) -> Option<&Bucket> {
        self.key.asset.as_ref().and_then(|id| self.policy.bucket(id))
    }

    fn host(&self) -> Option<&Host> {
        self.key.asset.as_ref().and_then(|id| self.policy.host(id))
    }

    /// How many of a night's are of hosts.
    fn of_hosts(&self, landed: &[(AssetId, Met)]) -> usize {
        landed.iter().filter(|(id, _)| self.policy.host(id).is_some()).count()
    }

    /// Whether it is about something that AWS Backup protects.
    fn is_of_backup(&self) -> bool {
        let of_asset = self.asset().and_then(Asset::backed).is_some();
        let read = self.key.subject.to_string().contains(".backup:");
        let settings = [Kind::VaultMissing, Kind::VaultLock, Kind::NotOptedIn, Kind::Untagged];
        of_asset || read || settings.contains(&self.key.kind)
    }

    /// Whether a point taken now would still count: RDS dates it by its own clock.
    fn is_today(&self) -> bool {
        self.key.subject.day() == Some(day::of(self.now, &self.policy.zone))
    }

    /// Whether Sonae itself takes the asset's points.
    fn sonae_takes(&self) -> bool {
        self.asset().is_some_and(|asset| asset.take == TakenBy::Sonae)
    }

    /// The read that could not be made: `us-west-2.rds:DescribeDBSnapshots`.
    fn read(&self) -> String {
        let subject = self.key.subject.to_string();
        subject.strip_prefix("read:").map_or(subject.clone(), str::to_owned)
    }

    fn subject(&self, severity: Severity, labels: &Labels, headline: &str) -> String {
        line(self.policy, labels.severity(severity), headline)
    }

    fn ascii_subject(&self, word: &str) -> String {
        let EpisodeKey { kind, subject, .. } = self.key;
        let who = self.who();
        let line = format!("[{word}] {}: {} {who} {subject}", self.policy.system, kind.word());
        shorten(&line).replace('…', ".")
    }
}

impl Rpo {
    /// How old the newest landed data is.
    fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.newest.map(|newest| now.duration_since(newest))
    }
}

/// Cuts on a character boundary and leaves no control characters.
fn shorten(line: &str) -> String {
    let clean: String = line.chars().filter(|c| !c.is_control()).collect();
    if clean.chars().count() <= LONGEST_SUBJECT {
        return clean;
    }
    clean.chars().take(LONGEST_SUBJECT - 1).chain(['…']).collect()
}

/// As much of a hash as a person compares.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// Hours and minutes of a span, in whole minutes.
fn hours_minutes(span: SignedDuration) -> (i64, i64) {
    (span.as_hours(), span.as_mins() % 60)
}
