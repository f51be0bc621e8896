"""What a cassette knows beyond what was asked: other windows of recorded lists, objects that were only seen in others,
narrower lists. Each follows from recorded answers by a rule of the API, in the state that these were recorded in.

    GET /v1/invoices?limit=7          -->  GET /v1/invoices?limit=3&starting_after=in_...      page
    POST /v1/invoices, a list of them -->  GET /v1/invoices/in_...                             object
    GET /v1/invoices, all its pages   -->  GET /v1/invoices?status=open                        filter
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from replayer.core.lazily import cached_property
from replayer.core.lists.by_cursor import Page, Slice, Stretches, Window, scope_of, window_of
from replayer.core.lists.by_position import PositionalList, Written
from replayer.core.lists.envelope import OF_ONE_ANSWER
from replayer.core.lists.filters import passes, wrong
from replayer.core.lists.known import Catalogue, CursorList, alone_of
from replayer.core.lists.page_request import PageRequest, page_request
from replayer.core.lists.remedies import unrecognised
from replayer.core.matching import Canonical, Entry, Index, canonical, stamps
from replayer.core.message import wire
from replayer.core.rules import Rules, ruleset

REMEMBERED = 4096  # answers that were made are kept ready, up to so many
SYNTHESIZED = "Replayer-Synthesized"  # the header that says by which rule an answer follows


class Made(Enum):
    """How an answer follows from recorded ones; the value is what the header `Replayer-Synthesized` says."""

    PAGE = "page"
    OBJECT = "object"
    FILTER = "filter"


@dataclass(frozen=True, slots=True)
class Synthesis:
    """An answer that follows from recorded ones, and by which rule; as an entry that stands behind the last of the
    cassette, or at -1 where it is not remembered."""

    kind: Made
    entry: Entry


@dataclass(frozen=True, slots=True)
class Lack:
    """Why there is none: what is missing, in words."""

    why: str


class Placed(NamedTuple):
    """Where a page lies in its list: in which window, and which objects of it are known, by their ids; or behind how
    many objects, and how many it can have. None of these where nobody knows."""

    known: CursorList | PositionalList
    window: Window | None = None
    ids: tuple[str, ...] = ()
    start: int | None = None
    size: int | None = None


class Pages:
    """All that follows from the answers of one cassette. Nothing is read before somebody asks."""

    def __init__(self, index: Index, rules: Rules) -> None:
        self._index, self._rules = index, rules
        self._made: dict[tuple[str, str, stamps.Stamp], Synthesis | Lack] = {}
        self._narrowed: dict[tuple[str, str, stamps.Stamp], Stretches | Lack] = {}
        self._paths: set[str] = set()  # whose lists have been read

    def is_read(self, path: str) -> bool:
        """Whether the lists at that path have been read."""
        return path in self._paths

    def read(self, path: str) -> None:
        """Read them, and before the first one what any of them is made of. It may be done in another thread."""
        known = self._catalogue
        for one in known.at(path):
            _ = one.stretches
        for each in known.positional.values():
            if each.scope.path == path and each.is_one:
                _ = each.counted
        self._paths.add(path)

    def __repr__(self) -> str:
        return f"<Pages of {self._index!r}>"

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self._index, self._rules)

    def __iter__(self) -> Iterator[CursorList]:
        """The lists, each in each of its states, in the order of their first pages."""
        return iter(self._catalogue.lists.values())

    @cached_property
    def by_position(self) -> list[PositionalList]:
        """The lists whose pages begin behind so many objects, each in each of its states, in the first style that it is
        one of; in the order of their first pages."""
        lists: dict[tuple[str, stamps.Stamp], PositionalList] = {}
        for (_, digest, stamp), one in sorted(self._catalogue.positional.items(), key=lambda pair: pair[0][0]):
            if (digest, stamp) not in lists and one.is_one:
                lists[digest, stamp] = one
        return sorted(lists.values(), key=lambda one: one.pages[0].entry.order)

    def known_now(self, causes: stamps.Causes) -> list[CursorList | PositionalList]:
        """The lists of which something is known as of those writes."""
        known = self._catalogue
        by_id = (one for (_, stamp), one in known.lists.items() if stamp == known.stamp(one.scope, causes))
        by_place = (one for one in self.by_position if one.stamp == known.stamp(one.scope, causes))
        return [*by_id, *by_place]

    def placed(self, asked: Canonical, causes: stamps.Causes) -> "Placed | None":
        """Where the page lies that is asked for as of those writes; None where nothing is known of its list."""
        by_id = self._by_id(asked, causes)
        if by_id is not None:
            known, window = by_id[0], window_of(asked, by_id[2])
            return Placed(known) if isinstance(window, str) else Placed(known, window, known.stretches.known_of(window))
        by_place = [(one, request) for _, one, request in self._by_place(asked, causes)]
        for one, request in sorted(by_place, key=lambda pair: isinstance(pair[0].answer(pair[1]), str)):
            place = one.counted if isinstance(one.counted, str) else one.counted.place_of(request)
            return Placed(one) if isinstance(place, str) else Placed(one, start=place[0], size=place[1])
        return None

    def answer(
        self, asked: Canonical, as_recorded: Callable[[], Canonical], causes: stamps.Causes
    ) -> Synthesis | Lack | None:
        """The answer to a read that was not recorded, as of those writes; `as_recorded` is the same with its times as
        they would be recorded. None where nothing at all is known of what it asks."""
        if asked.method != "GET" or (asked.chosen and not self._index.same(asked)):
            return None  # nobody knows how another range or another language follows
        lacks = []
        for rule in (self._page, self._positional, self._object):
            made = rule(asked, causes)
            if isinstance(made, Synthesis):
                return made
            lacks += [made] if made else []
        narrowed = self._filtered(as_recorded, asked.path, causes)
        if narrowed is None and not lacks:
            return self._unknown(asked)
        return narrowed if isinstance(narrowed, Synthesis) or not lacks else lacks[0]

    def _unknown(self, asked: Canonical) -> Lack | None:
        """Why nothing is known of a page of which others were recorded. Rules that know lists by ids know them all."""
        if self._rules.by_id is not None:
            return None
        if self._is_known_otherwise(asked):
            return Lack("its pages were recorded with other writes before them")
        why = unrecognised(asked, self._index.entries, self._rules)
        return Lack(why) if why else None

    def _is_known_otherwise(self, asked: Canonical) -> bool:
        """Whether it is a page of a list that is known in other states."""
        parts = (page_request(asked, style) for style in self._rules.by_place)
        wanted = {(number, part[0].digest) for number, part in enumerate(parts) if part}
        return any(key[:2] in wanted and one.is_one for key, one in self._catalogue.positional.items())

    # -- any window of a list -----------------------------------------------------------------------------------

    def _by_id(self, asked: Canonical, causes: stamps.Causes) -> tuple[CursorList, stamps.Stamp, ruleset.Paging] | None:
        """The list that is asked for a window of, as it is now, with its state."""
        paging = self._rules.by_id
        if paging is None:
            return None
        scope = scope_of(asked, paging)
        stamp = self._catalogue.stamp(scope, causes)
        known = self._catalogue.list_of(scope, causes)
        return None if known is None else (known, stamp, paging)

    def _page(self, asked: Canonical, causes: stamps.Causes) -> Synthesis | Lack | None:
        found = self._by_id(asked, causes)
        if found is None:
            return None
        known, stamp, paging = found
        window = window_of(asked, paging)
        if isinstance(window, str):
            return Lack(window)
        cursor = window.after or window.before
        if cursor is not None and any(causes.marks([stamps.gone(cursor)])):
            return Lack(f"{cursor} was deleted meanwhile, and the API may refuse it")
        kind = Made.PAGE if any(one.by_itself for one in known.pages) else Made.OBJECT
        return self._remembered(
            ("page", asked.digest, stamp), lambda: self._windowed(kind, asked, known, known.stretches, window)
        )

    def _remembered(self, key: tuple[str, str, stamps.Stamp], make: Callable[[], Synthesis | Lack]) -> Synthesis | Lack:
        """What was made once is the same ever after, and answered as fast as what was recorded."""
        made = self._made.get(key)
        if made is None:
            made = make()
            if len(self._made) < REMEMBERED:
                self._made[key] = made
        return made

    def _positional(self, asked: Canonical, causes: stamps.Causes) -> Synthesis | Lack | None:
        """A page that begins behind so many objects, in the first style that it is known in."""
        lack = None
        for number, recorded, request in self._by_place(asked, causes):
            key = (f"page {number} {request.keys}", asked.digest, recorded.stamp)  # links keep that order
            made = self._remembered(key, partial(self._written, asked, recorded, request))
            if isinstance(made, Synthesis):
                return made
            lack = lack or made
        return lack

    def _by_place(self, asked: Canonical, causes: stamps.Causes) -> Iterator[tuple[int, PositionalList, PageRequest]]:
        """The lists that it may be a page of which begins behind so many objects, as they are now, with the number of
        their style. Of two rules of one style that read the request in the same way the first one decides: it is the
        user's."""
        decided = set[tuple[type, str]]()
        for number, style in enumerate(self._rules.by_place):
            parts = page_request(asked, style) if asked.method == "GET" else None
            if parts is None:
                continue
            scope, request = parts
            stamp = self._catalogue.stamp(scope, causes)
            recorded = self._catalogue.positional.get((number, scope.digest, stamp))
            if recorded is None or not recorded.is_one or (type(style), scope.digest) in decided:
                continue
            decided.add((type(style), scope.digest))
            yield number, recorded, request

    # -- an object by itself ------------------------------------------------------------------------------------

    def _object(self, asked: Canonical, causes: stamps.Causes) -> Synthesis | Lack | None:
        stamp = self._catalogue.state_of(asked, causes)
        texts = self._catalogue.objects.get((asked.digest, stamp))
        if not texts:
            return None
        (like, first), *others = texts
        if any(other.text != first.text for _, other in others):
            return Lack("it was recorded with two different texts, and no write between them")
        return self._remembered(
            ("object", asked.digest, stamp), lambda: self._synthesis(Made.OBJECT, asked, like, first.text)
        )

    # -- a narrower list ----------------------------------------------------------------------------------------

    def _filtered(
        self, as_recorded: Callable[[], Canonical], path: str, causes: stamps.Causes
    ) -> Synthesis | Lack | None:
        paging = self._rules.by_id
        filters = dict(self._rules.filters).get(path)
        if paging is None or filters is None or not self._catalogue.at(path):
            return None
        asked = as_recorded()
        scope = scope_of(asked, paging)
        wider = self._wider(scope, {one.key for one in filters}, causes)
        if wider is None:
            return None
        window = window_of(asked, paging)
        if isinstance(window, str):
            return Lack(window)
        extra = {name: value for name, value in scope.query.items() if wider.scope.query.get(name) != value}
        chosen = [(one, extra[one.key]) for one in filters if one.key in extra]
        named = (alone_of(one.names, value, scope) for one, value in chosen if one.names)
        stamp = sum(
            (self._catalogue.state_of(each, causes) for each in named), self._catalogue.stamp(wider.scope, causes)
        )
        key = (wider.scope.digest, scope.digest, stamp)
        if key not in self._narrowed:
            self._narrowed[key] = self._narrow(wider, chosen, causes)
        narrow = self._narrowed[key]
        if isinstance(narrow, Lack):
            return narrow
        cursor = window.after or window.before
        if cursor in wider.stretches.items and cursor not in narrow.items:
            return Lack(f"{cursor} is not in the narrower list, and what the API says of that is not known")
        return self._remembered(
            ("filter", asked.digest, stamp), lambda: self._windowed(Made.FILTER, asked, wider, narrow, window)
        )

    def _wider(self, scope: Canonical, filters: set[str], causes: stamps.Causes) -> CursorList | None:
        """The narrowest list that is known whole as it is now, and holds all that this one holds."""

        def holds(known: CursorList) -> bool:
            wide = known.scope
            differing = {key for key in {*wide.query, *scope.query} if wide.query.get(key) != scope.query.get(key)}
            return (
                wide.headers == scope.headers
                and differing <= filters
                and not differing & wide.query.keys()
                and known is self._catalogue.list_of(wide, causes)
                and known.stretches.whole is not None
            )

        wider = filter(holds, self._catalogue.at(scope.path))
        return max(wider, key=lambda known: len(known.scope.query), default=None)

    def _narrow(
        self, wide: CursorList, chosen: list[tuple[ruleset.Filter, Any]], causes: stamps.Causes
    ) -> Stretches | Lack:
        for one, value in chosen:
            why = wrong(one, value)
            if why:
                return Lack(why)
        for one, value in chosen:
            if one.names and not self._exists(one, value, wide, causes):
                return Lack(f"nothing recorded tells whether there is {value}")
        items = tuple(
            item
            for item in wide.stretches.whole or ()
            if all(passes(one, value, wide.values[item.id]) for one, value in chosen)
        )
        return Stretches([Page(items, more=False)])

    def _exists(self, one: ruleset.Filter, name: str, wide: CursorList, causes: stamps.Causes) -> bool:
        """Whether the API is known to have the object that a filter names: where it has not, it may refuse that."""
        alone = alone_of(one.names, name, wide.scope)
        if (alone.digest, self._catalogue.state_of(alone, causes)) in self._catalogue.objects:
            return True
        if alone.digest in self._catalogue.seen and any(
            causes.marks([name])
        ):  # it was made, whatever it is like by now
            return not any(causes.marks([stamps.gone(name)]))
        return alone.digest not in self._catalogue.gone and any(
            passes(one, name, each) for each in wide.values.values()
        )

    # -- the answer ---------------------------------------------------------------------------------------------

    def _windowed(
        self, kind: Made, asked: Canonical, known: CursorList, stretches: Stretches, window: Window
    ) -> Synthesis | Lack:
        part = stretches.window(window)
        if not isinstance(part, Slice):
            return Lack(part)
        text = known.like.listing.around([item.text for item in part.items], more=part.more)
        return self._synthesis(kind, asked, known.like.entry, text)

    def _written(self, asked: Canonical, recorded: PositionalList, request: PageRequest) -> Synthesis | Lack:
        page = recorded.answer(request)
        if not isinstance(page, Written):
            return Lack(page)
        return self._synthesis(Made.PAGE, asked, page.like, page.text, page.headers)

    def _synthesis(
        self, kind: Made, asked: Canonical, like: Entry, text: str, headers: wire.Headers | None = None
    ) -> Synthesis:
        """An answer with that text, and with those headers or the recorded ones."""
        recorded = like.interaction
        kept = wire.without(recorded.response.headers if headers is None else headers, OF_ONE_ANSWER)
        headers = (*kept, (SYNTHESIZED, kind.value))
        body = text.encode(wire.charset(recorded.response.headers))
        interaction = replace(
            recorded,
            request=replace(recorded.request, method="GET", target=_target(asked), body=b""),
            response=replace(recorded.response, headers=headers, body=body),
        )
        order = len(self._index) + len(self._made) if len(self._made) < REMEMBERED else -1
        return Synthesis(kind, like.beside(interaction, asked, order))


def _target(asked: Canonical) -> str:
    """The request line's target of what asks that."""
    query = urlencode(list(canonical.flat(asked.query)))
    return quote(asked.path, safe="/%") + (f"?{query}" if query else "")
