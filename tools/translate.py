"""What CloudFormation is given: both templates, as SAM's own translator rewrites them.

`translate.py` writes tests/data/*.json, which the template tests read without Python; `translate.py --check` fails when a
template has changed since.
"""

import json
import os
import pathlib
import sys

from cfnlint.decode import cfn_yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

TEMPLATES = {"template.yaml": "us-east-1", "template-dr.yaml": "us-west-2"}
DATA = pathlib.Path("tests/data")
UPLOADED = "s3://bucket/key"  # where `sam deploy` puts local code; the translator takes nothing else


def main():
    stale = []
    for template, region in TEMPLATES.items():
        path = DATA / pathlib.Path(template).with_suffix(".json").name
        text = json.dumps(translated(template, region), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(str(path))
    if stale:
        sys.exit(f"{', '.join(stale)}: not what the template translates to; run `make translate` and read the change")


def translated(template, region):
    os.environ["AWS_DEFAULT_REGION"] = region
    sam = json.loads(json.dumps(cfn_yaml.load(template)))
    for resource in sam["Resources"].values():
        for local in ("CodeUri", "ContentUri"):
            if local in resource["Properties"]:
                resource["Properties"][local] = UPLOADED
    translator = Translator({}, Parser())
    given = translator.translate(sam, {})
    translator.metrics.publish()  # to nowhere; unpublished, they complain at the end
    return given


main()
