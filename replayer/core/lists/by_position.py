"""Lists whose pages begin behind so many objects: by tokens, by numbers of pages, by offsets, and by links with these.
Each place in such a list is an id, by which its pages join as those of any other.

      0   1   2   3   4   5   6   7   8
    [ a   b   c ] [ d   e   f ] [ g   h ] end

Any page is known whose objects are, and all that is said around them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from replayer.core.lazily import cached_property
from replayer.core.lists.by_cursor import Item, Page, Stretches, Window
from replayer.core.lists.compose import Composer
from replayer.core.lists.envelope import Envelope, Hint, Path, sorted_headers
from replayer.core.lists.hypotheses import Hypotheses
from replayer.core.lists.layout import Layout, token_in, tokens_of
from replayer.core.lists.offsets import Offsets
from replayer.core.lists.page import UNSURE, CountedPage, RecordedPage, Span, Target, Value, plain
from replayer.core.lists.page_request import PageRequest
from replayer.core.lists.remedies import table_line
from replayer.core.matching import Canonical, Entry, canonical, stamps
from replayer.core.message import wire
from replayer.core.rules import Positional, ruleset


class Written(NamedTuple):
    """A page that was not recorded: like which one, and how."""

    like: Entry
    headers: wire.Headers
    text: str


class PositionalList:
    """One list in one state, in one style: the answers that may be pages of it. They are read when somebody asks."""

    def __init__(
        self,
        style: Positional,
        scope: Canonical,
        stamp: stamps.Stamp,
        read: Callable[[Entry, Positional], Envelope | None],
    ) -> None:
        self.style, self.scope, self.stamp, self._read = style, scope, stamp, read
        self.entries: list[tuple[Entry, PageRequest]] = []

    def __repr__(self) -> str:
        return f"<PositionalList {canonical.describe(self.scope)} {len(self.entries)} answers>"

    @cached_property
    def pages(self) -> tuple[RecordedPage, ...]:
        """Those of the answers that are pages."""
        read = [(entry, self._read(entry, self.style), request) for entry, request in self.entries]
        pages = [RecordedPage(entry, page, request) for entry, page, request in read if page]
        hints, dropped = sorted_headers((one.envelope.headers for one in pages), self.style)
        return tuple(one._replace(envelope=one.envelope.with_headers(hints, dropped)) for one in pages)

    @cached_property
    def is_one(self) -> bool:
        """Whether anything says that the list has pages in this style."""
        if not isinstance(self.style, ruleset.ByToken):
            requests = (request for page in self.pages for request in (page.request, *page.links(self.style)))
            return any(request.where is not None for request in requests)
        return bool(self.style.marks and self.pages) or any(tokens_of(page, self.style) for page in self.pages)

    @cached_property
    def counted(self) -> "CountedList | str":
        """The list with its pages counted; in words, why they cannot be."""
        firsts = (0, 1) if self.style.first is None else (self.style.first,)
        origin = f"{self.scope.digest}\0{self.stamp}"
        lists = [CountedList(self.style, self.pages, first, origin, self.scope.path) for first in firsts]
        fitting = [one for one in lists if not one.conflict]
        if len(fitting) > 1:
            why = "nothing recorded tells whether the pages of this list are counted from 0 or from 1"
            return why + table_line(self.style, (page.request for page in self.pages), first=1)
        return fitting[0] if fitting else lists[-1].conflict

    def answer(self, request: PageRequest) -> Written | str:
        """The page that is asked for; in words, why it is not known."""
        return self.counted if isinstance(self.counted, str) else self.counted.answer(request)


class CountedList:
    """The pages of one list, counted from `first`. `conflict` says in words where that cannot be, or where two of them
    cannot both be of one list. Then no other page is known."""

    def __init__(self, style: Positional, pages: Sequence[RecordedPage], first: int, origin: str, path: str) -> None:
        self._style, self._offsets = style, Offsets(style, first, origin)
        layout = Layout(pages, style, self._offsets)
        self._pages, self.bounds, self.conflict = layout.pages, layout.bounds, layout.conflict
        self.stretches = Stretches(() if self.conflict else self._joined())
        self._longest = max((span.count for _, span in self._pages), default=0)
        counted = [self._counted(page, span) for page, span in self._pages if span.count or not span.start]
        self._hypotheses = Hypotheses(counted, style, path, self.bounds)
        self._composer = Composer(counted, self._hypotheses, self._offsets, style, self.bounds)
        self.conflict = self.conflict or self._refuted()

    def __repr__(self) -> str:
        return f"<CountedList {len(self._pages)} pages>"

    @property
    def runs(self) -> list[tuple[int, int]]:
        """What is known of it without a gap: the first place of each run, and the one behind its last."""
        return sorted((start := _place(run.ids[0]), start + len(run.ids)) for run in self.stretches)

    def _refuted(self) -> str:
        """In words, where a page does not say what the rules tell by a name."""
        refuted = self._hypotheses.refuted()
        if refuted is None:
            return ""
        source = next(canonical.describe(page.entry.asked) for page, span in self._pages if span == refuted[1])
        return f"what {'.'.join(refuted[0])} tells in {source} is not so"

    # -- joining ------------------------------------------------------------------------------------------------

    def _joined(self) -> Iterator[Page]:
        """The pages as those of a list whose places are ids."""
        for page, span in self._pages:
            items = (item.text for item in page.envelope.listing.items)
            named = tuple(Item(_id(place), text) for place, text in enumerate(items, span.start))
            if named:
                yield Page(named, True if span.end < self.bounds.least else None, _cursor(span.start))
        if self.bounds.end is not None:
            yield Page((), more=False, after=_cursor(self.bounds.end))

    def _counted(self, page: RecordedPage, span: Span) -> CountedPage:
        return CountedPage(
            page, span, {path: self._value(page, span, hint) for path, hint in page.envelope.hints.items()}
        )

    def _value(self, page: RecordedPage, span: Span, hint: Hint) -> Value:
        link = page.link(hint, self._style)
        if link and link.size is not None and self._offsets.wanted(link) != span.wanted:
            return plain(hint)
        if isinstance(self._style, ruleset.ByToken):
            token = token_in(page, hint, self._style)
            target = self._offsets.target(token) if token else None
            is_back = hint.is_called(self._style.previous)
            if target and is_back and span.size and target.start == span.start - span.size:
                return Target(target.start, span.size)
            if target and (link or hint.is_called(self._style.next)) and target.size is None:
                return target
            return Target(0) if link and link.where is None else plain(hint)
        if link is None:
            return plain(hint)
        start = self._offsets.of(link, span.size)
        return Target(start) if start is not None else UNSURE

    # -- answering ----------------------------------------------------------------------------------------------

    @property
    def spans(self) -> list[tuple[RecordedPage, Span]]:
        """The recorded pages with their numbers."""
        return self._pages

    def answer(self, request: PageRequest) -> Written | str:
        """The page that is asked for; where it is not known, what is missing, in words."""
        place = self.place_of(request)
        return place if isinstance(place, str) else self._page(*place, request)

    def place_of(self, request: PageRequest) -> tuple[int, int] | str:
        """Behind how many objects a page begins that is asked for, and how many it can have; in words, why nobody knows
        that."""
        if self.conflict:
            return self.conflict
        size = self._offsets.size(request)
        is_in_token = (
            isinstance(self._style, ruleset.ByToken) and self._style.default is None and request.where is not None
        )
        if size is None or (request.size is None and is_in_token):
            usual = max((span.count for page, span in self._pages if page.request.size is None), default=self._longest)
            line = table_line(self._style, self._requests, default=usual)
            return f"nothing recorded tells how many objects such a page has{line}"
        for names in (self._style.where, self._style.size):
            name = request.name_of(names)
            if name is not None and name not in self._heeded:
                why = f"nothing recorded tells what the API makes of {name}"
                others = {one.name_of(names) for one in self._requests} - {None, name}
                return why if others else why + table_line(self._style, [request])
        start = self._offsets.requested(request, size, self.bounds.least)
        if start is None:
            return f"{request.where} leads to no place of this list that the recorded pages tell of"
        if self._style.most is None and size > self._longest:
            line = table_line(self._style, self._requests, most=size)
            return f"nothing recorded tells whether the API gives pages of {size}{line}"
        return start, size

    @cached_property
    def _heeded(self) -> set[str | None]:
        """The parameters that the recorded pages show to be heeded. Where the rules know of only one, it is."""
        names: set[str | None] = {names[0] for names in (self._style.where, self._style.size) if len(names) == 1}
        for page, span in self._pages:
            requests = [page.request] if span.start else []
            names |= {request.name_of(self._style.where) for request in (*requests, *page.links(self._style))}
            if span.size == span.count and span.end < self.bounds.least:
                names.add(page.request.name_of(self._style.size))
        return names

    @property
    def _requests(self) -> list[PageRequest]:
        return [page.request for page, _ in self._pages]

    def _page(self, start: int, size: int, request: PageRequest) -> Written | str:
        end = self.bounds.most
        if end is not None and start >= end and start > 0:
            return f"the list ends at {end}, and what is answered behind that was not recorded"
        part = self.stretches.window(Window(size, after=_cursor(start)), blind=True)
        if isinstance(part, str):
            return part
        page = Span(start, len(part.items), size, self._offsets.wanted(request))
        like = self._composer.template(page, request)
        if like is None:
            return "how the API writes such a page was not recorded"
        changes = self._composer.changes(like, page, request)
        if isinstance(changes, list):
            return Written(like.page.entry, *like.page.envelope.around([item.text for item in part.items], changes))
        return self._unknown(changes, request)

    def _unknown(self, path: Path, request: PageRequest) -> str:
        """That nobody knows what that hint says, and the line of a table of rules that tells it, if one can."""
        why = f"what {'.'.join(path)} tells of that page does not follow"
        key = next(self._hypotheses.keys(path), "")
        if not key:
            return why
        value = path[0].rpartition("-")[2] if key == "passing" else path[-1]
        return why + table_line(self._style, [request, *self._requests], **{key: value})


def _id(place: int) -> str:
    return f"object {place + 1}"


def _place(name: str) -> int:
    return int(name.rpartition(" ")[2]) - 1


def _cursor(start: int) -> str | None:
    """Behind which object a page begins."""
    return _id(start - 1) if start else None
