//! What a round on the model reads of the journal.

use super::{Sim, fault};
use crate::account::Account;
use crate::script::ApiError;
use domain::day;
use domain::id::Region;
use domain::journal::{self, Journal, Shelf};
use domain::report::{self, Past};
use domain::seen::Read;
use jiff::Timestamp;

impl Sim {
    pub(super) fn past(&self, account: &mut Account) -> Read<Option<Past>> {
        let dr = &self.policy.dr;
        let shelf = journal::report_shelf(&self.policy, account.now);
        let keys = match keys(account, dr, &shelf) {
            Ok(keys) => keys,
            Err(error) => return Read::Unknown(fault(error, "s3:ListBucket", dr)),
        };
        let today = day::of(account.now, &self.policy.zone);
        match report::newest_before(keys.iter().map(|(key, _)| key.as_str()), today) {
            Some(key) => {
                object(account, dr, &key, |body| Some(Past::parse(body))).map(Option::flatten)
            }
            None => Read::Known(None),
        }
    }

    pub(super) fn listed(&self, account: &mut Account, shelves: &[Shelf]) -> Read<Journal> {
        let dr = &self.policy.dr;
        let mut all = Vec::new();
        for shelf in shelves {
            match keys(account, dr, shelf) {
                Ok(found) => all.extend(found),
                Err(error) => return Read::Unknown(fault(error, "s3:ListBucket", dr)),
            }
        }
        Read::Known(Journal::from_keys(all.iter().map(|(key, at)| (key.as_str(), *at))))
    }
}

fn keys(
    account: &mut Account,
    dr: &Region,
    shelf: &Shelf,
) -> Result<Vec<(String, Timestamp)>, ApiError> {
    let mut keys = Vec::new();
    let mut after = shelf.after.clone();
    loop {
        let page = account.list_objects(dr, Sim::JOURNAL, &shelf.prefix, after.as_deref(), 1000)?;
        keys.extend(page.keys.into_iter().map(|(key, at, _)| (key, at)));
        after = page.next;
        if after.is_none() {
            return Ok(keys);
        }
    }
}

pub(super) fn object<T>(
    account: &mut Account,
    dr: &Region,
    key: &str,
    parse: fn(&[u8]) -> Option<T>,
) -> Read<Option<T>> {
    match account.get_object(dr, Sim::JOURNAL, key) {
        Ok(object) => match parse(&object.body) {
            Some(read) => Read::Known(Some(read)),
            None => {
                let error = ApiError::new(200, "unlike", "it cannot be understood");
                Read::Unknown(fault(error, "s3:GetObject", dr))
            }
        },
        Err(error) if error.code == "NoSuchKey" => Read::Known(None),
        Err(error) => Read::Unknown(fault(error, "s3:GetObject", dr)),
    }
}
