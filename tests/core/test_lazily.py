"""A property that is found out once, by whoever asks first, and for which nobody waits."""

from pathlib import Path
from threading import Event, Thread

from replayer.core.lazily import cached_property

SOON = 5.0  # seconds after which a test has failed


class Text:
    """Counts how often it was read; one that is long is read until it is let go."""

    def __init__(self, *, long: bool = False) -> None:
        self.read, self.begun, self.go = 0, Event(), Event()
        if not long:
            self.go.set()

    @cached_property
    def words(self) -> int:
        """How many it has."""
        self.read += 1
        self.begun.set()
        assert self.go.wait(SOON)
        return 7


def test_it_is_found_out_once() -> None:
    text = Text()
    assert (text.words, text.words, text.read) == (7, 7, 1)
    assert text.__dict__["words"] == 7


def test_what_is_forgotten_is_found_out_again() -> None:
    text = Text()
    assert text.words == 7
    del text.__dict__["words"]
    assert (text.words, text.read) == (7, 2)


def test_it_keeps_what_it_is_for() -> None:
    assert Text.words.__doc__ == "How many it has."


def test_nobody_waits_for_who_reads_another_one() -> None:
    long, short = Text(long=True), Text()
    reading = Thread(target=lambda: long.words)
    reading.start()
    assert long.begun.wait(SOON)
    found: list[int] = []
    other = Thread(target=lambda: found.append(short.words))
    other.start()
    other.join(SOON)
    long.go.set()
    reading.join(SOON)
    assert (found, long.words, long.read) == ([7], 7, 1)


def test_nothing_in_the_core_locks_what_it_finds_out() -> None:
    files = (Path(__file__).parents[2] / "replayer").rglob("*.py")
    assert [path.name for path in files if "functools import cached_property" in path.read_text("utf-8")] == []
