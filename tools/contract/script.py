"""The script: all steps in their order, and what the product reads of each operation's answer.

To add an operation: its line in ANSWERS, its steps in one of the modules or a new one, and what they need to find
in clouds.py.
"""

from contract import backups, clusters, databases, journal, notices, restores
from contract.step import Answer, Step

POINT = ("DBSnapshotIdentifier", "DBSnapshotArn", "DBInstanceIdentifier", "DbiResourceId", "SnapshotType", "Status",
         "OriginalSnapshotCreateTime", "SnapshotCreateTime", "SourceDBSnapshotIdentifier", "PercentProgress",
         "AllocatedStorage", "Encrypted", "KmsKeyId", "TagList")
INSTANCE = ("DBInstanceIdentifier", "DbiResourceId", "DBInstanceStatus", "PreferredBackupWindow",
            "BackupRetentionPeriod", "Engine", "StorageEncrypted", "KmsKeyId", "DBClusterIdentifier", "DBParameterGroups",
            "OptionGroupMemberships", "DBSubnetGroup")
CLUSTER_POINT = ("DBClusterSnapshotIdentifier", "DBClusterSnapshotArn", "DBClusterIdentifier", "DbClusterResourceId",
                 "SnapshotType", "Status", "SnapshotCreateTime", "SourceDBClusterSnapshotArn", "PercentProgress",
                 "AllocatedStorage", "Engine", "StorageEncrypted", "KmsKeyId", "TagList")
CLUSTER = ("DBClusterIdentifier", "DbClusterResourceId", "Status", "PreferredBackupWindow", "BackupRetentionPeriod",
           "Engine", "StorageEncrypted", "KmsKeyId", "DBClusterParameterGroup", "DBSubnetGroup")

# Of a creation, a copy, a deletion and a write the product reads only whether it was accepted.
ANSWERS = {
    "rds:DescribeDBInstances": Answer("DBInstances", INSTANCE, ("Marker",)),
    "rds:DescribeDBSnapshots": Answer("DBSnapshots", POINT, ("Marker",)),
    "rds:CreateDBSnapshot": Answer(),
    "rds:CopyDBSnapshot": Answer(),
    "rds:DeleteDBSnapshot": Answer(),
    "rds:DescribeDBClusters": Answer("DBClusters", CLUSTER, ("Marker",)),
    "rds:DescribeDBClusterSnapshots": Answer("DBClusterSnapshots", CLUSTER_POINT, ("Marker",)),
    "rds:DescribeDBClusterParameterGroups": Answer("DBClusterParameterGroups", ("DBClusterParameterGroupName",)),
    "rds:DescribeDBParameterGroups": Answer("DBParameterGroups", ("DBParameterGroupName",)),
    "rds:DescribeOptionGroups": Answer("OptionGroupsList", ("OptionGroupName",)),
    "rds:DescribeDBSubnetGroups": Answer("DBSubnetGroups", ("DBSubnetGroupName",)),
    "rds:DescribeDBInstanceAutomatedBackups": Answer("DBInstanceAutomatedBackups", ("DbiResourceId", "RestoreWindow")),
    "rds:CreateDBClusterSnapshot": Answer(),
    "rds:CopyDBClusterSnapshot": Answer(),
    "rds:DeleteDBClusterSnapshot": Answer(),
    "rds:DescribeAccountAttributes": Answer("AccountQuotas", ("AccountQuotaName", "Used", "Max")),
    "kms:DescribeKey": Answer(also=("KeyMetadata.KeyState", "KeyMetadata.KeyManager")),
    "backup:DescribeBackupVault": Answer(also=("BackupVaultArn", "EncryptionKeyArn", "Locked", "LockDate")),
    "backup:DescribeRegionSettings": Answer(also=("ResourceTypeOptInPreference",)),
    "backup:StartCopyJob": Answer(),
    "tag:GetResources": Answer("ResourceTagMappingList", ("ResourceARN",), ("PaginationToken",)),
    "backup:ListRecoveryPointsByBackupVault": Answer("RecoveryPoints", (
        "RecoveryPointArn", "ResourceArn", "CreationDate", "CompletionDate", "Status", "EncryptionKeyArn", "CreatedBy"), ("NextToken",)),
    "backup:ListBackupJobs": Answer("BackupJobs", (
        "BackupJobId", "ResourceArn", "CreationDate", "State", "MessageCategory", "StatusMessage", "RecoveryPointArn", "CreatedBy"),
        ("NextToken",)),
    "backup:ListCopyJobs": Answer("CopyJobs", (
        "CopyJobId", "ResourceArn", "CreationDate", "State", "StatusMessage", "SourceRecoveryPointArn",
        "DestinationBackupVaultArn", "DestinationRecoveryPointArn"), ("NextToken",)),
    "s3:PutObject": Answer(),
    "s3:GetObject": Answer(also=("Body",)),
    "s3:ListBucket": Answer("Contents", ("Key", "LastModified"), ("NextContinuationToken",)),
    "sns:Publish": Answer(),
    "sns:GetTopicAttributes": Answer(also=("Attributes.SubscriptionsConfirmed", "Attributes.SubscriptionsPending")),
}

SCRIPT: list[Step] = [*clusters.STEPS, *restores.STEPS, *backups.STEPS, *databases.STEPS, *journal.STEPS, *notices.STEPS]
