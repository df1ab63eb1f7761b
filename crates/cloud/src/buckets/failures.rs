//! The objects that S3 gave up, as the journal has them, and whether those of one batch have arrived since.

use super::Buckets;
use domain::failure::{self, Batch, Failure};
use domain::fault::Fault;
use domain::journal::failure_shelf;
use domain::policy::Bucket;
use domain::seen::{Probe, Read};

impl Buckets<'_> {
    /// All batches, and how the one stands whose turn it is.
    pub(super) async fn failures(&self, bucket: &Bucket) -> (Read<Vec<Batch>>, Option<Probe>) {
        let keys = match self.session.list(&failure_shelf(&bucket.id)).await {
            Ok(keys) => keys,
            Err(fault) => return (Read::Unknown(fault), None),
        };
        let batches = failure::read(&bucket.id, keys.iter().map(|(key, _)| key.as_str()));
        let probed = match failure::turn(&batches, self.session.now) {
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
            let own = self.head(bucket, &object.key, object.version.as_deref()).await?;
            let settled = object.is_settled(own, self.session.now)
                || object.is_overtaken(self.head(bucket, &object.key, None).await?);
            if !settled {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
