"""What is lost when a host is lost at once: nothing of it is left but the bucket."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from . import user
from .stage import Stage

TABLE = "create table if not exists writes (n bigint primary key, at timestamptz not null default clock_timestamp())"
NEXT = "insert into writes (n) select coalesce(max(n), 0) + 1 from writes"


@dataclass
class Loss:
    """Between the last commit that the writer was told of and the last one that came back."""

    rows: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.rows} rows, {self.seconds:.1f} s"


class Writer:
    """One session that commits a row every 50 ms until its server is gone."""

    def __init__(self, host: Stage) -> None:
        psql = [f"{user.BIN}/psql", "-h", host.home, "-p", host.port, "-U", "postgres", "-XAtq", "-v", "ON_ERROR_STOP=1"]
        self.session = subprocess.Popen([str(part) for part in psql], env=host.env, cwd=host.home, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **host.who)
        self.last: tuple[int, float] = (0, 0.0)
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        ask = f"{NEXT} returning n, extract(epoch from at);\n"
        try:
            while True:
                self.session.stdin.write(ask)
                self.session.stdin.flush()
                line = self.session.stdout.readline()
                if not line:
                    return
                number, at = line.strip().split("|")
                self.last = (int(number), float(at))
                time.sleep(0.05)
        except (BrokenPipeError, ValueError):
            return


def lose(host: Stage, run: int, say) -> Loss:
    host.sql(TABLE)
    host.agent("backup", "full")
    watch = host.spawn("mirror", "--watch")
    host.until(lambda: (host.status()["lag"] or {}).get("seconds") is not None, 300)
    writer = Writer(host)
    # Anywhere in the life of a segment, which closes after 30 seconds.
    time.sleep(random.Random(run).uniform(45, 75))
    postmaster = int((host.home / "data/postmaster.pid").read_text().split()[0])
    os.killpg(watch.pid, signal.SIGKILL)
    os.killpg(postmaster, signal.SIGKILL)
    watch.wait()
    writer.session.wait()
    host.until(lambda: not os.path.exists(f"/proc/{postmaster}"), 30)
    for part in ("data", "repository"):
        os.rename(host.home / part, host.home / f"lost-{part}")
    host.agent("restore", "--from", "s3", "--to", f"{host.home}/found", "--port", "54393")
    found = host.sql("select max(n), extract(epoch from max(at)) from writes", 54393).split("|")
    loss = Loss(writer.last[0] - int(found[0]), writer.last[1] - float(found[1]))
    say(f"  lost after kill -9: {loss}")
    host.run([f"{user.BIN}/pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", host.home / "found"])
    shutil.rmtree(host.home / "found")
    for part in ("data", "repository"):
        os.rename(host.home / f"lost-{part}", host.home / part)
    host.start()
    return loss
