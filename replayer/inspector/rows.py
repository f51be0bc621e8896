"""What is said of each interaction, as values: tables, JSON and the page show the same."""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

from replayer.core.cassette import Interaction, Streamed
from replayer.core.matching import Index, canonical, causal
from replayer.core.message import Request, Response, bodies, wire
from replayer.core.naming import tokens
from replayer.core.rules import registry
from replayer.core.secrets import masking
from replayer.core.streams import StreamForm, events

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no text has
NO_CAUSES = causal.CausalRow(0, "", "")
ELSEWHERE = "body"  # where a word stands of which no field is known


@dataclass(frozen=True, slots=True)
class InteractionRow:
    """One interaction: its number in the file, counted from 1; what its answer is, in a word or two; the bytes of that.
    `causes`, with a `short` form of what was asked, and `places`, where a word was found, are empty where nobody asked
    for them."""

    number: int
    method: str
    path: str
    status: int
    body: str
    size: int
    causes: str = ""
    short: str = ""
    places: tuple[str, ...] = ()

    @classmethod
    def of(cls, number: int, each: Interaction, cause: causal.CausalRow, places: tuple[str, ...]) -> "InteractionRow":
        request, response, path = each.request, each.response, shown_path(each.request)
        word = stream(each) or body(response.headers, response.body)
        return cls(
            number, request.method, path, response.status, word, len(response.body), cause.causes, cause.request, places
        )


def shown_path(request: Request) -> str:
    """The path with its query as people read it, cut where it is very long."""
    return _shown(request.target)


@lru_cache(maxsize=4096)  # a session asks the same again and again
def _shown(target: str) -> str:
    # What opens something stands in a file of another tool: it is for no screen, and no log of a build.
    safe, _ = masking.withheld(Request("GET", target, ()), registry.GENERIC_RULES, tokens.stands_in)
    return canonical.shortened(unquote(safe.target))


def rows(interactions: Sequence[Interaction], index: Index | None = None, word: str = "") -> list[InteractionRow]:
    """One for each interaction, with the causes where there is an index of them; those alone that hold the word."""
    causes = list(causal.rows(index)) if index else [NO_CAUSES] * len(interactions)
    found = []
    for number, (each, cause) in enumerate(zip(interactions, causes, strict=True), start=1):
        places = tuple(dict.fromkeys(places_of(each, word))) if word else ()
        if places or not word:
            found.append(InteractionRow.of(number, each, cause, places))
    return found


def places_of(interaction: Interaction, word: str) -> Iterator[str]:
    """Where a word stands, in capitals or not: `request path`, `answer data[0].id`, `answer header Date`."""
    wanted = word.lower()
    request, response = interaction.request, interaction.response
    spellings = (f"{request.method} {unquote(request.target)}", unquote_plus(request.target), request.target)
    if any(wanted in spelling.lower() for spelling in spellings):
        yield "request path"
    yield from _within(request, wanted, "request")
    if wanted in f"{response.status} {response.reason}".lower():
        yield "answer status"
    yield from _within(response, wanted, "answer")


def _within(message: Request | Response, wanted: str, which: str) -> Iterator[str]:
    for name, value in message.headers:
        if wanted in f"{name}: {value}".lower():
            yield f"{which} header {name}"
    text = message.content.text
    if text is None or not _may_hold(text, wanted):
        return
    leaves = [leaf for leaf in message.leaves if wanted in leaf.value.lower() or wanted in leaf.key.lower()]
    yield from (f"{which} {leaf.place}" if leaf.place else f"{which} {ELSEWHERE}" for leaf in leaves)
    if not leaves and wanted in text.lower():
        yield f"{which} {ELSEWHERE}"


def _may_hold(text: str, wanted: str) -> bool:
    """Whether a body may hold that: as it stands, in a form that spells it otherwise, or in JSON that escapes it."""
    lowered = text.lower()
    is_coded = "%" in lowered or "+" in lowered
    return wanted in lowered or "\\" in lowered or (is_coded and wanted in unquote_plus(lowered))


# -- one interaction as a whole ----------------------------------------------------------------------------------------


def whole(number: int, interaction: Interaction) -> dict[str, Any]:
    """The interaction of that number as JSON: a body that is no text stands in Base64, under another name."""
    request, response = interaction.request, interaction.response
    return {
        "number": number,
        "request": {
            "method": request.method,
            "uri": request.uri,
            "headers": _headers(request.headers),
            **_body(request),
        },
        "response": {
            "status": response.status,
            "reason": response.reason,
            "headers": _headers(response.headers),
            **_body(response),
            **_came(interaction.streamed),
        },
    }


def _came(streamed: Streamed) -> dict[str, Any]:
    """How an answer came, where that is to be told."""
    ended = {"ended": streamed.ended} if streamed.ended else {}
    waits = [{"event": place + 1, "seconds": tenths / 10} for place, tenths in streamed.waits]
    return {**ended, **({"waits": waits} if waits else {})}


def _headers(headers: wire.Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _body(message: Request | Response) -> dict[str, str]:
    text = readable(message)
    return {"body_base64": base64.b64encode(message.body).decode()} if text is None else {"body": text}


def readable(message: Request | Response) -> str | None:
    """The body as people read it, unpacked; None where it is none for them."""
    if not message.body:
        return ""
    text = message.content.text
    if text is None and _reads_as_text(message.headers, message.content.raw):
        text = message.content.raw.decode(wire.charset(message.headers))
    return text


def laid_out(text: str, kind: bodies.BodyKind) -> str:
    """A body as it is best read: JSON with indents, a form with a field on each line, all else as it is."""
    if kind is bodies.BodyKind.JSON:
        parsed = bodies.parse_json(text)
        return text if parsed is None else json.dumps(parsed[0], indent=2, ensure_ascii=False)
    if kind is bodies.BodyKind.FORM:
        return "\n".join(f"{bodies.form_decoded(name)}={bodies.form_decoded(value)}" for name, value in _fields(text))
    return text


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        yield name, value


# -- in a word ---------------------------------------------------------------------------------------------------------


def stream(interaction: Interaction) -> str:
    """What a stream is, in a word or two: `3 events`, `1 line, left`; empty for what is none."""
    response, ended = interaction.response, interaction.streamed.ended
    if response.stream is None or not response.body:
        return ""
    count = sum(not event.is_idle for _, event in events(response.text, response.stream))
    one = "line" if response.stream is StreamForm.LINES else "event"
    return f"{count} {one}{'s' * (count != 1)}" + (f", {ended}" if ended else "")


def body(headers: wire.Headers, raw: bytes) -> str:
    """What a body is, in a word or two: `invoice`, `list of 3`, `error`, or only its kind."""
    found = bodies.read(headers, raw)
    if found.kind is bodies.BodyKind.BINARY and _reads_as_text(headers, found.raw):
        return str(bodies.BodyKind.TEXT.value)
    if found.kind is not bodies.BodyKind.JSON or found.text is None:
        return str(found.kind.value)
    (value,) = bodies.parse_json(found.text) or (None,)
    if isinstance(value, dict):
        listed = value.get("data")
        if isinstance(listed, list):
            return f"list of {len(listed)}"
        if isinstance(value.get("object"), str):
            return str(value["object"])
        if "error" in value:
            return "error"
    return str(found.kind.value)


def _reads_as_text(headers: wire.Headers, raw: bytes) -> bool:
    """Whether a body that is never edited is text to people, an event stream for one."""
    try:
        return CONTROL.search(raw.decode(wire.charset(headers))) is None
    except (LookupError, UnicodeError):
        return False
