"""The lists and the objects that are known from a cassette, each with the writes that it had behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from replayer.core.lazily import cached_property
from replayer.core.lists.by_cursor import Item, Page, Stretches, Window, scope_of, window_of
from replayer.core.lists.by_position import PositionalList
from replayer.core.lists.envelope import Envelope, envelope
from replayer.core.lists.filters import passes, wrong
from replayer.core.lists.listing import Listing, ObjectText, listing, nested
from replayer.core.lists.page_request import page_request
from replayer.core.matching import Canonical, Entry, Index, canonical, stamps
from replayer.core.message import bodies
from replayer.core.rules import Positional, Rules


@dataclass(slots=True)
class CursorPage:
    """A page of a list: the answer that it stands in, and whether that is a list by itself, and no object."""

    entry: Entry
    listing: Listing
    page: Page
    by_itself: bool


class CursorList:
    """One list in one state: what was asked for it, without its cursors, and the pages that were recorded. `standing`
    says which objects were behind a cursor and are in the list, as far as is known."""

    def __init__(self, scope: Canonical, standing: Callable[[str, stamps.Stamp], ObjectText | None]) -> None:
        self.scope = scope
        self.pages: list[CursorPage] = []
        self.cursors: dict[str, stamps.Stamp] = {}  # the objects that pages were asked for beside, with their states
        self._standing = standing

    def __repr__(self) -> str:
        return f"<CursorList {canonical.describe(self.scope)} {len(self.pages)} pages>"

    @cached_property
    def stretches(self) -> Stretches:
        standing = (Item(name, one.text) for name, one in self._beside.items())
        return Stretches((one.page for one in self.pages), standing)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The objects by their ids, as values."""
        beside = {name: one.value for name, one in self._beside.items()}
        return beside | {item.id: item.value for one in self.pages for item in one.listing.items if item.id is not None}

    @cached_property
    def _beside(self) -> dict[str, ObjectText]:
        """The objects that pages were asked for beside, and that no page shows."""
        shown = {item.id for one in self.pages for item in one.page.items}
        objects = {name: self._standing(name, state) for name, state in self.cursors.items() if name not in shown}
        return {name: one for name, one in objects.items() if one is not None}

    @cached_property
    def like(self) -> CursorPage:
        """The page that others are written like: one by itself that shows how objects are set apart."""
        return max(self.pages, key=lambda one: (one.by_itself, min(len(one.page.items), 2), -one.entry.order))


@dataclass(frozen=True, slots=True)
class _PageAsked:
    """A read that may have been answered with a page: of which list, in which state, which part; and the state of the
    object behind its cursor."""

    entry: Entry
    scope: Canonical
    stamp: stamps.Stamp
    window: Window
    beside: stamps.Stamp = ()


