"""Which paths a pattern stands for: `*` for any text in a segment, `**` for any segments. The work is at most that of
comparing each segment with each.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

ANY = "**"  # segments, none among them


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern of paths as it is written: `/v1/invoices/*/pay`, or `*` for all."""

    text: str

    @property
    def wrong(self) -> str:
        """What is wrong with it; empty where it is one."""
        if self.text in ("*", ANY):
            return ""
        if not self.text.startswith("/"):
            return "must begin with a slash"
        if "?" in self.text or "#" in self.text:
            return "is matched without its query: leave that out"
        if any(ANY in segment and segment != ANY for segment in self.text.split("/")):
            return f"has {ANY} inside of a segment, where only * can stand"
        return ""

    def matches(self, path: str) -> bool:
        """Whether a path, without its query, is one of these."""
        pattern = self.text.split("/")[1:] if self.text.startswith("/") else [ANY]
        segments = path.split("/")[1:]
        at, wanted, star, behind = 0, 0, -1, 0  # the last `**`, and where what follows it was last looked for
        while at < len(segments):
            if wanted < len(pattern) and pattern[wanted] == ANY:
                star, behind, wanted = wanted, at, wanted + 1
            elif wanted < len(pattern) and _segment(pattern[wanted]).fullmatch(segments[at]):
                at, wanted = at + 1, wanted + 1
            elif star >= 0:
                behind += 1
                at, wanted = behind, star + 1
            else:
                return False
        return all(segment == ANY for segment in pattern[wanted:])


@lru_cache(256)
def _segment(pattern: str) -> re.Pattern[str]:
    """The first place that fits is as good as any later one: what was found is never looked for again."""
    first, *rest = pattern.split("*")
    if not rest:
        return re.compile(re.escape(first))
    found = "".join(f"(?>.*?{re.escape(piece)})" for piece in rest[:-1])
    return re.compile(f"{re.escape(first)}{found}.*{re.escape(rest[-1])}", re.DOTALL)
