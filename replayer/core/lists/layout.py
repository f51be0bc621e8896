"""Where the recorded pages of a list begin, whose objects are counted, and where the list ends as far as they say. Two
that cannot both be of one list contradict each other."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from replayer.core.lists.envelope import Hint
from replayer.core.lists.offsets import Offsets, is_token
from replayer.core.lists.page import Bounds, RecordedPage, Span, Target, plain
from replayer.core.lists.remedies import table_line
from replayer.core.matching import canonical
from replayer.core.rules import Positional, ruleset

ADDRESS = re.compile(r"^\w+://|[?]")  # a link, but to no page of the list, is no token


class Layout:
    """The `pages` of one list with their numbers, and the `bounds` of its end. `conflict` says in words where that
    cannot be."""

    def __init__(self, pages: Sequence[RecordedPage], style: Positional, offsets: Offsets) -> None:
        self._style, self._offsets, self.conflict = style, offsets, ""
        self._goes_on = any(map(self._leads_on, pages))
        self.pages = self._located(pages)
        self._check_places()
        self.bounds = self._bounded()
        self._check_ends()

    def __repr__(self) -> str:
        return f"<Layout {len(self.pages)} pages>"

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
        for page, span in self.pages:
            for place, item in enumerate(page.envelope.listing.items, span.start):
                if texts.setdefault(place, item.text) != item.text:
                    self._contradict(
                        f"what stands at {place} has two texts, in {canonical.describe(page.entry.asked)} for one"
                    )
                name = _name(item.value)
                if name and places.setdefault(name, place) != place:
                    self._contradict(f"{name} stands at {place} and at {places[name]}")

    # -- where it ends ------------------------------------------------------------------------------------------

    def _bounded(self) -> Bounds:
        all_bounds = [self._bounds_by(page, span) for page, span in self.pages]
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
        for page, span in self.pages:
            if span.size is not None and span.count > span.size:
                self._contradict(f"{canonical.describe(page.entry.asked)} has more objects than were asked for")
        shorter = [one for one in self.pages if one[1].count < (one[1].size or 0) and least > one[1].end]
        self._check_shorter(one for one in shorter if one[1].count)
        if most is not None and least > most:
            further = next(page for page, span in self.pages if self._bounds_by(page, span).least == least)
            source = canonical.describe(further.entry.asked)
            self._contradict(f"it has {most} objects or fewer, and {source} says that it has {least}")
        self._check_shorter(shorter)

    def _check_shorter(self, pages: Iterable[tuple[RecordedPage, Span]]) -> None:
        for page, span in pages:
            line = table_line(self._style, [page.request], most=span.count) if span.count else ""
            why = "has fewer objects than were asked for, and is not the last page"
            self.conflict = self.conflict or f"{canonical.describe(page.entry.asked)} {why}{line}"

    def _contradict(self, words: str) -> None:
        self.conflict = self.conflict or f"the recorded pages of this list contradict each other: {words}"


def tokens_of(page: RecordedPage, style: Positional, names: frozenset[str] | None = None) -> list[tuple[Hint, str]]:
    """The tokens of a page that are called so, by themselves and in links; of the next page where nothing is said."""
    if not isinstance(style, ruleset.ByToken):
        return []
    wanted = style.next if names is None else names
    hints = (hint for hint in page.envelope.hints.values() if hint.is_called(wanted))
    return [(hint, token) for hint in hints if (token := token_in(page, hint, style))]


def token_in(page: RecordedPage, hint: Hint, style: Positional) -> str | None:
    """The token that a hint is, or that is in the link which it is."""
    link = page.link(hint, style)
    token = link.where if link else hint.value
    is_one = isinstance(style, ruleset.ByToken) and isinstance(token, str) and is_token(token)
    return token if is_one and (link or not ADDRESS.search(hint.value)) else None


def _name(value: Any) -> str:
    name = value.get("id")
    return str(name) if isinstance(name, str | int) and not isinstance(name, bool) else ""
