"""A long file of vcrpy's as documents of a few interactions each: of the whole, each value would stand in memory more
than once."""

import re
from collections.abc import Iterator
from typing import Any

from replayer.cassettes import yaml_read

LENGTH = 1 << 18  # characters of a file that are read at once
# In a text it could stand so only within quotes: then no piece is sound.
ITEM = re.compile(r"^- request:", re.MULTILINE)
TOPS = ("version: 1\ninteractions:\n", "interactions:\n")
KEYS = {"version", "interactions"}
LAST = "\nversion: 1\n"  # vcrpy sorts its keys


def documents(text: str) -> Iterator[Any]:
    """The documents of a long text, each with the interactions of one piece. NotSimpleError where it is written in
    another way, or not long."""
    starts = [match.start() for match in ITEM.finditer(text)] if len(text) > LENGTH else []
    if not starts or text[: starts[0]] not in TOPS:
        raise yaml_read.NotSimpleError
    end = text.rfind(LAST, starts[-1]) + 1 or len(text)
    if text[end:] not in ("", LAST[1:]):
        raise yaml_read.NotSimpleError
    begin = starts[0]
    for start in (*starts[1:], end):
        if start - begin >= LENGTH or start == end:
            piece = yaml_read.simple(TOPS[0] + text[begin:start])
            if not isinstance(piece, dict) or piece.keys() != KEYS:
                raise yaml_read.NotSimpleError  # what begins a line there would end the list of the whole
            yield piece
            begin = start
