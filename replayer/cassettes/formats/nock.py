"""What nock's recorder wrote with `output_objects`: a list of calls.

[{scope: "https://api.example.com:443", method, path, body, status, response, rawHeaders | headers, reqheaders}]
"""

import json
from functools import partial
from typing import Any
from urllib.parse import urlencode

from replayer.cassettes import shape
from replayer.cassettes.formats.given import Found, Loss, Source, address, each, given, headers, mapped, text_bytes
from replayer.cassettes.shape import ShapeError, YamlPath, mapping, member, named
from replayer.core.message import Request, Response, bodies, wire

TOOL = "nock"
JSON_TYPE = "application/json"


def recognises(document: Any) -> bool:
    first = document[0] if isinstance(document, list) and document else None
    return isinstance(first, dict) and "scope" in first and "path" in first


def read(document: Any, source: Source) -> Found:
    return each(document, ("calls",), partial(_read_one, source=source), source)


def _read_one(value: Any, place: YamlPath, *, source: Source) -> Found:
    call = mapping(value, place)
    scope = shape.text(*member(call, place, "scope"))
    origin, target = address(_origin(scope) + _target(call, place), place, source.origin)
    told = _headers(call)
    body = _received(call.get("response"), told, place)
    if wire.header(told, "content-type") is None and isinstance(call.get("response"), dict | list) and body:
        told = (*told, ("Content-Type", JSON_TYPE))
    asked = mapped(call.get("reqheaders"))
    sent, media = _sent(call.get("body"), wire.media_type(asked))
    if media and wire.header(asked, "content-type") is None:
        asked = (*asked, ("Content-Type", media))
    request = Request(shape.text(*member(call, place, "method")).upper(), target, asked, sent, origin)
    found = given(request, Response(shape.number(call.get("status", 200), (*place, "status")), "", told, body), place)
    yield found
    if call.get("badheaders"):
        yield Loss(place, str(found), "its condition on headers that must not be there", part=True)


def _origin(scope: str) -> str:
    """An origin as everybody writes it: without the port that its scheme implies."""
    for scheme, port in wire.DEFAULT_PORTS.items():
        if scope.startswith(f"{scheme}://"):
            return scope.removesuffix(f":{port}")
    return scope


def _target(call: dict[Any, Any], place: YamlPath) -> str:
    path = call.get("path")
    if not isinstance(path, str):
        raise ShapeError(place, f"{named(place)} has no path in words, but what matches many.")
    queries = call.get("queries")
    return f"{path}?{urlencode(queries, doseq=True)}" if isinstance(queries, dict) and queries else path


def _headers(call: dict[Any, Any]) -> wire.Headers:
    raw = call.get("rawHeaders", call.get("headers"))
    if isinstance(raw, list):  # names and values in turn
        return headers(zip(raw[::2], raw[1::2], strict=False))
    return mapped(raw)


def _received(value: Any, told: wire.Headers, place: YamlPath) -> bytes:
    """The body of an answer: text, a value, or chunks in hexadecimal where it is packed or no text."""
    packed = wire.header(told, "content-encoding")
    hexadecimal = isinstance(value, list) and all(isinstance(one, str) for one in value)
    if value is None or value == "":
        return b""
    if hexadecimal and (packed or wire.media_type(told) != JSON_TYPE):
        try:
            raw = bytes.fromhex("".join(value))
        except ValueError:
            raise ShapeError(place, f"{named(place)} has chunks that are no hexadecimal.") from None
        return raw
    if isinstance(value, str):
        return _of_text(value, told)
    return text_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _of_text(text: str, told: wire.Headers) -> bytes:
    """A text; of an answer that is no text the recorder writes the bytes in hexadecimal."""
    if wire.is_text_type(wire.media_type(told)) and not wire.header(told, "content-encoding"):
        return text_bytes(text)
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return text_bytes(text)
    known = bodies.decode_content(raw, wire.header(told, "content-encoding") or "identity")
    return raw if known is not None or not wire.is_text_type(wire.media_type(told)) else text_bytes(text)


def _sent(value: Any, media: str) -> tuple[bytes, str]:
    """The body of a request, which nock parses where it is JSON, and the type that this tells."""
    if value is None or value == "":
        return b"", ""
    if isinstance(value, str):
        return text_bytes(value), ""
    if media == wire.FORM_TYPE and isinstance(value, dict):
        return urlencode(value, doseq=True).encode(), ""
    return text_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":"))), JSON_TYPE
