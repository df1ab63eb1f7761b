//! A PostgreSQL host as AWS sees it: what its agent says in the journal, and the objects of its mirror.

use crate::account::Account;
use crate::storage::Object;
use domain::host::pulse::Pulse;
use domain::host::run::{End, How, Job, Past, Run};
use domain::host::set::{Set, SetKind};
use domain::host::wal::Segment;
use domain::policy::{Host, Policy};
use jiff::{SignedDuration, Timestamp};

/// A host, and what its agent would say of it.
#[derive(Clone, Debug)]
pub struct Agent {
    host: Host,
    journal: String,
    /// What it says next.
    pub pulse: Pulse,
}

impl Agent {
    /// One that has made nothing yet.
    pub fn new(policy: &Policy, host: &Host, journal: &str) -> Self {
        let pulse = Pulse {
            schema: 1,
            host: host.id.clone(),
            at: Timestamp::UNIX_EPOCH,
            policy: policy.hash.clone(),
            sets: Vec::new(),
            log: None,
            safe: None,
            worst_seconds: None,
            gap: None,
            trouble: None,
            runs: Vec::new(),
        };
        Self { host: host.clone(), journal: journal.to_owned(), pulse }
    }

    /// A run ended now.
    pub fn ran(&mut self, account: &Account, job: Job, how: How) {
        let (at, run) = (account.now, Run::new(job, account.now));
        self.pulse.runs.retain(|past| past.run.job != job || past.succeeded() && !how.succeeded());
        self.pulse.runs.push(Past { run, end: Some(End { at, how }) });
    }

    /// A full backup was made and mirrored; its label.
    pub fn backs_up(&mut self, account: &mut Account) -> String {
        let label = self.makes(account);
        self.put(account, &Pulse::manifest(&self.host.id, &label));
        label
    }

    /// A full backup was made, and not mirrored.
    pub fn makes(&mut self, account: &Account) -> String {
        let now = account.now;
        let label = format!("{}F", now.strftime("%Y%m%d-%H%M%S"));
        let segment = Segment::parse("000000010000000000000001").expect("a segment's name");
        self.pulse.sets.push(Set {
            label: label.clone(),
            kind: SetKind::Full,
            start: now,
            stop: now,
            wal_start: segment,
            wal_stop: segment,
            needs: Vec::new(),
            bad_pages: false,
            bytes: 0,
            stored: 0,
        });
        self.ran(account, Job::Full, How::Succeeded { detail: label.clone() });
        label
    }

    /// The log is mirrored up to now.
    pub fn mirrors(&mut self, account: &mut Account) {
        let id = &self.host.id;
        let number = account.now.as_second().unsigned_abs() / 60;
        let key = format!("{id}/archive/{id}/15-1/0000000100000000/00000001{number:016X}-1.zst");
        self.put(account, &key);
        self.pulse.log = Some(key);
        self.pulse.safe = Some(account.now - SignedDuration::from_secs(20));
        self.pulse.worst_seconds = Some(30);
    }

    /// It says how it is.
    pub fn speaks(&mut self, account: &mut Account) {
        self.pulse.at = account.now;
        let body = serde_json::to_vec(&self.pulse).expect("it is serializable");
        let at = (self.journal.clone(), Pulse::path(&self.host.id));
        account.objects.insert(at, Object { body, modified: account.now });
    }

    fn put(&self, account: &mut Account, key: &str) {
        let at = (self.host.bucket.clone(), key.to_owned());
        account.objects.insert(at, Object { body: vec![1], modified: account.now });
    }
}
