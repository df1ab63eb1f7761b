//! What is told of buckets, in both languages, and policies that name them.

use crate::fixture::at;
use crate::notices::{book, fault};
use domain::episode::{EpisodeKey, NoticeKey, Subject, Word};
use domain::failure::{Fix, Reason};
use domain::fault::FaultKind;
use domain::finding::{Finding, Found, Rpo};
use domain::health::{Gap, Silence};
use domain::id::AssetId;
use domain::notice::{self, Notice};
use domain::policy::{Policy, Repair, parse};
use insta::assert_snapshot;
use jiff::SignedDuration;
use std::collections::BTreeSet;

const BUCKET: &str = "kaigo-files";

pub(crate) fn policy(language: &str, more: &str) -> Policy {
    parse(&text(language, more)).expect("a good policy")
}

fn text(language: &str, more: &str) -> String {
    format!(
        "version = 1\nsystem = \"kaigo-subsys-prod\"\nhome = \"us-east-1\"\ndr = \"us-west-2\"\n\
         zone = \"Asia/Tokyo\"\nlanguage = \"{language}\"\n[notify]\nemail = [\"ops@example.com\"]\n\
         [[asset]]\nkind = \"bucket\"\nid = \"{BUCKET}\"\ndr_bucket = \"kaigo-files-dr\"\n{more}"
    )
}

fn gaps() -> Vec<Gap> {
    vec![
        Gap::NoBucket,
        Gap::NoRules,
        Gap::NoSuchRule("sonae".to_owned()),
        Gap::Elsewhere("arn:aws:s3:::another".to_owned()),
        Gap::Disabled,
        Gap::Narrow("only/".to_owned()),
        Gap::ByTags,
        Gap::NoKms,
        Gap::NoMetrics,
        Gap::NoTimeControl,
    ]
}

/// One reason of each remedy.
fn reasons() -> Vec<Reason> {
    let mut seen: Vec<Fix> = Vec::new();
    let mut all = Vec::new();
    for reason in Reason::all() {
        if !seen.contains(&reason.fix()) {
            seen.push(reason.fix());
            all.push(reason);
        }
    }
    all.extend([Reason::new("NeverHeardOf"), Reason::unnamed(), Reason::canary()]);
    all
}

fn all() -> Vec<Finding> {
    let denied = fault("cloudwatch:GetMetricData", FaultKind::Denied, "AccessDenied: no");
    let rule = Some("sonae".to_owned());
    let of_gap = |gap: Gap| Found::BucketUnreplicated { gaps: vec![gap], rule: rule.clone() };
    let of_reason = |reason| Found::ReplicationFailing { reason, objects: 3 };
    let others = [
        Found::ReplicationSlow { seconds: 5400 },
        Found::ReplicationUnknown { silence: Silence::NoData },
        Found::ReplicationUnknown { silence: Silence::Unread(denied) },
        Found::ReplicationSilent { last: Some(at("2025-01-14T20:00:00Z")) },
        Found::ReplicationSilent { last: None },
        Found::BeforeRule { rule: "sonae".to_owned() },
    ];
    let found = gaps().into_iter().map(of_gap).chain(reasons().into_iter().map(of_reason));
    found.chain(others).map(finding).collect()
}

fn finding(what: Found) -> Finding {
    let subject = match &what {
        Found::BucketUnreplicated { gaps, .. } => Subject::item(gaps[0].word()),
        Found::ReplicationFailing { reason, .. } => Subject::item(reason.word()),
        _ => Subject::Standing,
    };
    let key = EpisodeKey { asset: Some(AssetId::new(BUCKET)), kind: what.kind(), subject };
    let since = at("2025-01-14T20:30:00Z");
    let rpo = match what {
        Found::ReplicationSlow { seconds } => Some(Rpo {
            newest: Some(at("2025-01-14T21:00:00Z") - SignedDuration::from_secs(seconds)),
            objective: SignedDuration::from_mins(15),
        }),
        _ => None,
    };
    Finding { key, severity: what.severity(), what, since, rpo }
}

