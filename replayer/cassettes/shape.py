"""What must stand where in a cassette. Nothing here knows files, lines or YAML: a fault is named by its place."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from replayer.core.cassette import AT_ONCE, ENDINGS, Cassette, Cause, Delivery, Facts, Interaction, Streamed
from replayer.core.message import Request, Response, instants, wire

YamlPath = tuple[str | int, ...]
"""The keys and indices that lead to a value: `("interactions", 0, "request", "uri")`."""

EPOCHS = range(instants.SECONDS.stop)  # what a clock can start at, and go on for years
MEMBERS = {  # how a member of each list is called, in ours and in other tools' files
    "interactions": "interaction",
    "webhooks": "webhook",
    "http_interactions": "interaction",
    "entries": "entry",
    "mappings": "mapping",
    "pairs": "pair",
    "calls": "call",
}
LONGEST_SHOWN = 80  # characters of a text that a message repeats
_WAIT = re.compile(r"([0-9]{1,9})\+([0-9]{1,6})(?:\.([0-9]))?")  # no minus, no exponent
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)(.*)", re.DOTALL)


class ShapeError(Exception):
    """A value that cannot stand at its place. Its reader knows the file and the line, and says them."""

    def __init__(self, place: YamlPath, fault: str, remedy: str = "Correct it, or record again.") -> None:
        super().__init__(fault)
        self.place, self.fault, self.remedy = place, fault, remedy


def split_uri(uri: str) -> tuple[str, str]:
    """Origin and target, both verbatim: nothing is quoted, unquoted or lower-cased. An empty path becomes "/".
    ValueError where the origin is none."""
    begin = uri.find("://") + 3
    end = uri.find("/", begin)
    if end < 0 or not _is_origin(uri[:end]):  # the usual one, known from others of its file
        match = _URI.fullmatch(uri)
        if match is None:
            return "", uri
        end = match.end(1)
    origin, target = uri[:end], uri[end:]
    _check_origin(origin)
    return origin, target if target.startswith("/") else "/" + target


@lru_cache(maxsize=256)  # a cassette is of one API, or of a few
def _is_origin(text: str) -> bool:
    match = _URI.fullmatch(text)
    return match is not None and not match[2]


@lru_cache(maxsize=256)
def _check_origin(origin: str) -> None:
    """ValueError where that is none that anybody could connect to: no such port, half an address."""
    _ = urlsplit(origin).port


def address(value: object, place: YamlPath) -> tuple[str, str]:
    """The origin and the target of the URI at `place`."""
    uri = text(value, place)
    try:
        return split_uri(uri)
    except ValueError:
        raise ShapeError(place, f"{named(place)} is {uri[:LONGEST_SHOWN]!r}, which is no address.") from None


def mapping(value: object, place: YamlPath) -> dict[object, object]:
    if not isinstance(value, dict):
        raise ShapeError(place, f"{named(place)} is {kind(value)}, not a mapping.")
    return value


def sequence(value: object, place: YamlPath) -> list[object]:
    if not isinstance(value, list):
        raise ShapeError(place, f"{named(place)} is {kind(value)}, not a list.")
    return value


def text(value: object, place: YamlPath) -> str:
    """A text; bytes are one that YAML could not hold, as `scalar.inline` writes it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if not isinstance(value, str):
        raise ShapeError(place, f"{named(place)} is {kind(value)}, not text.", "Put it in quotes.")
    return value


def number(value: object, place: YamlPath) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ShapeError(place, f"{named(place)} is {kind(value)}, not a whole number.")
    return value


def member(value: object, place: YamlPath, key: str) -> tuple[object, YamlPath]:
    """What stands under `key` of the mapping at `place`, and its own place."""
    found = mapping(value, place)
    if key not in found:
        raise ShapeError(place, f"{named(place)} has no {key!r}.")
    return found[key], (*place, key)


def interactions(document: object, read: Callable[[object, YamlPath], Interaction]) -> tuple[Interaction, ...]:
    """All interactions of a version 1 cassette, each read by `read`."""
    check_version(document)
    listed = sequence(*member(document, (), "interactions"))
    return tuple(read(value, ("interactions", index)) for index, value in enumerate(listed))


def cassette(document: object) -> Cassette:
    """A cassette as Replayer writes it."""
    found = interactions(document, _interaction)
    return Cassette(found, _facts(*member(document, (), "replayer")), deliveries=_deliveries(document))


def _deliveries(document: object) -> tuple[Delivery, ...]:
    """The webhooks beside the interactions; none where nobody recorded any."""
    if "webhooks" not in mapping(document, ()):
        return ()
    listed = sequence(*member(document, (), "webhooks"))
    return tuple(_delivery(value, ("webhooks", index)) for index, value in enumerate(listed))


