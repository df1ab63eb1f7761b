"""`make sam-local`: every file of events/ through `sam local invoke`, each outcome held to events/README.md's table.

The functions are the zips of `make package`, in a container, with the policy from its layer; all of AWS is the embedded
cloud. An event about last night's point gets that point's name, or there would be nothing to see.
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
import tomllib
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from container import Relay, base_image, remove, sam_images
from functions import ROOT, pack
from stagehand import KEYS, Failed, command, forget_owner, hold, say, start, stop

OUT = ROOT / ".aws-sam/sam-local"
EVENTS = ROOT / "events"
EMBEDDED = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug/embedded"
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
ROW = re.compile(r"^\| (\S+\.json) \| .* \| (React|Check|Sweep|Chat|none) \| (.*) \|$", re.M)
TEMPLATE = OUT / f"template-{ARCHITECTURE}.yaml"
POLICY = tomllib.loads((ROOT / "policy/policy.toml").read_text())
NO_ANSWER = '{"errorType": "NoAnswer"}'  # of a function that was ended at its Timeout
NIGHT = "2025-11-05-18-05"  # in the names of events/


def main():
    began = time.monotonic()
    children, before = [], sam_images()
    forget_owner()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        run(children)
    except (Failed, subprocess.SubprocessError) as problem:
        sys.exit(f"FAILED: {problem}\nlogs: {OUT.relative_to(ROOT)}/*.log")
    finally:
        stop(children)
        remove(sam_images() - before)
    print(f"all held, {time.monotonic() - began:.0f} s")


def run(children):
    shutil.rmtree(OUT, ignore_errors=True)
    pack(OUT, ARCHITECTURE)
    image = base_image(ARCHITECTURE)
    embedded = start_embedded(children)
    with Relay(int(embedded["url"].rsplit(":", 1)[1])) as relay:
        declare_endpoint(relay.url)
        write_variables()
        start_quietly(embedded["point"])
        invoke_all(image, embedded["point"])


def start_embedded(children):
    child = start(children, OUT, "embedded", [str(EMBEDDED), str(ROOT / "policy/policy.toml")], {}, subprocess.PIPE)
    line = child.stdout.readline()
    hold(line, "the embedded cloud starts; see embedded.log")
    embedded = json.loads(line)
    say("embedded cloud", f"last night's point is {embedded['point']}")
    return embedded


# ---- What the functions are given


def declare_endpoint(url):
    """SAM passes on only variables that the template declares, so this copy of it declares the endpoint, too."""
    text, count = re.subn(r"(\n +Variables:)\n( +)", rf"\1\n\2AWS_ENDPOINT_URL: {url}\n\2", TEMPLATE.read_text())
    hold(count == 2, f"the template has two lists of variables, the functions' and Chat's, not {count}")
    TEMPLATE.write_text(text)


def write_variables():
    """What CloudFormation would fill in, as it is called in the embedded cloud."""
    topics = {side: f"arn:aws:sns:{POLICY[side]}:123456789012:sonae" for side in ("home", "dr")}
    variables = {"SONAE_JOURNAL": "journal", "SONAE_TOPIC": topics["home"], "SONAE_DR_TOPIC": topics["dr"],
                 "SONAE_GRANTED": POLICY["defaults"]["dr_key"], "SONAE_ARMED": "true"}
    (OUT / "variables.json").write_text(json.dumps({"Parameters": variables}))


def start_quietly(point):
    """The layer's policy begins last night: the embedded cloud has none before it, and all would be missing."""
    taken = datetime.strptime(point[-len(NIGHT):], "%Y-%m-%d-%H-%M").replace(tzinfo=timezone.utc)
    night = taken.astimezone(ZoneInfo(POLICY["zone"])).date()
    file = OUT / "policy/policy.toml"
    file.write_text(re.sub(r"^(since\s*= )\S+", rf"\g<1>{night}", file.read_text(), flags=re.M))


# ---- Events


def invoke_all(image, point):
    rows = ROW.findall((EVENTS / "README.md").read_text())
    files = {file.name for file in EVENTS.glob("*.json")}
    hold({file for file, *_ in rows} == files, "events/README.md has a row for every file")
    print(f"\n{'event':<36} {'function':<8} {'must be':<8} {'is':<8} {'s':>4}  answer")
    # Chat posts over HTTPS only, and nothing here has a certificate: crates/chat/tests have it on loopback.
    rows = [row for row in rows if row[1] != "Chat"]
    wrong = [row[0] for row in rows if not invoke(image, point, *row)]
    hold(not wrong, f"{', '.join(wrong)}: as events/README.md says")


def invoke(image, point, file, function, outcome):
    """What no rule lets through goes to React, which must know it for what it is."""
    asked = "React" if function == "none" else function
    expected = "ignored" if outcome.startswith("ignored") else "handled"
    began = time.monotonic()
    answer = json.loads(ask_sam(image, asked, event_file(file, point)) or NO_ANSWER)
    took, (found, said) = time.monotonic() - began, outcome_of(answer)
    print(f"{file:<36} {asked:<8} {expected:<8} {found:<8} {took:>4.1f}  {said}", flush=True)
    return found == expected


def event_file(file, point):
    """The file, about last night's point instead of one of long ago."""
    copied = OUT / file
    copied.write_text((EVENTS / file).read_text().replace(NIGHT, point[-len(NIGHT):]))
    return copied


def ask_sam(image, function, event):
    argv = [str(ROOT / ".venv/deploy/bin/sam"), "local", "invoke", function, "--template", str(TEMPLATE),
            "--event", str(event), "--env-vars", str(OUT / "variables.json"), "--region", POLICY["home"],
            "--invoke-image", image, "--skip-pull-image", "--layer-cache-basedir", str(OUT / "layers")]
    return command(OUT, event.stem, argv, {**KEYS, "SAM_CLI_TELEMETRY": "0"})


def outcome_of(answer):
    """What came of it, and how the function says so."""
    if "errorType" in answer:
        return "error", f"{answer['errorType']}: {answer.get('errorMessage')}"
    if "ignored" in answer:
        return "ignored", answer["ignored"]
    counts = [f"{answer[word]} {word}" for word in ("points", "accepted", "duties", "met")]
    return "handled", f"{', '.join(counts)}, {len(answer['said'])} told"


if __name__ == "__main__":
    main()
