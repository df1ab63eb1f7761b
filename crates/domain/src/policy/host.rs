//! A host of the owner's that runs PostgreSQL, and reading one.

use super::bucket::BUCKET;
use super::reader::{Form, Reader};
use super::{FLOOR, LockMode, Policy, form};
use crate::day;
use crate::id::AssetId;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::path::PathBuf;
use toml::{Table, Value};

const KEYS: [&str; 20] = [
    "kind",
    "id",
    "bucket",
    "key",
    "lock",
    "expire_role",
    "data",
    "repository",
    "socket",
    "port",
    "full",
    "landed_by",
    "differential",
    "wal",
    "logical",
    "verify",
    "floor",
    "rpo",
    "rto",
    "chat",
];

/// A PostgreSQL server of the owner's. `sonae-agent` backs it up on its host; the check holds it to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// A name of the owner's: pgBackRest's stanza, and the first part of every key in the bucket.
    pub id: AssetId,
    /// The bucket, in home, that the local repository is mirrored to.
    pub bucket: String,
    /// ARN of the KMS key that its objects are put under.
    pub key: String,
    /// Whether objects are put with a retention that holds as long as they are kept.
    pub lock: LockMode,
    /// The role by which the agent takes away from the bucket what has expired; without it, nothing is.
    pub expire_role: Option<String>,
    /// PostgreSQL's data directory.
    pub data: PathBuf,
    /// pgBackRest's local repository.
    pub repository: PathBuf,
    /// The directory of PostgreSQL's socket.
    pub socket: PathBuf,
    /// Its port, which is part of the socket's name.
    pub port: u16,
    /// The daily full backup.
    pub full: Daily,
    /// By when it must stand in the bucket, policy time; on the day after where that is earlier than it.
    pub landed_by: Time,
    /// The differential ones between.
    pub differential: Every,
    /// For how long any moment can be restored.
    pub wal_keep: SignedDuration,
    /// The weekly dump.
    pub logical: Weekly,
    /// When the repository is read back, each day.
    pub verify: Time,
    /// How many full backups are left whatever their age.
    pub floor: usize,
    /// How much may be lost, as seen from the bucket.
    pub rpo: SignedDuration,
    /// How long a restore may take.
    pub rto: SignedDuration,
    /// Which ends of runs are posted to the host's webhook.
    pub chat: Chat,
}

/// Which ends of runs are posted to a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chat {
    /// All.
    Each,
    /// Those that did not do what they were for.
    Failure,
    /// None.
    Never,
}

/// Once a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Daily {
    /// When, policy time.
    pub at: Time,
    /// How long each is kept.
    pub keep: SignedDuration,
}

/// Every so many hours, counted from the full backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// Hours between two; a divisor of 24.
    pub hours: i8,
    /// How long each is kept.
    pub keep: SignedDuration,
}

/// Once a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// On which day.
    pub on: Weekday,
    /// When, policy time.
    pub at: Time,
    /// How long each is kept.
    pub keep: SignedDuration,
}

impl Host {
    /// After how long PostgreSQL closes a segment that is not full: half of what may be lost, since the segment must
    /// then be archived and mirrored, and a minute at most.
    pub fn archive_timeout(&self) -> SignedDuration {
        let half = SignedDuration::from_secs(self.rpo.as_secs() / 2);
        half.clamp(SignedDuration::from_secs(10), SignedDuration::from_secs(60))
    }

    /// By when the full backup of a day must stand in the bucket.
    pub fn due(&self, day: Date, zone: &TimeZone) -> Timestamp {
        let after = if self.landed_by > self.full.at { 0 } else { 1 };
        day::instant(day.saturating_add(after.days()), self.landed_by, zone)
    }

    /// The start of its keys in the bucket.
    pub fn prefix(&self) -> String {
        format!("{}/", self.id)
    }
}

impl Policy {
    /// The host with this id.
    pub fn host(&self, id: &AssetId) -> Option<&Host> {
        self.hosts.iter().find(|host| host.id == *id)
    }
}

