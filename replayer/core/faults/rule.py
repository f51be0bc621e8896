"""One fault as its user writes it, read and checked: a method, a pattern of paths, and what goes wrong.

key           the client sees                                     the request
status        that error, with `retry_after` seconds in it        is not done
reset         a connection that is reset                          is not done
delay         its answer, so many milliseconds later              is done then, if somebody still waits
truncate      so many bytes of the body; `reset` cuts harder      is done
slow          the body, taking so many milliseconds               is done
after         one of these, or nothing                            is done first
"""

import re
from dataclasses import dataclass, fields
from typing import Any, Self

from replayer.core.faults.paths import PathPattern
from replayer.errors import UsageError, unknown

ANY = "*"
METHOD = re.compile(r"[A-Za-z-]{1,24}|\*")
EXAMPLE = "POST /v1/invoices status=500"
LONGEST = 2000  # characters of a rule
HOUR = 3_600_000  # milliseconds: nobody waits longer for an answer
# The numbers that a key may have, both ends included.
RANGES = {
    "status": (400, 599),  # all others are no errors
    "retry_after": (0, 86_400),
    "delay": (1, HOUR),
    "slow": (1, HOUR),
    "truncate": (0, 1 << 40),
    "times": (1, 1 << 40),
}
FLAGS = ("reset", "after")
WHAT = ("status", "retry_after", "delay", "slow", "truncate", *FLAGS)
KEYS = (*WHAT, "times")
ON, OFF = ("", "true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One rule. `delay` and `slow` are in milliseconds, `truncate` in bytes, `retry_after` in seconds; `times` is how
    many requests meet it, None for all."""

    method: str
    path: PathPattern
    status: int | None = None
    retry_after: int | None = None
    delay: int = 0
    slow: int = 0
    truncate: int | None = None
    reset: bool = False
    after: bool = False
    times: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The rule that a text is; UsageError where it is none, saying what is wrong with it."""
        if len(text) > LONGEST:
            raise UsageError(f"A fault has more than {LONGEST} characters.")
        words = text.split()
        if len(words) < 2:
            raise _wrong(text, "it is a method, a path and what goes wrong")
        method, path, *pairs = words
        if not METHOD.fullmatch(method):
            raise _wrong(text, f"{method!r} is no method; {ANY} is any")
        pattern = PathPattern(path)
        if pattern.wrong:
            raise _wrong(text, f"the path {path!r} {pattern.wrong}")
        found: dict[str, Any] = {}
        for pair in pairs:
            key, _, value = pair.partition("=")
            if key in found:
                raise _wrong(text, f"it has {key} twice")
            found[key] = _read(text, key, value, given="=" in pair)
        rule = cls(method.upper(), pattern, **found)
        if trouble := rule._trouble:
            raise _wrong(text, trouble)
        return rule

    @property
    def _trouble(self) -> str:
        """What does not go together; empty where all does."""
        if not self.what:
            return "nothing goes wrong by it"
        if self.retry_after is not None and self.status is None:
            return "retry_after goes with a status only"
        if self.status is not None and self.reset and self.truncate is None:
            return "a connection that is reset shows no status"
        return ""

    def meets(self, method: str, path: str) -> bool:
        """Whether that request is one of its own. `path` is without its query."""
        return self.method in (ANY, method) and self.path.matches(path)

    @property
    def is_done(self) -> bool:
        """Whether the request reaches the session at all."""
        return self.after or (self.status is None and (self.truncate is not None or not self.reset))

    @property
    def is_lost(self) -> bool:
        """Whether the client gets no answer, not even the begin of one."""
        if self.status is not None or self.truncate is not None:
            return False
        return self.reset or (self.after and not self.delay and not self.slow)

    @property
    def what(self) -> str:
        """What goes wrong, in its own words: `status=429 retry_after=1`."""
        return " ".join(_pair(key, getattr(self, key)) for key in WHAT if getattr(self, key) != DEFAULTS[key])

    def __str__(self) -> str:
        times = f" times={self.times}" if self.times is not None else ""
        return f"{self.method} {self.path.text} {self.what}{times}"


DEFAULTS = {field.name: field.default for field in fields(FaultRule)}


def _pair(key: str, value: Any) -> str:
    return key if value is True else f"{key}={value}"


def _read(text: str, key: str, value: str, *, given: bool) -> int | bool:
    if key in FLAGS:
        if value.lower() not in ON + OFF or (given and not value):
            raise _wrong(text, f"{key} has no value, or true or false")
        return value.lower() in ON
    if key not in RANGES:
        raise unknown(key, "key of a fault", list(KEYS))
    least, most = RANGES[key]
    if not re.fullmatch(r"[0-9]{1,13}", value) or not least <= int(value) <= most:
        raise _wrong(text, f"{key} is a whole number from {least} to {most}")
    return int(value)


def _wrong(text: str, why: str) -> UsageError:
    return UsageError(f"The fault {text!r} cannot be: {why}. Write one like {EXAMPLE!r}.")
