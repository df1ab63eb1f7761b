"""`python -m host.bench`: sonae-agent beside the seed's pg_dump and beside bare pgBackRest, on a database of 1 GiB and more."""

import contextlib
import fcntl
import os
import platform
import re
import shutil
import sys
import threading
import time
from pathlib import Path

from . import user
from .loss import Loss, lose
from .measure import Cost, measure, middle, size
from .stage import Stage

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
SCALE = int(os.environ.get("BENCH_SCALE", "100"))
PAGE = Path("docs/benchmarks-host.md")
MEBI = 1024 * 1024
VISITS = """create table visits as select n id, n % 5000 patient, now() - n * interval '1 minute' as at,
    md5(random()::text) || md5(random()::text) || md5(random()::text) as note from generate_series(1, {rows}) n;
    alter table visits add primary key (id); create index on visits (patient, at)"""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, host: Stage) -> None:
        self.host, self.costs = host, {}
        self.postmaster = int((host.home / "data/postmaster.pid").read_text().split()[0])

    def note(self, name: str, cost: Cost) -> None:
        say(f"  {name}: {cost.wall:.1f} s, {cost.cpu:.1f} s of processors, {cost.rss:.0f} MiB, {cost.stored / MEBI:.0f} MiB kept")
        self.costs.setdefault(name, []).append(cost)

    def fill(self) -> int:
        self.host.run([f"{user.BIN}/createdb", "-h", self.host.home, "-p", self.host.port, "-U", "postgres", "bench"])
        self.host.run([f"{user.BIN}/pgbench", "-i", "-q", "--foreign-keys", "-s", SCALE, "-h", self.host.home, "-p", self.host.port,
                       "-U", "postgres", "bench"])
        # Half of what a real database holds does not compress like pgbench's blanks.
        self.host.sql(VISITS.format(rows=SCALE * 20_000), database="bench")
        self.host.sql("vacuum analyze visits", database="bench")
        self.host.sql("checkpoint")
        return int(self.host.sql("select pg_database_size('bench')"))

    # ---- Backups

    def seed_backup(self) -> None:
        dump = self.host.home / "seed.dump"
        dump.unlink(missing_ok=True)
        at = ["-h", self.host.home, "-p", self.host.port, "-U", "postgres"]
        cost = measure(self.host, [f"{user.BIN}/pg_dump", *at, "-Fc", "-Z9", "-f", dump, "bench"], self.postmaster)
        cost.stored = size(dump)
        self.note("seed: pg_dump -Z9", cost)
        self.host.s3.upload_file(str(dump), "dental-backups", "seed.dump")

    def bare_backup(self) -> None:
        cost = measure(self.host, [*self.bare(), "--type=full", "backup"], self.postmaster)
        cost.stored = self.newest_set()
        self.note("bare pgBackRest: full", cost)

    def agent_backup(self) -> None:
        """As it is where `mirror --watch` runs, which holds the mirror's lock and takes the backup along by itself."""
        with self.mirror_elsewhere():
            cost = measure(self.host, [self.host.agent_path, "backup", "full"], self.postmaster)
        cost.stored = self.newest_set()
        self.note("agent: backup full", cost)

    def mirror(self) -> None:
        before = sum(self.host.keys().values())
        cost = measure(self.host, [self.host.agent_path, "mirror"])
        cost.stored = sum(self.host.keys().values()) - before
        self.note("agent: mirror, four full backups", cost)

    @contextlib.contextmanager
    def mirror_elsewhere(self):
        self.host.run(["touch", self.host.home / "state/mirror.lock"])
        with open(self.host.home / "state/mirror.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def bare(self) -> list:
        return ["pgbackrest", f"--config={self.host.home}/state/pgbackrest.conf", "--stanza=dental"]

    def newest_set(self) -> int:
        return size(max(self.host.home.glob("repository/backup/dental/2*F")))

    # ---- Restores, each to a server that takes commits

    def seed_restore(self) -> None:
        """Into a new server without archiving, which is kind to it."""
        data, port = self.host.home / "seed-data", 54390
        self.host.run([f"{user.BIN}/initdb", "-k", "-A", "trust", "-U", "postgres", "-D", data])
        self.start(data, port)
        at = ["-h", self.host.home, "-p", port, "-U", "postgres"]
        self.host.run([f"{user.BIN}/createdb", *at, "bench"])
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        begun = time.monotonic()
        self.host.s3.download_file("dental-backups", "seed.dump", str(self.host.home / "seed.fetched"))
        self.note("seed: the dump from S3", Cost(time.monotonic() - begun, 0, 0, size(self.host.home / "seed.fetched")))
        self.note("seed: pg_restore", measure(self.host, [f"{user.BIN}/pg_restore", *at, "-d", "bench",
                                                         self.host.home / "seed.dump"], postmaster))
        self.gone(data, port)

    def bare_restore(self) -> None:
        data, port = self.host.home / "bare-data", 54391
        begun = time.monotonic()
        cost = measure(self.host, [*self.bare(), f"--pg1-path={data}", "restore"])
        self.start(data, port, wait=False)
        self.host.until(lambda: self.serves(port), 300, 0.02)
        cost.wall = time.monotonic() - begun
        self.note("bare pgBackRest: restore", cost)
        self.gone(data, port)

    def agent_restore(self, source: str) -> None:
        data, port = self.host.home / f"agent-{source}", 54392
        command = [self.host.agent_path, "restore", "--from", source, "--to", data, "--port", port]
        serving = threading.Thread(target=self.host.until, args=(lambda: self.serves(port), 300, 0.02))
        serving.start()
        cost = measure(self.host, command, until=serving)
        self.note(f"agent: restore --from {source}", cost)
        self.gone(data, port)

    def start(self, data: Path, port: int, wait: bool = True) -> None:
        options = f"-c port={port} -c unix_socket_directories='{self.host.home}' -c listen_addresses='' -c archive_mode=off"
        self.host.run([f"{user.BIN}/pg_ctl", "start", "-w" if wait else "-W", "-s", "-D", data, "-l",
                       self.host.home / "bench.log", "-o", options])

    def serves(self, port: int) -> bool:
        if not (self.host.home / f".s.PGSQL.{port}").exists():
            return False
        psql = [f"{user.BIN}/psql", "-h", self.host.home, "-p", port, "-U", "postgres", "-XAtqc", "select pg_is_in_recovery()"]
        return self.host.run(psql, check=False).stdout.strip() == "f"

    def gone(self, data: Path, port: int) -> None:
        """What was restored holds the same rows, and takes no room any more."""
        rows = self.host.sql("select count(*) from pgbench_accounts", port, "bench")
        assert rows == str(SCALE * 100_000), f"{rows} rows"
        self.host.run([f"{user.BIN}/pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", data])
        shutil.rmtree(data)


def main() -> int:
    with Stage(os.environ["SONAE_AGENT"]) as host:
        host.ready()
        bench = Bench(host)
        bytes_ = bench.fill()
        assert bytes_ >= 1 << 30 or "BENCH_SCALE" in os.environ, f"{bytes_} bytes are less than 1 GiB"
        say(f"a database of {bytes_ / MEBI:.0f} MiB, {RUNS} runs")
        for run in range(RUNS):
            say(f"run {run + 1}")
            # There and back: what changes with time meets both alike.
            pair = [bench.bare_backup, bench.agent_backup]
            for step in [bench.seed_backup, *pair, *reversed(pair), bench.mirror, bench.seed_restore, bench.bare_restore]:
                step()
            bench.agent_restore("local")
            bench.agent_restore("s3")
        losses = [lose(host, n, say) for n in range(RUNS)]
    text, missed = report(bytes_, {name: middle(costs) for name, costs in bench.costs.items()}, losses)
    publish(text)
    for line in missed:
        say(f"MISSED {line}")
    return len(missed) > 0


def goals(costs: dict[str, Cost], losses: list[Loss]) -> list[tuple[str, float, float, bool]]:
    """Each with what was found, what is asked, and whether that is the least or the most."""
    of_seed = costs["seed: pg_restore"].wall
    from_s3 = costs["seed: the dump from S3"].wall + of_seed
    return [
        ("restore, local, beside pg_restore", of_seed / costs["agent: restore --from local"].wall, 6, True),
        ("restore, S3, beside pg_restore", from_s3 / costs["agent: restore --from s3"].wall, 6, True),
        ("backup, beside bare pgBackRest", costs["agent: backup full"].wall / costs["bare pgBackRest: full"].wall, 1.1, False),
        ("lost after kill -9, worst of the runs, seconds", max(loss.seconds for loss in losses), 60, False),
    ]


def report(bytes_: int, costs: dict[str, Cost], losses: list[Loss]) -> tuple[str, list[str]]:
    lines = [f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors, {platform.machine()}, PostgreSQL 15, pgBackRest 2.45, a "
             f"database of {bytes_ / MEBI:.0f} MiB, medians of {RUNS} runs.", "",
             "| what | seconds | of processors | largest process, MiB | kept, MiB |", "|---|---:|---:|---:|---:|"]
    for name, cost in costs.items():
        kept = f"{cost.stored / MEBI:.0f}" if cost.stored else "-"
        lines.append(f"| {name} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.rss:.0f} | {kept} |")
    lines += ["", "| goal | found | asked | |", "|---|---:|---:|---|"]
    missed = []
    for name, found, asked, least in goals(costs, losses):
        held = found >= asked if least else found <= asked
        missed += [] if held else [f"{name}: {found:.2f}, asked {asked}"]
        lines.append(f"| {name} | {found:.2f} | {'>=' if least else '<='} {asked} | {'held' if held else '**missed**'} |")
    times = costs["seed: pg_dump -Z9"].wall / costs["agent: backup full"].wall
    lines += ["", f"kill -9 of server and agent, the disk gone, restored from S3: lost {', '.join(str(loss) for loss in losses)} of a "
              "writer that commits every 50 ms. The seed's daily dump loses up to a day.",
              f"The dump takes {times:.1f} times as long as the agent's full backup."]
    return "\n".join(lines) + "\n", missed


def publish(text: str) -> None:
    page = PAGE.read_text()
    PAGE.write_text(re.sub(r"(<!-- measured -->\n).*(<!-- /measured -->)", lambda found: found[1] + text + found[2], page, flags=re.S))
    print(text)


if __name__ == "__main__":
    sys.exit(main())
