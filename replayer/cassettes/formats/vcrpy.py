"""What vcrpy recorded, from requests, urllib3, httpx, aiohttp or tornado, in this version or an older one; also where a
serializer parsed its JSON, as `parsed_body`.

    version: 1
    interactions: [{request: {method, uri, body, headers}, response: {status: {code}, headers, body: {string}}}]
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from replayer.cassettes import shape
from replayer.cassettes.formats.given import Found, Given, Source, each, given, moment
from replayer.cassettes.shape import ShapeError, YamlPath, member
from replayer.core.message import Request, Response, wire

TOOL = "vcrpy"
PARSED = "parsed_body"


def recognises(document: Any) -> bool:
    return isinstance(document, dict) and "interactions" in document


def read(document: Any, source: Source) -> Found:
    if not recognises(document) or "version" in document:  # vcrpy plays a file without, too
        shape.check_version(document)
    listed = shape.sequence(*member(document, (), "interactions"))
    return each(listed, ("interactions",), read_one, source)


def read_one(value: Any, place: YamlPath) -> Found:
    """An interaction in vcrpy's words, as other dialects are put into them, too."""
    found = {key: _with_body(part, key) if isinstance(part, dict) else part for key, part in _whole(value, place)}
    yield interaction(found, place)


def interaction(value: Any, place: YamlPath) -> Given:
    request = _request(*member(value, place, "request"))
    response = _response(*member(value, place, "response"))
    return given(request, response, place, moment(value.get("recorded_at")))


def _whole(value: Any, place: YamlPath) -> Iterable[tuple[object, object]]:
    return shape.mapping(value, place).items()


def _with_body(part: dict[Any, Any], key: object) -> dict[Any, Any]:
    """A message whose body stands in it as a value, written as JSON, as such serializers do."""
    if PARSED not in part:
        return part
    rest = {name: value for name, value in part.items() if name != PARSED}
    if part.get("body") is not None:
        return rest
    value = part[PARSED]
    text = value if isinstance(value, str) and not _is_json(part) else json.dumps(value, default=str)
    return {**rest, "body": {"string": text} if key == "response" else text}


def _is_json(part: dict[Any, Any]) -> bool:
    headers = part.get("headers")
    found = headers.items() if isinstance(headers, dict) else ()
    return any(str(name).lower() == "content-type" and "json" in str(value) for name, value in found)


def _request(value: object, place: YamlPath) -> Request:
    method = shape.text(*member(value, place, "method"))
    origin, target = shape.address(*member(value, place, "uri"))
    headers = _headers(*member(value, place, "headers"))
    body, at = member(value, place, "body")
    sent = _sent(body, wire.media_type(headers), at)
    if not wire.media_type(headers) and _is_form(body):  # aiohttp added this header after vcrpy had looked
        headers = (*headers, ("Content-Type", wire.FORM_TYPE))
    return Request(method, target, headers, sent, origin)


def _response(value: object, place: YamlPath) -> Response:
    found = shape.mapping(value, place)
    headers = _headers(*member(found, place, "headers"))
    if "status_code" in found:  # as vcrpy before 6 wrote it for httpx
        code = shape.number(*member(found, place, "status_code"))
        return Response(code, "", headers, _received(*member(found, place, "content")))
    status, at = member(found, place, "status")
    reason = shape.mapping(status, at).get("message")
    body, body_at = member(found, place, "body")
    received, string_at = _held(shape.mapping(body, body_at), body_at)
    return Response(
        shape.number(*member(status, at, "code")),
        "" if reason is None else shape.text(reason, (*at, "message")),
        headers,
        _received(received, string_at),
    )


def _held(body: Mapping[object, object], place: YamlPath) -> tuple[object, YamlPath]:
    """The content of a response's body. aiohttp's responses without one have nothing there; what is written under
    another name than vcrpy's is not taken for no body."""
    if "base64_string" in body:
        at = (*place, "base64_string")
        try:
            return base64.b64decode(shape.text(body["base64_string"], at), validate=True), at
        except ValueError:
            raise ShapeError(at, f"{shape.named(at)} is no base64.") from None
    if "string" not in body and body.keys() - {"encoding"}:
        names = ", ".join(map(repr, sorted(map(str, body))))
        raise ShapeError(place, f"{shape.named(place)} has no 'string', but {names}.")
    return body.get("string"), (*place, "string")


def _headers(value: object, place: YamlPath) -> wire.Headers:
    if value is None:
        return ()
    return tuple(
        (shape.text(name, at), _header(each, at))
        for name, values in _named_values(value, place)
        for at in [(*place, str(name))]
        for each in (values if isinstance(values, list | tuple) else [values])
        if each is not None
    )


def _named_values(value: object, place: YamlPath) -> Iterator[tuple[object, object]]:
    """Names with their values. vcrpy before 1.0 wrote a list of lines, and for tornado one of pairs."""
    if not isinstance(value, list | tuple):
        yield from shape.mapping(value, place).items()
        return
    for index, one in enumerate(value):
        if isinstance(one, dict):
            yield from one.items()
        elif isinstance(one, list | tuple) and len(one) == 2:
            yield one[0], one[1]
        else:
            name, colon, rest = shape.text(one, (*place, index)).partition(":")
            if not colon:
                raise ShapeError((*place, index), f"{shape.named(place)} is a list with something that is no header.")
            yield name.strip(), rest.strip()


def _header(value: object, place: YamlPath) -> str:
    if isinstance(value, date):  # YAML took it for one
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else shape.text(value, place)


def _received(value: object, place: YamlPath) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else shape.text(value, place).encode()


def _sent(value: Any, media: str, place: YamlPath) -> bytes:
    """A request's body in whatever form the client library held it: aiohttp's stand as they were passed to it."""
    if value is None:
        return b""
    if isinstance(value, bytes | str):
        return _received(value, place)
    if hasattr(value, "read"):
        return bytes(value.read())
    if isinstance(value, dict | list | tuple | bool | int | float):
        return _written(value, media, place)
    if isinstance(value, Iterable):  # what a generator gave
        return _joined(list(value), place)
    raise ShapeError(place, f"{shape.named(place)} is {shape.kind(value)}, which is no body.")


def _written(value: Any, media: str, place: YamlPath) -> bytes:
    """A form where the request says so, or where it can be one; else JSON, as aiohttp writes it."""
    if isinstance(value, list) and value and all(isinstance(each, bytes) for each in value):
        return _joined(value, place)
    try:
        if media == wire.FORM_TYPE or (not media.endswith("json") and _is_form(value)):
            return urlencode(_pairs(value)).encode()
        return json.dumps(value).encode()
    except (TypeError, ValueError):
        fault = f"{shape.named(place)} is neither a form nor JSON."
        raise ShapeError(place, fault) from None


def _is_form(value: Any) -> bool:
    return isinstance(value, dict | list | tuple) and bool(value) and all(map(_is_field, _pairs(value)))


def _pairs(value: Any) -> list[Any]:
    pairs = value.items() if isinstance(value, dict) else value
    return [tuple(pair) if isinstance(pair, list) else pair for pair in pairs]


def _is_field(pair: Any) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(each, str | bytes) for each in pair)


def _joined(chunks: list[Any], place: YamlPath) -> bytes:
    if chunks and all(isinstance(chunk, int) for chunk in chunks):
        return bytes(chunks)
    return b"".join(_received(chunk, place) for chunk in chunks)
