"""What an audit can find, in words: each kind with its meaning and its remedy. No finding ever holds what is real."""

from dataclasses import dataclass
from enum import Enum
from typing import Self

from replayer.core.message import shapes


class FindingKind(Enum):
    """The kinds of findings, by the name that is printed."""

    SECRET = "secret"  # noqa: S105 - the name of a kind
    REAL_ID = "real-id"
    REAL_TOKEN = "real-token"  # noqa: S105 - the name of a kind
    BROKEN_NAME = "broken-name"
    SHARED_NAME = "shared-name"
    PERSONAL = "personal"
    FALSE_EPOCH = "false-epoch"

    @property
    def remedy(self) -> str:
        return EXPLAINED[self][1]


EXPLAINED: dict[FindingKind, tuple[str, str]] = {
    FindingKind.SECRET: (
        "a key, a password or a token stands in the file",
        "revoke it, delete the file and record again; where a recording of ours kept it, with its pattern in `secrets`",
    ),
    FindingKind.REAL_ID: (
        "an id that is no alias, and that no request wrote before", "delete the file and record again"
    ),
    FindingKind.REAL_TOKEN: ("a token that does not follow from its owner", "delete the file and record again"),
    FindingKind.BROKEN_NAME: (
        "no alias, but all but like one that stands in the file", "write that one, or delete the file and record again"
    ),
    FindingKind.SHARED_NAME: (
        "one alias, with the prefix of one type, for objects of two",
        "correct it; if the API itself has one id for both, leave it",
    ),
    FindingKind.PERSONAL: (
        "what the rules call personal, and no stand-in of ours",
        "give it one with `replayer clean`, or record again with these rules",
    ),
    FindingKind.FALSE_EPOCH: (
        "an answer is dated before the epoch, or all of them long after it",
        "correct it, or delete the file and record again",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a text, by its place and its encoding. What is real in it is left out, or masked."""

    what: str
    encoding: str
    line: int = 0
    kind: FindingKind = FindingKind.SECRET

    @classmethod
    def real_id(cls, piece: shapes.Piece, encoding: str = "raw", line: int = 0) -> Self:
        """An id of the upstream: what it is an id of, as far as it shows, `in` or `uuid`."""
        of = piece.text.rpartition("_")[0] or piece.shape
        return cls(f"an id of the upstream ({of}_...)", encoding, line, FindingKind.REAL_ID)

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" + ("" if self.encoding == "raw" else f" ({self.encoding}-encoded)")


def findings_table() -> str:
    """The table of the README."""
    rows = [f"| `{kind.value}` | {meaning} | {remedy} |\n" for kind, (meaning, remedy) in EXPLAINED.items()]
    return "| finding | meaning | remedy |\n| --- | --- | --- |\n" + "".join(rows)