def _delivery(value: object, place: YamlPath) -> Delivery:
    after, at = member(value, place, "after")
    method, _, uri = text(after, at).partition(" ")
    if not method or not uri:
        raise ShapeError(at, f"{named(at)} is {after!r:.80}, not a method and an address.")
    request = member(value, place, "request")
    body, headers = _content(*member(*request, "body")), _headers(*member(*request, "headers"))
    answers, listed = member(value, place, "answers")
    statuses = tuple(number(each, (*listed, index)) for index, each in enumerate(sequence(answers, listed)))
    cause = Cause(method, uri, number(*member(value, place, "nth")))
    return Delivery(cause, Request("POST", "/", headers, body), statuses)


def named(place: YamlPath) -> str:
    """`interaction 3: response.status`, counted from one as people count; `the file` for the whole."""
    match place:
        case (str(listed), int(index)) if listed in MEMBERS:
            return f"{MEMBERS[listed]} {index + 1}"
        case (str(listed), int(index), *rest) if listed in MEMBERS:
            return f"{MEMBERS[listed]} {index + 1}: {'.'.join(map(str, rest))}"
    return ".".join(map(str, place)) or "the file"


def kind(value: object) -> str:
    """What a person would call it."""
    names = {dict: "a mapping", list: "a list", str: "text", int: "a number", float: "a number", bytes: "binary"}
    return "empty" if value is None else names.get(type(value), f"a {type(value).__name__}")


def check_version(document: object) -> None:
    """That a document is a cassette of version 1."""
    if isinstance(document, list) and document and isinstance(document[0], dict) and "request" in document[0]:
        raise ShapeError((), "vcrpy wrote this cassette before its version 1.", "Run `python -m vcr.migration` on it.")
    version, place = member(document, (), "version")
    if isinstance(version, int) and version > 1:
        raise ShapeError(place, f"version {version} is not known, only 1 is.", "Update Replayer: a newer one wrote it.")
    if version != 1 or isinstance(version, bool):
        raise ShapeError(place, f"version {version!r} is not known, only 1 is.", "Delete the file and record again.")


def _facts(value: object, place: YamlPath) -> Facts:
    upstream, rules = (text(*member(value, place, key)) for key in ("upstream", "rules"))
    return Facts(upstream, rules, _epoch(*member(value, place, "epoch")))


def _epoch(value: object, place: YamlPath) -> int:
    try:  # a hand-written date without quotes is a date already
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(text(value, place))
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        fault = f"{named(place)} is {value!r}, not a time."
        raise ShapeError(place, fault, "Write it as '2026-11-22T00:00:00Z'.") from None
    if seconds not in EPOCHS:
        fault = f"{named(place)} is {str(value)!r}, which is too far away."
        raise ShapeError(place, fault, "Use a time between 1970 and 2286.")
    return seconds


def _interaction(value: object, place: YamlPath) -> Interaction:
    request, response = _request(*member(value, place, "request")), _response(*member(value, place, "response"))
    came = _streamed(*member(value, place, "stream")) if "stream" in mapping(value, place) else AT_ONCE
    return Interaction(request, response, came)


def _streamed(value: object, place: YamlPath) -> Streamed:
    found = mapping(value, place)
    ended = text(found.get("ended", ""), (*place, "ended"))
    if ended and ended not in ENDINGS:
        fault = f"{ended[:LONGEST_SHOWN]!r} is no end of a stream: there are {', '.join(ENDINGS)}."
        raise ShapeError((*place, "ended"), fault, "Write one of them, or leave it out.")
    at = (*place, "waits")
    waits = found.get("waits", "")
    try:
        return Streamed(ended, read_waits(text(waits, at)))
    except ValueError:
        shown = f"{named(at)} is {str(waits)[:LONGEST_SHOWN]!r}, which says no waits."
        raise ShapeError(at, shown, "Write the place of an event and seconds, '0+0.5 3+12', or leave it out.") from None


def read_waits(written: str) -> tuple[tuple[int, int], ...]:
    """What the waits of a stream say; ValueError where they are none, or not in their order."""
    found = []
    for word in written.split():
        match = _WAIT.fullmatch(word)
        if match is None:
            raise ValueError(word)
        found.append((int(match[1]), 10 * int(match[2]) + int(match[3] or 0)))
    places = [place for place, _ in found]
    if places != sorted(set(places)) or any(tenths == 0 for _, tenths in found):
        raise ValueError(written)
    return tuple(found)


def _request(value: object, place: YamlPath) -> Request:
    method = text(*member(value, place, "method"))
    origin, target = address(*member(value, place, "uri"))
    body, at = member(value, place, "body")
    return Request(method, target, _headers(*member(value, place, "headers")), _content(body, at), origin)


def _response(value: object, place: YamlPath) -> Response:
    status = member(value, place, "status")
    code, reason = number(*member(*status, "code")), text(*member(*status, "message"))
    body = _content(*member(*member(value, place, "body"), "string"))
    return Response(code, reason, _headers(*member(value, place, "headers")), body)


def _content(value: object, place: YamlPath) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else text(value, place).encode()


def _headers(value: object, place: YamlPath) -> wire.Headers:
    return tuple(
        (text(name, at), text(each, (*at, index)))
        for name, values in mapping(value, place).items()
        for at in [(*place, str(name))]
        for index, each in enumerate(sequence(values, at))
    )
