//! The two stacks of S3 replication: buckets that stay, a rule that S3 takes, a role with no more than it
//! needs, alarms where their metrics are.

use crate::alarms::check_description;
use crate::stack::{list, object, plain as stack, properties, texts};
use serde_json::{Value, json};

const HOME: &str = "template-bucket.yaml";
const DR: &str = "template-bucket-dr.yaml";

fn rule(home: &Value) -> Value {
    let rules = list(&properties(home, "Bucket")["ReplicationConfiguration"]["Rules"]);
    let [rule] = &*rules else { panic!("one rule") };
    (*rule).clone()
}

/// cfn-lint lets both through, and S3 refuses them with a 400; an empty filter says nothing.
#[test]
fn seed_errors_20_to_22_the_rule_is_one_that_s3_takes() {
    let rule = rule(&stack(HOME));
    assert_eq!(rule["Filter"], json!({"Prefix": ""}), "all of it, in words");
    assert_eq!(rule["DeleteMarkerReplication"], json!({"Status": {"Ref": "DeleteMarkers"}}));
    let encrypted = json!({"SseKmsEncryptedObjects": {"Status": "Enabled"}});
    assert_eq!(rule["SourceSelectionCriteria"], encrypted);
    let key = json!({"ReplicaKmsKeyID": {"Ref": "DrBucketKeyArn"}});
    assert_eq!(rule["Destination"]["EncryptionConfiguration"], key);
    assert_eq!([&rule["Status"], &rule["Priority"]], [&json!("Enabled"), &json!(1)]);
}

/// Time control takes 15 minutes only, needs the metrics, and without it no missed threshold is told.
#[test]
fn replication_is_timed_and_measured() {
    let destination = rule(&stack(HOME))["Destination"].clone();
    let quarter = json!({"Minutes": 15});
    assert_eq!(destination["ReplicationTime"], json!({"Status": "Enabled", "Time": quarter}));
    assert_eq!(destination["Metrics"], json!({"Status": "Enabled", "EventThreshold": quarter}));
}

/// Seed 000's bucket named a key, a role and a destination that nothing defined.
#[test]
fn seed_errors_23_to_26_both_buckets_stay_encrypted_and_closed() {
    for file in [HOME, DR] {
        let stack = stack(file);
        let stays = ["RetainExceptOnCreate", "Retain"];
        for id in ["Bucket", "BucketKey"] {
            let kept = &stack["Resources"][id];
            assert_eq!([&kept["DeletionPolicy"], &kept["UpdateReplacePolicy"]], stays, "{id}");
        }
        let bucket = properties(&stack, "Bucket");
        assert_eq!(bucket["VersioningConfiguration"], json!({"Status": "Enabled"}), "{file}");
        let closed: Vec<_> = object(&bucket["PublicAccessBlockConfiguration"]).collect();
        assert!(closed.len() == 4 && closed.iter().all(|(_, on)| **on == json!(true)), "{file}");
        let default = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
        assert_eq!(default["BucketKeyEnabled"], true, "{file}: else each object asks KMS");
        let key = json!({"Fn::GetAtt": ["BucketKey", "Arn"]});
        assert_eq!(default["ServerSideEncryptionByDefault"]["KMSMasterKeyID"], key, "{file}");
        let rules = list(&bucket["LifecycleConfiguration"]["Rules"]);
        let old = rules.iter().find(|rule| rule["NoncurrentVersionExpiration"].is_object());
        let days = json!({"NoncurrentDays": {"Ref": "KeepOldDays"}});
        assert_eq!(old.expect("old versions go")["NoncurrentVersionExpiration"], days, "{file}");
        assert!(rules.iter().all(|rule| rule["ExpirationInDays"].is_null()), "and no current one");
        let [deny] = &*list(&properties(&stack, "BucketPolicy")["PolicyDocument"]["Statement"])
        else {
            panic!("one statement")
        };
        assert_eq!([&deny["Effect"], &deny["Principal"], &deny["Action"]], ["Deny", "*", "s3:*"]);
        let plain = json!({"Bool": {"aws:SecureTransport": "false"}});
        assert_eq!(deny["Condition"], plain, "{file}: TLS only");
    }
}

