"""What an audit can find, in words: each kind with its meaning and its remedy. No finding ever holds what is real."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The kinds of findings, by the name that is printed."""

    SECRET = "secret"  # noqa: S105 - the name of a kind
    REAL_ID = "real-id"
    REAL_TOKEN = "real-token"  # noqa: S105 - the name of a kind
    BROKEN_NAME = "broken-name"
    SHARED_NAME = "shared-name"
    TWICE_BORN = "twice-born"
    TIME_ORDER = "time-order"
    TIME_BACK = "time-back"
    NO_TIME = "no-time"
    ORDER = "order"


AGAIN = "correct it, or delete the file and record again"

EXPLAINED: dict[Kind, tuple[str, str]] = {
    Kind.SECRET: (
        "a key, a password or a token stands in the file",
        "revoke it, delete the file and record again; where a recording of ours kept it, with its pattern in `secrets`",
    ),
    Kind.REAL_ID: ("an id that is no alias, and that no request wrote before", "delete the file and record again"),
    Kind.REAL_TOKEN: ("a token that does not follow from its owner", "delete the file and record again"),
    Kind.BROKEN_NAME: ("no alias, but all but like one that stands in the file", "write that one, or record again"),
    Kind.SHARED_NAME: (
        "one alias, with the prefix of one type, for objects of two",
        "correct it; if the API itself has one id for both, leave it",
    ),
    Kind.TWICE_BORN: ("one alias for two objects: it is made twice, or at two times", AGAIN),
    Kind.TIME_ORDER: ("a time before one that it must come after, or an epoch long before them all", AGAIN),
    Kind.TIME_BACK: (
        "a time went back though nothing was written in between",
        "correct it; if the requests raced, record them one after another",
    ),
    Kind.NO_TIME: ("what must be a time is none", AGAIN),
    Kind.ORDER: (
        "an object is asked for before the request that makes it",
        "put the interactions in their order, or delete the file and record again",
    ),
}  # fmt: skip


# What a recording over the file would take over, and no API can have led to. TIME_BACK is none: reads that race can do
# that. Nor are TWICE_BORN and SHARED_NAME: there may be an API that dates its objects anew, or has one id for two, and
# it must be possible to record it again. So it must be with one whose times are none; and a recording puts its
# interactions into an order of its own.
SPOILING = frozenset({Kind.BROKEN_NAME})
# Of an API that the rules know also what that never answers. Any other may import what is older, keep an answer for
# days, or have clocks that are apart: to refuse that would lock it out for ever.
SPOILING_KNOWN = SPOILING | {Kind.TIME_ORDER}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a text, by its place and its encoding. What is real in it is never told, or masked."""

    what: str
    encoding: str
    line: int
    kind: Kind = Kind.SECRET

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" + ("" if self.encoding == "raw" else f" ({self.encoding}-encoded)")


def masked(text: str, prefix: str = "") -> str:
    """A value that may be real, so that its owner knows it again and nobody else: after its prefix the first two and
    the last two characters, never more than a third of it."""
    random = text.removeprefix(prefix)
    shown = min(4, len(random) // 3)
    first, last = shown - shown // 2, shown // 2
    return f"{prefix}{random[:first]}...{random[len(random) - last :]}"


def findings_table() -> str:
    """The table of the README."""
    rows = [f"| `{kind.value}` | {meaning} | {remedy} |\n" for kind, (meaning, remedy) in EXPLAINED.items()]
    return "| finding | meaning | remedy |\n| --- | --- | --- |\n" + "".join(rows)
