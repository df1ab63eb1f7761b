"""What must hold of restores."""

import time

from . import user
from .case import Host


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
        self.assertIn("was not put by this agent", self.host.agent("verify", code=1))
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
