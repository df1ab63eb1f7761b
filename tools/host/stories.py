"""What must hold on a host, each on a host of its own."""

import fcntl
import json
import os
import subprocess
import time
import unittest
from pathlib import Path

from . import user
from .stage import Stage

AGENT = os.environ["SONAE_AGENT"]


class Host(unittest.TestCase):
    more = ""

    def setUp(self) -> None:
        self.host = Stage(AGENT, self.more)
        self.addCleanup(self.host.__exit__)
        self.host.ready()

    def table(self, rows: int = 1000) -> None:
        self.host.sql(f"create table visits as select n, md5(n::text) note from generate_series(1, {rows}) n")

    def moment(self) -> str:
        """A moment after all that was committed and before all that will be."""
        time.sleep(1.1)
        now = self.host.sql("select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
        time.sleep(1.1)
        return now

    def rows(self, port: int | None = None) -> str:
        return self.host.sql("select count(*) from visits", port)

    def restore(self, *args: str, code: int = 0) -> str:
        to = ["--to", f"{self.host.home}/restored", "--port", "54399"] if "--to" not in args else []
        return self.host.agent("restore", *to, *args, code=code)


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


class Bucket(Host):
    def test_story_32_a_gap_and_an_age_are_two_findings(self) -> None:
        self.table()
        self.host.agent("backup", "full")
        names = [self.host.switch() for _ in range(3) if self.host.sql("insert into visits values (0, '')") is not None]
        hole = next(self.host.home.glob(f"repository/archive/dental/*/*/{names[1]}-*"))
        hole.unlink()
        said = self.host.agent("verify", code=1)
        self.assertIn(f"segment `{names[1]}`", said)
        self.assertIn("nothing mirrors", self.host.agent("status", code=4))

    def test_a_segment_is_in_the_bucket_within_seconds(self) -> None:
        self.host.agent("backup", "full")
        with self.host.watching():
            self.host.until(lambda: self.host.status()["lag"] is not None)
            name = self.host.switch()
            begun = time.monotonic()
            self.host.until(lambda: any(name in key for key in self.host.keys()), 10)
            self.assertLess(time.monotonic() - begun, 10)
            self.host.until(lambda: (self.host.status()["lag"] or {}).get("seconds") is not None)

    def test_an_outage_of_s3_leaves_archiving_unharmed_and_loses_nothing(self) -> None:
        for state in ("refused", "plugged"):
            with self.subTest(state):
                self.host.agent("backup", "full")
                with self.host.watching():
                    self.host.until(lambda: self.host.status()["lag"] is not None)
                    self.host.way.set(state)
                    names = []
                    for n in range(3):
                        self.host.sql(f"create table t{state}{n} (n int)")
                        names.append(self.host.switch())
                    self.assertFalse(any(names[2] in key for key in self.host.keys()))
                    self.host.way.set("open")
                    self.host.until(lambda: all(any(n in key for key in self.host.keys()) for n in names), 90)

    def test_what_is_not_told_in_an_outage_is_told_after_it(self) -> None:
        self.host.way.set("refused")
        self.assertIn("not in the bucket yet", self.host.agent("backup", "full"))
        self.assertEqual(len(os.listdir(self.host.home / "state/outbox")), 4)
        self.host.way.set("open")
        self.host.agent("backup", "diff")
        self.assertEqual(os.listdir(self.host.home / "state/outbox"), [])
        self.assertEqual(len([key for key in self.host.keys("journal") if key.endswith("-full/succeeded.json")]), 1)
        self.assertEqual(len([key for key in self.host.keys("journal") if key.endswith("succeeded.json")]), 4)

    def test_kill_9_in_a_mirror_leaves_nothing_listed_that_is_not_there(self) -> None:
        self.host.way.set("refused")
        self.table(300_000)
        self.host.agent("backup", "full")
        self.host.way.set("open")
        mirror = self.host.spawn("mirror")
        self.host.until(lambda: len(self.host.keys()) > 0)
        self.host.kill(mirror)
        if "dental/backup/dental/backup.info" in self.host.keys():
            self.restore("--from", "s3")
        self.assertIn("the bucket has", self.host.agent("mirror"))
        self.restore("--from", "s3", "--to", f"{self.host.home}/after", "--port", "54398")

    def test_a_lost_repository_takes_nothing_with_it(self) -> None:
        self.host.agent("backup", "full")
        before = self.host.keys()
        for part in ("archive", "backup"):
            (self.host.home / f"repository/{part}").rename(self.host.home / f"lost-{part}")
        self.host.agent("init", "--yes")
        self.assertIn("nothing that lists them was written over", self.host.agent("mirror", code=4))
        info = "dental/backup/dental/backup.info"
        self.assertEqual(self.host.keys()[info], before[info])

    def test_an_expiry_that_was_cut_off_takes_nothing_that_stands(self) -> None:
        self.host.agent("backup", "full")
        label = self.host.status()["newest"]["label"]
        gone = self.host.home / "state/gone/20260101T000000000Z.json"
        record = f'{{"owners": ["{label}"], "segments": []}}'
        self.host.run(["bash", "-c", f"echo '{record}' > {gone}"])
        before = {key for key in self.host.keys() if label in key}
        self.host.agent("mirror")
        self.assertEqual({key for key in self.host.keys() if label in key}, before)
        self.assertTrue(gone.exists(), "it goes once the set has gone here")

    def test_what_expires_here_goes_there_and_nothing_else(self) -> None:
        for _ in range(5):
            self.host.agent("backup", "full")
        self.assertIn("nothing is past its keeping", self.host.agent("expire", "--dry-run"))
        # A day and more later, of full backups that are kept a day, the floor is left.
        policy = self.host.home / "policy.toml"
        policy.write_text(policy.read_text() + 'full = { at = "02:00", keep = "1 day" }\n'
                          'differential = { every = "6 h", keep = "1 day" }\nwal = { keep = "1 day" }\n')
        said = self.host.agent("expire", clock="+30h")
        self.assertIn("past its keeping", said)
        self.host.agent("mirror")
        labels = {key.split("/")[3] for key in self.host.keys() if key.endswith("/backup.manifest")}
        self.assertEqual(len(labels), 3)
        self.assertEqual(self.host.status()["sets"], 3)
        self.host.agent("verify")


class Restores(Host):
    def test_to_the_second_before_a_table_was_dropped_from_either_source(self) -> None:
        self.table()
        self.host.agent("backup", "full")
        self.host.sql("insert into visits values (0, 'kept')")
        moment = self.moment()
        self.host.sql("drop table visits")
        self.host.switch()
        self.host.agent("mirror")
        for n, source in enumerate(("local", "s3")):
            said = self.host.agent("restore", "--target", moment, "--from", source, "--to",
                                   f"{self.host.home}/{source}", "--port", str(54390 + n))
            self.assertIn("within the 30 min", said)
            self.assertEqual(self.rows(54390 + n), "1001")
            self.assertEqual(self.host.sql("show archive_mode", 54390 + n), "off")

    def test_before_the_first_and_after_the_last_commit(self) -> None:
        first = self.moment()
        self.table()
        self.host.agent("backup", "full")
        self.host.switch()
        self.assertIn("is before the first moment", self.restore("--target", first, code=1))
        self.assertIn("has not come yet", self.restore("--target", "2999-01-01T00:00:00Z", code=1))
        self.assertIn("is no time", self.restore("--target", "yesterday", code=2))
        time.sleep(2)
        late = self.moment()
        self.assertIn("ends before the moment", self.restore("--target", late, "--from", "local", code=1))

    def test_a_damaged_local_repository_falls_back_to_the_bucket(self) -> None:
        self.table()
        self.host.agent("backup", "full")
        for bundle in self.host.home.glob("repository/backup/dental/2*F/bundle/*"):
            data = bytearray(bundle.read_bytes())
            data[len(data) // 2] ^= 255
            bundle.write_bytes(data)
        self.assertIn("invalid", self.host.agent("verify", code=1))
        self.restore()
        self.assertEqual(self.rows(54399), "1000")

    def test_a_damaged_object_is_a_clear_failure_and_the_host_restores(self) -> None:
        self.table()
        self.host.agent("backup", "full")
        key = next(key for key in self.host.keys() if "/bundle/" in key)
        body = bytearray(self.host.s3.get_object(Bucket="dental-backups", Key=key)["Body"].read())
        body[len(body) // 2] ^= 255
        self.host.s3.put_object(Bucket="dental-backups", Key=key, Body=bytes(body))
        self.assertIn("is another one in the bucket", self.host.agent("verify", code=1))
        self.assertIn("from S3", self.restore("--from", "s3", code=1))
        self.host.agent("restore", "--from", "local", "--to", f"{self.host.home}/other", "--port", "54398")
        self.assertEqual(self.rows(54398), "1000")

    def test_kill_9_in_a_restore_is_gone_on_with(self) -> None:
        self.table(400_000)
        self.host.agent("backup", "full")
        to = self.host.home / "restored"
        restore = self.host.spawn("restore", "--from", "s3", "--to", str(to), "--port", "54399")
        self.host.until(lambda: to.exists() and any(to.iterdir()), pause=0.005)
        self.host.kill(restore)
        self.assertTrue((self.host.home / "restored.restoring").exists(), "it was cut off")
        self.restore("--from", "s3")
        self.assertEqual(self.rows(54399), "400000")

    def log_after_a_backup(self) -> list:
        """Four segments after a backup, a row in each; the last row closes the last one."""
        self.table()
        self.host.agent("backup", "full")
        names = []
        for n in range(4):
            self.host.sql(f"insert into visits values ({n}, 'later')")
            names.append(self.host.switch())
        self.host.agent("mirror")
        return [next(self.host.home.glob(f"repository/archive/dental/*/*/{name}-*")) for name in names]

    def test_story_32_a_damaged_segment_is_no_end_of_the_log(self) -> None:
        segment = self.log_after_a_backup()[1]
        segment.write_bytes(segment.read_bytes()[:-20])
        said = self.restore("--from", "local", code=1)
        self.assertRegex(said, "a segment between is damaged|the restored server ended")
        self.restore("--to", f"{self.host.home}/whole", "--port", "54398")
        self.assertEqual(self.rows(54398), "1004")

    def test_story_32_a_missing_segment_is_no_end_of_the_log(self) -> None:
        segment = self.log_after_a_backup()[1]
        segment.unlink()
        self.assertIn("lacks though later ones are there", self.restore("--from", "local", code=1))
        self.restore("--to", f"{self.host.home}/whole", "--port", "54398")
        self.assertEqual(self.rows(54398), "1004")

    def test_in_place_stops_nothing_while_there_is_nothing_to_put_there(self) -> None:
        self.table()
        self.host.agent("backup", "full")
        self.host.agent("restore", "--in-place", "dental", "--target", "1999-01-01T00:00:00Z", code=1)
        self.assertEqual(self.rows(), "1000")

    def test_in_place_of_a_data_directory_that_is_no_longer_one(self) -> None:
        self.table()
        self.host.agent("backup", "full")
        self.host.stop()
        (self.host.home / "data/PG_VERSION").unlink()
        self.host.agent("restore", "--in-place", "dental")
        self.assertEqual(self.rows(), "1000")

    def test_a_server_whose_files_are_elsewhere_as_debian_has_them(self) -> None:
        self.host.stop()
        home = self.host.home
        self.host.run(["bash", "-c", f"mkdir -p {home}/etc/conf.d && mv {home}/data/postgresql.conf {home}/data/pg_hba.conf "
                       f"{home}/data/pg_ident.conf {home}/etc/ && echo \"work_mem = '7MB'\" > {home}/etc/conf.d/more.conf"])
        with open(home / "etc/postgresql.conf", "a") as conf:
            conf.write(f"data_directory = '{home}/data'\nhba_file = '{home}/etc/pg_hba.conf'\n"
                       f"ident_file = '{home}/etc/pg_ident.conf'\ninclude_dir = 'conf.d'\n")
        self.host.run([f"{user.BIN}/pg_ctl", "start", "-w", "-s", "-D", home / "etc", "-l", home / "server.log"])
        self.table()
        self.host.agent("backup", "full")
        for n, source in enumerate(("local", "s3")):
            self.restore("--from", source, "--to", f"{home}/{source}", "--port", str(54390 + n))
            self.assertEqual(self.rows(54390 + n), "1000")
            self.assertEqual(self.host.sql("show work_mem", 54390 + n), "7MB")

    def test_in_place_keeps_what_was_there(self) -> None:
        self.table()
        self.host.agent("backup", "full")
        self.assertIn("must be its id", self.host.agent("restore", "--in-place", "clinic", code=2))
        self.host.sql("drop table visits")
        self.host.agent("restore", "--in-place", "dental", "--set", self.host.status()["newest"]["label"])
        self.assertEqual(self.rows(), "1000")
        self.assertEqual(len(list(self.host.home.glob("data.damaged-*"))), 1)
        self.assertIn("archive_mode is off", self.host.agent("status", code=4))

    def test_a_directory_that_is_not_ours_is_left_alone(self) -> None:
        self.host.agent("backup", "full")
        other = self.host.home / "restored"
        self.host.run(["mkdir", other])
        self.host.run(["touch", other / "somebody's"])
        self.assertIn("not empty", self.restore(code=1))
        self.assertEqual([path.name for path in other.iterdir()], ["somebody's"])
