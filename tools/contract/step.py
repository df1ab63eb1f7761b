"""A step of the script, and what of an operation's answer is compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOME, DR = "us-east-1", "us-west-2"


@dataclass(frozen=True)
class Answer:
    """Where the items of an operation's answer are, and the fields of each that the product reads."""

    items: str = ""
    reads: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # beside the items


@dataclass(frozen=True)
class Step:
    """One call; `op` is the IAM action, as everywhere in Sonae. `{name}` in a parameter is filled in per side: by what
    the clouds were seeded with, and by what an earlier step `keeps`."""

    name: str
    op: str
    region: str
    params: Mapping[str, Any] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)  # name for later steps = field of this answer
    until: tuple[str, str] | None = None  # asked again until this field says so
    repeat: int = 1  # at most, with {n}, until refused