fn notices(language: &str) -> Vec<Notice> {
    let (policy, now) = (policy(language, ""), at("2025-01-14T21:00:00Z"));
    let key = |finding: &Finding, word| NoticeKey { episode: finding.key.clone(), n: 1, word };
    let broken: Vec<Finding> = all();
    let said = broken.iter().map(|f| notice::broken(&policy, key(f, Word::Said), f, now));
    let kinds: BTreeSet<_> = broken.iter().map(|f| f.key.kind).collect();
    let ended = kinds.into_iter().filter(|kind| !kind.is_news()).map(|kind| {
        let finding = broken.iter().find(|f| f.key.kind == kind).expect("one of each");
        notice::repaired(&policy, key(finding, Word::Repaired), now)
    });
    said.chain(ended).collect()
}

#[test]
fn every_notice_of_a_bucket_in_japanese() {
    assert_snapshot!("of_buckets_ja", book(&notices("ja")));
}

#[test]
fn every_notice_of_a_bucket_in_english() {
    assert_snapshot!("of_buckets_en", book(&notices("en")));
}

/// The subject fits, whatever is said: what counts stands at its front.
#[test]
fn every_subject_of_a_bucket_fits() {
    for notice in notices("ja").into_iter().chain(notices("en")) {
        let length = notice.subject.chars().count();
        assert!(length <= 99 && !notice.subject.ends_with('…'), "{length}: {}", notice.subject);
    }
}

/// Amazon S3 User Guide, Amazon S3 replication failure reasons: each has a remedy of its own.
#[test]
fn every_reason_that_aws_documents_has_a_remedy() {
    let all: Vec<Reason> = Reason::all().collect();
    assert_eq!(all.len(), 36);
    let unknown: Vec<&Reason> = all.iter().filter(|reason| reason.fix() == Fix::Unknown).collect();
    assert_eq!(unknown, [&Reason::new("Unknown")]);
    let check = |word: &str, fix: Fix| assert_eq!(Reason::new(word).fix(), fix, "{word}");
    check("AssumeRoleNotPermitted", Fix::Trust);
    check("DstKmsKeyNotFound", Fix::DrKeyMissing);
    check("SrcKmsKeyInvalidState", Fix::HomeKeyState);
    check("DstPutTaggingNotPermitted", Fix::RightInDr("s3:ReplicateTags"));
    check("DstMultipartPartUploadNotPermitted", Fix::RightInDr("s3:ReplicateObject"));
    check("DstMultipartUploadNotPermitted", Fix::RightInDr("s3:ReplicateObject"));
    check("SrcGetObjectNotPermitted", Fix::RightInHome("s3:GetObjectVersionForReplication"));
    check("InitiateReplicationNotPermitted", Fix::RightOfBatch("s3:InitiateReplication"));
    check("SomethingNewOfAws", Fix::Unknown);
}

/// A reason is part of a key of the journal: whatever S3 sends, it is a plain word.
#[test]
fn a_reason_is_a_plain_word() {
    assert_eq!(Reason::new("../a b").word(), "ab");
    assert_eq!(Reason::new("").word(), "Unknown");
    assert_eq!(Reason::new(&"a".repeat(99)).word().len(), 64);
}

#[test]
fn a_bucket_has_its_own_defaults() {
    let of = policy("en", "");
    let bucket = &of.buckets[0];
    assert_eq!((bucket.lag, bucket.canary), (SignedDuration::from_mins(15), false));
    assert_eq!((bucket.repair, bucket.prefix.as_str()), (Repair::Report, ""));
    assert!(of.assets.is_empty());
    let role = "repair = \"auto\"\nrepair_role = \"arn:aws:iam::123456789012:role/a/repair\"\n";
    assert_eq!(policy("en", role).buckets[0].repair, Repair::Auto);
}

#[test]
fn every_problem_of_a_bucket_is_told_at_once() {
    let bad = "prefix = \"/a\"\nrule = \"\"\nlag = \"30 s\"\ncanary = \"yes\"\nrepair = \"always\"\n\
               repair_role = \"role\"\nkeep = 3\n\
               [[asset]]\nkind = \"bucket\"\nid = \"Files_\"\n\
               [[asset]]\nkind = \"bucket\"\nid = \"same\"\ndr_bucket = \"same\"\nrepair = \"auto\"\n\
               [[asset]]\nkind = \"bucket\"\nid = \"kaigo-files\"\ndr_bucket = \"another\"\n";
    let problems = parse(&text("en", bad)).expect_err("a bad policy").to_string();
    assert_snapshot!("problems_of_buckets", problems);
}
