"""HAR 1.2, as browsers, mitmproxy, Charles, Fiddler, Insomnia, HTTP Toolkit and Playwright save it; and written.

    log: {entries: [{startedDateTime, time, request: {method, url, headers, postData}, response: {status, content}}]}

Bodies stand in it decoded, whatever their headers say.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from replayer.cassettes import shape
from replayer.cassettes.formats.given import (
    Found,
    Loss,
    Source,
    address,
    described,
    each,
    given,
    headers,
    moment,
    text_bytes,
    unpacked,
)
from replayer.cassettes.shape import ShapeError, YamlPath, mapping, member, named
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response, instants, wire

TOOL = "HAR"
PLACE: YamlPath = ("log", "entries")
FORM_TYPES = (wire.FORM_TYPE, "multipart/form-data")
REDIRECTS = range(300, 400)  # nobody reads what stands in one


def recognises(document: Any) -> bool:
    log = document.get("log") if isinstance(document, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def read(document: Any, source: Source) -> Found:
    entries = document["log"]["entries"]
    for found in each(entries, ("entries",), partial(_read_one, source=source), source):
        if isinstance(found, Loss) and not found.what:
            yield Loss(found.place, _described(entries[int(found.place[1])]), found.why, found.part)
        else:
            yield found


def _described(entry: Any) -> str:
    asked = entry.get("request") if isinstance(entry, dict) else None
    return described(str(asked.get("method")), str(asked.get("url"))) if isinstance(asked, dict) else ""


def _read_one(value: Any, place: YamlPath, *, source: Source) -> Found:
    asked, answered = (mapping(*member(value, place, key)) for key in ("request", "response"))
    if value.get("_webSocketMessages") or value.get("_resourceType") == "websocket":
        raise ShapeError(place, f"{named(place)} is a WebSocket: its messages are no answers.")
    request = _request(asked, place, source)
    response, losses = _response(answered, place, source)
    began, took = moment(value.get("startedDateTime")), value.get("time")
    late = took / 1000 if isinstance(took, int | float) and took > 0 else 0.0
    found = given(request, response, place, None if began is None else began + late)
    yield found
    yield from (Loss(place, str(found), loss, part=True) for loss in losses)


# -- requests -----------------------------------------------------------------------------------------------------


def _request(asked: dict[Any, Any], place: YamlPath, source: Source) -> Request:
    method = shape.text(*member(asked, place, "method")).upper()
    origin, target = address(shape.text(*member(asked, place, "url")), place, source.origin)
    sent = _pairs(asked.get("headers"))
    body, media = _sent(asked, place)
    if media and wire.header(sent, "content-type") is None and body:
        sent = (*sent, ("Content-Type", media))
    return Request(method, target, wire.without(sent, ("content-encoding",)), body, origin)


def _sent(asked: dict[Any, Any], place: YamlPath) -> tuple[bytes, str]:
    """The body of a request, and its media type."""
    content, posted = asked.get("_content"), asked.get("postData")
    if isinstance(content, dict) and isinstance(content.get("text"), str):  # HTTP Toolkit's, of what is no text
        media = posted.get("mimeType") if isinstance(posted, dict) else ""
        return _body(content, "encoding", place), str(media or "")
    if not isinstance(posted, dict):
        return b"", ""
    media = str(posted.get("mimeType") or "")
    if isinstance(posted.get("text"), str) and (posted["text"] or not posted.get("params")):
        return _body(posted, "encoding", place), media
    params = posted.get("params")
    if not isinstance(params, list) or not params:
        return b"", media
    if media.partition(";")[0].strip().lower() != wire.FORM_TYPE:
        raise ShapeError(place, f"{named(place)} lists the parts of its request, and not the body.")
    pairs = [(str(one.get("name", "")), str(one.get("value", ""))) for one in params if isinstance(one, dict)]
    return urlencode(pairs).encode(), media


def _body(holder: dict[Any, Any], encoding: str, place: YamlPath, charset: str = "utf-8") -> bytes:
    text, packed = holder["text"], str(holder.get(encoding) or holder.get(f"_{encoding}") or "").lower()
    if packed == "base64":
        return unpacked(text, place)
    try:
        return str(text).encode(charset)
    except (UnicodeEncodeError, LookupError):
        return text_bytes(text)


# -- responses ----------------------------------------------------------------------------------------------------


def _response(answered: dict[Any, Any], place: YamlPath, source: Source) -> tuple[Response, list[str]]:
    """A response, and what of it is not in the file."""
    status = answered.get("status")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or status <= 0:
        why = answered.get("_error") or "it was blocked, or its client gave up"
        raise ShapeError(place, f"{named(place)} has no answer: {why}.")
    told = wire.without(_pairs(answered.get("headers")), ("content-encoding",))
    content = answered.get("content")
    content = content if isinstance(content, dict) else {}
    media = str(content.get("mimeType") or "")
    if wire.header(told, "content-type") is None and media not in ("", "x-unknown"):
        told = (*told, ("Content-Type", media))
    losses = []
    body = _received(content, place, source, wire.charset(told))
    if body is None and status not in REDIRECTS:
        raise ShapeError(place, f"{named(place)} lacks the body of its answer: save the file with content.")
    if body is None:
        losses.append("the body of its redirect is not in the file")
    return Response(status, str(answered.get("statusText") or ""), told, body or b""), losses


def _received(content: dict[Any, Any], place: YamlPath, source: Source, charset: str) -> bytes | None:
    """The body of an answer; None where there was one, and the file lacks it."""
    if isinstance(content.get("text"), str):
        return _body(content, "encoding", place, charset)
    if isinstance(beside := content.get("_file"), str):
        found = source.beside(beside)
        if found is None:
            raise ShapeError(place, f"{named(place)} has its answer in the file {beside!r}, which is not beside it.")
        return found
    size = content.get("size")
    return None if isinstance(size, int) and size > 0 else b""


def _pairs(value: Any) -> wire.Headers:
    if not isinstance(value, list):
        return ()
    return headers((one.get("name"), one.get("value")) for one in value if isinstance(one, dict))


# -- writing ------------------------------------------------------------------------------------------------------


def write(cassette: Cassette, version: str) -> str:
    """The cassette as HAR 1.2; `version` is that of this program."""
    entries = list(_entries(cassette))
    log = {"version": "1.2", "creator": {"name": "replayer", "version": version}, "entries": entries}
    return json.dumps({"log": log}, indent=2, ensure_ascii=False) + "\n"


def _entries(cassette: Cassette) -> Iterator[dict[str, Any]]:
    at = cassette.facts.epoch if cassette.facts else 0
    for one in cassette.interactions:
        at = one.response.date or at
        yield {
            "startedDateTime": instants.iso(at),
            "time": 0,
            "request": _asked(one),
            "response": _answered(one),
            "cache": {},
            "timings": {"send": 0, "wait": 0, "receive": 0},
        }


def _asked(one: Interaction) -> dict[str, Any]:
    request = one.request
    found = _head(request.headers, request.body) | {"method": request.method, "url": request.uri, "queryString": []}
    if request.body:
        found["postData"] = {"mimeType": wire.header(request.headers, "content-type") or ""} | _written(
            request.body, "utf-8"
        )
    return found


def _answered(one: Interaction) -> dict[str, Any]:
    response = one.response
    media = wire.header(response.headers, "content-type") or "x-unknown"
    body = _written(response.body, wire.charset(response.headers))
    return _head(response.headers, response.body) | {
        "status": response.status,
        "statusText": response.reason,
        "redirectURL": wire.header(response.headers, "location") or "",
        "content": {"size": len(response.body), "mimeType": media} | body,
    }


def _head(told: wire.Headers, body: bytes) -> dict[str, Any]:
    return {
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in told],
        "headersSize": -1,
        "bodySize": len(body),
    }


def _written(body: bytes, charset: str) -> dict[str, Any]:
    """A body as text where that gives the same bytes again, else in base64."""
    try:
        text = body.decode(charset)
        if text.encode(charset) == body and not wire.HALF.search(text):
            return {"text": text}
    except (UnicodeError, LookupError):
        pass
    import base64

    return {"text": base64.b64encode(body).decode(), "encoding": "base64"}
