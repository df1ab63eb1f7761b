//! The objects that S3 gave up, as the journal has them, and whether those of one batch have arrived since.

use super::Buckets;
use super::rules::Head;
use domain::day;
use domain::failure::{self, Batch, Failure};
use domain::fault::Fault;
use domain::journal::failure_shelf;
use domain::policy::Bucket;
use domain::seen::{Arrival, Probe, Read};
use jiff::SignedDuration;

/// S3 shows no status of a delete marker: one that it gave up is told for so long.
const MARKERS: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Buckets<'_> {
    /// All batches, and how the one stands whose turn it is: one a look, so that a storm of failures costs no
    /// more calls than a few.
    pub(super) async fn failures(&self, bucket: &Bucket) -> (Read<Vec<Batch>>, Option<Probe>) {
        let keys = match self.session.list(&failure_shelf(&bucket.id)).await {
            Ok(keys) => keys,
            Err(fault) => return (Read::Unknown(fault), None),
        };
        let batches = failure::read(&bucket.id, keys.iter().map(|(key, _)| key.as_str()));
        let open: Vec<&Batch> = batches.iter().filter(|batch| !batch.repaired).collect();
        let tick = day::tick(self.session.now).as_second() / day::TICK.as_secs();
        let turn = usize::try_from(tick).unwrap_or_default().checked_rem(open.len());
        let probed = match turn.and_then(|turn| open.get(turn)) {
            Some(batch) => Some((batch.name.clone(), self.probe(bucket, batch).await)),
            None => None,
        };
        (Read::Known(batches), probed)
    }

    async fn probe(&self, bucket: &Bucket, batch: &Batch) -> Read<bool> {
        let key = format!("{}{}/objects.json", failure::shelf(&bucket.id), batch.name);
        match self.session.read_object(&key, failure::objects).await {
            Read::Unknown(fault) => Read::Unknown(fault),
            // Deleted by a person: of these nobody can tell any more.
            Read::Known(None) => Read::Known(false),
            Read::Known(Some(objects)) => match self.all_settled(bucket, &objects).await {
                Ok(settled) => Read::Known(settled),
                Err(fault) => Read::Unknown(fault),
            },
        }
    }

    async fn all_settled(&self, bucket: &Bucket, objects: &[Failure]) -> Result<bool, Fault> {
        for object in objects {
            let settled = match self.head(bucket, &object.key, object.version.as_deref()).await? {
                Head::There(_, status) => status == Some(Arrival::Arrived),
                Head::Gone { marker: false } => true,
                Head::Gone { marker: true } => self.session.now.duration_since(object.at) > MARKERS,
            };
            if !settled {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
