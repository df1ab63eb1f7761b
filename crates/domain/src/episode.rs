//! An episode: one break of one thing, until repaired. Its key is pure, so every round that sees
//! the same break means the same episode.

mod kind;

use crate::id::{AssetId, ManualPoint, PointName};
use crate::seen::Quota;
use jiff::civil::Date;
use std::fmt;

pub use kind::Kind;

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
