//! Resources that are named by a tag: whether any carries it, and whether one that did still does. A tag
//! that somebody takes away ends a plan's backups without a word.

use super::found_of;
use crate::episode::{EpisodeKey, Subject};
use crate::finding::{Finding, Found};
use crate::id::AssetId;
use crate::journal::Journal;
use crate::policy::{Asset, Policy, Resource};
use crate::seen::{Read, Seen};
use jiff::Timestamp;

/// What is found of every tag.
pub(super) fn of_tags(policy: &Policy, seen: &Seen, now: Timestamp) -> Vec<Finding> {
    policy.rules.iter().flat_map(|rule| of_rule(policy, seen, rule, now)).collect()
}

fn of_rule(policy: &Policy, seen: &Seen, rule: &Asset, now: Timestamp) -> Vec<Finding> {
    let Some(Read::Known(arns)) = seen.tagged.get(&rule.id) else { return Vec::new() };
    let found = |id: &AssetId, asset: Option<AssetId>| {
        let found = Found::Untagged { tag: tag(rule), asset };
        found_of(None, Subject::item(id.as_str()), found, now)
    };
    if arns.is_empty() {
        return vec![found(&rule.id, None)];
    }
    let journal = seen.journal.known().into_iter();
    let gone = journal.flat_map(Journal::recent).filter(|id| is_of(id, rule));
    let gone = gone.filter(|id| policy.asset(id).is_none());
    gone.map(|id| found(&id, Some(id.clone()))).collect()
}

/// Whether something carries the tag, or this very thing does again.
pub(super) fn is_whole(policy: &Policy, seen: &Seen, key: &EpisodeKey) -> bool {
    let of_rule = |rule: &Asset| {
        let arns = seen.tagged.get(&rule.id).and_then(Read::known);
        Subject::item(rule.id.as_str()) == key.subject && arns.is_some_and(|all| !all.is_empty())
    };
    let grown = policy.assets.iter().filter(|asset| asset.id.as_str().contains('.'));
    let again = |asset: &Asset| Subject::item(asset.id.as_str()) == key.subject;
    policy.rules.iter().any(of_rule) || grown.into_iter().any(again)
}

/// Whether the policy names no such tag any more, or what is gone has had no point for days.
pub(super) fn is_over(policy: &Policy, seen: &Seen, key: &EpisodeKey) -> bool {
    let subject = key.subject.to_string();
    let id = AssetId::new(subject.trim_start_matches("item:"));
    let rule = policy.rules.iter().find(|rule| rule.id == id || is_of(&id, rule));
    rule.is_none_or(|rule| seen.tagged.get(&rule.id).and_then(Read::known).is_some())
}

fn is_of(id: &AssetId, rule: &Asset) -> bool {
    id.as_str().strip_prefix(rule.id.as_str()).is_some_and(|rest| rest.starts_with('.'))
}

fn tag(rule: &Asset) -> String {
    match rule.backed().map(|backed| &backed.resource) {
        Some(Resource::Tagged(key, value)) => format!("{key}={value}"),
        _ => String::new(),
    }
}
