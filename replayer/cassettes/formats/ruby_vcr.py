"""What Ruby's VCR recorded since its version 2, in YAML or in JSON, and betamax, which writes alike.

http_interactions: [{request: {method, uri, body: {encoding, string}, headers}, response: {status, headers, body}}]
"""

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

from replayer.cassettes.formats import vcrpy
from replayer.cassettes.formats.given import Found, Loss, Source, each
from replayer.cassettes.shape import ShapeError, YamlPath, mapping, member, named, sequence

TOOL = "Ruby VCR or betamax"
LIST = "http_interactions"
ERB = b"<%="


def recognises(document: Any) -> bool:
    return isinstance(document, dict) and LIST in document


def read(document: Any, source: Source) -> Found:
    betamax = str(document.get("recorded_with", "")).startswith("betamax")
    return each(sequence(document[LIST], (LIST,)), (LIST,), partial(_read_one, betamax=betamax), source)


def _read_one(value: Any, place: YamlPath, *, betamax: bool) -> Found:
    asked, asked_at = member(value, place, "request")
    answered, answered_at = member(value, place, "response")
    request, response = mapping(asked, asked_at), mapping(answered, answered_at)
    string: Callable[..., object] = partial(_string, betamax=betamax)
    found = {
        "recorded_at": value.get("recorded_at"),
        "request": {
            "method": str(request.get("method", "")).upper(),  # Ruby's are symbols, in small letters
            "uri": request.get("uri"),
            "headers": request.get("headers"),
            "body": string(request.get("body"), (*asked_at, "body")),
        },
        "response": {
            "status": _status(response),
            "headers": response.get("headers"),
            "body": {"string": string(response.get("body"), (*answered_at, "body"))},
        },
    }
    given = vcrpy.interaction(found, place)
    yield given
    if ERB in given.interaction.request.target.encode() or ERB in given.interaction.response.body:
        yield Loss(place, str(given), "its ERB is text here and not run", part=True)


def _status(response: dict[object, object]) -> object:
    """The status of an answer: betamax had it beside the others before its 0.3, the vcr of R calls it otherwise."""
    status = response.get("status", {"code": response.get("status_code")})
    if isinstance(status, dict) and "code" not in status and "status_code" in status:
        return {"code": status["status_code"], "message": status.get("reason")}
    return status


def _string(body: object, place: YamlPath, *, betamax: bool) -> object:
    """The body, or what it is packed in. betamax decodes one by its encoding; Ruby only says which it has."""
    if not isinstance(body, dict):
        return body
    try:
        if "base64_string" in body:
            return base64.b64decode(str(body["base64_string"]))
        text, encoding = body.get("string"), body.get("encoding")
        if betamax and isinstance(text, str) and isinstance(encoding, str) and encoding:
            return text.encode(encoding)
    except (ValueError, LookupError):
        raise ShapeError(place, f"{named(place)} is not in the encoding that it names.") from None
    return text
