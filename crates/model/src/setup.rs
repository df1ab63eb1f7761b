//! An account as a policy expects it.

use crate::account::{Account, Replicated};
use domain::id::Family;
use domain::policy::{Asset, Policy};
use domain::seen::{Group, GroupKind};
use jiff::{SignedDuration, Timestamp};

impl Account {
    /// An account as a policy expects it: its instances with their windows, the dr keys, a journal
    /// bucket named `journal` and a topic named `sonae` in both Regions.
    pub fn of(policy: &Policy, now: Timestamp) -> Self {
        let mut account = Self::new(now);
        for asset in &policy.assets {
            let day = domain::day::of(now, &policy.zone);
            let at = domain::day::instant(day, asset.at, &policy.zone);
            let (from, to) = (at.strftime("%H:%M"), at + SignedDuration::from_mins(30));
            let window = format!("{from}-{}", to.strftime("%H:%M"));
            let id = asset.id.as_str();
            let db = match asset.family() {
                Some(Family::Instance) => account.add_instance(&policy.home, id, &window),
                Some(Family::Cluster) => account.add_cluster(&policy.home, id, &window),
                None => {
                    account.protect(policy, asset);
                    continue;
                }
            };
            db.shown.key = asset.home_key.clone().or(db.shown.key.take());
            let resource_id = db.shown.resource_id.clone();
            account.prepare(policy, asset, resource_id);
            for key in asset.keys() {
                account.keys.insert(key.clone(), "Enabled".to_owned());
            }
        }
        for bucket in &policy.buckets {
            account.pair(policy, bucket);
        }
        account.buckets.extend(policy.hosts.iter().map(|host| host.bucket.clone()));
        account.buckets.insert("journal".to_owned());
        for region in [&policy.home, &policy.dr] {
            account.outbox.insert(account.topic(region), Vec::new());
        }
        account
    }

    /// What the policy expects in dr beside copies.
    fn prepare(&mut self, policy: &Policy, asset: &Asset, resource_id: String) {
        if let Some(name) = &asset.dr_subnet_group {
            self.groups.insert((policy.dr.clone(), Group::new(GroupKind::Subnets, name)));
        }
        if asset.dr_pitr.is_some() {
            let replicated = Replicated { lag: SignedDuration::from_mins(5), stopped: None };
            self.replicated.insert((policy.dr.clone(), resource_id), replicated);
        }
    }
}
