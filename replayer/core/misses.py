"""The words of a miss: what was asked, where it was looked for, what comes closest, and the remedies that apply."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from replayer.core.canonical import Canonical
from replayer.core.verdicts import Mode

SHOWN = 5  # differing fields named; with more of them the closest request is not close
LONGEST = 200  # characters of a request line or a value that are told
SEARCHED = 20_000  # recorded requests that are compared; a miss must not hang a run


@dataclass(frozen=True, slots=True)
class Where:
    """The cassette that was asked, as its user knows it."""

    cassette: str
    mode: Mode
    recorded: int
    played: int
    remedy: str

    def __str__(self) -> str:
        return f"{self.cassette} (mode {self.mode.value}; {self.recorded} recorded, {self.played} played)"


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
            yield from flat(child, f"{name}[{key}]" if name else str(key))
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from flat(child, f"{name}[{index}]")
    else:
        yield name, "" if tree is None else str(tree)


def differences(asked: Canonical, recorded: Canonical) -> list[str]:
    """Where two requests differ, part by part, in words."""
    found = []
    if asked.method != recorded.method:
        found.append(f"method {asked.method}, recorded {recorded.method}")
    if asked.path != recorded.path:
        found.append(f"path {shortened(asked.path)}, recorded {shortened(recorded.path)}")
    found += _field_differences("query", asked.query, recorded.query)
    found += _field_differences("body", asked.body, recorded.body)
    found += _field_differences("header", asked.headers, recorded.headers)
    if not found and asked.digest != recorded.digest:
        found.append("the same fields, but not of the same kind: form or JSON, text or number, empty or missing")
    return found


def _field_differences(part: str, asked: Any, recorded: Any) -> Iterator[str]:
    ours, theirs = dict(flat(_inner(asked))), dict(flat(_inner(recorded)))
    for name in dict.fromkeys([*ours, *theirs]):
        if name not in theirs:
            yield f"{part} {name or 'text'} {shortened(ours[name])!r}, not in the recorded one"
        elif name not in ours:
            yield f"{part} {name or 'text'} missing, recorded {shortened(theirs[name])!r}"
        elif ours[name] != theirs[name]:
            yield f"{part} {name or 'text'} {shortened(ours[name])!r}, recorded {shortened(theirs[name])!r}"


def _inner(body: Any) -> Any:
    """A body without the mark of its kind: `{"form": {...}}` differs in its fields, not in `form[...]`."""
    if (
        isinstance(body, dict)
        and len(body) == 1
        and next(iter(body)) in ("form", "json", "text", "binary", "multipart")
    ):
        return next(iter(body.values()))
    return body if body is not None else {}


def nearest(asked: Canonical, recorded: Iterable[Canonical]) -> Canonical | None:
    """The recorded request that differs least: the same method and path first, then the fewest fields."""
    unlike = {one.digest: one for one, _ in zip(recorded, range(SEARCHED), strict=False)}
    return min(unlike.values(), key=lambda one: _distance(asked, one), default=None)


def _distance(asked: Canonical, recorded: Canonical) -> tuple[bool, int, int]:
    ours, theirs = asked.path.split("/"), recorded.path.split("/")
    apart = abs(len(ours) - len(theirs)) + sum(a != b for a, b in zip(ours, theirs, strict=False))
    return asked.method != recorded.method, apart, len(differences(asked, recorded)) + _strange(asked, recorded)


def _strange(asked: Canonical, recorded: Canonical) -> int:
    """Fields that only one of them has: another value for the same field is nearer than no such field at all."""
    parts = ((asked.query, recorded.query), (_inner(asked.body), _inner(recorded.body)))
    return sum(len(dict(flat(ours)).keys() ^ dict(flat(theirs)).keys()) for ours, theirs in parts)


def no_match(asked: Canonical, closest: Canonical | None, where: Where) -> str:
    lines = [f"No recorded interaction matches {describe(asked)}.", f"Cassette: {where}"]
    if closest is not None:
        lines.append(f"Closest: {describe(closest)} - {_listed(differences(asked, closest))}")
    elif not where.recorded:
        lines.append("The cassette is empty.")
    return "\n".join([*lines, f"To fix: {where.remedy}"])


def _listed(found: list[str]) -> str:
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more


def used_up(asked: Canonical, times: int, where: Where) -> str:
    played = "once" if times == 1 else f"{times} times"
    return (
        f"{describe(asked)} was recorded {played}, and all of that is played.\n"
        f"Cassette: {where}\n"
        "A write is answered as often as it was recorded; tried again under its Idempotency-Key, again.\n"
        f"To fix: {where.remedy}"
    )


def unknown_state(asked: Canonical, before: list[str], where: Where) -> str:
    return (
        f"{describe(asked)} was recorded, but not in this state: other writes came before it.\n"
        f"Cassette: {where}\n"
        f"It was recorded after: {_listed(before) if before else 'no write at all'}\n"
        f"To fix: {where.remedy}; or serve the nearest earlier answer with --lenient"
    )


def stale_alias(asked: Canonical, names: Iterable[str], where: Where) -> str:
    return (
        f"{describe(asked)} names {', '.join(sorted(set(names)))}, which an earlier recording gave out: "
        "the upstream does not know it, so nothing was sent.\n"
        f"Cassette: {where}\n"
        f"To fix: {where.remedy}"
    )


def live_key(asked: Canonical, where: Where) -> str:
    return (
        f"{describe(asked)} carries a live key, which can move real money: nothing was sent.\n"
        f"Cassette: {where}\n"
        "To fix: use a test key (sk_test_...), or start with --allow-live if you mean it"
    )
