"""The settings of vcrpy, made to functions by vcrpy itself, so that they mean what they mean there. It patches nothing
here: only its filters and its matchers are used."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from replayer.core.customs import Customs
from replayer.core.message import Request, Response, wire
from replayer.errors import UsageError
from replayer.vcr_words import SERIALIZER

MATCHING = ("match_on", "additional_matchers", "allow_playback_repeats")
LENGTH = "content-length"


def customs(words: Mapping[str, Any], origin: str) -> Customs:
    """What those settings decide of the requests to that origin. UsageError where vcrpy is not installed."""
    words = {name: value for name, value in words.items() if name != SERIALIZER}  # that decides of no request
    if not words:
        return Customs()
    try:
        from vcr import VCR, matchers  # type: ignore[import-untyped]  # late: it loads every HTTP library there is
        from vcr.request import Request as VcrRequest  # type: ignore[import-untyped]
    except ImportError:
        raise UsageError(f"{', '.join(words)}: these settings need vcrpy. Install it: pip install vcrpy.") from None
    maker = VCR()
    for name in ("match_on", "additional_matchers"):
        if name in words:
            words[name] = tuple(_registered(maker, each) for each in words[name])
    made = maker.get_merged_config(**words)
    before_request, before_response = made["before_record_request"], made["before_record_response"]
    known: dict[int, tuple[Request, Any]] = {}

    def theirs(request: Request) -> Any:
        uri = (request.origin or origin) + request.target
        return VcrRequest(request.method, uri, request.body or None, dict(request.headers))

    def recorded(request: Request) -> Any:
        found = known.get(id(request))
        if found is None:
            found = known[id(request)] = (request, theirs(request))
        return found[1]

    def asked(request: Request) -> Request | None:
        changed = _called(before_request, theirs(request), "request")
        return None if changed is None else _ours(request, changed)

    def answered(response: Response) -> Response | None:
        changed = _called(before_response, _response_of(response), "response")
        return None if changed is None else _response(response, changed)

    def matches(one: Request, other: Request) -> bool:
        return bool(matchers.requests_match(theirs(one), recorded(other), made["match_on"]))

    return Customs(
        ", ".join(words),
        asked,
        answered,
        matches if any(name in words for name in MATCHING) else None,
        made["allow_playback_repeats"],
    )


def _called(function: Callable[[Any], Any], message: Any, kind: str) -> Any:
    """What a function of the user's makes of a message; UsageError where it fails."""
    try:
        return function(message)
    except Exception as error:
        raise UsageError(
            f"A filter, or the function before_record_{kind}, failed with {error!r}. As in vcrpy it sees what is "
            "recorded, too: it must bear what it has changed before."
        ) from error


def _registered(maker: Any, matcher: Any) -> str:
    """The name of a matcher, which may be a function of the user's."""
    if isinstance(matcher, str):
        return matcher
    name = f"{getattr(matcher, '__name__', 'matcher')} {id(matcher)}"
    maker.register_matcher(name, matcher)
    return name


def _ours(request: Request, changed: Any) -> Request:
    """The request as their functions left it; what they did not touch is as it stood on the wire."""
    uri = request.origin + request.target if request.origin else request.target
    parts, before = urlsplit(changed.uri), urlsplit(uri)
    target = urlunsplit(("", "", parts.path, parts.query, "")) or "/"
    same_query = sorted(parse_qsl(parts.query)) == sorted(parse_qsl(before.query))
    if parts.path == before.path and same_query and len(parts.query) >= len(before.query):
        target = request.target
    body = changed.body or b""
    body = body.encode() if isinstance(body, str) else bytes(body)
    headers = _headers(request.headers, dict(changed.headers), resized=body != request.body)
    if (changed.method, target, body, headers) == (request.method, request.target, request.body, request.headers):
        return request
    return replace(request, method=changed.method, target=target, body=body, headers=headers)


def _headers(before: wire.Headers, after: Mapping[str, Any], *, resized: bool = False) -> wire.Headers:
    """The headers with what a function changed of them: left out, of another value, or new."""
    left = {name.lower(): _text(value) for name, value in after.items()}
    last = {name.lower(): value for name, value in before}
    kept = []
    for name, value in before:
        low = name.lower()
        if low in left and not (resized and low == LENGTH):
            kept.append((name, value if left[low] == last[low] else left[low]))
    new = [(name, _text(value)) for name, value in after.items() if name.lower() not in last]
    return (*kept, *new)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _response_of(response: Response) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        headers.setdefault(name, []).append(value)
    status = {"code": response.status, "message": response.reason}
    return {"status": status, "headers": headers, "body": {"string": response.body}}


def _response(response: Response, changed: Mapping[str, Any]) -> Response:
    body = changed["body"]["string"]
    body = body.encode() if isinstance(body, str) else bytes(body)
    headers = tuple(
        (name, _text(value))
        for name, values in changed["headers"].items()
        for value in (values if isinstance(values, list | tuple) else [values])
        if not (body != response.body and name.lower() == LENGTH)
    )
    if sorted(headers) == sorted(response.headers):
        headers = response.headers
    status, reason = changed["status"]["code"], changed["status"]["message"] or ""
    if (status, reason, headers, body) == (response.status, response.reason, response.headers, response.body):
        return response
    return replace(response, status=status, reason=reason, headers=headers, body=body)
