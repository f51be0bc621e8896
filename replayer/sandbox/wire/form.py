"""Forms into trees. Only the brackets are read here; what a value means is the parameter table's business.

a[]=1  a[0]=1  a[b]=1  a[][b]=1  metadata[a[b]]=1       brackets may be percent-encoded, a space may be `+`
"""

from itertools import pairwise
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from replayer.sandbox.wire.refusals import Refusal, Refused

Tree: TypeAlias = str | list[Any] | dict[str, Any]

MAX_DEPTH: Final = 20  # no parameter of the API is nested deeper than six
NOT_UTF8: Final = Refusal("Invalid request: parameters must be percent-encoded UTF-8.")
TOO_DEEP: Final = Refusal(f"Invalid request: parameters may be nested at most {MAX_DEPTH} levels deep.")


def decode(*forms: bytes) -> dict[str, Tree]:
    """One tree of all forms (the query, then the body). Of equal plain keys the last one wins."""
    tree: dict[str, Tree] = {}
    for form in forms:
        for pair in form.split(b"&"):
            if pair:
                name, _, value = pair.partition(b"=")
                _put(tree, _path(_text(name)), _text(value))
    return tree


def _text(part: bytes) -> str:
    try:
        return unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise Refused(NOT_UTF8) from None


def _path(name: str) -> list[str]:
    """`a[b][]` is a, b and an empty step. All that follows `metadata` is one key, whatever brackets it holds."""
    head, bracket, rest = name.partition("[")
    if not bracket or not head or not rest.endswith("]"):
        return [name]
    if head == "metadata":
        return [head, rest[:-1]]
    steps = rest[:-1].split("][")
    if "metadata" in steps[:-1]:
        key = steps.index("metadata") + 1
        steps = [*steps[:key], "][".join(steps[key:])]
    if len(steps) >= MAX_DEPTH:
        raise Refused(TOO_DEEP)
    return [head, *steps]


def _put(tree: dict[str, Tree], path: list[str], value: str) -> None:
    place: Any = tree
    for step, following in pairwise(path):
        wanted: type = list if following == "" and path[0] != "metadata" else dict
        place = _inside(place, step, following, wanted)
    if isinstance(place, list):
        place.append(value)
    else:
        place[path[-1]] = value


def _inside(place: Any, step: str, following: str, wanted: type) -> Any:
    """The container at that step, made where there is none or where a plain value stood."""
    if isinstance(place, list):  # a[][b]=1&a[][c]=2 is one element; a second a[][b] begins the next
        last: Any = place[-1] if place else None
        if not isinstance(last, wanted) or (isinstance(last, dict) and following in last):
            place.append(wanted())
        return place[-1]
    if not isinstance(place.get(step), wanted):
        place[step] = wanted()
    return place[step]


def elements(tree: Tree) -> list[Tree] | None:
    """A list, however it was written: `a[]`, or `a[0]` with its numbers in any order. None where it is no list."""
    if isinstance(tree, list):
        return tree
    if isinstance(tree, dict) and tree and all(key.isascii() and key.isdigit() and len(key) < 10 for key in tree):
        return [tree[key] for key in sorted(tree, key=int)]
    return None


def canonical(tree: Tree) -> Tree:
    """Equal for requests that mean the same: `expand[]` and `expand[0]`, maps in any order."""
    listed = elements(tree)
    if listed is not None:
        return [canonical(each) for each in listed]
    if isinstance(tree, dict):
        return {key: canonical(tree[key]) for key in sorted(tree)}
    return tree
