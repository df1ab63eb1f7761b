"""What the product asks of AWS, read out of its sources, so that no call and no field is left out of the script."""

import re
from pathlib import Path

from botocore import xform_name

from contract.script import ANSWERS, SCRIPT

CALL = re.compile(r'\.call\(\s*"(\w+:\w+)"')
FIELD = re.compile(r"\bfound\s*\.(\w+)\(\)")  # of an instance or a point
# Not called by the product, which deletes nothing; only so that the stories' deletions are held to AWS.
OWN = {"rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot"}


def omissions(sources: Path) -> list[str]:
    text = "\n".join(file.read_text() for file in sorted(sources.rglob("*.rs")))
    calls, played = set(CALL.findall(text)), {step.op for step in SCRIPT}
    fields = {xform_name(name) for answer in ANSWERS.values() for name in answer.reads}
    return [
        *(f"the product calls {op}, the script does not" for op in sorted(calls - played)),
        *(f"the script calls {op}, the product does not" for op in sorted(played - calls - OWN)),
        *(f"the product reads `{name}`, ANSWERS does not" for name in sorted(set(FIELD.findall(text)) - fields)),
        *(["no call was found in the product's sources"] if not calls else []),
    ]
