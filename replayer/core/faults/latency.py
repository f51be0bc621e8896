"""How long each answer is held back: always the same, or by chance, which is passed in."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from replayer.errors import UsageError

NUMBER = r"([0-9]{1,7}(?:\.[0-9]{1,6})?)"
FIXED = re.compile(NUMBER)
NORMAL = re.compile(rf"normal:{NUMBER},\s*{NUMBER}")
MOST = 3_600_000.0  # milliseconds: an hour
RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, and by how many of these one answer differs from another, as the standard deviation has it; or, of
    streams and of what was waited for, what is `recorded`. How long any other answer took no cassette knows: recording
    again would change it."""

    mean: float
    deviation: float = 0.0
    recorded: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """`250`, `normal:250,50` or `recorded`; UsageError for all else."""
        if text == RECORDED:
            return cls(0.0, recorded=True)
        found = FIXED.fullmatch(text) or NORMAL.fullmatch(text)
        if found is None or any(float(number) > MOST for number in found.groups()):
            raise UsageError(
                f"The latency {text!r} is none. Give milliseconds, an hour at most, normal:MS,SD, or recorded."
            )
        mean, *deviation = map(float, found.groups())
        return cls(mean, deviation[0] if deviation else 0.0)

    def seconds(self, normal: Callable[[float, float], float]) -> float:
        """How long to wait. `normal` draws from a normal distribution of that mean and deviation."""
        drawn = normal(self.mean, self.deviation) if self.deviation else self.mean
        return min(max(drawn, 0.0), MOST) / 1000
