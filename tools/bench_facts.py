"""What `make bench` prints beside its figures, as JSON: the machine, the versions, and the size of what is deployed.

usage: bench_facts.py <folder of the release binaries>
"""

import datetime
import importlib.metadata as metadata
import io
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from functions import FUNCTIONS, ROOT, zip_function

TWINS = ROOT / "bench"
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


def main():
    built = Path(sys.argv[1])
    zips, origin = zips_of_rust(built)
    alone, bundled = len(zip_of(twins())), len(zip_of({**twins(), **bundle("boto3")}))
    sizes = {name: {"rust": size, "python": bundled, "python_alone": alone} for name, size in zips.items()}
    print(json.dumps({"date": f"{datetime.date.today()}", "machine": machine(), "zips": sizes, "zips_from": origin}))


def zips_of_rust(built):
    """Those of `make package`, else of the same profile's binaries for this machine."""
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    packed = {name: ROOT / f"dist/{name}-{architecture}.zip" for name in FUNCTIONS}
    if all(file.exists() for file in packed.values()):
        return {name: file.stat().st_size for name, file in packed.items()}, f"`make package`, {architecture}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bootstrap.zip"
        sizes = {}
        for name in FUNCTIONS:
            zip_function(file, built / name)
            sizes[name] = file.stat().st_size
    return sizes, f"of the release binaries for this machine, {architecture}; `make package` had not been run"


# ---- The twins' zips


def twins():
    """Both handlers and what they share lie in one zip, as is usual."""
    return {file.name: file.read_bytes() for file in sorted(TWINS.glob("*.py"))}


def bundle(package):
    """The files that `pip install --target` puts beside a handler, without bytecode."""
    files = {}
    for name in closure(package):
        for file in metadata.files(name):
            if file.suffix != ".pyc" and ".." not in file.parts:
                files[str(file)] = file.read_binary()
    return files


def closure(package):
    """The package and all that it requires, which for boto3 is never conditional."""
    found, waiting = set(), [package]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            needed = [line for line in metadata.requires(name) or [] if ";" not in line]
            # `urllib3` of `urllib3!=2.2.0,<3`
            waiting += [re.match(r"[\w.-]+", line).group() for line in needed]
    return sorted(found)


def zip_of(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    return packed.getvalue()


# ---- The machine


def machine():
    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    rustc = subprocess.run(["rustc", "--version"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    versions = [(name, metadata.version(name)) for name in ("boto3", "botocore", "awslambdaric")]
    return [
        ("processor", f"{field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, {platform.machine()}"),
        ("memory", f"{memory:.0f} GiB"),
        ("kernel", f"Linux {'.'.join(platform.release().split('.')[:2])}"),
        ("Rust", rustc.split()[1]),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        *versions,
    ]


def field(file, name):
    """The first value of a name in one of Linux's lists."""
    lines = Path(file).read_text().splitlines()
    found = (line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() == name)
    return next(found, "unknown")


if __name__ == "__main__":
    main()
