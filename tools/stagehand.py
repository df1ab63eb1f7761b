"""Processes, AWS clients and assertions of the tools that play on clouds of this machine."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import boto3

KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}


class Failed(Exception):
    """What did not hold."""


def forget_owner():
    """Nothing below may use a profile, credentials or an endpoint that this machine's owner has set."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def start(children, folder, name, argv, env, stdout=None):
    """Starts a process in a group of its own; what it prints is its log in this folder."""
    with open(folder / f"{name}.log", "w") as log:
        child = subprocess.Popen(argv, cwd=folder, env={"PATH": os.environ["PATH"], **env}, stdin=subprocess.DEVNULL,
                                 stdout=stdout or log, stderr=log, text=True, start_new_session=True)
    children.append(child)
    return child


def stop(children):
    """Ends every group; MiniStack's holds the function processes."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for child in children:
            try:
                os.killpg(child.pid, sign)
            except ProcessLookupError:
                pass
        time.sleep(0.5)
        for child in children:
            child.poll()


def command(folder, name, argv, env=None):
    """Runs a command to its end; what it prints on stdout, which is also in its log in this folder."""
    ended = subprocess.run(argv, cwd=folder, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, text=True,
                           capture_output=True, timeout=120)
    (folder / f"{name}.log").write_text(ended.stdout + ended.stderr)
    hold(ended.returncode == 0, f"`{Path(argv[0]).name} {argv[1]}` ends well; see {name}.log")
    return ended.stdout


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def client(service, region, url, **options):
    return boto3.client(service, region_name=region, endpoint_url=url, aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"], **options)


def wait_for(what, look, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise Failed(f"{what}, but not within {seconds} s")


def hold(truth, what):
    if not truth:
        raise Failed(what)


def say(step, what):
    print(f"{step:<15} {what}", flush=True)
