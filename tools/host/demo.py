"""`python -m host.demo`: a backup, a table dropped, the second before restored, and S3 taken away for a minute."""

import os
import sys
import time

from .stage import Stage

OUTAGE = float(os.environ.get("OUTAGE", "60"))


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    begun = time.monotonic()
    with Stage(os.environ["SONAE_AGENT"], language=os.environ.get("NOTICE_LANG", "ja")) as host:
        say("== a real PostgreSQL, a real pgBackRest, S3 by moto: `sonae-agent init --yes`, a restart, and again")
        host.ready()
        host.sql("create table visits as select n, md5(n::text) note from generate_series(1, 200000) n")
        with host.watching():
            say("== sonae-agent due")
            say(host.agent("due").strip())
            host.sql("insert into visits select n, 'after the full backup' from generate_series(200001, 200100) n")
            say("== sonae-agent backup diff")
            say(host.agent("backup", "diff").strip())
            host.sql("insert into visits values (200101, 'only in the log')")
            time.sleep(1.1)
            moment = host.sql("select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
            time.sleep(1.1)
            before = host.sql("select count(*) from visits")
            say(f"== {before} rows in `visits`; at {moment} and a second it is dropped")
            host.sql("drop table visits")
            name = host.switch()
            host.until(lambda: any(name in key for key in host.keys()))
            for n, source in enumerate(("local", "s3")):
                say(f"== sonae-agent restore --target {moment} --from {source}")
                port = 54380 + n
                said = host.agent("restore", "--target", moment, "--from", source, "--to", f"{host.home}/{source}",
                                  "--port", str(port))
                rows = host.sql("select count(*) from visits", port)
                say(f"{said.strip()}\n   {rows} rows in `visits` again")
                assert rows == before, f"{rows} rows, not {before}"
            outage(host)
            host.until(lambda: not host.status()["problems"], 120)
            say("== sonae-agent status")
            say(host.agent("status").strip())
    say(f"== all of it held, {time.monotonic() - begun:.0f} s")


def outage(host: Stage) -> None:
    say(f"== S3 is gone for {OUTAGE:.0f} s")
    host.way.set("refused")
    end, names = time.monotonic() + OUTAGE, []
    while time.monotonic() < end:
        host.sql("create table if not exists outage (n int)")
        host.sql("insert into outage values (1)")
        names.append(host.switch())
        time.sleep(min(10, OUTAGE / 3))
    failed = host.sql("select failed_count from pg_stat_archiver")
    say(f"   {len(names)} segments archived meanwhile, {failed} failed; in the bucket: "
        f"{sum(any(name in key for key in host.keys()) for name in names)}")
    host.way.set("open")
    back = time.monotonic()
    host.until(lambda: all(any(name in key for key in host.keys()) for name in names), 120)
    say(f"   S3 is back: all {len(names)} are in the bucket {time.monotonic() - back:.1f} s later")


if __name__ == "__main__":
    sys.exit(main())
