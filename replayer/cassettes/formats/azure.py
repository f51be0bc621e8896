"""What the test proxy of the Azure SDKs recorded.

    Entries: [{RequestUri, RequestMethod, RequestHeaders, RequestBody, StatusCode, ResponseHeaders, ResponseBody}]

A body is a JSON value where its type says JSON, base64 where it is no text, a list of lines where it has several.
"""

import json
from functools import partial
from typing import Any

from replayer.cassettes import shape
from replayer.cassettes.formats.given import (
    Found,
    Given,
    Loss,
    Source,
    address,
    each,
    given,
    mapped,
    text_bytes,
    unpacked,
)
from replayer.cassettes.shape import YamlPath, mapping, member
from replayer.core.message import Request, Response, wire

TOOL = "Azure test-proxy"
PACKED = "b64:"  # before a part that is no text
BOM = "\ufeff"


def recognises(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("Entries"), list)


def read(document: Any, source: Source) -> Found:
    yield from each(document["Entries"], ("entries",), partial(_read_one, source=source), source)
    variables = document.get("Variables")
    if isinstance(variables, dict) and variables:
        names = ", ".join(sorted(map(str, variables)))
        why = f"what the test made up ({names}): declare such fields as volatile, if they differ in each run"
        yield Loss((), "the variables", why, part=True)


def _read_one(value: Any, place: YamlPath, *, source: Source) -> Found:
    entry = mapping(value, place)
    origin, target = address(shape.text(*member(entry, place, "RequestUri")), place, source.origin)
    asked, told = mapped(entry.get("RequestHeaders")), mapped(entry.get("ResponseHeaders"))
    sent = _body(entry.get("RequestBody"), asked, (*place, "RequestBody"))
    received = _body(entry.get("ResponseBody"), told, (*place, "ResponseBody"))
    method = shape.text(*member(entry, place, "RequestMethod")).upper()
    status = shape.number(*member(entry, place, "StatusCode"))
    found: Given = given(Request(method, target, asked, sent, origin), Response(status, "", told, received), place)
    yield found


def _body(value: Any, head: wire.Headers, place: YamlPath) -> bytes:
    if value is None or value == "":
        return b""
    media = wire.media_type(head)
    if isinstance(value, list) and not wire.is_json_type(media) and all(isinstance(one, str) for one in value):
        return b"".join(unpacked(one[4:], place) if one.startswith(PACKED) else text_bytes(one) for one in value)
    if not isinstance(value, str):
        return text_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    if not media or wire.is_text_type(media) or media.startswith("multipart/"):
        return text_bytes(value.removeprefix(BOM))
    try:
        return unpacked(value, place)
    except shape.ShapeError:  # an older recorder, or a sanitizer, put text there
        return text_bytes(value)
