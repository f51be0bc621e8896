"""The fields of a JSON object, each in the type that it must have. What is wrong is told by its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from replayer.errors import UsageError

MOST = 1 << 53  # whatever is beyond that is no exact number in JSON


@dataclass(frozen=True, slots=True)
class DocumentFields:
    """An object of a document, which stands at that `place` in it. UsageError for what is not as it must be."""

    value: Mapping[str, Any]
    place: str

    @classmethod
    def of(cls, value: object, place: str) -> "DocumentFields":
        if not isinstance(value, dict):
            raise UsageError(f"{place} is no object. Give a file that --receipt wrote.")
        return cls(value, place)

    def _wrong(self, name: str, wanted: str) -> NoReturn:
        raise UsageError(f"{self.place}.{name} is no {wanted}. Give a file that --receipt wrote.")

    def text(self, name: str) -> str:
        found = self.value.get(name)
        return found if isinstance(found, str) else self._wrong(name, "text")

    def number(self, name: str) -> int:
        found: Any = self.value.get(name)
        return int(found) if _is_count(found) else self._wrong(name, "number")

    def number_or_none(self, name: str) -> int | None:
        return None if self.value.get(name) is None else self.number(name)

    def milliseconds(self, name: str) -> int:
        found: Any = self.value.get(name)
        if not isinstance(found, int | float) or isinstance(found, bool) or not 0 <= found < MOST:
            self._wrong(name, "time")
        return round(found * 1000)

    def objects(self, name: str) -> "Iterator[DocumentFields]":
        for number, each in enumerate(self._list(name)):
            yield DocumentFields.of(each, f"{self.place}.{name}[{number}]")

    def texts(self, name: str) -> list[str]:
        found = self._list(name)
        return found if all(isinstance(each, str) for each in found) else self._wrong(name, "list of texts")

    def pairs(self, name: str) -> list[tuple[int, int]]:
        """Pairs of numbers, the first of each being the smaller one."""
        found = self._list(name)
        is_right = all(
            isinstance(each, list) and len(each) == 2 and all(map(_is_count, each)) and 0 < each[0] <= each[1]
            for each in found
        )
        return [(first, last) for first, last in found] if is_right else self._wrong(name, "list of ranges")

    def _list(self, name: str) -> list[Any]:
        found = self.value.get(name)
        return found if isinstance(found, list) else self._wrong(name, "list")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST
