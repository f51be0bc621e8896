"""Publishers side by side, each killed at random and started again: no cassette lost, none torn, and whatever the lock
names is in the store, at each moment.

    python -m tests.scale.publishers [PUBLISHERS [SEED [folder|moto]]]

All push from one checkout, so all of them swap one lock; each has cassettes of its own, and all put one and the same.
"""

import math
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from replayer.cassettes.store.address import Address
from replayer.cassettes.store.packing import digest_of, key_of, unpacked
from replayer.cassettes.store.remote import PATIENCE, Remote
from replayer.cassettes.store.survey import Fate
from tests.cassettes.store.workplace import Workplace, text
from tests.scale import moto

OWN = 4  # cassettes of each publisher
SHARED = "shared.yaml"
LONGEST = 0.6  # seconds after which one is killed at the latest
DEADLINE = 600.0
TOLD = 3  # as the exit code of a publisher


@dataclass
class Race:
    """What happened."""

    publishers: int
    killed: int = 0
    started: int = 0
    checks: int = 0
    failed: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.publishers} publishers, started {self.started} times, killed {self.killed} times, "
            f"told {self.failed} times that the store failed; "
            f"lock and store looked at {self.checks} times: they agreed, and nothing was lost. {self.seconds:.0f} s"
        )


def own(number: int) -> dict[str, bytes]:
    """The cassettes of one publisher."""
    return {f"{number}/{each}.yaml": text(f"{number} {each} " + "x" * 1000 * each) for each in range(OWN)}


def race(home: Path, url: str, publishers: int, seed: int) -> Race:
    """Have them all publish; AssertionError where anything is lost or torn."""
    chance, told, began = random.Random(seed), Race(publishers), time.monotonic()
    for number in range(publishers):
        for name, content in own(number).items():
            path = home / "cassettes" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (home / "cassettes" / SHARED).write_bytes(text("all of them"))
    waiting, running = list(range(publishers)), dict[int, tuple[int, float]]()
    while waiting or running:
        assert time.monotonic() - began < DEADLINE, "they do not come to an end"
        while waiting and len(running) < publishers:
            number = waiting.pop()
            ends = time.monotonic() + chance.uniform(0, LONGEST) if chance.random() < 0.5 else math.inf
            running[_started(home, url, number)] = (number, ends)
            told.started += 1
        for child, (number, ends) in list(running.items()):
            if time.monotonic() > ends:
                os.kill(child, signal.SIGKILL)
            done, status = os.waitpid(child, 0 if time.monotonic() > ends else os.WNOHANG)
            if done:
                del running[child]
                told.killed += os.WIFSIGNALED(status)
                told.failed += os.WIFEXITED(status) and os.WEXITSTATUS(status) == TOLD
                if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == TOLD:
                    waiting.append(number)
                else:
                    assert os.WEXITSTATUS(status) == 0, f"publisher {number} failed"
        _apart(lambda: _agree(home, url))
        told.checks += 1
        time.sleep(0.05)
    _complete(home, url, publishers)
    told.seconds = time.monotonic() - began
    return told


def _started(home: Path, url: str, number: int) -> int:
    """A process that publishes; its id."""

    def publish() -> None:
        fates = Workplace(home, url, PATIENCE).push(str(number), SHARED)
        assert set(fates.values()) <= {Fate.PUSHED, Fate.UNCHANGED, Fate.FAILED}, fates
        if Fate.FAILED in fates.values():  # the store had too much to do, and its user tries again
            os._exit(TOLD)

    return _forked(publish)


def _forked(work: Callable[[], None]) -> int:
    """A process that does that and ends, with 1 where it failed. This one asks no store itself: what asks for us has
    threads, and those are not there behind a fork."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _apart(work: Callable[[], None]) -> None:
    _, status = os.waitpid(_forked(work), 0)
    assert status == 0, "lock and store do not agree"


def _agree(home: Path, url: str, contents: dict[str, bytes] | None = None) -> None:
    """What the lock names is in the store, whole."""
    workplace = Workplace(home, url)
    lock = workplace.checkout.lock()
    assert lock.twice == {}
    remote = Remote.open(Address.of(url), makes=True)
    pins = list(lock.pins.values())
    for pin in pins if contents is not None else random.sample(pins, min(5, len(pins))):
        content = unpacked(remote.get(key_of(pin.digest)) or b"", pin.digest, pin.size)
        assert content is not None, f"{pin.name} is in the lock, and its object is not whole"
        if contents is not None:
            assert content == contents[pin.name]


def _complete(home: Path, url: str, publishers: int) -> None:
    contents = {name: content for number in range(publishers) for name, content in own(number).items()}
    contents[SHARED] = text("all of them")
    pins = Workplace(home, url).checkout.lock().pins
    assert {name: pin.digest for name, pin in pins.items()} == {
        name: digest_of(content) for name, content in contents.items()
    }
    _apart(lambda: _agree(home, url, contents))


@contextmanager
def store(kind: str, home: Path) -> Iterator[str]:
    """The URL of an empty store of that kind."""
    if kind == "folder":
        yield f"file://{home}/store"
        return
    if why := moto.lacking():
        sys.exit(why)
    with moto.server() as environment:
        os.environ.update(environment)
        yield f"s3://{moto.BUCKET}/race"


def main(arguments: list[str]) -> None:
    publishers, seed, kind = [*arguments, *("100", "1", "folder")[len(arguments) :]]
    with tempfile.TemporaryDirectory(prefix="replayer-") as place, store(kind, Path(place)) as url:
        print(race(Path(place), url, int(publishers), int(seed)))


if __name__ == "__main__":
    main(sys.argv[1:])
