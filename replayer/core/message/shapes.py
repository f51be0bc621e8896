"""Which pieces of a text are shaped like ids. Short or ordinary words ("active", "usd", 12) never are."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MIN_BODY = 14  # the shortest family behind a prefix, `cus_` + 14; "charge_automatically" has 13 letters behind its own
MIN_WORD = 8  # "active" and "12" must never be taken for names, even where a table holds them
# A piece begins and ends where letters and digits do; what percent-encoding writes is another character: `%22cus_...`.
PLAINLY = r"(?<![0-9A-Za-z])"
BEGINS = rf"(?:{PLAINLY}(?!(?<=%)[0-9A-Fa-f]{{2}})|(?<=%[0-9A-Fa-f]{{2}}))"
BEHIND_LINE = r"(?:(?<![0-9A-Za-z_])|(?<=%[0-9A-Fa-f]{2}))"
# One scan, longest claim first.
_IDS = (
    r"(?P<uuid>(?<![0-9A-Za-z])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![0-9A-Za-z]))"
    rf"|(?P<prefixed>(?:(?:(?<=[0-9A-Za-z])_secret_|{BEHIND_LINE}(?:[a-z]{{2,10}}_){{1,3}})[0-9A-Za-z]{{{MIN_BODY},255}}(?![0-9A-Za-z])"
    rf"|(?<![0-9A-Za-z_.-])(?:[A-Z]{{1,4}}_[0-9A-Za-z]{{{MIN_BODY},64}}|(?:[a-z]{{2,10}}-){{1,2}}[0-9A-Za-z]{{20,64}})(?![0-9A-Za-z_.-])))"
    r"|(?P<numbered>(?<![0-9A-Za-z])[A-Z]{2}[0-9a-f]{32}(?![0-9A-Za-z]))"
    r"|(?P<ulid>(?<![0-9A-Za-z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z]))"
    r"|(?P<object>(?<![0-9A-Za-z])[0-9a-f]{24}(?![0-9A-Za-z]))"
    r"|(?P<hex>(?<![0-9A-Za-z])(?:[0-9a-f]{32,128}|[0-9A-F]{32,128})(?![0-9A-Za-z]))"
).replace(PLAINLY, BEGINS)
ID = re.compile(_IDS)
# Seconds with six more digits name a message in a chat: nobody looks for half of that.
STAMP = r"(?<![0-9A-Za-z.])[0-9]{10}\.[0-9]{6}(?![0-9A-Za-z.])"
PIECE = re.compile(rf"{_IDS}|(?P<stamp>{STAMP})|(?P<word>{BEGINS}[0-9A-Za-z]{{{MIN_WORD},}}(?![0-9A-Za-z]))")
_PLAINLY = re.compile(re.sub(r"\(\?P<\w+>", "(?:", PIECE.pattern))
# Where to look at all: a piece stands within one run of these characters, and most of a text in none that is as long.
LONG_RUN = re.compile(rf"[0-9A-Za-z_-]{{{MIN_BODY + 3},}}")  # no id is shorter: a prefix has two letters and its line
RUN = re.compile(rf"[0-9A-Za-z_.-]{{{MIN_WORD},}}")
SHORT = 64  # characters of a text whose pieces are remembered: an id is met several times on its way
SMALL_PREFIX = re.compile(r"_?[a-z_]+_")  # any other one stands in words, too: `some-`, `TEST_`
MIXED = re.compile(r"[0-9A-Z]")  # 14 random letters of base62 without any of these: one in 200,000, see `named_id`
# Where a field or a header says itself that it holds an id: `id`, `Request-Id`, `X-Correlation-ID`.
NAMES_ID = re.compile(r"(?i)id|node_?id|(?:x-)?(?:[a-z]+-)*(?:request|correlation|trace|transaction)-?id")
DIGIT = re.compile(r"[0-9]")
LETTER = re.compile(r"[A-Za-z]")
ALL_SORTS = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])")
PREFIX = re.compile(r".*[_-]")
MINTED = ("uuid", "ulid", "hex")  # shapes that clients mint; what has a prefix comes from an API or from its user
# Most requests have nothing of all this in them, and one look at their text tells.
LIKELY = re.compile(
    r"[0-9A-Za-z]{26}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-"
    r"|[0-9]{9}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9](?:\+|%20| )\w{3}(?:\+|%20| )[0-9]"
)


class Piece(NamedTuple):
    """A piece of a text: an id by its shape, or (`shape` "word") only something to look up in a table."""

    shape: str
    text: str
    start: int
    end: int


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a text in their order, not overlapping."""
    if len(text) <= SHORT:
        return iter(_in_short(text)) if len(text) >= MIN_WORD else iter(())
    return _found(text, RUN, PIECE)


def words(text: str) -> list[str]:
    """The pieces of a text by themselves, whatever they are shaped like: that is found much faster."""
    return [word for run in RUN.findall(text) for word in ((run,) if run.isalnum() else _PLAINLY.findall(run))]


def ids(text: str) -> Iterator[Piece]:
    """Only the pieces that are ids by their shape."""
    if len(text) <= MIN_BODY:
        return iter(())
    if len(text) <= SHORT:
        return iter(_ids_in_short(text))
    # Words, too: else each letter of a long one would be looked at for a beginning. None of them hides an id.
    return (piece for piece in _found(text, LONG_RUN, PIECE) if piece.shape != "word")


def is_id(text: str) -> bool:
    """Whether all of a text is one id."""
    return len(text) > MIN_BODY and any(piece.start == 0 and piece.end == len(text) for piece in ids(text))


@lru_cache(maxsize=16384)
def _in_short(text: str) -> tuple[Piece, ...]:
    return tuple(_found(text, RUN, PIECE))


@lru_cache(maxsize=16384)
def _ids_in_short(text: str) -> tuple[Piece, ...]:
    return tuple(piece for piece in _in_short(text) if piece.shape != "word")


def _found(text: str, runs: re.Pattern[str], what: re.Pattern[str]) -> Iterator[Piece]:
    for run in runs.finditer(text):
        for match in what.finditer(text, run.start(), run.end()):
            shape, piece = match.lastgroup or "", match.group()
            yield Piece(shape if _is_id(shape, piece) else "word", piece, match.start(), match.end())


def _is_id(shape: str, piece: str) -> bool:
    match shape:
        case "prefixed":
            body = piece[_head(piece) :]
            sorts = MIXED.search(body) if SMALL_PREFIX.match(piece) else ALL_SORTS.match(body)
            return sorts is not None
        case "hex" | "ulid" | "object" | "numbered":
            return DIGIT.search(piece) is not None and LETTER.search(piece) is not None
        case _:
            return shape == "uuid"


def named_id(key: str, text: str) -> Piece | None:
    """The whole of a value as an id, where its name says that it is one and it has a prefix: whatever its letters."""
    match = ID.fullmatch(text) if NAMES_ID.fullmatch(key) else None
    return Piece("prefixed", text, 0, len(text)) if match and match.lastgroup == "prefixed" else None


def prefix_of(piece: Piece) -> str:
    """What of an id tells its kind: `in_`; empty where nothing does."""
    return piece.text[: _head(piece.text)] if piece.shape == "prefixed" else ""


def _head(text: str) -> int:
    """Where what tells the kind ends: `in_`, `chatcmpl-`."""
    prefix = PREFIX.match(text)
    return prefix.end() if prefix else 0
