//! Buckets that S3 replicates.

use super::span;
use crate::failure::{Fix, Reason};
use crate::health::{Gap, Silence};
use crate::notice::{Scene, Text, commands};
use crate::policy::{Bucket, Repair};
use jiff::{SignedDuration, Timestamp};

pub(super) fn unreplicated(scene: &Scene<'_>, gaps: &[Gap], rule: Option<&str>) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    let first = gaps.first().map_or("", in_short);
    let headline = format!("{who} is not replicated as the policy says: {first}");
    let mut wrong: Vec<String> = gaps.iter().map(|gap| of_gap(bucket, gap, rule)).collect();
    wrong.push(match gaps.iter().any(Gap::loses) {
        true => format!("What is written now is not in {dr}, and will not be."),
        false => format!("What is written now may be in {dr}; nothing says so, or by when."),
    });
    Text {
        headline,
        wrong,
        tried: Some(
            "Changes nothing of your bucket. Looks every 15 minutes and tells you when it is right."
                .into(),
        ),
        todo: vec![
            format!("See the rules as they are:\n{}", commands::see_rules(scene, bucket)),
            "If nobody of you changed them, find out who (CloudTrail, PutBucketReplication, DeleteBucketReplication, DeleteBucket).".into(),
            "Deploy template-bucket.yaml, or mend the rule as docs/s3-replication.md says.".into(),
            format!("Then replicate what was written meanwhile:\n{}", commands::replicate_again(scene, bucket, "NONE")),
        ],
    }
}

/// Few words: the bucket's name is long, and the subject is not.
fn in_short(gap: &Gap) -> &'static str {
    match gap {
        Gap::NoBucket => "no such bucket",
        Gap::NoRules => "no rule",
        Gap::NoSuchRule(_) => "no rule of that ID",
        Gap::Elsewhere(_) => "another bucket",
        Gap::Disabled => "rule is off",
        Gap::Narrow(_) => "rule is too narrow",
        Gap::ByTags => "only with tags",
        Gap::NoKms => "none under KMS keys",
        Gap::NoMetrics => "not measured",
        Gap::NoTimeControl => "no time control",
    }
}

fn of_gap(bucket: &Bucket, gap: &Gap, rule: Option<&str>) -> String {
    let rule = rule.unwrap_or("-");
    match gap {
        Gap::NoBucket => format!("S3 has no bucket `{}`.", bucket.id),
        Gap::NoRules => "The bucket has no replication rule.".into(),
        Gap::NoSuchRule(id) => format!("The bucket has no rule `{id}`; it was renamed or deleted."),
        Gap::Elsewhere(arn) => {
            format!("Rule `{rule}` replicates to {arn}, not to {}.", bucket.dr_arn())
        }
        Gap::Disabled => format!("Rule `{rule}` is disabled."),
        Gap::Narrow(prefix) => {
            format!("Rule `{rule}` covers `{prefix}` only, not all of `{}`.", bucket.prefix)
        }
        Gap::ByTags => format!("Rule `{rule}` covers only objects with tags."),
        Gap::NoKms => format!(
            "Rule `{rule}` passes over objects under KMS keys (SseKmsEncryptedObjects), and the bucket puts its objects under one."
        ),
        Gap::NoMetrics => {
            format!("Rule `{rule}` is not measured (Metrics): whether it works cannot be told.")
        }
        Gap::NoTimeControl => {
            format!("Rule `{rule}` has no Replication Time Control: S3 promises no time.")
        }
    }
}

