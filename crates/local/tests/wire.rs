//! The real SDK clients against the model: each operation once, and each protocol's refusals as
//! the SDK's typed errors.

use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_sdk_rds::config::{BehaviorVersion, Credentials, Region as Where};
use aws_sdk_rds::types::{DbSnapshot, Tag};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::id::Region;
use http_body_util::Full;
use hyper::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use local::connector::InProcess;
use model::{Account, ApiError, Scripted};
use std::sync::{Arc, Mutex};

const DB: &str = "kaigo-subsys-prod";
const DR_KEY: &str = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:sonae";
/// The night's automated point.
const POINT: &str = "rds:kaigo-subsys-prod-2025-01-14-18-05";

fn home() -> Region {
    Region::new("us-east-1")
}

fn dr() -> Region {
    Region::new("us-west-2")
}

/// 18:20 UTC: the night's point is available.
fn night() -> InProcess {
    let mut account = Account::new("2025-01-14T17:00:00Z".parse().expect("a time"));
    account.add_instance(&home(), DB, "18:00-18:30").tags.insert("Env".into(), "<prod>".into());
    account.keys.insert(DR_KEY.to_owned(), "Enabled".to_owned());
    account.buckets.insert("journal".to_owned());
    account.outbox.insert(TOPIC.to_owned(), Vec::new());
    account.advance("2025-01-14T18:20:00Z".parse().expect("a time"));
    InProcess::new(Arc::new(Mutex::new(account)))
}

/// A client of this SDK crate in this Region.
macro_rules! client {
    ($sdk:ident, $cloud:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Where::new($region.to_string()))
                .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
                .http_client($cloud.client())
                .build(),
        )
    };
}

/// The code of the error that this must be.
fn code<T: std::fmt::Debug, E: ProvideErrorMetadata, R: std::fmt::Debug>(
    result: Result<T, aws_sdk_s3::error::SdkError<E, R>>,
) -> String {
    let error = result.expect_err("the call must be refused");
    error.code().unwrap_or_default().to_owned()
}

fn at(time: Option<&aws_sdk_rds::primitives::DateTime>) -> Option<Timestamp> {
    time.map(|time| Timestamp::from_second(time.secs()).expect("a time of this century"))
}

#[tokio::test]
async fn an_instance_is_described() {
    let rds = client!(aws_sdk_rds, night(), home());
    let found = rds.describe_db_instances().db_instance_identifier(DB).send().await.expect("found");
    let db = &found.db_instances()[0];
    assert_eq!(db.db_instance_identifier(), Some(DB));
    assert_eq!(db.dbi_resource_id(), Some("db-00000000000000000000000001"));
    assert_eq!(db.db_instance_status(), Some("available"));
    assert_eq!(db.preferred_backup_window(), Some("18:00-18:30"));
    assert_eq!(db.backup_retention_period(), Some(7));
    assert_eq!((db.allocated_storage(), db.storage_encrypted()), (Some(100), Some(true)));
    assert_eq!(
        db.db_instance_arn(),
        Some("arn:aws:rds:us-east-1:123456789012:db:kaigo-subsys-prod")
    );
    let tag = &db.tag_list()[0];
    assert_eq!((tag.key(), tag.value()), (Some("Env"), Some("<prod>")));

    let missing = rds.describe_db_instances().db_instance_identifier("nope").send().await;
    let error = missing.expect_err("missing").into_service_error();
    assert!(error.is_db_instance_not_found_fault(), "{error:?}");
}

