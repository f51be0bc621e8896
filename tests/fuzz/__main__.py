"""`python -m tests.fuzz [SECONDS [SEED [TARGET]]]`: all targets in turns, or one of them, until the time is over."""

import asyncio
import sys
import time
from collections.abc import Callable

from tests.fuzz import over_ports, pure
from tests.fuzz.noise import Noise
from tests.fuzz.seeds import seeds

SECONDS = 60.0
ROUND = 25  # inputs of a target in one turn
SLOW = 1.0  # seconds of processor time for one input of at most 64 KB


def turn(target: str, noise: Noise, check: Callable[[bytes], None]) -> None:
    """Some damaged inputs of one target. AssertionError with the input at the first fault."""
    for _ in range(ROUND):
        data = noise.damaged(noise.choice(seeds(target)), seeds(target))
        begun = time.process_time()
        try:
            check(data)
        except Exception as error:
            raise AssertionError(f"{target}: {data!r}") from error
        assert time.process_time() - begun < SLOW, f"{target} took too long: {data!r}"


def run(seconds: float, seed: int, only: str = "") -> dict[str, int]:
    """How many inputs each target had."""
    noise, end = Noise(seed), time.monotonic() + seconds
    counts: dict[str, int] = {}
    while time.monotonic() < end:
        for target in (*pure.TARGETS, *over_ports.TARGETS):
            if only in ("", target):
                if target in pure.TARGETS:
                    turn(target, noise, pure.TARGETS[target])
                else:
                    asyncio.run(over_ports.TARGETS[target](noise, ROUND))
                counts[target] = counts.get(target, 0) + ROUND
    return counts


def main() -> None:
    seconds, seed, only = (*sys.argv[1:], *(str(SECONDS), str(int(time.time())), "")[len(sys.argv) - 1 :])
    sys.stdout.write(f"fuzzing with seed {seed} for {seconds} s\n")
    counts = run(float(seconds), int(seed), only)
    sys.stdout.write(", ".join(f"{count} {target}" for target, count in counts.items()) + ": no fault\n")


if __name__ == "__main__":
    main()
