"""`make deploy-local`: both stacks deployed to MiniStack by the SAM CLI, then a night's events through them.

RDS and AWS Backup, which MiniStack cannot copy in, are the embedded cloud, a process of its own. Every step is asserted and printed;
the first that does not hold ends the run. docs/deploy-local.md says what this cannot show, and why.
"""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from stagehand import KEYS, Failed, client, command, forget_owner, free_port, hold, listens, say, start, stop, wait_for

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / ".aws-sam/deploy-local"
POLICY = OUT / "policy/policy.toml"
BINARIES = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug"
SAM = ROOT / ".venv/lint/bin/sam"
FILE_SYSTEM = "fs-0123456789abcdef0"
BUCKET, DR_BUCKET = "kaigo-files", "kaigo-files-dr"
HOME, DR = "us-east-1", "us-west-2"
ACCOUNT = "123456789012"
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
BROKEN = {"source": "aws.rds", "detail-type": "RDS DB Snapshot Event", "broken": "by deploy-local"}


def main():
    began = time.monotonic()
    children = []
    forget_owner()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        run(children)
    except (Failed, subprocess.TimeoutExpired) as problem:
        sys.exit(f"FAILED: {problem}\nlogs: {OUT.relative_to(ROOT)}/*.log")
    finally:
        stop(children)
    print(f"all held, {time.monotonic() - began:.0f} s")


def run(children):
    prepare()
    cloud = start_emulator(children)
    dr = deploy(cloud, "sonae-dr", DR, "--config-env", "dr", "--parameter-overrides", *parameters("dr"))
    write_policy(dr["DrKeyArns"])
    embedded = start_embedded(children)
    home = deploy(cloud, "sonae", HOME, "--parameter-overrides", *parameters("home", "--dr-stack", "sonae-dr.json"))
    set_environment(cloud, embedded["url"])
    schedule = see_schedule(cloud, home, "Check")
    morning = see_schedule(cloud, home, "Sweep")
    quarter = see_schedule(cloud, home, "Replication")
    make_buckets(cloud, dr["DrKeyArns"])
    inbox = subscribe(cloud, home["TopicArn"])
    rds = client("rds", DR, embedded["url"])
    copy = send_event(cloud, rds, embedded, dr["DrKeyArns"])
    send_dr_event(cloud, rds, copy, dr["JournalBucketName"])
    send_backup_event(cloud, dr["JournalBucketName"])
    tick = run_check(cloud, schedule, dr["JournalBucketName"])
    see_vault(cloud, embedded["url"], dr["JournalBucketName"])
    judge_bucket(cloud, quarter, home, dr["JournalBucketName"])
    run_sweep(cloud, morning, dr["JournalBucketName"])
    run_watcher(cloud, dr, tick)
    read_notices(cloud, inbox)
    lose_event(cloud, home)


# ---- The two clouds


def start_emulator(children):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # AUTH: the roles' policies decide. The functions inherit AWS_ENDPOINT_URL, else they would call AWS itself.
    env = {**KEYS, "AUTH": "true", "AWS_ENDPOINT_URL": url, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port),
           "MINISTACK_ACCOUNT_ID": ACCOUNT, "TMPDIR": str(OUT / "tmp")}
    child = start(children, OUT, "ministack", [sys.executable, str(ROOT / "tools/emulator.py")], env)
    wait_for("MiniStack answers", lambda: child.poll() is not None or listens(port), 30)
    hold(child.poll() is None, "MiniStack runs; see ministack.log")
    say("MiniStack", f"{url}, without Docker, IAM enforced")
    return url


def start_embedded(children):
    child = start(children, OUT, "embedded", [str(BINARIES / "embedded"), str(POLICY)], {}, subprocess.PIPE)
    line = child.stdout.readline()
    hold(line, "the embedded cloud starts; see embedded.log")
    embedded = json.loads(line)
    say("embedded cloud", f"RDS and AWS Backup at {embedded['url']}; last night's point is {embedded['point']}")
    return embedded


# ---- Deployment


def prepare():
    """The build folder: templates and samconfig.toml as they are, the binaries of the dev profile, the policy."""
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "tmp").mkdir(parents=True)
    shutil.copytree(ROOT / "policy", OUT / "policy")
    for file in ("samconfig.toml", "template.yaml", "template-dr.yaml"):
        shutil.copy(ROOT / file, OUT)
        for crate in re.findall(r"CodeUri: (crates/\w+)", (OUT / file).read_text()):
            (OUT / crate).mkdir(parents=True, exist_ok=True)
            shutil.copy(BINARIES / Path(crate).name, OUT / crate / "bootstrap")
    write_policy()


