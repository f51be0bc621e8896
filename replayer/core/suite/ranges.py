"""Numbers as ranges: which interactions of a cassette were used takes a few bytes, however many there are."""

from collections.abc import Iterable, Iterator

Ranges = tuple[tuple[int, int], ...]
"""First and last of each run of numbers, in order, no two of them touching."""


def ranges_of(numbers: Iterable[int]) -> Ranges:
    """These numbers."""
    return united((number, number) for number in numbers)


def united(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All numbers of these, in whatever order they come."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def count(ranges: Ranges) -> int:
    """How many numbers these are."""
    return sum(last - first + 1 for first, last in ranges)


def missing(ranges: Ranges, total: int) -> Iterator[int]:
    """The numbers from 1 to `total` that are not among them."""
    at = 1
    for first, last in ranges:
        yield from range(at, min(first, total + 1))
        at = last + 1
    yield from range(at, total + 1)
