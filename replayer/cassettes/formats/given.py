"""What a file of another tool comes to, one by one: an exchange that it holds, or what of it cannot be carried over.

    read(document, source)  ->  Given | Loss | Given | ...     in the order in which it happened

A format knows nothing of the others, of files or of cassettes. What is wrong with one exchange is a loss of that one,
unless the file is to be played as it stands: then it is a fault of the whole.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from replayer.cassettes import shape
from replayer.cassettes.formats.decoded import servable
from replayer.cassettes.shape import ShapeError, YamlPath
from replayer.core.cassette import Interaction
from replayer.core.message import Request, Response, instants, wire
from replayer.core.secrets import masking

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")  # RFC 9110 5.6.2: a token
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
ANSWERS = range(200, 1000)


@dataclass(frozen=True, slots=True)
class Given:
    """One exchange as its client and the upstream had it. `at` is when it was answered, in seconds since 1970; None
    where the file does not say. `place` is where the file holds it."""

    interaction: Interaction
    at: float | None = None
    place: YamlPath = ()

    def __str__(self) -> str:
        return described(self.interaction.request.method, self.interaction.request.uri)


@dataclass(frozen=True, slots=True)
class Loss:
    """What cannot be carried over, in words; `what` is the exchange that it is about, as far as that is known. `part`
    tells that the rest of that exchange is."""

    place: YamlPath
    what: str
    why: str
    part: bool = False

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.where, self.what, self.why)))

    @property
    def where(self) -> str:
        return shape.named(self.place) if self.place else ""


@dataclass(frozen=True, slots=True)
class Source:
    """What a format may ask besides the document: the file's `name` for messages, the `origin` that exchanges are of
    where it names none, and the bytes of a file `beside` it, None where there is none. `strict`: any fault is one of
    the whole."""

    name: str
    origin: str = ""
    beside: Callable[[str], bytes | None] = lambda _: None
    strict: bool = False


Found = Iterator[Given | Loss]
Reader = Callable[[Any, YamlPath], Found]


def each(listed: list[Any], place: YamlPath, read: Reader, source: Source) -> Found:
    """All of a list, each read by itself."""
    for index, value in enumerate(listed):
        at = (*place, index)
        try:
            yield from list(read(value, at))  # all of it or nothing
        except ShapeError as error:
            if source.strict:
                raise
            yield Loss(at, "", error.fault.removeprefix(f"{shape.named(at)}: ").removesuffix("."))


def given(request: Request, response: Response, place: YamlPath, at: float | None = None) -> Given:
    """An exchange whose headers say of its bodies what these are. ShapeError where it can be none in HTTP."""
    if not METHOD.fullmatch(request.method):
        raise ShapeError(place, f"{shape.named(place)} has no method, but {request.method[: shape.LONGEST_SHOWN]!r}.")
    if request.method == "CONNECT":
        raise ShapeError(place, f"{shape.named(place)} is a tunnel and no question (CONNECT).")
    if response.status not in ANSWERS:
        none = f"{shape.named(place)} has no answer: its status is {response.status}."
        raise ShapeError(place, none if response.status != 101 else f"{shape.named(place)} opens a WebSocket (101).")
    answer = servable(response, request.method)
    sent = servable(Response(200, "", request.headers, request.body), "")
    asked = replace(request, headers=sent.headers, body=sent.body)
    return Given(Interaction(asked, answer), at, place)


def address(url: str, place: YamlPath, usual: str = "") -> tuple[str, str]:
    """Origin and target of an address; one without an origin is of the usual one. ShapeError for what is no HTTP."""
    scheme = SCHEME.match(url)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise ShapeError(place, f"{shape.named(place)} is of {scheme[1].lower()}:, which is no HTTP.")
    origin, target = shape.address(url, place)
    if not origin:
        if not usual:
            raise ShapeError(place, f"{shape.named(place)} does not say of which host it is. Name it with --origin.")
        target = target if target.startswith("/") else "/" + target
    return origin or usual, target.partition("#")[0] or "/"


def described(method: str, uri: str) -> str:
    """An exchange in a few words, without its query, which may hold anything, and without secrets."""
    plain = uri.partition("?")[0]
    shown = plain if len(plain) <= shape.LONGEST_SHOWN else plain[: shape.LONGEST_SHOWN] + "..."
    return masking.shown_text(f"{method} {shown}")


def headers(pairs: Iterator[tuple[Any, Any]]) -> wire.Headers:
    """Headers as they can stand on a line: without those of HTTP/2 that are none; a value over lines is several."""
    found: list[tuple[str, str]] = []
    for name, value in pairs:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, bool) or not isinstance(one, str | int | float):
                continue
            found += [(name, line.strip()) for line in re.split(r"[\r\n]+", str(one))]
    return tuple(found)


def mapped(value: Any) -> wire.Headers:
    """Headers of a mapping, each with a value or several."""
    return headers(iter(value.items())) if isinstance(value, dict) else ()


def text_bytes(text: str) -> bytes:
    """A text as bytes; half a character, which no charset has, as JSON spells it."""
    return text.encode("utf-8", "surrogatepass" if _has_half(text) else "strict")


def _has_half(text: str) -> bool:
    return wire.HALF.search(text) is not None


def unpacked(text: str, place: YamlPath) -> bytes:
    """What base64 stands for, either alphabet, with or without its end."""
    plain = "".join(text.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ShapeError(place, f"{shape.named(place)} is no base64.") from None


def moment(value: Any) -> float | None:
    """When something was, in seconds since 1970; None where that is no time."""
    if isinstance(value, datetime):  # YAML read it
        return float(value.replace(tzinfo=value.tzinfo or UTC).timestamp())
    instant = instants.read_any(value, quoted=True) if isinstance(value, str) else None
    return None if instant is None else float(instant.seconds)