def write_policy(key=None):
    """The shipped policy and a file system, from last night on, and with the dr stack's key once there is one."""
    text = (ROOT / "policy/policy.toml").read_text()
    zone = ZoneInfo(re.search(r'^zone\s*= "(.+?)"', text, re.M)[1])
    night = (datetime.now(zone) - timedelta(hours=3, minutes=15)).date()  # the embedded cloud's point is there by 03:11
    text = re.sub(r"^(since\s*= )\S+", rf"\g<1>{night}", text, flags=re.M)
    if key:
        text = re.sub(r'^(dr_key\s*= )"\S+"', rf'\g<1>"{key}"', text, flags=re.M)
    bucket = f'[[asset]]\nkind = "bucket"\nid = "{BUCKET}"\ndr_bucket = "{DR_BUCKET}"\n'
    POLICY.write_text(f'{text}\n[[asset]]\nkind = "efs"\nid = "{FILE_SYSTEM}"\n{bucket}')


def parameters(*stack):
    argv = [str(BINARIES / "sonae-policy"), "params", *stack, "--file", str(POLICY)]
    return [*command(OUT, "sonae-policy", argv).split(), f"Architecture={ARCHITECTURE}"]


def deploy(cloud, stack, region, *options):
    """`sam deploy` as samconfig.toml has it; the stack's outputs."""
    argv = [str(SAM), "deploy", "--no-confirm-changeset", *options]
    command(OUT, stack, argv, {**KEYS, "AWS_ENDPOINT_URL": cloud, "SAM_CLI_TELEMETRY": "0"})
    described = client("cloudformation", region, cloud).describe_stacks(StackName=stack)
    (OUT / f"{stack}.json").write_text(json.dumps(described, default=str))
    found = described["Stacks"][0]
    hold(found["StackStatus"] == "CREATE_COMPLETE", f"{stack} is CREATE_COMPLETE, not {found['StackStatus']}")
    say(stack, f"deployed to {region} by `sam deploy`: {found['StackStatus']}")
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


def set_environment(cloud, elsewhere):
    """The layer is not unpacked here, RDS, AWS Backup and S3's metrics are elsewhere: each function is told by its environment."""
    for region in (HOME, DR):
        functions = client("lambda", region, cloud)
        for function in functions.list_functions()["Functions"]:
            name, variables = function["FunctionName"], function["Environment"]["Variables"]
            services = ("RDS", "BACKUP", "CLOUDWATCH")
            variables |= {"SONAE_POLICY": str(POLICY), **{f"AWS_ENDPOINT_URL_{service}": elsewhere for service in services}}
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
            say("function", f"{name}: SONAE_POLICY and AWS_ENDPOINT_URL_{{RDS,BACKUP,CLOUDWATCH}} set by hand")


# ---- What must hold


def see_schedule(cloud, home, function):
    scheduler = client("scheduler", HOME, cloud)
    names = [schedule["Name"] for schedule in scheduler.list_schedules()["Schedules"]]
    hold(len(names) == 3, f"home has three schedules, not {names}")
    schedules = [scheduler.get_schedule(Name=name) for name in names]
    arn = f":{home[function + 'Function']}"
    schedule = next((one for one in schedules if one["Target"]["Arn"].endswith(arn)), None)
    hold(schedule, f"one of them invokes {function}")
    expression, zone = (schedule[key] for key in ("ScheduleExpression", "ScheduleExpressionTimezone"))
    hold(zone == "Asia/Tokyo", f"its time zone is Asia/Tokyo, not {zone}")
    hold(schedule["State"] == "ENABLED", f"it is enabled, not {schedule['State']}")
    say("schedule", f"{expression} in {zone}, target {function}")
    return schedule


def subscribe(cloud, topic):
    arn = f"arn:aws:sqs:{HOME}:{ACCOUNT}:reader"
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
                 "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
    rights = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queue = client("sqs", HOME, cloud).create_queue(QueueName="reader", Attributes={"Policy": rights})["QueueUrl"]
    client("sns", HOME, cloud).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    say("subscriber", "a queue is subscribed to home's topic")
    return queue


def send_event(cloud, rds, embedded, key):
    put(cloud, HOME, "rds-0091-automated-created.json", embedded["point"], embedded["arn"])
    copy = wait_for("React starts a copy", lambda: copy_of(rds, embedded["arn"]), 30)
    tags = {tag["Key"]: tag["Value"] for tag in copy["TagList"]}
    hold(copy["KmsKeyId"] == key, f"the copy is under the dr stack's key, not {copy['KmsKeyId']}")
    hold(tags.get("sonae:started-by") == "event", f"the event started the copy; its tags: {tags}")
    say("event", f"home's bus > PointReady > React; copy {copy['DBSnapshotIdentifier']} is {copy['Status']}")
    return copy