/// A role that reads one bucket and writes the other, each under its key, and can delete no version.
#[test]
fn s3_may_replicate_and_nothing_else() {
    let home = stack(HOME);
    let role = properties(&home, "ReplicationRole");
    let [trust] = &*list(&role["AssumeRolePolicyDocument"]["Statement"]) else { panic!("one") };
    assert_eq!(trust["Principal"], json!({"Service": "s3.amazonaws.com"}));
    let [policy] = &*list(&role["Policies"]) else { panic!("one policy") };
    let statements = list(&policy["PolicyDocument"]["Statement"]);
    let actions: Vec<String> =
        statements.iter().flat_map(|statement| texts(&statement["Action"])).collect();
    let documented = [
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:ReplicateObject",
        "s3:ReplicateDelete",
        "s3:ReplicateTags",
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    ];
    assert_eq!(actions, documented);
    for statement in statements {
        let on_key = texts(&statement["Action"])[0].starts_with("kms:");
        assert_ne!(statement["Resource"], "*");
        assert_eq!(statement["Condition"]["StringEquals"]["kms:ViaService"].is_object(), on_key);
    }
}

#[track_caller]
fn check(file: &str, id: &str, metric: [&str; 2], dimensions: [Value; 3], missing: &str) {
    let stack = stack(file);
    let alarm = properties(&stack, id);
    let [name, statistic] = metric;
    assert_eq!([&alarm["Namespace"], &alarm["MetricName"]], ["AWS/S3", name]);
    assert_eq!([&alarm["Statistic"], &alarm["TreatMissingData"]], [statistic, missing]);
    let names = ["SourceBucket", "DestinationBucket", "RuleId"];
    let expected =
        names.iter().zip(dimensions).map(|(name, value)| json!({"Name": name, "Value": value}));
    assert_eq!(alarm["Dimensions"], expected.collect::<Value>(), "{id}: all three, or no data");
    assert_eq!(alarm["AlarmActions"], json!([{"Ref": "TopicArn"}]));
    assert_eq!(alarm["Unit"], Value::Null, "{id}: a wrong one gives no data");
    check_description(id, &alarm["AlarmDescription"]["Fn::If"]);
}

/// Seed 000 asked for an average in the source's Region and without the rule: no data, for ever.
#[test]
fn seed_errors_29_and_34_alarms_are_where_their_metrics_are() {
    let id = rule(&stack(HOME))["Id"].clone();
    let named =
        |region: &str| json!({"Fn::Sub": format!("${{Name}}-${{AWS::AccountId}}-${{{region}}}")});
    let bucket = json!({"Ref": "Bucket"});
    let slow = [named("HomeRegion"), bucket.clone(), id.clone()];
    check(DR, "ReplicationSlow", ["ReplicationLatency", "Maximum"], slow, "ignore");
    let failed = [bucket, json!({"Ref": "DrBucketName"}), id];
    check(
        HOME,
        "ReplicationFailed",
        ["OperationsFailedReplication", "Sum"],
        failed,
        "notBreaching",
    );
    let stacks = [HOME, DR].map(stack);
    for stack in &stacks {
        let name = &properties(stack, "Bucket")["BucketName"];
        assert_eq!(*name, named("AWS::Region"), "as the other stack's alarm names it");
    }
    let [home, dr] = &stacks;
    assert_eq!(properties(dr, "ReplicationSlow")["Threshold"], 900, "seconds");
    let default = |stack: &Value| stack["Parameters"]["Name"]["Default"].clone();
    assert_eq!(default(home), default(dr), "one name in both");
}

/// What the dr bucket's stack puts out is what the other one asks for.
#[test]
fn outputs_of_dr_are_parameters_of_home() {
    let (home, dr) = (stack(HOME), stack(DR));
    let outputs: Vec<&str> = object(&dr["Outputs"]).map(|(name, _)| name).collect();
    assert_eq!(outputs, ["DrBucketArn", "DrBucketKeyArn", "DrBucketName"]);
    assert!(outputs.iter().all(|name| home["Parameters"][*name].is_object()));
}

/// What fails is named only by a notification; the queue is there once the policy names the bucket.
#[test]
fn the_bucket_notifies_the_queue_and_can_be_repaired() {
    let home = stack(HOME);
    let queue = json!({"Event": "s3:Replication:*", "Queue": {"Ref": "FailuresQueueArn"}});
    let notifies = json!({"QueueConfigurations": [queue]});
    let expected = json!({"Fn::If": ["HasQueue", notifies, {"Ref": "AWS::NoValue"}]});
    assert_eq!(properties(&home, "Bucket")["NotificationConfiguration"], expected);
    let role = properties(&home, "RepairRole");
    let trust = &role["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(trust["Principal"], json!({"Service": "batchoperations.s3.amazonaws.com"}));
    let statements = list(&role["Policies"][0]["PolicyDocument"]["Statement"]);
    let actions: Vec<String> = statements.iter().flat_map(|s| texts(&s["Action"])).collect();
    let documented = [
        "s3:InitiateReplication",
        "s3:GetReplicationConfiguration",
        "s3:PutInventoryConfiguration",
    ];
    assert_eq!(actions, documented);
}
