//! The bucket: objects put with a checksum that S3 itself compares, under the policy's key.

use crate::fault::Fault;
use crate::setup::Setup;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart, Delete,
    ObjectIdentifier, ObjectLockMode, ServerSideEncryption, StorageClass,
};
use aws_smithy_types::byte_stream::Length;
use aws_smithy_types::timeout::TimeoutConfig;
use domain::host::mirror::{Class, Found, class, locked_until};
use domain::policy::{Host, LockMode};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// Larger files go in parts: one that breaks off costs a part, and one object may have 5 GiB in a single put (S3 User
/// Guide, "Uploading and copying objects using multipart upload").
pub const PART: u64 = 64 * 1024 * 1024;

/// What S3 keeps to tell an object by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// There is no such object.
    Nothing,
    /// It was put without a SHA-256, so by somebody else.
    Without,
    /// Its SHA-256 in base64; of an object of parts, that of theirs.
    Sum(String),
}

/// A host's objects in its bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    host: Host,
}

impl Bucket {
    /// By the credentials that the SDK finds.
    pub async fn of(setup: &Setup) -> Self {
        Self::with(&setup.sdk().await, &setup.host)
    }

    /// By given ones.
    pub fn with(sdk: &SdkConfig, host: &Host) -> Self {
        // What moves may take its time on a slow line; what stands still is given up.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(20))
            .build();
        let stalled =
            StalledStreamProtectionConfig::enabled().grace_period(Duration::from_secs(15)).build();
        let elsewhere = std::env::var("AWS_ENDPOINT_URL").is_ok()
            || std::env::var("AWS_ENDPOINT_URL_S3").is_ok();
        let config = Builder::from(&sdk.to_builder().timeout_config(timeouts).build())
            .stalled_stream_protection(stalled)
            .force_path_style(elsewhere)
            .build();
        Self { client: Client::from_conf(config), host: host.clone() }
    }

    /// Every key below the host's prefix, without it, and its bytes.
    ///
    /// # Errors
    /// S3 does not say.
    pub async fn list(&self) -> Result<BTreeMap<String, u64>, Fault> {
        let prefix = self.host.prefix();
        let mut held = BTreeMap::new();
        let mut token = None;
        loop {
            let page = self.client.list_objects_v2().bucket(&self.host.bucket).prefix(&prefix);
            let page = page.set_continuation_token(token).send().await;
            let page = page.map_err(|error| self.fault("list", &prefix, error))?;
            for object in page.contents() {
                let Some(key) = object.key().and_then(|key| key.strip_prefix(&prefix)) else {
                    continue;
                };
                held.insert(
                    key.to_owned(),
                    u64::try_from(object.size().unwrap_or_default()).unwrap_or_default(),
                );
            }
            token = page.next_continuation_token().map(str::to_owned);
            if token.is_none() {
                return Ok(held);
            }
        }
    }

    /// Puts a file of the repository; `false` where it is no longer there.
    ///
    /// # Errors
    /// S3 does not take it, or the disk does not give it.
    pub async fn put_file(&self, found: &Found, now: Timestamp) -> Result<bool, Fault> {
        let path = self.host.repository.join(&found.path);
        if !path.exists() {
            return Ok(false);
        }
        if found.bytes > PART {
            return self.put_parts(found, &path, now).await.map(|()| true);
        }
        match tokio::fs::read(&path).await {
            Ok(bytes) => self.put_bytes(&found.path, bytes, now).await.map(|()| true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Fault::file("cannot read", &path, &error)),
        }
    }

    /// Puts bytes.
    ///
    /// # Errors
    /// S3 does not take them.
    pub async fn put_bytes(&self, path: &str, bytes: Vec<u8>, now: Timestamp) -> Result<(), Fault> {
        let found =
            Found { path: path.to_owned(), bytes: u64::try_from(bytes.len()).unwrap_or_default() };
        let (mode, until) = self.lock(path, now);
        let put = self.client.put_object().bucket(&self.host.bucket).key(self.key(path));
        let put = put
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(&self.host.key)
            .storage_class(storage(class(&self.host, &found)))
            .set_object_lock_mode(mode)
            .set_object_lock_retain_until_date(until)
            .body(bytes.into());
        put.send().await.map(drop).map_err(|error| self.fault("put", path, error))
    }

    async fn put_parts(&self, found: &Found, path: &Path, now: Timestamp) -> Result<(), Fault> {
        let key = self.key(&found.path);
        let (mode, until) = self.lock(&found.path, now);
        let begun = self.client.create_multipart_upload().bucket(&self.host.bucket).key(&key);
        let begun = begun
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(&self.host.key)
            .storage_class(storage(class(&self.host, found)))
            .set_object_lock_mode(mode)
            .set_object_lock_retain_until_date(until);
        let begun = begun.send().await.map_err(|error| self.fault("put", &found.path, error))?;
        let id = begun.upload_id().unwrap_or_default();
        let parts = self.parts(found, path, id).await;
        let whole =
            CompletedMultipartUpload::builder().set_parts(parts.as_ref().ok().cloned()).build();
        let done = self
            .client
            .complete_multipart_upload()
            .bucket(&self.host.bucket)
            .key(&key)
            .upload_id(id);
        let sent = match parts {
            Ok(_) => done
                .multipart_upload(whole)
                .send()
                .await
                .map(drop)
                .map_err(|error| self.fault("put", &found.path, error)),
            Err(fault) => Err(fault),
        };
        if sent.is_err() {
            // What stays is taken away by the bucket's rule on incomplete uploads.
            let abort = self
                .client
                .abort_multipart_upload()
                .bucket(&self.host.bucket)
                .key(&key)
                .upload_id(id);
            _ = abort.send().await;
        }
        sent
    }

