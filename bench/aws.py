"""AWS: the clients, made once per process, and one function for each thing that is asked or done."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from policy import Policy, load

POLICY: Policy = load(os.environ["SONAE_POLICY"])
JOURNAL = os.environ["SONAE_JOURNAL"]
TOPIC = os.environ["SONAE_TOPIC"]

# Older points and copies are of no use to any rule.
AFTERMATH = 5
PAGE = {"PageSize": 100}

Points = dict[str, list[dict[str, Any]]]

_config = Config(connect_timeout=8, read_timeout=8, retries={"mode": "standard"})
_session = boto3.Session()


def _client(service: str, region: str) -> Any:
    return _session.client(service, region_name=region, config=_config)


HOME_RDS = _client("rds", POLICY.home)
HOME_KMS = _client("kms", POLICY.home)
HOME_SNS = _client("sns", POLICY.home)
DR_RDS = _client("rds", POLICY.dr)
DR_KMS = _client("kms", POLICY.dr)
DR_S3 = _client("s3", POLICY.dr)


def instance_of(region: str, snapshot: str) -> str | None:
    """The instance that a named snapshot is of; None when it is gone."""
    rds = HOME_RDS if region == POLICY.home else DR_RDS
    kind = {"SnapshotType": "automated"} if snapshot.startswith("rds:") else {}
    try:
        found = rds.describe_db_snapshots(DBSnapshotIdentifier=snapshot, **kind)["DBSnapshots"]
    except rds.exceptions.DBSnapshotNotFoundFault:
        return None
    return found[0]["DBInstanceIdentifier"] if found else None


def instances(asset: str | None) -> dict[str, dict[str, Any]]:
    """The instances by their identifiers."""
    only = {"DBInstanceIdentifier": asset} if asset else {}
    pages = HOME_RDS.get_paginator("describe_db_instances").paginate(**only, PaginationConfig=PAGE)
    return {db["DBInstanceIdentifier"]: db for page in pages for db in page["DBInstances"]}


def points(asset: str | None, now: datetime) -> Points:
    """The snapshots of home by instance."""
    return _snapshots(HOME_RDS, asset, now)


def copies(asset: str | None, now: datetime) -> Points:
    """The snapshots of dr by instance."""
    return _snapshots(DR_RDS, asset, now, SnapshotType="manual")


def _snapshots(rds: Any, asset: str | None, now: datetime, **only: str) -> Points:
    if asset:
        only["DBInstanceIdentifier"] = asset
    kept: Points = defaultdict(list)
    for page in rds.get_paginator("describe_db_snapshots").paginate(**only, PaginationConfig=PAGE):
        for snapshot in page["DBSnapshots"]:
            owner = POLICY.by_id.get(snapshot["DBInstanceIdentifier"])
            created = snapshot.get("OriginalSnapshotCreateTime")
            if owner and created and created >= now - timedelta(days=owner.catch_up + AFTERMATH):
                kept[owner.id].append(snapshot)
    return kept


def home_keys(arns: Iterable[str]) -> dict[str, str]:
    """The state of each key of home."""
    return _key_states(HOME_KMS, arns)


def dr_keys(arns: Iterable[str]) -> dict[str, str]:
    """The state of each key of dr."""
    return _key_states(DR_KMS, arns)


def _key_states(kms: Any, arns: Iterable[str]) -> dict[str, str]:
    return {arn: kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] for arn in sorted(set(arns))}


def quotas() -> list[tuple[int, int]]:
    """How many manual snapshots there are and may be, in home and in dr."""
    answers = [rds.describe_account_attributes()["AccountQuotas"] for rds in (HOME_RDS, DR_RDS)]
    found = (quota for answer in answers for quota in answer if quota["AccountQuotaName"] == "ManualSnapshots")
    return [(quota["Used"], quota["Max"]) for quota in found]


def copy(source: str, target: str, key: str, tags: Mapping[str, str]) -> None:
    """Requests a copy, in dr."""
    DR_RDS.copy_db_snapshot(
        SourceDBSnapshotIdentifier=source,
        TargetDBSnapshotIdentifier=target,
        KmsKeyId=key,
        Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
    )


def listed(prefix: str, after: str = "") -> set[str]:
    """The journal's keys under a prefix."""
    start = {"StartAfter": after} if after else {}
    pages = DR_S3.get_paginator("list_objects_v2").paginate(Bucket=JOURNAL, Prefix=prefix, **start)
    return {found["Key"] for page in pages for found in page.get("Contents", [])}


def write(key: str, body: Mapping[str, Any], once: bool = True) -> bool:
    """Writes an object; False when it is there already and may be written only once."""
    condition = {"IfNoneMatch": "*"} if once else {}
    content = json.dumps({"schema": 1, **body}, default=str).encode()
    try:
        DR_S3.put_object(Bucket=JOURNAL, Key=key, Body=content, ContentType="application/json", **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] == "PreconditionFailed":
            return False
        raise
    return True


def publish(subject: str, body: str, attributes: Mapping[str, str]) -> None:
    """Tells a person."""
    HOME_SNS.publish(
        TopicArn=TOPIC,
        Subject=subject[:99],
        MessageStructure="json",
        Message=json.dumps({"default": body, "https": body}),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )
