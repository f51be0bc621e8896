"""What a cassette knows beyond what was asked: other windows of recorded lists, objects that were only seen in others,
narrower lists. Each follows from recorded answers by a rule of the API, in the state that these were recorded in.

    GET /v1/invoices?limit=7          -->  GET /v1/invoices?limit=3&starting_after=in_...      page
    POST /v1/invoices, a list of them -->  GET /v1/invoices/in_...                             object
    GET /v1/invoices, all its pages   -->  GET /v1/invoices?status=open                        filter
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

from replayer.core.bodies import read
from replayer.core.canonical import Canonical
from replayer.core.causes import Causes, Stamp
from replayer.core.filters import passes, wrong
from replayer.core.index import Entry, Index
from replayer.core.interaction import Response, without
from replayer.core.known import Known, KnownList
from replayer.core.listing import Told
from replayer.core.ruleset import Filter, Rules
from replayer.core.stretches import Found, Page, Stretches, Window
from replayer.core.windows import scope_of, window_of

OF_ONE_ANSWER = ("content-length", "content-md5", "digest", "etag", "last-modified")


class Made(Enum):
    """How an answer follows from recorded ones; the value is what the header `Replayer-Synthesized` says."""

    PAGE = "page"
    OBJECT = "object"
    FILTER = "filter"


@dataclass(frozen=True, slots=True)
class Synthesis:
    """An answer that follows from recorded ones, by which rule, and its virtual time."""

    kind: Made
    response: Response
    date: int | None


@dataclass(frozen=True, slots=True)
class Lack:
    """Why there is none: what is missing, in words."""

    why: str


class Pages:
    """All that follows from the answers of one cassette. Nothing is read before somebody asks."""

    def __init__(self, index: Index, rules: Rules) -> None:
        self._index, self._rules = index, rules
        self._made: dict[tuple[str, str, Stamp], Synthesis | Lack] = {}

    def __repr__(self) -> str:
        return f"<Pages of {self._index!r}>"

    @cached_property
    def _known(self) -> Known:
        return Known(self._index, self._rules)

    def __iter__(self) -> Iterator[KnownList]:
        """The lists, each in each of its states, in the order of their first pages."""
        return iter(self._known.lists.values())

    def answer(self, asked: Canonical, meant: Canonical, causes: Causes) -> Synthesis | Lack | None:
        """The answer to a read that was not recorded, as of those writes; `meant` is the same with its times as they
        would be recorded. None where nothing at all is known of what it asks."""
        lacks = []
        for ask in (self._page, self._object, self._filtered):
            found = ask(meant if ask == self._filtered else asked, causes)
            if isinstance(found, Synthesis):
                return found
            lacks += [found] if found else []
        return lacks[0] if lacks else None

    # -- any window of a list -----------------------------------------------------------------------------------

    def _page(self, asked: Canonical, causes: Causes) -> Synthesis | Lack | None:
        paging = self._rules.paging
        if paging is None:
            return None
        scope = scope_of(asked, paging)
        stamp = causes.stamp(scope)
        known = self._known.lists.get((scope.digest, stamp))
        if known is None:
            return None
        window = window_of(asked, paging)
        if isinstance(window, str):
            return Lack(window)
        kind = Made.PAGE if any(one.own for one in known.pages) else Made.OBJECT
        return self._remembered(("page", asked.digest, stamp), lambda: _windowed(kind, known, known.stretches, window))

    def _remembered(self, key: tuple[str, str, Stamp], make: Callable[[], Synthesis | Lack]) -> Synthesis | Lack:
        """What was made once is the same ever after, and told as fast as what was recorded."""
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = make()
        return found

    # -- an object by itself ------------------------------------------------------------------------------------

    def _object(self, asked: Canonical, causes: Causes) -> Synthesis | Lack | None:
        stamp = causes.stamp(asked)
        known = self._known.objects.get((asked.digest, stamp))
        if not known:
            return None
        if any(told.text != known[0][1].text for _, told in known):
            return Lack("it was recorded with two different texts, and no write between them")
        return self._remembered(("object", asked.digest, stamp), lambda: _told(*known[0]))

    # -- a narrower list ----------------------------------------------------------------------------------------

    def _filtered(self, asked: Canonical, causes: Causes) -> Synthesis | Lack | None:
        paging = self._rules.paging
        filters = dict(self._rules.filters).get(asked.path)
        if paging is None or filters is None:
            return None
        scope = scope_of(asked, paging)
        wider = self._wider(scope, {one.key for one in filters}, causes)
        if wider is None:
            return None
        window = window_of(asked, paging)
        if isinstance(window, str):
            return Lack(window)
        extra = {key: value for key, value in scope.query.items() if wider.scope.query.get(key) != value}
        chosen = [(one, extra[one.key]) for one in filters if one.key in extra]
        key = ("filter", asked.digest, causes.stamp(wider.scope))
        return self._remembered(key, lambda: self._narrowed(wider, chosen, window))

    def _wider(self, scope: Canonical, filters: set[str], causes: Causes) -> KnownList | None:
        """The narrowest list that is known whole as it is now, and holds all that this one holds."""

        def holds(known: KnownList) -> bool:
            wide = known.scope
            differing = {key for key in {*wide.query, *scope.query} if wide.query.get(key) != scope.query.get(key)}
            return (
                wide.headers == scope.headers
                and differing <= filters
                and not differing & wide.query.keys()
                and known is self._known.lists.get((wide.digest, causes.stamp(wide)))
                and known.stretches.whole is not None
            )

        found = filter(holds, self._known.by_path.get(scope.path, ()))
        return max(found, key=lambda known: len(known.scope.query), default=None)

    def _narrowed(self, wide: KnownList, chosen: list[tuple[Filter, Any]], window: Window) -> Synthesis | Lack:
        for one, value in chosen:
            why = wrong(one, value)
            if why:
                return Lack(why)
        items = tuple(
            item
            for item in wide.stretches.whole or ()
            if all(passes(one, value, wide.values[item.id]) for one, value in chosen)
        )
        strange = [value for one, value in chosen if one.names and value not in self._known.ids]
        if strange:
            return Lack(f"nothing recorded tells whether there is {strange[0]}")
        return _windowed(Made.FILTER, wide, Stretches([Page(items, more=False)]), window)


def _windowed(kind: Made, known: KnownList, stretches: Stretches, window: Window) -> Synthesis | Lack:
    found = stretches.window(window)
    if not isinstance(found, Found):
        return Lack(found)
    text = known.like.listing.around([item.text for item in found.items], more=found.more)
    return _synthesis(kind, known.like.entry, text)


def _told(entry: Entry, told: Told) -> Synthesis:
    return _synthesis(Made.OBJECT, entry, told.text)


def _synthesis(kind: Made, like: Entry, text: str) -> Synthesis:
    """An answer with that text and else like a recorded one."""
    response = like.interaction.response
    body = read(response.headers, response.body)
    headers = (*without(response.headers, OF_ONE_ANSWER), ("Replayer-Synthesized", kind.value))
    return Synthesis(kind, replace(response, headers=headers, body=body.encode(text)), like.date)
