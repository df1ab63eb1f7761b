//! A policy that names resources by a tag, grown by those that carry it: each is an asset of its own.

use super::{Asset, Policy, Protected, Resource};
use crate::id::AssetId;
use crate::names;
use crate::seen::Read;
use std::collections::{BTreeMap, BTreeSet};

/// What carries the tag of each asset that is named by one: ARNs.
pub type Tagged = BTreeMap<AssetId, Read<Vec<String>>>;

impl Policy {
    /// The assets that stand for whatever carries a tag.
    pub fn by_tag(&self) -> impl Iterator<Item = (&Asset, [&str; 2])> {
        self.assets.iter().filter_map(|asset| match &asset.backed()?.resource {
            Resource::Tagged(key, value) => Some((asset, [key.as_str(), value.as_str()])),
            _ => None,
        })
    }

    /// The policy with each of these in place of the asset that stood for it. What the policy names itself
    /// stays what it is there, and what could not be asked for is none.
    pub fn grown(&self, tagged: &Tagged) -> Self {
        let (rules, mut assets): (Vec<Asset>, Vec<Asset>) =
            self.assets.iter().cloned().partition(|asset| self.stands_for_a_tag(asset));
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for rule in &rules {
            let arns = tagged.get(&rule.id).and_then(Read::known);
            let arns = arns.into_iter().flatten().map(String::as_str);
            let new: Vec<&str> =
                arns.filter(|arn| self.may_grow_by(arn) && taken.insert(arn)).collect();
            assets.extend(new.iter().map(|arn| of(rule, arn, &new)));
        }
        let index = assets.iter().enumerate().map(|(at, one)| (one.id.clone(), at)).collect();
        Self { rules, assets, index, ..self.clone() }
    }

    fn stands_for_a_tag(&self, asset: &Asset) -> bool {
        self.by_tag().any(|(rule, _)| rule.id == asset.id)
    }

    /// Of a type that AWS Backup protects (its points and other things carry the tag, too), and not named by
    /// the policy itself.
    fn may_grow_by(&self, arn: &str) -> bool {
        let database = database(arn);
        let of_type = database.is_some() || Resource::Arn(arn.to_owned()).opt_in_type().is_some();
        let named = |asset: &Asset| match &asset.what {
            Protected::Rds(_) => database == Some(asset.id.as_str()),
            Protected::Backup(backed) => backed.resource.is(arn),
        };
        of_type && !self.assets.iter().any(named)
    }
}

/// The identifier in the ARN of an RDS instance or cluster.
fn database(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(7, ':').skip(2);
    let (service, kind, name) = (parts.next()?, parts.nth(2)?, parts.next()?);
    (service == "rds" && ["db", "cluster"].contains(&kind)).then_some(name)
}

/// `tagged.dynamodb-orders`: the rule's id, the service, the end of the ARN. No other id has a dot.
fn of(rule: &Asset, arn: &str, all: &[&str]) -> Asset {
    let short = |arn: &str| {
        let service = arn.split(':').nth(2).unwrap_or_default();
        format!("{service}-{}", names::of_arn(arn))
    };
    let name = names::word(&short(arn));
    let alone = all.iter().filter(|other| names::word(&short(other)) == name).count() == 1;
    let id = match alone {
        true => format!("{}.{name}", rule.id),
        false => format!("{}.{name}-{}", rule.id, names::token(&[arn])),
    };
    let mut asset = Asset { id: AssetId::new(id), ..rule.clone() };
    if let Protected::Backup(backed) = &mut asset.what {
        backed.resource = Resource::Arn(arn.to_owned());
    }
    asset
}
