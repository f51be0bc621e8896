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


def tree(text: str) -> dict[str, Any]:
    """What a form means: maps and lists of strings. Of a repeated scalar the last one counts.

    Lists written `a[]` and `a[0]`, dense or not, are the same list, in the order of their numbers.
    """
    root: dict[str, Any] = {}
    for pair in pairs(text):
        _put(root, segments(pair.key), pair.value)
    return {key: _settled(value) for key, value in root.items()}


def _put(node: dict[str, Any], path: list[str], value: str) -> None:
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
