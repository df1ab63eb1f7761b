"""`make deploy-local`: both stacks deployed to MiniStack by the SAM CLI, then one night's event through them.

What MiniStack lacks (RDS with copies, KMS) is the embedded cloud, a process of its own. Every step is asserted and
printed; the first that fails ends the run. docs/deploy-local.md says what this cannot show.
"""

import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import boto3

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / ".aws-sam" / "deploy-local"
BINARIES = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
SAM = ROOT / ".venv/lint/bin/sam"
HOME, DR = "us-east-1", "us-west-2"
ACCOUNT = "123456789012"
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": HOME}
BROKEN = {"source": "aws.rds", "detail-type": "RDS DB Snapshot Event", "marker": "deploy-local"}


class Failed(Exception):
    """A step that did not hold, in words."""


def main():
    began = time.monotonic()
    children = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("deploy-local: ended"))
    try:
        run(children)
    except (Failed, subprocess.TimeoutExpired) as problem:
        sys.exit(f"FAILED {problem}\nlogs: {OUT.relative_to(ROOT)}/*.log")
    finally:
        stop(children)
    print(f"{time.monotonic() - began:.0f} s")


def run(children):
    clear()
    cloud = start_emulator(children)
    dr = deploy(cloud, "sonae-dr", DR, ["--config-env", "dr"], {})
    policy = write_policy(dr["DrKeyArns"])
    embedded = start_embedded(children, policy)
    home = deploy(cloud, "sonae", HOME, [], dr)
    point_functions(cloud, policy, embedded["url"])
    schedule = see_schedule(cloud, home)
    inbox = subscribe(cloud, home["TopicArn"])
    rds = client("rds", DR, embedded["url"])
    copy = send_event(cloud, rds, embedded, dr["DrKeyArns"])
    send_dr_event(cloud, rds, copy, dr["JournalBucketName"])
    run_check(cloud, schedule, dr["JournalBucketName"])
    read_notices(cloud, inbox)
    lose_event(cloud, home)


# ---- Processes


def start(children, name, argv, env):
    """Starts a process in a group of its own; its stderr is its log."""
    with open(OUT / f"{name}.log", "w") as log:
        child = subprocess.Popen(
            argv, cwd=OUT, env={"PATH": os.environ["PATH"], **env}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
            if name == "embedded" else log, stderr=log, text=True, start_new_session=True,
        )
    children.append(child)
    return child


def stop(children):
    """Ends every group, the function processes in it too."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for child in children:
            try:
                os.killpg(child.pid, sign)
            except ProcessLookupError:
                continue
        time.sleep(0.5)
    for child in children:
        child.wait(10)


def start_emulator(children):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    # Its functions inherit AWS_ENDPOINT_URL; without it they would call the real AWS.
    env = {**KEYS, "AWS_ENDPOINT_URL": url, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port),
           "MINISTACK_ACCOUNT_ID": ACCOUNT, "AUTH": "true", "TMPDIR": str(OUT / "tmp")}
    child = start(children, "ministack", [sys.executable, str(ROOT / "tools/emulator.py")], env)
    wait_for("MiniStack answers", lambda: listens(port) or child.poll() is not None, 30)
    hold(child.poll() is None, "MiniStack runs")
    say("MiniStack", f"at {url}, without Docker")
    return url


def start_embedded(children, policy):
    child = start(children, "embedded", [str(BINARIES / "embedded"), str(policy)], {})
    line = child.stdout.readline()
    hold(line, "the embedded cloud starts")
    found = json.loads(line)
    say("embedded cloud", f"RDS and KMS at {found['url']}; last night's point is {found['point']}")
    return found


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# ---- Deployment


def clear():
    """The build folder: the templates as they are but for the folders that the code and the policy are in."""
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "tmp").mkdir(parents=True)
    shutil.copy(ROOT / "samconfig.toml", OUT)
    shutil.copytree(ROOT / "policy", OUT / "policy")
    for template in ("template.yaml", "template-dr.yaml"):
        text = (ROOT / template).read_text()
        for crate in re.findall(r"CodeUri: crates/(\w+)", text):
            (OUT / "crates" / crate).mkdir(parents=True, exist_ok=True)
            shutil.copy(BINARIES / crate, OUT / "crates" / crate / "bootstrap")
        (OUT / template).write_text(text)


def deploy(cloud, stack, region, options, outputs):
    """`sam deploy`, as samconfig.toml has it; the stack's outputs."""
    template = "template-dr.yaml" if region == DR else "template.yaml"
    declared = (OUT / template).read_text()
    wanted = {**outputs, "Architecture": ARCHITECTURE}
    given = [f"{name}={value}" for name, value in wanted.items() if f"\n  {name}:\n    Type: " in declared]
    overrides = ["--parameter-overrides", *given] if given else []
    env = {**os.environ, **KEYS, "AWS_ENDPOINT_URL": cloud, "SAM_CLI_TELEMETRY": "0"}
    with open(OUT / f"{stack}.log", "w") as log:
        argv = [str(SAM), "deploy", *options, "--no-confirm-changeset", *overrides]
        ended = subprocess.run(argv, cwd=OUT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=120)
    hold(ended.returncode == 0, f"`sam deploy` of {stack} ends well; see {stack}.log")
    found = client("cloudformation", region, cloud).describe_stacks(StackName=stack)["Stacks"][0]
    hold(found["StackStatus"] == "CREATE_COMPLETE", f"{stack} is CREATE_COMPLETE, not {found['StackStatus']}")
    say(stack, f"deployed to {region} by `sam deploy`, CREATE_COMPLETE; parameters: {len(given)} given")
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


