//! To which moment, and from which set.

use super::set::{Set, newest};
use crate::policy::Host;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use thiserror::Error;

/// What a restore is to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The end of the log.
    Latest,
    /// A moment: everything committed until then, it included.
    Moment(Timestamp),
    /// The end of one set, by its label: all that is left of one that is older than the kept log.
    Set(String),
}

/// Why there is nothing to restore from.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreachable {
    /// There is no set.
    #[error(
        "the repository holds no backup that could be restored; see `sonae-agent status`, and try the other source"
    )]
    Nothing,
    /// The moment is before the first set's end.
    #[error(
        "`{asked}` is before the first moment that can be restored, `{first}` (the end of backup `{label}`); choose a later one"
    )]
    TooEarly {
        /// The moment.
        asked: Timestamp,
        /// The first that can be.
        first: Timestamp,
        /// Whose end it is.
        label: String,
    },
    /// The moment has not come.
    #[error("`{asked}` has not come yet; it is `{now}`")]
    TooLate {
        /// The moment.
        asked: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// No set has this label.
    #[error("there is no backup `{label}`; there are {known}")]
    Unknown {
        /// The label.
        label: String,
        /// Those that there are.
        known: String,
    },
    /// The log between the set and the moment is gone.
    #[error(
        "`{asked}` lies between backup `{label}` (ended `{stop}`) and `{first}`, from where on the log is kept; restore the \
         backup's own end with `--set {label}`, or a moment from `{first}` on"
    )]
    Thinned {
        /// The moment.
        asked: Timestamp,
        /// The newest set before it.
        label: String,
        /// Its end.
        stop: Timestamp,
        /// The first moment from which on any can be restored.
        first: Timestamp,
    },
}

/// Reads a moment: RFC 3339, or a local time that is meant in the policy's zone.
///
/// # Errors
/// It is neither, in words.
pub fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let local = text.parse::<Zoned>().map(|zoned| zoned.timestamp());
    let plain = || Some(text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()?.timestamp());
    local.ok().or_else(plain).ok_or_else(|| {
        format!(
            "`{text}` is no time; it must be like `2026-11-24T11:59:59+09:00`, or `2026-11-24 11:59:59` in the policy's zone"
        )
    })
}

/// The set to start from: the newest that ended before the moment.
///
/// # Errors
/// Nothing reaches it.
pub fn choose<'s>(
    sets: &'s [Set],
    target: &Target,
    host: &Host,
    now: Timestamp,
) -> Result<&'s Set, Unreachable> {
    match target {
        Target::Latest => newest(sets).ok_or(Unreachable::Nothing),
        Target::Set(label) => sets.iter().find(|set| set.label == *label).ok_or_else(|| {
            let known = sets.iter().map(|set| format!("`{}`", set.label)).collect::<Vec<_>>();
            Unreachable::Unknown { label: label.clone(), known: known.join(", ") }
        }),
        Target::Moment(asked) => before(sets, *asked, host, now),
    }
}

fn before<'s>(
    sets: &'s [Set],
    asked: Timestamp,
    host: &Host,
    now: Timestamp,
) -> Result<&'s Set, Unreachable> {
    if asked > now {
        return Err(Unreachable::TooLate { asked, now });
    }
    let usable = || sets.iter().filter(|set| !set.bad_pages);
    let first = usable().min_by_key(|set| set.stop).ok_or(Unreachable::Nothing)?;
    let chosen = usable().filter(|set| set.stop <= asked).max_by_key(|set| set.stop);
    let Some(chosen) = chosen else {
        let label = first.label.clone();
        return Err(Unreachable::TooEarly { asked, first: first.stop, label });
    };
    let from = continuous_from(sets, host.wal_keep, now).map_or(first.stop, |set| set.stop);
    if chosen.stop < from && chosen.stop != asked {
        let label = chosen.label.clone();
        return Err(Unreachable::Thinned { asked, label, stop: chosen.stop, first: from });
    }
    Ok(chosen)
}

/// The set from whose end on any moment can be restored: the newest that ended before the log's keeping, since the log
/// from there on is what a moment at its edge is reached by.
pub fn continuous_from(sets: &[Set], wal_keep: SignedDuration, now: Timestamp) -> Option<&Set> {
    let edge = now - wal_keep;
    let old = sets.iter().filter(|set| set.stop <= edge).max_by_key(|set| set.stop);
    old.or_else(|| sets.iter().min_by_key(|set| set.stop))
}