def copy_of(rds, source):
    copies = rds.describe_db_snapshots()["DBSnapshots"]
    return next((copy for copy in copies if copy["SourceDBSnapshotIdentifier"] == source), None)


def send_dr_event(cloud, rds, copy, journal):
    """Check has not run yet, so only React can record that the copy landed."""
    source, name, arn = (copy[key] for key in ("SourceDBSnapshotIdentifier", "DBSnapshotIdentifier", "DBSnapshotArn"))
    wait_for("the copy becomes available", lambda: copy_of(rds, source)["Status"] == "available", 30)
    hold(not landings(cloud, journal), "nothing is recorded as landed before the event")
    put(cloud, DR, "rds-0060-copy-finished.json", name, arn)
    landed = wait_for("React records the landing", lambda: landings(cloud, journal), 30)
    say("dr event", f"dr's bus > CopyEvents > home's bus > CopyMoved > React; journal has {landed[0]}")


def send_backup_event(cloud, journal):
    """Check has not run yet, so only React can have looked at the file system."""
    event = json.loads((ROOT / "events/copy-job-completed.json").read_text())
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Resources": event["resources"],
             "Detail": json.dumps(event["detail"])}
    hold(not joined(cloud, journal), "nobody has looked at the file system before the event")
    answer = client("events", HOME, cloud).put_events(Entries=[entry])
    hold(answer["FailedEntryCount"] == 0, f"the bus takes AWS Backup's event, not {answer['Entries']}")
    found = wait_for("React looks at the file system", lambda: joined(cloud, journal), 30)
    say("backup event", f"home's bus > BackupMoved > React; journal has {found[0]}")


def joined(cloud, journal):
    return [key for key in keys(cloud, journal) if key.endswith(f"{FILE_SYSTEM}/joined.json")]


def landings(cloud, journal):
    return [key for key in keys(cloud, journal) if key.endswith("/landed.json")]


def keys(cloud, journal):
    return [entry["Key"] for entry in client("s3", DR, cloud).list_objects_v2(Bucket=journal).get("Contents", [])]


def run_check(cloud, schedule, journal):
    tick = input_of(schedule)
    say("check", invoke(cloud, HOME, schedule["Target"]["Arn"], tick))
    found = keys(cloud, journal)
    hold("heartbeat.json" in found, f"the heartbeat is in the journal, beside {found}")
    say("journal", f"{len(found)} objects in the dr stack's bucket, heartbeat.json among them")
    return tick


def see_vault(cloud, embedded, journal):
    """What the dr vault shows of the file system, and nothing else, is in the journal as landed."""
    backup = client("backup", DR, embedded)
    shown = backup.list_recovery_points_by_backup_vault(BackupVaultName="sonae-dr")["RecoveryPoints"]
    since = re.search(r"^since\s*= (\S+)", POLICY.read_text(), re.M)[1]
    zone = ZoneInfo("Asia/Tokyo")
    days = {str(point["CreationDate"].astimezone(zone).date()) for point in shown if point["Status"] == "COMPLETED"}
    expected = {f"duties/{day}/{FILE_SYSTEM}/landed.json" for day in days if day >= since}
    found = {key for key in keys(cloud, journal) if key.endswith(f"/{FILE_SYSTEM}/landed.json")}
    hold(found == expected, f"the journal has {expected} of the file system, not {found}")
    say("vault", f"{FILE_SYSTEM}: {len(shown)} copies in the dr vault, journal has {sorted(found) or 'none since last night'}")


def input_of(schedule):
    """The schedule's own Input, its context attributes filled in as the Scheduler does."""
    hour = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:00:00Z")
    tick = schedule["Target"]["Input"].replace("<aws.scheduler.scheduled-time>", hour)
    return tick.replace("<aws.scheduler.execution-id>", "deploy-local")


def make_buckets(cloud, key):
    """A pair with a rule, set by API: MiniStack's CloudFormation drops ReplicationConfiguration, and it replicates nothing."""
    for region, name in ((HOME, BUCKET), (DR, DR_BUCKET)):
        s3 = client("s3", region, cloud)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **where)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ID": "sonae", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Enabled"},
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            "Destination": {"Bucket": f"arn:aws:s3:::{DR_BUCKET}", "EncryptionConfiguration": {"ReplicaKmsKeyID": key}, "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                            "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}}
    role = f"arn:aws:iam::{ACCOUNT}:role/replication"
    client("s3", HOME, cloud).put_bucket_replication(Bucket=BUCKET, ReplicationConfiguration={"Role": role, "Rules": [rule]})
    say("bucket", f"{BUCKET} > {DR_BUCKET}, its rule set by API")


