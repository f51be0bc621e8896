"""A large cassette stays in its file. One scan proves that it is as Replayer writes it, and finds where each of its
interactions stands; what an answer holds is read when somebody asks for it, and kept by nobody but who asked.

The file stays open: whatever takes its place, what was opened is played. Who writes into it instead of replacing it is
found out by the sum that each interaction has.
"""

import os
import re
import weakref
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Self, TypeVar, overload

from replayer.cassettes import fast_read, formats, servable
from replayer.cassettes.fast_read import UnknownError
from replayer.cassettes.side_file import SideFile
from replayer.cassettes.write import came, entry, lead
from replayer.core.cassette import Cassette, Facts, Interaction, Outline, Stored
from replayer.core.message import Request, Response, bodies, wire
from replayer.errors import CassetteError

LARGE = 1 << 20  # bytes; what is smaller is read in no time
EXTENTS = "extents"  # their key on the shelf
VISIBLE = bytes([10, *range(32, 127)])  # of which a literal block can be made, whatever they say
INDENT = 8  # spaces before each line of an answer's body
MARKS = frozenset({b"|\n", b"|-\n", b"|+\n", b"|2\n", b"|2-\n", b"|2+\n"})

Message = TypeVar("Message", Request, Response)


def opened(path: Path) -> Cassette | None:
    """The cassette in that file with its interactions left there; None where that is not worth while, or where it is
    not as Replayer writes it: then it has to be read."""
    if path.stat().st_size < LARGE:
        return None
    file = OpenFile(path)
    raw = file.whole()
    shelf = SideFile(raw)
    known: list[Lead] = []
    extents = _kept(shelf, raw)
    if extents is None:
        found = scanned(raw)
        if found is None:
            return None
        extents, known = found
        plain = extents.plain
        shelf.keep(EXTENTS, lambda: plain)
    return Cassette(InFile(file, extents, known), extents.facts, shelf, fast_read.top(raw).deliveries)


