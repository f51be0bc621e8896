"""A cassette's text, read: what was written, to the byte and fast; what somebody edited, strictly."""

import re

from replayer.cassettes import fast_read, shape, yaml_read
from replayer.core.cassette import Cassette

_FACTS = re.compile(rb"^replayer\s*:", re.MULTILINE)
_END = re.compile(r"^\.\.\.\s*$", re.MULTILINE)  # no body can hold such a line: all of theirs are indented


def is_ours(text: bytes) -> bool:
    """Whether Replayer wrote it: only then it has facts, and an end mark."""
    return _FACTS.search(text) is not None


def loads(text: bytes, name: str) -> Cassette:
    """The cassette in a file of ours; `name` is the file's, for messages. CassetteError where it is not sound."""
    readable = yaml_read.decoded(text, name)
    if cassette := fast_read.read(readable):
        return cassette
    yaml_read.check(readable, name)
    if is_ours(text) and not _END.search(readable):
        lines = len(readable.splitlines())
        raise yaml_read.fault(
            name, lines, "the file ends early, its end mark '...' is missing.", "Delete the file and record again."
        )
    return _edited(readable, name)


def _edited(text: str, name: str) -> Cassette:
    node = yaml_read.compose(text, name)
    return yaml_read.shaped(shape.cassette, yaml_read.construct(node, name), node, name)
