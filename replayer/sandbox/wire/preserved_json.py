"""JSON as somebody told it: numbers and whole objects that are written again as they were read, until they change."""

import json
from collections.abc import Callable, Container, Mapping
from json.decoder import JSONObject  # type: ignore[attr-defined]  # typeshed leaves it out
from json.scanner import py_make_scanner  # type: ignore[attr-defined]  # so it does this
from typing import Any, Final

from replayer.sandbox.wire.values import Wire


class Spelled(float):
    """A number that Python would write in other words, such as 10.00."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def read(cls, text: str) -> "Spelled":
        number = cls(text)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


class Told(dict[str, Any]):
    """An object with its own text. Whoever changes it makes a plain dictionary of it, as `merged` does."""

    __slots__ = ("text",)

    def __init__(self, members: Mapping[str, Any], text: str) -> None:
        super().__init__(members)
        self.text = text

    def at(self, margin: str) -> str:
        """The text with its lines moved to that margin, a line break and spaces. No JSON string holds a line break."""
        head, line, last = self.text.rpartition("\n")
        own = line + last[:-1]
        if not line or own.strip() or own == margin:
            return self.text
        return head.replace(own, margin) + margin + last[-1]


def _integer(text: str) -> int | Spelled:
    number = int(text)
    return number if str(number) == text else Spelled.read(text)


class _Decoder(json.JSONDecoder):
    """Python's own, but that it keeps the text of each object."""

    def __init__(self) -> None:
        super().__init__(parse_float=Spelled.read, parse_int=_integer)
        self.parse_object = self._object
        self.scan_once = py_make_scanner(self)

    def _object(self, place: tuple[str, int], *rest: Any) -> tuple[Told, int]:
        members, end = JSONObject(place, *rest)
        text, start = place
        return Told(members, text[start - 1 : end]), end


parse: Final[Callable[[str], Any]] = _Decoder().decode
"""A JSON text as values; ValueError or RecursionError where it is none."""


def complete(shape: Wire, told: Wire) -> Wire:
    """The object with all members that its shape has: what an older version of the API did not tell is as it is by
    default. The text stays what it was."""
    missing = [name for name in shape if name not in told]
    inner = {
        name: complete(shape[name], value)
        for name, value in told.items()
        if isinstance(value, dict) and isinstance(shape.get(name), dict)
    }
    members = {**told, **inner}
    if missing:
        members |= {name: shape[name] for name in missing}
        members = {name: members[name] for name in sorted(members, key=_place)}
    return Told(members, told.text) if isinstance(told, Told) else members


def _place(name: str) -> tuple[bool, bool, str]:
    return name != "id", name != "object", name


def plain(told: Wire, hidden: Container[str] = ()) -> Wire:
    """The object with ids in place of those that were expanded in it, and without what is `hidden` else; itself where
    there is nothing of that."""
    expanded = {name: value["id"] for name, value in told.items() if _is_whole(value)}
    shown = {name: expanded.get(name, value) for name, value in told.items() if name not in hidden}
    return shown if expanded or len(shown) < len(told) else told


def _is_whole(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and "object" in value
