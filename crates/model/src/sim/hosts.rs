//! PostgreSQL hosts, looked at as the functions do.

use super::{Sim, fault};
use crate::account::Account;
use domain::host::pulse::Pulse;
use domain::id::AssetId;
use domain::journal::host_shelves;
use domain::policy::Host;
use domain::seen::{HostSeen, Read, Seen};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl Sim {
    pub(super) fn look_at_host(&self, account: &mut Account, id: &AssetId) -> Seen {
        let Some(host) = self.policy.host(id) else { return Seen::nothing() };
        let journal = self.listed(account, &host_shelves(&self.policy, id, account.now));
        let hosts = BTreeMap::from([(id.clone(), self.see_host(account, host))]);
        Seen { journal, hosts, ..Seen::nothing() }
    }

    pub(super) fn hosts(&self, account: &mut Account, whole: bool) -> BTreeMap<AssetId, HostSeen> {
        let hosts = self.policy.hosts.iter().filter(|_| whole);
        hosts.map(|host| (host.id.clone(), self.see_host(account, host))).collect()
    }

    fn see_host(&self, account: &mut Account, host: &Host) -> HostSeen {
        let dr = &self.policy.dr;
        let mut heard = None;
        let pulse = match account.get_object(dr, Self::JOURNAL, &Pulse::path(&host.id)) {
            Ok(object) => {
                heard = Some(object.modified);
                Read::Known(Pulse::parse(&object.body))
            }
            Err(error) if error.code == "NoSuchKey" => Read::Known(None),
            Err(error) => Read::Unknown(fault(error, "s3:GetObject", dr)),
        };
        let Some(last) = pulse.known().and_then(Option::clone) else {
            return HostSeen {
                pulse,
                heard,
                stored: Read::Known(BTreeMap::new()),
                log: Read::Known(None),
            };
        };
        let stored = last.full().map(|set| {
            let key = Pulse::manifest(&host.id, &set.label);
            let keys = self.keys(account, host, &key, None)?;
            Ok(keys.first().map(|(_, at)| (set.label.clone(), *at)))
        });
        let stored: Result<Vec<_>, _> = stored.collect();
        let log = match &last.log {
            Some(key) => {
                let prefix = format!("{}archive/", host.prefix());
                let found = self.keys(account, host, &prefix, key.get(..key.len() - 1));
                found.map(|keys| keys.into_iter().map(|(_, at)| at).max())
            }
            None => Ok(None),
        };
        let read = |error| fault(error, "s3:ListBucket", &self.policy.home);
        HostSeen {
            pulse,
            heard,
            stored: match stored {
                Ok(found) => Read::Known(found.into_iter().flatten().collect()),
                Err(error) => Read::Unknown(read(error)),
            },
            log: log.map_or_else(|error| Read::Unknown(read(error)), Read::Known),
        }
    }

    fn keys(
        &self,
        account: &mut Account,
        host: &Host,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<(String, Timestamp)>, crate::script::ApiError> {
        let page = account.list_objects(&self.policy.home, &host.bucket, prefix, after, 1000)?;
        Ok(page.keys.into_iter().map(|(key, at, _)| (key, at)).collect())
    }
}
