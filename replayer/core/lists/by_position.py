"""Lists whose pages begin behind so many objects: by tokens, by numbers of pages, by offsets, and by links with these.
Each place in such a list is an id, by which its pages join as those of any other.

      0   1   2   3   4   5   6   7   8
    [ a   b   c ] [ d   e   f ] [ g   h ] end

Any page is known whose objects are, and all that is said around them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from replayer.core.lists.by_cursor import Item, Page, Stretches, Window
from replayer.core.lists.compose import Composer
from replayer.core.lists.envelope import Envelope, Hint, Path, sorted_headers
from replayer.core.lists.hypotheses import Hypotheses
from replayer.core.lists.offsets import Offsets, is_token
from replayer.core.lists.page import UNSURE, Bounds, CountedPage, RecordedPage, Span, Target, Value, plain
from replayer.core.lists.page_request import PageRequest
from replayer.core.lists.remedies import table_line
from replayer.core.matching.canonical import Canonical, describe
from replayer.core.matching.index import Entry
from replayer.core.matching.stamps import Stamp
from replayer.core.message.interaction import Headers
from replayer.core.rules.ruleset import ByToken, Positional

ADDRESS = re.compile(r"^\w+://|[?]")  # a link, but to no page of the list, is no token


class Written(NamedTuple):
    """A page that was not recorded: like which one, and how."""

    like: Entry
    headers: Headers
    text: str


class PositionalList:
    """One list in one state, in one style: the answers that may be pages of it. They are read when somebody asks."""

    def __init__(
        self, style: Positional, scope: Canonical, stamp: Stamp, read: Callable[[Entry, Positional], Envelope | None]
    ) -> None:
        self.style, self.scope, self._stamp, self._read = style, scope, stamp, read
        self.entries: list[tuple[Entry, PageRequest]] = []

    def __repr__(self) -> str:
        return f"<PositionalList {describe(self.scope)} {len(self.entries)} answers>"

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
        if not isinstance(self.style, ByToken):
            requests = (request for page in self.pages for request in (page.request, *page.links(self.style)))
            return any(request.where is not None for request in requests)
        return bool(self.style.marks and self.pages) or any(tokens_of(page, self.style) for page in self.pages)

    @cached_property
    def counted(self) -> "CountedList | str":
        """The list with its pages counted; in words, why they cannot be."""
        firsts = (0, 1) if self.style.first is None else (self.style.first,)
        origin = f"{self.scope.digest}\0{self._stamp}"
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
        self._style, self.conflict = style, ""
        self._offsets = Offsets(style, first, origin)
        self._goes_on = any(map(self._leads_on, pages))
        self._pages = self._located(pages)
        self._check_places()
        self.bounds = self._bounded()
        self._check_ends()
        self.stretches = Stretches(() if self.conflict else self._joined())
        self._longest = max((span.count for _, span in self._pages), default=0)
        counted = [self._counted(page, span) for page, span in self._pages if span.count or not span.start]
        self._hypotheses = Hypotheses(counted, style, path, self.bounds)
        self._composer = Composer(counted, self._hypotheses, self._offsets, style, self.bounds)
        self._check_names()

    def __repr__(self) -> str:
        return f"<CountedList {len(self._pages)} pages>"

    @property
    def runs(self) -> list[tuple[int, int]]:
        """What is known of it without a gap: the first place of each run, and the one behind its last."""
        return sorted((start := _place(run.ids[0]), start + len(run.ids)) for run in self.stretches)

    # -- where its pages begin ----------------------------------------------------------------------------------

    def _located(self, pages: Sequence[RecordedPage]) -> list[tuple[RecordedPage, Span]]:
        """The pages by their numbers. A token must be emitted before it is understood, wherever that is in the file."""
        located, left = [], list(pages)
        while left:
            waiting = []
            for page in left:
                size = self._offsets.size(page.request)
                start = self._offsets.of(page.request, size)
                if start is None:
                    waiting.append(page)
                    continue
                span = Span(start, len(page.envelope.listing.items), size, self._offsets.wanted(page.request))
                located.append((page, span))
                self._learn(page, span)
            left = waiting if len(waiting) < len(left) else []
        return sorted(located, key=lambda one: one[0].entry.order)

    def _learn(self, page: RecordedPage, span: Span) -> None:
        """Where its tokens lead to. That of the page before may stand for where that page ends: it is understood only
        in pages of that size."""
        for hint, token in tokens_of(page, self._style):
            if hint.is_called(self._style.next) and not self._offsets.learn(token, Target(span.end)):
                self._contradict(f"{token} leads to two places of it")
        for hint, token in tokens_of(page, self._style, self._style.previous):
            if not hint.is_called(self._style.next) and span.size and span.start >= span.size:
                self._offsets.learn(token, Target(span.start - span.size, span.size))

    def _check_places(self) -> None:
        """Each place has one object, and each object that has an id one place."""
        texts: dict[int, str] = {}
        places: dict[str, int] = {}
        for page, span in self._pages:
            for place, item in enumerate(page.envelope.listing.items, span.start):
                if texts.setdefault(place, item.text) != item.text:
                    self._contradict(f"what stands at {place} has two texts, in {describe(page.entry.asked)} for one")
                name = _name(item.value)
                if name and places.setdefault(name, place) != place:
                    self._contradict(f"{name} stands at {place} and at {places[name]}")

    # -- where it ends ------------------------------------------------------------------------------------------

    def _bounded(self) -> Bounds:
        all_bounds = [self._bounds_by(page, span) for page, span in self._pages]
        most = min((one.most for one in all_bounds if one.most is not None), default=None)
        return Bounds(max((one.least for one in all_bounds), default=0), most)

    def _bounds_by(self, page: RecordedPage, span: Span) -> Bounds:
        """How many objects the list has as far as one page says."""
        more, total = self._more(page), self._total(page)
        if not span.count and span.start:  # behind the end, however far
            return Bounds(0, None if more else span.start)
        if total is not None:
            return Bounds(max(total, span.end + bool(more)), min(total, span.end) if more is False else total)
        is_short = self._style.short and span.size is not None and span.count < span.size
        is_last = more is False or is_short or (more is None and not span.count)
        return Bounds(span.end + bool(more), span.end if is_last else None)

    def _more(self, page: RecordedPage) -> bool | None:
        """Whether the answer says that the list goes on. Where others lead on, one that does not is the last."""
        said = {
            plain(hint) is hint.is_called(self._style.more)
            for hint in page.envelope.hints.values()
            if isinstance(plain(hint), bool) and hint.is_called(self._style.more | self._style.last)
        }
        if self._goes_on or self._nexts(page):
            said.add(self._leads_on(page))
        return said.pop() if len(said) == 1 else None

    def _nexts(self, page: RecordedPage) -> list[Hint]:
        hints = page.envelope.hints.values()
        return [hint for hint in hints if hint.is_called(self._style.next) and not isinstance(plain(hint), bool)]

    def _leads_on(self, page: RecordedPage) -> bool:
        return any(hint.value for hint in self._nexts(page))

    def _total(self, page: RecordedPage) -> int | None:
        hints = (hint for hint in page.envelope.hints.values() if hint.is_called(self._style.total))
        return next((value for value in map(plain, hints) if type(value) is int), None)

    def _check_ends(self) -> None:
        """No page is longer than was asked for, only the last one is shorter, and there is one end."""
        least, most = self.bounds
        for page, span in self._pages:
            if span.size is not None and span.count > span.size:
                self._contradict(f"{describe(page.entry.asked)} has more objects than were asked for")
        shorter = [one for one in self._pages if one[1].count < (one[1].size or 0) and least > one[1].end]
        self._check_shorter(one for one in shorter if one[1].count)
        if most is not None and least > most:
            further = next(page for page, span in self._pages if self._bounds_by(page, span).least == least)
            source = describe(further.entry.asked)
            self._contradict(f"it has {most} objects or fewer, and {source} says that it has {least}")
        self._check_shorter(shorter)

    def _check_shorter(self, pages: Iterable[tuple[RecordedPage, Span]]) -> None:
        for page, span in pages:
            line = table_line(self._style, [page.request], most=span.count) if span.count else ""
            why = "has fewer objects than were asked for, and is not the last page"
            self.conflict = self.conflict or f"{describe(page.entry.asked)} {why}{line}"

    def _check_names(self) -> None:
        refuted = self._hypotheses.refuted() if not self.conflict else None
        if refuted:
            source = next(describe(page.entry.asked) for page, span in self._pages if span == refuted[1])
            self.conflict = f"what {'.'.join(refuted[0])} tells in {source} is not so"

    def _contradict(self, words: str) -> None:
        self.conflict = self.conflict or f"the recorded pages of this list contradict each other: {words}"

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
        if isinstance(self._style, ByToken):
            token = _token(page, hint, self._style)
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
        if link.size is not None and self._offsets.wanted(link) != span.wanted:
            return plain(hint)
        return Target(start) if start is not None else UNSURE

    # -- answering ----------------------------------------------------------------------------------------------

    def answer(self, request: PageRequest) -> Written | str:
        """The page that is asked for; where it is not known, what is missing, in words."""
        if self.conflict:
            return self.conflict
        size = self._offsets.size(request)
        is_in_token = isinstance(self._style, ByToken) and self._style.default is None and request.where is not None
        if size is None or (request.size is None and is_in_token):
            line = table_line(self._style, self._requests, default=self._longest)
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
        return self._page(start, size, request)

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


def tokens_of(page: RecordedPage, style: Positional, names: frozenset[str] | None = None) -> list[tuple[Hint, str]]:
    """The tokens of a page that are called so, by themselves and in links; of the next page where nothing is said."""
    wanted = style.next if names is None else names
    hints = (hint for hint in page.envelope.hints.values() if hint.is_called(wanted))
    return [(hint, token) for hint in hints if (token := _token(page, hint, style))]


def _token(page: RecordedPage, hint: Hint, style: Positional) -> str | None:
    link = page.link(hint, style)
    token = link.where if link else hint.value
    is_one = isinstance(style, ByToken) and isinstance(token, str) and is_token(token)
    return token if is_one and (link or not ADDRESS.search(hint.value)) else None


def _id(place: int) -> str:
    return f"object {place + 1}"


def _place(name: str) -> int:
    return int(name.rpartition(" ")[2]) - 1


def _cursor(start: int) -> str | None:
    """Behind which object a page begins."""
    return _id(start - 1) if start else None


def _name(value: Any) -> str:
    name = value.get("id")
    return str(name) if isinstance(name, str | int) and not isinstance(name, bool) else ""
