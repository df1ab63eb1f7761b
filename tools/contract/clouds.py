"""The two sides: each a process on loopback, seeded with the same things in its own way.

moto is asked to create them. Our model has no such operations; it reads them from a policy, as for `make deploy-local`:
instances and clusters, one automated point of each, the key in dr, the bucket and the topics.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.handlers import set_list_objects_encoding_type_url

import stagehand
from contract import clusters
from contract.databases import ONE
from contract.step import DR, HOME

ACCOUNT = "123456789012"
INSTANCES = [f"contract-{n:02}" for n in range(1, 23)]  # more than a page of 20
CLUSTERS = [clusters.ONE, clusters.TWO]
RETENTION, SIZE = 7, 100
MANUAL_QUOTA = 100
DR_KEY = f"arn:aws:kms:{DR}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
# One answer a call; and nothing is checked on this side, so that the refusals are the clouds' own.
ONCE = Config(retries={"total_max_attempts": 1}, parameter_validation=False, read_timeout=20)


@dataclass
class Cloud:
    """One side. `names` fills in the script's `{name}`; `marks` and `born` take what differs by nature out of the
    answers: ids, and the times of the automated points, which their copies must keep."""

    name: str
    url: str
    names: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    born: dict[tuple[str, datetime], str] = field(default_factory=dict)
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:
        at = (service, region)
        if at not in self.clients:
            client = stagehand.client(service, region, self.url, config=ONCE)
            # boto3 asks for URL-encoded keys, the Rust SDK and so the product does not.
            listing = "before-parameter-build.s3.ListObjectsV2"
            client.meta.events.unregister(listing, set_list_objects_encoding_type_url)
            self.clients[at] = client
        return self.clients[at]


@dataclass(frozen=True)
class Night:
    """When the instances are backed up: 12 hours ago and in 12 hours, so that nothing is taken during the run."""

    zone: str
    window: str
    maintenance: str

    @classmethod
    def far_from(cls, now: datetime) -> "Night":
        ahead = (15 - now.hour + 12) % 24 - 12  # hours that make it 15 o'clock there; the policy's point is at 3
        start = (3 - ahead) % 24
        later = (start + 6) % 24
        return cls(zone=f"Etc/GMT{-ahead:+d}", window=f"{start:02}:00-{start:02}:30",
                   maintenance=f"sun:{later:02}:00-sun:{later:02}:30")


def start_moto(children: list[subprocess.Popen], folder: Path, night: Night) -> Cloud:
    port = stagehand.free_port()
    # moto counts automated points, too.
    limit = {"MOTO_RDS_SNAPSHOT_LIMIT": str(MANUAL_QUOTA + len(INSTANCES)), "MOTO_ACCOUNT_ID": ACCOUNT}
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    child = stagehand.start(children, folder, "moto", argv, {**stagehand.KEYS, **limit})
    stagehand.wait_for("moto answers", lambda: child.poll() is not None or stagehand.listens(port), 60)
    stagehand.hold(child.poll() is None, "moto runs; see moto.log")
    moto = Cloud("moto", f"http://127.0.0.1:{port}")
    seed(moto, night)
    learn(moto)
    learn_clusters(moto)
    return moto


def seed(moto: Cloud, night: Night) -> None:
    home_key, dr_key = (moto.client("kms", region).create_key()["KeyMetadata"]["Arn"] for region in (HOME, DR))
    rds = moto.client("rds", HOME)
    for name in INSTANCES:
        rds.create_db_instance(
            DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=SIZE,
            MasterUsername="owner", MasterUserPassword="of-nothing", StorageEncrypted=True, KmsKeyId=home_key,
            BackupRetentionPeriod=RETENTION, PreferredBackupWindow=night.window,
            PreferredMaintenanceWindow=night.maintenance)
    for name in CLUSTERS:
        rds.create_db_cluster(
            DBClusterIdentifier=name, Engine="aurora-postgresql", MasterUsername="owner",
            MasterUserPassword="of-nothing", StorageEncrypted=True, KmsKeyId=home_key,
            BackupRetentionPeriod=RETENTION, PreferredBackupWindow=night.window,
            PreferredMaintenanceWindow=night.maintenance)
    where = {"LocationConstraint": DR}
    moto.client("s3", DR).create_bucket(Bucket="journal", CreateBucketConfiguration=where)
    topic, dr_topic = (moto.client("sns", region).create_topic(Name="sonae")["TopicArn"] for region in (HOME, DR))
    moto.names |= {"dr_key": dr_key, "topic": topic, "dr_topic": dr_topic}


def start_model(children: list[subprocess.Popen], folder: Path, night: Night, binary: Path) -> Cloud:
    stagehand.hold(binary.exists(), f"`{binary.name}` is built: make build")
    (folder / "policy.toml").write_text(policy(night))
    child = stagehand.start(children, folder, "model", [str(binary), "policy.toml"], {}, subprocess.PIPE)
    line = child.stdout.readline() if child.stdout else ""
    stagehand.hold(line, "the embedded cloud starts; see model.log")
    topic, dr_topic = (f"arn:aws:sns:{region}:{ACCOUNT}:sonae" for region in (HOME, DR))
    model = Cloud("model", json.loads(line)["url"], {"dr_key": DR_KEY, "topic": topic, "dr_topic": dr_topic})
    learn(model)
    learn_clusters(model)
    return model


def policy(night: Night) -> str:
    head = f"""version = 1
