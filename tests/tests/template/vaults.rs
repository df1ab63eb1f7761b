//! The two stacks of AWS Backup: a plan that copies, vaults that stay, alarms that can sound.

use crate::alarms::check_description;
use crate::stack::{list, object, plain as stack, properties, texts};
use serde_json::{Value, json};

const HOME: &str = "template-vault.yaml";
const DR: &str = "template-vault-dr.yaml";

fn ids<'v>(stack: &'v Value, kind: &str) -> Vec<&'v str> {
    let all = object(&stack["Resources"]).filter(|(_, resource)| resource["Type"] == kind);
    all.map(|(id, _)| id).collect()
}

#[test]
fn the_plan_runs_at_four_in_tokyo_and_copies_to_the_other_region() {
    let home = stack(HOME);
    let [rule] = &*list(&properties(&home, "Plan")["BackupPlan"]["BackupPlanRule"]) else {
        panic!("one rule");
    };
    let parameter = |name: &str| &home["Parameters"][name]["Default"];
    assert_eq!(rule["ScheduleExpression"], json!({"Ref": "At"}));
    assert_eq!(parameter("At"), "cron(0 4 * * ? *)");
    assert_eq!(rule["ScheduleExpressionTimezone"], json!({"Ref": "TimeZone"}));
    assert_eq!(parameter("TimeZone"), "Asia/Tokyo");
    assert_eq!([&rule["StartWindowMinutes"], &rule["CompletionWindowMinutes"]], [60, 480]);
    let kept = json!({"DeleteAfterDays": {"Ref": "KeepDays"}});
    assert_eq!(parameter("KeepDays"), 30);
    assert_eq!(rule["Lifecycle"], kept);
    let copies = json!([{"DestinationBackupVaultArn": {"Ref": "DrVaultArn"}, "Lifecycle": kept}]);
    assert_eq!(rule["CopyActions"], copies);
}

/// Seed 000's plan named a key, a role and a file system that nothing defined, and lost its points with
/// the stack.
#[test]
fn vaults_stay_under_keys_of_their_own() {
    for file in [HOME, DR] {
        let stack = stack(file);
        assert_eq!(ids(&stack, "AWS::Backup::BackupVault"), ["Vault"], "{file}");
        let vault = &stack["Resources"]["Vault"];
        let stays = ["RetainExceptOnCreate", "Retain"];
        assert_eq!([&vault["DeletionPolicy"], &vault["UpdateReplacePolicy"]], stays, "{file}");
        let key = json!({"Fn::GetAtt": ["VaultKey", "Arn"]});
        assert_eq!(vault["Properties"]["EncryptionKeyArn"], key, "{file}");
        let key = &stack["Resources"]["VaultKey"];
        let policies = [&key["DeletionPolicy"], &key["UpdateReplacePolicy"]];
        assert_eq!(policies, stays, "{file}");
        assert_eq!(key["Properties"]["EnableKeyRotation"], true, "{file}");
        let [deny] = &*list(&vault["Properties"]["AccessPolicy"]["Statement"]) else {
            panic!("one statement");
        };
        assert_eq!([&deny["Effect"], &deny["Principal"]], ["Deny", "*"], "{file}");
        let denied = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"];
        assert_eq!(texts(&deny["Action"]), denied, "{file}");
    }
}

