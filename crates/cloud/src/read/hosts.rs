//! PostgreSQL hosts: the agent's last word from the journal, and what home itself sees in the bucket. Listings only: they
//! need no key, and the objects are never opened here.

use crate::session::Session;
use domain::fault::Fault;
use domain::host::pulse::Pulse;
use domain::id::AssetId;
use domain::journal::{Shelf, host_shelves};
use domain::policy::Host;
use domain::seen::{HostSeen, Read, Seen};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl Session<'_> {
    pub(super) async fn look_at_host(&self, id: &AssetId) -> Seen {
        let policy = self.policy();
        let Some(host) = policy.host(id) else { return Seen::nothing() };
        let journal = self.read_shelves(&host_shelves(policy, id, self.now)).await;
        let hosts = BTreeMap::from([(id.clone(), self.see_host(host).await)]);
        Seen { journal, hosts, asked: self.asked(), ..Seen::nothing() }
    }

    /// All of them, where everything is looked at.
    pub(super) async fn hosts(&self, whole: bool) -> BTreeMap<AssetId, HostSeen> {
        let mut seen = BTreeMap::new();
        for host in self.policy().hosts.iter().filter(|_| whole) {
            seen.insert(host.id.clone(), Box::pin(self.see_host(host)).await);
        }
        seen
    }

    async fn see_host(&self, host: &Host) -> HostSeen {
        let read = self.read_dated(&Pulse::path(&host.id), Pulse::parse).await;
        let heard = read.known().and_then(Option::as_ref).map(|(_, at)| *at);
        let pulse = read.map(|read| read.map(|(pulse, _)| pulse));
        let last = pulse.known().and_then(Option::as_ref);
        let (stored, log) = match last {
            Some(pulse) => (self.manifests(host, pulse).await, self.newest_log(host, pulse).await),
            None => (Read::Known(BTreeMap::new()), Read::Known(None)),
        };
        HostSeen { pulse, heard, stored, log }
    }

    async fn manifests(&self, host: &Host, pulse: &Pulse) -> Read<BTreeMap<String, Timestamp>> {
        let mut stored = BTreeMap::new();
        for set in pulse.full() {
            let key = Pulse::manifest(&host.id, &set.label);
            let shelf = Shelf { prefix: key.clone(), after: None };
            match self.list_bucket(host, &shelf).await {
                Ok(keys) => {
                    let manifest = keys.into_iter().find(|(found, _)| *found == key);
                    stored.extend(manifest.map(|(_, at)| (set.label.clone(), at)));
                }
                Err(fault) => return Read::Unknown(fault),
            }
        }
        Read::Known(stored)
    }

    /// Of the segments from the one on that the agent named last: a later one is newer still.
    async fn newest_log(&self, host: &Host, pulse: &Pulse) -> Read<Option<Timestamp>> {
        let Some(key) = &pulse.log else { return Read::Known(None) };
        // Keys after one are those from it on, once its last letter is taken away.
        let after = key.get(..key.len().saturating_sub(1)).map(str::to_owned);
        let shelf = Shelf { prefix: format!("{}archive/", host.prefix()), after };
        match self.list_bucket(host, &shelf).await {
            Ok(keys) => Read::Known(keys.into_iter().map(|(_, at)| at).max()),
            Err(fault) => Read::Unknown(fault),
        }
    }

    async fn list_bucket(
        &self,
        host: &Host,
        shelf: &Shelf,
    ) -> Result<Vec<(String, Timestamp)>, Fault> {
        let of = (&self.aws.home.s3, self.home(), host.bucket.as_str());
        self.list_in(of, shelf).await
    }
}