def judge_bucket(cloud, schedule, home, journal):
    """A tick, and what S3 gives up, through the queue to the function: nobody replicates here, so the notification is ours."""
    say("replication", invoke(cloud, HOME, schedule["Target"]["Arn"], input_of(schedule)))
    verdicts = [key for key in keys(cloud, journal) if key.startswith(f"buckets/{BUCKET}/")]
    hold(len(verdicts) == 1, f"its verdict is in the journal: {verdicts}")
    verdict = json.loads(client("s3", DR, cloud).get_object(Bucket=journal, Key=verdicts[0])["Body"].read())
    hold(verdict["verdict"] == "healthy", f"it is healthy, not {verdict}")
    sqs = client("sqs", HOME, cloud)
    queue = sqs.get_queue_url(QueueName=home["FailuresQueueArn"].split(":")[-1])["QueueUrl"]
    body = json.loads((ROOT / "events/s3-replication-failed.json").read_text())["Records"][0]["body"]
    sqs.send_message(QueueUrl=queue, MessageBody=body)
    kept = wait_for("Replication keeps what S3 gave up", lambda: given_up(cloud, journal), 60)
    say("given up", f"queue > Replication; journal has {kept[0]}")


def given_up(cloud, journal):
    return [key for key in keys(cloud, journal) if key.startswith(f"failures/{BUCKET}/")]


def run_sweep(cloud, schedule, journal):
    """One copy, a minute old: nothing goes, and the plan says so."""
    say("sweep", invoke(cloud, HOME, schedule["Target"]["Arn"], input_of(schedule)))
    plans = [key for key in keys(cloud, journal) if key.startswith("sweeps/") and key.endswith("/plan.json")]
    hold(len(plans) == 1, f"its plan is in the journal: {plans}")


def run_watcher(cloud, dr, tick):
    say("watcher", invoke(cloud, DR, dr["WatcherFunction"], tick))


def invoke(cloud, region, function, payload):
    answer = client("lambda", region, cloud).invoke(FunctionName=function, Payload=payload)
    said = answer["Payload"].read().decode()
    hold("FunctionError" not in answer, f"{function} answers without an error, not {said}")
    hold("/unreadable/" not in said, f"{function} may read everything it needs, but says {said}")
    return said


def read_notices(cloud, inbox):
    sqs, subjects = client("sqs", HOME, cloud), []
    while found := sqs.receive_message(QueueUrl=inbox, MaxNumberOfMessages=10, WaitTimeSeconds=3).get("Messages"):
        subjects += [json.loads(message["Body"])["Subject"] for message in found]
    hold(subjects, "a notice reaches the subscriber")
    hold(len(set(subjects)) == len(subjects), f"nothing is told twice: {subjects}")
    for subject in subjects:
        say("notice", subject)


def lose_event(cloud, home):
    """An event that React cannot read: tried three times, then kept."""
    functions, sqs = client("lambda", HOME, cloud), client("sqs", HOME, cloud)
    functions.invoke(FunctionName=home["ReactFunction"], InvocationType="Event", Payload=json.dumps(BROKEN))
    lost = wait_for("the broken event ends in Lost", lambda: lost_event(sqs, home["LostQueueUrl"]), 60)
    error = lost["responsePayload"]["errorType"]
    hold(error == "BadEvent", f"its errorType is BadEvent, not {error}")
    say("lost", f"a broken event ended in Lost after its retries: {error}")


def lost_event(sqs, queue):
    bodies = [json.loads(message["Body"]) for message in sqs.receive_message(QueueUrl=queue).get("Messages", [])]
    return next((body for body in bodies if body["requestPayload"] == BROKEN), None)


def put(cloud, region, file, name, arn):
    """Puts an event of events/ on the Region's bus, about this point."""
    event = json.loads((ROOT / "events" / file).read_text())
    detail = json.dumps({**event["detail"], "SourceIdentifier": name, "SourceArn": arn})
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Resources": [arn], "Detail": detail}
    answer = client("events", region, cloud).put_events(Entries=[entry])
    hold(answer["FailedEntryCount"] == 0, f"the bus in {region} takes {file}, not {answer['Entries']}")


if __name__ == "__main__":
    main()