def _kept(shelf: SideFile, raw: bytes) -> "Extents | None":
    kept = shelf.find(EXTENTS)
    try:
        return None if kept is None else Extents.of(kept, raw)
    except (*fast_read.NOT_OURS, TypeError, KeyError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class Extents:
    """Where the interactions stand in the file: `ends` is where the first one begins, then where each ends; `sums` are
    the checksums of their bytes, `origins` how many requests each origin has."""

    ends: "array[int]"
    sums: "array[int]"
    origins: dict[str, int]
    facts: Facts | None

    def __len__(self) -> int:
        return len(self.sums)

    @property
    def plain(self) -> dict[str, Any]:
        """The same as JSON has it."""
        lengths = [end - begin for begin, end in pairwise(self.ends)]
        facts = None if self.facts is None else [self.facts.upstream, self.facts.rules, self.facts.epoch]
        return {"from": self.ends[0], "lengths": lengths, "sums": list(self.sums), "origins": self.origins,
                "facts": facts}  # fmt: skip

    @classmethod
    def of(cls, plain: Mapping[str, Any], raw: bytes) -> Self:
        """Those that were kept, if they are of these bytes; ValueError where they are not."""
        facts, begin, _ = fast_read.top(raw)
        told = plain["facts"]
        ends = array("q", accumulate(plain["lengths"], initial=plain["from"]))
        sums = array("Q", plain["sums"])
        origins = {str(origin): int(count) for origin, count in plain["origins"].items()}
        sound = len(ends) == len(sums) + 1 > 1 and sum(origins.values()) == len(sums) and min(plain["lengths"]) > 0
        fits = begin == ends[0] and raw[ends[-1] :] in ((b"...\n",) if facts else (b"", b"...\n"))
        if not sound or not fits or (None if facts is None else [facts.upstream, facts.rules, facts.epoch]) != told:
            raise ValueError("these are of another file")
        return cls(ends, sums, origins, facts)


class OpenFile:
    """A file that is read in places, until it is closed or nobody holds this any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.close = weakref.finalize(self, os.close, self._descriptor)

    def __repr__(self) -> str:
        return f"<OpenFile {self.path}>"

    def whole(self) -> bytes:
        """All of it."""
        return self.read(0, os.fstat(self._descriptor).st_size)

    def read(self, begin: int, end: int) -> bytes:
        """What stands there, or less where the file is shorter by now."""
        pieces = []
        while begin < end and (piece := os.pread(self._descriptor, end - begin, begin)):
            pieces.append(piece)
            begin += len(piece)
        return b"".join(pieces)


Lead = tuple[Request, int, str, wire.Headers]
"""An interaction as far as the body of its answer: the request, then status, message and headers."""


class InFile(Stored):
    """The interactions at those places of a file. `known` are their leads, where somebody has just
    read them."""

    def __init__(self, file: OpenFile, extents: Extents, known: list[Lead], limit: int = bodies.LONGEST) -> None:
        self._file, self._extents, self._known, self._limit = file, extents, known, limit
        # The one that was just read: whoever asks for one asks for it several times. Replaced as a whole: several
        # threads may read.
        self._last: tuple[int, Interaction | None] = (-1, None)

    def __repr__(self) -> str:
        return f"<InFile {self._file.path} {len(self)} interactions>"

    def __len__(self) -> int:
        return len(self._extents)

    @overload
    def __getitem__(self, number: int) -> Interaction: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Interaction]: ...
    def __getitem__(self, number: int | slice) -> Interaction | Sequence[Interaction]:
        which, last = self._last
        if which == number and last is not None:
            return last
        if isinstance(number, slice):
            return tuple(self[each] for each in range(*number.indices(len(self))))
        number = range(len(self))[number]
        found = self._read(number)
        self._last = number, found
        return found

    def __iter__(self) -> Iterator[Interaction]:
        return map(self._read, range(len(self)))

    def _read(self, number: int) -> Interaction:
        found = fast_read.interaction(self._match(number))
        response = found.response
        if self._extents.facts is None:
            response = formats.servable(response, found.request.method)
        return replace(found, request=self._limited(found.request), response=self._limited(response))

    def _limited(self, message: Message) -> Message:
        return message if message.limit == self._limit else replace(message, limit=self._limit)

    def _match(self, number: int) -> re.Match[bytes]:
        extents = self._extents
        raw = self._file.read(extents.ends[number], extents.ends[number + 1])
        match = fast_read.ENTRY.fullmatch(raw)
        if match is None or zlib.crc32(raw) != extents.sums[number]:
            raise CassetteError(
                f"{self._file.path}: somebody has written into it since it was opened. Eject it, and open it again."
            )
        return match

    def within(self, limit: int) -> Self:
        return type(self)(self._file, self._extents, self._known, limit)

    def outlines(self) -> Iterator[Outline]:
        known = list(self._known)
        self._known.clear()  # whoever has the same interactions holds the same leads, and needs them no more
        leads = known or (lead_of(self._match(number)) for number in range(len(self)))
        for number, (request, status, reason, headers) in enumerate(leads):
            yield Sketch(self, number, self._limited(request), Response(status, reason, headers))

    def length_of(self, number: int) -> int:
        """How many bytes that one has in the file."""
        return self._extents.ends[number + 1] - self._extents.ends[number]

    @property
    def origins(self) -> Mapping[str, int]:
        return self._extents.origins

    def let_go(self) -> None:
        self._file.close()


class Sketch:
    """One of them, whose answer is read when somebody asks for it."""

    __slots__ = ("_bare", "_number", "_response", "_stored", "request")

    def __init__(self, stored: InFile, number: int, request: Request, bare: Response) -> None:
        self._stored, self._number, self.request, self._bare = stored, number, request, bare
        self._response: Response | None = None

    @property
    def status(self) -> int:
        return self._bare.status

    @property
    def date(self) -> int | None:
        return self._bare.date

    @property
    def length(self) -> int:
        """It is no more than stands in the file."""
        return self._stored.length_of(self._number)

    @property
    def response(self) -> Response:
        if self._response is None:
            self._response = self._stored[self._number].response
        return self._response

    def forget(self) -> None:
        self.request.forget()
        self._response = None


def lead_of(match: re.Match[bytes]) -> Lead:
    return (fast_read.request_of(match), *fast_read.answer_of(match))


def scanned(raw: bytes) -> tuple[Extents, list[Lead]] | None:
    """Where the interactions of a file stand, and each as far as its body; None where the file is not exactly as
    Replayer writes it, or cannot be said in HTTP: the strict reader has to look."""
    try:
        facts, begin, _ = fast_read.top(raw)
        return _scanned(raw, begin, facts)
    except fast_read.NOT_OURS:
        return None


def _scanned(raw: bytes, begin: int, facts: Facts | None) -> tuple[Extents, list[Lead]]:
    ends, sums, leads = array("q", [begin]), array("Q"), list[Lead]()
    is_plain = not raw.translate(None, VISIBLE) and b" \n" not in raw
    view = memoryview(raw)
    servable_heads: set[tuple[int, str, wire.Headers]] = set()
    for match in fast_read.matches(raw, begin, ours=facts is not None):
        found = lead_of(match)
        if is_plain and _is_block(raw, *match.span(8)):
            proved = raw[match.start() : match.start(8)] == lead(*found).encode()
            proved = proved and raw[match.end(8) : match.end()] == came(fast_read.streamed_of(match)).encode()
        else:
            proved = match[0] == entry(fast_read.interaction(match)).encode()
        if not proved:
            raise UnknownError
        if found[1:] not in servable_heads:
            if servable.unservable(Response(*found[1:])):
                raise UnknownError
            servable_heads.add(found[1:])
        ends.append(match.end())
        sums.append(zlib.crc32(view[match.start() : match.end()]))
        leads.append(found)
    return Extents(ends, sums, dict(Counter(request.origin for request, *_ in leads)), facts), leads


def _is_block(raw: bytes, begin: int, end: int) -> bool:
    """Whether what stands there, all of it to be seen and no line ending in a space, is a literal block as `scalar`
    would write it: such a block is known by its mark, its first character and its last line breaks."""
    first = raw.find(b"\n", begin, end) + 1
    mark = raw[begin:first]
    if mark not in MARKS or first == end:
        return False
    is_broken = raw.startswith(b"\n", first)  # the text begins with a line break, or else with this character
    is_indented = is_broken or raw.startswith(b" ", first + INDENT)
    last = raw.endswith(b"\n\n", first, end) or end == first + 1
    is_filled = not is_broken or raw.find(b" " * INDENT, first, end) >= 0
    return is_filled and (b"2" in mark) == is_indented and (b"+" in mark) == last
