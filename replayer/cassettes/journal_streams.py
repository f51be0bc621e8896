"""Streams in a journal. What a client was told of one is there before it was told, so that a recording that is killed
in the middle of it holds it as far as anybody can have read it.

    # stream 1 "- request: ..."    it began: its entry, without any event
    # event 1 "data: x\\n\\n"      one event
    # ended 1                      it ended, and its whole entry follows, or nothing where it is not kept

Each stands on a line of its own, with the journal's mark behind it. To a YAML reader these are comments.
"""

import json
import re
from dataclasses import replace

from replayer.cassettes.read import loads
from replayer.cassettes.write import END, entry, head
from replayer.core.cassette import Facts, Streamed

STREAM = b"# stream "
_LINE = re.compile(rb"# (stream|event|ended) ([0-9]+)(?: (.*))?(?:\n|\Z)")
_DROPPED = re.compile(rb"\n# ended [0-9]+\n#")
_ANY = head(Facts("https://api.example.com", "generic", 0))


def began(number: int, begun: str) -> str:
    """A stream of that number, whose entry would be that if nothing came."""
    return f"# stream {number} {json.dumps(begun)}\n"


def came(number: int, event: str) -> str:
    """An event of it."""
    return f"# event {number} {json.dumps(event)}\n"


def ended(number: int, whole: str = "") -> str:
    """All of it, as an entry; nothing where it is not kept."""
    return f"# ended {number}\n{whole}"


def settled(pieces: list[bytes]) -> list[bytes]:
    """The pieces of a journal with each stream where it began: whole, or as far as it came. They are without the line
    feed at their end, as they stand between marks."""
    found: list[bytes] = []
    places: dict[bytes, int] = {}
    told: dict[bytes, list[str]] = {}
    for piece in pieces:
        line = _LINE.match(piece)
        if line is None:
            found.append(piece)
            continue
        kind, number, rest = line.groups()
        if kind == b"stream":
            places[number], told[number] = len(found), []
            found.append(rest)
        elif kind == b"event":
            told[number].append(json.loads(rest))
        else:
            del told[number]
            found[places[number]] = piece[line.end() :]
    for number, texts in told.items():
        found[places[number]] = _torso(json.loads(found[places[number]]), texts)
    return [piece for piece in found if piece]


def count(journal: bytes) -> int:
    """How many pieces of a journal are no entry of their own."""
    dropped = len(_DROPPED.findall(journal))  # of these neither piece is
    return journal.count(b"\n# event ") + journal.count(b"\n# ended ") + dropped


def _torso(begun: str, texts: list[str]) -> bytes:
    (interaction,) = loads((_ANY + begun + END).encode(), "it").interactions
    body = "".join(texts).encode("utf-8", "surrogateescape")
    torso = replace(interaction, response=replace(interaction.response, body=body), streamed=Streamed("cut"))
    return entry(torso).removesuffix("\n").encode()
