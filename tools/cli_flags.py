"""The options of every AWS CLI command that a document or a notice gives, into tests/data/aws-cli.json.

Run by hand (`make cli-flags`) when a command is added or the models are renewed: the file says which botocore it is of.
From AWS's own models, as the CLI makes its options from them; what the CLI adds by hand is named here.
"""

import json
import pathlib
import re

import botocore
from botocore import xform_name
from botocore.session import get_session

ALIASES = {"s3api": "s3"}  # what the CLI calls otherwise than botocore
RENAMED = {("sns", "endpoint"): "notification-endpoint"}  # since --endpoint-url is a global option
FILE = pathlib.Path("tests/data/aws-cli.json")
PLACES = ("*.md", "docs/**/*.md", "crates/**/snapshots/*.snap")
COMMAND = re.compile(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)(?: ([a-z][a-z-]+))?")

# Commands that are no operations, and options that the CLI gives an operation besides (AWS CLI reference, version 2).
BY_HAND = {
    "cloudformation deploy": ["capabilities", "no-execute-changeset", "no-fail-on-empty-changeset", "parameter-overrides", "stack-name", "template-file"],
    "logs tail": ["filter-pattern", "follow", "format", "log-stream-names", "since"],
    "s3 cp": ["recursive", "sse", "sse-kms-key-id"],
    "s3 ls": ["recursive"],
    "s3 sync": ["delete", "dryrun", "exact-timestamps", "exclude", "include", "source-region"],
    "configure export-credentials": ["format", "profile"],
}


def main():
    session = get_session()
    used = {match.groups() for text in texts() for match in COMMAND.finditer(text)}
    commands = {}
    for service, operation, third in sorted(used, key=str):
        name = f"{service} {operation}"
        if name in BY_HAND:
            commands[name] = {"options": BY_HAND[name], "required": []}
        elif operation == "wait" and third:
            waiter = session.get_waiter_model(service).get_waiter(waiter_name(session, service, third))
            commands[f"{name} {third}"] = options(session, service, waiter.operation)
        else:
            model = ALIASES.get(service, service)
            if operation in operations(session, model):
                commands[name] = options(session, model, operations(session, model)[operation])
    FILE.write_text(json.dumps({"botocore": botocore.__version__, "commands": commands}, indent=1) + "\n")


def texts():
    for place in PLACES:
        for path in pathlib.Path(".").glob(place):
            yield path.read_text().replace("\\\n", " ")


def operations(session, service):
    """Operations by the CLI's names; no service of that name has none."""
    if service not in session.get_available_services():
        return {}
    return {xform_name(name, "-"): name for name in session.get_service_model(service).operation_names}


def waiter_name(session, service, word):
    return next(name for name in session.get_waiter_model(service).waiter_names if xform_name(name, "-") == word)


def options(session, service, operation):
    """Booleans have a `--no-` form each; lists and structures are given by one option."""
    shape = session.get_service_model(service).operation_model(operation).input_shape
    members = shape.members if shape else {}

    def word(name):
        return RENAMED.get((service, xform_name(name, "-")), xform_name(name, "-"))

    words = {word(name): member for name, member in members.items()}
    negated = [f"no-{word}" for word, member in words.items() if member.type_name == "boolean"]
    # The CLI makes up a token of its own where none is given.
    tokens = {name for name, member in members.items() if member.metadata.get("idempotencyToken")}
    required = [word(name) for name in (shape.required_members if shape else []) if name not in tokens]
    return {"options": sorted([*words, *negated]), "required": sorted(required)}


main()