def write_policy(key):
    """The shipped policy with the stack's key, as its owner writes it, and `since` last night (its point is ready by 03:11)."""
    text = (ROOT / "policy/policy.toml").read_text()
    zone = ZoneInfo(re.search(r'^zone\s*= "(.+?)"', text, re.M)[1])
    night = (datetime.now(zone) - timedelta(hours=3, minutes=15)).date()
    text = re.sub(r"^(since\s*= )\S+", rf"\g<1>{night}", text, flags=re.M)
    text = re.sub(r'^(dr_key\s*= )".+?"', rf'\g<1>"{key}"', text, flags=re.M)
    path = OUT / "policy/policy.toml"
    path.write_text(text)
    return path


def point_functions(cloud, policy, embedded):
    """The layer is not unpacked here, and RDS and KMS are elsewhere: the functions are told by environment."""
    here = {"SONAE_POLICY": str(policy), "AWS_ENDPOINT_URL_RDS": embedded}
    for region in (HOME, DR):
        functions = client("lambda", region, cloud)
        for function in functions.list_functions()["Functions"]:
            variables = {**function["Environment"]["Variables"], **here}
            name = function["FunctionName"]
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
            say("function", f"{name}: policy by path, RDS and KMS from the embedded cloud")


# ---- What must hold


def see_schedule(cloud, home):
    scheduler = client("scheduler", HOME, cloud)
    found = [scheduler.get_schedule(Name=one["Name"]) for one in scheduler.list_schedules()["Schedules"]]
    ours = [one for one in found if one["Target"]["Arn"].endswith(f":function:{home['CheckFunction']}")]
    hold(len(ours) == 1, f"one schedule has Check as its target, not {len(ours)}")
    schedule = ours[0]
    hold(schedule["ScheduleExpressionTimezone"] == "Asia/Tokyo", "the schedule's time zone is Asia/Tokyo")
    hold(schedule["State"] == "ENABLED", "the schedule is enabled")
    say("schedule", f"{schedule['ScheduleExpression']} in {schedule['ScheduleExpressionTimezone']}, target Check")
    return schedule


def subscribe(cloud, topic):
    sqs = client("sqs", HOME, cloud)
    arn = f"arn:aws:sqs:{HOME}:{ACCOUNT}:reader"
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
                 "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
    rights = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queue = sqs.create_queue(QueueName="reader", Attributes={"Policy": rights})["QueueUrl"]
    client("sns", HOME, cloud).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    say("subscriber", "a queue is subscribed to the home topic")
    return queue


def send_event(cloud, rds, embedded, key):
    put(cloud, HOME, "rds-0091-automated-created.json", embedded["point"], embedded["arn"])
    copy = wait_for("React starts a copy in dr", lambda: copy_of(rds, embedded["arn"]), 30)
    tags = {tag["Key"]: tag["Value"] for tag in copy["TagList"]}
    hold(copy["KmsKeyId"] == key, f"the copy is under the dr stack's key, not {copy['KmsKeyId']}")
    hold(tags.get("sonae:started-by") == "event", f"the copy was started by the event, not {tags}")
    say("event", f"home's bus > PointReady > React; copy {copy['DBSnapshotIdentifier']} is {copy['Status']}")
    return copy