/// Reads one. Nothing of `[defaults]` is meant for it.
pub(super) fn host(reader: &mut Reader<'_>, home: Option<&str>) -> Option<Host> {
    reader.only(&KEYS);
    let id = reader.need("id", &form::NAME);
    let bucket = reader.need("bucket", &Form { example: "\"dental-backups\"", ..BUCKET });
    let key = reader.need("key", &KEY);
    key_stands_in_home(reader, key.as_deref(), home);
    let lock = reader.or("lock", &form::LOCK, LockMode::Off);
    let expire_role = reader.maybe("expire_role", &ROLE);
    let data = reader.need("data", &DIRECTORY);
    let repository = reader.or("repository", &REPOSITORY, "/var/lib/pgbackrest".into());
    let socket = reader.or("socket", &SOCKET, "/var/run/postgresql".into());
    let port = reader.or("port", &PORT, 5432);
    let full = reader.or("full", &FULL, Daily { at: clock(2, 0), keep: days(30) });
    let landed_by = reader.or("landed_by", &form::CLOCK, clock(7, 30));
    let differential = reader.or("differential", &DIFFERENTIAL, Every { hours: 6, keep: days(7) });
    let wal_keep = reader.or("wal", &WAL, days(3));
    let sunday = Weekly { on: Weekday::Sunday, at: clock(4, 0), keep: days(90) };
    let logical = reader.or("logical", &LOGICAL, sunday);
    let verify = reader.or("verify", &form::CLOCK, clock(5, 30));
    let floor = reader.or("floor", &COUNT, FLOOR.into());
    let rpo = reader.or("rpo", &form::DURATION, SignedDuration::from_mins(1));
    let rto = reader.or("rto", &form::DURATION, SignedDuration::from_mins(30));
    let chat = reader.or("chat", &CHAT, Chat::Failure);
    let (full, differential) = (full?, differential?);
    if differential.keep > full.keep {
        let allowed = "`keep` at most that of `full`: a differential backup is worth nothing without its full one";
        reader.conflict(
            "differential",
            allowed,
            "differential = { every = \"6 h\", keep = \"7 days\" }",
        );
    }
    Some(Host {
        id: AssetId::new(id?),
        bucket: bucket?,
        key: key?,
        lock: lock?,
        expire_role: expire_role?,
        data: data?,
        repository: repository?,
        socket: socket?,
        port: port?,
        full,
        landed_by: landed_by?,
        differential,
        wal_keep: wal_keep?,
        logical: logical?,
        verify: verify?,
        floor: floor?,
        rpo: rpo?,
        rto: rto?,
        chat: chat?,
    })
}

fn key_stands_in_home(reader: &mut Reader<'_>, key: Option<&str>, home: Option<&str>) {
    let (Some(key), Some(home)) = (key, home) else { return };
    if key.split(':').nth(3) != Some(home) {
        let allowed = format!("a key in the home Region (`{home}`), where the bucket is");
        reader.conflict(
            "key",
            &allowed,
            &format!("key = \"arn:aws:kms:{home}:123456789012:key/..\""),
        );
    }
}

const KEY: Form<String> = Form {
    allowed: "the ARN of the KMS key in the home Region that the bucket's objects are put under, not an alias",
    ..form::HOME_KEY_ARN
};

const ROLE: Form<String> = Form {
    allowed: "the ARN of the role that takes expired objects out of the bucket, an output of template-host.yaml",
    example: "\"arn:aws:iam::123456789012:role/sonae-host-ExpireRole-1A2B3C4D5E6F\"",
    ..super::bucket::REPAIR_ROLE
};

const DIRECTORY: Form<PathBuf> = Form {
    allowed: "an absolute path without `..`, blanks or quotes",
    example: "\"/var/lib/postgresql/15/main\"",
    parse: |value| {
        let path = value.as_str()?;
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"'\"\\$%".contains(c);
        let fine = path.starts_with('/') && path.len() > 1 && path.chars().all(plain);
        (fine && !path.split('/').any(|part| part == ".."))
            .then(|| path.trim_end_matches('/').into())
    },
};

