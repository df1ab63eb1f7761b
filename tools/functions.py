"""The functions as they are deployed: built with cargo-lambda and zig, zipped, and the templates on those zips."""

import re
import shutil
import stat
import struct
import subprocess
import zlib
from os import environ
from pathlib import Path

import deflate

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / environ.get("CARGO_TARGET_DIR", "target") / "package"
FUNCTIONS = ("react", "check", "sweep", "chat")
TEMPLATES = ("template.yaml", "template-dr.yaml")
NAME = b"bootstrap"
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}


def pack(folder, architecture):
    """Puts the zips and templates of one processor into the folder, and the policy they point to."""
    folder.mkdir(parents=True, exist_ok=True)
    for function, binary in build(architecture).items():
        zip_function(folder / f"{function}-{architecture}.zip", binary)
    for template in TEMPLATES:
        text = on_zips((ROOT / template).read_text(), architecture)
        (folder / template.replace(".yaml", f"-{architecture}.yaml")).write_text(text)
    pack_policy(folder)


def build(architecture):
    """Builds as `sam build` does; each function's binary."""
    add_target(TARGETS[architecture])
    folder = BUILT / architecture
    packages = [word for function in FUNCTIONS for word in ("--package", function)]
    argv = ["cargo", "lambda", "build", "--release", "--locked", f"--{architecture.replace('_', '-')}"]
    subprocess.run([*argv, "--bins", *packages, "--lambda-dir", str(folder)], cwd=ROOT, check=True)
    return {function: folder / function / "bootstrap" for function in FUNCTIONS}


def add_target(triple):
    """cargo-lambda would ask, and nobody may be there to answer."""
    shown = subprocess.run(["rustc", "--print", "target-libdir", "--target", triple], cwd=ROOT, check=True,
                           capture_output=True, text=True)
    if not Path(shown.stdout.strip()).is_dir():
        subprocess.run(["rustup", "target", "add", triple], cwd=ROOT, check=True)


def zip_function(file, binary):
    """The same binary gives the same zip: 1980-01-01, the earliest that a zip can say, and no owner."""
    content = binary.read_bytes()
    packed = deflate.deflate_compress(content, 12)  # 3 % less than zlib, which zipfile would take
    about = struct.pack("<4H3I2H", 0, 8, 0, 0x21, zlib.crc32(content), len(packed), len(content), len(NAME), 0)
    entry = struct.pack("<4sH", b"PK\3\4", 20) + about + NAME + packed
    mode = (stat.S_IFREG | 0o755) << 16
    made_on_unix = 3 << 8 | 20  # or the mode does not count
    directory = struct.pack("<4s2H", b"PK\1\2", made_on_unix, 20) + about
    directory += struct.pack("<3H2I", 0, 0, 0, mode, 0) + NAME
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(entry), 0)
    file.write_bytes(entry + directory + end)


def on_zips(template, architecture):
    """The template with prebuilt functions for this processor alone; comments and all else stay."""
    changes = [
        (r"CodeUri: crates/(\w+)", rf"CodeUri: \1-{architecture}.zip"),
        (r"\n    Metadata:\n      BuildMethod: rust-cargolambda", ""),
        (r"(  Architecture:\n    Type: String\n    Default: )\w+\n    AllowedValues: .*",
         rf"\g<1>{architecture}\n    AllowedValues: [{architecture}]"),
    ]
    for pattern, replacement in changes:
        template, count = re.subn(pattern, replacement, template)
        if count == 0:
            raise LookupError(f"no `{pattern}` in the template; tools/functions.py must follow it")
    return template


def pack_policy(folder):
    """A folder and no zip: it is the layer's ContentUri, which `sam deploy` zips, and a file that its owner edits."""
    shutil.copytree(ROOT / "policy", folder / "policy", dirs_exist_ok=True)