#[tokio::test]
async fn a_point_is_copied_and_lands() {
    let cloud = night();
    let (rds, far) = (client!(aws_sdk_rds, cloud, home()), client!(aws_sdk_rds, cloud, dr()));
    let found = rds.describe_db_snapshots().snapshot_type("automated").send().await.expect("found");
    let source = found.db_snapshots()[0].clone();
    assert_eq!(source.db_snapshot_identifier(), Some(POINT));
    assert_eq!((source.source_region(), source.tag_list().len()), (None, 1));

    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let copy = far
        .copy_db_snapshot()
        .source_db_snapshot_identifier(source.db_snapshot_arn().expect("an arn"))
        .target_db_snapshot_identifier("copy-dr")
        .kms_key_id(DR_KEY)
        .tags(tag("sonae:asset", DB))
        .tags(tag("sonae:kind", "a & b"));
    let started = copy.clone().send().await.expect("accepted");
    assert_eq!(started.db_snapshot().and_then(DbSnapshot::status), Some("pending"));
    let again = copy.send().await.expect_err("taken").into_service_error();
    assert!(again.is_db_snapshot_already_exists_fault(), "{again:?}");

    let later = cloud.account().now + SignedDuration::from_hours(1);
    cloud.account().advance(later);
    let landed = far.describe_db_snapshots().db_snapshot_identifier("copy-dr").send().await;
    let landed = landed.expect("found").db_snapshots()[0].clone();
    assert_eq!(landed.status(), Some("available"));
    assert_eq!(landed.kms_key_id(), Some(DR_KEY));
    assert_eq!(landed.source_region(), Some("us-east-1"));
    assert_eq!(landed.source_db_snapshot_identifier(), source.db_snapshot_arn());
    assert_eq!(landed.original_snapshot_create_time(), source.snapshot_create_time());
    assert!(at(landed.snapshot_create_time()) > at(source.snapshot_create_time()));
    assert_eq!(landed.tag_list()[1].value(), Some("a & b"));
    assert_eq!(landed.percent_progress(), Some(100));
}

#[tokio::test]
async fn a_point_is_taken_and_deleted() {
    let cloud = night();
    let rds = client!(aws_sdk_rds, cloud, home());
    let take = rds.create_db_snapshot().db_instance_identifier(DB).db_snapshot_identifier("mine");
    let taken = take.clone().send().await.expect("taken").db_snapshot.expect("the point");
    assert_eq!((taken.status(), taken.snapshot_type()), (Some("creating"), Some("manual")));
    // A point under creation has no times.
    assert_eq!((taken.snapshot_create_time(), taken.original_snapshot_create_time()), (None, None));
    let quotas = rds.describe_account_attributes().send().await.expect("quotas");
    let manual = &quotas.account_quotas()[0];
    assert_eq!(manual.account_quota_name(), Some("ManualSnapshots"));
    assert_eq!((manual.used(), manual.max()), (Some(1), Some(100)));

    assert_eq!(code(take.send().await), "DBSnapshotAlreadyExists");
    let gone = rds.delete_db_snapshot().db_snapshot_identifier("mine");
    assert_eq!(code(gone.clone().send().await), "InvalidDBSnapshotState");
    let later = cloud.account().now + SignedDuration::from_mins(10);
    cloud.account().advance(later);
    let word = gone.clone().send().await.expect("deleted").db_snapshot.and_then(|s| s.status);
    assert_eq!(word.as_deref(), Some("deleted"));
    assert_eq!(code(gone.send().await), "DBSnapshotNotFound");
}

#[tokio::test]
async fn names_are_legal_and_kept_in_lower_case() {
    let cloud = night();
    let rds = client!(aws_sdk_rds, cloud, home());
    let take = |name: &str| {
        rds.create_db_snapshot().db_instance_identifier(DB).db_snapshot_identifier(name)
    };
    for name in ["", "rds:mine", "my--point", "my-point-", "1st", &"p".repeat(256)] {
        assert_eq!(code(take(name).send().await), "InvalidParameterValue", "{name}");
    }
    let reserved = take("mine").tags(Tag::builder().key("rds:mine").value("no").build());
    assert_eq!(code(reserved.send().await), "InvalidParameterValue");

    let taken = take("Mine").send().await.expect("taken").db_snapshot.expect("the point");
    assert_eq!(taken.db_snapshot_identifier(), Some("mine"));
    assert!(taken.db_snapshot_arn().is_some_and(|arn| arn.ends_with(":mine")), "{taken:?}");
    assert_eq!(code(take("MINE").send().await), "DBSnapshotAlreadyExists");
    let found = rds.describe_db_snapshots().db_snapshot_identifier("MINE").send().await;
    assert_eq!(found.expect("found").db_snapshots().len(), 1);
    let shouted = rds.describe_db_instances().db_instance_identifier(DB.to_ascii_uppercase());
    assert_eq!(shouted.send().await.expect("found").db_instances().len(), 1);
    let strange = rds.describe_db_instances().marker("of another cloud").send().await;
    assert_eq!(code(strange), "InvalidParameterValue");
}

