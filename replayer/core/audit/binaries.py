"""Binary scalars of a file: where they stand, what they hold, and the file without them.

    string: !!binary |          YAML wraps base64 into lines, which cut in two what is in it: it is searched decoded.
      c2tfdGVzdF80ZUMzOUhx...

Only what is wrapped is looked for: one line of base64 is read where it stands.
"""

import base64
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

MARK = re.compile(r"(?P<indent> *)(?:[^#\n]*[:?-] )?!!binary [|>][-+0-9]{0,2} *")
LINE = re.compile(r"(?P<indent> +)(?P<run>[0-9A-Za-z+/]+={0,2}) *")


@dataclass(frozen=True, slots=True)
class Binary:
    """One scalar: the line that marks it, counted from 1, its bytes, and how many of them each of its lines ends."""

    line: int
    raw: bytes
    ends: tuple[int, ...]

    def line_at(self, offset: int) -> int:
        """The line in which the byte at that offset begins."""
        return self.line + 1 + bisect_right(self.ends, offset)


def apart(text: str) -> tuple[str, list[Binary]]:
    """The text with those of its lines emptied that belong to binary scalars, and these."""
    if "!!binary" not in text:
        return text, []
    lines = text.split("\n")
    found = list(_binaries(lines))
    for binary in found:
        lines[binary.line : binary.line + len(binary.ends)] = [""] * len(binary.ends)
    return "\n".join(lines), found


def _binaries(lines: list[str]) -> Iterator[Binary]:
    for number, line in enumerate(lines, start=1):
        mark = MARK.fullmatch(line) if "!!binary" in line else None
        if mark is None:
            continue
        runs = list(_runs(lines, number, len(mark["indent"])))
        if runs and _is_wrapped(runs):
            ends = accumulate(3 * len(run) // 4 - run.count("=") for run in runs)
            yield Binary(number, base64.b64decode("".join(runs)), tuple(ends))


def _runs(lines: list[str], first: int, indent: int) -> Iterator[str]:
    for number in range(first, len(lines)):
        match = LINE.fullmatch(lines[number])
        if match is None or len(match["indent"]) <= indent:
            return
        yield match["run"]


def _is_wrapped(runs: list[str]) -> bool:
    """Whether lines are base64 as YAML writers wrap it, and no text that only begins like it: whole groups in each,
    all of one length but for the last."""
    return all(len(run) % 4 == 0 for run in runs) and len({len(run) for run in runs[:-1]}) < 2
