"""JSON as somebody else wrote it: numbers and objects that are written again as they were read, until they change."""

import json
from collections.abc import Callable, Mapping
from json.decoder import JSONObject  # type: ignore[attr-defined]  # typeshed leaves it out
from json.scanner import py_make_scanner  # type: ignore[attr-defined]  # so it does this
from typing import Any, Final


class PreservedNumber(float):
    """A number that Python would write in other words, such as 10.00."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def read(cls, text: str) -> "PreservedNumber":
        number = cls(text)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


class PreservedObject(dict[str, Any]):
    """An object with its own text. Whoever changes it makes a plain dictionary of it, as `merged` does."""

    __slots__ = ("text",)

    def __init__(self, members: Mapping[str, Any], text: str) -> None:
        super().__init__(members)
        self.text = text

    @staticmethod
    def parse(text: str) -> Any:
        """A JSON text as values, its objects with their own text; ValueError or RecursionError where it is none."""
        return _parse(text)

    def at(self, margin: str) -> str:
        """The text with its lines moved to that margin, a line break and spaces. No JSON string holds a line break."""
        head, line, last = self.text.rpartition("\n")
        own = line + last[:-1]
        if not line or own.strip() or own == margin:
            return self.text
        return head.replace(own, margin) + margin + last[-1]


def _integer(text: str) -> int | PreservedNumber:
    number = int(text)
    return number if str(number) == text else PreservedNumber.read(text)


class _Decoder(json.JSONDecoder):
    """Python's own, but that it keeps the text of each object."""

    def __init__(self) -> None:
        super().__init__(parse_float=PreservedNumber.read, parse_int=_integer)
        self.parse_object = self._object
        self.scan_once = py_make_scanner(self)

    def _object(self, place: tuple[str, int], *rest: Any) -> tuple[PreservedObject, int]:
        members, end = JSONObject(place, *rest)
        text, start = place
        return PreservedObject(members, text[start - 1 : end]), end


_parse: Final[Callable[[str], Any]] = _Decoder().decode
