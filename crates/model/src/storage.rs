//! S3, as much as the journal needs: conditional PUT, GET, ListObjectsV2.

use crate::account::Account;
use crate::script::ApiError;
use domain::id::Region;
use jiff::Timestamp;

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its content.
    pub body: Vec<u8>,
    /// LastModified.
    pub modified: Timestamp,
}

/// One page of keys, in order, with their LastModified.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The keys.
    pub keys: Vec<(String, Timestamp, usize)>,
    /// NextContinuationToken.
    pub next: Option<String>,
}

impl Account {
    /// PutObject, with `If-None-Match: *` when asked.
    ///
    /// # Errors
    /// NoSuchBucket; PreconditionFailed when the key exists.
    pub fn put_object(
        &mut self,
        region: &Region,
        bucket: &str,
        key: &str,
        body: Vec<u8>,
        if_none_match: bool,
    ) -> Result<(), ApiError> {
        self.enter("s3:PutObject", region, &format!("{bucket}/{key}"))?;
        self.need_bucket(bucket)?;
        let at = (bucket.to_owned(), key.to_owned());
        if if_none_match && self.objects.contains_key(&at) {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(ApiError::new(412, "PreconditionFailed", message));
        }
        self.send(bucket, key, body.len());
        self.objects.insert(at, Object { body, modified: self.now });
        Ok(())
    }

    /// GetObject.
    ///
    /// # Errors
    /// NoSuchBucket, NoSuchKey.
    pub fn get_object(
        &mut self,
        region: &Region,
        bucket: &str,
        key: &str,
    ) -> Result<Object, ApiError> {
        self.enter("s3:GetObject", region, &format!("{bucket}/{key}"))?;
        self.need_bucket(bucket)?;
        let object = self.objects.get(&(bucket.to_owned(), key.to_owned()));
        let missing = || ApiError::new(404, "NoSuchKey", "The specified key does not exist.");
        object.cloned().ok_or_else(missing)
    }

    /// ListObjectsV2.
    ///
    /// # Errors
    /// NoSuchBucket.
    pub fn list_objects(
        &mut self,
        region: &Region,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        max: usize,
    ) -> Result<Listing, ApiError> {
        self.enter("s3:ListBucket", region, &format!("{bucket}/{prefix}"))?;
        self.need_bucket(bucket)?;
        let start = (bucket.to_owned(), prefix.to_owned());
        let mut all = self.objects.range(start..).filter(|((b, key), _)| {
            b == bucket && key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after)
        });
        let keys: Vec<_> = all
            .by_ref()
            .take(max)
            .map(|((_, key), object)| (key.clone(), object.modified, object.body.len()))
            .collect();
        let more = all.next().is_some();
        let next = keys.last().map(|(key, ..)| key.clone()).filter(|_| more);
        Ok(Listing { keys, next })
    }

    fn need_bucket(&self, bucket: &str) -> Result<(), ApiError> {
        let missing = || ApiError::new(404, "NoSuchBucket", "The specified bucket does not exist");
        self.buckets.get(bucket).map(|_| ()).ok_or_else(missing)
    }
}
