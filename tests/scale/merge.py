"""What merging costs: `python -m tests.scale.merge [SHARDS INTERACTIONS [LOAD...]]`; 60 shards of 10,000 each.

apart    each cassette was recorded by one shard, as where tests are whole in one: copied
shared   besides, each shard wrote a part of one cassette: united
one      nothing but that cassette, by ever more shards: what it costs, interaction by interaction

Processor time and memory are those of the command itself, a program of its own. No wall time: disks and neighbours
decide about that.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from replayer.cassettes import dumps
from tests.specs.shop import Shop

HOME = Path(__file__).parents[2]
IN_ONE = 100  # interactions of a cassette
OWN = 20  # of a cassette that all shards write, in each


@dataclass(frozen=True, slots=True)
class MergeCost:
    """What one run took: seconds of processor time, and the most memory in MiB."""

    seconds: float
    memory: float


def recorded(shard: int, interactions: int) -> str:
    """A cassette in which a shard made customers of its own."""
    shop = Shop(shard)
    for number in range(interactions // 2):
        made = shop.made("/v1/customers", {"name": f"Customer {shard} {number}"})
        shop.ask("GET", f"/v1/customers/{made}")
    return dumps(shop.cassette)


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def apart(home: Path, shards: int, interactions: int) -> None:
    """So many interactions a shard, in cassettes that nobody else has."""
    text = recorded(0, IN_ONE)
    for shard in range(shards):
        for number in range(interactions // IN_ONE):
            path = home / f"shard-{shard}" / f"test_{shard}" / f"{number}.yaml"
            written(path, text.replace("Customer 0", f"Customer {shard}-{number}"))


def shared(home: Path, shards: int, interactions: int = OWN) -> None:
    """One cassette that each shard wrote a part of."""
    for shard in range(shards):
        written(home / f"shard-{shard}" / "session.yaml", recorded(shard, interactions))


def merged(home: Path) -> MergeCost:
    """The cost of `replayer merge` over all that is there; its exit code has to be 0."""
    command = [sys.executable, "-m", "replayer", "merge", *map(str, sorted(home.glob("shard-*")))]
    program = subprocess.Popen(
        [*command, "--out", str(home / "out")],
        cwd=home,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(HOME)},
    )
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise SystemExit(f"merging ended with {program.returncode}")
    return MergeCost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _apart(shards: int, interactions: int) -> Iterator[str]:
    for part in (10, 3, 1):
        with _folder() as home:
            apart(home, shards, interactions // part)
            yield _row("apart", shards * (interactions // part // IN_ONE * IN_ONE), merged(home))


def _shared(shards: int, interactions: int) -> Iterator[str]:
    with _folder() as home:
        apart(home, shards, interactions)
        shared(home, shards)
        yield _row("shared", shards * (interactions + OWN), merged(home))


def _one(shards: int, _: int) -> Iterator[str]:
    for several in (shards // 15, shards // 4, shards):
        with _folder() as home:
            shared(home, several)
            yield _row(f"one, {several} shards", several * OWN, merged(home))


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="replayer-scale-") as place:
        yield Path(place)


LOADS = {"apart": _apart, "shared": _shared, "one": _one}


def _row(load: str, interactions: int, cost: MergeCost) -> str:
    each = cost.seconds / interactions * 1000
    told = f"{cost.seconds:>8.1f} s {each:>8.3f} ms each {cost.memory:>6.0f} MiB"
    return f"{load:<16} {interactions:>8,} interactions {told}"


def main(shards: str = "60", interactions: str = "10000", *loads: str) -> None:
    for load in loads or LOADS:
        for row in LOADS[load](int(shards), int(interactions)):
            print(row, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
