"""What must hold of backups, each on a host of its own."""

import fcntl
import os
import subprocess

from .case import Host


class Backups(Host):
    def test_the_plan_is_shown_before_anything_is_done(self) -> None:
        self.assertIn("nothing was done", self.host.agent("init"))

    def test_what_is_due_is_done_once_and_stands_in_the_bucket(self) -> None:
        self.table()
        said = self.host.agent("due")
        self.assertIn("full succeeded", said)
        self.assertIn("logical succeeded", said)
        self.assertIn("nothing is due", self.host.agent("due"))
        keys = self.host.keys()
        label = self.host.status()["newest"]["label"]
        for key in (f"dental/backup/dental/{label}/backup.manifest", "dental/backup/dental/backup.info",
                    "dental/archive/dental/archive.info", f"dental/settings/{label}/pg_hba.conf"):
            self.assertIn(key, keys)
        self.assertTrue(any(key.endswith("/dump.json") for key in keys))
        self.assertFalse(any(".tmp" in key for key in keys))
        head = self.host.s3.head_object(Bucket="dental-backups", Key="dental/backup/dental/backup.info",
                                        ChecksumMode="ENABLED")
        self.assertEqual(head["ServerSideEncryption"], "aws:kms")
        self.assertIn("ChecksumSHA256", head)

    def test_every_run_is_told_and_nothing_is_told_twice(self) -> None:
        self.host.agent("backup", "full")
        told = sorted(key.rsplit("/", 1)[1] for key in self.host.keys("journal") if key.startswith("hosts/"))
        self.assertEqual(told, ["started.json", "started.json", "succeeded.json", "succeeded.json"], "the backup, the expiry")
        self.assertEqual(os.listdir(self.host.home / "state/outbox"), [])

    def test_two_runs_do_not_overlap(self) -> None:
        self.host.agent("due")
        with open(self.host.home / "state/run.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another run", self.host.agent("backup", "full", code=3))

    def test_kill_9_in_a_backup_is_a_failure_the_next_time(self) -> None:
        self.table(400_000)
        backup = self.host.spawn("backup", "full")
        self.host.until(lambda: any(
            name.name != "backup.history" and name.is_dir()
            for name in self.host.home.glob("repository/backup/dental/*")))
        self.host.kill(backup)
        said = self.host.agent("backup", "full")
        self.assertIn("was killed", said)
        self.assertTrue(any(key.endswith("/killed.json") for key in self.host.keys("journal")))
        self.assertEqual(self.host.status()["sets"], 1)

    def test_a_server_that_is_down_is_a_clear_failure(self) -> None:
        self.host.stop()
        self.assertIn("PostgreSQL was not reached", self.host.agent("backup", "full", code=1))
        self.assertTrue(any(key.endswith("/failed.json") for key in self.host.keys("journal")))

    def test_a_wrong_password_is_a_clear_failure(self) -> None:
        hba = self.host.home / "data/pg_hba.conf"
        hba.write_text("local all all scram-sha-256\n")
        self.host.stop()
        self.host.start()
        self.assertIn("password", self.host.agent("backup", "logical", code=1))

    def test_a_full_disk_fails_the_run_and_harms_no_backup(self) -> None:
        self.host.agent("backup", "full")
        self.table(200_000)
        done = self.host.run(["bash", "-c", f"ulimit -f 64; exec {self.host.agent_path} backup full"], check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(self.host.status()["sets"], 1)
        self.host.agent("backup", "full")

    def test_a_clock_that_jumps_ahead_deletes_nothing(self) -> None:
        self.host.agent("backup", "full")
        self.assertIn("nothing expires", self.host.agent("expire", "--dry-run", clock="+400d"))

    def test_a_dump_that_fails_leaves_nothing_that_looks_like_one(self) -> None:
        self.table()
        path = self.host.sql("checkpoint; select pg_relation_filepath('visits')")
        self.host.stop()
        (self.host.home / "data" / path).unlink()
        self.host.start()
        self.assertIn("could not open file", self.host.agent("backup", "logical", code=1))
        self.assertEqual(self.host.status()["dumps"], 0)
        self.assertEqual(list(self.host.home.glob("repository/logical/*")), [])

    def test_a_restore_that_runs_is_not_taken_for_killed(self) -> None:
        run = self.host.home / "state/runs/20260101T000000000Z-restore"
        record = '{"schema": 1, "job": "restore", "started": "2026-01-01T00:00:00Z"}'
        self.host.run(["bash", "-c", f"mkdir {run} && echo '{record}' > {run}/run.json && touch {self.host.home}/state/restore.lock"])
        with open(self.host.home / "state/restore.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.host.agent("backup", "full")
            self.assertFalse((run / "end.json").exists())
        self.assertIn("was killed", self.host.agent("backup", "diff"))
        self.assertTrue((run / "end.json").exists())

    def test_root_is_sent_to_the_servers_user(self) -> None:
        if not self.host.who:
            self.skipTest("this is root's")
        done = subprocess.run([self.host.agent_path, "status"], env=self.host.env, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("sudo -u postgres", done.stderr)
