"""Headers as they stand on the wire: pairs in their order. Names keep their case and may repeat; they compare without
case."""

from collections.abc import Iterable

Headers = tuple[tuple[str, str], ...]
"""Name and value pairs in wire order."""


def header(headers: Headers, name: str) -> str | None:
    """The first value of that name, or None."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def without(headers: Headers, names: Iterable[str]) -> Headers:
    """The headers but for those names. `names` are lower case."""
    unwanted = frozenset(names)
    return tuple(pair for pair in headers if pair[0].lower() not in unwanted)