pub(super) fn failing(scene: &Scene<'_>, reason: &Reason, objects: usize) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    if reason.is_canary() {
        return canary(scene, bucket);
    }
    let word = reason.word();
    let mut wrong = vec![
        format!("S3 gave up replicating this many objects of `{who}`: {objects} ({word})."),
        format!(
            "It does not try again: they are not in {dr} until somebody acts, whatever the latency says."
        ),
    ];
    if reason.is_unnamed() {
        wrong.push("Only the metric OperationsFailedReplication knows of them: the bucket does not notify Sonae's queue of `s3:Replication:*`. This ends by itself after 24 hours; whether they have arrived by then, nobody can tell.".into());
    }
    let again = commands::replicate_again(scene, bucket, "FAILED");
    let mut todo = vec![fix(bucket, reason.fix(), &scene.policy.home.to_string(), &dr.to_string())];
    if reason.is_unnamed() {
        todo = vec![
            "See the failed ones' reasons: add the notification as docs/s3-replication.md says."
                .into(),
        ];
    } else {
        todo.push(format!(
            "Which objects (their keys are in no mail):\n{}",
            commands::see_failures(scene, bucket)
        ));
    }
    todo.push(match bucket.repair {
        Repair::Report => format!("Once that is mended, replicate them again:\n{again}"),
        Repair::Auto => format!("Sonae starts a batch job at 00:00, 06:00, 12:00 and 18:00, once nothing new has failed for half an hour. By hand:\n{again}"),
    });
    Text {
        headline: format!("{who}: S3 gave up {objects} objects: {word}"),
        wrong,
        tried: Some("Keeps their keys in the journal, asks S3 for them in turn, and tells you when none is missing any more.".into()),
        todo,
    }
}

fn fix(bucket: &Bucket, fix: Fix, home: &str, dr: &str) -> String {
    let (id, dr_bucket) = (&bucket.id, &bucket.dr_bucket);
    match fix {
        Fix::Trust => "Let S3 take on the role of the replication: its trust policy must allow s3.amazonaws.com sts:AssumeRole.".into(),
        Fix::RightInHome(right) => format!("Give the role of the replication {right} on objects of `{id}`, and see that the bucket's policy denies it nothing."),
        Fix::RightInDr(right) => format!("Give the role of the replication {right} on objects of `{dr_bucket}`, and see that that bucket's policy denies it nothing."),
        Fix::RightOfBatch(right) => format!("Give the batch job's role {right} on objects of `{id}`."),
        Fix::DrBucketGone => format!("`{dr_bucket}` is not there: make it anew (template-bucket-dr.yaml), or mend the rule's destination."),
        Fix::OtherRegion => format!("`{id}` must be in {home} and `{dr_bucket}` in {dr}: one of them was made anew elsewhere."),
        Fix::Unversioned => format!("Turn versioning of `{dr_bucket}` on."),
        Fix::NoLockInDr => format!("The objects have an Object Lock: turn it on for `{dr_bucket}`, too."),
        Fix::DrKeyMissing => format!("The rule's ReplicaKmsKeyID is no key in {dr} that the role may use: mend it, or give the role kms:Encrypt and kms:GenerateDataKey on it."),
        Fix::DrKeyState => format!("Enable the key of `{dr_bucket}`, or take its deletion back."),
        Fix::HomeKeyState => format!("Enable the key of `{id}`, or take its deletion back."),
        Fix::HomeBucketGone => format!("`{id}` is gone: find out who deleted it (CloudTrail, DeleteBucket)."),
        Fix::NoRules => format!("The rules of `{id}` are gone: deploy template-bucket.yaml again."),
        Fix::ObjectGone => "The object or its version was deleted before it was replicated. If that was meant, nothing is to be done: this ends once S3 has it no more.".into(),
        Fix::NotEligible => "A batch job met objects that no rule covers, or that wait for nothing: see the job's filter and the rules.".into(),
        Fix::Unknown => "S3 gives no reason that Sonae knows: see the role, both keys and both buckets' policies in this order.".into(),
    }
}

fn canary(scene: &Scene<'_>, bucket: &Bucket) -> Text {
    let (who, dr, key) = (scene.who(), &scene.policy.dr, bucket.canary_key());
    Text {
        headline: format!("the canary of bucket {who} does not arrive in {dr}"),
        wrong: vec![
            format!(
                "`{key}`, which Sonae writes every hour, was not replicated: S3 gave it up, or no rule takes it."
            ),
            "Objects that are written like it may not arrive either.".into(),
        ],
        tried: Some(
            "Writes the next one within the hour, and tells you when it has arrived.".into(),
        ),
        todo: vec![
            format!("See the rules as they are:\n{}", commands::see_rules(scene, bucket)),
            "Read the notice of the failed objects, if one came: it has the reason.".into(),
        ],
    }
}

