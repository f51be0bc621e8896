"""Hoverfly's simulations, versions 1 to 5.3.

    data: {pairs: [{request: {method, scheme, destination, path, query, body, headers}, response: {status, body}}]}

Each part of a request is a text (v1), a condition `{exactMatch: ...}` (v2 to v4) or a list of `{matcher, value}` (v5).
"""

import json
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from replayer.cassettes import shape
from replayer.cassettes.formats import stubs
from replayer.cassettes.formats.given import Found, Loss, Source, address, each, headers, mapped, text_bytes, unpacked
from replayer.cassettes.shape import ShapeError, YamlPath, mapping, member, named
from replayer.core.message import Request, Response, wire

TOOL = "Hoverfly"
SEQUENCE = "sequence:"  # such a state begins with 1
KINDS = {"exactMatch": "exact", "globMatch": "glob", "jsonMatch": "json", "xmlMatch": "xml", "regexMatch": "regex"}
MEDIA = {"json": "application/json", "xml": "application/xml"}
WRITES = ("POST", "PUT", "PATCH")
DELAYS = ("fixedDelay", "logNormalDelay")


def recognises(document: Any) -> bool:
    inner = document.get("data") if isinstance(document, dict) else None
    return isinstance(inner, dict) and isinstance(inner.get("pairs"), list)


def read(document: Any, source: Source) -> Found:
    inner = document["data"]
    found: list[stubs.Stub] = []
    losses = list(each(inner["pairs"], ("pairs",), partial(_read_one, source=source, found=found), source))
    started = {name: "1" for stub in found for name in stub.states if name.startswith(SEQUENCE)}
    yield from stubs.exchanges(found, started)
    yield from losses
    actions = inner.get("globalActions")
    for name, value in actions.items() if isinstance(actions, dict) else ():
        if value:
            yield Loss((), "all answers", f"their delays ({name}): see 'replayer help faults'", part=True)


def _read_one(value: Any, place: YamlPath, *, source: Source, found: list[stubs.Stub]) -> Found:
    pair = mapping(value, place)
    asked, answered = (mapping(*member(pair, place, key)) for key in ("request", "response"))
    parts: list[str] = []
    request = _request(asked, place, source, parts)
    response, removed = _response(answered, place, source, parts), answered.get("removesState")
    found.append(
        stubs.Stub(
            request,
            response,
            place,
            requires=_states(asked.get("requiresState")),
            sets=_states(answered.get("transitionsState")),
            removes=frozenset(map(str, removed if isinstance(removed, list) else ())),
            rank=(0, len(found)),
            parts=tuple(parts),
        )
    )
    return iter(())


def _states(value: Any) -> dict[str, str]:
    return {str(name): str(one) for name, one in value.items()} if isinstance(value, dict) else {}


# -- requests -----------------------------------------------------------------------------------------------------


def _request(asked: dict[Any, Any], place: YamlPath, source: Source, parts: list[str]) -> Request:
    loose = asked.get("requestType") == "template"  # of version 1: its texts are patterns
    one = partial(_only, place=place, loose=loose)
    method = one(asked.get("method"), what="method", usual="")[0].upper() or "GET"
    if not asked.get("method"):
        parts.append("it answers any method: carried over as GET")
    scheme = one(asked.get("scheme"), what="scheme", usual="https")[0] or "https"
    host = one(asked.get("destination"), what="destination", usual="")[0]
    path = one(asked.get("path"), what="path")[0]
    query = _query(asked, place, parts, loose=loose)
    target = quote(path, safe="/%:@!$&'()*+,;=~") + (f"?{query}" if query else "")
    origin, target = address((f"{scheme}://{host}" if host else "") + target, place, source.origin)
    sent = _headers(asked, parts)
    body, kind = one(asked.get("body"), what="body", usual="")
    if asked.get("body") is None and method in WRITES:
        parts.append("it answers with any body: carried over without one")
    if kind in MEDIA and wire.header(sent, "content-type") is None:
        sent = (*sent, ("Content-Type", MEDIA[kind]))
    return Request(method, target, sent, text_bytes(body), origin)


