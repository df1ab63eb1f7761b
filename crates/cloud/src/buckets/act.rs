//! What `replication` does to S3: one object an hour where the policy wants it, and a batch job.

use super::Buckets;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3control::types::{
    JobManifestGenerator, JobManifestGeneratorFilter, JobOperation, JobReport, ReplicationStatus,
    S3JobManifestGenerator, S3ReplicateObjectOperation,
};
use domain::fault::{Fault, FaultKind};
use domain::policy::Bucket;
use domain::step::{Job, Outcome};

/// Low: whatever else the owner runs goes first.
const PRIORITY: i32 = 1;

impl Buckets<'_> {
    pub(super) async fn write_canary(&self, bucket: &Bucket) -> Outcome {
        let call = self
            .s3
            .put_object()
            .bucket(bucket.id.as_str())
            .key(bucket.canary_key())
            .content_type("text/plain")
            .body(ByteStream::from_static(b"."))
            .send();
        match self.session.call("s3:PutObject", self.session.home(), Box::pin(call)).await {
            Ok(_) => Outcome::Done,
            Err(fault) => Outcome::refused(fault),
        }
    }

    /// The same token again gets the job that there is (API reference, CreateJob, ClientRequestToken).
    pub(super) async fn start(&self, job: &Job) -> Outcome {
        let (op, home) = ("s3:CreateJob", self.session.home());
        let Some((operation, manifest, report)) = parts(job) else {
            let detail = "not called: the request cannot be built".to_owned();
            let (op, region) = (op.to_owned(), home.clone());
            return Outcome::refused(Fault { op, region, kind: FaultKind::Other, detail });
        };
        let call = self
            .batch
            .create_job()
            .account_id(job.account())
            .client_request_token(&job.token)
            .confirmation_required(false)
            .priority(PRIORITY)
            .role_arn(&job.role)
            .operation(operation)
            .manifest_generator(manifest)
            .report(report)
            .send();
        match self.session.call(op, home, Box::pin(call)).await {
            Ok(_) => Outcome::Done,
            Err(fault) => Outcome::refused(fault),
        }
    }
}

/// As in the notice: replicate again what failed.
fn parts(job: &Job) -> Option<(JobOperation, JobManifestGenerator, JobReport)> {
    let again = S3ReplicateObjectOperation::builder().build();
    let operation = JobOperation::builder().s3_replicate_object(again).build();
    let filter = JobManifestGeneratorFilter::builder()
        .eligible_for_replication(true)
        .object_replication_statuses(ReplicationStatus::Failed)
        .build();
    let generator = S3JobManifestGenerator::builder()
        .source_bucket(job.bucket.arn())
        .enable_manifest_output(false)
        .filter(filter)
        .build()
        .ok()?;
    let report = JobReport::builder().enabled(false).build();
    Some((operation, JobManifestGenerator::S3JobManifestGenerator(generator), report))
}
