"""The script: all steps in their order, and what the product reads of each operation's answer.

To add an operation: its line in ANSWERS, its steps in one of the three modules or a new one, and what they need to find
in clouds.py.
"""

from contract import databases, journal, notices
from contract.step import Answer, Step

POINT = ("DBSnapshotIdentifier", "DBSnapshotArn", "DBInstanceIdentifier", "DbiResourceId", "SnapshotType", "Status",
         "OriginalSnapshotCreateTime", "SnapshotCreateTime", "SourceDBSnapshotIdentifier", "PercentProgress",
         "AllocatedStorage", "KmsKeyId", "TagList")
INSTANCE = ("DBInstanceIdentifier", "DbiResourceId", "DBInstanceStatus", "PreferredBackupWindow",
            "BackupRetentionPeriod")

# Of a creation, a copy, a deletion and a write the product reads only whether it was accepted.
ANSWERS = {
    "rds:DescribeDBInstances": Answer("DBInstances", INSTANCE, ("Marker",)),
    "rds:DescribeDBSnapshots": Answer("DBSnapshots", POINT, ("Marker",)),
    "rds:CreateDBSnapshot": Answer(),
    "rds:CopyDBSnapshot": Answer(),
    "rds:DeleteDBSnapshot": Answer(),
    "rds:DescribeAccountAttributes": Answer("AccountQuotas", ("AccountQuotaName", "Used", "Max")),
    "kms:DescribeKey": Answer(also=("KeyMetadata.KeyState",)),
    "s3:PutObject": Answer(),
    "s3:GetObject": Answer(also=("Body",)),
    "s3:ListBucket": Answer("Contents", ("Key", "LastModified"), ("NextContinuationToken",)),
    "sns:Publish": Answer(),
}

SCRIPT: list[Step] = [*databases.STEPS, *journal.STEPS, *notices.STEPS]
