//! What the watcher in dr looks at, and how it is played.

use super::shelves::object;
use super::{Kill, Sim};
use crate::account::Account;
use domain::id::{AssetId, Family};
use domain::journal::watch_shelf;
use domain::record::{HEARTBEAT, Heartbeat};
use domain::round::{self, Round};
use domain::seen::{Folded, InDr, Listings, Read, Seen};
use domain::watch;
use std::collections::BTreeMap;

impl Sim {
    /// Plays a tick of home's check at which nothing is looked at.
    pub fn beat(&self) -> Round {
        let now = self.account.borrow().now;
        self.run(round::beat(self, &self.policy, now), None).expect("nobody kills it")
    }

    /// Plays one round of dr's watcher now; `None` when it was killed.
    pub fn watch(&self, kill: Option<Kill>) -> Option<Round> {
        let now = self.account.borrow().now;
        self.watches.set(true);
        let played = self.run(round::watch(self, &self.policy, now), kill);
        self.watches.set(false);
        played
    }

    pub(super) fn look_at_home(&self, account: &mut Account) -> Seen {
        let heartbeat = object(account, &self.policy.dr, HEARTBEAT, Heartbeat::parse);
        let journal = self.listed(account, &[watch_shelf()]);
        let silent = watch::is_silent(&heartbeat, account.now);
        let copies = silent.then(|| self.copies_in_dr(account));
        Seen { journal, heartbeat: Some(heartbeat), copies, ..Seen::nothing() }
    }

    fn copies_in_dr(&self, account: &mut Account) -> BTreeMap<AssetId, Read<InDr>> {
        let policy = &self.policy;
        let mut of = |family| match policy.has(family) {
            true => self.points(account, &policy.dr, family, None, Some("manual")),
            false => Read::Known(Folded::default()),
        };
        let (instances, clusters) = (of(Family::Instance), of(Family::Cluster));
        let vaults = self.dr_vaults(account);
        Listings { instances, clusters, vaults }.sort(policy)
    }
}
