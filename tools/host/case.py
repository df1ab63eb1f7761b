"""A host of its own for each story."""

import os
import time
import unittest

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
