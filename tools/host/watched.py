"""What is said of a host: by itself to a person, by its bucket and journal to home."""

import json
import subprocess
import time
import unittest
from pathlib import Path

from .case import AGENT, Host
from .stage import Stage


class Doctor(Host):
    def parts(self, code: int = 4) -> dict[str, dict]:
        said = json.loads(self.host.agent("doctor", "--json", code=code))
        self.assertEqual(said["code"], code)
        return {part["name"]: part for part in said["parts"]}

    def test_it_names_each_part_and_what_to_do(self) -> None:
        (self.host.home / "webhook").write_text("http://127.0.0.1:1/")
        (self.host.home / "webhook").chmod(0o644)
        parts = self.parts()
        fine = {name for name, part in parts.items() if part["fine"]}
        self.assertEqual(fine, {"pgbackrest", "postgresql", "settings", "bucket", "journal", "outbox", "timer"}, parts)
        for name, todo in (("repository", "backup full"), ("disks", "another one"), ("chat", "chmod 600"),
                           ("mirror", "systemctl enable")):
            self.assertIn(todo, parts[name]["said"])
        (self.host.home / "webhook").unlink()
        self.host.agent("backup", "full")
        self.host.sql("alter system set archive_timeout = 7")
        self.host.sql("select pg_reload_conf()")
        with self.host.watching():
            self.host.until(lambda: self.parts()["mirror"]["fine"])
            parts = self.parts()
            self.assertEqual({name for name, part in parts.items() if not part["fine"]}, {"disks", "settings"}, parts)
            self.assertIn("init --yes", parts["settings"]["said"])
        self.host.stop()
        self.assertIn("was not reached", self.parts()["postgresql"]["said"])

    def test_every_answer_is_json_for_who_asks_for_it(self) -> None:
        self.assertEqual(json.loads(self.host.agent("--json", "backup", "full"))["code"], 0)
        plan = json.loads(self.host.agent("expire", "--dry-run", "--json"))
        self.assertEqual((plan["code"], plan["sets"], plan["held"]), (0, [], None))
        said = json.loads(self.host.agent("restore", "--json", "--in-place", "another", code=2))
        self.assertIn("`--in-place` is `another`", said["said"])


class Home(unittest.TestCase):
    """What the functions see of a real host: the report by hand, over the same code."""

    def setUp(self) -> None:
        # The next slot of the full backup, a minute or two from now.
        slot = time.time() // 60 * 60 + 120
        tokyo = time.strftime("%H:%M", time.gmtime(slot + 9 * 3600))
        self.slot = slot
        self.host = Stage(AGENT, f'full = {{ at = "{tokyo}", keep = "30 days" }}')
        self.addCleanup(self.host.__exit__)
        self.host.ready()
        # As the check writes it at its first look at a host.
        self.host.s3_in("ap-northeast-3").put_object(Bucket="journal", Key="episodes/dental/joined.json", Body=b"{}")

    def report(self, *args: str) -> dict:
        sonae = Path(AGENT).with_name("sonae")
        env = {**self.host.env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.host.moto.port}", "AWS_REGION": "ap-northeast-1"}
        done = subprocess.run([sonae, "report", "--json", "--journal", "journal", *args], env=env, capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def row(self) -> dict:
        [row] = [row for row in self.report()["duties"] if row["asset"] == "dental"]
        return row

    def test_home_sees_the_full_backup_in_the_bucket_and_a_dead_host(self) -> None:
        self.assertEqual(self.row()["verdict"], "not-owed")
        # Before the first backup everything could be lost, and for a quarter of an hour that is the worst moment.
        self.host.agent("backup", "full")
        with self.host.watching():
            self.host.until(lambda: time.time() > self.slot, 150)
            self.assertEqual(self.row()["verdict"], "not-due")
            self.host.agent("backup", "full")
            label = self.host.status()["newest"]["label"]
            self.host.until(lambda: self.row()["verdict"] == "held", 90)
            row = self.row()
            self.assertEqual(row["copy"], label)
            self.assertLessEqual(row["age_minutes"], 1, row)
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2 * 3600))
        kinds = [problem["kind"] for problem in self.report("--at", later)["problems"]]
        self.assertIn("host-silent", kinds)
        # Somebody takes the manifest away: the agent's word is not believed.
        manifest = f"dental/backup/dental/{label}/backup.manifest"
        self.host.s3.delete_object(Bucket="dental-backups", Key=manifest)
        self.assertEqual(self.row()["verdict"], "not-due")
