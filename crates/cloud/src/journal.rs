//! The journal's bucket: conditional writes and listings, nothing else.

use crate::fault;
use crate::session::Session;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::DateTime;
use domain::day;
use domain::episode::NoticeKey;
use domain::fault::{Fault, FaultKind};
use domain::health::Health;
use domain::id::{AssetId, Region};
use domain::journal::{Journal, Shelf, report_shelf, shelves, verdict_shelf};
use domain::policy::{Asset, Bucket};
use domain::record::{HEARTBEAT, Heartbeat, Record, notice_body};
use domain::report::{self, Past};
use domain::seen::Read;
use domain::step::Outcome;
use domain::world::Claim;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// S3 answers 409 when two conditional writes of one key meet, and asks to try again (User Guide,
/// conditional-writes).
const TRIES: u8 = 3;

impl Session<'_> {
    /// The journal's part that a round over one asset, or over all, needs.
    pub(crate) async fn read_journal(&self, only: Option<&Asset>) -> Read<Journal> {
        self.read_shelves(&shelves(self.policy(), only, self.now)).await
    }

    pub(crate) async fn read_shelves(&self, shelves: &[Shelf]) -> Read<Journal> {
        let mut keys = Vec::new();
        for shelf in shelves {
            match self.list(shelf).await {
                Ok(found) => keys.extend(found),
                Err(fault) => return Read::Unknown(fault),
            }
        }
        Read::Known(Journal::from_keys(keys.iter().map(|(key, at)| (key.as_str(), *at))))
    }

    /// Home's last sign of life; `None` when there never was one.
    pub(crate) async fn read_heartbeat(&self) -> Read<Option<Heartbeat>> {
        self.read_object(HEARTBEAT, Heartbeat::parse).await
    }

    /// What `replication` last wrote of each bucket, where everything is looked at.
    pub(crate) async fn read_verdicts(
        &self,
        whole: bool,
    ) -> BTreeMap<AssetId, Read<Option<Health>>> {
        let mut verdicts = BTreeMap::new();
        for bucket in self.policy().buckets.iter().filter(|_| whole) {
            verdicts.insert(bucket.id.clone(), self.read_verdict(bucket).await);
        }
        verdicts
    }

    async fn read_verdict(&self, bucket: &Bucket) -> Read<Option<Health>> {
        let keys = match self.list(&verdict_shelf(&bucket.id, self.now)).await {
            Ok(keys) => keys,
            Err(fault) => return Read::Unknown(fault),
        };
        // Named by their time: the last key is the newest.
        match keys.last() {
            Some((key, _)) => self.read_object(key, Health::parse).await,
            None => Read::Known(None),
        }
    }

    /// The newest report of an earlier day; `None` when there is none.
    pub(crate) async fn read_past(&self) -> Read<Option<Past>> {
        let policy = self.policy();
        let keys = match self.list(&report_shelf(policy, self.now)).await {
            Ok(keys) => keys,
            Err(fault) => return Read::Unknown(fault),
        };
        let today = day::of(self.now, &policy.zone);
        match report::newest_before(keys.iter().map(|(key, _)| key.as_str()), today) {
            // One that is not understood is none: else no report would ever be kept after it.
            Some(key) => {
                self.read_object(&key, |body| Some(Past::parse(body))).await.map(Option::flatten)
            }
            None => Read::Known(None),
        }
    }

    pub(crate) async fn read_object<T>(
        &self,
        key: &str,
        parse: fn(&[u8]) -> Option<T>,
    ) -> Read<Option<T>> {
        self.read_dated(key, parse).await.map(|read| read.map(|(read, _)| read))
    }

    /// The same, with when it was written.
    pub(crate) async fn read_dated<T>(
        &self,
        key: &str,
        parse: fn(&[u8]) -> Option<T>,
    ) -> Read<Option<(T, Timestamp)>> {
        let bucket = &self.aws.config.journal;
        let call = self.aws.dr.s3.get_object().bucket(bucket).key(key).send();
        let object = match self.call("s3:GetObject", self.dr(), call).await {
            Ok(object) => object,
            Err(fault) if fault.kind == FaultKind::Missing => return Read::Known(None),
            Err(fault) => return Read::Unknown(fault),
        };
        let at = written(object.last_modified());
        match object.body.collect().await {
            Ok(body) => match parse(&body.into_bytes()) {
                Some(read) => Read::Known(Some((read, at))),
                None => Read::Unknown(fault::unlike("s3:GetObject", self.dr(), key)),
            },
            Err(error) => Read::Unknown(fault::late("s3:GetObject", self.dr(), &error.to_string())),
        }
    }

    pub(crate) async fn record(&self, record: &Record) -> Outcome {
        let kind = record.content_type();
        self.write(&record.path(), kind, record.content(), !record.overwrites()).await
    }

    pub(crate) async fn claim_notice(&self, key: &NoticeKey) -> Claim {
        let shelf = Shelf { prefix: key.prefix(), after: None };
        let keys = match self.list(&shelf).await {
            Ok(keys) => keys,
            Err(fault) => return Claim::Unknown(fault),
        };
        let journal = Journal::from_keys(keys.iter().map(|(key, at)| (key.as_str(), *at)));
        let k = match journal.claim(key, self.now) {
            Ok(k) => k,
            Err(claim) => return claim,
        };
        match self.note(&key.claim_path(k), key).await {
            Outcome::Done => Claim::Mine,
            Outcome::Already => Claim::Held,
            Outcome::Deferred(fault) | Outcome::Failed(fault) => Claim::Unknown(fault),
        }
    }

    pub(crate) async fn mark_notice(&self, key: &NoticeKey) {
        self.note(&key.mark_path(), key).await;
    }

    async fn note(&self, path: &str, key: &NoticeKey) -> Outcome {
        let body = notice_body(key, self.now).to_string().into_bytes();
        self.write(path, "application/json", body, true).await
    }

    async fn write(&self, path: &str, kind: &str, body: Vec<u8>, once: bool) -> Outcome {
        for _ in 0..TRIES {
            let call = self
                .aws
                .dr
                .s3
                .put_object()
                .bucket(&self.aws.config.journal)
                .key(path)
                .content_type(kind)
                .body(ByteStream::from(body.clone()))
                .set_if_none_match(once.then(|| "*".to_owned()))
                .send();
            match self.call("s3:PutObject", self.dr(), call).await {
                Ok(_) => return Outcome::Done,
                Err(fault) if fault.kind == FaultKind::Exists => return Outcome::Already,
                Err(fault) if fault.detail.starts_with("ConditionalRequestConflict") => {}
                Err(fault) => return Outcome::refused(fault),
            }
        }
        // Three meetings in a row: whoever else writes this key has written it.
        Outcome::Already
    }

    pub(crate) async fn list(&self, shelf: &Shelf) -> Result<Vec<(String, Timestamp)>, Fault> {
        let journal = self.aws.config.journal.as_str();
        self.list_in((&self.aws.dr.s3, self.dr(), journal), shelf).await
    }

    /// Lists the same way in a bucket of either Region.
    pub(crate) async fn list_in(
        &self,
        (s3, region, bucket): (&aws_sdk_s3::Client, &Region, &str),
        shelf: &Shelf,
    ) -> Result<Vec<(String, Timestamp)>, Fault> {
        let mut keys = Vec::new();
        let mut token = None;
        loop {
            let call = s3
                .list_objects_v2()
                .bucket(bucket)
                .prefix(&shelf.prefix)
                .set_start_after(shelf.after.clone())
                .set_continuation_token(token)
                .send();
            let page = self.call("s3:ListBucket", region, call).await?;
            keys.extend(page.contents().iter().filter_map(|object| {
                Some((object.key()?.to_owned(), written(object.last_modified())))
            }));
            let next = page.next_continuation_token().filter(|token| !token.is_empty());
            token = next.map(str::to_owned);
            if token.is_none() {
                return Ok(keys);
            }
        }
    }
}

/// A claim whose age cannot be read is taken for an old one: rather a repeat than silence.
fn written(at: Option<&DateTime>) -> Timestamp {
    at.and_then(|at| Timestamp::from_second(at.secs()).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}