    async fn parts(
        &self,
        found: &Found,
        path: &Path,
        id: &str,
    ) -> Result<Vec<CompletedPart>, Fault> {
        let mut parts = Vec::new();
        for (offset, number) in
            (0..found.bytes).step_by(usize::try_from(PART).unwrap_or(usize::MAX)).zip(1..)
        {
            let length = Length::Exact(PART.min(found.bytes - offset));
            let body =
                ByteStream::read_from().path(path).offset(offset).length(length).build().await;
            let body = body.map_err(|error| {
                Fault::Failed(format!("cannot read `{}`: {error}", path.display()))
            })?;
            let part =
                self.client.upload_part().bucket(&self.host.bucket).key(self.key(&found.path));
            let part = part
                .checksum_algorithm(ChecksumAlgorithm::Sha256)
                .upload_id(id)
                .part_number(number)
                .body(body);
            let done = part.send().await.map_err(|error| self.fault("put", &found.path, error))?;
            let done = CompletedPart::builder()
                .part_number(number)
                .set_e_tag(done.e_tag().map(str::to_owned))
                .set_checksum_sha256(done.checksum_sha256().map(str::to_owned));
            parts.push(done.build());
        }
        Ok(parts)
    }

    /// The SHA-256 that S3 keeps of an object.
    ///
    /// # Errors
    /// S3 does not say.
    pub async fn checksum(&self, path: &str) -> Result<Kept, Fault> {
        let head = self.client.head_object().bucket(&self.host.bucket).key(self.key(path));
        match head.checksum_mode(ChecksumMode::Enabled).send().await {
            // Some of S3's answers add the number of parts, `-2`, and others do not; base64 has no such sign.
            Ok(head) => Ok(head.checksum_sha256().map_or(Kept::Without, |sum| {
                Kept::Sum(sum.split('-').next().unwrap_or_default().to_owned())
            })),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {
                Ok(Kept::Nothing)
            }
            Err(error) => Err(self.fault("look at", path, error)),
        }
    }

    /// Where a path is in the local repository.
    pub fn local(&self, path: &str) -> PathBuf {
        self.host.repository.join(path)
    }

    /// Gets an object into a file; its checksum is compared while it comes.
    ///
    /// # Errors
    /// It is not there, is not what was put, or the disk does not take it.
    pub async fn get_file(&self, path: &str, to: &Path) -> Result<u64, Fault> {
        let get = self.client.get_object().bucket(&self.host.bucket).key(self.key(path));
        let got = get.checksum_mode(ChecksumMode::Enabled).send().await;
        let mut body = got.map_err(|error| self.fault("get", path, error))?.body;
        let disk = |error| Fault::file("cannot write", to, &error);
        if let Some(parent) = to.parent() {
            tokio::fs::create_dir_all(parent).await.map_err(disk)?;
        }
        let mut file = tokio::fs::File::create(to).await.map_err(disk)?;
        let mut bytes = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| {
                Fault::Failed(format!(
                    "`s3://{}/{}` broke off or is not what was put: {}",
                    self.host.bucket,
                    self.key(path),
                    DisplayErrorContext(&error)
                ))
            })?;
            bytes += u64::try_from(chunk.len()).unwrap_or_default();
            file.write_all(&chunk).await.map_err(disk)?;
        }
        file.flush().await.map_err(disk)?;
        Ok(bytes)
    }

    /// Takes keys away; in a versioned bucket they become old versions.
    ///
    /// # Errors
    /// S3 does not take one of them away.
    pub async fn delete(&self, paths: &[String]) -> Result<(), Fault> {
        for some in paths.chunks(1000) {
            let object =
                |path: &String| ObjectIdentifier::builder().key(self.key(path)).build().ok();
            let delete = Delete::builder()
                .set_objects(Some(some.iter().filter_map(object).collect()))
                .quiet(true);
            let delete = delete.build().map_err(|error| Fault::Failed(error.to_string()))?;
            let done =
                self.client.delete_objects().bucket(&self.host.bucket).delete(delete).send().await;
            let done = done.map_err(|error| self.fault("delete", "", error))?;
            if let Some(error) = done.errors().first() {
                let (key, why) =
                    (error.key().unwrap_or_default(), error.message().unwrap_or_default());
                return Err(Fault::Failed(format!(
                    "`{key}` was not taken away from the bucket: {why}"
                )));
            }
        }
        Ok(())
    }

    fn key(&self, path: &str) -> String {
        format!("{}{path}", self.host.prefix())
    }

    fn lock(&self, path: &str, now: Timestamp) -> (Option<ObjectLockMode>, Option<DateTime>) {
        let until = locked_until(&self.host, path, now);
        let mode = match self.host.lock {
            LockMode::Compliance => ObjectLockMode::Compliance,
            LockMode::Governance | LockMode::Off => ObjectLockMode::Governance,
        };
        (until.map(|_| mode), until.map(|until| DateTime::from_secs(until.as_second())))
    }

    fn fault<E>(&self, what: &str, path: &str, error: E) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let said = match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            _ => DisplayErrorContext(&error).to_string(),
        };
        Fault::Failed(format!(
            "cannot {what} `s3://{}/{}`: {said}",
            self.host.bucket,
            self.key(path)
        ))
    }
}

fn storage(class: Class) -> StorageClass {
    match class {
        Class::Standard => StorageClass::Standard,
        Class::InfrequentAccess => StorageClass::StandardIa,
    }
}