system = "contract"
home = "{HOME}"
dr = "{DR}"
zone = "{night.zone}"
language = "en"
[notify]
email = ["ops@example.com"]
[defaults]
since = 2025-01-01
dr_key = "{DR_KEY}"
"""
    kinds = [*(("rds-instance", name) for name in INSTANCES), *(("rds-cluster", name) for name in CLUSTERS)]
    return head + "".join(f'[[asset]]\nkind = "{kind}"\nid = "{name}"\n' for kind, name in kinds)


def learn(cloud: Cloud) -> None:
    """What each side chose itself: resource ids, home keys, and the automated points' names and times."""
    rds = cloud.client("rds", HOME)
    cloud.marks[cloud.names["dr_key"]] = "<dr key>"
    for found in rds.describe_db_instances()["DBInstances"]:
        cloud.marks |= {found["DbiResourceId"]: "<resource>", found["KmsKeyId"]: "<home key>"}
        cloud.names["home_key"] = found["KmsKeyId"]
    points = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]
    stagehand.hold(len(points) == len(INSTANCES), f"{cloud.name} has one automated point per instance: {len(points)}")
    for point in points:
        instance = point["DBInstanceIdentifier"]
        cloud.born[instance, point["OriginalSnapshotCreateTime"]] = f"<time of {instance}'s data>"
        if instance == ONE:
            cloud.names |= {"automated": point["DBSnapshotIdentifier"], "automated_arn": point["DBSnapshotArn"]}


def learn_clusters(cloud: Cloud) -> None:
    """The same of the clusters; a copy of theirs keeps no time."""
    rds = cloud.client("rds", HOME)
    for found in rds.describe_db_clusters()["DBClusters"]:
        cloud.marks |= {found["DbClusterResourceId"]: "<resource>", found["KmsKeyId"]: "<home key>"}
    for point in rds.describe_db_cluster_snapshots(SnapshotType="automated")["DBClusterSnapshots"]:
        if point["DBClusterIdentifier"] == clusters.ONE:
            cloud.names |= {"cluster_point": point["DBClusterSnapshotIdentifier"],
                            "cluster_arn": point["DBClusterSnapshotArn"]}
    stagehand.hold("cluster_arn" in cloud.names, f"{cloud.name} has an automated point of {clusters.ONE}")


def tonight() -> Night:
    return Night.far_from(datetime.now(UTC))
