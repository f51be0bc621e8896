"""How work grows: what takes twice as long for twice the input is linear, and what takes four times as long is not."""

import gc
import time
from collections.abc import Callable

AT_MOST = 2.3  # times the work for twice the input
ATTEMPTS = 8  # another program on this machine may disturb one of them; what grows with the square fails all
TOO_SHORT = 0.004  # seconds of processor time; nothing shorter can be compared

Work = Callable[[], object]


def seconds(work: Work, times: int = 2) -> float:
    """The processor time of a piece of work: the best of several."""
    found = []
    gc.disable()
    try:
        for _ in range(times):
            begun = time.process_time()
            work()
            found.append(time.process_time() - begun)
    finally:
        gc.enable()
    return min(found)


def growth(made: Callable[[int], Work], size: int) -> float:
    """How many times the work becomes where its input is twice as large: the best of some attempts."""
    small, large = made(size), made(2 * size)
    best = float("inf")
    for _ in range(ATTEMPTS):
        best = min(best, seconds(large) / max(seconds(small), TOO_SHORT))
        if best <= AT_MOST:
            break
    return best
