"""The script's steps on RDS (instances, points, copies, the quota), and on KMS, whose keys the copies are under."""

from typing import Any

from contract.step import DR, HOME, Step

ONE, TWO = "contract-01", "contract-02"
POINTS, INSTANCES = "rds:DescribeDBSnapshots", "rds:DescribeDBInstances"
TAKE, COPY, DELETE = "rds:CreateDBSnapshot", "rds:CopyDBSnapshot", "rds:DeleteDBSnapshot"
ELSEWHERE = "arn:aws:kms:us-west-2:123456789012:key/99999999-9999-9999-9999-999999999999"


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": f"sonae:{key}", "Value": value} for key, value in pairs.items()]


def take(name: str, **params: Any) -> dict[str, Any]:
    return {"DBInstanceIdentifier": ONE, "DBSnapshotIdentifier": name, **params}


def copy(target: str, **params: Any) -> dict[str, Any]:
    return {"SourceDBSnapshotIdentifier": "{automated_arn}", "TargetDBSnapshotIdentifier": target,
            "KmsKeyId": "{dr_key}", **params}


READ_INSTANCES = [
    Step("instances", INSTANCES, HOME, {"MaxRecords": 100}),
    Step("instances, first page", INSTANCES, HOME, {"MaxRecords": 20}, keeps={"marker": "Marker"}),
    Step("instances, last page", INSTANCES, HOME, {"MaxRecords": 20, "Marker": "{marker}"}),
    Step("instances, page of 19", INSTANCES, HOME, {"MaxRecords": 19}),
    Step("instances, page of 101", INSTANCES, HOME, {"MaxRecords": 101}),
    Step("instances, another's marker", INSTANCES, HOME, {"Marker": "no marker of yours"}),
    Step("instance", INSTANCES, HOME, {"DBInstanceIdentifier": ONE}),
    Step("instance in capitals", INSTANCES, HOME, {"DBInstanceIdentifier": ONE.upper()}),
    Step("instance, missing", INSTANCES, HOME, {"DBInstanceIdentifier": "nobody"}),
    Step("instance in the other Region", INSTANCES, DR, {"DBInstanceIdentifier": ONE}),
    Step("instances of an empty Region", INSTANCES, DR),
]

READ_POINTS = [
    Step("points", POINTS, HOME, {"MaxRecords": 100}),
    Step("points, first page", POINTS, HOME, {"MaxRecords": 20}, keeps={"marker": "Marker"}),
    Step("points, last page", POINTS, HOME, {"MaxRecords": 20, "Marker": "{marker}"}),
    Step("points, page of 19", POINTS, HOME, {"MaxRecords": 19}),
    Step("points, page of 101", POINTS, HOME, {"MaxRecords": 101}),
    Step("points, automated", POINTS, HOME, {"SnapshotType": "automated"}),
    Step("points, manual, none yet", POINTS, HOME, {"SnapshotType": "manual"}),
    Step("points, of AWS Backup", POINTS, HOME, {"SnapshotType": "awsbackup"}),
    Step("points of an instance", POINTS, HOME, {"DBInstanceIdentifier": ONE}),
    Step("points of an instance in capitals", POINTS, HOME, {"DBInstanceIdentifier": ONE.upper()}),
    Step("points of no instance", POINTS, HOME, {"DBInstanceIdentifier": "nobody"}),
    Step("automated point", POINTS, HOME, {"DBSnapshotIdentifier": "{automated}", "SnapshotType": "automated"}),
    Step("automated point, no type", POINTS, HOME, {"DBSnapshotIdentifier": "{automated}"}),
    Step("automated point as manual", POINTS, HOME, {"DBSnapshotIdentifier": "{automated}", "SnapshotType": "manual"}),
    Step("automated point of another", POINTS, HOME,
         {"DBSnapshotIdentifier": "{automated}", "SnapshotType": "automated", "DBInstanceIdentifier": TWO}),
    Step("point, missing", POINTS, HOME, {"DBSnapshotIdentifier": "nothing"}),
    Step("point in the other Region", POINTS, DR, {"DBSnapshotIdentifier": "{automated}", "SnapshotType": "automated"}),
    Step("points of an empty Region", POINTS, DR, {"SnapshotType": "manual", "MaxRecords": 100}),
]

