"""Evidence: where recorded answers tell otherwise than the rules. Only what changed while writes went by is any; what
changes while nobody writes is polled for, and has no cause."""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from replayer.core.cassette import Interaction
from replayer.core.message import Response, shapes


class Read(Protocol):
    """An entry of an index, as far as it is asked here."""

    @property
    def interaction(self) -> Interaction: ...

    @property
    def order(self) -> int: ...


class Write(Read, Protocol):
    @property
    def touched(self) -> frozenset[str]: ...


def turns(reads: Sequence[Read]) -> Iterator[tuple[int, int]]:
    """Where equal questions under one stamp were answered differently: the places of the two answers in the file."""
    for one, other in pairwise(reads):
        if said(one.interaction.response) != said(other.interaction.response):
            yield one.order, other.order


def suspects(reads: Sequence[Read], resources: Iterable[str], refused: Sequence[Write]) -> Iterator[int]:
    """The places of the writes that were refused, and still may be what changed an answer."""
    wanted = frozenset(resources)
    for begin, end in turns(reads):
        yield from (write.order for write in refused if begin < write.order < end and write.touched & wanted)


def moved(reads: Sequence[Read], writes: Sequence[int]) -> bool:
    """Whether an answer changed while something was written; `writes` are places in the file, in order."""
    return any(bisect(writes, begin) < bisect(writes, end) for begin, end in turns(reads))


def said(response: Response) -> tuple[int, str]:
    """What an answer says, but for the names in it: some APIs mint new ones for each answer."""
    if response.refused:  # errors tell of themselves: two of one status say the same
        return response.status, ""
    text = response.text
    end, kept = 0, []
    for piece in shapes.ids(text):
        kept.append(text[end : piece.start])
        end = piece.end
    return response.status, "".join([*kept, text[end:]])