class Catalogue:
    """The lists and the objects of a cassette, each in the state that it was recorded in. One pass over its requests;
    an answer is read when somebody asks for a page at its path, and all are when somebody asks for an object."""

    def __init__(self, index: Index, rules: Rules) -> None:
        self._rules = rules
        self._causes = stamps.Causes(rules)
        self._lists: dict[tuple[str, stamps.Stamp], CursorList] = {}
        self._at: dict[str, list[CursorList]] = {}
        self._unread: dict[str, list[_PageAsked]] = {}  # by the path
        self._objects: dict[tuple[str, stamps.Stamp], list[tuple[Entry, ObjectText]]] = {}
        self.positional: dict[
            tuple[int, str, stamps.Stamp], PositionalList
        ] = {}  # by their styles, in the order of the rules
        self._seen: set[str] = set()
        self._gone: set[str] = set()
        self._envelopes: dict[tuple[int, object], Envelope | None] = {}
        self._index = index
        self._pages_depend_on = self._dependencies(index)
        for entry in self._answered(self._causes):
            if entry.reads and entry.asked.method == "GET":
                self._note(entry)
                self._collect(entry)

    def _answered(self, causes: stamps.Causes) -> Iterator[Entry]:
        """The interactions that tell something, each when `causes` knows all writes up to it."""
        index = self._index
        for entry in index.entries:
            if not entry.reads:
                causes.wrote(index.changed(entry), index.number(entry), index.changes_later(entry))
            if entry.status == 200 and not index.repeats(entry):
                yield entry

    def _dependencies(self, index: Index) -> dict[str, tuple[str, ...]]:
        """By the digest of a list, all that any of its recorded pages depends on."""
        depend: dict[str, set[str]] = {}
        for entry in index.entries:
            if entry.reads:
                for scope in self._scopes(entry.asked):
                    resources = index.resources(entry.asked.digest)
                    depend.setdefault(scope.digest, set()).update(one for one in resources if not stamps.is_gone(one))
        return {digest: tuple(sorted(resources)) for digest, resources in depend.items()}

    def _scopes(self, asked: Canonical) -> Iterator[Canonical]:
        """The lists that a request may ask for a page of, by each rule that the API has."""
        if self._rules.by_id is not None:
            yield scope_of(asked, self._rules.by_id)
        for style in self._rules.by_place:
            parts = page_request(asked, style)
            if parts is not None:
                yield parts[0]

    def stamp(self, asked: Canonical, causes: stamps.Causes) -> stamps.Stamp:
        """The writes that a list, or an object by itself, has behind it."""
        return causes.marks(self._pages_depend_on.get(asked.digest) or self._causes.resources(asked))

    def state_of(self, alone: Canonical, causes: stamps.Causes) -> stamps.Stamp:
        """The writes that an object has behind it, with those that may have changed it and do not say so."""
        return (*self.stamp(alone, causes), *causes.marks([stamps.unnamed(alone.path.rpartition("/")[0])]))

    # -- lists by ids -------------------------------------------------------------------------------------------

    @property
    def lists(self) -> dict[tuple[str, stamps.Stamp], CursorList]:
        """All of them, by what asks for them and their states, in the order of their first pages."""
        _ = self.objects
        for path in list(self._unread):
            self._read(path)
        return dict(sorted(self._lists.items(), key=lambda pair: pair[1].pages[0].entry.order))

    def at(self, path: str) -> list[CursorList]:
        """The lists at that path, in the order of their first pages."""
        alike = self._rules.alike
        if alike is not None and not alike.fullmatch(path):  # it may stand within an object
            _ = self.objects
        self._read(path)
        return self._at.get(path, [])

    def list_of(self, scope: Canonical, causes: stamps.Causes) -> CursorList | None:
        """The list that is asked for as of those writes."""
        self.at(scope.path)
        return self._lists.get((scope.digest, self.stamp(scope, causes)))

    def _note(self, entry: Entry) -> None:
        """Remember a read that may have been answered with a page of a list."""
        asked, paging = entry.asked, self._rules.by_id
        window = window_of(asked, paging) if paging is not None else ""
        if paging is None or not isinstance(window, Window):
            return
        scope, beside = scope_of(asked, paging), stamps.Stamp()
        if cursor := window.after or window.before:
            beside = self.state_of(alone_of(scope.path, cursor, scope), self._causes)
        one = _PageAsked(entry, scope, self.stamp(scope, self._causes), window, beside)
        self._unread.setdefault(scope.path, []).append(one)

    def _read(self, path: str) -> None:
        """Read the pages that were recorded at that path."""
        paging, found = self._rules.by_id, self._unread.pop(path, None)
        if paging is None or found is None:
            return
        for one in found:
            text = _json_of(one.entry)
            page = listing(text, paging) if text is not None else None
            if page is not None and _have_ids(page):
                self._add(one, page, by_itself=True)
        for known in self._at.get(path, ()):
            known.pages.sort(key=lambda one: one.entry.order)
        self._at.get(path, []).sort(key=lambda known: known.pages[0].entry.order)

    def _add(self, asked: _PageAsked, read: Listing, *, by_itself: bool) -> None:
        key, window = (asked.scope.digest, asked.stamp), asked.window
        if key not in self._lists:
            self._lists[key] = CursorList(asked.scope, partial(self._standing, asked.scope))
            self._at.setdefault(asked.scope.path, []).append(self._lists[key])
        if cursor := window.after or window.before:
            self._lists[key].cursors[cursor] = asked.beside
        items = tuple(Item(one.id, one.text) for one in read.items if one.id is not None)
        page = Page(items, read.goes_on, window.after, window.before, canonical.describe(asked.entry.asked))
        self._lists[key].pages.append(CursorPage(asked.entry, read, page, by_itself))

    def _standing(self, scope: Canonical, name: str, state: stamps.Stamp) -> ObjectText | None:
        """The object of that name in that state, where it is in that list: by its filters, as the rules know them."""
        filters = {one.key: one for one in dict(self._rules.filters).get(scope.path, ())}
        texts = [one for _, one in self.objects.get((alone_of(scope.path, name, scope).digest, state), [])]
        if len({one.text for one in texts}) != 1 or not filters or not scope.query.keys() <= filters.keys():
            return None
        chosen = ((filters[key], value) for key, value in scope.query.items())
        is_in = all(not wrong(one, value) and passes(one, value, texts[0].value) for one, value in chosen)
        return texts[0] if is_in else None

    # -- lists by place -----------------------------------------------------------------------------------------

    def _collect(self, entry: Entry) -> None:
        """An answer that may be a page which begins behind so many objects, in each style that it may be of."""
        for number, style in enumerate(self._rules.by_place):
            parts = page_request(entry.asked, style)
            if parts is None:
                continue
            scope, request = parts
            stamp = self.stamp(scope, self._causes)
            key = (number, scope.digest, stamp)
            if key not in self.positional:
                self.positional[key] = PositionalList(style, scope, stamp, self._envelope)
            self.positional[key].entries.append((entry, request))

    def _envelope(self, entry: Entry, style: Positional) -> Envelope | None:
        """The page that an answer is; most styles take it apart in the same way."""
        key = (entry.order, (style.marks, style.items))
        if key not in self._envelopes:
            text = _json_of(entry)
            self._envelopes[key] = envelope(entry.interaction.response, text, style) if text is not None else None
        return self._envelopes[key]

    # -- objects ------------------------------------------------------------------------------------------------

    @cached_property
    def objects(self) -> dict[tuple[str, stamps.Stamp], list[tuple[Entry, ObjectText]]]:
        """The objects that answers show, by what asks for each by itself and its state. Another pass, over the answers,
        which finds the lists that stand within them, too."""
        paging, causes = self._rules.by_id, stamps.Causes(self._rules)
        for entry in self._answered(causes) if paging is not None and self._rules.alike is not None else ():
            text = _json_of(entry)
            if paging is None or text is None:
                continue
            page = listing(text, paging) if entry.asked.method == "GET" else None
            for one in [_whole(text)] if page is None else page.items:
                self._object(entry, one, causes)
        return self._objects

    @property
    def seen(self) -> set[str]:
        """The digests of what asks for objects that were seen, in whatever state."""
        _ = self.objects
        return self._seen

    @property
    def gone(self) -> set[str]:
        """The digests of what asks for objects that were deleted at some time."""
        _ = self.objects
        return self._gone

    def _object(self, entry: Entry, one: ObjectText | None, causes: stamps.Causes) -> None:
        name = one.id if one is not None else None
        if one is None or not name or self._is_shaped(entry.asked):
            return
        home = _home(entry.asked.path, name, self._rules)
        if self._rules.alike is None or not self._rules.alike.fullmatch(home):
            return
        alone = alone_of(home, name, entry.asked)
        if one.value.get("deleted"):
            self._gone.add(alone.digest)
            return
        self._seen.add(alone.digest)
        key = (alone.digest, self.state_of(alone, causes))
        self._objects.setdefault(key, []).append((entry, one))
        self._inner(entry, one, alone, causes)

    def _inner(self, entry: Entry, outer: ObjectText, alone: Canonical, causes: stamps.Causes) -> None:
        """The lists in an object that can be asked for by themselves."""
        paging = self._rules.by_id
        for rule in self._rules.nested:
            text = nested(outer, rule.place, rule.dropped)
            page = listing(text, paging) if text and paging else None
            if paging and page and page.url.startswith(f"{alone.path}/") and _have_ids(page):
                scope = replace(alone, path=page.url)
                asked = _PageAsked(entry, scope, self.stamp(scope, causes), Window(paging.default))
                self._add(asked, page, by_itself=False)

    def _is_shaped(self, asked: Canonical) -> bool:
        """Whether the client asked for objects in another form than usual."""
        form = asked.body.get("form") if isinstance(asked.body, dict) else None
        return any(key in self._rules.embedding for key in (*asked.query, *(form or ())))


def alone_of(home: str, name: str, like: Canonical) -> Canonical:
    """What asks for that object of a collection by itself, for whoever asks that."""
    return Canonical("GET", f"{home}/{name}", {}, None, like.headers)


def _json_of(entry: Entry) -> str | None:
    """The text of an answer that is JSON."""
    body = bodies.read(entry.interaction.response.headers, entry.interaction.response.body)
    return body.text if body.kind is bodies.BodyKind.JSON else None


def _whole(text: str) -> ObjectText | None:
    value = bodies.parse_json(text)
    return ObjectText.of(text.strip(), value[0]) if value else None


def _have_ids(page: Listing) -> bool:
    """Whether each of its objects has an id, which is all that pages can be joined by."""
    return all(one.id is not None for one in page.items)


def _home(path: str, name: str, rules: Rules) -> str:
    """The collection that an object of an answer stands in."""
    steps = path.split("/")
    if name in steps:
        return "/".join(steps[: steps.index(name)])
    return path.rpartition("/")[0] if steps[-1] in rules.views else path
