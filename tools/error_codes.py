"""The error codes that AWS's own models declare for every call that Sonae makes, into tests/data/error-codes.json.

Run by hand (`make error-codes`) when a call is added or the models are renewed: the file says which botocore it is of.
"""

import json
import pathlib

import botocore
from botocore.session import get_session

# The calls of crates/cloud by their IAM action, where the operation has another name.
OPERATIONS = {
    "s3:ListBucket": "ListObjectsV2", "s3:GetReplicationConfiguration": "GetBucketReplication",
    "s3:GetEncryptionConfiguration": "GetBucketEncryption", "s3:GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
}
SERVICES = {"tag": "resourcegroupstaggingapi", "s3:CreateJob": "s3control"}
ACTIONS = [
    "backup:DescribeBackupVault", "backup:DescribeRegionSettings", "backup:ListBackupJobs", "backup:ListCopyJobs", "backup:ListRecoveryPointsByBackupVault",
    "backup:StartCopyJob", "cloudwatch:GetMetricData",
    "kms:DescribeKey", "rds:CopyDBClusterSnapshot", "rds:CopyDBSnapshot", "rds:CreateDBClusterSnapshot", "rds:CreateDBSnapshot",
    "rds:DeleteDBClusterSnapshot", "rds:DeleteDBSnapshot", "rds:DescribeAccountAttributes", "rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterSnapshots",
    "rds:DescribeDBClusters", "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances", "rds:DescribeDBParameterGroups",
    "rds:DescribeDBSnapshots", "rds:DescribeDBSubnetGroups", "rds:DescribeOptionGroups", "s3:CreateJob", "s3:GetBucketObjectLockConfiguration",
    "s3:GetEncryptionConfiguration", "s3:GetObject", "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:PutObject", "secretsmanager:GetSecretValue",
    "sns:GetTopicAttributes", "sns:Publish", "tag:GetResources",
]
FILE = pathlib.Path("tests/data/error-codes.json")


def main():
    session = get_session()
    calls = {action: declared(session, action) for action in ACTIONS}
    FILE.write_text(json.dumps({"botocore": botocore.__version__, "calls": calls}, indent=1) + "\n")


def declared(session, action):
    """The codes as they come over the wire: the model's `error.code` where it has one, else the shape's name."""
    service, operation = action.split(":")
    model = session.get_service_model(SERVICES.get(action, SERVICES.get(service, service))).operation_model(OPERATIONS.get(action, operation))
    return sorted({shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes})


main()
