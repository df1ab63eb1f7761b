"""What a command costs: its time, its processors' time with that of the server, its memory."""

import contextlib
import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """Seconds, seconds of processors (children's and the server's included), MiB of the largest process, bytes kept."""

    wall: float
    cpu: float
    rss: float
    stored: int = 0


def measure(host, command: list, server: int | None = None, until: threading.Thread | None = None) -> Cost:
    """Runs it as the server's user; a failure ends the benchmark. `until` ends the time sooner than the command does."""
    before, begun = server_seconds(server), time.monotonic()
    process = subprocess.Popen([str(part) for part in command], env=host.env, cwd=host.home, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, **host.who)
    peak = Peak(process.pid)
    if until:
        until.join()
        wall = time.monotonic() - begun
    said = process.stdout.read()  # to its end, or a full pipe would stop it
    _, status, usage = os.wait4(process.pid, 0)
    wall = wall if until else time.monotonic() - begun
    if status != 0:
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}: {said.decode(errors='replace')}")
    cpu = usage.ru_utime + usage.ru_stime + server_seconds(server) - before
    return Cost(wall, cpu, peak.end())


class Peak:
    """The most memory that one process of a group has had. What wait4 says of it counts the parent before the exec, too."""

    def __init__(self, group: int) -> None:
        self.group, self.most, self.over = group, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.over.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError, StopIteration):
                    if os.getpgid(int(process.name)) == self.group:
                        line = next(line for line in (process / "status").read_text().splitlines() if "VmHWM" in line)
                        self.most = max(self.most, int(line.split()[1]) / 1024)

    def end(self) -> float:
        self.over.set()
        self.thread.join()
        return self.most


def server_seconds(postmaster: int | None) -> float:
    """Of a server and of its sessions that have ended: a dump's work is half theirs."""
    if postmaster is None:
        return 0.0
    fields = Path(f"/proc/{postmaster}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def middle(costs: list[Cost]) -> Cost:
    """Each figure's median by itself."""
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "rss", "stored")))


def size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) if path.is_dir() else path.stat().st_size