pub(super) fn slow(scene: &Scene<'_>, seconds: i64) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    let behind = SignedDuration::from_secs(seconds);
    Text {
        headline: format!("replication of {who} to {dr} is {} behind", span(behind)),
        wrong: vec![
            format!("The oldest object that waits is this old: {seconds} s. The policy allows {} s.", bucket.lag.as_secs()),
            "Most often: more was written at once than S3 replicates in that time, or KMS slows it down.".into(),
        ],
        tried: Some("Looks every 15 minutes, and tells you when it has caught up.".into()),
        todo: vec![
            format!("See how it goes on:\n{}", commands::see_latency(scene, bucket)),
            "If it grows for hours: raise the KMS request quota of both Regions, or ask AWS to raise what replication may transfer (Service Quotas, Amazon S3).".into(),
        ],
    }
}

pub(super) fn unknown(scene: &Scene<'_>, silence: &Silence) -> Text {
    let (who, dr) = (scene.who(), &scene.policy.dr);
    let Some(bucket) = scene.bucket() else { return gone(who) };
    let (wrong, todo) = match silence {
        Silence::NoData => (
            vec![
                format!("CloudWatch in {dr} has no ReplicationLatency for `{who}`, `{}` and the rule. S3 publishes it every minute, even when nothing is written.", bucket.dr_bucket),
                "Metrics off for a while, a rule renamed, or dr's bucket deleted: this is not health.".into(),
            ],
            vec![
                format!("See whether there is any:\n{}", commands::see_latency(scene, bucket)),
                format!("See the rule, its ID and its Metrics:\n{}", commands::see_rules(scene, bucket)),
            ],
        ),
        Silence::Unread(fault) => (
            vec![fault.to_string()],
            vec![format!("Give the function's role {} in {}, if it was denied; else it passes by itself.", fault.op, fault.region)],
        ),
    };
    Text {
        headline: format!("whether {who} is replicated to {dr} cannot be told"),
        wrong,
        tried: Some("Looks every 15 minutes, and tells you when it can be told again.".into()),
        todo,
    }
}

pub(super) fn silent(scene: &Scene<'_>, last: Option<Timestamp>) -> Text {
    let who = scene.who();
    let when = match last {
        Some(last) => format!("The last verdict is of {}.", scene.time(last)),
        None => "There is no verdict yet.".into(),
    };
    Text {
        headline: format!("nobody judges the replication of bucket {who}"),
        wrong: vec![when, "The function `replication` should write one every 15 minutes.".into()],
        tried: Some("The check goes on looking for a verdict, and tells you when there is one.".into()),
        todo: vec![
            "If the stack was deployed without this bucket: `make deploy` gives the template BucketArns from policy.toml.".into(),
            "Else read the function's log and alarms (docs/runbooks/replication-silent.md).".into(),
        ],
    }
}

pub(super) fn before_rule(scene: &Scene<'_>, rule: &str) -> Text {
    let who = scene.who();
    let Some(bucket) = scene.bucket() else { return gone(who) };
    Text {
        headline: format!("{who}: objects older than its rule are not replicated"),
        wrong: vec![
            format!(
                "Sonae judges `{who}` from now on. Rule `{rule}` replicates what is written since it was made, and nothing from before."
            ),
            "This is said once. Whether there is anything older, Sonae does not look.".into(),
        ],
        tried: None,
        todo: vec![format!(
            "If there is, replicate it once (costs per object; see docs/s3-replication.md):\n{}",
            commands::replicate_again(scene, bucket, "NONE")
        )],
    }
}

/// Of a bucket that has left the policy.
fn gone(who: &str) -> Text {
    let headline = format!("bucket {who} is not in the policy");
    Text { headline, wrong: Vec::new(), tried: None, todo: Vec::new() }
}
