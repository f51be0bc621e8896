"""A suite of 2,000 cassettes, a gigabyte, as a machine gets it: from the store, from the cache of its user, and where
it is there. What counts is the processor time of one machine, and what goes over the link: the link itself is another.

    python -m tests.scale.pulls [CASSETTES [MEGABYTES [folder|moto]]]
"""

import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from replayer.cassettes.store.remote import PATIENCE
from replayer.cassettes.store.survey import Fate
from tests.cassettes.store.workplace import Workplace
from tests.scale.publishers import store

MEGABYTE = 1 << 20
WORDS = [f'"{name}": ' for name in ("id", "object", "amount_due", "created", "customer", "lines", "metadata", "url")]


def cassette(number: int, size: int) -> bytes:
    """A text of that size that packs as cassettes do: words that recur, and ids and numbers that do not."""
    chance = random.Random(number)
    lines, length = ["version: 1\ninteractions:\n- request: x\n"], 0
    while length < size:
        line = f"      {chance.choice(WORDS)}in_1{chance.getrandbits(60):x}, {chance.choice(WORDS)}null,\n" * 3
        lines.append(line)
        length += len(line)
    return "".join(lines).encode()[:size]


def measured(what: str, work: Callable[[], dict[str, Fate]]) -> None:
    began, before = time.monotonic(), _processor()
    fates = work()
    counted = ", ".join(f"{list(fates.values()).count(fate):,} {fate}" for fate in sorted(set(fates.values())))
    print(f"{what:<28} {time.monotonic() - began:6.1f} s  {_processor() - before:6.1f} s of processor  {counted}")


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str]) -> None:
    count, megabytes, kind = [*arguments, *("2000", "1000", "folder")[len(arguments) :]]
    size = int(megabytes) * MEGABYTE // int(count)
    with tempfile.TemporaryDirectory(prefix="replayer-") as place, store(kind, Path(place)) as url:
        home = Path(place)
        first, second = Workplace(home / "first", url, PATIENCE), Workplace(home / "second", url, PATIENCE)
        for number in range(int(count)):
            path = first.home / "cassettes" / f"{number % 50}" / f"{number}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(cassette(number, size))
        measured("push, all of them new", first.push)
        measured("push, nothing new", first.push)
        second.home.mkdir()
        second.takes_lock_of(first)
        measured("pull, cold", second.pull)
        packed = sum(each.stat().st_size for each in (second.home / "cache").rglob("*.zst"))
        print(f"{'over the link':<28} {packed / MEGABYTE:6.1f} MB of {int(megabytes)}")
        measured("pull, all of it here", second.pull)
        shutil.rmtree(second.home / "cassettes")
        measured("pull, from the cache", second.pull)
        measured("pull, all of it here", second.pull)
        print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, {os.cpu_count()} cores")


if __name__ == "__main__":
    main(sys.argv[1:])
