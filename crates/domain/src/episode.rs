//! An episode: one break of one thing, until repaired. Its key is pure, so every round that sees
//! the same break means the same episode.

use crate::id::{AssetId, ManualPoint, PointName};
use crate::seen::Quota;
use jiff::civil::Date;
use std::fmt;

/// Which break of which thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpisodeKey {
    /// Whose; `None` for what concerns the whole system.
    pub asset: Option<AssetId>,
    /// What kind of thing is told.
    pub kind: Kind,
    /// Of which day or point.
    pub subject: Subject,
}

/// The kinds of thing that are told; each is a word in the journal and in SNS attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No point was taken.
    NotTaken,
    /// No copy stands in dr.
    NotLanded,
    /// The database does not exist.
    AssetMissing,
    /// The database is another one than the points are of.
    AssetReplaced,
    /// Automated backups are off.
    BackupsOff,
    /// RDS's backup window is not where the policy expects it.
    WindowElsewhere,
    /// The database cannot reach its own key.
    KeyInaccessible,
    /// The dr key cannot be used.
    DrKeyUnusable,
    /// The key that the database is under cannot be used.
    HomeKeyUnusable,
    /// The policy does not name the key that the database is under.
    HomeKeyUnnamed,
    /// The dr key is one that AWS manages.
    DrKeyManaged,
    /// A cluster is not encrypted, and so its copies are not.
    Unencrypted,
    /// A cluster's parameter group is not in dr.
    GroupMissing,
    /// A cluster of a kind whose points AWS does not copy.
    Uncopyable,
    /// A quota of manual points is nearly used up.
    QuotaShort,
    /// Something could not be read.
    Unreadable,
    /// A point is in a state that this version does not know.
    UnknownState,
    /// The journal cannot be read.
    JournalDown,
    /// The function's role is not given the dr key.
    NotGranted,
    /// The alarm on the check's silence may not send.
    Unarmed,
    /// Nobody listens to a topic; told through both.
    Unheard,
    /// Home gives no sign of life; told by the watcher in dr.
    HomeSilent,
    /// Home and dr run different policies; told by the watcher in dr.
    PolicyDiffers,
    /// A sweep was stopped: it would have deleted too much at once.
    SweepStopped,
    /// A sweep was refused a deletion.
    Undeletable,
    /// An asset has left the policy, and its points are still there.
    Orphaned,
    /// Good news: everything of a night has landed.
    NightComplete,
    /// Good news: one point of a day has landed.
    PointLanded,
    /// The report of a day.
    Report,
}

/// What of the asset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A day.
    Day(Date),
    /// A manual point.
    Manual(ManualPoint),
    /// A point or a copy, by its bare name.
    Point(PointName),
    /// A KMS key, by its id, and its state where that is the trouble.
    Key(String),
    /// Something that has a name of its own, such as a parameter group.
    Item(String),
    /// A standing condition.
    Standing,
    /// A read, such as `us-west-2.rds:DescribeDBSnapshots`.
    Read(String),
    /// A quota, such as `us-west-2.ManualSnapshots`.
    Quota(String),
}

/// A notice of an episode: the break or its repair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeKey {
    /// The episode.
    pub episode: EpisodeKey,
    /// Which time this thing breaks, from 1.
    pub n: u32,
    /// Which of its two notices.
    pub word: Word,
}

/// The two notices of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// It broke (or, for good news, it happened).
    Said,
    /// It is whole again.
    Repaired,
}

const KINDS: [Kind; 29] = [
    Kind::NotTaken,
    Kind::NotLanded,
    Kind::AssetMissing,
    Kind::AssetReplaced,
    Kind::BackupsOff,
    Kind::WindowElsewhere,
    Kind::KeyInaccessible,
    Kind::DrKeyUnusable,
    Kind::HomeKeyUnusable,
    Kind::HomeKeyUnnamed,
    Kind::DrKeyManaged,
    Kind::Unencrypted,
    Kind::GroupMissing,
    Kind::Uncopyable,
    Kind::QuotaShort,
    Kind::Unreadable,
    Kind::UnknownState,
    Kind::JournalDown,
    Kind::NotGranted,
    Kind::Unarmed,
    Kind::Unheard,
    Kind::HomeSilent,
    Kind::PolicyDiffers,
    Kind::SweepStopped,
    Kind::Undeletable,
    Kind::Orphaned,
    Kind::NightComplete,
    Kind::PointLanded,
    Kind::Report,
];

