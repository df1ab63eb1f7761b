"""The script's steps on RDS clusters: what differs from instances by more than its name, and each refusal once."""

from typing import Any

from contract.databases import tags
from contract.step import DR, HOME, Step

ONE, TWO = "contract-cluster-1", "contract-cluster-2"
CLUSTERS, POINTS = "rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots"
TAKE, COPY, DELETE = "rds:CreateDBClusterSnapshot", "rds:CopyDBClusterSnapshot", "rds:DeleteDBClusterSnapshot"
GROUPS = "rds:DescribeDBClusterParameterGroups"


def take(name: str, **params: Any) -> dict[str, Any]:
    return {"DBClusterIdentifier": ONE, "DBClusterSnapshotIdentifier": name, **params}


def copy(target: str, **params: Any) -> dict[str, Any]:
    return {"SourceDBClusterSnapshotIdentifier": "{cluster_arn}", "TargetDBClusterSnapshotIdentifier": target,
            "KmsKeyId": "{dr_key}", **params}


READ_CLUSTERS = [
    Step("clusters", CLUSTERS, HOME, {"MaxRecords": 100}),
    Step("clusters, page of 19", CLUSTERS, HOME, {"MaxRecords": 19}),
    Step("cluster", CLUSTERS, HOME, {"DBClusterIdentifier": ONE}),
    Step("cluster, missing", CLUSTERS, HOME, {"DBClusterIdentifier": "nobody"}),
    Step("clusters of an empty Region", CLUSTERS, DR),
    Step("groups of an empty Region", GROUPS, DR, {"MaxRecords": 100}),
    Step("groups, page of 19", GROUPS, DR, {"MaxRecords": 19}),
]

READ_POINTS = [
    Step("cluster points", POINTS, HOME, {"MaxRecords": 100}),
    Step("cluster points, page of 101", POINTS, HOME, {"MaxRecords": 101}),
    Step("cluster points, manual, none yet", POINTS, HOME, {"SnapshotType": "manual"}),
    Step("cluster points of a cluster", POINTS, HOME, {"DBClusterIdentifier": ONE}),
    Step("automated cluster point", POINTS, HOME,
         {"DBClusterSnapshotIdentifier": "{cluster_point}", "SnapshotType": "automated"}),
    Step("cluster point, missing", POINTS, HOME, {"DBClusterSnapshotIdentifier": "nothing"}),
    Step("cluster points of an empty Region", POINTS, DR, {"SnapshotType": "manual"}),
]

TAKE_POINTS = [
    Step("take a cluster", TAKE, HOME, take("cluster-taken", Tags=tags(asset=ONE, kind="scheduled"))),
    Step("cluster taken", POINTS, HOME, {"DBClusterSnapshotIdentifier": "cluster-taken"}),
    Step("take a cluster again", TAKE, HOME, take("cluster-taken")),
    Step("take a missing cluster", TAKE, HOME, take("cluster-orphan", DBClusterIdentifier="nobody")),
    Step("take a cluster under 64 characters", TAKE, HOME, take("c" * 64)),
]

COPY_POINTS = [
    Step("copy a cluster point", COPY, DR, copy("cluster-copied", Tags=tags(asset=ONE, kind="automated"))),
    Step("copy a cluster point again", COPY, DR, copy("cluster-copied")),
    Step("cluster copy, landed", POINTS, DR, {"DBClusterSnapshotIdentifier": "cluster-copied"},
         until=("Status", "available")),
    Step("copy a missing cluster point", COPY, DR,
         copy("cluster-orphan", SourceDBClusterSnapshotIdentifier="{cluster_arn}-not")),
    Step("copy a cluster point under a reserved tag", COPY, DR,
         copy("cluster-reserved", Tags=[{"Key": "rds:mine", "Value": "no"}])),
    Step("copy a cluster point under 64 characters", COPY, DR, copy("c" * 64)),
    Step("copy a cluster point under home's key", COPY, DR, copy("cluster-mislocked", KmsKeyId="{home_key}")),
]

DELETE_POINTS = [
    Step("delete a cluster copy", DELETE, DR, {"DBClusterSnapshotIdentifier": "cluster-copied"}),
    Step("delete it again, of a cluster", DELETE, DR, {"DBClusterSnapshotIdentifier": "cluster-copied"}),
]

STEPS = [*READ_CLUSTERS, *READ_POINTS, *TAKE_POINTS, *COPY_POINTS, *DELETE_POINTS]