def copy_of(rds, source):
    copies = rds.describe_db_snapshots()["DBSnapshots"]
    return next((copy for copy in copies if copy["SourceDBSnapshotIdentifier"] == source), None)


def send_dr_event(cloud, rds, copy, journal):
    """The copy is finished: only React can have recorded its landing, Check has not run yet."""
    source, name = copy["SourceDBSnapshotIdentifier"], copy["DBSnapshotIdentifier"]
    wait_for("the copy becomes available", lambda: copy_of(rds, source)["Status"] == "available", 30)
    hold(not landings(cloud, journal), "nothing has landed before the event")
    put(cloud, DR, "rds-0060-copy-finished.json", name, copy["DBSnapshotArn"])
    landed = wait_for("React records the landing", lambda: landings(cloud, journal), 30)
    say("dr event", f"dr's bus > CopyEvents > home's bus > CopyMoved > React; journal has {landed[0]}")


def landings(cloud, journal):
    return [key for key in keys(cloud, journal) if key.endswith("/landed.json")]


def keys(cloud, journal):
    listed = client("s3", DR, cloud).list_objects_v2(Bucket=journal)
    return [entry["Key"] for entry in listed.get("Contents", [])]


def run_check(cloud, schedule, journal):
    """Invokes Check with the schedule's own Input, its context attributes filled in as the Scheduler does."""
    hour = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
    filled = schedule["Target"]["Input"].replace("<aws.scheduler.scheduled-time>", hour.strftime("%Y-%m-%dT%H:%M:%SZ"))
    filled = filled.replace("<aws.scheduler.execution-id>", "deploy-local")
    hold("<aws." not in filled, f"every context attribute of the Input is known: {filled}")
    function = schedule["Target"]["Arn"]
    answer = client("lambda", HOME, cloud).invoke(FunctionName=function, Payload=filled)
    payload = answer["Payload"].read().decode()
    hold("FunctionError" not in answer, f"Check answers without an error, not {payload}")
    say("check", payload)
    found = keys(cloud, journal)
    hold("heartbeat.json" in found, f"the heartbeat is in the journal: {found}")
    say("journal", f"{len(found)} objects in the stack's bucket, heartbeat.json among them")


def read_notices(cloud, inbox):
    sqs = client("sqs", HOME, cloud)
    found = sqs.receive_message(QueueUrl=inbox, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", [])
    notices = [json.loads(message["Body"]) for message in found]
    hold(notices, "a notice reaches the subscriber")
    for notice in notices:
        hold(notice["Subject"] and notice["Message"], "a notice has a subject and a text")
        say("notice", notice["Subject"])


def lose_event(cloud, home):
    """An event that React cannot read: tried three times, then kept."""
    functions = client("lambda", HOME, cloud)
    functions.invoke(FunctionName=home["ReactFunction"], InvocationType="Event", Payload=json.dumps(BROKEN))
    sqs = client("sqs", HOME, cloud)
    look = lambda: sqs.receive_message(QueueUrl=home["LostQueueUrl"], WaitTimeSeconds=1).get("Messages")
    bodies = [json.loads(message["Body"]) for message in wait_for("the event ends in Lost", look, 60)]
    lost = [body for body in bodies if body["requestPayload"] == BROKEN]
    hold(lost, f"the event in Lost is the one that failed, not {bodies}")
    error = lost[0]["responsePayload"]["errorType"]
    hold(error == "BadEvent", f"its errorType is BadEvent, not {error}")
    say("lost", f"a broken event ended in Lost after its retries, errorType {error}")


# ---- Small things


def put(cloud, region, file, name, arn):
    """Puts an event of events/ on the Region's bus, about this point."""
    event = json.loads((ROOT / "events" / file).read_text())
    detail = {**event["detail"], "SourceIdentifier": name, "SourceArn": arn}
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(detail),
             "Resources": [arn]}
    answer = client("events", region, cloud).put_events(Entries=[entry])
    hold(answer["FailedEntryCount"] == 0, f"the bus in {region} takes {file}: {answer['Entries']}")


def client(service, region, url):
    return boto3.client(service, region_name=region, endpoint_url=url, aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"])


def wait_for(what, look, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise Failed(f"{what}: not within {seconds} s")


def hold(truth, what):
    if not truth:
        raise Failed(what)


def say(step, what):
    print(f"{step:<15} {what}", flush=True)


if __name__ == "__main__":
    main()
