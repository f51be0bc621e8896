"""The canonical request: what a request asks, however its client spelled it. Equal questions have equal digests."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote

from replayer.core.lazily import cached_property
from replayer.core.matching import parts
from replayer.core.message import Request, bodies, shapes
from replayer.core.rules import Rules
from replayer.core.secrets import by_name, guesses, masking, scrub

Spelling = tuple[str | bytes | None, ...]
"""All of a request that its canonical form is made from, as it stands: equal spellings are equal questions."""
IN_ORDER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))  # made once: that takes as long as to use it
LONGEST = 200  # characters of a request line or a value that are told


@dataclass(frozen=True)
class Canonical:
    """A request in cassette space, spelled one way. `body` is a tree for forms, a value for JSON, else text."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any
    headers: dict[str, str]
    chosen: dict[str, str] = field(default_factory=dict)  # by headers that choose the answer, as a recording shows

    @cached_property
    def text(self) -> str:
        """All of it as one line of JSON, keys in order."""
        parts = [self.method, self.path, self.query, self.body, self.headers]
        return IN_ORDER.encode(parts)

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits that stand for `text`."""
        return blake2b(self.text.encode(), digest_size=16).hexdigest()

    @cached_property
    def key(self) -> str:
        """What its recorded answers are found by: the digest, by which it is named, and what its headers choose."""
        return self.digest + (json.dumps(self.chosen, sort_keys=True) if self.chosen else "")

    @cached_property
    def path_ids(self) -> tuple[str, ...]:
        """The ids in its path."""
        return tuple(ids_in(self.path))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """All ids that it names."""
        return (*self.path_ids, *ids_in(self.query), *ids_in(self.body))


def spelling(request: Request, rules: Rules, choosing: Iterable[str] = ()) -> Spelling:
    """How a request is spelled: what makes it cheap to know one again without reading it. `choosing` are headers that
    count besides."""
    headers = {name.lower(): value for name, value in reversed(request.headers)}
    named = map(headers.get, ("content-type", "content-encoding", *rules.matched_headers, *choosing))
    return (request.method, elsewhere(request, rules), request.target, request.body, *named)


def words(request: Request, rules: Rules, choosing: Iterable[str] = ()) -> bytes:
    """How a request is spelled as sixteen bytes: equal ones ask the same."""
    method, host, target, body, *named = spelling(request, rules, choosing)
    said = repr((method, host, target, *named)).encode()  # it shows where it ends, and no half of a character is left
    return blake2b(said + request.body if body else said, digest_size=16).digest()


def canonical(request: Request, rules: Rules, credentials: frozenset[str] = frozenset()) -> Canonical:
    """What that request asks, by the rules of its API. Secrets are no part of a question: what is recorded has none."""
    named = {name: request.header(name) for name in rules.matched_headers}
    query = _unordered(bodies.tree(request.query, last_counts=rules.last_counts), rules)
    body = _body(request, rules)
    if guesses.may_hold(f"{request.query}\n{request.text}", rules, credentials):
        query, body = _scrubbed(query, rules, credentials), _scrubbed(body, rules, credentials)
    return Canonical(
        method=request.method.upper(),
        path=elsewhere(request, rules) + scrub(_decoded(request.path), rules, credentials),
        query=query,
        body=body,
        headers={name: scrub(value, rules, credentials) for name, value in named.items() if value is not None},
    )


def recorded(request: Request, rules: Rules, *, ours: bool) -> Canonical:
    """What a recorded request asks. What opens something stands in those of other tools: it is no part of the question,
    as it is none of a live one's."""
    return canonical(request if ours else masking.withheld(request, rules, lambda _: False)[0], rules)


def kept(asked: Canonical) -> str:
    """What is asked, written down for another time."""
    parts = [asked.method, asked.path, asked.query, asked.body, asked.headers, asked.chosen]
    return json.dumps(parts, separators=(",", ":"))


def restored(text: str, digest: str) -> Canonical:
    """What `kept` has written down, whose digest that is."""
    found = Canonical(*json.loads(text))
    found.__dict__["digest"] = digest
    return found


def elsewhere(request: Request, rules: Rules) -> str:
    """What stands before the path of a request to another host than that of the API, `//files.example.com`: so equal
    paths on two hosts are two questions. Empty where there is one host."""
    return "//" + request.origin.partition("//")[2] if request.origin in rules.others else ""


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
    if not request.body:
        return None
    body = request.content
    match body.kind:
        case bodies.BodyKind.EMPTY:
            return None
        case bodies.BodyKind.FORM:
            return {"form": _unordered(bodies.tree(body.text or "", last_counts=rules.last_counts), rules)}
        case bodies.BodyKind.JSON:
            return {"json": _unordered(request.json, rules)}
        case bodies.BodyKind.MULTIPART:
            return {"multipart": _fingerprint(parts.alike(request, body.raw))}
        case bodies.BodyKind.TEXT if _is_untyped_form(request, body.text or ""):
            return {"form": _unordered(bodies.tree(body.text or "", last_counts=rules.last_counts), rules)}
        case bodies.BodyKind.TEXT | bodies.BodyKind.EVENTS | bodies.BodyKind.LINES:
            return {"text": body.text}
        case bodies.BodyKind.BINARY:
            return {"binary": _fingerprint(body.raw)}


def _is_untyped_form(request: Request, text: str) -> bool:
    """Whether a body of no type is a form: files of other tools have hardly a header, and the live one has its type."""
    return not request.media_type and by_name.FORM.fullmatch(text) is not None


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
    if isinstance(value, dict) and bodies.REPEATED in value:
        return {bodies.REPEATED: _sorted(value[bodies.REPEATED])}
    if not isinstance(value, list):
        return value
    distinct = {json.dumps(child, sort_keys=True): child for child in value}
    return [distinct[text] for text in sorted(distinct)]


def describe(asked: Canonical) -> str:
    """A request as one line, decoded: `GET /v1/invoices?limit=4`."""
    query = "&".join(f"{key}={value}" for key, value in flat(asked.query))
    return shortened(f"{asked.method} {asked.path}" + (f"?{query}" if query else ""))


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def flat(tree: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """A tree as the pairs of its form: `("created[gte]", "1")`."""
    if isinstance(tree, dict):
        for key, child in tree.items():
            if key == bodies.REPEATED and name and isinstance(child, list):
                yield from ((name, str(value)) for value in child)
            else:
                yield from flat(child, f"{name}[{key}]" if name else str(key))
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from flat(child, f"{name}[{index}]")
    else:
        yield name, "" if tree is None else str(tree)


def unwrapped(body: Any) -> Any:
    """A body without the mark of its kind: `{"form": {...}}` differs in its fields, not in `form[...]`."""
    if (
        isinstance(body, dict)
        and len(body) == 1
        and next(iter(body)) in ("form", "json", "text", "binary", "multipart")
    ):
        return next(iter(body.values()))
    return body if body is not None else {}


def fields_of(part: Any) -> dict[str, str]:
    """The fields of a query or a body by their names; one that is given several times as it is written."""
    found: dict[str, str] = {}
    for name, value in flat(unwrapped(part)):
        found[name] = f"{found[name]}&{name}={value}" if name in found else value
    return found


def ids_in(value: Any) -> Iterator[str]:
    """The ids in a text, or anywhere in a tree of them."""
    if isinstance(value, str):
        yield from (piece.text for piece in shapes.ids(value))
    elif isinstance(value, dict):
        for child in value.values():
            yield from ids_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from ids_in(child)