def _only(
    condition: Any, what: str, usual: str | None = None, *, place: YamlPath, loose: bool = False
) -> tuple[str, str]:
    """The one text that meets a condition, and the kind of that; `usual` where there is none. ShapeError where several
    do."""
    if condition is None or condition in ([], {}):
        if usual is None:
            raise ShapeError(place, f"{named(place)} answers any {what}.")
        return usual, "exact"
    kind, value = _kind(condition, loose=loose)
    if kind == "glob" and "*" not in str(value):
        kind = "exact"
    if kind == "regex" and isinstance(value, str) and (exact := stubs.literal(value)) is not None:
        kind, value = "exact", exact
    if kind == "form" or kind not in ("exact", "json", "xml"):
        raise ShapeError(place, f"{named(place)} answers many of that {what} ({kind or 'several conditions'}).")
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)), kind


def _kind(condition: Any, *, loose: bool) -> tuple[str, Any]:
    """Of which kind a condition is, and what it is compared with; no kind where there are several."""
    if isinstance(condition, list):
        return _kind(condition[0], loose=loose) if len(condition) == 1 else ("", None)
    if not isinstance(condition, dict):
        return "glob" if loose else "exact", condition
    if "matcher" in condition:
        return ("" if condition.get("doMatch") else str(condition["matcher"]).lower()), condition.get("value")
    if len(condition) == 1:
        ((name, value),) = condition.items()
        return KINDS.get(name, str(name)), value
    return "", None


def _query(asked: dict[Any, Any], place: YamlPath, parts: list[str], *, loose: bool) -> str:
    """The query that is asked with, as it stands in an address."""
    found = asked.get("queriesWithMatchers", asked.get("query"))
    if isinstance(found, dict) and not {*KINDS, "matcher"} & found.keys():
        return urlencode([pair for name, each_ in found.items() for pair in _parameters(str(name), each_, place)])
    if found is None:
        if asked.get("deprecatedQuery") is None:
            parts.append("it answers with any query: carried over without one")
            return ""
        found = asked["deprecatedQuery"]
    text, _ = _only(found, "query", "", place=place, loose=loose)
    return quote(text, safe="=&%+,:;/@!$'()*~[]")


def _parameters(name: str, condition: Any, place: YamlPath) -> list[tuple[str, str]]:
    kind, value = _kind(condition, loose=False)
    if kind == "array" and isinstance(value, list):
        return [(name, str(one)) for one in value]
    if isinstance(condition, list) and all(isinstance(one, str) for one in condition):
        return [(name, one) for one in condition]
    text, _ = _only(condition, f"query parameter {name!r}", place=place)
    return [(name, one) for one in (text.split(";") if kind == "exact" and ";" in text else [text])]


def _headers(asked: dict[Any, Any], parts: list[str]) -> wire.Headers:
    """The headers that are asked for; a condition that many meet is none that a cassette keeps."""
    found = asked.get("headersWithMatchers", asked.get("headers"))
    pairs = []
    for name, condition in found.items() if isinstance(found, dict) else ():
        if isinstance(condition, list) and all(isinstance(one, str) for one in condition):
            pairs += [(name, one) for one in condition]
            continue
        kind, value = _kind(condition, loose=False)
        if kind == "exact" and isinstance(value, str):
            pairs.append((name, value))
        else:
            parts.append(f"its condition on the header {name}")
    return headers(iter(pairs))


# -- responses ----------------------------------------------------------------------------------------------------


def _response(answered: dict[Any, Any], place: YamlPath, source: Source, parts: list[str]) -> Response:
    if answered.get("templated") and stubs.is_templated(str(answered.get("body"))):
        raise ShapeError(place, f"{named(place)} makes its answer up (templated).")
    body = str(answered.get("body") or "")
    beside = answered.get("bodyFile")
    if isinstance(beside, str) and beside:
        found = source.beside(beside)
        if found is None:
            raise ShapeError(place, f"{named(place)} has its answer in {beside!r}, which is not beside it.")
    else:
        found = unpacked(body, place) if answered.get("encodedBody") else text_bytes(body)
    parts += [f"its delay ({key}): see 'replayer help faults'" for key in DELAYS if answered.get(key)]
    if answered.get("postServeAction"):
        parts.append("its postServeAction")
    told = wire.without(mapped(answered.get("headers")), ("hoverfly",))
    status = shape.number(*member(answered, place, "status"))
    return Response(status, "", told, found)
