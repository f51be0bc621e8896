"""`python -m tests.fuzz [SECONDS [SEED [TARGET]]]`: all targets in turns, or one of them, until the time is over."""

import asyncio
import sys
import time
from collections.abc import Callable

from tests.fuzz import over_ports, pure, rough
from tests.fuzz.noise import Noise
from tests.fuzz.seeds import seeds

SECONDS = 60.0
ROUND = 25  # inputs of a target in one turn
WITH_PROGRAMS = {**over_ports.TARGETS, **rough.TARGETS}
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
        for target in (*pure.TARGETS, *WITH_PROGRAMS):
            if only in ("", target):
                inputs = rough.ROUNDS.get(target, ROUND)
                if target in pure.TARGETS:
                    turn(target, noise, pure.TARGETS[target])
                else:
                    asyncio.run(WITH_PROGRAMS[target](noise, inputs))
                counts[target] = counts.get(target, 0) + inputs * rough.EACH.get(target, 1)
    return counts


def main() -> None:
    seconds, seed, only = (*sys.argv[1:], *(str(SECONDS), str(int(time.time())), "")[len(sys.argv) - 1 :])
    sys.stdout.write(f"fuzzing with seed {seed} for {seconds} s\n")
    counts = run(float(seconds), int(seed), only)
    sys.stdout.write(", ".join(f"{count} {target}" for target, count in counts.items()) + ": no fault\n")


if __name__ == "__main__":
    main()
