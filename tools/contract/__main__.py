"""Plays the script on moto and on the embedded cloud and holds the two to the list of differences.

`--table` writes that list into docs/contract.md instead. docs/contract.md says how to read what this prints.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import stagehand
from contract import clouds, differences, page, product
from contract.differences import Difference, Said
from contract.outcome import play
from contract.script import SCRIPT

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / ".aws-sam/contract"
EMBEDDED = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug/embedded"
LIST, PAGE = ROOT / "tests/data/contract.toml", ROOT / "docs/contract.md"


def main() -> None:
    listed = differences.load(LIST)
    if sys.argv[1:] == ["--table"]:
        return page.write(PAGE, listed)
    began = time.monotonic()
    stagehand.forget_owner()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        said = compare()
    except stagehand.Failed as problem:
        sys.exit(f"FAILED: {problem}\nlogs: {OUT.relative_to(ROOT)}/*.log")
    problems = [*at_rest(listed), *differences.unlisted(said, listed), *differences.gone(said, listed)]
    for failure in problems:
        print(f"FAILED: {failure}")
    count(said, listed, problems, time.monotonic() - began)
    sys.exit(1 if problems else 0)


def at_rest(listed: list[Difference]) -> list[str]:
    """What is wrong without any call."""
    found = [problem for one in listed for problem in one.problems()]
    found += product.omissions(ROOT / "crates/cloud/src")
    names = [step.name for step in SCRIPT]
    found += [f"two steps are called `{name}`" for name in sorted(set(names)) if names.count(name) > 1]
    if not page.is_current(PAGE, listed):
        found.append("docs/contract.md has another table than tests/data/contract.toml: make contract-table")
    return found


def compare() -> Said:
    """All steps on both sides: what differs, by step and field."""
    OUT.mkdir(parents=True, exist_ok=True)
    children: list[subprocess.Popen] = []
    try:
        night = clouds.tonight()
        moto = clouds.start_moto(children, OUT, night)
        model = clouds.start_model(children, OUT, night, EMBEDDED)
        said: Said = {}
        for step in SCRIPT:
            ours = play(step, model)
            found = play(step, moto).differs(ours)
            said |= {(step.name, field): pair for field, pair in found.items()}
            print(f"{'differs' if found else 'equal':<8} {step.op:<30} {step.name:<34} {ours.answer}", flush=True)
        return said
    finally:
        stagehand.stop(children)


def count(said: Said, listed: list[Difference], problems: list[str], seconds: float) -> None:
    differing = len({step for step, _ in said})
    rows = {"steps": len(SCRIPT), "equal": len(SCRIPT) - differing, "differing": differing,
            "differences listed": len(listed), "of these open": sum(one.right == "open" for one in listed),
            "problems": len(problems), "seconds": round(seconds)}
    for name, number in rows.items():
        print(f"{name:<20}{number:>5}")


if __name__ == "__main__":
    main()
