"""WireMock's stub mappings, by hand, recorded or exported, alone in a file or many; `wiremock_write` writes them.

{request: {method, url | urlPath | urlPattern, queryParameters, headers, bodyPatterns},
 response: {status, headers, body | jsonBody | base64Body | bodyFileName}, scenarioName, priority}
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from replayer.cassettes import shape
from replayer.cassettes.formats import stubs
from replayer.cassettes.formats.given import (
    Found,
    Loss,
    Source,
    address,
    described,
    each,
    headers,
    mapped,
    text_bytes,
    unpacked,
)
from replayer.cassettes.shape import ShapeError, YamlPath, mapping, member, named
from replayer.core.message import Request, Response, wire

TOOL = "WireMock"
FILES = "__files"  # beside the folder `mappings`
ANY = "ANY"
WRITES = ("POST", "PUT", "PATCH")  # requests that have a body
STARTED = "Started"
USUAL_PRIORITY = 5
ORIGIN, HEADERS = "replayer.origin", "replayer.headers"  # in the metadata of what we write: WireMock has no word for it
DELAYS = ("fixedDelayMilliseconds", "delayDistribution", "chunkedDribbleDelay")
ACTIONS = ("postServeActions", "serveEventListeners")
JSON_TYPE = "application/json"
UNWRITTEN = "${json-unit"  # of what a JSON body may hold


def recognises(document: Any) -> bool:
    if not isinstance(document, dict) or "interactions" in document:
        return False
    return isinstance(document.get("mappings"), list) or _is_mapping(document)


def _is_mapping(value: Any) -> bool:
    return (
        isinstance(value, dict) and isinstance(value.get("request"), dict) and isinstance(value.get("response"), dict)
    )


def joined(documents: list[Any]) -> Any:
    """The documents of one folder as one: they are the mappings of one server."""
    return {"mappings": [one for each_ in documents for one in _mappings(each_)]}


def _mappings(document: Any) -> list[Any]:
    return [document] if _is_mapping(document) else list(document["mappings"])


def read(document: Any, source: Source) -> Found:
    found: list[stubs.Stub] = []
    listed = _mappings(document)
    losses = list(each(listed, ("mappings",), partial(_read_one, source=source, found=found), source))
    started = {str(one.get("scenarioName")): STARTED for one in listed if isinstance(one, dict)}
    yield from stubs.exchanges(found, started)
    for loss in losses:
        if isinstance(loss, Loss):
            yield Loss(loss.place, loss.what or _described(listed[int(loss.place[1])]), loss.why)


def _described(mapping_: Any) -> str:
    asked = mapping_.get("request") if isinstance(mapping_, dict) else None
    if not isinstance(asked, dict):
        return ""
    kinds = ("url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate")
    return described(str(asked.get("method", ANY)), next((str(asked[kind]) for kind in kinds if kind in asked), ""))


def _read_one(value: Any, place: YamlPath, *, source: Source, found: list[stubs.Stub]) -> Found:
    stub = mapping(value, place)
    asked, answered = (mapping(*member(stub, place, key)) for key in ("request", "response"))
    parts: list[str] = []
    request = _request(asked, place, _origin(stub, asked, source), parts)
    if kept := _kept_headers(stub):
        request = replace(request, headers=kept)
    response = _response(answered, place, source, parts)
    parts += [f"its {action}" for action in ACTIONS if stub.get(action)]
    scenario, required, leads = (stub.get(key) for key in ("scenarioName", "requiredScenarioState", "newScenarioState"))
    priority = stub.get("priority")
    found.append(
        stubs.Stub(
            request,
            response,
            place,
            requires={str(scenario): str(required)} if scenario and required else {},
            sets={str(scenario): str(leads)} if scenario and leads else {},
            rank=(priority if isinstance(priority, int) else USUAL_PRIORITY, -len(found)),  # of equal ones the last
            parts=tuple(parts),
        )
    )
    return iter(())


def _origin(stub: dict[Any, Any], asked: dict[Any, Any], source: Source) -> str:
    metadata = stub.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get(ORIGIN), str):
        return str(metadata[ORIGIN])
    if isinstance(asked.get("host"), str):
        port = f":{asked['port']}" if isinstance(asked.get("port"), int) else ""
        return f"{asked.get('scheme', 'https')}://{asked['host']}{port}"
    return source.origin


def _kept_headers(stub: dict[Any, Any]) -> wire.Headers:
    """The headers of a request that we have written out, with those that are no condition there."""
    metadata = stub.get("metadata")
    kept = metadata.get(HEADERS) if isinstance(metadata, dict) else None
    pairs = [pair for pair in kept if isinstance(pair, list) and len(pair) == 2] if isinstance(kept, list) else []
    return headers((name, value) for name, value in pairs)


# -- requests -----------------------------------------------------------------------------------------------------


def _request(asked: dict[Any, Any], place: YamlPath, origin: str, parts: list[str]) -> Request:
    method = asked.get("method", ANY)
    if not isinstance(method, str):
        raise ShapeError(place, f"{named(place)} answers several methods.")
    if method.upper() == ANY:
        method = "GET"
        parts.append("it answers any method: carried over as GET")
    for many in ("customMatcher", "multipartPatterns", "clientIp"):
        if asked.get(many):
            raise ShapeError(place, f"{named(place)} asks by {many}, which many requests do.")
    origin, target = address(_target(asked, place, parts), place, origin)
    sent = list(_conditions(asked.get("headers"), "header", parts))
    credentials = asked.get("basicAuthCredentials")
    if isinstance(credentials, dict):
        pair = f"{credentials.get('username', '')}:{credentials.get('password', '')}"
        sent.append(("Authorization", "Basic " + base64.b64encode(pair.encode()).decode()))
    if asked.get("cookies"):
        parts.append("its condition on cookies: whose session it is, is no part of a question here")
    body, media = _body(asked, place, parts, method.upper())
    if media and wire.header(tuple(sent), "content-type") is None:
        sent.append(("Content-Type", media))
    return Request(method.upper(), target, tuple(sent), body, origin)


def _target(asked: dict[Any, Any], place: YamlPath, parts: list[str]) -> str:
    exact = next((asked[key] for key in ("url", "urlPath") if isinstance(asked.get(key), str)), None)
    pattern = next((asked[key] for key in ("urlPattern", "urlPathPattern") if isinstance(asked.get(key), str)), None)
    template = asked.get("urlPathTemplate")
    if exact is None and pattern is not None:
        exact = stubs.literal(pattern)
        if exact is None:
            raise ShapeError(place, f"{named(place)} answers whatever matches {pattern!r}.")
    if exact is None and isinstance(template, str):
        exact = _filled(template, asked.get("pathParameters"))
        if exact is None:
            raise ShapeError(place, f"{named(place)} answers all of {template!r}.")
    if exact is None:
        raise ShapeError(place, f"{named(place)} answers any path.")
    query = _pairs(asked.get("queryParameters"), place, "query parameter")
    if not query and "urlPath" in asked:
        parts.append("it answers with any query: carried over without one")
    return f"{exact}{'&' if '?' in exact else '?'}{urlencode(query)}" if query else str(exact)


def _filled(template: str, given: Any) -> str | None:
    parameters = given if isinstance(given, dict) else {}
    for name, condition in parameters.items():
        value = _exact(condition)
        if value is not None:
            template = template.replace("{" + str(name) + "}", quote(value, safe=""))
    return None if "{" in template else template


def _exact(condition: Any) -> str | None:
    """The one value that a condition is met by; None where there are several."""
    if not isinstance(condition, dict) or condition.get("caseInsensitive"):
        return None
    if isinstance(condition.get("equalTo"), str | int | float):
        return str(condition["equalTo"])
    return stubs.literal(condition["matches"]) if isinstance(condition.get("matches"), str) else None


def _pairs(conditions: Any, place: YamlPath, what: str) -> list[tuple[str, str]]:
    found = []
    for name, condition in conditions.items() if isinstance(conditions, dict) else ():
        if isinstance(condition, dict) and condition.get("absent"):
            continue
        several = condition.get("hasExactly") if isinstance(condition, dict) else None
        for one in several if isinstance(several, list) else [condition]:
            value = _exact(one)
            if value is None:
                raise ShapeError(place, f"{named(place)} answers many values of the {what} {name!r}.")
            found.append((str(name), value))
    return found


def _conditions(conditions: Any, what: str, parts: list[str]) -> Iterator[tuple[str, str]]:
    """The headers that are asked for; a condition that many meet is none that a cassette keeps."""
    for name, condition in conditions.items() if isinstance(conditions, dict) else ():
        value = _exact(condition)
        if value is not None and "\n" not in value:
            yield str(name), value
        elif not (isinstance(condition, dict) and condition.get("absent")):
            parts.append(f"its condition on the {what} {name}")


def _body(asked: dict[Any, Any], place: YamlPath, parts: list[str], method: str) -> tuple[bytes, str]:
    """The one body that is asked with, and its type."""
    if asked.get("formParameters"):
        return urlencode(_pairs(asked["formParameters"], place, "field")).encode(), wire.FORM_TYPE
    patterns = asked.get("bodyPatterns")
    if not isinstance(patterns, list) or not patterns:
        if method in WRITES:
            parts.append("it answers with any body: carried over without one")
        return b"", ""
    if len(patterns) > 1 or not isinstance(patterns[0], dict):
        raise ShapeError(place, f"{named(place)} has several conditions on the body.")
    (pattern,) = patterns
    parts += [
        f"its body may differ ({name})" for name in ("ignoreArrayOrder", "ignoreExtraElements") if pattern.get(name)
    ]
    if pattern.get("absent"):
        return b"", ""
    if "equalToJson" in pattern:
        value = pattern["equalToJson"]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if UNWRITTEN not in text:
            return text_bytes(text), JSON_TYPE
    elif isinstance(pattern.get("equalToXml"), str):
        return text_bytes(pattern["equalToXml"]), "application/xml"
    elif isinstance(pattern.get("binaryEqualTo"), str):
        return unpacked(pattern["binaryEqualTo"], place), ""
    elif (exact := _exact(pattern)) is not None:
        return text_bytes(exact), ""
    raise ShapeError(place, f"{named(place)} answers many bodies ({', '.join(sorted(map(str, pattern)))}).")


# -- responses ----------------------------------------------------------------------------------------------------


def _response(answered: dict[Any, Any], place: YamlPath, source: Source, parts: list[str]) -> Response:
    if answered.get("proxyBaseUrl"):
        raise ShapeError(place, f"{named(place)} asks {answered['proxyBaseUrl']}, and holds no answer itself.")
    if answered.get("fault"):
        fault = answered["fault"]
        raise ShapeError(place, f"{named(place)} answers with the fault {fault}: see 'replayer help faults'.")
    body, media = _answer(answered, place, source)
    transformers = answered.get("transformers")
    if transformers and (
        "response-template" not in transformers or stubs.is_templated(body.decode("utf-8", "replace"))
    ):
        raise ShapeError(place, f"{named(place)} makes its answer up ({', '.join(map(str, transformers))}).")
    told = mapped(answered.get("headers"))
    if media and wire.header(told, "content-type") is None:
        told = (*told, ("Content-Type", media))
    parts += [f"its delay ({key}): see 'replayer help faults'" for key in DELAYS if answered.get(key)]
    status = answered.get("status", 200)
    return Response(shape.number(status, (*place, "status")), str(answered.get("statusMessage") or ""), told, body)


def _answer(answered: dict[Any, Any], place: YamlPath, source: Source) -> tuple[bytes, str]:
    """The body of an answer, and the type that the way of writing it down tells."""
    if isinstance(answered.get("body"), str):
        return text_bytes(answered["body"]), ""
    if "jsonBody" in answered:
        return text_bytes(json.dumps(answered["jsonBody"], ensure_ascii=False)), JSON_TYPE
    if isinstance(answered.get("base64Body"), str):
        return unpacked(answered["base64Body"], place), ""
    if isinstance(answered.get("bodyFileName"), str):
        name = answered["bodyFileName"]
        found = source.beside(f"{FILES}/{name}")
        if found is None:
            raise ShapeError(place, f"{named(place)} has its answer in {FILES}/{name}, which is not there.")
        return found, ""
    return b"", ""