const REPOSITORY: Form<PathBuf> = Form { example: "\"/var/lib/pgbackrest\"", ..DIRECTORY };

const SOCKET: Form<PathBuf> = Form { example: "\"/var/run/postgresql\"", ..DIRECTORY };

const PORT: Form<u16> = Form {
    allowed: "a port, 1 to 65535",
    example: "5432",
    parse: |value| u16::try_from(value.as_integer()?).ok().filter(|port| *port > 0),
};

const COUNT: Form<usize> = Form {
    allowed: "a number of full backups, 1 to 100, that are left whatever their age",
    example: "3",
    parse: |value| {
        usize::try_from(value.as_integer()?).ok().filter(|count| (1..=100).contains(count))
    },
};

const CHAT: Form<Chat> = Form {
    allowed: "\"failure\" (runs that failed or were killed), \"each\" (every run's end) or \"none\"; the webhook's URL \
              is in a file on the host, never here",
    example: "\"failure\"",
    parse: |value| match value.as_str()? {
        "each" => Some(Chat::Each),
        "failure" => Some(Chat::Failure),
        "none" => Some(Chat::Never),
        _ => None,
    },
};

const FULL: Form<Daily> = Form {
    allowed: "{ at = a time of the policy's zone, keep = \"1 day\" to \"3650 days\" }",
    example: "{ at = \"02:00\", keep = \"30 days\" }",
    parse: |value| {
        let table = exactly(value, &["at", "keep"])?;
        Some(Daily { at: day::clock(table.get("at")?.as_str()?)?, keep: keep(table)? })
    },
};

const DIFFERENTIAL: Form<Every> = Form {
    allowed: "{ every = \"1 h\", \"2 h\", \"3 h\", \"4 h\", \"6 h\", \"8 h\" or \"12 h\", keep = \"1 day\" to \
              \"3650 days\" }",
    example: "{ every = \"6 h\", keep = \"7 days\" }",
    parse: |value| {
        let table = exactly(value, &["every", "keep"])?;
        let span = form::duration(table.get("every")?.as_str()?)?;
        let hours = i8::try_from(span.as_hours()).ok()?;
        let whole = span == SignedDuration::from_hours(i64::from(hours));
        let fits = whole && [1, 2, 3, 4, 6, 8, 12].contains(&hours);
        fits.then_some(Every { hours, keep: keep(table)? })
    },
};

const WAL: Form<SignedDuration> = Form {
    allowed: "{ keep = \"1 day\" to \"3650 days\" }: within it any moment can be restored, and before it only the \
              end of a backup",
    example: "{ keep = \"3 days\" }",
    parse: |value| keep(exactly(value, &["keep"])?),
};

const LOGICAL: Form<Weekly> = Form {
    allowed: "{ on = a day of the week, at = a time of the policy's zone, keep = \"1 day\" to \"3650 days\" }",
    example: "{ on = \"sunday\", at = \"04:00\", keep = \"90 days\" }",
    parse: |value| {
        let table = exactly(value, &["on", "at", "keep"])?;
        let on = weekday(table.get("on")?.as_str()?)?;
        Some(Weekly { on, at: day::clock(table.get("at")?.as_str()?)?, keep: keep(table)? })
    },
};

fn exactly<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Table> {
    let table = value.as_table()?;
    table.keys().all(|key| keys.contains(&key.as_str())).then_some(table)
}

fn keep(table: &Table) -> Option<SignedDuration> {
    let span = form::duration(table.get("keep")?.as_str()?)?;
    (days(1)..=days(3650)).contains(&span).then_some(span)
}

fn weekday(name: &str) -> Option<Weekday> {
    let all = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    all.into_iter().find(|(word, _)| *word == name).map(|(_, day)| day)
}

const fn clock(hour: i8, minute: i8) -> Time {
    Time::constant(hour, minute, 0, 0)
}

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}
