"""One step on one side, and what is compared of its answer: accepted or refused and how, and the fields that the
product reads, without what differs by nature (ids, times, tokens).
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from contract.clouds import Cloud
from contract.script import ANSWERS
from contract.step import Answer, Step

# The operations whose IAM action has another name.
OPERATIONS = {"s3:ListBucket": "ListObjectsV2"}
SERVICES = {"tag": "resourcegroupstaggingapi"}
TOKENS = ("Marker", "NextContinuationToken")
GROUPS = ("DBParameterGroups", "OptionGroupMemberships", "DBSubnetGroup")  # of them the name counts
ON_THE_WAY = {state: "pending or copying" for state in ("pending", "copying")}  # which of them, is a matter of seconds
MINUTE = re.compile(r"-\d{4}(-\d\d){4}\b")  # of an automated point's name
PATIENCE = 30  # seconds, for `until`


@dataclass(frozen=True)
class Outcome:
    """`answer` is `accepted`, with how many items there are, or the refusal's status and code."""

    answer: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def differs(self, other: "Outcome") -> dict[str, tuple[str, str]]:
        """Field by field; only the answers where those differ already, for then nothing else can be compared."""
        if self.answer != other.answer:
            return {"answer": (self.answer, other.answer)}
        both = {name: (value, other.fields[name]) for name, value in self.fields.items()}
        return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def play(step: Step, cloud: Cloud) -> Outcome:
    outcome = last_of(step, cloud)
    until = time.monotonic() + PATIENCE
    while step.until and outcome.fields.get(step.until[0]) != step.until[1] and time.monotonic() < until:
        time.sleep(0.2)
        outcome = last_of(step, cloud)
    return outcome


def last_of(step: Step, cloud: Cloud) -> Outcome:
    outcome = call(step, cloud, 1)
    for n in range(2, step.repeat + 1):
        if not outcome.answer.startswith("accepted"):
            break
        outcome = call(step, cloud, n)
    return outcome


def call(step: Step, cloud: Cloud, n: int) -> Outcome:
    service, action = step.op.split(":")
    method = getattr(cloud.client(SERVICES.get(service, service), step.region), xform_name(OPERATIONS.get(step.op, action)))
    try:
        said = method(**filled(step.params, {**cloud.names, "n": n}))
    except ClientError as refusal:
        status = refusal.response["ResponseMetadata"]["HTTPStatusCode"]
        return Outcome(f"{status} {refusal.response['Error']['Code']}")
    except ResponseParserError:  # not in the operation's protocol
        return Outcome("unreadable")
    for name, path in step.keeps.items():
        cloud.names[name] = at(said, path) or ""
    return read(said, ANSWERS[step.op], cloud)


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: filled(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    return value.format_map(names) if isinstance(value, str) else value


def read(said: Mapping[str, Any], answer: Answer, cloud: Cloud) -> Outcome:
    fields = {path: shown(path, at(said, path), {}, cloud) for path in answer.also}
    if not answer.items:
        return Outcome("accepted", fields)
    items = said.get(answer.items, [])
    for name in answer.reads:
        fields[name] = column([shown(name, item.get(name), item, cloud) for item in items])
    return Outcome(f"accepted, {len(items)} items", fields)


def named(group: Mapping[str, str]) -> str:
    return next(text for key, text in group.items() if key.endswith("GroupName"))


def at(said: Any, path: str) -> Any:
    for word in path.split("."):
        said = said.get(word) if said else None
    return said


def column(values: list[str]) -> str:
    """One field of all items, in their order; said once where all say the same."""
    return ", ".join(values if len(set(values)) > 1 else values[:1])


def shown(name: str, value: Any, item: Mapping[str, Any], cloud: Cloud) -> str:
    match value:
        case None | "" | []:
            return "-"
        case _ if name in TOKENS:
            return "<token>"
        case datetime():
            return cloud.born.get((item.get("DBInstanceIdentifier", ""), value), "<time>")
        case {**group} if name in GROUPS:
            return named(group)
        case [*groups] if name in GROUPS:
            return " ".join(named(group) for group in groups)
        case [*tags]:
            return " ".join(sorted(f"{tag['Key']}={tag['Value']}" for tag in tags))
        case _ if hasattr(value, "read"):
            return value.read().decode()
    text = MINUTE.sub("-<minute>", str(value))
    return cloud.marks.get(text) or ON_THE_WAY.get(text, text)
