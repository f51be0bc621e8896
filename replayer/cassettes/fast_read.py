"""The short way to read a cassette that Replayer wrote and nobody edited: some eight times faster than libyaml.

It trusts no text. What it took from an interaction must give, written again, the same bytes; anything else is left to
the strict reader. So a mistake here can cost time, never a wrong value. A file without facts, of another tool that
writes as we do, is read so, too.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from replayer.cassettes.shape import EPOCHS, read_waits, split_uri
from replayer.cassettes.write import END, empty, entry, head
from replayer.core.cassette import AT_ONCE, ENDINGS, Cassette, Cause, Delivery, Facts, Interaction, Streamed
from replayer.core.message import Request, Response, wire

_HEAD = re.compile(rb"version: 1\nreplayer:\n  upstream: (.+)\n  rules: (.+)\n  epoch: '(.+)'\n")
_WEBHOOKS, _INTERACTIONS = b"webhooks:\n", b"interactions:\n"
_NO_FACTS = b"version: 1\ninteractions:\n"
# Each line can be one thing only, so that no text makes the pattern try twice: a name never starts like a value.
_HEADERS = rb"(?: \{\}|(?:\n      (?!- ).+:(?:\n      - .+)+)+)\n"


def _body(indent: int) -> bytes:
    return rb"((?:!!binary )?\|2?[-+]?\n(?: {%d}.*+\n|\n)*+|.+\n)" % indent  # nothing behind could use a line of it


ENTRY = re.compile(
    rb"- request:\n    method: (.+)\n    uri: (.+)\n    body: " + _body(6) + rb"    headers:(" + _HEADERS + rb")"
    rb"  response:\n    status:\n      code: ([0-9]+)\n      message: (.+)\n"
    rb"    headers:("
    + _HEADERS
    + rb")    body:\n      string: "
    + _body(8)
    + rb"(?:  stream:\n(?:    ended: (.+)\n)?(?:    waits: '(.+)'\n)?)?"
)
"""One interaction: method, uri, body, headers; status, message, headers, body; how it ended, and what was waited."""
WEBHOOK = re.compile(
    rb"- after: (.+)\n  nth: ([0-9]+)\n  request:\n    headers:("
    + _HEADERS
    + rb")    body: "
    + _body(6)
    + rb"  answers: \[((?:[0-9]+(?:, (?=[0-9]))?)*)\]\n"
)
"""One delivery: cause, its number; headers, body; the statuses of the answers."""
SEEN = 4096  # different heads of messages that are remembered


class UnknownError(Exception):
    """Not what Replayer writes: the strict reader has to look."""


NOT_OURS = (UnknownError, ValueError, OverflowError)  # the last two: no such escape, number, date or base64


def read(text: str) -> Cassette | None:
    """The cassette, or None where the text is not exactly as Replayer writes it."""
    try:
        return _read(text.encode())
    except NOT_OURS:
        return None


def read_alike(raw: bytes) -> tuple[Interaction, ...] | None:
    """The interactions of a file without facts; None where they are not exactly as Replayer writes them."""
    try:
        found = top(raw)
        return tuple(_entries(raw, found.begin, ours=False)) if found.facts is None else None
    except NOT_OURS:
        return None


def _read(raw: bytes) -> Cassette:
    facts, begin, deliveries = top(raw)
    if facts is None:
        raise UnknownError
    if raw == empty(facts).encode():
        return Cassette((), facts)
    return Cassette(tuple(_entries(raw, begin, ours=True)), facts, deliveries=deliveries)


class Top(NamedTuple):
    """What stands above the interactions of a file, and where these begin."""

    facts: Facts | None
    begin: int
    deliveries: tuple[Delivery, ...] = ()


def top(raw: bytes) -> Top:
    """What a file says of itself, and where its interactions begin. UnknownError, or ValueError, where it does not
    begin as Replayer would have it."""
    start = _HEAD.match(raw)
    if start is None:
        if not raw.startswith(_NO_FACTS):
            raise UnknownError
        return Top(None, len(_NO_FACTS))
    upstream, rules, epoch = start.groups()
    seconds = int(datetime.fromisoformat(epoch.decode()).timestamp())
    if seconds not in EPOCHS:
        raise UnknownError
    facts, begin = Facts(_text(upstream), _text(rules), seconds), start.end()
    deliveries: tuple[Delivery, ...] = ()
    if raw.startswith(_WEBHOOKS, begin):
        deliveries, begin = _deliveries(raw, begin + len(_WEBHOOKS))
    if not raw.startswith(_INTERACTIONS, begin) and raw != empty(facts).encode():
        raise UnknownError
    begin += len(_INTERACTIONS)
    if raw[:begin] != head(facts, list(map(entry, deliveries))).encode() and raw != empty(facts).encode():
        raise UnknownError
    return Top(facts, begin, deliveries)


def _deliveries(raw: bytes, begin: int) -> tuple[tuple[Delivery, ...], int]:
    """The deliveries that stand from there on, of which nothing is proved yet, and where they end."""
    found: list[Delivery] = []
    while match := WEBHOOK.match(raw, begin):
        cause, nth, headers, body, answers = match.groups()
        method, _, uri = _text(cause).partition(" ")
        request = Request("POST", "/", _headers(headers), _content(body, 6))
        statuses = tuple(map(int, answers.decode().split(", "))) if answers else ()
        found.append(Delivery(Cause(method, uri, int(nth)), request, statuses))
        begin = match.end()
    return tuple(found), begin


def matches(raw: bytes, begin: int, *, ours: bool) -> Iterator[re.Match[bytes]]:
    """Each interaction; UnknownError where there is none, or anything else. Files of ours have an end mark, others may
    have one."""
    at = begin
    while match := ENTRY.match(raw, at):
        if not ours and match.end() > match.end(8):
            raise UnknownError  # how an answer came is a fact of ours
        yield match
        at = match.end()
    if at == begin or raw[at:] not in ((END.encode(),) if ours else (b"", END.encode())):
        raise UnknownError


def _entries(raw: bytes, begin: int, *, ours: bool) -> Iterator[Interaction]:
    for match in matches(raw, begin, ours=ours):
        found = interaction(match)
        if match[0] != entry(found).encode():
            raise UnknownError
        yield found


def interaction(match: re.Match[bytes]) -> Interaction:
    """What a match says, of which nothing is proved yet."""
    status, reason, headers = answer_of(match)
    response = Response(status, reason, headers, _content(match[8], 8))
    return Interaction(request_of(match), response, streamed_of(match))


def streamed_of(match: re.Match[bytes]) -> Streamed:
    """How its answer came."""
    ended, waits = match.group(9, 10)
    if ended is None and waits is None:
        return AT_ONCE
    found = Streamed((ended or b"").decode(), read_waits((waits or b"").decode()))
    if found.ended not in ("", *ENDINGS):
        raise UnknownError
    return found


def request_of(match: re.Match[bytes]) -> Request:
    """Its request."""
    method, uri, sent, headers = match.group(1, 2, 3, 4)
    origin, target = split_uri(_text(uri))
    return Request(_short(method), target, _headers(headers), _content(sent, 6), origin)


def answer_of(match: re.Match[bytes]) -> tuple[int, str, wire.Headers]:
    """Its status with the message, and the headers of its answer."""
    code, reason, headers = match.group(5, 6, 7)
    return int(code), _short(reason), _headers(headers)


@lru_cache(maxsize=SEEN)  # most interactions carry headers that others carried
def _headers(raw: bytes) -> wire.Headers:
    if raw == b" {}\n":
        return ()
    pairs: list[tuple[str, str]] = []
    name = ""
    for line in raw[1:-1].split(b"\n"):
        is_value, found = _header_line(line)
        if is_value:
            pairs.append((name, found))
        else:
            name = found
    return tuple(pairs)


@lru_cache(maxsize=SEEN)  # all but a few lines are those of other interactions
def _header_line(line: bytes) -> tuple[bool, str]:
    """Whether it is a value, and the text of it or of the name."""
    if line.startswith(b"      - "):
        return True, _text(line[8:])
    return False, _text(line[6:-1])


def _text(raw: bytes) -> str:
    """What `scalar.inline` wrote."""
    if raw.startswith(b"'"):
        return raw[1:-1].decode().replace("''", "'")
    if raw.startswith(b'"'):
        return str(json.loads(raw))
    if raw.startswith(b"!!binary "):
        return base64.b64decode(raw[10:-1]).decode("utf-8", "surrogateescape")
    return raw.decode()


_short: Callable[[bytes], str] = lru_cache(maxsize=SEEN)(_text)  # of methods and messages there are few


def _content(raw: bytes, indent: int) -> bytes:
    """What `scalar.block` wrote."""
    if raw == b"null\n":
        return b""
    mark, _, lines = raw.partition(b"\n")
    if mark[:1] not in (b"|", b"!"):
        return _text(mark).encode()
    dedented = (b"\n" + lines).replace(b"\n" + b" " * indent, b"\n")[1:]
    if mark.startswith(b"!"):
        return base64.b64decode(dedented)
    return dedented.removesuffix(b"\n") if mark.endswith(b"-") else dedented
