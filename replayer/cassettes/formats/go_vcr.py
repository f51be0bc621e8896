"""What go-vcr recorded, versions 1 to 3.

interactions: [{request: {url, method, headers, body, form}, response: {code, status, headers, body}}]
"""

from typing import Any
from urllib.parse import urlencode

from replayer.cassettes.formats import vcrpy
from replayer.cassettes.formats.given import Found, Source, each
from replayer.cassettes.shape import YamlPath, mapping, member, sequence

TOOL = "go-vcr"


def recognises(document: Any) -> bool:
    listed = document.get("interactions") if isinstance(document, dict) else None
    return isinstance(listed, list) and any(isinstance(one, dict) and _is_go(one) for one in listed)


def _is_go(value: dict[Any, Any]) -> bool:
    asked, answered = value.get("request"), value.get("response")
    return isinstance(asked, dict) and isinstance(answered, dict) and "url" in asked and "code" in answered


def read(document: Any, source: Source) -> Found:
    return each(sequence(document["interactions"], ("interactions",)), ("interactions",), _read_one, source)


def _read_one(value: Any, place: YamlPath) -> Found:
    request, response = (mapping(*member(value, place, key)) for key in ("request", "response"))
    code, status = response.get("code"), str(response.get("status") or "")
    body, form = request.get("body"), request.get("form")
    if not body and isinstance(form, dict) and form:
        body = urlencode([(key, one) for key, several in form.items() for one in _listed(several)])
    found = {
        "request": {
            "method": request.get("method") or "GET",  # Go's zero value means that
            "uri": request.get("url"),
            "headers": request.get("headers"),
            "body": body,
        },
        "response": {
            "status": {"code": code, "message": status.removeprefix(str(code)).strip()},
            "headers": response.get("headers"),
            "body": {"string": response.get("body")},
        },
    }
    yield vcrpy.interaction(found, place)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