#[tokio::test]
async fn points_are_paged() {
    let cloud = night();
    for n in 0..45 {
        let (name, tags) = (format!("m-{n:02}"), Default::default());
        cloud.account().create_db_snapshot(&home(), DB, &name, tags).expect("taken");
    }
    let rds = client!(aws_sdk_rds, cloud, home());
    let pages = rds.describe_db_snapshots().snapshot_type("manual").max_records(20);
    let all = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    assert_eq!(all.expect("pages").len(), 45);
    let small = rds.describe_db_snapshots().max_records(5).send().await;
    assert_eq!(code(small), "InvalidParameterValue");
    let strange = rds.describe_db_snapshots().dbi_resource_id("db-1").send().await;
    assert_eq!(code(strange), "NotImplemented");
    assert_eq!(code(rds.describe_events().send().await), "InvalidAction");
}

#[tokio::test]
async fn a_notice_reaches_the_outbox() {
    let cloud = night();
    let sns = client!(aws_sdk_sns, cloud, home());
    let kind = MessageAttributeValue::builder().data_type("String").string_value("missing");
    let said = sns
        .publish()
        .topic_arn(TOPIC)
        .subject("備え: 1件")
        .message_structure("json")
        .message(r#"{"default":"short","email":"本文 <1>\n"}"#)
        .message_attributes("kind", kind.build().expect("an attribute"));
    assert!(said.clone().send().await.expect("published").message_id().is_some());
    let mail = cloud.account().outbox[TOPIC][0].clone();
    assert_eq!((mail.subject.as_str(), mail.body.as_str()), ("備え: 1件", "本文 <1>\n"));
    assert_eq!(mail.attributes, [("kind".to_owned(), "missing".to_owned())]);

    let long = said.clone().set_message_structure(None).message("m".repeat(256 * 1024));
    assert_eq!(code(long.send().await), "InvalidParameter");
    let refused = said.subject("x".repeat(100)).send().await.expect_err("too long");
    let error = refused.into_service_error();
    assert!(error.is_invalid_parameter_exception(), "{error:?}");
}

#[tokio::test]
async fn a_key_is_described() {
    let kms = client!(aws_sdk_kms, night(), dr());
    let found = kms.describe_key().key_id(DR_KEY).send().await.expect("found");
    let key = found.key_metadata().expect("metadata");
    assert_eq!(key.key_state().map(|state| state.as_str()), Some("Enabled"));
    assert_eq!(key.arn(), Some(DR_KEY));
    let missing = kms.describe_key().key_id(DR_KEY.replace("1111", "9999")).send().await;
    let error = missing.expect_err("missing").into_service_error();
    assert!(error.is_not_found_exception(), "{error:?}");
}

#[tokio::test]
async fn a_secret_is_read_in_its_region() {
    let cloud = night();
    let of = |region: Region| client!(aws_sdk_secretsmanager, cloud, region);
    cloud.account().secrets.insert((home(), "sonae/chat".to_owned()), "a text".to_owned());
    let found = of(home()).get_secret_value().secret_id("sonae/chat").send().await.expect("found");
    assert_eq!(found.secret_string(), Some("a text"));
    let missing = of(dr()).get_secret_value().secret_id("sonae/chat").send().await;
    let error = missing.expect_err("missing").into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

#[tokio::test]
async fn objects_are_written_once_read_and_listed() {
    let s3 = client!(aws_sdk_s3, night(), dr());
    let put = |key: &str| {
        let body = ByteStream::from_static("予 {}".as_bytes());
        s3.put_object().bucket("journal").key(key).if_none_match("*").body(body).send()
    };
    for key in ["duties/2025-01-15/a/taken.json", "duties/2025-01-15/a+b c/x.json", "z"] {
        put(key).await.expect("written");
    }
    assert_eq!(code(put("z").await), "PreconditionFailed");

    let read = s3.get_object().bucket("journal").key("duties/2025-01-15/a+b c/x.json");
    let read = read.send().await.expect("read");
    assert_eq!(read.last_modified().map(|time| time.secs()), Some(1_736_878_800));
    assert_eq!(&read.body.collect().await.expect("a body").into_bytes()[..], "予 {}".as_bytes());
    let missing = s3.get_object().bucket("journal").key("nope").send().await;
    let error = missing.expect_err("missing").into_service_error();
    assert!(error.is_no_such_key(), "{error:?}");

    let list = s3.list_objects_v2().bucket("journal").max_keys(1);
    let pages = list.prefix("duties/").into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.expect("pages");
    let keys = pages.iter().flat_map(|page| page.contents()).filter_map(|object| object.key());
    let keys: Vec<&str> = keys.collect();
    assert_eq!(keys, ["duties/2025-01-15/a+b c/x.json", "duties/2025-01-15/a/taken.json"]);
    let after = s3.list_objects_v2().bucket("journal").start_after("duties/2025-01-15/a/");
    assert_eq!(after.send().await.expect("a page").contents().len(), 2);
    let nowhere = s3.list_objects_v2().bucket("nowhere").send().await;
    assert!(nowhere.expect_err("missing").into_service_error().is_no_such_bucket());
}

#[tokio::test]
async fn a_streamed_object_arrives_whole() {
    let cloud = night();
    let s3 = client!(aws_sdk_s3, cloud, dr());
    // Not in memory as far as the SDK can tell, so it goes aws-chunked with a trailer.
    let text = "0123456789".repeat(20_000);
    let body = ByteStream::from_body_1_x(Full::new(Bytes::from(text.clone())));
    s3.put_object().bucket("journal").key("big").body(body).send().await.expect("written");
    let key = ("journal".to_owned(), "big".to_owned());
    assert_eq!(cloud.account().objects[&key].body, text.as_bytes());
}

#[tokio::test]
async fn scripted_refusals_keep_their_status_and_code() {
    let cloud = night();
    let refuse = |op: &str, status: u16, code: &str| {
        let refusal = Scripted::Refuse(ApiError::new(status, code, "no"));
        cloud.account().script(op, None, "", 1, refusal);
    };
    refuse("rds:DescribeDBInstances", 403, "AccessDenied");
    refuse("kms:DescribeKey", 400, "AccessDeniedException");
    refuse("s3:ListBucket", 403, "AccessDenied");
    let rds = client!(aws_sdk_rds, cloud, home()).describe_db_instances().send().await;
    let raw = rds.as_ref().expect_err("refused").raw_response().map(|raw| raw.status().as_u16());
    assert_eq!((raw, code(rds).as_str()), (Some(403), "AccessDenied"));
    let kms = client!(aws_sdk_kms, cloud, dr()).describe_key().key_id(DR_KEY).send().await;
    assert_eq!(code(kms), "AccessDeniedException");
    let s3 = client!(aws_sdk_s3, cloud, dr()).list_objects_v2().bucket("journal").send().await;
    assert_eq!(code(s3), "AccessDenied");
}

#[tokio::test]
async fn a_killed_caller_is_never_answered() {
    for (after_effect, written) in [(false, 1), (true, 2)] {
        let cloud = night();
        let s3 = client!(aws_sdk_s3, cloud, dr());
        let round = async {
            for n in 1..=3 {
                s3.put_object().bucket("journal").key(n.to_string()).send().await.expect("written");
            }
        };
        cloud.kill_at(2, after_effect);
        tokio::select! {
            () = round => panic!("the round must not outlive its kill"),
            () = cloud.killed() => {}
        }
        assert_eq!((cloud.calls(), cloud.account().objects.len()), (2, written));
        cloud.revive();
        s3.put_object().bucket("journal").key("9").send().await.expect("written");
    }
}

#[tokio::test]
async fn silence_ends_only_by_the_callers_timeout() {
    let cloud = night();
    cloud.account().script("rds:DescribeDBInstances", None, "", 1, Scripted::Silence);
    let rds = client!(aws_sdk_rds, cloud, home());
    let silent = rds.describe_db_instances().send();
    let short = std::time::Duration::from_millis(50);
    assert!(tokio::time::timeout(short, silent).await.is_err());
    assert_eq!(cloud.calls(), 1);
}