/// cfn-lint lets a grace time of less than three days through, which AWS refuses, and one in governance
/// mode, which would make it compliance (API reference, PutBackupVaultLockConfiguration).
#[test]
fn a_lock_is_off_unless_asked_for_and_for_ever_only_by_its_name() {
    for file in [HOME, DR] {
        let stack = stack(file);
        let lock = &stack["Parameters"]["Lock"];
        assert_eq!(lock["Default"], "off", "{file}");
        assert_eq!(lock["AllowedValues"], json!(["off", "governance", "compliance"]), "{file}");
        let warning = lock["Description"].as_str().expect("words");
        assert!(warning.contains("THIS CANNOT BE UNDONE"), "{file}: {warning}");
        let none = json!({"Ref": "AWS::NoValue"});
        let grace = json!({"Fn::If": ["IsForEver", 3, none]});
        let locked = json!({"MinRetentionDays": 7, "ChangeableForDays": grace});
        let expected = json!({"Fn::If": ["IsLocked", locked, none]});
        assert_eq!(stack["Resources"]["Vault"]["Properties"]["LockConfiguration"], expected);
        let conditions = &stack["Conditions"];
        let not_off = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "Lock"}, "off"]}]});
        assert_eq!(conditions["IsLocked"], not_off, "{file}");
        let compliance = json!({"Fn::Equals": [{"Ref": "Lock"}, "compliance"]});
        assert_eq!(conditions["IsForEver"], compliance, "{file}");
        let least = stack["Parameters"]["KeepDays"]["MinValue"].as_i64().unwrap_or(7);
        assert!(least >= 7, "{file}: what the plan keeps is as long as the lock asks for");
    }
}

/// AWS Backup refuses a role whose name lacks the word, and cannot pass one that another service holds.
#[test]
fn the_role_is_one_that_aws_backup_takes() {
    let home = stack(HOME);
    let [role] = &*ids(&home, "AWS::IAM::Role") else { panic!("one role") };
    assert!(role.contains("AwsBackup"), "{role}: CloudFormation makes the name from it");
    let role = properties(&home, role);
    assert_eq!(
        role["RoleName"],
        Value::Null,
        "not a name of ours: it would need another capability"
    );
    let [trust] = &*list(&role["AssumeRolePolicyDocument"]["Statement"]) else { panic!("one") };
    assert_eq!(trust["Principal"], json!({"Service": "backup.amazonaws.com"}));
    let managed = texts(
        &role["ManagedPolicyArns"]
            .as_array()
            .map_or(json!([]), |all| all.iter().map(|one| one["Fn::Sub"].clone()).collect()),
    );
    let ends: Vec<&str> = managed.iter().filter_map(|arn| arn.rsplit('/').next()).collect();
    let expected = ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"];
    assert_eq!(ends, expected);
    let statements = list(&role["Policies"][0]["PolicyDocument"]["Statement"]);
    let keys = json!([{"Fn::GetAtt": ["VaultKey", "Arn"]}, {"Ref": "DrVaultKeyArn"}]);
    assert!(
        statements.iter().all(|statement| statement["Resource"] == keys),
        "both keys, no other"
    );
    let role = json!({"Fn::GetAtt": ["AwsBackupRole", "Arn"]});
    let selections = ids(&home, "AWS::Backup::BackupSelection");
    assert_eq!(selections, ["NamedOnes", "TaggedOnes"]);
    for id in selections {
        let selection = &properties(&home, id)["BackupSelection"];
        assert_eq!(selection["IamRoleArn"], role, "{id}");
        let ways = ["Resources", "ListOfTags"].iter().filter(|way| !selection[**way].is_null());
        assert_eq!(ways.count(), 1, "{id}: by ARN or by tag, never both");
    }
}

/// What one alarm watches: a metric of the vault with a name.
#[track_caller]
fn check(file: &str, id: &str, metric: &str, vault: &str) {
    let stack = stack(file);
    let alarm = properties(&stack, id);
    assert_eq!([&alarm["Namespace"], &alarm["MetricName"]], ["AWS/Backup", metric], "{id}");
    // Whether AWS publishes a series without any dimension is not known.
    let dimension = json!([{"Name": "BackupVaultName", "Value": {"Ref": vault}}]);
    assert_eq!(alarm["Dimensions"], dimension, "{id}");
    assert_eq!([&alarm["Statistic"], &alarm["TreatMissingData"]], ["Sum", "notBreaching"], "{id}");
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold", "{id}");
    assert_eq!([&alarm["EvaluationPeriods"], &alarm["Threshold"]], [1, 1], "{id}");
    assert_eq!(alarm["AlarmActions"], json!([{"Ref": "TopicArn"}]), "{id}");
    assert_eq!(alarm["ActionsEnabled"], Value::Null, "{id}: it may always send");
    check_description(id, &alarm["AlarmDescription"]["Fn::If"]);
}

