"""Files of other tools than vcrpy, in vcrpy's words where it is plain what they mean. Where it is not, or where a file
is no recording at all, it is refused by the name of the tool that wrote it.

Ruby VCR, betamax     http_interactions: [{request: {method, uri, body: {string}}, response: {status, headers, body}}]
go-vcr                interactions: [{request: {url, method, body}, response: {code, status, body}}]
vcrpy, JSON parsed    interactions: [{request: {parsed_body}, response: {parsed_body}}]
"""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from replayer.cassettes.shape import ShapeError, YamlPath, mapping, named, sequence

ANEW = "Replayer plays files of vcrpy, Ruby VCR, betamax and go-vcr; record this one again with 'replayer record'."

Reader = Callable[[dict[Any, Any], YamlPath], dict[str, Any]]


def as_vcrpy(document: object) -> object:
    """The document as vcrpy would have written it; ShapeError where another tool's cannot be played."""
    if tool := _refused(document):
        raise ShapeError((), f"{tool} wrote this.", ANEW)
    if not isinstance(document, dict):
        return document
    if "http_interactions" in document:
        betamax = str(document.get("recorded_with", "")).startswith("betamax")
        return _each(document["http_interactions"], lambda value, place: _vcr(value, place, betamax=betamax))
    listed = document.get("interactions")
    if isinstance(listed, list) and any(isinstance(each, dict) and _is_go(each) for each in listed):
        return _each(listed, _go)
    if isinstance(listed, list) and any(isinstance(each, dict) and _is_parsed(each) for each in listed):
        document = {**document, "interactions": [_parsed(each) if isinstance(each, dict) else each for each in listed]}
    return {"version": 1, **document} if isinstance(listed, list) else document  # vcrpy plays a file without, too


def _refused(document: object) -> str:
    """The tool that wrote a file which is not played; empty where none is recognised."""
    first = document[0] if isinstance(document, list) and document else None
    if isinstance(first, dict):
        asked = first.get("request")
        if "scope" in first and "path" in first:
            return "nock"
        if not isinstance(asked, dict) or "url" not in asked:
            return ""
        return "ExVCR" if "request_body" in asked or "options" in asked else "PHP-VCR"
    if not isinstance(document, dict) or "interactions" in document:
        return ""
    log, inner = document.get("log"), document.get("data")
    if isinstance(log, dict) and "entries" in log:
        return "Polly.js" if "_recordingName" in log else "A tool for HAR files"
    if isinstance(inner, dict) and "pairs" in inner:
        return "Hoverfly"
    for key, tool in (("mappings", "WireMock"), ("imposters", "mountebank"), ("stubs", "mountebank")):
        if isinstance(document.get(key), list):
            return tool
    if isinstance(document.get("Entries"), list):
        return "The test proxy of the Azure SDKs"
    if isinstance(document.get("request"), dict) and isinstance(document.get("response"), dict):
        return "WireMock"
    return "talkback" if {"req", "res"} <= document.keys() else ""


def _each(listed: object, read: Reader) -> dict[str, Any]:
    found = sequence(listed, ("interactions",))
    places: list[YamlPath] = [("interactions", index) for index in range(len(found))]
    whole = (mapping(value, place) for value, place in zip(found, places, strict=True))
    return {"version": 1, "interactions": [read(value, place) for value, place in zip(whole, places, strict=True)]}


def _part(value: dict[Any, Any], place: YamlPath, key: str) -> dict[Any, Any]:
    if key not in value:
        raise ShapeError(place, f"{named(place)} has no {key!r}.")
    return mapping(value[key], (*place, key))


# -- Ruby VCR and betamax ---------------------------------------------------------------------------------------------


def _vcr(value: dict[Any, Any], place: YamlPath, *, betamax: bool) -> dict[str, Any]:
    asked, answered = _part(value, place, "request"), _part(value, place, "response")
    return {
        "request": {
            "method": str(asked.get("method", "")).upper(),  # Ruby's are symbols, in small letters
            "uri": asked.get("uri"),
            "headers": asked.get("headers"),
            "body": _string(asked.get("body"), (*place, "request", "body"), betamax=betamax),
        },
        "response": {
            "status": answered.get("status"),
            "headers": answered.get("headers"),
            "body": {"string": _string(answered.get("body"), (*place, "response", "body"), betamax=betamax)},
        },
    }


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


# -- go-vcr -----------------------------------------------------------------------------------------------------------


def _is_go(value: dict[Any, Any]) -> bool:
    asked, answered = value.get("request"), value.get("response")
    return isinstance(asked, dict) and isinstance(answered, dict) and "url" in asked and "code" in answered


def _go(value: dict[Any, Any], place: YamlPath) -> dict[str, Any]:
    asked, answered = _part(value, place, "request"), _part(value, place, "response")
    code, status = answered.get("code"), str(answered.get("status", ""))
    body, form = asked.get("body"), asked.get("form")
    if not body and isinstance(form, dict) and form:
        body = urlencode([(key, one) for key, several in form.items() for one in _listed(several)])
    return {
        "request": {
            "method": asked.get("method") or "GET",  # Go's zero value means that
            "uri": asked.get("url"),
            "headers": asked.get("headers"),
            "body": body,
        },
        "response": {
            "status": {"code": code, "message": status.removeprefix(str(code)).strip()},
            "headers": answered.get("headers"),
            "body": {"string": answered.get("body")},
        },
    }


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


# -- vcrpy, with a serializer that parses JSON ------------------------------------------------------------------------

PARSED = "parsed_body"


def _is_parsed(value: dict[Any, Any]) -> bool:
    return any(isinstance(part, dict) and PARSED in part for part in value.values())


def _parsed(value: dict[Any, Any]) -> dict[Any, Any]:
    """The interaction with the bodies that stand in it as values written as JSON, as such serializers do."""
    return {key: _written(part, key) if isinstance(part, dict) else part for key, part in value.items()}


def _written(part: dict[Any, Any], key: object) -> dict[Any, Any]:
    if PARSED not in part or part.get("body") is not None:
        return {name: value for name, value in part.items() if name != PARSED}
    value = part[PARSED]
    text = value if isinstance(value, str) and not _is_json(part) else json.dumps(value, default=str)
    body: object = {"string": text} if key == "response" else text
    return {**{name: one for name, one in part.items() if name != PARSED}, "body": body}


def _is_json(part: dict[Any, Any]) -> bool:
    headers = part.get("headers")
    found = headers.items() if isinstance(headers, dict) else ()
    return any(str(name).lower() == "content-type" and "json" in str(value) for name, value in found)
