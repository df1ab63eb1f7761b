"""One host: a directory with everything it has, and what can be asked of it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import boto3

from . import user
from .s3 import Moto, Way, free_port

POLICY = """version = 1
system = "dental-clinic"
home = "ap-northeast-1"
dr = "ap-northeast-3"
zone = "Asia/Tokyo"
language = "{language}"
[notify]
email = ["it@example.com"]
[[asset]]
kind = "postgres-host"
id = "dental"
bucket = "dental-backups"
key = "arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555"
expire_role = "arn:aws:iam::123456789012:role/sonae-host-ExpireRole-1A2B3C4D5E6F"
data = "{home}/data"
repository = "{home}/repository"
socket = "{home}"
port = {port}
{more}
"""


class Stage(contextlib.AbstractContextManager):
    def __init__(self, agent: str, more: str = "", language: str = "en") -> None:
        user.install()
        self.who = user.who()
        self.home = Path(tempfile.mkdtemp(prefix="sonae-host-", dir="/tmp"))
        self.home.chmod(0o755)
        self.agent_path = self.home / "sonae-agent"
        shutil.copy(agent, self.agent_path)
        self.port = free_port()
        self.moto = Moto()
        self.way = Way(self.moto.port)
        (self.home / "policy.toml").write_text(
            POLICY.format(home=self.home, port=self.port, more=more, language=language))
        (self.home / "state").mkdir()
        if self.who:
            for path in (self.home, self.home / "state"):
                os.chown(path, self.who["user"], self.who["group"])
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "SONAE_POLICY": str(self.home / "policy.toml"), "SONAE_STATE": str(self.home / "state"),
            "SONAE_JOURNAL": "journal", "SONAE_WEBHOOK_FILE": str(self.home / "webhook"),
            "SONAE_PG_BIN": user.BIN,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.way.port}", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        }
        for name, region in (("journal", "ap-northeast-3"), ("dental-backups", "ap-northeast-1")):
            self.s3 = self.s3_in(region)
            self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.run([f"{user.BIN}/initdb", "-k", "-A", "trust", "-U", "postgres", "-D", f"{self.home}/data"])
        with open(self.home / "data/postgresql.conf", "a") as conf:
            conf.write(f"port = {self.port}\nunix_socket_directories = '{self.home}'\nlisten_addresses = ''\n")
        self.start()

    def s3_in(self, region: str):
        return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.moto.port}", region_name=region,
                            aws_access_key_id="test", aws_secret_access_key="test")

    def __exit__(self, *_) -> None:
        subprocess.run(["pkill", "-9", "-f", str(self.home)], check=False)
        self.moto.stop()
        for _ in range(50):
            # What was killed may still be writing its last file.
            shutil.rmtree(self.home, ignore_errors=True)
            if not self.home.exists():
                return
            time.sleep(0.1)

    def run(self, command: list, check: bool = True, **more) -> subprocess.CompletedProcess:
        env = {**self.env, **more.pop("env", {})}
        done = subprocess.run([str(part) for part in command], env=env, cwd=self.home, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300,
                              **self.who, **more)
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def start(self) -> None:
        log = self.home / "server.log"
        self.run([f"{user.BIN}/pg_ctl", "start", "-w", "-s", "-D", self.home / "data", "-l", log])

    def stop(self, mode: str = "fast") -> None:
        self.run([f"{user.BIN}/pg_ctl", "stop", "-w", "-s", "-m", mode, "-D", self.home / "data"])

    def agent(self, *args: str, code: int = 0, env: dict | None = None, clock: str | None = None) -> str:
        """Runs the agent and wants this exit code; what it printed, errors included."""
        command = [*(["faketime", "-f", clock] if clock else []), str(self.agent_path), *args]
        done = self.run(command, check=False, env=env or {})
        text = done.stdout + done.stderr
        assert done.returncode == code, f"sonae-agent {' '.join(args)} ended with {done.returncode}, not {code}: {text}"
        return text

    def spawn(self, *args: str) -> subprocess.Popen:
        log = open(self.home / "spawned.log", "a")
        return subprocess.Popen([str(self.agent_path), *args], env=self.env, cwd=self.home, stdout=log, stderr=log,
                                stdin=subprocess.DEVNULL, start_new_session=True, **self.who)

    @contextlib.contextmanager
    def watching(self):
        watch = self.spawn("mirror", "--watch")
        try:
            yield watch
        finally:
            watch.send_signal(signal.SIGTERM)
            watch.wait(timeout=30)

    def kill(self, process: subprocess.Popen) -> None:
        """The agent and what it had started, as a host that loses power would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ready(self) -> None:
        self.agent("init", "--yes", code=4)
        self.stop()
        self.start()
        self.agent("init", "--yes")

    def sql(self, text: str, port: int | None = None, database: str = "postgres") -> str:
        psql = [f"{user.BIN}/psql", "-h", self.home, "-p", port or self.port, "-U", "postgres", "-XAtq", "-d", database]
        return self.run([*psql, "-v", "ON_ERROR_STOP=1", "-c", text]).stdout.strip()

    def switch(self) -> str:
        """Closes the present segment, and waits until it was archived."""
        name = self.sql("select pg_walfile_name(pg_switch_wal())")
        self.until(lambda: self.sql("select coalesce(last_archived_wal, '') from pg_stat_archiver") >= name)
        return name

    def keys(self, bucket: str = "dental-backups") -> dict[str, int]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", [])}

    def status(self) -> dict:
        done = self.run([self.agent_path, "status", "--json"], check=False)
        return json.loads(done.stdout)

    def until(self, holds, seconds: float = 60, pause: float = 0.1) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"did not come about within {seconds} s: {holds}"
            time.sleep(pause)
