"""Forms and queries: `a[b][]=c` as pairs that know where they stand, and as the tree that they mean.

The brackets are Rack's, as the invoice API reads them: `a[]` and `a[0]` are list items, `a[k]` is a map entry.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus

DEEPEST = 100  # levels of a key, as in Rack; what walks the tree recurses
INDEX = re.compile(r"[0-9]{1,9}")
REPEATED = "&"  # the only name in a map of what a key says that is given several times: no list, which `a[]` writes


@dataclass(frozen=True, slots=True)
class Pair:
    """One `key=value` of a form, decoded, with the spans of both, undecoded, in the text."""

    key: str
    value: str
    start: int
    end: int
    key_start: int
    key_end: int


def pairs(text: str) -> Iterator[Pair]:
    """The pairs of a form in their order. A part without `=` is a key with an empty value."""
    start = 0
    for part in text.split("&"):
        if part:
            key, _, value = part.partition("=")
            end = start + len(part)
            yield Pair(decode(key), decode(value), end - len(value), end, start, start + len(key))
        start += len(part) + 1


def decode(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape")


def encode(value: str, like: str) -> str:
    """A value in the way `like`, the undecoded value that it replaces, was written: space as `+` or `%20`,
    brackets and slashes bare or escaped."""
    safe = "".join(mark for mark in "[]/:,@!*'()$;" if mark in like)
    text = quote(value, safe=safe, errors="surrogateescape")
    return text if "%20" in like and "+" not in like else text.replace("%20", "+")


def segments(key: str) -> list[str]:
    """`a[b][]` as `["a", "b", ""]`; a key whose brackets do not balance, or nest too deep, is one segment."""
    head, bracket, rest = key.partition("[")
    if not bracket or not head or not rest.endswith("]"):
        return [key]
    if head == "metadata":
        return [head, rest[:-1]]  # its keys are the user's own and may hold brackets themselves
    inner = rest[:-1].split("][")
    return [head, *inner] if len(inner) < DEEPEST else [key]


def tree(text: str, *, last_counts: bool = False) -> dict[str, Any]:
    """What a form means: maps and lists of strings. Of a key that is given several times, or as a value and as a map,
    all values count in their order, `{"a": {"&": ["1", "2"]}}`; or only the last.

    Lists written `a[]` and `a[0]`, dense or not, are the same list, in the order of their numbers.
    """
    root: dict[str, Any] = {}
    for path, value in _apart(list(pairs(text)), last_counts):
        _put(root, path, value)
    return {key: _settled(value) for key, value in root.items()}


def _apart(given: list[Pair], last_counts: bool) -> Iterator[tuple[list[str], Any]]:
    """The pairs by their paths, so that none takes another's place."""
    if last_counts or len(given) == len({pair.key.partition("[")[0] for pair in given}):
        yield from ((segments(pair.key), pair.value) for pair in given)
        return
    values: dict[str, list[str]] = {}
    for pair in given:
        values.setdefault(pair.key, []).append(pair.value)
    paths = {key: segments(key) for key in values}
    maps = {tuple(path[:length]) for path in paths.values() for length in range(1, len(path))}
    for pair in given:
        path = paths[pair.key]
        if "" in path:
            yield path, pair.value
        elif several := values.pop(pair.key, None):
            is_one = len(several) == 1 and tuple(path) not in maps
            yield (path, pair.value) if is_one else ([*path, REPEATED], several)


def _put(node: dict[str, Any], path: list[str], value: Any) -> None:
    for segment in path[:-1]:
        name = _next_index(node) if segment == "" else segment
        child = node.get(name)
        if not isinstance(child, dict):
            child = node[name] = {}
        node = child
    node[_next_index(node) if path[-1] == "" else path[-1]] = value


def _next_index(node: dict[str, Any]) -> str:
    """Behind all that stands there: `a[1]=x&a[]=y` are two items."""
    index = len(node)
    while str(index) in node:
        index += 1
    return str(index)


def _settled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    settled = {key: _settled(child) for key, child in value.items()}
    if settled and all(INDEX.fullmatch(key) for key in settled):
        return [settled[key] for key in sorted(settled, key=int)]
    return settled