#[test]
fn every_bad_end_of_a_job_is_an_alarm() {
    let alarms = ["BackupJobsAborted", "BackupJobsExpired", "BackupJobsFailed", "CopyJobsFailed"];
    assert_eq!(ids(&stack(HOME), "AWS::CloudWatch::Alarm"), alarms);
    check(HOME, "BackupJobsFailed", "NumberOfBackupJobsFailed", "Vault");
    check(HOME, "BackupJobsExpired", "NumberOfBackupJobsExpired", "Vault");
    check(HOME, "BackupJobsAborted", "NumberOfBackupJobsAborted", "Vault");
    // The destination's name, in both Regions: in which of them AWS counts is not documented.
    check(HOME, "CopyJobsFailed", "NumberOfCopyJobsFailed", "DrVaultName");
    assert_eq!(ids(&stack(DR), "AWS::CloudWatch::Alarm"), ["CopyJobsFailed"]);
    check(DR, "CopyJobsFailed", "NumberOfCopyJobsFailed", "Vault");
    let default = |file: &str, name: &str| stack(file)["Parameters"][name]["Default"].clone();
    assert_eq!(default(HOME, "DrVaultName"), default(DR, "VaultName"), "one name in both");
}

/// An alarm's states over rows of sums, of which AWS publishes none where there is nothing to count.
fn states(alarm: &Value, rows: &[Option<i64>]) -> Vec<&'static str> {
    let threshold = alarm["Threshold"].as_i64().expect("a number");
    let breaches = |row: &Option<i64>| match (row, alarm["TreatMissingData"].as_str()) {
        (Some(sum), _) => Some(*sum >= threshold),
        (None, Some("notBreaching")) => Some(false),
        (None, Some("breaching")) => Some(true),
        (None, _) => None,
    };
    let word = |breach| match breach {
        Some(true) => "ALARM",
        Some(false) => "OK",
        None => "INSUFFICIENT_DATA",
    };
    rows.iter().map(|row| word(breaches(row))).collect()
}

/// Seed 000's alarm, which left missing data missing, would never have been OK again.
#[test]
fn seed_error_30_alarms_live_with_metrics_that_have_gaps() {
    for (file, id) in [(HOME, "BackupJobsFailed"), (HOME, "CopyJobsFailed"), (DR, "CopyJobsFailed")]
    {
        let stack = stack(file);
        let alarm = properties(&stack, id);
        let rows = [None, None, Some(1), None, Some(2), Some(1), None];
        let expected = ["OK", "OK", "ALARM", "OK", "ALARM", "ALARM", "OK"];
        assert_eq!(states(alarm, &rows), expected, "{file}: {id}");
        // What the seed had.
        let missing = json!({"Threshold": 1, "TreatMissingData": "missing"});
        assert_eq!(states(&missing, &rows[2..4]), ["ALARM", "INSUFFICIENT_DATA"]);
    }
}

/// What the dr vault's stack puts out is what the other one asks for.
#[test]
fn outputs_of_dr_are_parameters_of_home() {
    let (home, dr) = (stack(HOME), stack(DR));
    let outputs: Vec<&str> = object(&dr["Outputs"]).map(|(name, _)| name).collect();
    assert_eq!(outputs, ["DrVaultArn", "DrVaultKeyArn"]);
    assert!(outputs.iter().all(|name| home["Parameters"][*name].is_object()));
    for stack in [home, dr] {
        for (name, parameter) in object(&stack["Parameters"]) {
            assert!(
                parameter["Description"].as_str().is_some_and(|text| text.len() > 20),
                "{name}"
            );
        }
    }
}
