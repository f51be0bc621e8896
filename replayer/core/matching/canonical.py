"""The canonical request: what a request asks, however its client spelled it. Equal questions have equal digests."""

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote

from replayer.core.message.body import Kind, decode_content, media_type, parse_json, read
from replayer.core.message.form import REPEATED, tree
from replayer.core.message.interaction import Request, header
from replayer.core.rules.registry import Rules
from replayer.core.secrets.scrub import scrub


@dataclass(frozen=True)
class Canonical:
    """A request in cassette space, spelled one way. `body` is a tree for forms, a value for JSON, else text."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any
    headers: dict[str, str]

    @cached_property
    def text(self) -> str:
        """All of it as one line of JSON, keys in order."""
        parts = [self.method, self.path, self.query, self.body, self.headers]
        return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits that stand for `text`."""
        return blake2b(self.text.encode(), digest_size=16).hexdigest()


Spelling = tuple[str | bytes | None, ...]
"""All of a request that its canonical form is made from, as it stands: equal spellings are equal questions."""


def spelling(request: Request, rules: Rules) -> Spelling:
    """How a request is spelled: what makes it cheap to know one again without reading it."""
    headers = {name.lower(): value for name, value in reversed(request.headers)}
    named = map(headers.get, ("content-type", "content-encoding", *rules.matched_headers))
    return (request.method, request.target, request.body, *named)


def canonical(request: Request, rules: Rules, credentials: frozenset[str] = frozenset()) -> Canonical:
    """What that request asks, by the rules of its API. Secrets are no part of a question: what is recorded has none."""
    named = {name: header(request.headers, name) for name in rules.matched_headers}
    return Canonical(
        method=request.method.upper(),
        path=scrub(_decoded(request.path), rules, credentials),
        query=_scrubbed(_unordered(tree(request.query, last_counts=rules.last_counts), rules), rules, credentials),
        body=_scrubbed(_body(request, rules), rules, credentials),
        headers={name: scrub(value, rules, credentials) for name, value in named.items() if value is not None},
    )


def _decoded(path: str) -> str:
    """The path decoded once, but for slashes that are part of a segment."""
    segments = (unquote(part, errors="surrogateescape").replace("/", "%2F") for part in path.split("/"))
    return "/".join(segments)


def _scrubbed(value: Any, rules: Rules, credentials: frozenset[str]) -> Any:
    if isinstance(value, str):
        return scrub(value, rules, credentials)
    if isinstance(value, dict):
        return {key: _scrubbed(child, rules, credentials) for key, child in value.items()}
    if isinstance(value, list):
        return [_scrubbed(child, rules, credentials) for child in value]
    return value


def _body(request: Request, rules: Rules) -> Any:
    encoding = header(request.headers, "content-encoding") or ""
    decoded = decode_content(request.body, encoding)
    body = read(request.headers, request.body if decoded is None else decoded)
    match body.kind:
        case Kind.EMPTY:
            return None
        case Kind.FORM:
            return {"form": _unordered(tree(body.text or "", last_counts=rules.last_counts), rules)}
        case Kind.JSON:
            value = parse_json(body.text or "")
            return {"json": _unordered(value[0], rules) if value else None}
        case Kind.MULTIPART:
            return {"multipart": _fingerprint(_without_boundary(request, body.raw))}
        case Kind.TEXT:
            return {"text": body.text}
        case Kind.BINARY:
            return {"binary": _fingerprint(body.raw)}


def _without_boundary(request: Request, raw: bytes) -> bytes:
    """Clients draw a new boundary for each request: it is no part of what is asked."""
    content_type = header(request.headers, "content-type") or ""
    boundary = content_type.partition("boundary=")[2].partition(";")[0].strip().strip('"')
    return raw.replace(boundary.encode(), b"boundary") if boundary and media_type(request.headers) else raw


def _fingerprint(raw: bytes) -> str:
    return blake2b(raw, digest_size=16).hexdigest()


def _unordered(value: Any, rules: Rules) -> Any:
    """The same value with the lists sorted in which the API sees no order."""
    if isinstance(value, dict):
        return {
            key: _sorted(child) if key in rules.unordered else _unordered(child, rules) for key, child in value.items()
        }
    if isinstance(value, list):
        return [_unordered(child, rules) for child in value]
    return value


def _sorted(value: Any) -> Any:
    """A list as the set that it means."""
    if isinstance(value, dict) and REPEATED in value:
        return {REPEATED: _sorted(value[REPEATED])}
    if not isinstance(value, list):
        return value
    distinct = {json.dumps(child, sort_keys=True): child for child in value}
    return [distinct[text] for text in sorted(distinct)]
