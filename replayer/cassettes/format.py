"""The cassette format: version 1 of vcrpy's, with our facts on top and YAML's end mark below.

    version: 1                      first
    replayer:                       what the file says of itself; vcrpy passes it over
      upstream: https://api.stripe.com
      rules: stripe
      epoch: '2026-11-22T00:00:00Z'
    interactions:                   last, so that a recording can append
    - request: {method, uri, body, headers}
      response: {status: {code, message}, headers, body: {string}}
    ...                             nothing is missing

What was written is what is read, to the byte; what somebody edited is read strictly.
"""

import re

from replayer.cassettes import fast_read as quick
from replayer.cassettes import shape
from replayer.cassettes import yaml_read as strict
from replayer.cassettes.write import END, dumps, entry, head
from replayer.core.message.interaction import Cassette

__all__ = ["END", "dumps", "entry", "head", "is_ours", "loads"]

_FACTS = re.compile(rb"^replayer\s*:", re.MULTILINE)
_END = re.compile(r"^\.\.\.\s*$", re.MULTILINE)  # no body can hold such a line: all of theirs are indented


def is_ours(text: bytes) -> bool:
    """Whether Replayer wrote it: only then it has facts, and an end mark."""
    return _FACTS.search(text) is not None


def loads(text: bytes, name: str) -> Cassette:
    """The cassette in a file of ours; `name` is the file's, for messages. CassetteError where it is not sound."""
    readable = strict.decoded(text, name)
    if cassette := quick.read(readable):
        return cassette
    strict.check(readable, name)
    if is_ours(text) and not _END.search(readable):
        lines = len(readable.splitlines())
        raise strict.fault(name, lines, "the file ends early, its end mark '...' is missing.", "Record again.")
    return _edited(readable, name)


def _edited(text: str, name: str) -> Cassette:
    node = strict.compose(text, name)
    return strict.shaped(shape.cassette, strict.construct(node, name), node, name)
