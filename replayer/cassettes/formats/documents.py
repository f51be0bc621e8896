"""A file's text as one plain value, JSON or YAML, and the nodes that know its lines. Nothing in it runs."""

import json
import re
from typing import Any

from yaml.nodes import Node

from replayer.cassettes import yaml_read

# The Python types that vcrpy ever wrote and its own loader makes again: texts, pairs and the contents of open files.
# Nothing else may reach it, because vcrpy before 8 made whatever a tag asked for.
PYTHON_TAGS = frozenset(
    f"tag:yaml.org,2002:python/{name}"
    for name in ("str", "unicode", "tuple", "object/new:_io.BytesIO", "object/apply:builtins.iter")
)
BINARY = "tag:yaml.org,2002:binary"
RUBY_BINARY = "!binary"  # as Ruby's writer has it
# Tools whose files show by their tags whose they are, and are read by nobody here.
TAGGED = {
    re.compile(r"!ruby/\w+:VCR\b"): "Ruby VCR wrote this before its version 2.",
    re.compile(r"^(?:---\s+)?!tape\b"): "Betamax of Groovy, or OkReplay, wrote this.",
}
JSON_ENDINGS = (".json", ".har")


def text_of(raw: bytes, name: str) -> str:
    """The text of a file; `name` is for messages. CassetteError where it is none, or no reader may see it."""
    text = yaml_read.decoded(raw, name)
    yaml_read.check(text, name)
    return text


def read(text: str, name: str) -> tuple[Any, Node]:
    """The document that a file's text is. CassetteError where it is not sound."""
    if found := yaml_read.json_document(text):
        return found
    if name.endswith(JSON_ENDINGS):
        _check_json(text, name)
    for tag, wrote in TAGGED.items():
        if match := tag.search(text):
            raise yaml_read.fault(name, text.count("\n", 0, match.start()) + 1, wrote, "Record it again.")
    node = yaml_read.compose(text, name, yaml_read.SAFE_TAGS | PYTHON_TAGS | {RUBY_BINARY})
    return _constructed(node, text, name), node


def _check_json(text: str, name: str) -> None:
    """CassetteError for what its name says is JSON and is none: a YAML reader would say less of it."""
    if text.lstrip()[:1] not in ("{", "["):
        return
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise yaml_read.fault(name, error.lineno, f"this is not JSON: {error.msg}.", "Save it again.") from None
    except RecursionError:
        return


def _constructed(node: Node, text: str, name: str) -> object:
    tags = set()
    for each in yaml_read.walk(node):
        tags.add(each.tag)
        if each.tag == RUBY_BINARY:
            each.tag = BINARY
    return yaml_read.construct(node, name) if tags.isdisjoint(PYTHON_TAGS) else _vcrpy(text, name)


def _vcrpy(text: str, name: str) -> object:
    """What vcrpy's own loader makes of it. Every tag in it is one of ours or of `PYTHON_TAGS`."""
    from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # vcrpy has no types; late: 0.3 s

    try:
        return yamlserializer.deserialize(text)
    except Exception as error:  # its makers of old types expect what vcrpy once wrote, and fail in any way
        wrong = f"vcrpy cannot read it: {' '.join(str(error).split())}."
        raise yaml_read.fault(name, 1, wrong, "Delete the file and record again.") from None
