"""`make package`: dist/, with what is deployed on either processor, bills of materials and checksums, all checked."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import elf
from functions import FUNCTIONS, ROOT, TARGETS, TEMPLATES, pack

DIST = ROOT / "dist"
SUMS = DIST / "SHA256SUMS"
LIMIT = 4_000_000  # bytes of a zip: what Lambda fetches before a cold start
GLIBC = (2, 34)  # of Amazon Linux 2023, the runtime provided.al2023
BOM = "sonae-bom"


class Bad(Exception):
    """What is wrong with what was made."""


def main():
    try:
        make()
        for architecture in TARGETS:
            check_templates(architecture)
            check_boms(architecture)
        check_sums()
        check_zips()
    except (Bad, LookupError) as problem:
        sys.exit(f"dist is not fit to be deployed: {problem}")
    except subprocess.CalledProcessError as failed:
        said = (failed.stdout or "") + (failed.stderr or "")
        sys.exit(f"`{' '.join(failed.cmd[:3])}` failed: {said or 'see above'}")


def make():
    """From nothing, so that dist holds nothing of an earlier version."""
    shutil.rmtree(DIST, ignore_errors=True)
    for architecture in TARGETS:
        pack(DIST, architecture)
        write_boms(architecture)
    lines = [f"{digest(file)}  {file.relative_to(DIST)}\n" for file in files()]
    SUMS.write_text("".join(lines))


def files():
    return sorted(file for file in DIST.rglob("*") if file.is_file() and file != SUMS)


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


# ---- Bills of materials


def write_boms(architecture):
    """cargo-cyclonedx writes beside every manifest; the functions' bills are kept, without this folder's name."""
    tool = str(ROOT / ".tools/bin/cargo-cyclonedx")
    argv = [tool, "cyclonedx", "--format", "json", "--spec-version", "1.5", "--no-build-deps", "--quiet"]
    try:
        subprocess.run([*argv, "--target", TARGETS[architecture], "--override-filename", BOM], cwd=ROOT, check=True,
                       env={**os.environ, "SOURCE_DATE_EPOCH": committed()})
        for function in FUNCTIONS:
            text = (ROOT / f"crates/{function}/{BOM}.json").read_text()
            bom_of(function, architecture).write_text(text.replace(f"file://{ROOT}/", "file:///"))
    finally:
        for written in (*ROOT.glob(f"crates/*/{BOM}.json"), *ROOT.glob(f"tests/{BOM}.json")):
            written.unlink()


def bom_of(function, architecture):
    return DIST / f"{function}-{architecture}.cdx.json"


def committed():
    """The commit's time as that of the bill, so that the same commit gives the same bill."""
    shown = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    return shown.stdout.strip() or "0"  # a source archive has no history


# ---- What must hold


def check_zips():
    print(f"\n{'zip':<20} {'bytes':>9} {'of 4 MB':>7}  {'processor':<9} glibc")
    large = []
    for architecture in TARGETS:
        for function in FUNCTIONS:
            file = DIST / f"{function}-{architecture}.zip"
            size, version = file.stat().st_size, check_binary(file.name, bootstrap(file), architecture)
            print(f"{file.name:<20} {size:>9} {size / LIMIT:>7.1%}  {architecture:<9} {version}")
            large += [file.name] if size > LIMIT else []
    hold(not large, f"{', '.join(large)}: more than {LIMIT} bytes")


def bootstrap(file):
    """The one file of the zip, which Lambda must be able to execute."""
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        hold([entry.filename for entry in entries] == ["bootstrap"], f"{file.name} must hold `bootstrap` alone")
        hold(entries[0].external_attr >> 16 & 0o777 == 0o755, f"`bootstrap` of {file.name} must have mode 0755")
        return archive.read(entries[0])


def check_binary(name, binary, architecture):
    hold(binary.startswith(elf.MAGIC), f"`bootstrap` of {name} must be a 64-bit ELF file; it begins with {binary[:6]}")
    machine, glibc = elf.machine(binary), elf.glibc(binary)
    hold(machine == architecture, f"`bootstrap` of {name} must be for {architecture}; it is for {machine}")
    hold(glibc <= GLIBC, f"`bootstrap` of {name} needs glibc {dotted(glibc)}; the runtime has {dotted(GLIBC)}")
    return dotted(glibc)


def dotted(version):
    return ".".join(map(str, version))


def check_templates(architecture):
    """Each is valid as SAM, and every file it points to is there."""
    for name in TEMPLATES:
        file = DIST / name.replace(".yaml", f"-{architecture}.yaml")
        uris = re.findall(r"(?:Code|Content)Uri: (\S+)", file.read_text())
        missing = [uri for uri in uris if not (DIST / uri).exists()]
        hold(uris and not missing, f"{file.name} points to {missing or 'nothing'}")
        argv = ["sam", "validate", "--lint", "--template", str(file)]
        subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True)
    print(f"templates of {architecture} are valid")


def check_boms(architecture):
    """The bill has the crates that both functions stand on, and none that only the tests use."""
    for function in FUNCTIONS:
        text = bom_of(function, architecture).read_text()
        bom = json.loads(text)
        names = {component["name"] for component in bom["components"]}
        written = bom["bomFormat"], bom["specVersion"]
        hold(written == ("CycloneDX", "1.5"), f"the bill of {function} must be CycloneDX 1.5, not {written}")
        hold({"cloud", "domain", "lambda_runtime"} <= names, f"the bill of {function} lacks what it is built from")
        hold(not {"local", "model", "proptest", "insta"} & names, f"the bill of {function} has crates of the tests")
        hold(str(ROOT) not in text, f"the bill of {function} names this machine's folder")
        print(f"{bom_of(function, architecture).name}: {len(bom['components'])} crates")


def check_sums():
    listed = dict(reversed(line.split("  ", 1)) for line in SUMS.read_text().splitlines())
    found = {str(file.relative_to(DIST)): digest(file) for file in files()}
    hold(listed == found, "SHA256SUMS does not fit the files beside it")
    print(f"SHA256SUMS: {len(found)} files")


def hold(truth, what):
    if not truth:
        raise Bad(what)


if __name__ == "__main__":
    main()