TAKE_POINTS = [
    Step("take", TAKE, HOME, take("taken", Tags=tags(asset=ONE, kind="scheduled"))),
    Step("taken", POINTS, HOME, {"DBSnapshotIdentifier": "taken"}),
    Step("taken, in capitals", POINTS, HOME, {"DBSnapshotIdentifier": "TAKEN"}),
    Step("taken, among manual", POINTS, HOME, {"SnapshotType": "manual"}),
    Step("take again", TAKE, HOME, take("taken")),
    Step("take again in capitals", TAKE, HOME, take("Taken")),
    Step("take in capitals", TAKE, HOME, take("Taken-Too")),
    Step("taken in capitals", POINTS, HOME, {"DBSnapshotIdentifier": "taken-too"}),
    Step("take of a missing instance", TAKE, HOME, take("orphan", DBInstanceIdentifier="nobody")),
    Step("take in the other Region", TAKE, DR, take("orphan")),
    Step("take under a reserved tag", TAKE, HOME, take("reserved", Tags=[{"Key": "aws:mine", "Value": "no"}])),
    Step("take under rds:", TAKE, HOME, take("rds:mine")),
    Step("take under a double hyphen", TAKE, HOME, take("my--point")),
]

COPY_POINTS = [
    Step("copy", COPY, DR, copy("copied", Tags=tags(asset=ONE, kind="automated"))),
    Step("copy, just asked for", POINTS, DR, {"DBSnapshotIdentifier": "copied"}),
    Step("copy again", COPY, DR, copy("copied")),
    Step("copy, landed", POINTS, DR, {"DBSnapshotIdentifier": "copied"}, until=("Status", "available")),
    Step("copy, among manual", POINTS, DR, {"SnapshotType": "manual", "MaxRecords": 100}),
    Step("copy, of its instance", POINTS, DR, {"DBInstanceIdentifier": ONE, "SnapshotType": "manual"}),
    Step("copy in capitals", COPY, DR, copy("Copied-Too")),
    Step("copied in capitals", POINTS, DR, {"DBSnapshotIdentifier": "copied-too"}, until=("Status", "available")),
    Step("copy of a missing point", COPY, DR, copy("orphan", SourceDBSnapshotIdentifier="{automated_arn}-not")),
    Step("copy of a name without its Region", COPY, DR, copy("orphan", SourceDBSnapshotIdentifier="{automated}")),
    Step("copy under a reserved tag", COPY, DR, copy("reserved", Tags=[{"Key": "rds:mine", "Value": "no"}])),
    Step("copy under home's key", COPY, DR, copy("mislocked", KmsKeyId="{home_key}")),
    Step("copy under a missing key", COPY, DR, copy("mislocked", KmsKeyId=ELSEWHERE)),
    Step("copy under no key", COPY, DR, {key: value for key, value in copy("unlocked").items() if key != "KmsKeyId"}),
    Step("copy under rds:", COPY, DR, copy("{automated}")),
    Step("copy under a double hyphen", COPY, DR, copy("my--copy")),
    Step("copy under a last hyphen", COPY, DR, copy("my-copy-")),
    Step("copy under a first digit", COPY, DR, copy("1copy")),
    Step("copy under 256 characters", COPY, DR, copy("c" * 256)),
    Step("copy of a point under way", COPY, DR,
         copy("early", SourceDBSnapshotIdentifier="arn:aws:rds:us-east-1:123456789012:snapshot:taken")),
]

DELETE_POINTS = [
    Step("delete a copy", DELETE, DR, {"DBSnapshotIdentifier": "copied"}),
    Step("deleted", POINTS, DR, {"DBSnapshotIdentifier": "copied"}),
    Step("delete it again", DELETE, DR, {"DBSnapshotIdentifier": "copied"}),
    Step("delete an automated point", DELETE, HOME, {"DBSnapshotIdentifier": "{automated}"}),
    Step("delete a point under way", DELETE, HOME, {"DBSnapshotIdentifier": "taken-too"}),
]

COUNT_POINTS = [
    Step("quotas", "rds:DescribeAccountAttributes", DR),
    Step("one more than the quota", TAKE, HOME, take("more-{n}"), repeat=100),
]

READ_KEYS = [
    Step("key", "kms:DescribeKey", DR, {"KeyId": "{dr_key}"}),
    Step("key, missing", "kms:DescribeKey", DR, {"KeyId": ELSEWHERE}),
    Step("key of the other Region", "kms:DescribeKey", DR, {"KeyId": "{home_key}"}),
]

# The quota is filled last.
STEPS = [*READ_INSTANCES, *READ_POINTS, *READ_KEYS, *TAKE_POINTS, *COPY_POINTS, *DELETE_POINTS, *COUNT_POINTS]
