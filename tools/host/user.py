"""PostgreSQL refuses to run as root: whoever is root becomes the user `postgres` for it."""

import os
import pwd
import shutil
import subprocess
import sys

LINE = "apt-get install postgresql pgbackrest faketime"
NEEDED = ("pgbackrest", "faketime")
BIN = "/usr/lib/postgresql/15/bin"


def install() -> None:
    """What lacks is installed by root, and named to anybody else."""
    if os.path.exists(f"{BIN}/initdb") and all(shutil.which(name) for name in NEEDED):
        return
    if os.geteuid() != 0:
        sys.exit(f"PostgreSQL 15, pgBackRest and faketime are needed; on Debian 12, as root: {LINE}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], [*LINE.split(), "-qq", "--yes"]):
        subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


def who() -> dict:
    """How a program is started as a user that is not root."""
    if os.geteuid() != 0:
        return {}
    found = pwd.getpwnam("postgres")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
