"""The known differences: tests/data/contract.toml, each with AWS's own words and who is right by them."""

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from botocore.session import get_session

from contract.script import SCRIPT

Said = dict[tuple[str, str], tuple[str, str]]  # (step, field): (moto, model)
RIGHT = ("model", "open")  # `open`: AWS does not say. A wrong model is not listed, but mended.
BOTOCORE = re.compile(r"botocore (\w+) (\w+)(?:\.(\w+))?")


@dataclass(frozen=True)
class Difference:
    """What both sides say in one field of some steps, and what AWS says. `source` is a page, or `botocore <service>
    <operation or shape>[.<member>]`, where the quotation in `aws` is looked up."""

    steps: tuple[str, ...]
    field: str
    moto: str
    model: str
    aws: str
    source: str
    right: str

    def problems(self) -> list[str]:
        where = f"`{self.field}` of `{', '.join(self.steps)}`"
        known = {step.name for step in SCRIPT}
        found = [f"{where}: there is no step `{name}`" for name in self.steps if name not in known]
        if self.right not in RIGHT:
            found.append(f"{where}: right is `{self.right}`; if the model is wrong, mend crates/model or crates/local")
        if (place := BOTOCORE.fullmatch(self.source)) and not self.quoted(documentation(*place.groups())):
            found.append(f"{where}: `{self.source}` does not say: {self.aws}")
        return found

    def quoted(self, text: str) -> bool:
        quotations = re.findall(r'"(.+?)"', self.aws)
        return bool(quotations) and all(quotation in text for quotation in quotations)


def load(file: Path) -> list[Difference]:
    entries: list[dict[str, Any]] = tomllib.loads(file.read_text())["difference"]
    return [Difference(**{**entry, "steps": tuple(entry["steps"])}) for entry in entries]


@cache
def documentation(service: str, name: str, member: str | None) -> str:
    """The words of AWS's own model, in plain text."""
    model = get_session().get_service_model(service)
    if name in model.operation_names:
        text = model.operation_model(name).documentation
    else:
        shape = model.shape_for(name)
        text = shape.members[member].documentation if member else shape.documentation
    plain = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
    return re.sub(r" ([.,;:])", r"\1", plain).replace('"', "'")


def unlisted(said: Said, listed: list[Difference]) -> list[str]:
    known = {(step, one.field, one.moto, one.model) for one in listed for step in one.steps}
    return [f"not listed: `{step}`, {field}:\n    moto  {moto}\n    model {model}"
            for (step, field), (moto, model) in said.items() if (step, field, moto, model) not in known]


def gone(said: Said, listed: list[Difference]) -> list[str]:
    return [f"listed, but no longer so: `{step}`, {one.field}: moto `{one.moto}`, model `{one.model}`"
            for one in listed for step in one.steps if said.get((step, one.field)) != (one.moto, one.model)]