impl Kind {
    /// The fixed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotTaken => "not-taken",
            Self::NotLanded => "not-landed",
            Self::AssetMissing => "asset-missing",
            Self::AssetReplaced => "asset-replaced",
            Self::BackupsOff => "backups-off",
            Self::WindowElsewhere => "window-elsewhere",
            Self::KeyInaccessible => "key-inaccessible",
            Self::DrKeyUnusable => "dr-key-unusable",
            Self::HomeKeyUnusable => "home-key-unusable",
            Self::HomeKeyUnnamed => "home-key-unnamed",
            Self::DrKeyManaged => "dr-key-managed",
            Self::Unencrypted => "unencrypted",
            Self::GroupMissing => "group-missing",
            Self::Uncopyable => "uncopyable",
            Self::QuotaShort => "quota-short",
            Self::Unreadable => "unreadable",
            Self::UnknownState => "unknown-state",
            Self::JournalDown => "journal-down",
            Self::NotGranted => "not-granted",
            Self::Unarmed => "unarmed",
            Self::Unheard => "unheard",
            Self::HomeSilent => "home-silent",
            Self::PolicyDiffers => "policy-differs",
            Self::SweepStopped => "sweep-stopped",
            Self::Undeletable => "undeletable",
            Self::Orphaned => "orphaned",
            Self::NightComplete => "night-complete",
            Self::PointLanded => "point-landed",
            Self::Report => "report",
        }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.into_iter()
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.word() == word)
    }

    /// Found by a sweep's round; any other round leaves it alone.
    pub fn is_of_sweep(self) -> bool {
        matches!(self, Self::SweepStopped | Self::Undeletable | Self::Orphaned)
    }

    /// News of a day, good news and its report, is told once and never repaired.
    pub fn is_news(self) -> bool {
        matches!(self, Self::NightComplete | Self::PointLanded | Self::Report)
    }
}

impl Subject {
    /// A key, by its ARN.
    pub fn key(arn: &str) -> Self {
        Self::Key(key_id(arn).to_owned())
    }

    /// A key in a state in which it cannot be used: each state is a trouble of its own.
    pub fn key_in(arn: &str, state: &str) -> Self {
        Self::Key(format!("{}:{state}", key_id(arn)))
    }

    /// Whether it is about this key, in whatever state.
    pub fn is_key(&self, arn: &str) -> bool {
        let id = |key: &String| key.split(':').next() == Some(key_id(arn));
        matches!(self, Self::Key(key) if id(key))
    }

    /// Something by its name.
    pub fn item(name: &str) -> Self {
        Self::Item(name.to_owned())
    }

    /// A quota of a Region.
    pub fn quota(quota: &Quota) -> Self {
        Self::Quota(format!("{}.{}", quota.region, Quota::name(quota.family)))
    }

    /// The day, if it is one.
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(*day),
            _ => None,
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "-" => Self::Standing,
            word => match (word.split_once(':'), word.parse()) {
                (Some(("read", read)), _) => Self::Read(read.to_owned()),
                (Some(("key", key)), _) => Self::Key(key.to_owned()),
                (Some(("quota", quota)), _) => Self::Quota(quota.to_owned()),
                (Some(("item", name)), _) => Self::Item(name.to_owned()),
                (_, Ok(day)) => Self::Day(day),
                _ => match ManualPoint::parse(word) {
                    Some(point) => Self::Manual(point),
                    None => Self::Point(PointName::new(word)),
                },
            },
        }
    }
}

fn key_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Manual(point) => write!(f, "{point}"),
            Self::Point(name) => write!(f, "{name}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Standing => f.write_str("-"),
            Self::Read(read) => write!(f, "read:{read}"),
            Self::Quota(quota) => write!(f, "quota:{quota}"),
            Self::Item(name) => write!(f, "item:{name}"),
        }
    }
}

impl EpisodeKey {
    /// Whether it is about who listens, which is asked once a day.
    pub fn is_of_listeners(&self) -> bool {
        let asked = |read: &String| read.ends_with(".sns:GetTopicAttributes");
        self.kind == Kind::Unheard || matches!(&self.subject, Subject::Read(read) if asked(read))
    }

    /// Whether it is repaired by one clean look (a day, a point, what is looked at once a day) or by
    /// two ticks in a row (a condition that may flap).
    pub fn flaps(&self) -> bool {
        match self.subject {
            _ if self.kind.is_of_sweep() || self.is_of_listeners() => false,
            Subject::Standing
            | Subject::Key(_)
            | Subject::Item(_)
            | Subject::Read(_)
            | Subject::Quota(_) => true,
            Subject::Day(_) | Subject::Manual(_) | Subject::Point(_) => false,
        }
    }

    /// Where the journal keeps this thing's episodes. News of a day lies with the day's facts:
    /// there is some every night, and a listing must not grow for ever.
    pub fn prefix(&self) -> String {
        let asset = self.asset.as_ref().map_or("-", AssetId::as_str);
        let kind = self.kind.word();
        match &self.subject {
            Subject::Day(day) if self.kind.is_news() => {
                format!("duties/{day}/{asset}/{kind}/")
            }
            subject => format!("episodes/{asset}/{kind}/{subject}/"),
        }
    }

    /// Reads the asset, kind and subject of a journal key. An unknown kind is of a later version.
    pub fn parse(asset: &str, kind: &str, subject: &str) -> Option<Self> {
        Some(Self {
            asset: (asset != "-").then(|| AssetId::new(asset)),
            kind: Kind::parse(kind)?,
            subject: Subject::parse(subject),
        })
    }
}

impl NoticeKey {
    /// Where the journal keeps this notice's episode.
    pub fn prefix(&self) -> String {
        format!("{}{}/", self.episode.prefix(), self.n)
    }

    /// The object that claims the right to say it, for the k-th time.
    pub fn claim_path(&self, k: u32) -> String {
        let claim = match self.word {
            Word::Said => "claim",
            Word::Repaired => "repair",
        };
        format!("{}{claim}-{k}.json", self.prefix())
    }

    /// The object that says it was said.
    pub fn mark_path(&self) -> String {
        let mark = match self.word {
            Word::Said => "said",
            Word::Repaired => "repaired",
        };
        format!("{}{mark}.json", self.prefix())
    }
}
