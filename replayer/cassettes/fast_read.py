"""The short way to read a cassette that Replayer wrote and nobody edited: some eight times faster than libyaml.

It trusts no text. What it took from an interaction must give, written again, the same bytes; anything else is left to
the strict reader. So a mistake here can cost time, never a wrong value.
"""

import base64
import json
import re
from datetime import datetime
from functools import lru_cache

from replayer.cassettes.shape import EPOCHS, split_uri
from replayer.cassettes.write import END, empty, entry, head
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response, wire

_HEAD = re.compile(
    r"version: 1\nreplayer:\n  upstream: (.+)\n  rules: (.+)\n  epoch: '(.+)'\ninteractions:(?: \[\])?\n"
)
# Each line can be one thing only, so that no text makes the pattern try twice: a name never starts like a value.
_HEADERS = r"(?: \{\}|(?:\n      (?!- ).+:(?:\n      - .+)+)+)\n"


def _body(indent: int) -> str:
    return rf"((?:!!binary )?\|2?[-+]?\n(?: {{{indent}}}.*\n|\n)*|.+\n)"


_ENTRY = re.compile(
    rf"- request:\n    method: (.+)\n    uri: (.+)\n    body: {_body(6)}    headers:({_HEADERS})"
    r"  response:\n    status:\n      code: (\d+)\n      message: (.+)\n"
    rf"    headers:({_HEADERS})    body:\n      string: {_body(8)}"
)


class _UnknownError(Exception):
    """Not what Replayer writes: the strict reader has to look."""


def read(text: str) -> Cassette | None:
    """The cassette, or None where the text is not exactly as Replayer writes it."""
    try:
        return _read(text)
    except (_UnknownError, ValueError, OverflowError):  # the last two: no such escape, number, date or base64
        return None


def _read(text: str) -> Cassette:
    start = _HEAD.match(text)
    if start is None:
        raise _UnknownError
    facts = _facts(start)
    if text == empty(facts):
        return Cassette((), facts)
    _same(start[0], head(facts))
    return Cassette(tuple(_entries(text, start.end())), facts)


def _facts(start: re.Match[str]) -> Facts:
    upstream, rules, epoch = start.groups()
    seconds = int(datetime.fromisoformat(epoch).timestamp())
    if seconds not in EPOCHS:
        raise _UnknownError
    return Facts(_text(upstream), _text(rules), seconds)


def _entries(text: str, at: int) -> list[Interaction]:
    seen: dict[str, wire.Headers] = {}  # most interactions carry headers that others carried
    found = []
    while match := _ENTRY.match(text, at):
        found.append(_interaction(match, seen))
        _same(match[0], entry(found[-1]))
        at = match.end()
    _same(text[at:], END)
    if not found:
        raise _UnknownError
    return found


def _interaction(match: re.Match[str], seen: dict[str, wire.Headers]) -> Interaction:
    method, uri, sent, request_headers, status, reason, response_headers, received = match.groups()
    origin, target = split_uri(_text(uri))
    request = Request(_text(method), target, _headers(request_headers, seen), _content(sent, 6), origin)
    response = Response(int(status), _text(reason), _headers(response_headers, seen), _content(received, 8))
    return Interaction(request, response)


def _headers(text: str, seen: dict[str, wire.Headers]) -> wire.Headers:
    if text not in seen:
        seen[text] = tuple(_pairs(text))
    return seen[text]


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    name = ""
    if text == " {}\n":
        return pairs
    for line in text[1:-1].split("\n"):
        is_value, found = _header_line(line)
        if is_value:
            pairs.append((name, found))
        else:
            name = found
    return pairs


@lru_cache(maxsize=4096)  # all but a few lines are those of other interactions
def _header_line(line: str) -> tuple[bool, str]:
    """Whether it is a value, and the text of it or of the name."""
    if line.startswith("      - "):
        return True, _text(line[8:])
    return False, _text(line[6:-1])


def _text(text: str) -> str:
    """What `scalar.inline` wrote."""
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    if text[0] == '"':
        return str(json.loads(text))
    if text.startswith("!!binary "):
        return base64.b64decode(text[10:-1]).decode("utf-8", "surrogateescape")
    return text


def _content(text: str, indent: int) -> bytes:
    """What `scalar.block` wrote."""
    mark, _, lines = text.partition("\n")
    if mark == "null":
        return b""
    if mark[0] not in "|!":
        return _text(mark).encode()
    dedented = ("\n" + lines).replace("\n" + " " * indent, "\n")[1:]
    if mark[0] == "!":
        return base64.b64decode(dedented)
    return (dedented.removesuffix("\n") if mark.endswith("-") else dedented).encode()


def _same(found: str, written: str) -> None:
    if found != written:
        raise _UnknownError
