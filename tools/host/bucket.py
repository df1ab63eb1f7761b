"""What must hold of the mirror in the bucket."""

import os
import time

from .case import Host


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

    def test_an_object_that_goes_in_parts_is_compared_as_a_whole(self) -> None:
        self.host.sql("create table scans as select s.n, (select string_agg(decode(md5(random()::text || s.n || i.n), 'hex'), '')"
                      " from generate_series(1, 4000) i(n)) picture from generate_series(1, 1300) s(n)")
        self.host.agent("backup", "full")
        key, size = max(self.host.keys().items(), key=lambda item: item[1])
        self.assertGreater(size, 64 * 1024 * 1024)
        self.assertIn("held against the bucket", self.host.agent("verify"))
        body = bytearray(self.host.s3.get_object(Bucket="dental-backups", Key=key)["Body"].read())
        body[len(body) // 2] ^= 255
        self.host.s3.put_object(Bucket="dental-backups", Key=key, Body=bytes(body), ChecksumAlgorithm="SHA256")
        self.assertIn("is another one in the bucket", self.host.agent("verify", code=1))

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
