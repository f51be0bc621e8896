"""An answer in parts: what its server drew to stand between them is called by where it stands, in head and body alike.

A boundary means nothing, and many are another one in each answer, some with a counter that grows longer. So all names
have one length, and what stands behind a boundary stands at the same place in every recording.
"""

import re
from collections.abc import Callable, Iterator

from replayer.core.message import wire
from replayer.core.naming.aliases import plain_alias

LENGTH = 20  # digits: as many are no id of any shape
SHORTEST = 8  # characters; what is shorter is written by hand
DIGITS = "0123456789"
# RFC 2046 5.1.1: in a head, of the answer or of a part that has parts itself; and a line between two parts.
DECLARED = re.compile(r"(?i)(?<=boundary=)(?P<quote>\"?)(?P<boundary>[0-9A-Za-z'()+_,./:=? -]{1,70})")
BETWEEN = re.compile(r"(?m)^--(?P<boundary>[0-9A-Za-z'()+_,./:=? -]{1,72}?)(?P<end>(?:--)?[ \t]{0,8}\r?)$")


def named(headers: wire.Headers, raw: bytes, origin: Callable[[str], str]) -> tuple[wire.Headers, bytes]:
    """The head and the body of an answer in parts with its boundaries named. `origin` tells that of a place."""
    text = raw.decode("latin-1")  # a character for each byte
    standing = {match["boundary"] for match in BETWEEN.finditer(text)}
    heads = [wire.header(headers, "content-type") or "", text]
    found = [name for name in dict.fromkeys(_declared(heads)) if not raw or name in standing]
    names = {
        boundary: plain_alias("-" * LENGTH, origin(f"boundary[{number}]"), DIGITS)
        for number, boundary in enumerate(found)
        if len(boundary) >= SHORTEST
    }
    if not names:
        return headers, raw

    def declared(match: re.Match[str]) -> str:
        boundary = match["boundary"].rstrip()
        return match["quote"] + names.get(boundary, boundary) + match["boundary"][len(boundary) :]

    def between(match: re.Match[str]) -> str:
        return f"--{names.get(match['boundary'], match['boundary'])}{match['end']}"

    text = BETWEEN.sub(between, DECLARED.sub(declared, text))
    anew = [
        (name, DECLARED.sub(declared, value) if name.lower() == "content-type" else value) for name, value in headers
    ]
    return tuple(anew), text.encode("latin-1")


def _declared(heads: list[str]) -> Iterator[str]:
    for head in heads:
        yield from (match["boundary"].rstrip() for match in DECLARED.finditer(head))
